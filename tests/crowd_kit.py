"""A paper with something for every audience, people of every kind in every place, a history, and all of its outputs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
import shared
from command_kit import succeed, without_office
from PIL import Image
from sample_history import commit, edit, git, start_history
from test_papers import appended, changed, read_tables

TABLES = read_tables("crowd_kit")
CHAPTER = TABLES["chapter"]
VAULT = TABLES["vault"]
PEOPLE = TABLES["people"]
LEDGER = TABLES["ledger"]
DECISIONS = TABLES["decisions"]

DAY = ("--today", "2020-01-30")
COMMANDS = (
    ("build", "--public", *DAY),
    ("build", "--audience", "limited", "--to", "html", *DAY),
    ("build", *DAY),
    ("build", "--public", "--comments", "--to", "html,epub", *DAY),
    ("build", "--public", "--brief", "tunnels", "--to", "docx,pdf", *DAY),
    ("build", "--public", "--review-copy", "--to", "docx,html", *DAY),
    ("build", "--public", "--chapter", "tunnels", "--to", "docx,html", *DAY),
    ("site", "--downloads", "none", *DAY),
    ("newsletter", "--month", "2020-01", *DAY),
    ("export", "--public"),
    ("calendar", "--public", "--out", "dist/plan.ics", *DAY),
    ("redline", "HEAD~2..HEAD", "--public", "--to", "html,docx"),
)
INSIDE_COMMANDS = (
    # For those who work on it: file or folder, and command.
    (".", ("build", "--chapter", "bridges", "--to", "html,docx", "--review-copy", *DAY)),
    (".", ("build", "--brief", "bridges", "--to", "html,docx", *DAY)),
    (".", ("build", "--comments", "--to", "html,docx", *DAY)),
    (".", ("board", "--to", "pdf,docx", *DAY)),
    ("letters", ("remind", "--to", "eml", *DAY)),
    ("plan.ics", ("calendar", *DAY)),
    (".", ("redline", "HEAD~1..HEAD", "--to", "docx,html")),
)


def outputs(factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the crowded paper after the commands, made once for all workers.

    All that the public may see is in `dist`, beside a copy for each other audience.
    """
    return shared.once(factory, "crowd", lambda folder: _run(crowded(folder), COMMANDS)) / "healthy"


def inside_outputs(factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the outputs of the crowded paper for those who work on it, made once for all workers."""
    root = outputs(factory)

    def make(folder: Path) -> None:
        _run(root, [(*command, "--out", str(folder / name)) for name, command in INSIDE_COMMANDS])

    return shared.once(factory, "crowd-inside", make)


def _run(root: Path, commands: Iterable[tuple[str, ...]]) -> None:
    with without_office():
        for command in commands:
            succeed(root, *command)


def crowded(folder: Path) -> Path:
    """The healthy paper with people of every kind in every place for people, and passages for every audience.

    It has three commits, and a change since.
    """
    root = start_history(folder)
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
    appended(root / "paper/registers/decisions.yaml", DECISIONS.lstrip("\n"))
    _plant(root)
    (root / "reviews").mkdir()
    (root / "reviews/bridges.yaml").write_text(LEDGER, encoding="utf-8")
    commit(root, "2020-01-12T12:00:00Z")
    approval = f"chapter: bridges, who: zenobia-quillfeather, commit: {git(root, 'rev-parse', 'HEAD')}, on: 2020-01-13"
    (root / "paper/registers/approvals.yaml").write_text(f"approvals:\n  - {{{approval}}}\n", encoding="utf-8")
    edit(root, "chapters/tunnels.md", ("Drivers learn", "All drivers learn"))
    commit(root, "2020-01-13T12:00:00Z")
    appended(root / "paper" / "paper.yaml", "\n")
    return root


def _plant(paper: Path) -> None:
    """Put the words that `test_audience` looks for where the public is not to read."""
    appended(paper / "chapters" / "tunnels.md", CHAPTER)
    (paper / "chapters" / "verdigris.md").write_text(VAULT, encoding="utf-8")
    (paper / "paper" / "data" / "filigree.csv").write_text("Filigree,days\nFiligree,4\n", encoding="utf-8")
    exif = Image.Exif()
    exif[0x013B] = "Brocadeer"
    Image.new("RGB", (40, 30), "red").save(paper / "paper" / "figures" / "jacaranda.jpg", exif=exif)
    settings = paper / "paper" / "paper.yaml"
    changed(
        settings, "  - {id: tunnels,", "  - {id: verdigris, title: Vaults of Verdigris, letters: VA}\n  - {id: tunnels,"
    )
    changed(
        settings,
        "      - chapters/tunnels.md\n",
        "      - chapters/tunnels.md\n  - title: What is under Verdigris\n    chapters: [chapters/verdigris.md]\n",
    )
    appended(settings, "  - {title: Action plan, list: action-plan}\n  - {title: Gaps, list: gaps}\n")
    appended(settings, "  - {title: Monitoring, list: monitoring}\n  - {title: Decisions, list: decisions}\n")
    appended(settings, "  - {title: Linkages, list: linkages}\n  - {title: Document control, list: history}\n")
    appended(
        paper / "contributors.yaml",
        "  - {id: zen, name: Ysolde Quackenbush, org: roads, post: Inspector, kind: official, attribution: role}\n"
        "  - {id: otto, name: Ottokar Vanderbloom, org: roads, post: Umbrageous Inspector, kind: official,"
        " attribution: none}\n",
    )
    changed(
        paper / "chapters" / "tunnels.md",
        "{id: ben-lock, role: lead}",
        "{id: zen, role: lead}\n  - {id: otto, role: author}",
    )
    changed(
        paper / "chapters" / "bridges.md", "links:\n", "links:\n  - {to: verdigris, how: through Umbrageous doors}\n"
    )
    appended(
        paper / "paper" / "registers" / "acronyms.yaml", "  - {short: QRA, long: Quicksilver Rhodonite Authority}\n"
    )
    appended(
        paper / "paper" / "registers" / "decisions.yaml",
        "  - {id: d2, meeting: first meeting, on: 2020-01-06, kind: decision, text: Buy Zeppelina., who: [council],"
        " note: Araucaria, sensitivity: restricted}\n"
        "  - {id: d3, meeting: first meeting, on: 2020-01-06, kind: offer, text: Lend a ladder., who: [zen, otto]}\n",
    )
    appended(
        paper / "paper" / "references.yaml",
        "  - {id: cinnabar2019, type: report, title: Locks, author: [{family: Cinnabar}], issued: '2019'}\n",
    )
