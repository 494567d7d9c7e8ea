"""the due date of the term that is chased, so that cash can be counted towards the oldest claim"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invoices", sa.Column("due", sa.Date(), nullable=True))
    op.execute("UPDATE invoices i SET due = (SELECT min(t.due) FROM terms t WHERE t.invoice_id = i.id)")


def downgrade() -> None:
    op.drop_column("invoices", "due")
