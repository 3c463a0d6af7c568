"""The text of a page: the paper's own, with links that lead to other pages, and an address for every paragraph."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from nioc_paper import pandoc, tree
from nioc_paper.cache import Cache, key
from nioc_paper.files import code
from nioc_paper.model import Document, Node
from nioc_paper.render import body, web
from nioc_paper.render.letters import squeeze
from nioc_paper.render.site.pages import Page, Plan
from nioc_paper.wording import labels

_BOXES = ("recommendation", "gap", "finding", "linkage", "pullquote", "marking", "title", "fields", "summary")
"""Divisions whose paragraphs have no address of their own: they have one, or say nothing alone."""
_OPENING = 60
"""Letters at the head of a paragraph by which it is known: what is changed behind them leaves its address."""
_STYLE = re.compile(r' style="([^"]*)"')


def picture(target: str) -> str:
    """The address of a picture on the site, by its target in the tree."""
    name = target.removeprefix("chart:")
    suffix = ".svg" if target.startswith("chart:") else ""
    return "pictures/" + re.sub(r"[^\w.-]+", "-", PurePosixPath(name).as_posix()) + suffix


def figures(target: str) -> str:
    """The address of what a chart is drawn of in the browser."""
    return picture(target).removesuffix(".svg") + ".json"


def text(page: Page, document: Document, plan: Plan, sources: Mapping[str, Node]) -> str:
    """A page's part of the document as HTML; `sources` are the entries of the bibliography by their ids."""
    (name, classes, pairs), blocks = page.block["c"]
    named = _addressed(list(blocks))
    whole = {"t": "Div", "c": [[name, ["section", *classes], pairs], [*named, *_sources(page, document, sources)]]}
    own = replace(document, blocks=(whole,))
    blocks = web.described(document, body.prepare(own))
    here = set(_here(blocks))
    linked = tree.rewrite(lambda node: _linked(node, here, plan.homes), blocks)
    return unstyled(web.joined([web.text(linked)], document.language))


def kept(document: Document, plan: Plan, sources: Mapping[str, Node], cache: Cache) -> Iterator[str]:
    """The text of each page, made anew when anything has changed that it hangs on."""
    setting = repr(body.shared(document))
    hung_on = json.dumps([sorted(plan.homes.items()), sources])
    shared = key("page", code(), pandoc.version(), setting, hung_on)
    for page in plan.pages:
        charts = [chart.data for chart in document.charts.values() if chart.place.path == page.path]
        name = key(shared, page.name, page.kind, json.dumps(page.block), repr(charts))
        yield cache.made(name, partial(_encoded, page, document, plan, sources)).decode()


def _encoded(page: Page, document: Document, plan: Plan, sources: Mapping[str, Node]) -> bytes:
    return text(page, document, plan, sources).encode()


def _here(blocks: Sequence[Node]) -> Iterator[str]:
    return (tree.identifier(node) for node in tree.walk(blocks) if node["t"] in tree.WITH_ATTRIBUTES)


def _linked(node: Node, here: set[str], homes: Mapping[str, str]) -> Node:
    if node["t"] == "Link" and (target := node["c"][2][0])[:1] == "#" and target[1:] not in here:
        return {**node, "c": [*node["c"][:2], [homes.get(target[1:], target), node["c"][2][1]]]}
    if node["t"] == "Image":
        target, title = node["c"][2]
        shown = tree.marked(node, **({"data-chart": figures(target)} if target.startswith("chart:") else {}))
        return {**shown, "c": [*shown["c"][:2], [picture(target), title]]}
    return node


def _sources(page: Page, document: Document, sources: Mapping[str, Node]) -> Iterator[Node]:
    """The sources that a page cites, at its end: a reader need not leave it, nor has a print lost them."""
    links = (node["c"][2][0][1:] for node in tree.walk(page.block) if node["t"] == "Link")
    cited = dict.fromkeys(name for name in links if name in sources)
    if cited and page.kind != "references":
        title = tree.header(
            2, tree.text(labels(document.language)["sources_here"]), "unnumbered", id=f"{page.name}-sources"
        )
        order = [sources[name] for name in sources if name in cited]
        yield tree.div([title, tree.div(order, "references", "csl-bib-body")], "sources")


def sources(document: Document) -> dict[str, Node]:
    """The entries of the bibliography by their ids, in its order."""
    divs = (node for block in document.blocks if tree.is_div(block, "references") for node in tree.walk(block))
    return {tree.identifier(node): node for node in divs if node["t"] == "Div" and tree.is_div(node, "csl-entry")}


def _addressed(blocks: list[Node]) -> list[Node]:
    """Blocks with an address on every paragraph of running text, made of how it begins: it outlives its number."""
    taken: Counter[str] = Counter()

    def change(block: Node) -> Node:
        if block["t"] == "Div" and not any(tree.is_div(block, box) for box in _BOXES):
            return {**block, "c": [block["c"][0], [change(inner) for inner in block["c"][1]]]}
        words = squeeze(tree.plain(tree.rewrite(_lasting, block))) if block["t"] == "Para" else ""
        if not words:
            return block
        opening = hashlib.sha256(words[:_OPENING].encode()).hexdigest()[:8]
        taken[opening] += 1
        name = f"p-{opening}" + (f"-{taken[opening]}" if taken[opening] > 1 else "")
        # Shown by the style sheet and left out for screen readers: it would be said before every paragraph.
        mark = f'<a class="address" id="{name}" href="#{name}" aria-hidden="true" tabindex="-1"></a>'
        return {"t": "Para", "c": [{"t": "RawInline", "c": ["html", mark]}, *block["c"]]}

    return [change(block) for block in blocks]


def _lasting(node: Node) -> Node | None:
    """What of a paragraph does not change when something else does: numbers and years of references may."""
    passing = node["t"] == "Cite" or (node["t"] == "Link" and "xref" in tree.classes(node))
    return None if passing else node


def unstyled(html: str) -> str:
    """HTML with its style attributes, which the site's policy forbids, as names that `styles` knows."""
    return _STYLE.sub(lambda found: f' data-style="{found[1].rstrip("; ")}"', html)


def styles(pages: Mapping[str, str]) -> str:
    """A style sheet with what `unstyled` has taken out of pages."""
    found: Any = sorted({style for html in pages.values() for style in re.findall(r'data-style="([^"]*)"', html)})
    return "".join(f'[data-style="{style}"] {{ {style} }}\n' for style in found)
