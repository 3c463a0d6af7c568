"""Piece of a paper for the cache and the merge: objects of its pages without fonts, and data about them.

All pieces use the same fonts; the merge embeds each once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pydyf
import uharfbuzz
from weasyprint.document import Document as WeasyDocument

from nioc_paper.render.pdf.pdf_file import PieceObjects, with_ua_identifier
from nioc_paper.render.pdf.worker.object_extraction import (
    EXTRA_KEY,
    dereference,
    extract_pages,
    extract_sheets,
    find_resources,
    font_names,
    list_pages,
    mark,
    read_stream,
)
from nioc_paper.render.pdf.worker.patches.speed import own_fonts
from nioc_paper.render.pdf.worker_messages import (
    PIECE_LINK_PREFIX,
    POINTS_PER_PIXEL,
    BlankNumber,
    Bookmark,
    FontUsage,
    PageAnchor,
    PieceInfo,
)
from nioc_paper.render.verify.normalized_text import Contents
from nioc_paper.render.verify.tagged_pdf_reader import TaggedElement, collect_contents, read_letters, read_marked_text

if TYPE_CHECKING:
    from weasyprint.document import BookmarkTree  # in our stub only


_POSTSCRIPT_NAME = 6
"""Number of the PostScript name in the `name` table of a font. HarfBuzz reads it: fontTools takes 50 ms to import."""


def extract_piece(
    document: WeasyDocument, pdf: pydyf.PDF, blanks: Sequence[BlankNumber], *, is_background: bool
) -> tuple[PieceInfo, PieceObjects]:
    """Take the objects for the merge, without fonts, out of a PDF; return them with the other data for the merge.

    The PDF is of no use afterwards.
    """
    usage_by_font = _collect_font_usage(document)
    for content in (dereference(pdf, page["Contents"]) for page in list_pages(pdf)):
        content.stream = [read_stream(content)]  # joined once: it is read, and then compressed
    if not is_background:
        _link_by_name(pdf)
        metadata = dereference(pdf, pdf.catalog["Metadata"])
        metadata.stream = [with_ua_identifier(read_stream(metadata))]
    contents = {} if is_background else read_contents(pdf)
    fonts = font_names(pdf)
    objects = (extract_sheets if is_background else extract_pages)(pdf, _strip_fonts(pdf, usage_by_font))
    info = PieceInfo(
        sizes=[(page.width * POINTS_PER_PIXEL, page.height * POINTS_PER_PIXEL) for page in document.pages],
        anchors=list(_anchors(document)),
        bookmarks=_bookmarks(document.make_bookmark_tree(POINTS_PER_PIXEL, transform_pages=True)),
        blanks=blanks,
        usage_by_font=usage_by_font,
        fonts=fonts,
        contents=contents,
    )
    return info, objects


def _collect_font_usage(document: WeasyDocument) -> dict[str, FontUsage]:
    """Return the glyphs in use of each font that can be embedded at the merge."""
    usage_by_font: dict[str, FontUsage] = {}
    for font in document.fonts.values():
        if font.hash not in usage_by_font:
            face = uharfbuzz.Face(uharfbuzz.Blob(font.file_content), font.index)
            name = face.get_name(_POSTSCRIPT_NAME) or ""
            usage_by_font[font.hash] = FontUsage(own=name, widths={}, letters={}, flags=0, heights=(0, 0))
        usage = usage_by_font[font.hash]
        usage["widths"] |= {str(glyph): width for glyph, width in font.widths.items()}
        usage["letters"] |= {str(glyph): text for glyph, text in font.to_unicode.items()}
    own = own_fonts(document.fonts.values())
    return {key: usage for key, usage in usage_by_font.items() if key not in own}


def _strip_fonts(pdf: pydyf.PDF, usage_by_font: Mapping[str, FontUsage]) -> dict[bytes, str]:
    """Remove what the merge makes for all pieces together: programs of fonts, widths and maps of their glyphs.

    Returns the mark of each font by the reference to it.
    """
    references = dereference(pdf, find_resources(pdf)["Font"])
    for key, usage in usage_by_font.items():
        font = dereference(pdf, references[key])
        cid_font = dereference(pdf, font["DescendantFonts"][0])
        descriptor = dereference(pdf, cid_font["FontDescriptor"])
        usage["flags"], usage["heights"] = descriptor["Flags"], (int(descriptor["Descent"]), int(descriptor["Ascent"]))
        for name in ("FontFile2", "FontFile3", "Flags", "FontBBox"):
            descriptor.pop(name, None)
        font["ToUnicode"], cid_font["W"], descriptor[EXTRA_KEY] = mark("letters"), mark("widths"), mark("program")
    return {references[key]: f"font-{key}" for key in usage_by_font}


def _link_by_name(pdf: pydyf.PDF) -> None:
    """Replace links to other pieces by links to a named destination, as links within a piece are."""
    for page in list_pages(pdf):
        for link in (dereference(pdf, reference) for reference in page.get("Annots", ())):
            address = link["A"]["URI"].string if "A" in link else ""
            if address.startswith(PIECE_LINK_PREFIX):
                del link["A"]
                link["Dest"] = pydyf.String(unquote(address.removeprefix(PIECE_LINK_PREFIX)))


def _anchors(document: WeasyDocument) -> Iterator[PageAnchor]:
    for index, page in enumerate(document.pages):
        for name, place in page.anchors.items():
            left, up = place[0], page.height - place[1]
            yield PageAnchor(name, index, round(left * POINTS_PER_PIXEL, 3), round(up * POINTS_PER_PIXEL, 3))


def _bookmarks(tree: BookmarkTree) -> list[Bookmark]:
    return [Bookmark(title, place, _bookmarks(below), state) for title, place, below, state in tree]


# --- contents of a document or a piece, read back from the objects of its PDF -----------------------------------------


def read_contents(pdf: pydyf.PDF) -> Contents:
    """Return the contents of the structure tree."""
    text_by_page = dict(zip(pdf.page_references, _text_of_pages(pdf), strict=True))
    root = dereference(pdf, dereference(pdf, pdf.catalog["StructTreeRoot"])["K"][0])
    destinations = pdf.catalog["Names"]["Dests"]["Names"][::2] if "Names" in pdf.catalog else ()
    return collect_contents(_read_element(pdf, text_by_page, root, b""), (name.string for name in destinations))


def _text_of_pages(pdf: pydyf.PDF) -> list[dict[int, str]]:
    """Return the text of each page by mcid."""
    fonts = dereference(pdf, find_resources(pdf)["Font"])

    @cache
    def letters_of_font(name: str) -> Mapping[int, str]:
        font = dereference(pdf, fonts[name.removeprefix("/")])
        return read_letters(read_stream(dereference(pdf, font["ToUnicode"])))

    return [
        read_marked_text(read_stream(dereference(pdf, page["Contents"])), letters_of_font) for page in list_pages(pdf)
    ]


def _read_element(
    pdf: pydyf.PDF, text_by_page: Mapping[bytes, Mapping[int, str]], entry: pydyf.Dictionary, page: bytes
) -> TaggedElement:
    """Return an element with all below it. `page` is that of the element above."""
    page = entry.get("Pg", page)
    read_below = partial(_read_element, pdf, text_by_page)
    element = TaggedElement(entry["S"].removeprefix("/"), entry["Alt"].string if "Alt" in entry else "")
    for reference in entry["K"]:
        kid = dereference(pdf, reference) if isinstance(reference, bytes) else reference
        if isinstance(kid, int):
            element.kids.append(text_by_page[page].get(kid, ""))
        elif "S" in kid:
            element.kids.append(read_below(kid, page))
        elif "MCID" in kid:
            element.kids.append(text_by_page[kid["Pg"]].get(kid["MCID"], ""))
        elif "Dest" in (link := dereference(pdf, kid["Obj"])):
            element.target = link["Dest"].string
    return element
