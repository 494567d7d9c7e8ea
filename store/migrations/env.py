"""Alembic's entry: runs on the connection that `store.migrate` opened, impatient with locks."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

import store.tables  # noqa: F401 - defines them
from store.columns import metadata

connection = context.config.attributes["connection"]
connection.execute(text("SET lock_timeout = '5s'"))
connection.execute(text("SET statement_timeout = '60s'"))
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
