"""Contents of a piece, read back from the objects of its PDF, as `pdf_reader` reads those of a file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial

import pydyf

from nioc_paper.render.pdf.worker.unwritten_objects import dereference, find_resources, list_pages, read_stream
from nioc_paper.render.verify.normalized_text import Contents
from nioc_paper.render.verify.tagged_contents import TaggedElement, collect_contents, read_letters, read_marked_text


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
