"""Parts of a Word file are found by their relationships, whatever their names are."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from functools import cache

import pytest
from lxml import etree
from word_edits import sent
from word_kit import Edited

from nioc_paper.app.sendings.import_word import _read_blocks
from nioc_paper.ooxml.attachments import read_with_standard_names
from nioc_paper.ooxml.package import read_zip, write_zip
from nioc_paper.ooxml.safety import rejection_reason
from nioc_paper.ooxml.xml import parse_element
from nioc_paper.review.docx import docx_comments, docx_reader, import_docx
from nioc_paper.review.docx.import_docx import count_docx_words, prepare_for_pandoc
from nioc_paper.review.exchange import outgoing

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
    margins, origin = [*text.page_margins], outgoing.read_origin(package)
    losses, words = import_docx.list_losses(package), count_docx_words(package)
    prepare_for_pandoc(package)
    return text.passages, margins, comments, replies, origin, losses, words, json.dumps(_read_blocks(package))


@cache
def expected() -> tuple[object, ...]:
    return reading(original())


NAMES = [n for n in read_zip(original()) if n != _TYPES and not n.endswith((".rels", ".odttf"))]


@pytest.mark.parametrize("move", _MOVES)
@pytest.mark.parametrize("name", NAMES)
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
