"""Word files of many paragraphs: the work grows with their length and not faster, and there is a limit that is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest

from nioc_paper.ooxml import safety, xml
from nioc_paper.ooxml.package import Package, read_zip, write_zip
from nioc_paper.ooxml.safety import rejection_reason
from nioc_paper.review.docx import docx_reader, inline_reader
from nioc_paper.review.docx.paragraph import DocxPassage, Paragraph, tokenize
from nioc_paper.review.merge import pairing
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.system import pandoc

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body: str) -> bytes:
    """A Word file with this body."""
    members = read_zip(pandoc.write([{"t": "Para", "c": [{"t": "Str", "c": "x"}]}], "docx"))
    members["word/document.xml"] = f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>'.encode()
    return write_zip(members, 0)


def paragraph(text: str) -> str:
    """A paragraph of a Word file."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(rows: int, columns: int) -> str:
    """A table of a Word file."""
    cells = (
        "".join(f"<w:tc>{paragraph(f'{row * column}')}</w:tc>" for column in range(columns)) for row in range(rows)
    )
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (paragraph("text") * 10_000, ""),
        (paragraph("text") * 20_000, "has 20,000 paragraphs; 10,000 are read"),
        (table(1_500, 60), "has 90,000 paragraphs; 10,000 are read"),
        (paragraph("word " * 5_000), ""),
        (paragraph("word " * 6_000), "has a paragraph of 6,000 words; 5,000 are read"),
    ],
    ids=["many", "too many", "a table", "long", "too long"],
)
def test_a_file_that_is_too_long_is_refused_with_its_length(body: str, message: str) -> None:
    assert rejection_reason(docx(body)) == message


def test_the_manual_says_the_limits() -> None:
    chapter = (Path(__file__).parents[1] / "docs" / "chapters" / "review-rounds.md").read_text(encoding="utf-8")
    table = chapter.partition("\n## Limits\n")[2].partition("\n## ")[0]
    sizes = (
        f"{safety.MAX_BYTES >> 20} MiB",
        f"{safety._MAX_UNPACKED_BYTES >> 20} MiB",
        f"{safety._MAX_RATIO} times",
        f"{safety._MAX_PARTS:,}",
    )
    lengths = (
        f"{safety._MAX_PARAGRAPHS:,}",
        f"{safety._MAX_WORDS:,}",
        f"{safety._MAX_DEPTH}",
        f"{safety._ALWAYS_ALLOWED_BYTES >> 20} MiB",
    )
    assert [limit for limit in (*sizes, *lengths) if limit not in table] == []


class Work:
    """Counts the comparisons of a function."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.words = 0

        def counted(junk: Any, one: Any, other: Any, **options: Any) -> SequenceMatcher[Any]:
            self.words += len(one) + len(other)
            return SequenceMatcher(junk, one, other, **options)

        monkeypatch.setattr(pairing, "SequenceMatcher", counted)

    def of(self, act: Callable[[], object]) -> int:
        """Return how many words are compared by an act."""
        before = self.words
        act()
        return self.words - before


def passages(count: int, text: str) -> Iterator[DocxPassage]:
    """Passages without marks; `text` has a place for the number of each."""
    return (DocxPassage(Paragraph("", "para", tuple(tokenize(text.format(n))))) for n in range(count))


KINDS: dict[str, Callable[[int], tuple[list[DocxPassage], list[DocxPassage]]]] = {
    "all changed": lambda n: (
        [*passages(n, "words number {} of a text with words")],
        [*passages(n, "words number {} of the other text with words")],
    ),
    "all new": lambda n: ([*passages(5, "words number {} of a text")], [*passages(n, "new words {} of a text")]),
    "all gone": lambda n: ([*passages(n, "words number {} of a text")], [*passages(5, "other words {} of a text")]),
    "all alike": lambda n: ([*passages(n, "a a a a")], [*passages(n, "a a a b")]),
    "turned round": lambda n: ([*passages(n, "number {}")], [*passages(n, "number {}")][::-1]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_work_of_a_comparison_grows_with_the_length(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(monkeypatch)

    def compare(count: int) -> int:
        sent, got = KINDS[kind](count)
        return work.of(lambda: pairing.pair_passages([AlignedPassage(passage, None, ()) for passage in sent], got))

    assert compare(400) <= 2.5 * compare(200)


def test_the_work_of_reading_grows_with_the_length(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    real = xml.local_name

    def counted(node: Any) -> str:
        nonlocal calls
        calls += 1
        return real(node)

    for module in (docx_reader, inline_reader):
        monkeypatch.setattr(module, "local_name", counted)

    def read(body: str) -> int:
        nonlocal calls
        calls = 0
        docx_reader.read_docx(Package(docx(body)))
        return calls

    assert read(paragraph("some words") * 400) <= 2.1 * read(paragraph("some words") * 200)
    assert read(table(40, 20)) <= 2.1 * read(table(20, 20))
