"""Costs of recommendations: an amount with its currency and its year."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from nioc_paper.model.late_pattern import late_pattern

_FACTORS: Mapping[str, int] = MappingProxyType(
    {"": 1, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
)
_COST = late_pattern(
    r"([A-Z]{3}) (\d[\d,]{0,30}(?:\.\d{1,9})?)(?: (thousand|million|billion|trillion))?( a year)? \((\d{4})\)", re.ASCII
)


class Cost(NamedTuple):
    """Amount of money in the prices of a year."""

    currency: str
    amount: Decimal
    is_yearly: bool
    year: int


def read_cost(text: str) -> Cost | None:
    """Return a cost written as `PKR 40 million a year (2019)`; None for any other text."""
    match = _COST.fullmatch(text.strip())
    if not match:
        return None
    currency, number, scale, yearly, year = match.groups()
    return Cost(currency, Decimal(number.replace(",", "")) * _FACTORS[scale or ""], bool(yearly), int(year))
