"""An output for a past day shows the records of that day only: later ones change nothing in it."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from command_kit import nioc
from output_kit import words_of
from sample_history import edit
from test_papers import copy

from nioc_paper.system import pagefind

DAY = "2020-02-12"
COMMIT = "commit: 0123456789012345678901234567890123456789"
SENDING = f"number: 1, to: ben-lock, on: 2020-02-03, due: 2020-02-10, {COMMIT}"
COMMENT = "number: 1, by: ben-lock, kind: critical, text: Since when?"
DECISION = "{id: d2, meeting: second, kind: offer, text: Lend a boat., who: [ben-lock], on: "
CLEARANCE = "state: granted, on: 2020-01-20"
PERMISSION = "granted: 2020-01-08"
RECORDS = {
    # A record of a later day, and the same paper as it was known.
    "a sign-off": ("approvals", "- {chapter: bridges, who: ben-lock, commit: a1b2c3d, on: 2020-02-13}", ""),
    "a return": ("reviews", f"sendings:\n- {{{SENDING}, returned: 2020-02-13}}", f"sendings:\n- {{{SENDING}}}"),
    "a sending": ("reviews", f"sendings:\n- {{{SENDING.replace('02-03', '02-13')}}}", "sendings: []"),
    "a comment": ("reviews", f"comments:\n- {{{COMMENT}, on: 2020-02-13}}", "comments: []"),
    "a comment of a later return": (
        "reviews",
        f"sendings:\n- {{{SENDING}, returned: 2020-02-13}}\ncomments:\n- {{{COMMENT}, sending: 1, on: 2020-02-05}}",
        f"sendings:\n- {{{SENDING}}}",
    ),
    "a comment of a later sending": (
        "reviews",
        f"sendings:\n- {{{SENDING.replace('02-03', '02-13')}}}\ncomments:\n- {{{COMMENT}, sending: 1}}",
        "sendings: []",
    ),
    "an answer": (
        "reviews",
        f"comments:\n- {{{COMMENT}, answer: {{disposition: accept, by: ada-north, on: 2020-02-13}}}}",
        f"comments:\n- {{{COMMENT}}}",
    ),
    "a change to merge": (
        "reviews",
        "unmerged:\n- {number: 1, by: ben-lock, on: 2020-02-13, sent: a, got: b, why: unclear}",
        "unmerged: []",
    ),
    "a decision": ("decisions", f"  - {DECISION}2020-02-13}}", ""),
    "a request": ("clearances", "state: requested, on: 2020-02-13", "state: needed"),
    "a permission": ("permission", "granted: 2020-02-13", "state: pending"),
}
PATHS = {
    "approvals": "paper/registers/approvals.yaml",
    "reviews": "reviews/bridges.yaml",
    "decisions": "paper/registers/decisions.yaml",
    "clearances": "chapters/bridges.md",
    "permission": "contributors.yaml",
}
COMMANDS = (
    ("status",),
    ("status", "--who"),
    ("status", "--format", "json"),
    ("status", "--format", "md"),
    ("remind",),
    ("board", "--to", "html"),
    ("calendar",),
    ("newsletter", "--to", "txt"),
    ("site", "--audience", "limited", "--downloads", "none"),
)


def paper_with(folder: Path, kind: str, text: str) -> Path:
    root = copy("healthy", folder)
    path = root / PATHS[kind]
    path.parent.mkdir(exist_ok=True)
    edit(root, "chapters/bridges.md", ("status: drafting", "status: review"))
    if kind == "decisions":
        path.write_text(f"{path.read_text(encoding='utf-8')}{text}\n", encoding="utf-8")
    elif kind == "clearances":
        edit(root, PATHS[kind], (CLEARANCE, text))
    elif kind == "permission":
        edit(root, PATHS[kind], ("state: granted, ", "") if "state" in text else ("asked", "asked"), (PERMISSION, text))
    else:
        head = "chapter: bridges\n" if kind == "reviews" else "approvals:\n"
        path.write_text(f"{head}{text}\n" if text else "approvals: []\n", encoding="utf-8")
    return root


def outputs(root: Path, day: str) -> dict[str, str]:
    """Output of every command for a day; what the search would find is on the pages."""
    said = {}
    for command in COMMANDS:
        name = " ".join(command)
        with mock.patch.object(pagefind, "build_index", return_value=True):
            run = nioc(root, *command, "--today", day)
        assert run.returncode == 0, (name, run.stdout, run.stderr)
        said[name] = run.stdout
        for file in sorted((root / "dist").rglob("*")):
            if file.suffix in (".html", ".txt", ".ics"):
                said[f"{name}: {file.relative_to(root)}"] = "\n".join(words_of(file))
    return said


@functools.cache
def known_outputs(kind: str, text: str) -> dict[str, str]:
    """Outputs for the day of a paper without a later record: several records have the same."""
    with tempfile.TemporaryDirectory() as folder:
        return outputs(paper_with(Path(folder), kind, text), DAY)


@pytest.mark.parametrize("name", RECORDS)
def test_a_later_record_is_not_known(name: str, tmp_path: Path) -> None:
    kind, later, known = RECORDS[name]
    assert outputs(paper_with(tmp_path, kind, later), DAY) == known_outputs(kind, known)


@pytest.mark.parametrize("name", [name for name in RECORDS if name != "a request"])
def test_it_is_known_on_its_day(name: str, tmp_path: Path) -> None:
    kind, later, known = RECORDS[name]
    with_record, without = (paper_with(tmp_path / n, kind, text) for n, text in (("a", later), ("b", known)))
    output, said_without = (
        [nioc(root, "status", *more, "--today", "2020-02-13").stdout for more in (["--who"], ["--chapter", "bridges"])]
        for root in (with_record, without)
    )
    assert output != said_without


def test_a_later_clearance_is_still_requested(tmp_path: Path) -> None:
    root = paper_with(tmp_path, "clearances", "state: granted, on: 2020-02-13")
    edit(root, "chapters/bridges.md", ("status: review", "status: clearance"))
    assert "requested" in nioc(root, "status", "--who", "--today", DAY).stdout
    assert "requested" not in nioc(root, "status", "--who", "--today", "2020-02-13").stdout
