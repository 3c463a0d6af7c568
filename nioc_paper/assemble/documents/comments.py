"""Response to comments: the comments of reviewers by chapter, with their answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.assemble.excerpts import document_with_blocks
from nioc_paper.assemble.lists import ListContext
from nioc_paper.assemble.lists.cells import Cell, cell, generated_table
from nioc_paper.assemble.numbered_paper import number_paper
from nioc_paper.model import AUDIENCES, Comment, Document, History, Node, OutputOptions, Paper
from nioc_paper.wording import format_date

_COPY = OutputOptions()
_BREAK: Node = {"t": "LineBreak"}
_COLUMN_SHARES = (("no", 0.12), ("who", 0.14), ("about", 0.2), ("comment", 0.3), ("answer", 0.24))


def build_comments_document(
    paper: Paper,
    history: History,
    chapter_id: str | None = None,
    timestamp: int | None = None,
    copy: OutputOptions = _COPY,
) -> Document:
    """Return the table of comments on one chapter, or on all, for the audience of the copy."""
    numbered_paper = number_paper(paper, history, copy)
    whole_document, words = numbered_paper.document(timestamp), numbered_paper.context.words
    is_internal = copy.audience == AUDIENCES[-1]
    blocks = [
        block
        for each in numbered_paper.context.chapters
        if chapter_id in (None, each.id)
        for block in _chapter_comments(numbered_paper.context, each.id, each.front.title, is_internal=is_internal)
    ]
    return replace(
        document_with_blocks(
            whole_document,
            [tree.div(blocks or [tree.para(tree.text_inlines(words["none_yet"]))], "brief", id="comments")],
        ),
        id="-".join(filter(None, (whole_document.id, chapter_id, "comments"))),
        title=words["comments"],
        subtitle="",
        part_of=whole_document.title,
        form="list",
    )


def _chapter_comments(context: ListContext, chapter_id: str, title: str, *, is_internal: bool) -> Iterator[Node]:
    chapter_comments = list(context.paper.comments(chapter_id))
    if chapter_comments:
        yield tree.header(1, tree.text_inlines(title), id=f"comments-{chapter_id}")
        rows = [_comment_row(context, comment, is_internal=is_internal) for comment in chapter_comments]
        yield from generated_table(context, "comments", _COLUMN_SHARES, rows)


def _comment_row(context: ListContext, comment: Comment, *, is_internal: bool) -> list[Cell]:
    words = context.words
    on = format_date(comment.on, words)
    replies = [f"{_person_name(context, reply.by, is_internal=is_internal)}: {reply.text}" for reply in comment.replies]
    return [
        _lines_cell(comment.id, words[f"comment_{comment.kind}"]),
        _lines_cell(_person_name(context, comment.by, is_internal=is_internal), on),
        _lines_cell(comment.quote),
        _lines_cell(comment.text, *replies),
        _answer_cell(context, comment, is_internal=is_internal),
    ]


def _answer_cell(context: ListContext, comment: Comment, *, is_internal: bool) -> Cell:
    """Return the decision on a comment, its reason and its author."""
    words, answer = context.words, comment.answer
    if answer is None:
        return _lines_cell(words["answer_open"])
    by = f"{words['comma']} ".join(
        filter(None, (_person_name(context, answer.by, is_internal=is_internal), format_date(answer.on, words)))
    )
    return _lines_cell(f"{words[f'answer_{answer.disposition}']}.", answer.reason or "", by)


def _person_name(context: ListContext, who: str, *, is_internal: bool) -> str:
    """Return the name of a commenter; 'A reviewer' if no register names them, unless the copy is restricted."""
    return context.paper.named_reviewer(who, is_internal=is_internal) or context.words["a_reviewer"]


def _lines_cell(*texts: str) -> Cell:
    """Return a cell with each text on a line of its own."""
    lines = [line for text in texts for line in text.split("\n") if line]
    return cell([node for n, line in enumerate(lines) for node in ([_BREAK] if n else []) + tree.text_inlines(line)])
