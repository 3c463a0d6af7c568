"""Sign-offs and final papers, with real repositories: valid ones, void ones, missing conditions."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sample_history
from command_kit import nioc, succeed
from shared import once
from test_papers import absent, appended, changed, copy

from nioc_paper.app.preconditions import find_blockers
from nioc_paper.app.project import Project
from nioc_paper.domain.approvals import approval_statuses
from nioc_paper.model import OutputOptions
from nioc_paper.report.findings.line_formats import format_line

TODAY = ("--today", "2020-04-01")
PICTURE = "paper/figures/span.svg"
DATA = "paper/data/closures.csv"
FACTS = "paper/registers/facts.yaml"
APPROVALS = "paper/registers/approvals.yaml"


def git(root: Path, *args: str) -> str:
    return sample_history.git(root, *args, at="2020-03-30T12:00:00Z")


def commit(root: Path) -> str:
    sample_history.commit(root, "2020-03-30T12:00:00Z")
    return git(root, "rev-parse", "HEAD")


def _copy_edited(folder: Path) -> None:
    """Make `paper` in a folder: the healthy paper, every chapter in copy-edit, in a commit, and read once."""
    root = copy("healthy", folder).rename(folder / "paper")
    for file in (*root.glob("chapters/*.md"), *root.glob("paper/front/*.md")):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub("(?m)^status: .*", "status: copy-edit", text), encoding="utf-8")
    changed(root / "chapters" / "tunnels.md", "\n---\n", "\nclearances: [{body: RDA, state: granted}]\n---\n")
    (root / ".gitignore").write_text("/.cache/\n/dist/\n", encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    commit(root)
    Project(root, today=date(2020, 4, 1)).check()


def _sign(root: Path) -> None:
    """Sign every chapter off."""
    for chapter in ("bridges", "tunnels", "summary"):
        approve(root, chapter)
    commit(root)
    Project(root, today=date(2020, 4, 1)).check()


def _finish(root: Path) -> None:
    """Make a signed paper one that lacks nothing."""
    for chapter in ("bridges", "tunnels", "summary"):
        assert nioc(root, "move", chapter, "final", *TODAY).returncode == 0
    appended(root / "paper" / "paper.yaml", "  - {title: Document control, list: history}\nedition: First edition\n")
    commit(root)


def _make_all(folder: Path) -> None:
    """Make the three papers that tests begin with: `paper`, `signed` and `finished`."""
    _copy_edited(folder)
    for before, name, change in (("paper", "signed", _sign), ("signed", "finished", _finish)):
        shutil.copytree(folder / before, folder / name)
        change(folder / name)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the papers that tests copy."""
    return once(tmp_path_factory, "final-papers", _make_all)


@pytest.fixture
def paper(papers: Path, tmp_path: Path) -> Path:
    """The healthy paper, every chapter in copy-edit, in a commit."""
    return Path(shutil.copytree(papers / "paper", tmp_path / "paper"))


@pytest.fixture
def signed(papers: Path, tmp_path: Path) -> Path:
    """The same, with every chapter signed off."""
    return Path(shutil.copytree(papers / "signed", tmp_path / "paper"))


@pytest.fixture
def finished(papers: Path, tmp_path: Path) -> Path:
    """The same, and it lacks nothing."""
    return Path(shutil.copytree(papers / "finished", tmp_path / "paper"))


def approve(root: Path, chapter: str = "bridges", who: str = "ada-north", *options: str) -> None:
    succeed(root, "approve", chapter, "--by", who, "--no-commit", *TODAY, *options)


def standing(root: Path, chapter: str = "bridges") -> list[str]:
    """State of the sign-offs of a chapter."""
    return [
        f"{s.approval.who} {s.state} {s.reason}".strip() for s in approval_statuses(Project(root).load().paper, chapter)
    ]


# --- signing ----------------------------------------------------------------------------------------------------------


def test_an_unreadable_register_takes_no_sign_off(paper: Path) -> None:
    approve(paper)
    broken = (paper / APPROVALS).read_text(encoding="utf-8") + "- chapter: tunnels\n  who: [\n"
    (paper / APPROVALS).write_text(broken, encoding="utf-8")
    run = nioc(paper, "approve", "tunnels", "--by", "ben-lock", "--no-commit", *TODAY)
    assert (run.returncode, f"{APPROVALS}:4:1: error[bad-yaml]" in run.stderr) == (1, True)
    assert (paper / APPROVALS).read_text(encoding="utf-8") == broken


def test_a_sign_off_is_a_line_in_a_register(paper: Path) -> None:
    head = git(paper, "rev-parse", "HEAD")
    approve(paper)
    approve(paper, "tunnels", "ben-lock", "--note", "read on paper, twice")
    lines = (paper / APPROVALS).read_text(encoding="utf-8").splitlines()
    quoted = f'chapter: "tunnels", who: "ben-lock", commit: "{head}", on: "2020-04-01", note: "read on paper, twice"'
    assert lines[1:] == [
        "approvals:",
        f"  - {{chapter: bridges, who: ada-north, commit: {head}, on: 2020-04-01}}",
        f"  - {{{quoted}}}",
    ]
    assert nioc(paper, "check", *TODAY, APPROVALS).stdout == "no findings\n"
    assert "Signed off   by Ada North, 1 April 2020\n" in nioc(paper, "status", "--chapter", "bridges", *TODAY).stdout
    assert "Signed off   not yet\n" in nioc(paper, "status", "--chapter", "summary", *TODAY).stdout


def written(file: Path, text: str) -> int:
    file.parent.mkdir(exist_ok=True)
    return file.write_text(text, encoding="utf-8")


def edited(name: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda root: changed(root / name, old, new)


CHANGES: dict[str, tuple[Callable[[Path], None], bool]] = {
    "a word": (edited("chapters/bridges.md", "two piers", "three piers"), False),
    "the title": (edited("chapters/bridges.md", "title: Bridges", "title: Bridges and fords"), False),
    "the summary": (edited("chapters/bridges.md", "Most bridges", "Few bridges"), False),
    "a mark": (edited("chapters/bridges.md", "two piers", "[two]{.restricted} piers"), False),
    "a note": (edited("chapters/bridges.md", "that of the deck", "that of the rail"), False),
    "a fact": (edited(FACTS, '"12"', '"13"'), False),
    "a picture": (edited(PICTURE, "</svg>", "<title>Two</title></svg>"), False),
    "the status": (edited("chapters/bridges.md", "status: copy-edit", "status: final"), True),
    "who takes part": (edited("chapters/bridges.md", "  - {id: ben-lock, role: reviewer}\n", ""), True),
    "a comment": (edited("chapters/bridges.md", "\nA bridge stands", "\n<!-- piers? -->\nA bridge stands"), True),
    "the end of a line": (edited("chapters/bridges.md", "A bridge stands on", "A bridge stands\non"), True),
    "another chapter": (edited("chapters/tunnels.md", "each year", "every year"), True),
    "a fact that it does not quote": (
        lambda root: appended(root / FACTS, "  - {id: tunnels, value: '1', unit: tunnel, source: survey2019}\n"),
        True,
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_a_sign_off_holds_until_printed_content_changes(case: str, signed: Path) -> None:
    change, holds = CHANGES[case]
    commit_then = git(signed, "rev-parse", "--short=10", "HEAD~1")
    change(signed)
    worth = "holds" if holds else f"void the chapter has changed since commit {commit_then}"
    assert standing(signed) == [f"ada-north {worth}"]


def test_a_sign_off_covers_the_data_of_charts(signed: Path) -> None:
    changed(signed / DATA, "15", "16")
    assert standing(signed) == ["ada-north holds"]
    assert standing(signed, "tunnels")[0].startswith("ada-north void")


def test_a_new_sign_off_replaces_the_old_one(signed: Path) -> None:
    changed(signed / "chapters" / "bridges.md", "two piers", "three piers")
    commit(signed)
    approve(signed)
    assert standing(signed) == ["ada-north holds"]


REFUSED: dict[str, tuple[Callable[[Path], object], tuple[str, str], str]] = {
    "somebody unknown": (lambda root: None, ("bridges", "ada"), "nobody in contributors.yaml is called 'ada'"),
    "no chapter": (lambda root: None, ("canals", "ada-north"), "no chapter is called 'canals'"),
    "an early status": (
        edited("chapters/bridges.md", "status: copy-edit", "status: review"),
        ("bridges", "ada-north"),
        "'bridges' is in 'review'; sign it off in copy-edit or final",
    ),
    "a change": (
        edited("chapters/bridges.md", "two piers", "three piers"),
        ("bridges", "ada-north"),
        "has changes that are in no commit",
    ),
    "a fact": (edited(FACTS, '"12"', '"13"'), ("bridges", "ada-north"), "a file of data that is in no commit"),
    "no approver": (
        lambda root: appended(root / "paper" / "paper.yaml", "approvers: [ben-lock]\n"),
        ("bridges", "ada-north"),
        "'ada-north' may not sign chapters off",
    ),
    "no git": (
        lambda root: subprocess.run(["rm", "-r", str(root / ".git")], check=True),
        ("bridges", "ada-north"),
        "git has no commit of the paper",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_impossible_sign_off_is_refused(case: str, paper: Path) -> None:
    change, (chapter, who), why = REFUSED[case]
    change(paper)
    run = nioc(paper, "approve", chapter, "--by", who, *TODAY)
    assert run.returncode in (1, 2)
    assert why in run.stderr
    assert not (paper / APPROVALS).exists()


@pytest.mark.usefixtures("own_cache")
def test_a_commit_missing_from_a_shallow_clone_is_unknown(signed: Path, tmp_path: Path) -> None:
    commit(signed)
    git(tmp_path, "clone", "-q", "--depth=1", signed.as_uri(), "shallow")
    assert standing(tmp_path / "shallow")[0].startswith("ada-north unknown git does not know the commit ")


def test_a_nonexistent_commit_voids_a_sign_off(paper: Path) -> None:
    text = "approvals:\n  - {chapter: bridges, who: ada-north, commit: abcdef1234, on: 2020-03-30}\n"
    (paper / APPROVALS).write_text(text, encoding="utf-8")
    assert standing(paper) == ["ada-north void the chapter is in no commit abcdef1234"]


def test_a_name_of_a_commit_cannot_be_an_option(paper: Path) -> None:
    text = "approvals:\n  - {chapter: bridges, who: ada-north, commit: --output=x, on: 2020-03-30}\n"
    (paper / APPROVALS).write_text(text, encoding="utf-8")
    assert "error[bad-value/type] '--output=x' does not match" in nioc(paper, "check", *TODAY).stdout
    assert not (paper / "x").exists()


# --- final papers -----------------------------------------------------------------------------------------------------


def test_a_final_paper_has_no_draft_mark_and_lists_sign_offs(finished: Path) -> None:
    run = nioc(finished, "build", "--final", "--to", "html", *TODAY)
    assert (run.returncode, run.stderr) == (0, "no warnings\n")
    page = (finished / "dist" / "crossings.html").read_text(encoding="utf-8")
    assert "working draft" not in page
    assert absent(page, "Signed off", "Ada North, 1") == []
    assert '"final": true' in (finished / "dist" / "manifest.json").read_text(encoding="utf-8")


def test_a_paper_is_a_draft_until_it_is_built_as_final(finished: Path) -> None:
    nioc(finished, "build", "--to", "html", *TODAY)
    assert "working draft" in (finished / "dist" / "crossings.html").read_text(encoding="utf-8")


def test_a_final_public_copy_lists_no_sign_offs(finished: Path) -> None:
    succeed(finished, "build", "--final", "--public", "--to", "html", *TODAY)
    page = (finished / "dist" / "crossings-public.html").read_text(encoding="utf-8")
    assert "Ada North" not in page
    assert "Bridge Engineer" not in page
    assert "Signed off" in page


LACKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "an early status": (
        edited("chapters/bridges.md", "status: final", "status: copy-edit"),
        "chapters/bridges.md:5:9: error[unfinished/status] the chapter is in 'copy-edit', not in 'final'",
    ),
    "a changed chapter": (
        edited("chapters/bridges.md", "two piers", "three piers"),
        (
            "chapters/bridges.md:2:5: error[unfinished/approval] "
            "the sign-off by ada-north is void: the chapter has changed since"
        ),
    ),
    "no sign-off": (
        lambda root: (root / APPROVALS).unlink(),
        "chapters/bridges.md:2:5: error[unfinished/approval] the chapter has no sign-off",
    ),
    "an unseen fact": (
        edited(FACTS, "source: survey2019}", "source: survey2019, verify: true}"),
        "paper/registers/facts.yaml:2:90: error[unverified/fact] nobody has seen the figure 'bridges'",
    ),
    "a warning": (
        lambda root: appended(root / "paper" / "registers" / "acronyms.yaml", "  - {short: TSB, long: Town Bank}\n"),
        "warning[unused-entry/acronym] nothing uses 'TSB'",
    ),
    "an error": (
        lambda root: appended(root / "chapters" / "tunnels.md", "\nSee @fig-tu-nothing.\n"),
        "error[dead-reference] '@fig-tu-nothing' leads nowhere",
    ),
    "an edition that is a draft": (
        edited("paper/paper.yaml", "edition: First edition", "edition: Second draft"),
        "error[unfinished/edition] the cover says 'Second draft'",
    ),
    "a comment": (
        lambda root: written(
            root / "reviews" / "bridges.yaml",
            "chapter: bridges\ncomments:\n  - {number: 1, by: ben-lock, kind: critical, text: Why two?}\n",
        ),
        "reviews/bridges.yaml:3:",
    ),
}


def stops(root: Path) -> list[str]:
    """Findings of `build --final`."""
    project = Project(root, today=date(2020, 4, 1))
    return [format_line(d) for d in find_blockers(project, project.load(), [], OutputOptions(final=True))]


@pytest.mark.parametrize("case", LACKS)
def test_an_incomplete_paper_cannot_be_final(case: str, finished: Path) -> None:
    change, message = LACKS[case]
    change(finished)
    commit(finished)
    assert [stop for stop in stops(finished) if message in stop]


def test_all_missing_conditions_are_reported_at_once(finished: Path) -> None:
    changed(finished / "chapters" / "bridges.md", "two piers", "three piers")
    changed(finished / "paper" / "paper.yaml", "edition: First edition", "edition: Draft")
    run = nioc(finished, "build", "--final", "--to", "html", *TODAY)
    rules = re.findall(r"(?:error|warning)\[([\w/-]+)\]", run.stderr)
    changes = ["unfinished/commit", "unfinished/commit"]
    assert sorted(rules) == ["unfinished/approval", *changes, "unfinished/edition", "void-approval"]
    assert run.stderr.endswith("nothing was written: the paper is not final; see to the 5 things above first\n")
    assert (run.returncode, (finished / "dist").exists()) == (1, False)


UNCOMMITTED: dict[str, tuple[Callable[[Path], object], str]] = {
    "an edit": (edited("chapters/tunnels.md", "each year", "every year"), "chapters/tunnels.md:1:1"),
    "a new file": (
        lambda root: (root / PICTURE).with_name("new.svg").write_text("<svg/>"),
        "paper/figures/new.svg:1:1",
    ),
    "an ignored file": (
        lambda root: [
            written(root / name, text)
            for name, text in (("paper/data/late.csv", "a\n1\n"), (".git/info/exclude", "late.csv\n"))
        ],
        "paper/data/late.csv:1:1",
    ),
    "a file beside the paper": (edited(".gitignore", "/dist/", "dist"), ".gitignore:1:1"),
    "no git": (lambda root: (root / ".git").rename(root / ".hidden"), "paper/paper.yaml:1:1"),
}


@pytest.mark.parametrize("case", UNCOMMITTED)
def test_a_final_paper_needs_committed_inputs(case: str, finished: Path) -> None:
    change, place = UNCOMMITTED[case]
    change(finished)
    assert [stop for stop in stops(finished) if stop.startswith(f"{place}: error[unfinished/commit]")]


def test_a_copy_to_comment_on_is_not_final(finished: Path) -> None:
    run = nioc(finished, "build", "--final", "--review-copy", *TODAY)
    assert (run.returncode, "a final paper is not a copy for comments" in run.stderr) == (2, True)
