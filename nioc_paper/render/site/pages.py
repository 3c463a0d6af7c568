"""A document cut into pages: one for each chapter, annex and list of references, and where everything stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nioc_paper import tree
from nioc_paper.model import Credit, Document, Entry, Node

HOME = "index"
OTHERS = (HOME, "lists", "progress", "search", "404")
"""Pages that are no chapter."""
_PRINTED = ("front", "chapter", "annex", "references")


@dataclass(frozen=True, slots=True)
class Page:
    """A page with a passage of the document. `block` is the division that it holds."""

    name: str
    """Its address, without what tells that it is HTML."""
    kind: str
    """front, chapter, annex or references."""
    entry: Entry
    """Its line in the list of contents."""
    block: Node
    part: str = ""
    """The title of the part that it is in."""
    part_id: str = ""
    run: int = 0
    """Counts the runs of pages of one kind and part."""
    sections: Sequence[Entry] = ()
    summary: str = ""
    status: str = ""
    lead: str = ""
    path: str = ""
    """The file that it was written in."""
    credits: Sequence[Credit] = ()

    @property
    def title(self) -> str:
        """The heading without its number."""
        return self.entry.title


@dataclass(frozen=True)
class Plan:
    """The pages in the order of the paper, and on which of them everything with an id is."""

    pages: Sequence[Page]
    homes: Mapping[str, str] = field(default_factory=dict)
    """By id the address of it from any page: that of a chapter is its page alone."""

    def beside(self, page: Page) -> tuple[Page | None, Page | None]:
        """The pages before and after one."""
        at = self.pages.index(page)
        return (self.pages[at - 1] if at else None, self.pages[at + 1] if at + 1 < len(self.pages) else None)

    def page(self, name: str) -> Page | None:
        """The page with this name."""
        return next((page for page in self.pages if page.name == name), None)


def plan(document: Document) -> Plan:
    """Cut a document into pages."""
    pages = list(_pages(document))
    homes = {entry.id: f"{HOME}.html#{entry.id}" for entry in document.contents if entry.level == 0}
    for page in pages:
        homes |= {name: f"{page.name}.html#{name}" for name in _ids(page.block)}
        homes |= dict.fromkeys((page.entry.id, tree.identifier(page.block)), f"{page.name}.html")
    return Plan(tuple(pages), homes)


def _pages(document: Document) -> Iterator[Page]:
    entries, run, before = _entries(document.contents), 0, ("", "")
    credited = {entry.id: found for entry, found in document.credits}
    for block in document.blocks:
        kind = next((kind for kind in _PRINTED if tree.is_div(block, kind)), "")
        heading = next((node for node in tree.walk(block) if node["t"] == "Header"), None)
        if not kind or heading is None:
            continue
        name, told = tree.identifier(heading), tree.values(block)
        entry, part, sections = entries.get(name, (Entry(1, "", tree.plain(heading["c"][2]), name), None, []))
        where = part.id if part else "", kind
        run, before = run + (where != before), where
        yield Page(
            _name(tree.identifier(block)),
            kind,
            entry,
            block,
            part.title if part else "",
            part.id if part else "",
            run,
            sections,
            _summary(block),
            told.get("data-status", ""),
            told.get("data-lead", ""),
            told.get("data-path", ""),
            credited.get(name, ()),
        )


def _entries(contents: Iterable[Entry]) -> dict[str, tuple[Entry, Entry | None, list[Entry]]]:
    """By id of a chapter its line in the list of contents, that of its part, and those of its sections."""
    found: dict[str, tuple[Entry, Entry | None, list[Entry]]] = {}
    part, sections = None, list[Entry]()
    for entry in contents:
        if entry.level == 0:
            part = entry
        elif entry.level == 1:
            # Annexes and references stand behind the last part, and in none.
            own = None if entry.id.startswith("annex-") or entry.id == "references" else part
            sections = []
            found[entry.id] = entry, own, sections
        else:
            sections.append(entry)
    return found


def _name(identifier: str) -> str:
    name = re.sub(r"[^\w-]+", "-", identifier.removeprefix("chapter-"))
    return f"chapter-{name}" if name in OTHERS else name


def _summary(block: Node) -> str:
    found = next((node for node in block["c"][1] if tree.is_div(node, "summary")), None)
    return tree.plain(found["c"][1]) if found else ""


def _ids(block: Node) -> set[str]:
    return {tree.identifier(node) for node in tree.walk(block) if node["t"] in tree.WITH_ATTRIBUTES} - {""}
