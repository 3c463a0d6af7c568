"""Self-contained excerpts of the paper: numbers stay, and references to the rest become text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.audience import for_audience, sensitivity_level
from nioc_paper.model import ENTRY_LISTS, Document, ListEntry, Node, OutputOptions, Paper
from nioc_paper.wording import Wording, numbered_label, wording_for


def extract_chapter(document: Document, paper: Paper, chapter_id: str) -> Document:
    """Return one chapter of an assembled paper, with its sources; without blocks if no part has the chapter.

    Contents are listed if the chapter has sections.
    """
    blocks = _chapter_and_references(document, chapter_id)
    language = tree.attributes(blocks[0]).get("lang", document.language) if blocks else document.language
    title_entry = next((e for e in document.contents if e.id == f"sec-{chapter_id}"), ListEntry(1, "", chapter_id, ""))
    words, number = wording_for(language, document.own_words), title_entry.number
    label = numbered_label("chapter", number, words) if number else ""
    return replace(
        document_with_blocks(replace(document, titles=()), without_dangling_links(blocks)),
        **_entries_present(document, {tree.identifier(node) for node in tree.walk(blocks)}),
        id=f"{document.id}-{chapter_id}",
        title=title_entry.title,
        subtitle=label[:1].upper() + label[1:],
        language=language,
        withheld=document.withheld - count_withheld_elsewhere(paper, chapter_id, document.copy),
        part_of=document.title,
        standing={},
        nocite=(),
    )


def _chapter_and_references(document: Document, chapter_id: str) -> list[Node]:
    """Return the division of a chapter, and that of the bibliography if the chapter has citations."""
    name = f"chapter-{chapter_id}"
    # Front matter has ordinary page numbers where it opens the document.
    chapter = [
        tree.div(tree.content(b), "chapter", *tree.classes(b)[1:], id=name, values=tree.attributes(b))
        for b in document.blocks
        if b["t"] == "Div" and tree.identifier(b) == name
    ]
    if not has_citations(chapter):
        return chapter
    return [*chapter, *(block for block in document.blocks if tree.is_div(block, "references"))]


def _entries_present(document: Document, ids: Collection[str]) -> dict[str, Any]:
    """Return the lists of a document with the entries for some ids; no contents for a chapter without sections."""
    lists = {name: tuple(entry for entry in getattr(document, name) if entry.id in ids) for name in ENTRY_LISTS}
    if all(entry.level <= 1 for entry in lists["contents"]):
        lists["contents"] = ()
    return lists | {"credits": tuple(credit for credit in document.credits if credit[0].id in ids)}


def bibliography_blocks(words: Wording) -> list[Node]:
    """Return the heading of the bibliography, and the division that citeproc fills."""
    return [tree.header(1, tree.text_inlines(words["references"]), id="references"), tree.div([], id="refs")]


def document_with_blocks(document: Document, blocks: Sequence[Node]) -> Document:
    """Return a document of some blocks, with their languages and marking, and only the pictures that they show."""
    nodes = [node for node in tree.walk(blocks) if node["t"] in tree.TYPES_WITH_ATTR]
    shown_targets = {tree.target(node) for node in nodes if node["t"] == "Image"}
    languages = {tree.attributes(node).get("lang", "") for node in nodes} | {each.language for each in document.titles}
    return replace(
        document,
        blocks=tuple(blocks),
        # Drawing each takes time.
        charts={target: chart for target, chart in document.charts.items() if target in shown_targets},
        assets={target: asset for target, asset in document.assets.items() if target in shown_targets},
        languages=tuple(sorted(languages - {""})),
        marking=max(map(sensitivity_level, nodes), default=0),
    )


def derived_document(common: Document, blocks: Sequence[Node], name: str, **fields: Any) -> Document:
    """Return a document of some blocks beside the paper, with a name and fields of its own."""
    own = {"id": f"{common.id}-{name}", "part_of": common.title, **fields}
    return replace(document_with_blocks(common, blocks), **own)


def count_withheld_elsewhere(paper: Paper, chapter_id: str, copy: OutputOptions) -> int:
    """Return how many passages of the rest of the paper are withheld from a copy."""
    others = replace(paper, chapters=tuple(c for c in paper.chapters if c.id != chapter_id))
    return for_audience(others, copy.audience)[1]


def has_citations(blocks: Iterable[Node]) -> bool:
    """Return whether blocks cite a source."""
    return any(node["t"] == "Cite" for node in tree.walk(list(blocks)))


def without_dangling_links(blocks: Iterable[Node]) -> list[Node]:
    """Return blocks whose links to ids outside them are text."""
    kept_blocks = list(blocks)
    present_ids = {tree.identifier(node) for node in tree.walk(kept_blocks)}

    def unlink_outside(node: Node) -> Node | list[Node]:
        target = tree.target(node) if node["t"] == "Link" else ""
        return list(tree.content(node)) if target.startswith("#") and target[1:] not in present_ids else node

    return tree.rewrite(unlink_outside, kept_blocks)
