"""Totals of tables: a cell may have a unit, a currency, a word for thousands, a source or a fact."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from test_differing_figures import FRONT, SETTINGS
from test_facts_in_data import read

FILES = {
    "paper/references.yaml": "references: [{id: s, type: report, title: Survey}]",
    "paper/registers/facts.yaml": 'facts: [{id: north, value: "12", unit: km, source: s}]',
    "chapters/two.md": FRONT.format("two") + "Text.\n",
}
WRONG = {
    # Title of the column, its cells, and the total that they give.
    "no unit": ("Closures", ("12", "14", "27"), "26"),
    "a unit": ("Length", ("12 km", "14 km", "27 km"), "26 km"),
    "a unit of signs": ("Area", ("12 km²", "14 km²", "27 km²"), "26 km²"),
    "a unit close to the number": ("Length", ("12km", "14km", "27km"), "26 km"),
    "a unit of words": ("Yield", ("1,200 metric tons", "1,300 metric tons", "2,600 metric tons"), "2,500 metric tons"),
    "a unit in the plural": ("Seen", ("1 bridge", "14 bridges", "16 bridges"), "15 bridges"),
    "a unit in the total alone": ("Length", ("12", "14", "27 km"), "26 km"),
    "a unit in the parts alone": ("Length", ("12 km", "14 km", "27"), "26"),
    "a currency": ("Paid", ("USD 12", "USD 14", "USD 27"), "26"),
    "a sign of currency": ("Paid", ("Rs. 1,200", "Rs. 1,400", "Rs. 2,700"), "2,600"),
    "millions": ("Paid", ("USD 12 million", "USD 14 million", "USD 29 million"), "26 million"),
    "millions and billions": ("Paid", ("900 million", "1,200 million", "3.1 billion"), "2.1 billion"),
    "crores": ("Paid", ("12 crore", "14 crore", "29 crore"), "26 crore"),
    "a no-break space": ("Length", ("12\u00a0km", "14\u00a0km", "27\u00a0km"), "26 km"),
    "an invisible character": ("Length", ("12\u200b km", "14 km", "27 km"), "26 km"),
    "a source": ("Length", ("12 km [@s]", "14 km", "27 km [@s]"), "26 km"),
    "a fact": ("Length", ("-@fact-north km", "14 km", "27 km"), "26 km"),
    "a fact with its unit": ("Length", ("@fact-north", "14 km", "27 km"), "26 km"),
    "bold": ("Length", ("12 km", "14 km", "**27 km**"), "26 km"),
    "an empty cell": ("Length", ("12 km", "–", "14 km", "27 km"), "26 km"),
}
RIGHT = {
    "numbers": ("Closures", ("12", "14", "26")),
    "one unit": ("Length", ("12 km", "14 km", "26 km")),
    "other units": ("Length", ("12 km", "140 m", "27 km")),
    "other currencies": ("Paid", ("USD 12", "EUR 14", "USD 27")),
    "rounded": ("Area", ("1.24 km²", "1.24 km²", "2.5 km²")),
    "rounded millions": ("Paid", ("1.2 million", "1.2 million", "3 million")),
    "thousands in a million": ("Paid", ("900 thousand", "100 thousand", "1 million")),
    "shares": ("Turnout", ("52 per cent", "58 per cent", "55 per cent")),
    "shares with a sign": ("Turnout", ("52%", "58%", "55%")),
    "rates": ("Speed", ("52 km per hour", "58 km per hour", "55 km per hour")),
    "ages": ("Built", ("52 years", "58 years", "55 years")),
    "words": ("Length", ("12 km", "about a mile", "27 km")),
    "a range": ("Length", ("12–13 km", "14 km", "27 km")),
    "a part of a whole": ("Length", ("3 of 5 km", "14 km", "27 km")),
    "one part": ("Length", ("12 km", "–", "27 km")),
    "no total": ("Length", ("12 km", "14 km", "–")),
    "nothing": ("Length", ("–", "–", "–")),
}


def table(title: str, cells: Sequence[str]) -> str:
    names = [*(f"Part {n}" for n in range(1, len(cells))), "Total"]
    rows = "\n".join(f"| {name} | {cell} |" for name, cell in zip(names, cells, strict=True))
    return f"| Place | {title} |\n|---|---|\n{rows}\n"


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Messages about sums by case, from a chapter with a table for each."""
    cases = {**{f"wrong {k}": (title, cells) for k, (title, cells, _) in WRONG.items()}, **RIGHT}
    chapter, case_by_line = FRONT.format("one"), dict[int, str]()
    for name, case in cases.items():
        chapter += f"\n{table(*case)}"
        case_by_line[chapter.count("\n")] = name
    _, findings = read(
        tmp_path_factory.mktemp("sums"), {"paper/paper.yaml": SETTINGS, **FILES, "chapters/one.md": chapter}
    )
    sums = [(case_by_line[d.place.line], d.message) for d in findings if d.rule == "wrong-sum"]
    return {name: [message for case, message in sums if case == name] for name in cases}


SENTENCES = {
    "It lists 112 carts: 58 from Ford, 34 from Mill and {} from Ash [@s].": (
        "20",
        "25",
        "of 112 give 117",
    ),
    "It lists 1,120 carts: 580 of Ford, 538 of Mill and {} of Ash [@s].": (
        "two",
        "three",
        "of 1,120 give 1,121",
    ),
    "Of 112 carts, 58 came from Ford, 34 from Mill and {} from Ash [@s].": (
        "20",
        "25",
        "of 112 give 117",
    ),
    "Of 112 carts, 12 were red, nine had lamps and {} were lost [@s].": ("3", "", ""),
    "Of all, {} per cent of carts are broken [@s].": (
        "43",
        "143",
        "cent of carts are' is more than all",
    ),
    "It had {} per cent of the carts of 2018 [@s].": ("43", "", ""),
    "That is {} per cent of the target [@s].": ("143", "", ""),
    "The book lists 12 carts: 9 from Ford, 8 with lamps and {} in red [@s].": ("20", "", ""),
}
"""Sentences with the right number, with a wrong one, and the message about it."""


def test_parts_in_a_sentence_are_those_of_the_whole(tmp_path: Path) -> None:
    texts = [text.format(number) for text, (*numbers, _) in SENTENCES.items() for number in numbers if number]
    files = {"paper/paper.yaml": SETTINGS, **FILES, "chapters/one.md": FRONT.format("one") + "\n\n".join(texts)}
    sums = [d.message for d in read(tmp_path, files)[1] if d.rule == "wrong-sum"]
    expected = [message for _, _, message in SENTENCES.values() if message]
    assert [text.endswith(message) for text, message in zip(sums, expected, strict=True)] == [True] * len(expected)


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_total_is_reported(case: str, messages: dict[str, list[str]]) -> None:
    (message,) = messages[f"wrong {case}"]
    assert message.endswith(f"the cells above give {WRONG[case][-1]}")


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_total_and_what_is_no_sum_are_not_reported(case: str, messages: dict[str, list[str]]) -> None:
    assert messages[case] == []


@pytest.mark.parametrize(("total", "message"), [("26", []), ("27", ["the total is 27, but the cells above give 26"])])
def test_a_total_in_a_data_file_is_the_sum_of_its_column(total: str, message: list[str], tmp_path: Path) -> None:
    block = "::: {#tbl-x .table}\n```{.table}\ndata: {url: paper/data/x.csv}\n```\n\nCarts [@s].\n:::\n"
    files = {
        "paper/paper.yaml": SETTINGS,
        **FILES,
        "chapters/one.md": FRONT.format("one") + block,
        "paper/data/x.csv": f"place,carts\nFord,12\nMill,14\nTotal,{total}\n",
    }
    findings = [d for d in read(tmp_path, files)[1] if d.rule == "wrong-sum"]
    assert [d.message for d in findings] == message
    assert {(d.place.path, d.place.line) for d in findings} <= {("paper/data/x.csv", 4)}
