"""Word files of many paragraphs: the work grows with their length and not faster, and there is a limit that is said."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Callable, Iterator, Mapping
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from test_word_links import link_by_field
from word_edits import sent
from word_kit import Edited

from nioc_paper.app.sendings.import_word import _read_blocks
from nioc_paper.ooxml import safety, xml
from nioc_paper.ooxml.attachment_removal import read_with_standard_names
from nioc_paper.ooxml.package import Package, read_zip, write_zip
from nioc_paper.ooxml.safety import rejection_reason
from nioc_paper.ooxml.xml import parse_element
from nioc_paper.review.docx import docx_comments, docx_reader, import_docx, inline_reader
from nioc_paper.review.docx.docx_text import DocxPassage, Paragraph, tokenize
from nioc_paper.review.docx.import_docx import count_docx_words, prepare_for_pandoc
from nioc_paper.review.exchange import sent_docx
from nioc_paper.review.merge import pairing
from nioc_paper.review.merge.source_map import AlignedPassage
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
    chapter = (Path(__file__).parents[2] / "docs" / "chapters" / "review-rounds.md").read_text(encoding="utf-8")
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


# --- parts of a Word file are found by their relationships ------------------------------------------------------------

_TYPES = "[Content_Types].xml"
_MOVES = {
    "renamed": lambda name: f"{name.removesuffix('.xml')}2.xml" if name.endswith(".xml") else f"{name}2.png",
    "in another folder": lambda name: f"Elsewhere/{posixpath.basename(name)}",
    "in no folder": posixpath.basename,
}


@cache
def original() -> bytes:
    """A file with notes, comments and replies, pictures, a header and lists."""
    file = Edited(sent()[1], "Ben").replace("seven old bridges", "nine old bridges")
    file.comment("the first opening", "Which?", by="Ben").comment("the first opening", "Yes.", by="Ada", to="Which?")
    link_by_field(file, "second paragraph", "https://example.org/x")
    picture = file.package.add_related_part("word/media/x.png", "image", b"not read", content="image/png")
    run = '<w:r xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><w:drawing><a:blip r:embed="{}"/>'
    file.paragraph("closes this").append(parse_element(f"{run.format(picture)}</w:drawing></w:r>"))
    file.package.add_related_part(
        "word/header9.xml", "header", file.package.part_bytes("word/footnotes.xml").replace(b"footnote", b"hdr")
    )
    return file.save()


def rename(data: bytes, names: Mapping[str, str]) -> bytes:
    """A file whose parts have other names, with all relationships and types, as another program writes it."""
    parts, out = read_zip(data), dict[str, bytes]()
    for name, part in parts.items():
        if name == _TYPES:
            out[name] = _redirected(part, "", names)
        elif name.endswith(".rels"):
            owner = posixpath.normpath(name.replace("_rels/", "").removesuffix(".rels")).strip(".")
            folder, file = posixpath.split(names.get(owner, owner))
            out[posixpath.join(folder, "_rels", f"{file}.rels")] = _redirected(part, posixpath.dirname(owner), names)
        else:
            out[names.get(name, name)] = part
    return write_zip(out, 0, stored=tuple(out))


def _redirected(part: bytes, folder: str, names: Mapping[str, str]) -> bytes:
    """A list of relationships or types with other names, all from the root of the file."""
    root = etree.fromstring(part)
    for entry in root:
        for key in {"Target", "PartName"} & {*map(str, entry.keys())}:
            if entry.get("TargetMode") != "External":
                old = posixpath.normpath(posixpath.join("/", folder, str(entry.get(key)))).lstrip("/")
                entry.set(key, f"/{names.get(old, old)}")
    return etree.tostring(root)


def reading(data: bytes) -> tuple[object, ...]:
    """Everything that is read of a file from elsewhere, as `receive` reads it."""
    assert rejection_reason(data) == ""
    package = read_with_standard_names(data)
    text = docx_reader.read_docx(package)
    comments = docx_comments.read_comments(package, text, lambda _: "public")
    replies = [len(comment.replies) for comment in comments]
    margins, origin = [*text.page_margins], sent_docx.read_origin(package)
    losses, words = import_docx.list_losses(package), count_docx_words(package)
    prepare_for_pandoc(package)
    return text.passages, margins, comments, replies, origin, losses, words, json.dumps(_read_blocks(package))


@cache
def expected() -> tuple[object, ...]:
    return reading(original())


NAMES = [n for n in read_zip(original()) if n != _TYPES and not n.endswith((".rels", ".odttf"))]


@pytest.mark.parametrize(("name", "move"), [(name, [*_MOVES][n % len(_MOVES)]) for n, name in enumerate(NAMES)])
def test_a_part_is_read_under_any_name_and_in_any_folder(name: str, move: str) -> None:
    assert reading(rename(original(), {name: _MOVES[move](name)})) == expected()


@pytest.mark.parametrize("move", _MOVES)
def test_a_file_is_read_if_all_parts_have_other_names(move: str) -> None:
    assert reading(rename(original(), {name: _MOVES[move](name) for name in NAMES})) == expected()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "word/document.xml"])
def test_parts_that_have_exchanged_their_names_are_not_confused(name: str) -> None:
    swapped = {name: "word/document.xml", "word/document.xml": name}
    if name.endswith(".xml"):
        assert reading(rename(original(), swapped)) == expected()


def test_pictures_of_one_name_in_two_folders_are_two() -> None:
    file = Edited(original())
    for folder in "ab":
        file.package.add_related_part(f"{folder}/x.png", "image", folder.encode(), content="image/png")
    package = read_with_standard_names(file.save())
    pictures = [package.part_bytes(name) for name in package.part_names("word/media/", "x.png")]
    assert sorted(pictures) == [b"a", b"b", b"not read"]


def test_the_sample_has_all_that_is_read() -> None:
    assert all(expected())
    assert [1] in expected()
