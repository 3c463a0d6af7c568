"""Objects of a PDF as text with slots, and the file that is written from them: nothing changes but the numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf
import pydyf
import pytest
from pikepdf import Name

from nioc_paper.render.pdf.object_groups import ObjectGroup, PieceObjects
from nioc_paper.render.pdf.pdf_file import PdfFile, pdf_numbers, pdf_string
from nioc_paper.render.pdf.worker.object_extraction import ObjectExtraction, mark

TEXTS = (
    "plain", "see 12 0 R", "(one (two) three", "a) 1 0 R (b", "\\", "\\(", "\\\\) 3 0 R", "/nioc:pages",
    "/Nioc /nioc:x", "a\nb\r\tc", "“quoted” – ä", "دریا 7 0 R", "\0\1", "", "<< /A 1 0 R >>", "endobj", "stream",
)  # fmt: skip


def rewritten(pdf: pydyf.PDF, roots: Sequence[pydyf.Object], **values: bytes) -> pikepdf.Pdf:
    """Write the objects below these into a new file, the first as its catalog; other objects have its first numbers."""
    extraction, file = ObjectExtraction(pdf, {}), PdfFile()
    group, _ = extraction.extract(roots)
    piece = PieceObjects.decode(PieceObjects(group, extraction.shared, []).encode())
    for number in range(7):
        assert file.add(b"[ %d ]" % number) == b"%d 0 R" % (number + 1)

    def write(written: ObjectGroup) -> bytes:
        refs = {name: write(piece.shared[name]) for name in written.marks if name in piece.shared}
        first = file.allocate(written.count)
        numbers = range(first, first + written.count)
        for index, entry in enumerate(zip(numbers, written.fill(numbers, {**values, **refs}), strict=True)):
            if index in written.streams:
                file.streams.append((*entry, written.streams[index]))
            else:
                file.texts.append(entry)
        return b"%d 0 R" % first

    return pikepdf.open(io.BytesIO(file.to_bytes(write(piece.group), file.add(b"<< /Title (T) >>"))))


def added(pdf: pydyf.PDF, part: pydyf.Object) -> bytes:
    """Add an object; return the reference to it."""
    pdf.add_object(part)
    return part.reference


def test_texts_that_look_like_references_stay_texts() -> None:
    pdf = pydyf.PDF()
    name = pydyf.name("12 0 R").decode().removeprefix("/")
    pdf.catalog["Texts"] = pydyf.Array(
        pydyf.Dictionary(
            {"T": pydyf.String(text), name: pydyf.name("a 1 0 R"), "K": pydyf.Array([pydyf.String(text), 12, 0, 5])}
        )
        for text in TEXTS
    )
    file = rewritten(pdf, [pdf.catalog])
    out = file.Root.Texts
    assert [str(each.T) for each in out] == [str(each.K[0]) for each in out] == list(TEXTS)
    assert {each.K.unparse().rpartition(b" 12 ")[2] for each in out} == {b"0 5 ]"}
    assert {each["/12 0 R"] for each in out} == {Name("/a 1 0 R")}


def test_objects_refer_to_the_same_objects() -> None:
    pdf = pydyf.PDF()
    chain = [pydyf.Dictionary({"Number": n}) for n in range(450)]
    for link in chain:
        pdf.add_object(link)
    page = {"Type": "/Page", "Parent": pdf.pages.reference, "MediaBox": pydyf.Array([0, 0, 9, 9])}
    pdf.add_page(pydyf.Dictionary({**page, "Resources": pydyf.Dictionary()}))
    for here, following in zip(chain, chain[1:] + chain[:1], strict=True):
        here["Next"], following["Previous"] = following.reference, here.reference
    data = b"\0\1\2endstream\nstream\n" * 99
    picture, again = (
        added(pdf, pydyf.Stream([data], {"Subtype": "/Image", "Length": length, "Width": 9})) for length in (7, 8)
    )
    resources = pydyf.Dictionary({"X": picture, "Back": chain[7].reference})
    form = added(pdf, pydyf.Stream([b"q", "Q", 1.5, pydyf.Array([1])], {"Subtype": "/Form", "Resources": resources}))
    pdf.catalog |= {"First": chain[0].reference, "Form": form, "Pictures": pydyf.Array([picture, picture])}
    different = added(pdf, pydyf.Stream([data[::-1]], {"Subtype": "/Image", "Width": 9}))
    pdf.catalog |= {"Different": different, "Other": again, "Marked": mark("where"), "Second": mark("second")}
    out = rewritten(pdf, [pdf.catalog], where=b"(here)", second=b"3 0 R")
    each, seen = out.Root.First, list[int]()
    for _ in range(len(chain)):
        assert each.Next.Previous.objgen == each.objgen
        seen.append(int(each.Number))
        each = each.Next
    assert seen == list(range(len(chain)))
    assert each.objgen == out.Root.First.objgen
    assert out.Root.Form.read_bytes() == b"q\nQ\n1.5\n[1]"
    assert int(out.Root.Form.Resources.Back.Number) == 7
    pictures = [out.Root.Form.Resources.X, *out.Root.Pictures, out.Root.Other]
    assert {each.objgen for each in pictures} == {pictures[0].objgen}
    assert pictures[0].read_bytes() == data
    assert out.Root.Different.read_bytes() == data[::-1]
    assert (str(out.Root.Marked), out.Root.Second.unparse(resolved=True)) == ("here", b"[ 2 ]")
    assert str(out.docinfo.Title) == "T"
    assert out.check_pdf_syntax() == []


@pytest.mark.parametrize("text", TEXTS)
def test_strings_are_read_as_they_were_written(text: str) -> None:
    assert str(pikepdf.Object.parse(pdf_string(text))) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (7, "7"), (-10, "-10"), (100.0, "100"), (0.5, "0.5"), (1 / 3, "0.333333"), (841.889764, "841.889764")],
)
def test_numbers_have_six_decimals_at_most(number: float, text: str) -> None:
    assert pdf_numbers([number, 1]).decode() == f"{text} 1"
