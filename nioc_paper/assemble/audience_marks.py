"""What only some may read, marked where it stands, in a copy for them: "Restricted". Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nioc_paper import tree
from nioc_paper.domain.audience import sensitivity_level, with_blocks
from nioc_paper.model import AUDIENCES, Chapter, Node, Paper, Place
from nioc_paper.wording import Wording, wording_for


def mark_paper(paper: Paper) -> Paper:
    """The paper with its mark on every passage that has one: above a block, in brackets around words in a sentence."""
    return replace(paper, chapters=tuple(map(_mark_chapter, paper.chapters)))


def collect_audience_levels(chapters: Sequence[Chapter]) -> Mapping[Place, str]:
    """For whom the boxes, figures and so on are that not everybody may read, by the place of each."""
    return {
        chapter.place(inner): AUDIENCES[sensitivity_level(node)]
        for chapter in chapters
        for node in tree.walk_blocks(chapter.blocks)
        if node["t"] == "Div" and sensitivity_level(node)
        for inner in tree.walk_blocks(node)
        if inner["t"] == "Div"
    }


def audience_label(level: str, words: Wording) -> Node:
    """The line that stands above what is for some readers only."""
    return tree.div([tree.para(tree.text_inlines(words[level]))], "marking", level)


def bracket_for_audience(inlines: Sequence[Node], level: str, words: Wording, id: str = "") -> Node:
    """Words in a sentence between brackets that say for whom they are."""
    return tree.span(
        [*tree.text_inlines(f"[{words[level]}:"), {"t": "Space"}, *inlines, {"t": "Str", "c": "]"}], level, id=id
    )


def _mark_chapter(chapter: Chapter) -> Chapter:
    if not any(map(_has_audience_mark, tree.walk(chapter.blocks))):
        return chapter
    words = wording_for(chapter.language)
    return with_blocks(chapter, tuple(tree.rewrite(lambda node: _with_audience_label(node, words), chapter.blocks)))


def _has_audience_mark(node: Node) -> bool:
    return node["t"] in ("Div", "Span") and sensitivity_level(node) > 0


def _with_audience_label(node: Node, words: Wording) -> Node:
    if not _has_audience_mark(node):
        return node
    level = AUDIENCES[sensitivity_level(node)]
    (name, classes, pairs), content = node["c"]
    if node["t"] == "Span":
        own_inlines = [{**node, "c": [["", [], pairs], content]}] if pairs else content
        return bracket_for_audience(own_inlines, level, words, name)
    rest = [c for c in classes if c not in AUDIENCES]
    # A recommendation that is marked itself stays one, inside.
    inside = [{**node, "c": [[name, rest, pairs], content]}] if rest or name else content
    return tree.div([audience_label(level, words), *inside], level)
