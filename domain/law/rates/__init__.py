"""Statutory interest rates: one CSV per table, a source in every row, checked when this package is imported."""

from __future__ import annotations

from domain.law.rates.known import RATE_TABLES, statutory_rates
from domain.law.rates.load import load_table
from domain.law.rates.table import Cadence, Rate, RateTable

__all__ = ["RATE_TABLES", "Cadence", "Rate", "RateTable", "load_table", "statutory_rates"]
