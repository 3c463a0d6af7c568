"""Text as paragraphs (headings, cells and notes too), each a run of tokens that can be compared; files as passages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple
from urllib.parse import quote

from msgspec import Struct, field

from nioc_paper.tree.markdown_scan import normalize_word

_WORD = re.compile(r"\w+(?:[’'\-\u2011]\w+)*|[^\w\s]")
_ATOM_LABELS: Mapping[str, str] = {"image": "[picture]", "note": "[note]", "math": "[formula]", "break": "¶"}
_VALUE_LABELS: Mapping[str, str] = {"math": "formula", "box": "text box:", "symbol": "symbol"}
"""Labels of atoms that are shown with their values."""
_UNMERGED_FORMATTING = frozenset(("Superscript", "Subscript", "Hidden"))
"""Formatting that no half of a word shares with the other."""
HIDDEN = "Hidden"
"""Formatting of words that Word hides."""
LINK = "link "
"""Beginning of the formatting of linked words; the target follows."""
_URL_SIGNS = "%/:?#@!$&'+,;=~-._"
"""Signs of an address that Markdown reads as they are."""
_HOST_ONLY = re.compile(r"(\w+://[^/]+)/")


ParagraphKind = Literal["para", "heading", "item", "cell", "caption", "term", "code"]
Stream = Literal["text", "caption", "note"]
"""Captions and notes are elsewhere in Word than in Markdown, so each stream is compared in its own order."""


class Token(NamedTuple):
    """Word, sign, or atom: something that changes as a whole or not at all."""

    text: str
    space_before: bool = False
    """Whether white space comes before it."""
    formatting: frozenset[str] = frozenset()
    """Formatting: Strong, Emph, Strikeout, Superscript, Subscript, Code, Hidden, and links: see `link_formatting`."""
    atom: str = ""
    """Name of the atom that it is, or is a word of: cite-2, xref-1, note-4, math-1, image-1."""
    span: tuple[int, int] | None = None
    """Offsets in the source of its first character and after its last; None if not found."""
    author: str = ""
    """Author of its tracked insertion; may be empty."""

    def with_span(self, span: tuple[int, int] | None, atom: str) -> Token:
        """Return the token with its place and atom. Every word of a merge gets them; `_replace` is slower."""
        return Token(self.text, self.space_before, self.formatting, atom, span, self.author)

    @property
    def normalized(self) -> str:
        """Normalized text; equal tokens have equal normalized texts."""
        return normalize_word(self.text)

    @property
    def display(self) -> str:
        """Text for readers: a label for an atom without words."""
        kind, _, value = self.text.removeprefix("\1").partition(":")
        if not self.text.startswith("\1"):
            return f"[hidden {self.text}]" if HIDDEN in self.formatting else self.text
        if kind in _VALUE_LABELS and value:
            return f"[{_VALUE_LABELS[kind]} {value}]"
        label = _ATOM_LABELS.get(kind.partition("-")[0], f"[{kind}]")
        return " ".join(filter(None, (label, self.alt_text)))

    @property
    def alt_text(self) -> str:
        """Alternative text of a picture; empty for others."""
        return self.text.partition(" ")[2] if self.is_picture else ""

    @property
    def is_picture(self) -> bool:
        """Whether it is a picture: its text has a hash of the file, a space and the alternative text."""
        return self.text.startswith("\1image:")


class RowKey(NamedTuple):
    """Row of a table, both counted from 0."""

    table: int
    row: int


class CellPosition(Struct, frozen=True):
    """Position of a paragraph's cell, all from 0; tables are counted through the text."""

    table: int
    row: int
    column: int

    @property
    def row_key(self) -> RowKey:
        """Row that it is in."""
        return RowKey(self.table, self.row)


class Paragraph(Struct, frozen=True, eq=False):
    """Paragraph, heading, cell, caption, or paragraph of a note."""

    bookmark: str
    """Name of its bookmark; empty without one."""
    kind: ParagraphKind
    tokens: tuple[Token, ...] = ()
    level: int = 0
    """Level of a heading; depth of an item of a list, from 1."""
    ordered: bool = False
    """Whether it is an item of a numbered list."""
    note: str = ""
    """Atom of the note that it is part of."""
    cell: CellPosition | None = None
    divs: tuple[int, ...] = ()
    """Numbers of the Divs around it, counted through the text, outermost first. Equal paragraphs may be in others."""

    def __eq__(self, other: object) -> bool:
        return self._content == other._content if isinstance(other, Paragraph) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._content)

    @property
    def _content(self) -> tuple[object, ...]:
        return self.bookmark, self.kind, self.tokens, self.level, self.ordered, self.note, self.cell

    @property
    def stream(self) -> Stream:
        """Stream that it is compared in."""
        return "note" if self.note else "caption" if self.kind == "caption" else "text"

    @property
    def normalized_words(self) -> tuple[str, ...]:
        """Normalized texts of its tokens."""
        return tuple([t.normalized for t in self.tokens])

    @property
    def text(self) -> str:
        """Its words as a reader sees them."""
        return "".join(f" {t.display}" if t.space_before and n else t.display for n, t in enumerate(self.tokens))


def tokenize(
    text: str, *, space_before: bool = False, formatting: frozenset[str] = frozenset(), atom: str = "", author: str = ""
) -> Iterator[Token]:
    """Yield the words and signs of a text; `space_before` tells whether white space comes before it."""
    if text.isalnum():  # as nine of ten words of a chapter, which come one by one
        yield Token(text, space_before, formatting, atom, author=author)
        return
    end = 0
    for match in _WORD.finditer(text):
        gap = match.start() > end or (space_before and match.start() == 0)
        yield Token(match[0], gap or (space_before and end == 0), formatting, atom, author=author)
        end = match.end()


def link_formatting(target: str) -> frozenset[str]:
    """Return the formatting of words with a link; a place of the file has "#" before its name."""
    address = quote(target.strip(), safe=_URL_SIGNS)
    # Programs add the slash to a host.
    return frozenset({LINK + (match[1] if (match := _HOST_ONLY.fullmatch(address)) else address)})


def links_in(formatting: frozenset[str], *, inside: bool = False) -> list[str]:
    """Return the links of a formatting; with `inside` only those to places of the file."""
    return sorted(kind for kind in formatting if kind.startswith(f"{LINK}#" if inside else LINK))


def join_split_words(tokens: Sequence[Token]) -> list[Token]:
    """Join halves of a word that a change of formatting or a revision has split.

    Raised and lowered signs stay on their own: without their place, 10 to the power of 6 is 106.
    """
    out: list[Token] = []
    for token in tokens:
        last = out[-1] if out else None
        if last and _is_split(last, token):
            out[-1] = Token(
                last.text + token.text,
                last.space_before,
                last.formatting & token.formatting,
                last.atom or token.atom,
                author=last.author or token.author,
            )
        else:
            out.append(token)
    return out


def _is_split(first: Token, second: Token) -> bool:
    """Return whether two tokens are halves of a word."""
    is_word = bool(first.text and second.text and not second.space_before and _WORD.fullmatch(first.text + second.text))
    return is_word and not _UNMERGED_FORMATTING & (first.formatting ^ second.formatting)


# --- passages of a Word file, and the ranges of its comments ----------------------------------------------------------


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
    sign: str = ""
    """Pattern of the sign that its list shows before it; empty outside of lists."""
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


BODY_STYLE = re.compile(
    r"(body text|text body|first paragraph|normal|standard|compact|default.*|no spacing|list paragraph"
    r"|(foot|end)note text)?$",
    re.IGNORECASE,
)
"""Paragraph styles of running text; any other belongs to the Div around it."""


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
    list_lines: list[str] = field(default_factory=list)
    """Lines of contents and other lists that the tool or Word makes."""
    page_layouts: Sequence[str] = ()
    """Layouts of pages, each but the first different from the one before."""
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
        known = {passage.style.casefold() for passage in base.passages}
        plain = (passage.style for passage in self.passages if passage.paragraph.kind == "para")
        other = (style for style in plain if not BODY_STYLE.match(style) and style.casefold() not in known)
        styles = dict.fromkeys(f"the style '{style}'" for style in other)
        pages = ["the layout of pages"] if self.page_layouts != base.page_layouts else []
        return (*(self.ignored_formatting - base.ignored_formatting), *styles, *pages)
