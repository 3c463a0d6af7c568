"""Objects of a piece, as text for the merge, taken from WeasyPrint before it writes a file.

To write the file, and to read it with pikepdf, took a thirtieth of the time of a chapter, and pikepdf a tenth of the
start of a worker.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import pydyf
from msgspec import Struct, field

from nioc_paper.render.pdf.pdf_file import SLOT, ObjectGroup, PieceObjects

_MARK = "/nioc:"
EXTRA_KEY = "Nioc"
"""Key of a mark whose value is one entry of a dictionary, or several."""
_TOKEN = re.compile(rb"\((?:[^\\()]|\\.)*\)|(?:/Nioc )?/nioc:([^\s/<>\[\]()]+)|\b(\d+) (\d+) R\b", re.DOTALL)
_UNSAFE_IN_TEXT = re.compile(rb"[\0\n\r]")
"""Characters of a string that would end its line or look like a slot."""
_BOXES = ("MediaBox", "TrimBox", "BleedBox")
_DECIMALS = 6
"""Decimals of the numbers in a file."""
_CATALOG_MARKS: Mapping[str, str] = {
    "Pages": "pages",
    "StructTreeRoot": "structure",
    "Names": "names",
    "Outlines": "outlines",
    "PageLabels": "labels",
}


def mark(name: str) -> str:
    """Return the value in place of what the merge decides."""
    return _MARK + name


def extract_pages(pdf: pydyf.PDF, font_marks: Mapping[bytes, str]) -> PieceObjects:
    """Return the objects of a piece; its PDF is of no use afterwards. `font_marks` is by the reference to the font."""
    extraction = ObjectExtraction(pdf, font_marks)
    root, pages = dereference(pdf, pdf.catalog["StructTreeRoot"]), list_pages(pdf)
    find_resources(pdf)["XObject"][EXTRA_KEY] = mark("backgrounds")
    contents, boxes = zip(*(_mark_page(pdf, page, number) for number, page in enumerate(pages)), strict=True)
    ids = root["IDTree"]["Names"]
    named = [(encode_string(ids[n].string).hex(), ids[n + 1]) for n in range(0, len(ids), 2)]
    owners = dereference(pdf, root["ParentTree"])["Nums"]
    by_number = dict(zip(owners[::2], owners[1::2], strict=True))
    entries = [part for number in sorted(by_number) for part in (mark(f"parent-{number}"), by_number[number])]
    parent_tree, count = pydyf.Array(entries), max(by_number, default=-1) + 1
    pdf.add_object(parent_tree)
    kids = [dereference(pdf, kid) for kid in dereference(pdf, root["K"][0])["K"]]
    inner = [_mark_kid(pdf, kid, n) for n, kid in enumerate(kids)]
    group, indices = extraction.extract([*kids, *chain.from_iterable(inner), *pages, parent_tree])
    pdf.catalog |= {key: mark(name) for key, name in _CATALOG_MARKS.items()}
    pdf.add_object(pdf.info)
    return PieceObjects(
        group=group,
        shared=extraction.shared,
        pages=[indices[page.number] for page in pages],
        contents=contents,
        boxes=boxes,
        kids=[
            (kid["S"], indices[kid.number], [indices[element.number] for element in elements])
            for kid, elements in zip(kids, inner, strict=True)
        ],
        parent_tree=indices[parent_tree.number],
        parent_count=count,
        ids=[(key, indices[dereference(pdf, element).number]) for key, element in named],
        catalog=extraction.extract([pdf.catalog])[0],
        info=extraction.extract([pdf.info])[0],
    )


def extract_sheets(pdf: pydyf.PDF, font_marks: Mapping[bytes, str]) -> PieceObjects:
    """Return the pages of sheets as forms."""
    extraction, forms = ObjectExtraction(pdf, font_marks), []
    for page in list_pages(pdf):
        entries = {"Type": "/XObject", "Subtype": "/Form", "BBox": page["TrimBox"], "Resources": page["Resources"]}
        form = pydyf.Stream(dereference(pdf, page["Contents"]).stream, entries)
        pdf.add_object(form)
        forms.append(form)
    group, indices = extraction.extract(forms)
    return PieceObjects(group, extraction.shared, [indices[form.number] for form in forms])


def _mark_page(pdf: pydyf.PDF, page: pydyf.Dictionary, number: int) -> tuple[bytes, dict[str, list[float]]]:
    """Mark what depends on the place of a page; return its compressed content, and its boxes."""
    content = read_stream(dereference(pdf, page["Contents"]))
    boxes = {f"/{name}": [round(float(side), _DECIMALS) for side in page.pop(name)] for name in _BOXES if name in page}
    page |= {EXTRA_KEY: mark(f"boxes-{number}"), "Contents": mark(f"contents-{number}"), "Parent": mark("pages")}
    links = (dereference(pdf, link) for link in page.get("Annots", ()))
    for marked, key in ((page, "StructParents"), *((link, "StructParent") for link in links)):
        if key in marked:
            marked[key] = mark(f"parent-{marked[key]}")
    return zlib.compress(content), boxes


def _mark_kid(pdf: pydyf.PDF, kid: pydyf.Dictionary, number: int) -> list[pydyf.Dictionary]:
    """Mark what another chapter may add to an element of the document; return the elements in it."""
    elements = kid["K"]
    kid["P"] = mark("document")
    if not all(isinstance(element, bytes) for element in elements):
        return []  # it has content of its own
    kid["K"] = mark(f"kids-{number}")
    return [dereference(pdf, element) for element in elements]


class ObjectExtraction(Struct, dict=True):
    """Extraction from one PDF; groups of its objects refer to the same shared objects."""

    pdf: pydyf.PDF
    font_marks: Mapping[bytes, str]
    stops: dict[int, str] = field(default_factory=dict)
    """Marks of objects that are extracted separately, by their numbers."""
    shared: dict[str, ObjectGroup] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for reference, font_mark in self.font_marks.items():
            font = dereference(self.pdf, reference)
            self.shared[font_mark] = self.extract([font], whole=True)[0]
            self.stops[font.number] = font_mark

    def extract(self, roots: Iterable[pydyf.Object], *, whole: bool = False) -> tuple[ObjectGroup, Mapping[int, int]]:
        """Return some objects with all that they refer to, and the indices by the numbers of the objects.

        `whole`: with what other pieces may have too.
        """
        pending = list(roots)
        indices = {pdf_object.number: index for index, pdf_object in enumerate(pending)}
        slots: list[int | str] = []

        def replace_token(token: re.Match[bytes]) -> bytes:
            if token[1] is None and token[2] is None:
                return _UNSAFE_IN_TEXT.sub(lambda m: b"\\%03o" % ord(m[0]), token[0])  # a string
            slots.append(token[1].decode() if token[1] else slot_of(int(token[2])))
            return SLOT

        def slot_of(number: int) -> int | str:
            if number in indices:
                return indices[number]
            if number in self.stops:
                return self.stops[number]
            pdf_object = self.pdf.objects[number]
            if not whole and _can_be_shared(pdf_object):
                return self._share(pdf_object)
            indices[number] = len(pending)
            pending.append(pdf_object)
            return indices[number]

        texts, streams = [], {}
        for index, pdf_object in enumerate(pending):
            if isinstance(pdf_object, pydyf.Stream):
                text, streams[index] = _read_stream(pdf_object)
            else:
                text = pdf_object.data
            texts.append(_TOKEN.sub(replace_token, text))
        marks = {slot: len(pending) + n for n, slot in enumerate(dict.fromkeys(s for s in slots if isinstance(s, str)))}
        numbers = [slot if isinstance(slot, int) else marks[slot] for slot in slots]
        return ObjectGroup(b"\n".join(texts), numbers, list(marks), streams, len(pending)), indices

    def _share(self, pdf_object: pydyf.Object) -> str:
        """Extract an object that other pieces may have too; return its mark."""
        group, _ = self.extract([pdf_object], whole=True)
        digest = hashlib.sha256(repr((group.text, group.slots, group.marks)).encode())
        for data in group.streams.values():
            digest.update(data)
        name = digest.hexdigest()
        self.shared[name] = group
        self.stops[pdf_object.number] = name
        return name


def _can_be_shared(pdf_object: pydyf.Object) -> bool:
    """Whether an object belongs to no page: a picture, a colour profile, a font of its own."""
    return "Resources" not in pdf_object.extra if isinstance(pdf_object, pydyf.Stream) else is_font(pdf_object)


def _read_stream(stream: pydyf.Stream) -> tuple[bytes, bytes]:
    """Return the dictionary of a stream without its length and its end, and the data, compressed if they can be."""
    entries, data = pydyf.Dictionary(stream.extra), read_stream(stream)
    entries.pop("Length", None)
    if "Filter" not in entries and entries.get("Type") != "/Metadata":
        entries["Filter"], data = "/FlateDecode", zlib.compress(data)
    return entries.data.removesuffix(b">>"), data


_STREAM_START, _STREAM_END = b"\nstream\n", b"\nendstream"


def dereference(pdf: pydyf.PDF, reference: bytes) -> Any:
    """Return the object that a reference such as `b"12 0 R"` names."""
    return pdf.objects[int(reference.split()[0])]


def list_pages(pdf: pydyf.PDF) -> Sequence[pydyf.Dictionary]:
    """Return the pages in their order."""
    return [dereference(pdf, reference) for reference in pdf.page_references]


def find_resources(pdf: pydyf.PDF) -> pydyf.Dictionary:
    """Return the resources of the pages: all pages have the same."""
    resources: pydyf.Dictionary = dereference(pdf, list_pages(pdf)[0]["Resources"])
    return resources


def is_font(part: object) -> bool:
    """Whether an object is a font."""
    return isinstance(part, pydyf.Dictionary) and part.get("Type") == "/Font"


def font_names(pdf: pydyf.PDF) -> list[str]:
    """Return the names of all fonts in a file."""
    return sorted({part["BaseFont"].decode() for part in pdf.objects if is_font(part)})


def read_stream(stream: pydyf.Stream) -> bytes:
    """Return the data of a stream, as it will be written."""
    return stream.data.partition(_STREAM_START)[2].removesuffix(_STREAM_END)


def encode_string(text: str) -> bytes:
    """Return the bytes of a text string (ISO 32000-1, 7.9.2.2)."""
    return text.encode() if text.isascii() else b"\xfe\xff" + text.encode("utf-16-be")
