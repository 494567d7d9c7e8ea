"""Creditors and debtors as letters name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.letter import Party


def party(row: Mapping[str, Any]) -> Party:
    town = " ".join(part for part in (row["postal_code"], row["city"]) if part)
    return Party(
        name=row["name"],
        email=row["email"],
        address_lines=tuple(line for line in (row["address_line"], town, row["country"]) if line),
        company_number=row.get("company_number", ""),
        phone=row["phone"],
    )
