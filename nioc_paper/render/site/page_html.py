"""HTML of a page: links lead to other pages, and every paragraph has an address, and a link to suggest a change."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from pathlib import PurePosixPath
from urllib.parse import quote

from markupsafe import Markup
from msgspec import Struct

from nioc_paper import tree
from nioc_paper.model import Document, Node
from nioc_paper.render.common import shared_passes
from nioc_paper.render.common.imprint import format_issue
from nioc_paper.render.site.page_plan import HOME, Page, PagePlan
from nioc_paper.render.verify.normalized_text import normalize
from nioc_paper.render.web import page_writer
from nioc_paper.system.cache import Cache, cache_key
from nioc_paper.tree.key_numbers import is_key_number, margin_copy
from nioc_paper.tree.paragraph_numbers import mark_paragraphs
from nioc_paper.tree.prune import without_targets
from nioc_paper.wording import localized_digits, wording_for

_BOX_CLASSES = (
    *("recommendation", "gap", "finding", "linkage", "objective", "risk"),
    *("pullquote", "marking", "title", "fields", "summary"),
)
"""Divisions whose paragraphs have no address: the box has one, or its text means nothing alone."""
_OPENING_LETTERS = 60
"""Letters at the start of a paragraph that its address is made of: later changes leave it."""
_DATA_STYLE = re.compile(r'data-style="([^"]*)"')
_STYLE_ATTRIBUTE = re.compile(r' style="([^"]*)"')


def picture_address(target: str) -> str:
    """Return the address of a picture on the site by its target in the tree."""
    suffix = ".svg" if target.startswith("chart:") else ""
    return "pictures/" + re.sub(r"[^\w.-]+", "-", PurePosixPath(target.removeprefix("chart:")).as_posix()) + suffix


def render_page_text(
    page: Page, document: Document, page_plan: PagePlan, bibliography: Mapping[str, Node], mail: SuggestionMail | None
) -> str:
    """Return a page's part of the document as HTML; `bibliography` has the entries by id.

    With a mail, each paragraph has a link that suggests a change.
    """
    block = tree.with_content(page.block, mail.add_links(tree.content(page.block), page)) if mail else page.block
    blocks = shared_passes.run_passes(
        [block],
        (
            _address_paragraphs,
            partial(_wrap_section, page=page, bibliography=bibliography),
            *shared_passes.SHARED_PASSES,
            page_writer.add_web_features,
            *([] if page.name == HOME else [partial(add_margin_notes, bibliography=bibliography)]),
            partial(_link_pages, homes=page_plan.homes),
        ),
        document,
    )
    # On the home page, the only heading of level 1 is the title of the paper.
    arguments = ("--shift-heading-level-by=1",) if page.name == HOME else ()
    html = page_writer.blocks_to_fragment(blocks, *arguments)
    return without_style_attributes(page_writer.join_fragments([html], document.language))


def _wrap_section(blocks: list[Node], document: Document, page: Page, bibliography: Mapping[str, Node]) -> list[Node]:
    """Return the division of a page as a section, with the sources that it cites at its end."""
    (division,) = blocks
    name, classes, pairs = tree.attr_triple(division)
    content = [*tree.content(division), *_sources_section(page, document, bibliography)]
    return [{"t": "Div", "c": [[name, ["section", *classes], pairs], content]}]


def _link_pages(blocks: list[Node], _document: Document, homes: Mapping[str, str]) -> list[Node]:
    """Return blocks whose links lead to other pages, and whose images have their addresses on the site."""
    ids_on_page = {tree.identifier(node) for node in tree.walk(blocks) if node["t"] in tree.TYPES_WITH_ATTR}
    return tree.rewrite(lambda node: _with_site_addresses(node, ids_on_page, homes), blocks)


def cached_page_texts(
    document: Document,
    page_plan: PagePlan,
    bibliography: Mapping[str, Node],
    cache: Cache,
    mail: SuggestionMail | None = None,
) -> Iterator[str]:
    """Yield the text of each page, from the cache if none of its inputs has changed."""
    dependencies = json.dumps([sorted(page_plan.homes.items()), bibliography, repr(mail and mail.dependencies)])
    shared = shared_passes.chapter_cache_key("page", document, dependencies)
    for page in page_plan.texts:
        charts = [chart.data for chart in document.charts.values() if chart.place.path == page.path]
        key = cache_key(shared, page.name, page.kind, json.dumps(page.block), repr(charts))
        yield cache.get_or_make(key, partial(render_page_text, page, document, page_plan, bibliography, mail))


def _with_site_addresses(node: Node, ids_on_page: set[str], homes: Mapping[str, str]) -> Node:
    if node["t"] == "Link" and (target := tree.target(node))[:1] == "#" and target[1:] not in ids_on_page:
        return tree.with_target(node, homes.get(target[1:], target))
    return tree.with_target(node, picture_address(tree.target(node))) if node["t"] == "Image" else node


def _sources_section(page: Page, document: Document, bibliography: Mapping[str, Node]) -> Iterator[Node]:
    """Yield the sources that a page cites, for its end: so readers need not leave it, and prints have them."""
    links = (tree.target(node)[1:] for node in tree.walk(page.block) if node["t"] == "Link")
    cited = dict.fromkeys(name for name in links if name in bibliography)
    if cited and page.kind != "references":
        words = wording_for(document.language, document.own_words)["sources_here"]
        title = tree.header(2, tree.text_inlines(words), "unnumbered", id=f"{page.name}-sources")
        order = [bibliography[name] for name in bibliography if name in cited]
        yield tree.div([title, tree.div(order, "references", "csl-bib-body")], "sources")


def bibliography_entries(document: Document) -> dict[str, Node]:
    """Return the entries of the bibliography by id, in order."""
    divs = (node for block in document.blocks if tree.is_div(block, "references") for node in tree.walk(block))
    return {tree.identifier(node): node for node in divs if node["t"] == "Div" and tree.is_div(node, "csl-entry")}


def _address_paragraphs(blocks: list[Node], _document: Document) -> list[Node]:
    """Return blocks with an id on every paragraph of running text: a hash of its opening, which outlives its number."""
    counts_by_opening: Counter[str] = Counter()

    def address_block(block: Node) -> Node:
        if block["t"] == "Div" and not any(tree.is_div(block, box) for box in _BOX_CLASSES):
            return tree.with_content(block, [address_block(inner) for inner in tree.content(block)])
        words = normalize(tree.plain_text(tree.rewrite(_drop_changing_parts, block))) if block["t"] == "Para" else ""
        if not words:
            return block
        opening = hashlib.sha256(words[:_OPENING_LETTERS].encode()).hexdigest()[:8]
        counts_by_opening[opening] += 1
        name = f"p-{opening}" + (f"-{counts_by_opening[opening]}" if counts_by_opening[opening] > 1 else "")
        # Visible, but hidden from screen readers, which would say it before every paragraph.
        mark = f'<a class="address" id="{name}" href="#{name}" aria-hidden="true" tabindex="-1"></a>'
        return tree.para([{"t": "RawInline", "c": ["html", mark]}, *tree.content(block)])

    return [address_block(block) for block in blocks]


def _drop_changing_parts(node: Node) -> Node | None:
    """Return None for parts that change with other passages: numbers and years of references."""
    return None if node["t"] == "Cite" or (node["t"] == "Link" and "xref" in tree.classes(node)) else node


def without_style_attributes(html: str) -> str:
    """Return HTML with style attributes, which the policy forbids, as `data-style` for `style_rules`."""
    return _STYLE_ATTRIBUTE.sub(lambda m: f' data-style="{m[1].rstrip("; ")}"', html)


def style_rules(pages: Mapping[str, str]) -> str:
    """Return the style sheet for the `data-style` attributes of pages."""
    used_styles = sorted({style for html in pages.values() for style in _DATA_STYLE.findall(html)})
    # Twice, to be stronger than a class.
    return "".join(f'[data-style="{style}"][data-style] {{ {style} }}\n' for style in used_styles)


# --- margin notes -----------------------------------------------------------------------------------------------------
# Copies of notes and sources for the margin of a wide screen, beside the passage that first calls them. Screen
# readers, prints and narrow screens have notes and sources at the end of the page; the copies are hidden there.


def add_margin_notes(blocks: list[Node], document: Document, bibliography: Mapping[str, Node]) -> list[Node]:
    """Return the division of a page with copies before each of its blocks that calls notes or new sources."""
    (division,) = blocks
    words = wording_for(document.language, document.own_words)
    numbers = (localized_digits(str(number), words) for number in count(1))
    shown_sources: set[str] = set()
    content_with_copies: list[Node] = []
    for block in tree.content(division):
        is_end = any(tree.is_div(block, name) for name in ("sources", "references"))
        copies = [] if is_end else [*_copies(block, bibliography, numbers, shown_sources)]
        content_with_copies += [tree.div(copies, "margin", values={"aria-hidden": "true"})] if copies else []
        content_with_copies.append(block)
    return [tree.with_content(division, content_with_copies)]


def _copies(
    block: Node, bibliography: Mapping[str, Node], numbers: Iterator[str], shown_sources: set[str]
) -> Iterator[Node]:
    """Yield copies of the notes of a block, and of sources that no block before has cited, in the order of calls."""
    for node in tree.walk(block):
        if node["t"] == "Note":
            number = tree.span([{"t": "Str", "c": next(numbers)}], "number")
            yield tree.div([tree.plain_block([number]), *_without_links(tree.content(node))], "note-copy")
        elif is_key_number(node):
            yield tree.div([tree.plain_block(margin_copy(node))], "number-copy")
        elif node["t"] == "Link" and (name := tree.target(node)[1:]) in bibliography and name not in shown_sources:
            shown_sources.add(name)
            yield tree.div(_without_links(tree.content(bibliography[name])), "source-copy")


def _without_links(blocks: list[Node]) -> list[Node]:
    """Return blocks without ids, links and notes: nothing leads to the copy."""
    return tree.rewrite(without_targets, blocks)


_MARKUP = '<a class="suggest" href="{address}" aria-label="{name}" title="{name}"></a>'
_OPENING_WORDS = 12
"""Words of a paragraph that the mail quotes."""
_NEW_LINE = "\r\n"
"""As RFC 6068 demands in the body of a mail."""


class SuggestionMail(Struct, frozen=True):
    """Mail that suggests a change; the addresses of a site's pages are below `url`, if it is known."""

    contact: str
    title: str
    issue: str
    """Version or date, as on the cover."""
    url: str
    words: Mapping[str, str]

    @classmethod
    def for_site(cls, document: Document, contact: str, url: str) -> SuggestionMail:
        """Return the mail of a site."""
        words = wording_for(document.language, document.own_words)
        return cls(contact, document.title, format_issue(document, words), url, words)

    @property
    def dependencies(self) -> tuple[str, ...]:
        """All that a link depends on besides its page."""
        return self.contact, self.title, self.issue, self.url

    def add_links(self, blocks: list[Node], page: Page) -> list[Node]:
        """Return the blocks of a page with a link at the end of every paragraph that a review copy numbers."""

        def with_link(count: int, inlines: list[Node]) -> list[Node]:
            number = f"{page.entry.number}.{count}" if page.entry.number else str(count)
            return [*inlines, {"t": "RawInline", "c": ["html", self.link(page, number, tree.plain_text(inlines))]}]

        return mark_paragraphs(blocks, with_link)

    def link(self, page: Page, number: str, text: str) -> str:
        """Return the link of a paragraph as HTML."""
        name = self.words["suggest"].format(localized_digits(number, self.words))
        return _MARKUP.format(address=Markup.escape(self.address(page, number, text)), name=Markup.escape(name))

    def address(self, page: Page, number: str, text: str) -> str:
        """Return the `mailto:` address with subject and body; everything in them is escaped."""
        chapter = f"{page.entry.number} {page.title}".strip()
        opening = " ".join(text.split()[:_OPENING_WORDS])
        subject = f"{self.title}: {chapter}, {self.words['paragraph']} {number}"
        lines = [
            f"{self.words['chapter']}: {chapter}",
            f"{self.words['paragraph']}: {number} ({opening} …)",
            *([f"{self.words['version']}: {self.issue}"] if self.issue else []),
            *([f"{self.url}/{page.name}.html"] if self.url else []),
            "",
            f"{self.words['your_suggestion']}:",
            "",
        ]
        body = _NEW_LINE.join(lines)
        return f"mailto:{quote(self.contact, safe='@+')}?subject={quote(subject, safe='')}&body={quote(body, safe='')}"
