"""A copy for the public tells of nobody who is not public: no name, no post of theirs alone, no id, in any format."""

from __future__ import annotations

from pathlib import Path

import pytest
import shared
from command_kit import nioc, without_office
from output_kit import words_of
from sample_history import begun, commit, edit, git
from test_audience import held, unpacked

PEOPLE = """
  - {id: academy, name: Academy of Crossings, acronym: AOC}
  - {id: ferries, name: Ferry Board}
people:
  - id: zenobia-quillfeather
    name: Zenobia Quillfeather
    title: Prof
    aka: [Zenobia Quill, Z. Quillfeather]
    org: academy
    post: Director of Studies
    orcid: 0000-0002-1825-0097
    kind: official
    note: met at the opening
  - {id: otto-quincy, name: Otto Quincy, org: academy, post: Registrar, kind: researcher, attribution: none}
  - {id: ida-quirke, name: Ida Quirke, org: ferries, post: Ferry Inspector, kind: official}
  - {id: ulf-quist, name: Ulf Quist, org: ferries, post: Ferry Inspector, kind: official}
  - {id: nora-named, name: Nora Named, org: roads, post: Roads Surveyor, kind: staff, attribution: named}
"""
SECRETS = (
    *("Zenobia", "Quillfeather", "Director of Studies", "0000-0002-1825-0097", "met at the op"),
    *("Otto Quincy", "otto-quincy", "Registrar", "Ida Quirke", "ida-quirke", "Ulf Quist", "ulf-quist", "Ada North"),
    *("ada-north", "Bridge Engineer", "Ben Lock", "ben-lock", "Xylander"),
)
LEDGER = """chapter: bridges
sendings:
- {number: 1, to: zenobia-quillfeather, on: 2020-01-08, commit: 0123456789012345678901234567890123456789}
comments:
- {number: 1, by: zenobia-quillfeather, on: 2020-01-10, text: Say since when.,
   answer: {disposition: accept, by: otto-quincy, on: 2020-01-12}}
- {number: 2, by: roads, on: 2020-01-10, text: Who pays?, replies: [{by: ida-quirke, on: 2020-01-11, text: We do.}]}
- {number: 3, by: nora-named, on: 2020-01-10, text: Which bridges?}
- {number: 4, by: "Xylander, Sam", on: 2020-01-10, text: Why?}
"""
DECISIONS = """
  - {id: q1, meeting: first, on: 2020-01-08, kind: offer, text: Lend a boat., who: [zenobia-quillfeather]}
  - {id: q2, meeting: first, on: 2020-01-08, kind: decision, text: Count boats., who: [otto-quincy], owner: ida-quirke,
     due: 2020-01-09}
"""
COMMANDS = (
    ("build", "--public"),
    ("build", "--public", "--comments"),
    ("build", "--public", "--brief", "tunnels", "--to", "pdf,docx"),
    ("build", "--public", "--review-copy", "--to", "docx,html"),
    ("build", "--public", "--chapter", "tunnels", "--to", "docx,html"),
    ("site", "--downloads", "none"),
    ("newsletter", "--month", "2020-01"),
    ("export", "--public", "--to", "csv,xlsx"),
    ("calendar", "--public", "--out", "dist/plan.ics"),
    ("redline", "HEAD~1..", "--public", "--to", "html,docx"),
)
WITHOUT_DAY = ("export", "redline")


def crowded(folder: Path) -> Path:
    """The healthy paper with people of every kind in every place for people."""
    root = begun(folder)
    register = root / "contributors.yaml"
    bodies, _, people = register.read_text(encoding="utf-8").partition("people:\n")
    register.write_text(f"{bodies.rstrip()}{PEOPLE}{people}", encoding="utf-8")
    everybody = "".join(
        f"\n  - {{id: {who}, role: {role}}}"
        for who, role in (
            ("zenobia-quillfeather", "researcher"),
            ("otto-quincy", "author"),
            ("ida-quirke", "reviewer"),
            ("nora-named", "reviewer"),
        )
    )
    edit(root, "chapters/tunnels.md", ("contributors:", f"contributors:{everybody}"))
    edit(root, "chapters/bridges.md", ("{id: ada-north, role: lead}", "{id: zenobia-quillfeather, role: lead}"))
    edit(root, "paper/paper.yaml", ("as_of:", "approvers: [zenobia-quillfeather]\nsite: {progress: true}\nas_of:"))
    edit(root, "paper/paper.yaml", ("list: acronyms}", "list: acronyms}\n  - {title: Decisions, list: decisions}"))
    edit(
        root,
        "paper/paper.yaml",
        ("list: acronyms}", "list: acronyms}\n  - {title: Control, list: history}"),
    )
    with (root / "paper/registers/decisions.yaml").open("a", encoding="utf-8") as file:
        file.write(DECISIONS.lstrip("\n"))
    (root / "reviews").mkdir()
    (root / "reviews/bridges.yaml").write_text(LEDGER, encoding="utf-8")
    commit(root, "2020-01-12T12:00:00Z")
    approval = f"chapter: bridges, who: zenobia-quillfeather, commit: {git(root, 'rev-parse', 'HEAD')}, on: 2020-01-13"
    (root / "paper/registers/approvals.yaml").write_text(f"approvals:\n  - {{{approval}}}\n", encoding="utf-8")
    commit(root, "2020-01-13T12:00:00Z")
    return root


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make(folder: Path) -> None:
        root = crowded(folder)
        with without_office():
            for command in COMMANDS:
                day = () if command[0] in WITHOUT_DAY else ("--today", "2020-01-20")
                run = nioc(root, *command, *day)
                assert run.returncode == 0, (command, run.stderr)

    return shared.once(tmp_path_factory, "crowd", make) / "healthy" / "dist"


def test_no_output_names_a_person_who_is_not_public(outputs: Path) -> None:
    files = [file for file in outputs.rglob("*") if file.is_file() and "pagefind" not in file.parts]
    found = {
        file.relative_to(outputs).as_posix(): secrets
        for file in files
        if (secrets := held(unpacked(file.name, file.read_bytes()), SECRETS))
    }
    assert found == {}


def page(outputs: Path, name: str) -> str:
    return " ".join(" ".join(words_of(outputs / name)).split())


def test_people_who_may_be_named_are_named(outputs: Path) -> None:
    paper = page(outputs, "crossings-public.html")
    assert "Nora Named Roads Surveyor, Roads Department of Ardale reviewer, Tunnels" in paper
    assert "Ferry Inspector, Ferry Board" in paper
    assert "Academy of Crossings lead, Bridges; researcher, Tunnels" in paper


def test_a_body_that_comments_is_named_and_a_stranger_is_not(outputs: Path) -> None:
    for name in ("crossings-comments-public.html",):
        text = page(outputs, name)
        assert "Roads Department of Ardale 10 January 2020" in text
        assert "Nora Named 10 January 2020" in text
        assert "Xylander" not in text
        assert "A reviewer 10 January 2020" in text


def test_public_progress_tells_of_no_debts(outputs: Path) -> None:
    text = page(outputs, "site/progress.html")
    assert "Chapters" in text
    for debt in ("Obligations", "Lead", "no owner yet", "9 January 2020"):
        assert debt not in text


def test_the_public_sees_progress_only_if_the_paper_says_so(tmp_path: Path) -> None:
    root = begun(tmp_path)
    for audience, is_shown in (("public", False), ("limited", True)):
        run = nioc(root, "site", "--downloads", "none", "--audience", audience, "--today", "2020-02-20")
        assert run.returncode == 0, run.stderr
        pages = {file.name: file.read_text(encoding="utf-8") for file in (root / "dist/site").glob("*.html")}
        assert ("progress.html" in pages) is is_shown
        assert any("progress.html" in text for text in pages.values()) is is_shown
        assert any("late" in text.lower().split() for text in pages.values()) is is_shown
