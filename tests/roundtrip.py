"""Edits of chapters in Word, each with the source that it must lead to; and what came of them, as a table.

`python tests/roundtrip.py [CHAPTER]…` prints the table: kinds of edits by what happened to the file on its way.
"""

from __future__ import annotations

import itertools
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from command_kit import kept_word_files
from sample_paper import FULL, full
from word_kit import Edited, element_text, resaved

from nioc_paper import tree
from nioc_paper.app.sendings.export_word import export_sending
from nioc_paper.model import Chapter, Paper, Sending
from nioc_paper.ooxml.package import Package
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.docx.bookmarks import add_bookmarks
from nioc_paper.review.docx.paragraph import Paragraph, Token
from nioc_paper.review.exchange import incoming
from nioc_paper.review.merge.markdown_source import MarkdownSource, locate_words
from nioc_paper.system import pandoc
from nioc_paper.system.files import default_templates

SENDING = Sending(id="1", to="a-reviewer", on=date(2020, 2, 18), commit="0" * 40)
OUTCOMES = ("exact", "same content", "conflict", "wrong", "spoiled")
"""Spoiled is a file that another program has saved with other words or paragraphs than it was given: LibreOffice
shifts tracked changes in footnotes by some letters."""


def parse(text: str) -> list[dict[str, Any]]:
    return pandoc.parse_markdown(text)[0]


def content(text: str) -> Any:
    """Content of a text: its tree, without places."""
    return [tree.rewrite(lambda n: {"t": "Space"} if n["t"] == "SoftBreak" else n, b) for b in parse(text)]


@dataclass
class Phrase:
    """Three successive words that are once in a chapter and once in its Word file."""

    leaf: Paragraph
    words: Sequence[Token]
    source: str

    @property
    def span(self) -> tuple[int, int]:
        first, last = self.words[0].span, self.words[-1].span
        assert first
        assert last
        return first[0], last[1]

    @property
    def text(self) -> str:
        return self.source[slice(*self.span)]

    @property
    def middle(self) -> str:
        return self.words[1].text


@dataclass
class Sent:
    """A chapter that is in Word."""

    paper: Paper
    chapter: Chapter
    data: bytes = b""
    picks: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self) -> None:
        with kept_word_files(FULL):
            self.data = export_sending(self.paper, self.chapter.id, SENDING, default_templates(), compressed=False).data
        self.reading = docx_reader.read_docx(Package(self.data))

    @cached_property
    def body(self) -> str:
        return incoming.blank_front_matter(self.chapter)

    @cached_property
    def source(self) -> MarkdownSource:
        return locate_words(self.body, add_bookmarks(parse(self.body)).paragraphs)

    @cached_property
    def printed(self) -> str:
        return "\n".join(element_text(p) for p in Edited(self.data).paragraphs())

    def phrases(self, wanted: Callable[[Paragraph], bool]) -> Iterator[Phrase]:
        """Phrases in leaves of a kind, in an order that is always the same and as good as any."""
        phrases = []
        for leaf in filter(wanted, self.source.paragraphs):
            for n in range(1, len(leaf.tokens) - 2):
                words = leaf.tokens[n : n + 3]
                if all(
                    t.span and not t.atom and not t.formatting and t.text.isalpha() and len(t.text) > 2 for t in words
                ):
                    phrase = Phrase(leaf, words, self.body)
                    if self.printed.count(phrase.text) == 1 and self.body.count(phrase.text) == 1:
                        phrases.append(phrase)
        self.picks.shuffle(phrases)
        yield from phrases

    def edited(self, author: str = "") -> Edited:
        """The file in somebody's hands."""
        return Edited(self.data, author)

    def received(self, data: bytes) -> tuple[str, int]:
        """The text that a file leads to, and how many changes were left."""
        base = self.chapter
        merged = incoming.merge_received(base, self.reading, docx_reader.read_docx(Package(data)), parse)
        return merged.apply_to(base.text), len(merged.conflicts)


Edit = Callable[[Edited, Phrase], object]
Expected = Callable[[str, Phrase], str]


def put(text: str, span: tuple[int, int], new: str) -> str:
    return text[: span[0]] + new + text[span[1] :]


def lines(text: str, phrase: Phrase) -> tuple[int, int]:
    """The paragraph that a phrase is in: from blank line to blank line."""
    start, end = phrase.span
    return text.rfind("\n\n", 0, start) + 2, text.find("\n\n", end) if text.find("\n\n", end) >= 0 else len(text)


def other(text: str, phrase: Phrase, new: str) -> str:
    """The phrase with another word in its middle."""
    span = phrase.words[1].span
    assert span
    return put(text, span, new)


def taken_out(text: str, phrase: Phrase) -> str:
    first, second = phrase.words[0].span, phrase.words[1].span
    assert first
    assert second
    return put(text, (first[1], second[1]), "")


def without(text: str, phrase: Phrase) -> str:
    start, end = lines(text, phrase)
    return text[:start] + text[end:].lstrip("\n")


def bold(text: str, phrase: Phrase) -> str:
    return other(text, phrase, f"**{phrase.middle}**")


def split(text: str, phrase: Phrase) -> str:
    span = phrase.words[0].span
    assert span
    return text[: span[0]].rstrip() + "\n\n" + text[span[0] :]


def row_gone(text: str, phrase: Phrase) -> str:
    start = text.rfind("\n", 0, phrase.span[0])
    return text[:start] + text[text.find("\n", phrase.span[1]) :]


def para(leaf: Paragraph) -> bool:
    return leaf.kind == "para" and not leaf.note and not leaf.divs


def within(leaf: Paragraph) -> bool:
    return leaf.kind == "para" and not leaf.note and bool(leaf.divs)


KINDS: dict[str, tuple[Callable[[Paragraph], bool], Edit, Expected]] = {
    "a word replaced": (
        para,
        lambda e, p: e.replace(p.text, p.text.replace(f" {p.middle} ", " altogether ")),
        lambda t, p: other(t, p, "altogether"),
    ),
    "words put in": (
        para,
        lambda e, p: e.insert(p.text, " and much else"),
        lambda t, p: put(t, p.span, f"{p.text} and much else"),
    ),
    "a word taken out": (para, lambda e, p: e.replace(p.text, p.text.replace(f" {p.middle} ", " ")), taken_out),
    "a word made bold": (para, lambda e, p: e.style(p.text, "w:b"), lambda t, p: put(t, p.span, f"**{p.text}**")),
    "in a heading": (
        lambda leaf: leaf.kind == "heading",
        lambda e, p: e.replace(p.text, p.text.replace(f" {p.middle} ", " altogether ")),
        lambda t, p: other(t, p, "altogether"),
    ),
    "in an item of a list": (
        lambda leaf: leaf.kind == "item" and not leaf.divs,
        lambda e, p: e.replace(p.text, p.text.replace(f" {p.middle} ", " altogether ")),
        lambda t, p: other(t, p, "altogether"),
    ),
    "in a recommendation": (
        within,
        lambda e, p: e.replace(p.text, p.text.replace(f" {p.middle} ", " altogether ")),
        lambda t, p: other(t, p, "altogether"),
    ),
    "in a field": (
        lambda leaf: leaf.kind == "item" and bool(leaf.divs),
        lambda e, p: e.replace(p.text, p.text.replace(f" {p.middle} ", " altogether ")),
        lambda t, p: other(t, p, "altogether"),
    ),
    "in a cell": (
        lambda leaf: leaf.cell is not None,
        lambda e, p: e.replace(p.text, p.text.replace(f" {p.middle} ", " altogether ")),
        lambda t, p: other(t, p, "altogether"),
    ),
    "in a caption": (
        lambda leaf: leaf.kind == "caption",
        lambda e, p: e.replace(p.text, p.text.replace(f" {p.middle} ", " altogether ")),
        lambda t, p: other(t, p, "altogether"),
    ),
    "in a footnote": (
        lambda leaf: bool(leaf.note),
        lambda e, p: e.replace(p.text, p.text.replace(f" {p.middle} ", " altogether ")),
        lambda t, p: other(t, p, "altogether"),
    ),
    "a new paragraph": (
        para,
        lambda e, p: e.add(p.text, "A paragraph of new words.", like=True),
        lambda t, p: put(t, (lines(t, p)[1],) * 2, "\n\nA paragraph of new words."),
    ),
    "a paragraph taken out": (para, lambda e, p: e.drop(p.text), without),
    "a paragraph parted": (para, lambda e, p: e.split(p.text), split),
    "a row taken out": (lambda leaf: leaf.cell is not None, lambda e, p: e.drop_row(p.text), row_gone),
    "a new footnote": (
        para,
        lambda e, p: e.add_note(p.text, "A note of new words."),
        lambda t, p: put(t, p.span, f"{p.text}^[A note of new words.]"),
    ),
}
WAYS: dict[str, Callable[[Edited], bytes]] = {
    "direct": lambda e: e.save(),
    "marks lost": lambda e: e.strip().save(),
    "LibreOffice": lambda e: resaved(e.save())[0],
}


def words(data: bytes) -> list[str]:
    """The paragraphs of a Word file, its changes accepted, as far as they say something."""
    return [line for p in Edited(data).paragraphs() if (line := " ".join(element_text(p).split()))]


def judged(sent: Sent, data: bytes, expected: str, unsaved: bytes) -> str:
    """Result of an edit; `expected` is the source that it should lead to, `given` the file as it was edited."""
    outcome = _judged(sent, data, expected)
    return "spoiled" if outcome in ("wrong", "conflict") and words(data) != words(unsaved) else outcome


def _judged(sent: Sent, data: bytes, expected: str) -> str:
    merged, left = sent.received(data)
    if merged == expected:
        return "exact" if not left else "conflict"
    if content(merged) == content(expected):
        return "same content" if not left else "conflict"
    return "conflict" if left and content(merged) == content(sent.chapter.text) else "wrong"


def edits(sent: Sent, kind: str, author: str, count: int) -> Iterator[tuple[Edited, str]]:
    """Edited files of a chapter, each with the source that it should lead to."""
    wanted, edit, expected = KINDS[kind]
    for _, phrase in zip(range(count), sent.phrases(wanted), strict=False):
        file = Edited(sent.data, author)
        edit(file, phrase)
        yield file, expected(sent.chapter.text, phrase)


def place(phrase: Phrase) -> object:
    """The row of the table that holds a phrase, or its paragraph: an edit of a row may take all its cells out."""
    return phrase.leaf.cell.row_key if phrase.leaf.cell else phrase.leaf.bookmark


def several(sent: Sent, kinds: Sequence[str], author: str) -> tuple[Edited, list[tuple[Phrase, Expected]]]:
    """A file with an edit of each kind, in passages of their own; and the edits, the last of the text first."""
    file, done = Edited(sent.data, author), list[tuple[Phrase, Expected]]()
    for kind in kinds:
        wanted, edit, expected = KINDS[kind]
        used_places = {place(phrase) for phrase, _ in done}
        phrase = next((p for p in sent.phrases(wanted) if place(p) not in used_places), None)
        if phrase:
            edit(file, phrase)
            done.append((phrase, expected))
    return file, sorted(done, key=lambda each: -each[0].span[0])


def sources(text: str, edits: Sequence[tuple[Phrase, Expected]]) -> Iterator[str]:
    """The text with all of the edits, then with some of them, then with none."""
    for chosen in sorted(itertools.product((True, False), repeat=len(edits)), key=sum, reverse=True):
        out = text
        for (phrase, expected), wanted in zip(edits, chosen, strict=True):
            out = expected(out, phrase) if wanted else out
        yield out


def table(chapters: Sequence[str], each: int = 1) -> str:
    """Kinds of edits by the way that the file took: how many were exact, of the same content, left, and wrong."""
    sents = [Sent(full(), c) for c in full().chapters if c.id in chapters]
    rows = [f"{'':24}" + "".join(f"{way:>22}" for way in WAYS)]
    for kind in KINDS:
        cells = []
        for go in WAYS.values():
            counts = Counter(
                judged(sent, go(file), expected, file.save())
                for sent in sents
                for author in ("", "A. Reviewer")
                for file, expected in edits(sent, kind, author, each)
            )
            cells.append(" / ".join(f"{counts[outcome]}" for outcome in OUTCOMES))
        rows.append(f"{kind:24}" + "".join(f"{cell:>22}" for cell in cells))
        sys.stdout.write(f"{rows[-1]}\n")
        sys.stdout.flush()
    return "\n".join([*rows, " / ".join(OUTCOMES)])


if __name__ == "__main__":
    sys.stdout.write(table(sys.argv[1:] or ["ferries", "harbours"]) + "\n")
