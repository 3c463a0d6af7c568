"""What is drawn from the paper and stands alone: its numbers stay, and what it refers to elsewhere is only named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nioc_paper import tree
from nioc_paper.audience import for_audience, marking
from nioc_paper.model import Copy, Document, Entry, Node, Paper
from nioc_paper.wording import called, labels


def only(document: Document, paper: Paper, chapter: str) -> Document:
    """One chapter of an assembled paper with the sources that it cites; without blocks if no part has the chapter.

    A list of contents is there if the chapter has sections.
    """
    own = [_opening(block) for block in document.blocks if tree.identifier(block) == f"chapter-{chapter}"]
    kept = [*own, *(b for b in document.blocks if cites(own) and tree.is_div(b, "references"))]
    there = {tree.identifier(node) for node in tree.walk(kept)}

    def inside(entries: Sequence[Entry]) -> tuple[Entry, ...]:
        return tuple(entry for entry in entries if entry.id in there)

    contents = inside(document.contents)
    language = next((tree.values(block).get("lang", document.language) for block in own), document.language)
    title = next((e for e in document.contents if e.id == f"sec-{chapter}"), Entry(1, "", chapter, ""))
    return replace(
        with_blocks(document, closed(kept)),
        id=f"{document.id}-{chapter}",
        title=title.title,
        subtitle=_numbered(title.number, language),
        language=language,
        withheld=document.withheld - elsewhere(paper, chapter, document.copy),
        part_of=document.title,
        contents=contents if any(entry.level > 1 for entry in contents) else (),
        figures=inside(document.figures),
        tables=inside(document.tables),
        recommendations=inside(document.recommendations),
        credits=tuple((entry, people) for entry, people in document.credits if entry.id in there),
        standing={},
    )


def with_blocks(document: Document, blocks: Sequence[Node]) -> Document:
    """The document of some blocks: what they say of themselves, and the pictures that are in them and no others."""
    shown, languages, marks = set(), set(), {0}
    for node in tree.walk(blocks):
        if node["t"] not in tree.WITH_ATTRIBUTES:
            continue
        _, names, pairs = tree.attribute(node)
        if names:
            marks.add(marking(node))
        if pairs:
            languages.add(dict(pairs).get("lang", ""))
        if node["t"] == "Image":
            shown.add(node["c"][2][0])
    charts = {target: chart for target, chart in document.charts.items() if target in shown}
    assets = {target: asset for target, asset in document.assets.items() if target in shown}
    return replace(
        document,
        blocks=tuple(blocks),
        charts=charts,  # each takes time to draw
        assets=assets,
        languages=tuple(sorted(languages - {""})),
        marking=max(marks),
    )


def elsewhere(paper: Paper, chapter: str, copy: Copy) -> int:
    """How much is withheld from the readers of a copy in the rest of the paper."""
    others = replace(paper, chapters=tuple(c for c in paper.chapters if c.id != chapter))
    return for_audience(others, copy.audience)[1]


def cites(blocks: Iterable[Node]) -> bool:
    """Whether any source is cited."""
    return any(node["t"] == "Cite" for node in tree.walk(list(blocks)))


def closed(blocks: Iterable[Node]) -> list[Node]:
    """Blocks whose references to what is not among them are text."""
    kept = list(blocks)
    there = {tree.identifier(node) for node in tree.walk(kept)}

    def change(node: Node) -> Node | list[Node]:
        target = node["c"][2][0] if node["t"] == "Link" else ""
        return list(node["c"][1]) if target.startswith("#") and target[1:] not in there else node

    out: list[Node] = tree.rewrite(change, kept)
    return out


def _opening(chapter: Node) -> Node:
    """A chapter that opens what is printed: one of the front matter has its pages counted as any other."""
    (name, classes, pairs), blocks = chapter["c"]
    return tree.div(blocks, *("chapter" if c == "front" else c for c in classes), id=name, values=dict(pairs))


def _numbered(number: str, language: str) -> str:
    """What the cover says below the title: "Chapter 3"."""
    said = called("chapter", number, labels(language)) if number else ""
    return said[:1].upper() + said[1:]
