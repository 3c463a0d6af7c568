"""Labels on passages that only some may read ("Restricted"), in copies for those readers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.audience import sensitivity_level, with_blocks
from nioc_paper.model import AUDIENCES, Chapter, Node, OwnWords, Paper, Place
from nioc_paper.wording import Wording, wording_for

_MARKS = frozenset(f".{audience}" for audience in AUDIENCES)
"""Names in trees with passages for an audience."""


def mark_paper(paper: Paper) -> Paper:
    """Return the paper with a label on every restricted passage: above a block, in brackets around inline words."""
    return replace(
        paper, chapters=tuple(_mark_chapter(chapter, paper.settings.own_words) for chapter in paper.chapters)
    )


def collect_audience_levels(chapters: Sequence[Chapter]) -> Mapping[Place, str]:
    """Return the audience of restricted boxes, figures and other divisions, by their places."""
    return {
        chapter.place(inner): AUDIENCES[sensitivity_level(node)]
        for chapter in filter(_may_have_marks, chapters)
        for node in tree.walk_blocks(chapter.blocks)
        if node["t"] == "Div" and sensitivity_level(node)
        for inner in tree.walk_blocks(node)
        if inner["t"] == "Div"
    }


def audience_label(level: str, words: Wording) -> Node:
    """Return the line above a block that names its audience."""
    return tree.div([tree.para(tree.text_inlines(words[level]))], "marking", level)


def bracket_for_audience(inlines: Sequence[Node], level: str, words: Wording, id: str = "") -> Node:
    """Return inlines in brackets that name their audience."""
    return tree.span(
        [*tree.text_inlines(f"[{words[level]}:"), {"t": "Space"}, *inlines, {"t": "Str", "c": "]"}], level, id=id
    )


def _mark_chapter(chapter: Chapter, own: OwnWords) -> Chapter:
    if not _may_have_marks(chapter) or not any(map(_has_audience_mark, tree.walk(chapter.blocks))):
        return chapter
    words = wording_for(chapter.language, own)
    return with_blocks(chapter, tuple(tree.rewrite(lambda node: _with_audience_label(node, words), chapter.blocks)))


def _may_have_marks(chapter: Chapter) -> bool:
    return not _MARKS.isdisjoint(chapter.names)


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
    # A restricted recommendation stays a recommendation, inside the division of its level.
    inside = [{**node, "c": [[name, rest, pairs], content]}] if rest or name else content
    return tree.div([audience_label(level, words), *inside], level)
