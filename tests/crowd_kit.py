"""A paper with something for every audience, people of every kind in every place, a history, and all of its outputs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
import shared
from command_kit import nioc, without_office
from PIL import Image
from sample_history import commit, edit, git, start_history

CHAPTER = """

::: {.restricted}
### Adamantine lock {#sec-tu-adamantine}

The lock, see @fig-tu-basilisk, is a Basilisk [@cinnabar2019].[^lock]
<!-- Yttriumed -->

[^lock]: A Dodecagon, says the council.

::: {#fig-tu-basilisk .figure}
```{.chart}
description: Bar chart of Eiderdown.
data: {url: paper/data/filigree.csv}
mark: bar
encoding:
  x: {field: Filigree, type: nominal, title: Gossamer}
  y: {field: days, type: quantitative}
```

Halcyon days [@survey2019].
:::

![Ibexhorn.](../paper/figures/jacaranda.jpg){#fig-tu-jacaranda alt="A Kaleidic door."}

::: {#rec-tu-labradorite .recommendation}
Buy a Labradorite lock.

- Owner: RDA
- By: 2020-06-30
- Indicator: one Myrrhine lock
- Closes: gap-tu-notice
:::

::: {#gap-tu-nacreous .gap}
There is no Nacreous key.

- Type: practice
- Evidence: none
:::

| Key | Where |
|---|---|
| Obsidian | in the box |

: Palimpsest keys {#tbl-tu-keys}

The Quicksilver Rhodonite Authority (QRA) knows, and the QRA is told.
:::

The barrier is old[, and its Sarcenet is torn]{.limited}.

- [the Tourmaline]{.restricted}
- the barrier

::: {.linkage to=verdigris}
The Umbrageous goes both ways.
:::
"""
VAULT = """---
id: verdigris
title: Verdigris vault
category: verdigris
status: drafting
contributors: [{id: ben-lock, role: lead}]
summary: A Wolframite door.
sensitivity: limited
words: {target: 4, max: 20}
blocked: Chrysolite
---

## At a glance

It is full of Xylograph.

## Gaps

None.

## Recommendations

None.
"""
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
  - {id: ida-quirke, name: Ida Quirke, org: ferries, post: Ferry Master, kind: official}
  - {id: ulf-quist, name: Ulf Quist, org: ferries, post: Ferry Master, kind: official}
  - {id: nora-named, name: Nora Named, org: roads, post: Roads Surveyor, kind: staff, attribution: named}
"""
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

DAY = ("--today", "2020-01-30")
COMMANDS = (
    ("build", "--public", *DAY),
    ("build", "--audience", "limited", "--to", "html", *DAY),
    ("build", *DAY),
    ("build", "--public", "--comments", *DAY),
    ("build", "--public", "--brief", "tunnels", *DAY),
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
    (".", ("redline", "HEAD~1..HEAD", "--to", "pdf,docx,html")),
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
            run = nioc(root, *command)
            assert run.returncode == 0, (command, run.stderr)


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
    with (root / "paper/registers/decisions.yaml").open("a", encoding="utf-8") as file:
        file.write(DECISIONS.lstrip("\n"))
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


def appended(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
