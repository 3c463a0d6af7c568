"""What a Word file says: its passages, and the words under its comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from nioc_paper.review.docx.paragraph import Paragraph, RowKey


@dataclass(frozen=True, slots=True)
class DocxPassage:
    """A paragraph of a Word file."""

    paragraph: Paragraph
    bookmarks: tuple[str, ...] = ()
    """The names of the leaves whose marks are in it: none when they were lost, several when paragraphs were joined."""
    style: str = ""
    author: str = ""
    """Who took something out of it, where the file tells."""


class TokenPosition(NamedTuple):
    """Index of a passage, and of a token in it."""

    passage: int
    token: int


@dataclass(frozen=True, slots=True)
class CommentRange:
    """The words that a comment is about: from a token of a passage to another, the last not included."""

    start: TokenPosition
    end: TokenPosition


@dataclass(slots=True)
class DocxText:
    """What a Word file says."""

    passages: list[DocxPassage] = field(default_factory=list)
    """In the order of the text; a note's stand behind the passage that calls it."""
    comment_ranges: dict[str, CommentRange] = field(default_factory=dict)
    """The words under each comment, by the comment's id."""
    row_lengths: dict[RowKey, int] = field(default_factory=dict)
    """The number of cells of each row of each table."""
    shifts_notes: bool = False
    """Whether tracked changes in its notes may stand some letters beside where they were made."""
