"""What the tables are made of: kinds of columns and constraints, named alike everywhere."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    MetaData,
    Numeric,
    Text,
    Uuid,
    func,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column(name: str = "id", target: str | None = None, *, nullable: bool = False) -> Column[str]:
    """An opaque id, or a reference to one."""
    links = [ForeignKey(target)] if target else []
    return Column(name, Uuid(as_uuid=False), *links, nullable=nullable)


def moment(name: str, *, nullable: bool = True) -> Column[object]:
    """A moment with its zone; empty unless said otherwise."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def recorded(name: str = "created_at") -> Column[object]:
    """When the row was written, by the database's clock."""
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


def money(name: str, *, nullable: bool = False) -> Column[object]:
    """An amount in the currency of its invoice."""
    return Column(name, Numeric(14, 2), nullable=nullable)


def text_column(name: str, *, nullable: bool = False) -> Column[str]:
    """Free text, empty rather than NULL unless said otherwise."""
    return Column(name, Text, nullable=nullable, server_default=None if nullable else text("''"))


def code(name: str) -> Column[str]:
    """A text that is never empty: an id, a code, a key."""
    return Column(name, Text, nullable=False)


def one_of(column: str, codes: type[StrEnum]) -> CheckConstraint:
    """Only the codes of this list."""
    allowed = ", ".join(f"'{code.value}'" for code in codes)
    return CheckConstraint(f"{column} IN ({allowed})", name=f"{column}_known")
