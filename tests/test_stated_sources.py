"""Citations typed in every form, laws with a wrong year in every form, and what is given twice in every place."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from test_papers import copy

from nioc_paper.app.project import Project
from nioc_paper.check.rules.quotations import other_year
from nioc_paper.check.rules.typed import find_typed_citations
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage
from nioc_paper.model import Chapter, FrontMatter, Paper, Reference, References

AUTHORS = ("World Bank", "Ministry of the Interior", "UNODC", "UNODC/WHO", "Khan & Lee", "Khan, Lee and Roy")
DATES = ("2018", "2018a", "March 2018", "n.d.", "forthcoming", "2018, p. 12", "2018: 12")
FORMS = ("({}, {}).", "(see {}, {}).", "[{}, {}].", "(the {}, {}).")
NAMED = (
    "According to the {} (2018), it rains.",
    "{} (2018) found rain.",
    "It rains; see {} (2018).",
    "The {}'s (2018) count",
)


@pytest.mark.parametrize(
    "text",
    [
        *(f"It rains {form.format(author, day)}" for form, author, day in product(FORMS, AUTHORS, DATES)),
        *(form.format(author) for form, author in product(NAMED, AUTHORS[:3])),
    ],
)
def test_a_typed_citation_is_found(text: str) -> None:
    assert [*find_typed_citations(Paper(), text)]


@pytest.mark.parametrize("text", ["rain.[12] It", "rain [see 12]", "rain.[3, 4]", "(ibid., p. 4)", "op. cit., 12"])
def test_a_number_or_latin_word_for_a_source_is_found(text: str) -> None:
    assert bool([*find_typed_citations(Paper(), text)]) == ("see" not in text)


@pytest.mark.parametrize(
    "text",
    ["(Market Square, Ardale, 1934)", "(Act IV of 1998)", "(March 2018)", "Mill Lane (1871) is long", "(Table 3)"],
)
def test_a_place_a_law_and_a_date_are_no_citation(text: str) -> None:
    assert [*find_typed_citations(Paper(), text)] == []


LAW = Reference(id="lights", type="legislation", title="Tunnel Lights Act, 1998")


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        *product(
            (
                "the Tunnel Lights Act, {}",
                "the Tunnel Lights Act (TLA), {}",
                "the Lights Act of {}",
                "the Act ({})",
                "Act IV of {}",
            ),
            (True, False),
        )
    ],
)
def test_another_year_of_a_law_is_found_where_the_law_is_meant(text: str, *, cited: bool) -> None:
    paper = Paper(references_file=References(references=(LAW,)))
    names_it = "Lights" in text
    for year in ("1989", "1998"):
        words = f"Lamps burn under {text.format(year)}."
        chapter = ChapterText(Chapter("a.md", FrontMatter(title="A", status="", category=""), ""))
        vars(chapter)["passages"] = (Passage("a.md", words, keys=((len(words) - 1, "lights"),) if cited else ()),)
        assert bool([*other_year(paper, chapter)]) == (year == "1989" and (cited or names_it))


NATURAL = {
    "• a bullet\n• another": "unread-mark/swallowed",
    "- [ ] ask the bank": "slip/left-over",
    "It broke on 22/11/2019.": "slip/date",
    "It broke on 22.11.2019.": "slip/date",
    "See recommendation 1.": "typed/number",
    "Ada Norht asked for lamps.": "misspelled-name",
}
"""What authors type in other programs, and the rule that finds it."""


def test_what_other_programs_would_read_is_found(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    chapter = paper / "chapters/tunnels.md"
    chapter.write_text("\n\nIt rains.\n\n".join([chapter.read_text("utf-8"), *NATURAL]), "utf-8")
    rules = Counter(d.rule for d in Project(paper).check().findings)
    assert Counter(NATURAL.values()) - rules == Counter()


SENTENCE = "The keeper of the gate sleeps beside the road."
TWICE = {
    "sentence": f"{SENTENCE}\n\nIt rains. {SENTENCE}",
    "row": "| A | B | C |\n|---|---|---|\n| North | lamps | |\n| South | gates | |\n| North | lamps | |\n",
    "key": "| Year | Lamps |\n|---|---|\n| 2016 | 1 |\n| 2017 | 2 |\n| 2017 | 3 |\n| 2018 | 4 |\n",
    "item": "- new lamps\n- new gates\n- new lamps",
    "citation": "It rains [@survey2019; @survey2019].",
}


def test_what_is_given_twice_is_found_once(tmp_path: Path) -> None:
    tmp_path = copy("healthy", tmp_path)
    chapter = tmp_path / "chapters/tunnels.md"
    chapter.write_text(chapter.read_text("utf-8") + "\n" + "\n\n".join(TWICE.values()), "utf-8")
    data = tmp_path / "paper/data/closures.csv"
    data.write_text(data.read_text("utf-8") + "2019,15\n", "utf-8")
    contributors = tmp_path / "contributors.yaml"
    body = "  - {id: town, name: The Town Council of Ardale}\npeople:"
    contributors.write_text(contributors.read_text("utf-8").replace("people:", body), "utf-8")
    rules = [d.rule for d in Project(tmp_path).check().findings if d.rule.startswith(("repeated", "duplicate"))]
    assert sorted(rules) == sorted(["duplicate/person", "repeated/sentence", *["repeated/row"] * 5])
