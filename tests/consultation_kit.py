"""A small paper with four bodies, and forms that they fill in."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from sample_history import start_repository

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, find_element, iter_elements

HEALTHY = Path(__file__).parent / "papers" / "healthy"
BODIES = """organizations:
  - {id: roads, name: Roads Department of Ardale, acronym: RDA}
  - {id: council, name: Ardale Town Council}
  - {id: harbour, name: Harbour Office of Ardale, acronym: HOA}
  - {id: rescue, name: Ardale Rescue Service, acronym: ARS}
"""
ACTIONS = """
::: {#rec-tu-siren .recommendation}
Sound a siren before the barge gate closes.

- Owner: Harbour Office of Ardale
- By: 2020-10-31
- Indicator: share of closures with a siren
- Cost: little
- Closes: gap-tu-notice
:::

::: {#rec-tu-drill .recommendation}
Train every crew of the rescue boat in the tunnel.

- Owner: ARS
- By: 2020-11-30
- Indicator: share of crews trained
- Cost: little
- Closes: gap-tu-notice
:::
"""
DAY = ("--today", "2020-02-10")


def start_paper(root: Path) -> Path:
    """Lay a committed paper with four bodies, each with an action."""
    shutil.copytree(HEALTHY, root)
    people = (root / "contributors.yaml").read_text(encoding="utf-8")
    (root / "contributors.yaml").write_text(BODIES + people[people.index("people:") :], encoding="utf-8")
    chapter = root / "chapters" / "tunnels.md"
    chapter.write_text(chapter.read_text(encoding="utf-8") + ACTIONS, encoding="utf-8")
    (root / ".gitignore").write_text("dist/\n.cache/\ncontacts.yaml\n", encoding="utf-8")
    start_repository(root, "2020-02-03T12:00:00Z")
    return root


def form_of(root: Path, body: str) -> Path:
    """Return the last form of a body."""
    return max(
        (root / "dist" / "consultation").glob(f"consultation-{body}-*.docx"), key=lambda file: file.stat().st_mtime
    )


def fill(file: Path, *tables: Mapping[str, str], controls: bool = True) -> bytes:
    """Return a form with words beside its labels, a table each; without controls as a program that loses them."""
    package, pending = Package(file.read_bytes()), [*map(dict, tables)]
    if not controls:
        for control in [*iter_elements(package.body, "w:sdt")]:
            content = find_element(control, "w:sdtContent")
            for node in [*(content if content is not None else ())]:
                control.addprevious(node)
            control.getparent().remove(control)  # type: ignore[union-attr]
        for name in package.part_names("customXml/"):
            package.set_part(name, b"<none/>")
    current: dict[str, str] = {}
    for row in iter_elements(package.body, "w:tr"):
        cells = [*iter_elements(row, "w:tc")]
        label = words_of(cells[0])
        if label in ("Action", "Chapter to be cleared"):
            current = next((table for table in pending if table.get(label) == words_of(cells[1])), {})
        elif label == "Signed by":
            current = next((table for table in pending if label in table), {})
        for label, cell in ((words_of(one), other) for one, other in pairwise(cells)):
            if label in current and label not in ("Action", "Chapter to be cleared"):
                write(cell, current[label])
    return package.save(0)


def write(cell: Element, text: str) -> None:
    """Write words into a cell in place of those that are there."""
    texts = [*iter_elements(cell, "w:t")]
    for node in texts[1:]:
        node.text = ""
    texts[0].text = text


def words_of(node: Element) -> str:
    """Words of a cell or a paragraph."""
    return "".join(text.text or "" for text in iter_elements(node, "w:t"))


def with_words(file: Path, change: tuple[str, str]) -> bytes:
    """Return a Word file in which one run of words is another."""
    package = Package(file.read_bytes())
    for node in iter_elements(package.body, "w:t"):
        node.text = (node.text or "").replace(*change)
    return package.save(0)
