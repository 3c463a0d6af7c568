"""A chapter as a small e-book that pandoc makes of it alone, and the book that these are joined to.

What is counted through the book is counted when they are joined: the numbers of files, of pictures, of lines of the
contents, and with them where links lead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import accumulate, count
from types import MappingProxyType
from typing import NamedTuple, Self

from lxml import etree

from nioc_paper import pandoc
from nioc_paper.model import Node
from nioc_paper.ooxml import zips
from nioc_paper.ooxml.xml import parse
from nioc_paper.render import page_read
from nioc_paper.render.letters import Found
from nioc_paper.wording import digits, direction, labels

_ARGS = ("--split-level=1", "--toc", "--toc-depth=2", "--mathml", "--syntax-highlighting=none")
PACKAGE, NAV = "EPUB/content.opf", "EPUB/nav.xhtml"
# In the files as they are read here a sign < stands nowhere but at the start of a tag.
_LINK = re.compile(r'(<a\b[^<>]*? href=")(?:ch([0-9]+)\.xhtml)?#([^"]+)')
_IMAGE = re.compile(r'(<img\b[^<>]*? src="\.\./media/)([^"]+)')
_LINE = re.compile(r'(<li id="toc-li-|<navPoint id="navPoint-)[0-9]+')
_TARGET = re.compile('(<a href="text/|<content src="text/)ch([0-9]+)')
_WITHIN: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        NAV: re.compile('(?s)(.*?<ol class="toc">)(.*)(</ol></nav>.*)'),
        "EPUB/toc.ncx": re.compile("(?s)(.*?</navPoint>\n)(.*)(  </navMap>.*)"),  # the first leads to the title page
    }
)
"""The files that are contents, for readers of today and for old ones, and where in these the lines of chapters are."""


def book(blocks: Iterable[Node], meta: Mapping[str, object]) -> bytes:
    """Blocks as an e-book of pandoc's, a file for each heading of level 1."""
    return pandoc.write(blocks, "epub3", meta=meta, args=_ARGS)


class Page(NamedTuple):
    """A file of the text."""

    text: str
    ids: Sequence[str]
    needs: str
    """What its reader must be able to show, in the words of the list of files."""


class Piece(NamedTuple):
    """A chapter by itself."""

    pages: Sequence[Page]
    lines: Mapping[str, str]
    """Its lines in each file that is contents."""
    pictures: Sequence[tuple[str, str, str]]
    """The name of each in the pages, its media type, and the digits of its bytes."""
    held: Found
    """What was read back from the pages."""

    @classmethod
    def of(cls, book: bytes, language: str) -> Self:
        """What is in a book of pandoc's whose text is in a language."""
        members = zips.read(book)
        items = {item.get("href", ""): item for item in parse(members[PACKAGE]).iter("{*}item")}
        pages, pictures = [], []
        for href, item in items.items():
            data = members[f"EPUB/{href}"]
            if href.startswith("text/ch"):
                pages.append(_page(finished(data, language), item.get("properties", "")))
            elif href.startswith("media/"):
                pictures.append((href.removeprefix("media/"), item.get("media-type", ""), data.hex()))
        lines = {name: _lines(name, members[name])[1] for name in _WITHIN}
        held = page_read.pages(page.text.encode() for page in pages)
        return cls(pages, lines, pictures[::-1], held)  # pandoc lists the last picture first

    @classmethod
    def read(cls, kept: bytes) -> Self:
        """A piece as `written` has put it down."""
        pages, *rest = json.loads(kept)
        return cls([Page(*page) for page in pages], *rest)

    def written(self) -> bytes:
        """The piece as it is kept."""
        return json.dumps(self).encode()


def _page(data: bytes, needs: str) -> Page:
    return Page(data.decode(), [name for node in parse(data).iter() if (name := node.get("id"))], needs)


def _lines(name: str, data: bytes) -> tuple[str, str, str]:
    """A file that is contents: what stands before the lines of chapters, these lines, and what stands after them."""
    found = _WITHIN[name].fullmatch(data.decode())
    return (found[1], found[2], found[3]) if found else (data.decode(), "", "")


def finished(page: bytes, language: str) -> bytes:
    """A file of the book with its heading as its title, where pandoc writes the name of the file; in its language."""
    root = etree.fromstring(page)
    heading = next(root.iter("{*}h1"), None)
    title = next(root.iter("{*}title"), None)
    if heading is not None and title is not None and (title.text or "").endswith(".xhtml"):
        title.text = " ".join("".join(map(str, heading.itertext())).split())
    language = language if heading is None else heading.get("lang", language)
    for name in ("lang", "{http://www.w3.org/XML/1998/namespace}lang"):
        root.set(name, language)
    if direction(language) == "rtl":
        root.set("dir", "rtl")
    for corner in [cell for cell in root.iter("{*}th") if len(cell) == 0 and not cell.text]:  # the heading of nothing
        corner.tag = corner.tag.removesuffix("th") + "td"
        corner.attrib.pop("scope", "")
    for node in root.iter("{*}a"):
        if node.get("role") == "doc-noteref":
            node.text = digits(node.text or "", labels(language))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, doctype="<!DOCTYPE html>")


# --- joining ----------------------------------------------------------------------------------------------------------


def joined(shell: bytes, pieces: Sequence[Piece]) -> dict[str, bytes]:
    """The members of a book with the chapters of some pieces, of which `shell` holds the first already."""
    members = zips.read(shell)
    pages = [page for piece in pieces for page in piece.pages]
    where = {name: _file(number) for number, page in enumerate(pages, 1) for name in page.ids}
    pictures: dict[tuple[str, str], str] = {}
    befores = accumulate((len(piece.pages) for piece in pieces[:-1]), initial=0)
    placed = [*zip(befores, pieces, strict=True)]
    for before, piece in placed:
        own = {name: _named(pictures, name, *picture) for name, *picture in piece.pictures}
        for number, page in enumerate(piece.pages, before + 1):
            text = _LINK.sub(partial(_led, page, where, before), page.text)
            members[f"EPUB/text/{_file(number)}"] = _IMAGE.sub(partial(_shown, own), text).encode()
    for name in _WITHIN:
        lines = "".join(_numbered(piece.lines[name], before) for before, piece in placed)
        members[name] = _counted(name, members[name], lines)
    members |= {f"EPUB/media/{name}": bytes.fromhex(content) for (_, content), name in pictures.items()}
    members[PACKAGE] = _listed(members[PACKAGE], pages, pictures)
    return members


def _file(number: int) -> str:
    return f"ch{number:03}.xhtml"


def _named(pictures: dict[tuple[str, str], str], name: str, kind: str, content: str) -> str:
    """What a picture of a piece is called in the book, where the same picture is there once."""
    return pictures.setdefault((kind, content), f"file{len(pictures)}.{name.rpartition('.')[2]}")


def _shown(own: Mapping[str, str], image: re.Match[str]) -> str:
    return image[1] + own[image[2]]


def _led(page: Page, where: Mapping[str, str], before: int, link: re.Match[str]) -> str:
    """A link with the file that it leads to: one of its own piece is known to that, notes stand in the same file."""
    start, own, name = link.groups()
    if own:
        return f"{start}{_file(before + int(own))}#{name}"
    return link[0] if name in page.ids else f"{start}{where.get(name, '')}#{name}"


def _numbered(lines: str, before: int) -> str:
    """Lines of contents that lead to files which have others before them."""
    return _TARGET.sub(lambda found: f"{found[1]}ch{before + int(found[2]):03}", lines)


def _counted(name: str, data: bytes, lines: str) -> bytes:
    """A file that is contents with other lines, which are counted from 1."""
    start, _, end = _lines(name, data)
    numbers = count(1)
    return (start + _LINE.sub(lambda found: f"{found[1]}{next(numbers)}", lines) + end).encode()


def _listed(package: bytes, pages: Sequence[Page], pictures: Mapping[tuple[str, str], str]) -> bytes:
    """The list of files, and the order of the text in it, with these pages and pictures."""
    root = parse(package)
    manifest, spine = (next(root.iter("{*}" + name)) for name in ("manifest", "spine"))
    for listed, told in ((manifest, "href"), (spine, "idref")):
        listed[:] = [item for item in listed if not item.get(told, "").startswith(("text/ch", "media/", "ch"))]
    for number, page in enumerate(pages, 1):
        name = _file(number).replace(".", "_")
        item = {"id": name, "href": f"text/{_file(number)}", "media-type": "application/xhtml+xml"}
        etree.SubElement(manifest, manifest[0].tag, item | ({"properties": page.needs} if page.needs else {}))
        etree.SubElement(spine, spine[0].tag, {"idref": name})
    for (kind, _), name in pictures.items():
        item = {"id": name.replace(".", "_"), "href": f"media/{name}", "media-type": kind}
        etree.SubElement(manifest, manifest[0].tag, item)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
