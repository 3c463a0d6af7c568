"""Labels of the cells of wide tables."""

from __future__ import annotations

from typing import Any

import pytest

from nioc_paper import tree
from nioc_paper.render.common.column_labels import with_column_labels


def table(*rows: list[tuple[str, int, int]], heads: str = "abcd") -> Any:
    """A table with one letter a heading, and cells of text, height and width."""
    table = tree.table([(letter, None) for letter in heads], [[] for _ in rows])
    body = table["c"][4][0]
    body[3] = [
        [tree.attr(), [[tree.attr(), {"t": "AlignDefault"}, height, width, [tree.plain_block(tree.text_inlines(text))]]
                       for text, height, width in row]]
        for row in rows
    ]  # fmt: skip
    return table


def labels(table: Any) -> list[dict[str, str | None]]:
    """The label of each cell by its text, for each row."""
    rows = with_column_labels(table)["c"][4][0][3]
    return [{tree.plain_text(cell[-1]): dict(cell[0][2]).get("data-label") for cell in cells} for _, cells in rows]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[("1", 1, 1), ("2", 1, 1), ("3", 1, 1), ("4", 1, 1)]], ["a", "b", "c", "d"]),
        ([[("group", 1, 4)]], [None]),
        ([[("1", 1, 1), ("2 and 3", 1, 2), ("4", 1, 1)]], ["a", None, "d"]),
        (
            [[("1", 2, 1), ("2", 1, 1), ("3", 1, 1), ("4", 1, 1)], [("5", 1, 1), ("6", 1, 1), ("7", 1, 1)]],
            ["b", "c", "d"],
        ),
        ([[("1", 1, 1), ("2", 2, 2), ("4", 1, 1)], [("5", 1, 1), ("6", 1, 1)]], ["a", "d"]),
        ([[("1", 1, 1), ("2", 1, 1)]], ["a", "b"]),
    ],
    ids=["plain", "group", "two columns", "two rows", "both", "short row"],
)
def test_a_cell_has_the_heading_above_it(rows: list[list[tuple[str, int, int]]], expected: list[str | None]) -> None:
    assert list(labels(table(*rows))[-1].values()) == expected


@pytest.mark.parametrize(("heads", "is_wide"), [("abc", False), ("abcd", True), ("abcdefg", True)])
def test_wide_tables_have_a_class(heads: str, *, is_wide: bool) -> None:
    attr = with_column_labels(table(heads=heads))["c"][0]
    assert ("wide" in attr[1]) is is_wide
