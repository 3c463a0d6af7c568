"""What only some may read, marked where it stands, in a copy for them: "Restricted". Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nioc_paper import tree
from nioc_paper.audience import marking, with_blocks
from nioc_paper.model import AUDIENCES, Chapter, Node, Paper, Place
from nioc_paper.wording import Words, labels


def marked(paper: Paper) -> Paper:
    """The paper with its mark on every passage that has one: above a block, in brackets around words in a sentence."""
    return replace(paper, chapters=tuple(map(_chapter, paper.chapters)))


def levels(chapters: Sequence[Chapter]) -> Mapping[Place, str]:
    """For whom the boxes, figures and so on are that not everybody may read, by the place of each."""
    return {
        chapter.place(inner): AUDIENCES[marking(node)]
        for chapter in chapters
        for node in tree.blocks(chapter.blocks)
        if node["t"] == "Div" and marking(node)
        for inner in tree.blocks(node)
        if inner["t"] == "Div"
    }


def label(level: str, words: Words) -> Node:
    """The line that stands above what is for some readers only."""
    return tree.div([tree.para(tree.text(words[level]))], "marking", level)


def bracketed(inlines: Sequence[Node], level: str, words: Words, id: str = "") -> Node:
    """Words in a sentence between brackets that say for whom they are."""
    return tree.span([*tree.text(f"[{words[level]}:"), {"t": "Space"}, *inlines, {"t": "Str", "c": "]"}], level, id=id)


def _chapter(chapter: Chapter) -> Chapter:
    if not any(map(_has_mark, tree.walk(chapter.blocks))):
        return chapter
    words = labels(chapter.language)
    return with_blocks(chapter, tuple(tree.rewrite(lambda node: _with_label(node, words), chapter.blocks)))


def _has_mark(node: Node) -> bool:
    return node["t"] in ("Div", "Span") and marking(node) > 0


def _with_label(node: Node, words: Words) -> Node:
    if not _has_mark(node):
        return node
    level = AUDIENCES[marking(node)]
    (name, classes, pairs), content = node["c"]
    if node["t"] == "Span":
        own = [{**node, "c": [["", [], pairs], content]}] if pairs else content
        return bracketed(own, level, words, name)
    rest = [c for c in classes if c not in AUDIENCES]
    # A recommendation that is marked itself stays one, inside.
    inside = [{**node, "c": [[name, rest, pairs], content]}] if rest or name else content
    return tree.div([label(level, words), *inside], level)
