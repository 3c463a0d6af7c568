"""The response to comments: what reviewers said on each chapter, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nioc_paper import tree
from nioc_paper.assemble.extract import with_blocks
from nioc_paper.assemble.lists import Context
from nioc_paper.assemble.lists.cells import Cell, cell, columns
from nioc_paper.assemble.whole import whole
from nioc_paper.model import AUDIENCES, Comment, Copy, Document, History, Node, Paper
from nioc_paper.wording import day, digits

_COPY = Copy()
_BREAK: Node = {"t": "LineBreak"}
_SHARES = (("no", 0.12), ("who", 0.14), ("about", 0.2), ("comment", 0.3), ("answer", 0.24))


def comments(
    paper: Paper, history: History, chapter: str | None = None, timestamp: int | None = None, copy: Copy = _COPY
) -> Document:
    """The table of comments as far as the audience of the copy may read what they are about; of one chapter, or all."""
    read = whole(paper, history, copy)
    common, words = read.document(timestamp), read.context.words
    inside = copy.audience == AUDIENCES[-1]
    blocks = [
        block
        for each in read.context.chapters
        if chapter in (None, each.id)
        for block in _chapter(read.context, each.id, each.front.title, inside=inside)
    ]
    return replace(
        with_blocks(common, [tree.div(blocks or [tree.para(tree.text(words["none_yet"]))], "brief", id="comments")]),
        id="-".join(filter(None, (common.id, chapter, "comments"))),
        title=words["comments"],
        subtitle="",
        part_of=common.title,
        form="list",
    )


def _chapter(context: Context, chapter: str, title: str, *, inside: bool) -> Iterator[Node]:
    said = list(context.paper.comments(chapter))
    if said:
        yield tree.header(1, tree.text(title), id=f"comments-{chapter}")
        rows = [_row(context, comment, inside=inside) for comment in said]
        yield tree.table(columns(context, *_SHARES), rows, "generated", "comments")


def _row(context: Context, comment: Comment, *, inside: bool) -> list[Cell]:
    words = context.words
    number, on = digits(str(comment.number), words), day(comment.on, words)
    replies = [f"{_name(context, reply.by, inside=inside)}: {reply.text}" for reply in comment.replies]
    return [
        _lines(number, words[f"comment_{comment.kind}"]),
        _lines(_name(context, comment.by, inside=inside), on),
        _lines(comment.quote),
        _lines(comment.text, *replies),
        _answer(context, comment, inside=inside),
    ]


def _answer(context: Context, comment: Comment, *, inside: bool) -> Cell:
    """What was decided, why, and by whom."""
    words, answer = context.words, comment.answer
    if answer is None:
        return _lines(words["answer_open"])
    by = f"{words['comma']} ".join(filter(None, (_name(context, answer.by, inside=inside), day(answer.on, words))))
    return _lines(f"{words[f'answer_{answer.disposition}']}.", answer.reason or "", by)


def _name(context: Context, who: str, *, inside: bool) -> str:
    """Who said it; a name that no register allows to be printed is for colleagues only."""
    return context.paper.name(who) if inside or who in context.paper.people else context.words["a_reviewer"]


def _lines(*texts: str) -> Cell:
    """A cell of texts, each from a line of its own."""
    lines = [line for text in texts for line in text.split("\n") if line]
    return cell([node for n, line in enumerate(lines) for node in ([_BREAK] if n else []) + tree.text(line)])
