"""Text of a Word file: its passages, and the ranges of its comments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from nioc_paper.review.docx.paragraph import Paragraph, RowKey


class DocxPassage(Struct, frozen=True):
    """Paragraph of a Word file."""

    paragraph: Paragraph
    bookmarks: tuple[str, ...] = ()
    """Bookmarks in it: none if they were lost, several if paragraphs were joined."""
    style: str = ""
    author: str = ""
    """Author of a tracked deletion in it; may be empty."""
    deletes_formula: bool = False
    """Whether a formula in it is deleted by a tracked change."""
    reshaped_by: str = ""
    """Author of a tracked change of its style or its list; may be empty."""
    cell_merge: str = ""
    """How its cell is merged with others, sideways or downward; empty if it is not."""


class MarginText(NamedTuple):
    """Text of a paragraph in a header or footer."""

    text: str
    author: str
    """Author of a tracked change in it; may be empty."""


class TokenPosition(NamedTuple):
    """Index of a passage, and of a token in it."""

    passage: int
    token: int


class CommentRange(Struct, frozen=True):
    """Tokens that a comment is about, from `start` up to but excluding `end`."""

    start: TokenPosition
    end: TokenPosition


_BODY_STYLES = frozenset(
    (
        "",
        "normal",
        "standard",
        "body text",
        "text body",
        "first paragraph",
        "compact",
        "no spacing",
        "list paragraph",
        "footnote text",
        "endnote text",
    )
)
"""Names of styles of plain text, in lower case."""


class DocxText(Struct):
    """Contents of a Word file."""

    passages: list[DocxPassage] = field(default_factory=list)
    """In text order; those of a note follow the passage that calls it."""
    comment_ranges: dict[str, CommentRange] = field(default_factory=dict)
    """Range of each comment by its id."""
    row_lengths: dict[RowKey, int] = field(default_factory=dict)
    """Number of columns of each row of each table."""
    page_margins: Sequence[MarginText] = ()
    """Text in headers and footers."""
    ignored_formatting: Counter[str] = field(default_factory=Counter)
    """Number of words with each kind of formatting that a chapter cannot hold, such as highlighting."""
    deletions: Sequence[tuple[str, str]] = ()
    """Words of each paragraph that tracked changes delete, without spaces, and the author of these changes."""
    item_labels: Mapping[str, str] = field(default_factory=dict)
    """Kinds of boxes by their words in the paper, in lower case."""
    printed_labels: Mapping[str, str] = {}
    """Labels of the paper, such as "Gap TF-G1", by id."""
    shifts_notes: bool = False
    """Whether tracked changes in its notes may be some letters away from where they were made."""

    def find_remover(self, passage: DocxPassage) -> str:
        """Return the author of the tracked deletion of a whole passage that was sent; empty if there is none."""
        words = "".join(t.normalized for t in passage.paragraph.tokens if not t.text.startswith("\1"))
        return next((author for text, author in self.deletions if words and text.endswith(words)), "")

    def ignored_since(self, base: DocxText) -> tuple[str, ...]:
        """Return the formatting, and the styles of paragraphs, that this file has and its base has not."""
        known = _BODY_STYLES | {passage.style.casefold() for passage in base.passages}
        plain = (passage.style for passage in self.passages if passage.paragraph.kind == "para")
        styles = dict.fromkeys(f"the style '{style}'" for style in plain if style.casefold() not in known)
        return (*(self.ignored_formatting - base.ignored_formatting), *styles)
