"""Pages of a site: one for each chapter, annex and bibliography, with the page of every id; and options of a site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.model import Credit, Document, ListEntry, Node, Paper, SiteProgress


class Download(Struct, frozen=True):
    """File offered for download."""

    name: str
    title: str
    data: bytes

    @property
    def size(self) -> str:
        """Size in megabytes, as printed."""
        return f"{max(len(self.data) / 1e6, 0.1):.1f}"


class SiteOptions(Struct, frozen=True, kw_only=True):
    """Content of a site besides the document."""

    url: str = ""
    """Public address without slash at the end; empty if it is not known."""
    summary: str = ""
    contact: str = ""
    """Address for mail that suggests changes; without it there are no such links."""
    changed: Mapping[str, date] = field(default_factory=dict)
    """Day of the last commit by path of a chapter."""
    cited_in: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Ids of the chapters that cite each source, by its key."""
    downloads: tuple[Download, ...] = ()
    search: bool = False
    """Whether the pages get a search index."""
    progress: SiteProgress | None = None
    """Progress of the paper for the progress page."""
    paper: Paper | None = None
    """Paper as its readers may see it, for the page of recommendations by owner."""
    live: bool = False
    """Whether the pages belong to a preview that follows edits."""


HOME = "index"
RESERVED_NAMES = (HOME, "lists", "owners", "progress", "search", "404")
"""Names of pages that are not chapters."""
SUMMARY_CLASS = "decision-summary"
"""Class of the summary for decision makers."""


class Page(Struct, frozen=True):
    """Page with one division of the document, `block`."""

    name: str
    """Address without ".html"."""
    kind: str
    """front, chapter, annex or references."""
    entry: ListEntry
    """Entry in the list of contents."""
    block: Node
    part: str = ""
    """Title of its part."""
    part_id: str = ""
    run: int = 0
    """Number of the run of pages of one kind and part."""
    sections: Sequence[ListEntry] = ()
    summary: str = ""
    status: str = ""
    lead: str = ""
    path: str = ""
    """Source file."""
    credits: Sequence[Credit] = ()

    @property
    def title(self) -> str:
        """Heading without number."""
        return self.entry.title


class PagePlan(Struct, frozen=True, dict=True):
    """Pages in the order of the paper, and the address of every id."""

    pages: Sequence[Page]
    homes: Mapping[str, str] = field(default_factory=dict)
    """Addresses by id, as seen from any page; a chapter's address is its page alone."""
    summary: Page | None = None
    """Summary for decision makers: a part of the home page."""

    @property
    def texts(self) -> Sequence[Page]:
        """Pages with text of the document."""
        return [*([self.summary] if self.summary else []), *self.pages]

    def neighbours(self, page: Page) -> tuple[Page | None, Page | None]:
        """Return the pages before and after a page."""
        index, around = self.pages.index(page), [None, *self.pages, None]
        return around[index], around[index + 2]


def plan_pages(document: Document) -> PagePlan:
    """Divide a document into pages."""
    collected = list(_collect_pages(document))
    summary = next((page for page in collected if page.name == HOME), None)
    pages = [page for page in collected if page is not summary]
    homes = {entry.id: f"{HOME}.html#{entry.id}" for entry in document.contents if entry.level == 0}
    for page in pages:
        homes |= {name: f"{page.name}.html#{name}" for name in _collect_ids(page.block)}
        homes |= dict.fromkeys((page.entry.id, tree.identifier(page.block)), f"{page.name}.html")
    if summary:
        homes |= {name: f"{HOME}.html#{name}" for name in _collect_ids(summary.block)}
    return PagePlan(tuple(pages), homes, summary)


def _collect_pages(document: Document) -> Iterator[Page]:
    lines = _contents_lines(document.contents)
    credited = {entry.id: people for entry, people in document.credits}
    run, before = 0, ("", "")
    for block in document.blocks:
        kind = next((kind for kind in ("front", "chapter", "annex", "references") if tree.is_div(block, kind)), "")
        heading = next((node for node in tree.walk(block) if node["t"] == "Header"), None)
        if not kind or heading is None:
            continue
        name = tree.identifier(heading)
        line = lines.get(name, _ContentsLine(ListEntry(1, "", tree.plain_text(tree.content(heading)), name)))
        part_and_kind = line.part_id, kind
        run, before = run + (part_and_kind != before), part_and_kind
        attributes = tree.attributes(block)
        division = next((node for node in tree.content(block) if tree.is_div(node, "summary")), None)
        yield Page(
            name=HOME if tree.is_div(block, SUMMARY_CLASS) else _page_name(tree.identifier(block)),
            kind=kind,
            entry=line.entry,
            block=block,
            part=line.part.title if line.part else "",
            part_id=line.part_id,
            run=run,
            sections=line.sections,
            summary=tree.plain_text(tree.content(division)) if division else "",
            status=attributes.get("data-status", ""),
            lead=attributes.get("data-lead", ""),
            path=attributes.get("data-path", ""),
            credits=credited.get(name, ()),
        )


class _ContentsLine(Struct, frozen=True):
    """Entry of a chapter in the list of contents, with the entries of its part and its sections."""

    entry: ListEntry
    part: ListEntry | None = None
    sections: list[ListEntry] = field(default_factory=list)

    @property
    def part_id(self) -> str:
        return self.part.id if self.part else ""


def _contents_lines(contents: Iterable[ListEntry]) -> dict[str, _ContentsLine]:
    """Return the entry of each chapter by the chapter's id."""
    lines: dict[str, _ContentsLine] = {}
    part, sections = None, list[ListEntry]()
    for entry in contents:
        if entry.level == 0:
            part = entry
        elif entry.level == 1:
            # Annexes and references are after the last part, and in none.
            own_part = None if entry.id.startswith("annex-") or entry.id == "references" else part
            lines[entry.id] = _ContentsLine(entry, own_part)
            sections = lines[entry.id].sections
        else:
            sections.append(entry)
    return lines


def _page_name(identifier: str) -> str:
    name = re.sub(r"[^\w-]+", "-", identifier.removeprefix("chapter-"))
    return f"chapter-{name}" if name in RESERVED_NAMES else name


def _collect_ids(block: Node) -> set[str]:
    return {tree.identifier(node) for node in tree.walk(block) if node["t"] in tree.TYPES_WITH_ATTR} - {""}
