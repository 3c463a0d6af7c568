"""Numbers of the same source, noun, unit, year and place: another number is a warning, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_facts_in_data import messages, read

FRONT = "---\nid: {0}\ntitle: {0}\ncategory: cross-cutting\nstatus: drafting\n---\n\n"
SETTINGS = """
id: rivers
title: Rivers
statuses: [{id: drafting, title: Drafting}, {id: final, title: Final, owes: nobody}]
kinds: {cross-cutting: {}}
parts: [{chapters: [chapters/one.md, chapters/two.md]}]
"""
SAME = {
    # Two sentences on one thing, with two numbers.
    "digits exchanged": ("56,696 complaints in 2019 [@s].", "Of 56,969 complaints in 2019 few were read [@s]."),
    "a wrong digit": ("In 2019, 1,086 cases were opened [@s].", "1,186 cases in 2019 [@s]."),
    "in millions": ("163.5 million subscribers in 2019 [@s].", "165.3 million subscribers in 2019 [@s]."),
    "written out": ("163.5 million subscribers in 2019 [@s].", "165,300,000 subscribers in 2019 [@s]."),
    "a sum": ("USD 927 million in 2013 [@s].", "They earned USD 972 million in 2013 [@s]."),
    "the place": ("In Punjab 4,210 cases in 2019 [@s].", "In 2019, 4,120 cases in Punjab [@s]."),
    "a financial year": ("In 2018–19, 163.5 million users [@s].", "136.5 million users in 2019 [@s]."),
    "two years": ("797,100 people in 2007, and 927,300 people in 2013 [@s].", "972,300 people in 2013 [@s]."),
    "another verb": ("56,969 complaints were registered in 2019 [@s].", "56,696 complaints were lodged in 2019 [@s]."),
    "the noun first": ("The number of complaints in 2019 was 56,969 [@s].", "Complaints rose to 56,696 in 2019 [@s]."),
    "two subjects": (
        "The number of complaints was 5,696 and that of cases 7,086 in 2019 [@s].",
        "Complaints reached 5,696 and cases 7,068 in 2019 [@s].",
    ),
    "a capital": (
        "Police had 56,696 complaints in 2019 [@s].",
        "Complaints to the police reached 56,969 in 2019 [@s].",
    ),
    "a verb for a noun": (
        "Of 5,696 complaints in 2019, 1,086 became cases [@s].",
        "Of 5,696 complaints in 2019, 1,068 became cases [@s].",
    ),
    **{
        f"{noun} of others": (f"56,696 {noun} in 2019 [@s].", f"56,969 {noun} in 2019 [@s].")
        for noun in ("pages", "tables", "words", "sections", "chapters", "figures", "hours", "days")
    },
    **{
        f"a {name}": (f"56{blank}696 complaints in 2019 [@s].", "Of 56,969 complaints in 2019 few were read [@s].")
        for name, blank in {
            "thin space": "\u2009",
            "narrow no-break space": "\u202f",
            "no-break space": "\u00a0",
            "figure space": "\u2007",
            "hair space": "\u200a",
            "escaped space": "\\ ",
            "named space": "&nbsp;",
            "zero-width space": ",\u200b",
        }.items()
    },
    "no source": ("56,696 complaints in 2019.", "56,969 complaints in 2019 [@s]."),
    "far apart": ("4,210 cases in 2019 [@s].", "986 cases in 2019 [@s]."),
    "few": ("14 items in 2019 [@s].", "41 items in 2019 [@s]."),
    "a measure": ("The border with Ash is 2,611 km long [@s].", "Ford has a border of 2,640 km with Ash [@s]."),
    "one currency": ("US$ 927 million in 2013 [@s].", "USD 972 million in 2013 [@s]."),
}
OTHER = {
    # Two sentences on two things, or with one number.
    "the same": ("56,696 complaints in 2019 [@s].", "Of 56,696 complaints in 2019 few were read [@s]."),
    "rounded": ("56,696 complaints in 2019 [@s].", "About 57,000 complaints in 2019 [@s]."),
    "another year": ("56,696 complaints in 2019 [@s].", "56,969 complaints in 2018 [@s]."),
    "another month": ("4,210 cases in March 2019 [@s].", "4,120 cases in April 2019 [@s]."),
    "another place": ("In Punjab 4,210 cases in 2019 [@s].", "In Sindh 4,120 cases in 2019 [@s]."),
    "a place and all": ("4,210 cases in 2019 [@s].", "In Sindh 4,120 cases in 2019 [@s]."),
    "another noun": ("4,210 cases in 2019 [@s].", "4,120 convictions in 2019 [@s]."),
    "another adjective": ("4,210 stolen vehicles in 2019 [@s].", "4,120 registered vehicles in 2019 [@s]."),
    "another kind": ("4,210 cases of fraud in 2019 [@s].", "4,120 cases of harassment in 2019 [@s]."),
    "another unit": ("USD 927 million in 2013 [@s].", "PKR 972 million in 2013 [@s]."),
    "another share": ("77.7 per cent of men in 2019 [@s].", "77.1 per cent of women in 2019 [@s]."),
    "a part": ("4,215 cases in 2019 [@s].", "4,210 cases of fraud in 2019 [@s]."),
    "shares of nothing": ("77.7 per cent in 2019 [@s].", "77.1 per cent in 2019 [@s]."),
    "another source": ("56,696 complaints in 2019 [@s].", "56,969 complaints in 2019 [@other]."),
    "halves of a year": ("4,210 cases in the first half of 2019 [@s].", "4,120 cases in the second half of 2019 [@s]."),
    "days": ("4,210 cases on 3 March 2019 [@s].", "4,120 cases on 4 March 2019 [@s]."),
    "directions": ("4,210 cases in the north in 2019 [@s].", "4,120 cases in the south in 2019 [@s]."),
    "two verbs": ("4,210 cases were opened in 2019 [@s].", "4,120 cases were closed in 2019 [@s]."),
    "sums for two": ("PKR 1,250 million for police in 2019 [@s].", "PKR 1,205 million for courts in 2019 [@s]."),
    "another drug": ("The ANF seized 4,210 kg of opium [@s].", "The ANF seized 4,120 kg of hashish [@s]."),
    "a plan": ("A target of 4,210 cases in 2019 [@s].", "4,120 cases were planned in 2019 [@s]."),
    "ages": ("4,210 children under ten in 2019 [@s].", "4,120 children under five in 2019 [@s]."),
    "exceeded": ("Over 56,900 complaints in 2019 [@s].", "56,969 complaints in 2019 [@s]."),
    "compared": ("56,696 complaints in 2019 [@s].", "Sources differ: 56,969 complaints in 2019 [@s]."),
    "in one sentence": ("", "56,696 complaints in 2019, corrected to 56,969 complaints in 2019 [@s]."),
    "a fact beside it": ("", "-@fact-s complaints in 2019, not 56,969 complaints in 2019, say sources [@s]."),
    "grouped in two ways": ("56\u202f696 complaints in 2019 [@s].", "56,696 complaints in 2019 [@s]."),
    "a year before a number": ("In\u00a02019\u00a0300 cases [@s].", "In\u00a02019\u00a0303 cases [@s]."),
    "persons of two kinds": (
        "The number of convicted persons was 4,210 in 2019 [@s].",
        "The number of arrested persons was 4,120 in 2019 [@s].",
    ),
    "short and no source": ("Of 886 cases in 2019 few were read.", "Of 842 cases in 2019 few were open."),
    "years": ("The plan of 2014 was changed in 2019 [@s].", "The plan of 2041 was changed in 2019 [@s]."),
}
CASES = {**SAME, **OTHER}


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The cases that a check of all of them warns of; each has a source of its own."""
    keys = {name: f"s{number}" for number, name in enumerate(CASES)}
    one, two = (
        FRONT.format(chapter) + "\n\n".join(CASES[name][part].replace("@s]", f"@{key}]") for name, key in keys.items())
        for part, chapter in enumerate(("one", "two"))
    )
    sources = "".join(f"  - {{id: {key}, type: report, title: Title}}\n" for key in (*keys.values(), "other"))
    facts = 'facts: [{id: s, value: "56,696", unit: complaints, as_of: "2019", source: s0}]\n'
    files = {
        "paper/paper.yaml": SETTINGS,
        "paper/references.yaml": f"references:\n{sources}",
        "paper/registers/facts.yaml": facts.replace("s0", keys["a fact beside it"]),
        "chapters/one.md": one,
        "chapters/two.md": two,
    }
    _, diagnostics = read(tmp_path_factory.mktemp("cases"), files)
    first = FRONT.count("\n") + 1
    lines = {d.place.line for d in diagnostics if d.rule == "differing-figure"}
    return {name for index, name in enumerate(CASES) if first + 2 * index in lines}


def test_the_same_thing_with_another_number_is_a_warning(reported: set[str]) -> None:
    assert [name for name in SAME if name not in reported] == []


def test_other_numbers_are_not_reported(reported: set[str]) -> None:
    assert [name for name in OTHER if name in reported] == []


PLACES = """
Of 56,696 complaints in 2019 few were read [@survey].[^n]

| What | Complaints |
|---|---|
| Year 2019 | 56,696 |

: Complaints by year [@survey] {#tbl-pipe}

::: {#fig-chart .figure}
```{.chart}
description: Bar chart. There were 56,696 complaints in 2019.
data: {url: paper/data/complaints.csv}
mark: bar
encoding: {x: {field: number, type: quantitative}, y: {field: stage}}
```

Complaints, 2019 [@survey].
:::

![Complaints in 2019 [@survey].](level.svg){#fig-drawn alt="A drawing of 56,696 complaints."}

[^n]: A note of 56,696 complaints in 2019 [@survey].
"""
CSV = "stage,number\nComplaints,56696\nCases,1086\n"
FACT = 'facts:\n  - {id: complaints, value: "VALUE", unit: complaints, as_of: "2019", source: survey}\n'


@pytest.mark.parametrize(
    ("value", "warned"),
    [
        (
            "56,969",
            [f"chapters/floods.md:{line}:{column}" for line, column in ((8, 4), (12, 15), (18, 36), (27, 1), (29, 17))]
            + ["paper/data/complaints.csv:2:12"],
        ),
        ("56,696", []),
        ("57,000", []),
        ("12,000", []),
    ],
)
def test_a_fact_is_compared_with_every_place_of_a_number(value: str, warned: list[str], tmp_path: Path) -> None:
    changes = {
        "paper/registers/facts.yaml": FACT.replace("VALUE", value),
        "paper/data/complaints.csv": CSV,
        "chapters/floods.md": FRONT.format("floods").strip() + "\n" + PLACES,
    }
    _, diagnostics = read(tmp_path, changes)
    assert [line.split()[0] for line in messages(diagnostics, "differing-figure")] == warned


VALUES = {
    # Words beside a citation, and whether they are wrong: the source has USD 927 million, 2,611 km and 416 posts.
    "about USD 950 million": True,
    "USD 972 million": True,
    "PKR 927 million": True,
    "USD 927 billion": True,
    "2,711 km": True,
    "2,611 miles": True,
    "2,611 kilometres": False,
    "USD 930 million": False,
    "nearly USD 1 billion": False,
    "USD 9 million": False,
    "over 2,600 km": False,
    "-@fact-border miles": True,
    "-@fact-border km": False,
    "-@fact-income million": False,
    "950 million people": False,
    "451 posts": True,
    "451 new posts": False,
    "4,500 posts": False,
    "2,711 posts": False,
}


def test_a_figure_beside_a_citation_is_one_of_the_facts_from_its_source(tmp_path: Path) -> None:
    facts = """facts:
  - {id: border, value: "2,611", unit: km, source: survey}
  - {id: posts, value: "416", unit: posts, source: survey}
  - {id: income, value: USD 927 million, unit: a year, as_of: "2013", source: survey}
"""
    texts = "\n\n".join(f"Page {'x' * n} has {value} [@survey]." for n, value in enumerate(VALUES, 3))
    changes = {
        "paper/registers/facts.yaml": facts,
        "chapters/floods.md": FRONT.format("floods").strip().replace("drafting", "final") + f"\n\n{texts}\n",
    }
    _, diagnostics = read(tmp_path, changes)
    lines = {d.place.line for d in diagnostics if d.rule in ("differing-figure", "conflicting-value")}
    first = FRONT.count("\n") + 1
    assert {value: first + 2 * n in lines for n, value in enumerate(VALUES)} == VALUES
