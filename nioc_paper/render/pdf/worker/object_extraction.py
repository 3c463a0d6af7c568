"""Objects of a piece, taken out of its file as text for the merge."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping
from itertools import chain
from types import MappingProxyType

import pikepdf
from msgspec import Struct, field
from pikepdf import Array, Dictionary, Name, Object

from nioc_paper.render.pdf.object_groups import SLOT, ObjectGroup, PieceObjects

_MARK = "/nioc:"
EXTRA_KEY = "/Nioc"
"""Key of a mark whose value is one entry of a dictionary, or several."""
_TOKEN = re.compile(rb"\((?:[^\\()]|\\.)*\)|(?:/Nioc )?/nioc:([^\s/<>\[\]()]+)|\b(\d+) (\d+) R\b", re.DOTALL)
_LENGTH = re.compile(rb" /Length \d+(?: \d+ R)?(?= )")
_BOXES = ("/MediaBox", "/TrimBox", "/BleedBox")
_CATALOG_MARKS: Mapping[str, str] = MappingProxyType(
    {
        "/Pages": "pages",
        "/StructTreeRoot": "structure",
        "/Names": "names",
        "/Outlines": "outlines",
        "/PageLabels": "labels",
    }
)


def mark(name: str) -> Name:
    """Return the value in place of what the merge decides."""
    return Name(_MARK + name)


def extract_pages(pdf: pikepdf.Pdf, font_marks: Mapping[str, str]) -> PieceObjects:
    """Return the objects of a piece; its file is of no use afterwards. `font_marks` is by the name of the font."""
    extraction = ObjectExtraction(pdf, font_marks)
    root, pages = pdf.Root.StructTreeRoot, [page.obj for page in pdf.pages]
    resources = pages[0].Resources
    if "/XObject" not in resources:
        resources.XObject = Dictionary()
    resources.XObject[EXTRA_KEY] = mark("backgrounds")
    contents, boxes = zip(*map(_mark_page, pages, range(len(pages))), strict=True)
    ids = root.IDTree.Names
    named = [(bytes(ids[n]).hex(), ids[n + 1]) for n in range(0, len(ids), 2)]
    parents, count = _mark_parents(root.ParentTree.Nums)
    kids = list(root.K[0].K)
    inner = [_mark_kid(kid, n) for n, kid in enumerate(kids)]
    parent_tree = pdf.make_indirect(parents)
    roots = [*kids, *chain.from_iterable(inner), *pages, parent_tree]
    group, indices = extraction.extract(roots)
    for key, name in _CATALOG_MARKS.items():
        pdf.Root[key] = mark(name)
    return PieceObjects(
        group=group,
        shared=extraction.shared,
        pages=[indices[page.objgen] for page in pages],
        contents=contents,
        boxes=boxes,
        kids=[
            (str(kid.S), indices[kid.objgen], [indices[element.objgen] for element in elements])
            for kid, elements in zip(kids, inner, strict=True)
        ],
        parent_tree=indices[parent_tree.objgen],
        parent_count=count,
        ids=[(key, indices[element.objgen]) for key, element in named],
        catalog=extraction.extract([pdf.Root])[0],
        info=extraction.extract([pdf.trailer.Info])[0],
    )


def extract_sheets(pdf: pikepdf.Pdf, font_marks: Mapping[str, str]) -> PieceObjects:
    """Return the pages of sheets as forms."""
    extraction, forms = ObjectExtraction(pdf, font_marks), []
    for page in pdf.pages:
        form = pdf.make_indirect(page.as_form_xobject())
        form.Resources = page.obj.Resources
        forms.append(form)
    group, indices = extraction.extract(forms)
    return PieceObjects(group, extraction.shared, [indices[form.objgen] for form in forms])


def _mark_page(page: Object, number: int) -> tuple[bytes, dict[str, list[float]]]:
    """Mark what depends on the place of a page; return its compressed content, and its boxes."""
    content = zlib.compress(page.Contents.read_bytes())
    boxes = {name: [float(side) for side in page[name]] for name in _BOXES if name in page}
    for name in boxes:
        del page[name]
    page[EXTRA_KEY], page.Contents, page.Parent = mark(f"boxes-{number}"), mark(f"contents-{number}"), mark("pages")
    for marked, key in ((page, "/StructParents"), *((link, "/StructParent") for link in page.get("/Annots", ()))):
        if key in marked:
            marked[key] = mark(f"parent-{int(marked[key])}")
    return content, boxes


def _mark_parents(owners: Object) -> tuple[Array, int]:
    """Return the entries of the parent tree in order with marked numbers, and the number of their numbers."""
    by_number = {int(owners[n]): owners[n + 1] for n in range(0, len(owners), 2)}
    entries = [part for number in sorted(by_number) for part in (mark(f"parent-{number}"), by_number[number])]
    return Array(entries), max(by_number, default=-1) + 1


def _mark_kid(kid: Object, number: int) -> list[Object]:
    """Mark what another chapter may add to an element of the document; return the elements in it."""
    elements = list(kid.K)
    kid.P = mark("document")
    if not all(isinstance(element, Dictionary) and element.is_indirect for element in elements):
        return []  # it has content of its own
    kid.K = mark(f"kids-{number}")
    return elements


class ObjectExtraction(Struct, dict=True):
    """Extraction from one file; groups of its objects refer to the same shared objects."""

    pdf: pikepdf.Pdf
    font_marks: Mapping[str, str]
    stops: dict[tuple[int, int], str] = field(default_factory=dict)
    """Marks of objects that are extracted separately."""
    shared: dict[str, ObjectGroup] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, font_mark in self.font_marks.items():
            font = self.pdf.pages[0].Resources.Font[key]
            self.shared[font_mark] = self.extract([font], whole=True)[0]
            self.stops[font.objgen] = font_mark

    def extract(
        self, roots: Iterable[Object], *, whole: bool = False
    ) -> tuple[ObjectGroup, Mapping[tuple[int, int], int]]:
        """Return some objects with all that they refer to, and the indices by object id.

        `whole`: with what other pieces may have too.
        """
        pending = list(roots)
        indices = {pdf_object.objgen: index for index, pdf_object in enumerate(pending)}
        slots: list[int | str] = []

        def replace_token(token: re.Match[bytes]) -> bytes:
            if token[1] is None and token[2] is None:
                return token[0]  # a string
            slots.append(token[1].decode() if token[1] else slot_of((int(token[2]), int(token[3]))))
            return SLOT

        def slot_of(objgen: tuple[int, int]) -> int | str:
            if objgen in indices:
                return indices[objgen]
            if objgen in self.stops:
                return self.stops[objgen]
            pdf_object = self.pdf.get_object(objgen)
            if not whole and _can_be_shared(pdf_object):
                return self._share(pdf_object)
            indices[objgen] = len(pending)
            pending.append(pdf_object)
            return indices[objgen]

        texts, streams = [], {}
        for index, pdf_object in enumerate(pending):
            if isinstance(pdf_object, pikepdf.Stream):
                text, streams[index] = _read_stream(pdf_object)
            else:
                text = pdf_object.unparse(resolved=True)
            texts.append(_TOKEN.sub(replace_token, text))
        marks = {slot: len(pending) + n for n, slot in enumerate(dict.fromkeys(s for s in slots if isinstance(s, str)))}
        numbers = [slot if isinstance(slot, int) else marks[slot] for slot in slots]
        return ObjectGroup(b"\n".join(texts), numbers, list(marks), streams, len(pending)), indices

    def _share(self, pdf_object: Object) -> str:
        """Extract an object that other pieces may have too; return its mark."""
        group, _ = self.extract([pdf_object], whole=True)
        digest = hashlib.sha256(repr((group.text, group.slots, group.marks)).encode())
        for data in group.streams.values():
            digest.update(data)
        name = digest.hexdigest()
        self.shared[name] = group
        self.stops[pdf_object.objgen] = name
        return name


def _can_be_shared(pdf_object: Object) -> bool:
    """Whether an object belongs to no page: a picture, a colour profile, a font of its own."""
    if isinstance(pdf_object, pikepdf.Stream):
        return "/Resources" not in pdf_object
    return isinstance(pdf_object, Dictionary) and pdf_object.get("/Type") == Name.Font


def _read_stream(stream: Object) -> tuple[bytes, bytes]:
    """Return the dictionary of a stream without its length and its end, and the data, compressed if they can be."""
    text = _LENGTH.sub(b"", stream.stream_dict.unparse(resolved=True), count=1).removesuffix(b" >>")
    data = stream.read_raw_bytes()
    if "/Filter" in stream or stream.get("/Type") == "/Metadata":
        return text, data
    return text + b" /Filter /FlateDecode", zlib.compress(data)
