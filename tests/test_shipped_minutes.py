"""The minutes of the first meeting, item by item: each is carried by the shipped paper, at its place."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from test_papers import read_tables

ROOT = Path(__file__).parents[1]
PEOPLE = "contributors.yaml"
TABLES = read_tables("shipped_minutes")
ITEMS = TABLES["items"]


@cache
def words(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("item", ITEMS)
def test_the_paper_carries_every_item_of_the_minutes(item: str) -> None:
    path, *expected = ITEMS[item]
    assert [text for text in expected if text not in words(path)] == []


def test_no_item_is_left_out() -> None:
    assert [int(item.partition(" ")[0]) for item in ITEMS] == list(range(1, 55))


NAMES = (
    *("Tariq Khosa", "Moeed Yousaf", "Syed Akhtar Ali Shah", "Sabino S Jalal", "Jeremy Milsom", "Saqib Khan"),
    *("Umar Riaz", "Farhan Zahid", "Mujeeb Ur Rahman Khan", "Syed Ejaz Hussain", "Fasih Zaka", "Zahid Hussain"),
    *("Zubair Habib", "Fiaz Khan Toru", "Amir Rana", "Ahsan Hamid Durrani", "Hassan Sardar"),
)
"""The people who attended, as the minutes spell them."""


@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_of_the_minutes(name: str) -> None:
    assert f"    name: {name}\n" in words(PEOPLE)
