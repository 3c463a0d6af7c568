"""Response to comments: the comments of reviewers by chapter, with their answers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nioc_paper import tree
from nioc_paper.assemble.excerpts import derived_document
from nioc_paper.assemble.lists import ListContext
from nioc_paper.assemble.lists.list_context import Cell, cell, generated_table
from nioc_paper.assemble.numbered_paper import number_paper
from nioc_paper.model import AUDIENCES, Chapter, Comment, Document, History, Node, OutputOptions, Paper
from nioc_paper.wording import Wording, format_date

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

    def name_of(who: str) -> str:
        """Return the name of a commenter; 'A reviewer' if no register names them, unless the copy is restricted."""
        return numbered_paper.context.paper.named_reviewer(who, is_internal=is_internal) or words["a_reviewer"]

    blocks = [
        block
        for each in numbered_paper.context.chapters
        if chapter_id in (None, each.id)
        for block in _chapter_comments(numbered_paper.context, each, name_of)
    ]
    content = [tree.div(blocks or [tree.para(tree.text_inlines(words["none_yet"]))], "brief", id="comments")]
    name = f"{chapter_id}-comments" if chapter_id else "comments"
    return derived_document(whole_document, content, name, title=words["comments"], subtitle="", form="list")


def _chapter_comments(context: ListContext, chapter: Chapter, name_of: Callable[[str], str]) -> Iterator[Node]:
    if chapter_comments := list(context.paper.comments(chapter.id)):
        yield tree.header(1, tree.text_inlines(chapter.front.title), id=f"comments-{chapter.id}")
        rows = [_comment_row(context.words, comment, name_of) for comment in chapter_comments]
        yield from generated_table(context, "comments", _COLUMN_SHARES, rows)


def _comment_row(words: Wording, comment: Comment, name_of: Callable[[str], str]) -> list[Cell]:
    return [
        _lines_cell(comment.id, words[f"comment_{comment.kind}"]),
        _lines_cell(name_of(comment.by), format_date(comment.on, words)),
        _lines_cell(comment.quote),
        _lines_cell(comment.text, *[f"{name_of(reply.by)}: {reply.text}" for reply in comment.replies]),
        _answer_cell(words, comment, name_of),
    ]


def _answer_cell(words: Wording, comment: Comment, name_of: Callable[[str], str]) -> Cell:
    """Return the decision on a comment, its reason and its author."""
    if (answer := comment.answer) is None:
        return _lines_cell(words["answer_open"])
    by = f"{words['comma']} ".join(filter(None, (name_of(answer.by), format_date(answer.on, words))))
    return _lines_cell(f"{words[f'answer_{answer.disposition}']}.", answer.reason or "", by)


def _lines_cell(*texts: str) -> Cell:
    """Return a cell with each text on a line of its own."""
    lines = [line for text in texts for line in text.split("\n") if line]
    return cell([node for n, line in enumerate(lines) for node in ([_BREAK] if n else []) + tree.text_inlines(line)])
