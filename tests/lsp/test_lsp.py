"""Answers of the language server: `|` in an example is the cursor. The paper is tests/papers/healthy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types
from pygls.workspace import PositionCodec

from nioc_paper.load import load
from nioc_paper.lsp.cursor import Target, find_name, find_target, split_lines, to_column
from nioc_paper.lsp.requests import find_completions
from nioc_paper.lsp.server import PaperLanguageServer, finding_range
from nioc_paper.model import Diagnostic, Fix, Place, Severity

HEALTHY = Path(__file__).parents[1] / "papers" / "healthy"
PAPER = load(HEALTHY, lambda d: pytest.fail(str(d)))
CHAPTER, FACTS, DECISIONS = "chapters/bridges.md", "paper/registers/facts.yaml", "paper/registers/decisions.yaml"
Where = Callable[[str], tuple[str, str]]


def in_text(example: str) -> tuple[str, str]:
    return CHAPTER, f"---\nid: x\n---\n\n{example}\n"


def in_front(example: str) -> tuple[str, str]:
    return CHAPTER, f"---\n{example}\n---\n\nText.\n"


def in_file(path: str) -> Where:
    return lambda example: (path, example)


def at(where: Where, example: str) -> Target | None:
    path, text = where(example)
    before, _, after = text.partition("|")
    lines = before.split("\n")
    return find_target(path, before + after, len(lines) - 1, len(lines[-1]), PAPER.settings.category_key)


def offered(where: Where, example: str) -> list[str]:
    target = at(where, example)
    return [item.label for item in find_completions(PAPER, target)] if target else []


PEOPLE = ["ada-north", "ben-lock"]
BODIES = ["roads", "council"]
CHAPTERS = ["summary", "bridges", "tunnels"]
STATUSES = [s.id for s in PAPER.settings.statuses]
OFFERS: dict[str, tuple[Where, str, list[str]]] = {
    "a recommendation's owner": (in_text, "- Owner: |", ["RDA", "Roads Department of Ardale", "Ardale Town Council"]),
    "a second gap": (in_text, "- Closes: gap-br-inspect, |", ["gap-br-inspect", "gap-tu-notice"]),
    "a chapter": (in_text, "::: {.linkage to=|}", CHAPTERS),
    "a mail address": (in_text, "write to ada@roads|", []),
    "plain words": (in_text, "plain words|", []),
    "braces in a text": (in_text, "{lang=ur to|", []),
    "status": (in_front, "id: x\nstatus: |", STATUSES),
    "status, with more below": (in_front, "status: |\ntitle: [\n", STATUSES),
    "a category": (in_front, "category: br|", ["bridges", "tunnels", "front"]),
    "a contributor": (in_front, "contributors:\n  - {id: |, role: lead}", PEOPLE),
    "a role": (in_front, "contributors:\n  - {id: ada-north, role: |}", []),
    "a key": (in_front, "contributors:\n  - {id: ada-north, |}", []),
    "a department": (in_front, "clearances:\n  - {body: |", BODIES),
    "whom to ask there": (in_front, "clearances:\n  - {body: roads, contact: |}", PEOPLE),
    "another chapter": (in_front, "links:\n  - {to: t|}", CHAPTERS),
    "a title": (in_front, "title: |", []),
    "a comment": (in_front, "# status: |", []),
    "below what is broken": (in_front, 'title: "never closed\nstatus: |', []),
    "the source of a fact": (in_file(FACTS), "facts:\n  - {id: x, value: y, source: |}", ["survey2019"]),
    "who decided": (in_file(DECISIONS), "decisions:\n  - who: [council, |]", PEOPLE + BODIES),
    "where somebody works": (in_file("contributors.yaml"), "people:\n  - {id: a, org: |}", BODIES),
    "a status that is left": (in_file("paper/timeline.yaml"), "gates:\n  - {leaves: |}", STATUSES),
    "the publisher": (in_file("paper/paper.yaml"), "publisher: |", BODIES),
    "keys that a schema completes": (in_file("paper/paper.yaml"), "|", []),
}


@pytest.mark.parametrize("case", OFFERS)
def test_completions_fit_the_position(case: str) -> None:
    where, example, expected = OFFERS[case]
    assert offered(where, example) == expected


@pytest.mark.parametrize("example", ["see @|", "see -@fact-|", "[see @su|rvey2019, p. 3]", "a@b @{|}", "؟ اردو @r|"])
def test_all_reference_targets_are_completed(example: str) -> None:
    assert set(offered(in_text, example)) == {
        *("survey2019", "fact-bridges", "fig-br-span", "fnd-br-age", "tbl-br-age", "gap-br-inspect", "rec-br-inspect"),
        *("fig-tu-closures", "gap-tu-notice", "rec-tu-notice", "sec-summary", "sec-bridges", "sec-tunnels"),
    }


HOVERS: dict[str, tuple[Where, str, str]] = {
    "a source": (in_text, "so [@sur|vey2019]", "Survey of crossings, 2019\nArdale Town Council, 2019, report"),
    "a fact": (in_text, "the -@|fact-bridges", "12 bridges (2019)\nSurvey of crossings, 2019 [survey2019]"),
    "a figure": (in_text, "@fig-br-spa|n", "A deck on two piers."),
    "a chart": (in_text, "@fig-tu-clos|ures", "Days on which the tunnel was closed [@survey2019]."),
    "a table": (in_text, "@tbl-br-ag|e", "Bridges by age [@survey2019]"),
    "a chapter": (
        in_text,
        "@sec-tunnels|",
        "Tunnels\nThe tunnel is closed more often each year, and nobody is told in time.",
    ),
    "a person": (
        in_front,
        "contributors: [{id: ada-nor|th}]",
        "Ada North\nBridge Engineer, Roads Department of Ardale\npermission granted",
    ),
    "a body": (in_front, "clearances:\n - body: ro|ads", "Roads Department of Ardale (RDA)\ngovernment"),
    "a status": (in_front, "status: rev|iew", "Review\nowed by: reviewers"),
    "a key": (in_front, "bloc|ked: money", ""),
    "nobody": (in_front, "contributors: [{id: no|body}]", ""),
    "nothing": (in_text, "@|", ""),
    "a mark": (in_text, "|-@fact-bridges", "12 bridges (2019)\nSurvey of crossings, 2019 [survey2019]"),
}


@pytest.mark.parametrize("case", HOVERS)
def test_hover_describes_the_target(case: str) -> None:
    where, example, expected = HOVERS[case]
    target = at(where, example)
    assert target
    name = find_name(PAPER, target)
    assert (name.description if name else "") == expected


SOUP = "--- id: status: contributors: - { } [ ] , : @ @rec- @{ -@fact-x \" ' # ](# {to= - Owner: \t اردو 😀 | > & *"


@given(
    st.one_of(st.text(max_size=200), st.lists(st.sampled_from([*SOUP.split(" "), "\n", "\r", "\u2028"])).map(" ".join))
)
def test_no_text_and_no_place_is_too_odd(text: str) -> None:
    for path in (CHAPTER, FACTS):
        lines = split_lines(text)
        for number, line in enumerate(lines):
            for column in range(0, len(line) + 1, 1 + len(line) // 8):
                if target := find_target(path, text, number, column, "category"):
                    assert 0 <= target.start <= target.end <= len(line)
                    assert column <= target.end
                    assert target.word == line[target.start : target.end]
                    find_name(PAPER, target)
        assert find_target(path, text, len(lines), 0, "category") is None


# --- positions and findings -------------------------------------------------------------------------------------------


@given(st.text())
def test_columns_are_counted_in_each_unit(line: str) -> None:
    for column in range(len(line) + 1):
        for unit in types.PositionEncodingKind:
            codec = PositionCodec(unit)
            assert to_column(line, codec.client_num_units(line[:column]), codec) == column


def marked(line: str, column: int, fix: Fix | None = None) -> str:
    finding = Diagnostic(Place("c.md", 1, column), "slip/left-over", "m", Severity.INFO, "h", fix)
    span = finding_range(finding, [line], PositionCodec())
    units = line.encode("utf-16-le")
    return units[2 * span.start.character : 2 * span.end.character].decode("utf-16-le")


def test_a_finding_underlines_its_subject() -> None:
    assert marked("😀 اردو [see @survey2019, p. 3]", 13) == "@survey2019"
    assert marked("😀 A -@fact-x.", 5) == "-@fact-x"
    assert marked("  the Bridge Engineer's", 14) == "Engineer's"
    assert marked("::: {.gap}", 1) == ":::"
    assert marked("  a line  ", 99) == "a line"
    assert marked("", 1) == ""
    assert marked("Ada Nord said", 1, Fix(Place("c.md", 1, 1), "Ada Nord", "Ada North")) == "Ada Nord"


# --- reading ----------------------------------------------------------------------------------------------------------


ODD_ADDRESSES = (
    *("", "x", "untitled:Untitled-1", "data:text/plain,x", "git:/a/chapters/bridges.md?HEAD", "file://[::1", "file:"),
    *("file:///%", "file:///%00.md", "file:///%ff.md", "file://host/a.md", "ROOT/chapters/../../secret.md"),
    *("ROOT/../paper/chapters/bridges.md", "ROOT/%2e%2e/secret.md", "http://host/ROOT/chapters/bridges.md"),
)


@pytest.mark.parametrize("address", ODD_ADDRESSES)
def test_an_odd_address_is_no_text_of_a_paper(address: str, monkeypatch: pytest.MonkeyPatch, paper: Path) -> None:
    """Also when the server was started in a paper, and when the address begins with that of one."""
    monkeypatch.chdir(paper)
    server = PaperLanguageServer(date(2020, 1, 30))
    opened_text = types.TextDocumentItem(address.replace("ROOT", paper.as_uri()), "markdown", 0, "text")
    server.did_open(types.DidOpenTextDocumentParams(opened_text))
    assert (server.open_files, server.sessions) == ({}, {})
