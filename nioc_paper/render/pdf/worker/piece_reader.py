"""Contents of a piece, read back from the objects of its PDF, as `pdf_reader` reads those of a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial

import pydyf

from nioc_paper.render.pdf.worker.unwritten_objects import dereference, pages_of, stream_data
from nioc_paper.render.verify.normalized_text import Contents
from nioc_paper.render.verify.tagged_contents import TaggedElement, contents_of, letters_by_glyph, marked_text


def read_contents(pdf: pydyf.PDF) -> Contents:
    """Return the contents of the structure tree."""
    text_by_page = dict(zip(pdf.page_references, _text_of_pages(pdf), strict=True))
    root = dereference(pdf, dereference(pdf, pdf.catalog["StructTreeRoot"])["K"][0])
    destinations = pdf.catalog["Names"]["Dests"]["Names"][::2] if "Names" in pdf.catalog else ()
    return contents_of(_read_element(pdf, text_by_page, root, b""), (name.string for name in destinations))


def _text_of_pages(pdf: pydyf.PDF) -> list[dict[int, str]]:
    """Return the text of each page by mcid."""
    pages = pages_of(pdf)
    fonts = dereference(pdf, dereference(pdf, pages[0]["Resources"])["Font"])  # all pages have the same resources

    @cache
    def letters_of_font(name: str) -> Mapping[int, str]:
        font = dereference(pdf, fonts[name.removeprefix("/")])
        return letters_by_glyph(stream_data(dereference(pdf, font["ToUnicode"])))

    return [marked_text(stream_data(dereference(pdf, page["Contents"])), letters_of_font) for page in pages]


def _read_element(
    pdf: pydyf.PDF, text_by_page: Mapping[bytes, Mapping[int, str]], entry: pydyf.Dictionary, page: bytes
) -> TaggedElement:
    """Return an element with all below it. `page` is that of the element above."""
    page = entry.get("Pg", page)
    read_below = partial(_read_element, pdf, text_by_page)
    alt = entry["Alt"].string if "Alt" in entry else ""
    element = TaggedElement(entry["S"].removeprefix("/"), alt)
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
