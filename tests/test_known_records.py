"""An output for a past day shows the records of that day only: later ones change nothing in it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest import mock

import pytest
from command_kit import nioc
from output_kit import words_of
from sample_history import edit
from test_papers import copy

from nioc_paper.system import pagefind

DAY = "2020-02-12"
COMMIT = "0123456789012345678901234567890123456789"
SENDING = {"to": "ben-lock", "on": "2020-02-03", "due": "2020-02-10", "commit": COMMIT}
LATER = "2020-02-13"
COMMENT = {"by": "ben-lock", "kind": "critical", "text": "Since when?"}
ANSWER = {"disposition": "accept", "by": "ada-north", "on": LATER}
DECISION = "{id: d2, meeting: second, kind: offer, text: Lend a boat., who: [ben-lock], on: "
CLEARANCE = "state: granted, on: 2020-01-20"
PERMISSION = "granted: 2020-01-08"
Record = str | Mapping[str, Sequence[object]]
"""A record as the text of its file; of a review, the lists of the file."""
RECORDS: Mapping[str, tuple[str, Record, Record]] = {
    # A record of a later day, and the same paper as it was known.
    "a sign-off": ("approvals", "- {chapter: bridges, who: ben-lock, commit: a1b2c3d, on: 2020-02-13}", ""),
    "a return": (
        "reviews",
        {"sendings": [{"number": 1, **SENDING, "returned": LATER}]},
        {"sendings": [{"number": 1, **SENDING}]},
    ),
    "a sending": ("reviews", {"sendings": [{"number": 2, **SENDING, "on": LATER}]}, {}),
    "a comment": ("reviews", {"comments": [{"number": 1, **COMMENT, "on": LATER}]}, {}),
    "a comment of a later return": (
        "reviews",
        {
            "sendings": [{"number": 3, **SENDING, "returned": LATER}],
            "comments": [{"number": 2, **COMMENT, "sending": 3, "on": "2020-02-05"}],
        },
        {"sendings": [{"number": 3, **SENDING}]},
    ),
    "a comment of a later sending": (
        "reviews",
        {
            "sendings": [{"number": 4, **SENDING, "on": LATER}],
            "comments": [{"number": 3, **COMMENT, "sending": 4}],
        },
        {},
    ),
    "an answer": (
        "reviews",
        {"comments": [{"number": 4, **COMMENT, "answer": ANSWER}]},
        {"comments": [{"number": 4, **COMMENT}]},
    ),
    "a change to merge": (
        "reviews",
        {"unmerged": [{"number": 1, "by": "ben-lock", "on": LATER, "sent": "a", "got": "b", "why": "unclear"}]},
        {},
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


def paper_with(folder: Path, *records: tuple[str, Record]) -> Path:
    """A paper with records of some kinds; those of one file are together in it."""
    root, ledger = copy("healthy", folder), defaultdict[str, list[object]](list)
    edit(root, "chapters/bridges.md", ("status: drafting", "status: review"))
    for kind, record in records:
        path = root / PATHS[kind]
        path.parent.mkdir(exist_ok=True)
        if not isinstance(record, str):
            for name, entries in record.items():
                ledger[name] += entries
            path.write_text(json.dumps({"chapter": "bridges", **ledger}), encoding="utf-8")
        elif kind == "decisions":
            path.write_text(f"{path.read_text(encoding='utf-8')}{record}\n", encoding="utf-8")
        elif kind == "clearances":
            edit(root, PATHS[kind], (CLEARANCE, record))
        elif kind == "permission":
            state = ("state: granted, ", "") if "state" in record else ("asked", "asked")
            edit(root, PATHS[kind], state, (PERMISSION, record))
        else:
            path.write_text(f"approvals:\n{record}\n" if record else "approvals: []\n", encoding="utf-8")
    return root


def outputs(root: Path, day: str) -> dict[str, str]:
    """Output of every command for a day; what the search would find is on the pages."""
    texts = {}
    for command in COMMANDS:
        name = " ".join(command)
        with mock.patch.object(pagefind, "build_index", return_value=True):
            run = nioc(root, *command, "--today", day)
        assert run.returncode == 0, (name, run.stdout, run.stderr)
        texts[name] = run.stdout
        for file in sorted((root / "dist").rglob("*")):
            if file.suffix in (".html", ".txt", ".ics"):
                texts[f"{name}: {file.relative_to(root)}"] = "\n".join(words_of(file))
    return texts


def test_later_records_are_not_known(tmp_path: Path) -> None:
    later = paper_with(tmp_path / "later", *((kind, record) for kind, record, _ in RECORDS.values()))
    known = paper_with(tmp_path / "known", *((kind, record) for kind, _, record in RECORDS.values()))
    assert outputs(later, DAY) == outputs(known, DAY)


@pytest.mark.parametrize("name", [name for name in RECORDS if name != "a request"])
def test_it_is_known_on_its_day(name: str, tmp_path: Path) -> None:
    kind, later, known = RECORDS[name]
    roots = [paper_with(tmp_path / n, (kind, record)) for n, record in (("a", later), ("b", known))]
    looks = (["--who"], ["--chapter", "bridges"])
    assert any(len({nioc(root, "status", *look, "--today", LATER).stdout for root in roots}) == 2 for look in looks)


def test_a_later_clearance_is_still_requested(tmp_path: Path) -> None:
    root = paper_with(tmp_path, ("clearances", "state: granted, on: 2020-02-13"))
    edit(root, "chapters/bridges.md", ("status: review", "status: clearance"))
    assert "requested" in nioc(root, "status", "--who", "--today", DAY).stdout
    assert "requested" not in nioc(root, "status", "--who", "--today", "2020-02-13").stdout
