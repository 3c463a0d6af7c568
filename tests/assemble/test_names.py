"""Copies for an audience name nobody and nothing that only a withheld passage, chapter or decision tells of.

Words are planted in every such place; the document that formats are made of and the tables of `export` are searched.
"""

from __future__ import annotations

import pytest
from rule_pages import Change, lay
from test_papers import read_tables
from test_rules import HEALTHY

from nioc_paper import load
from nioc_paper.assemble import assemble
from nioc_paper.domain.audience import for_audience
from nioc_paper.export import ExportSource, build_tables
from nioc_paper.model import History, OutputOptions, Paper

TABLES = read_tables("names")
KEPT = TABLES["kept"]
NEVER = {"column that no chart shows", "value of that column"}
"""Words that no copy holds."""
NAMELESS = {"name": "Namelessa", "organization": "Nemorg", "id": "nemo-nobody"}
"""Of somebody who is not to be named at all: not in a copy for the public."""
STAYS = ("Ada North", "Roads Department of Ardale", "weight limit", "Ben Lock", "Idle Onlooker", "Idle Office")

CHAPTER = TABLES["chapter"]
PASSAGE = TABLES["passage"]
PEOPLE = TABLES["people"]
BODIES = TABLES["bodies"]
REGISTERS = {
    "decisions": "  - {id: d2, meeting: first meeting, on: 2020-01-06, kind: decision, text: Keys., who: [decid],"
    " owner: owes, sensitivity: restricted}\n"
    "  - {id: d3, meeting: first meeting, on: 2020-01-06, kind: decision, text: Doors., who: [nemo-nobody],"
    " owner: nemo-nobody, link: verdigris}\n",
    "acronyms": "  - {short: AA, long: Abbrevian Authority}\n",
    "terms": "  - {use: weight, avoid: [Avoidance]}\n  - {use: Termagant key, avoid: [lock]}\n",
}
APPROVALS = "approvals:\n  - {chapter: verdigris, who: signs, commit: abcdef0, on: 2020-01-06}\n"
SOURCES = """  - {id: locks2019, type: report, title: Locks, author: [{family: Primarius}], issued: "2019"}
"""


def appended(path: str, text: str) -> Change:
    return Change("file", path, (HEALTHY / path).read_text(encoding="utf-8") + text)


def exchanged(path: str, old: str, new: str, more: str = "") -> Change:
    return Change("file", path, (HEALTHY / path).read_text(encoding="utf-8").replace(old, new, 1) + more)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    settings = "paper/paper.yaml"
    lists = ("action-plan", "decisions", "linkages", "linkage-map", "history", "data", "timeline")
    annexes = "".join(f"  - {{title: {name}, list: {name}}}\n" for name in lists)
    changes = [
        Change("file", "chapters/verdigris.md", CHAPTER.lstrip()),
        exchanged(
            "chapters/tunnels.md", "contributors:\n", "contributors:\n  - {id: nemo-nobody, role: author}\n", PASSAGE
        ),
        exchanged("contributors.yaml", "organizations:\n", BODIES, PEOPLE.lstrip("\n")),
        *(appended(f"paper/registers/{name}.yaml", text) for name, text in REGISTERS.items()),
        Change("file", "paper/registers/approvals.yaml", APPROVALS),
        exchanged("paper/references.yaml", "    type: report\n", "    type: report\n    primary: locks2019\n", SOURCES),
        Change("file", "paper/data/closures.csv", "year,days,Columnist\n2017,4,Valuator\n2018,9,x\n2019,15,x\n"),
        exchanged(
            settings,
            "  - {id: tunnels,",
            "  - {id: vaults, title: Categoria, letters: VA}\n  - {id: tunnels,",
            annexes,
        ),
    ]
    root = lay(changes, HEALTHY, tmp_path_factory.mktemp("named") / "paper")
    file = root / settings
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("chapters/tunnels.md\n", "chapters/tunnels.md\n      - chapters/verdigris.md\n"), "utf-8"
    )
    return load.load(root, lambda diagnostic: pytest.fail(str(diagnostic)))


def held(paper: Paper, audience: str) -> str:
    """All that the outputs and the tables of a copy are made of, as one text."""
    copy = OutputOptions(audience=audience)
    document = assemble(paper, History(), copy=copy)
    made = build_tables(ExportSource(for_audience(paper, audience)[0], document, History()))
    return "\n".join(map(repr, (document, *made)))


@pytest.mark.parametrize("audience", ["public", "limited"])
def test_a_copy_holds_no_withheld_words(paper: Paper, audience: str) -> None:
    text = held(paper, audience)
    assert {where: word for where, word in KEPT.items() if word in text} == {}
    assert audience != "public" or not any(word in text for word in NAMELESS.values())


@pytest.mark.parametrize("audience", ["public", "limited", "restricted"])
def test_words_that_are_not_withheld_are_kept(paper: Paper, audience: str) -> None:
    text = held(paper, audience)
    named = ("Ada North", "Ben Lock") if audience == "public" else ()  # they may be named by role only
    assert {word for word in STAYS if word not in text} == {*named}


def test_a_restricted_copy_holds_all_words(paper: Paper) -> None:
    text = held(paper, "restricted")
    missing = {where for where, word in KEPT.items() if word not in text}
    assert missing == NEVER
