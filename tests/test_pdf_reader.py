"""A PDF is read back in every form that the standard allows, not only in that of our engine."""

from __future__ import annotations

import io

import pdf_reader
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

_LETTERS = b"3 beginbfchar <0041> <0061> <2829> <0062> <5c0a> <00660069> endbfchar"


def held(content: bytes) -> list[str]:
    """The passages of a file of one page, of which the first mark is a paragraph."""
    with pikepdf.new() as file:
        page = file.add_blank_page()
        font = file.make_indirect(Dictionary(Type=Name.Font, ToUnicode=file.make_stream(_LETTERS)))
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font), Properties=Dictionary(Layer=Dictionary()))
        page.obj.Contents = file.make_stream(content)
        text = Dictionary(Type=Name.StructElem, S=Name.P, K=Array([0]), Pg=page.obj)
        whole = Dictionary(Type=Name.StructElem, S=Name.Document, K=Array([file.make_indirect(text)]))
        file.Root.StructTreeRoot = Dictionary(K=Array([file.make_indirect(whole)]))
        out = io.BytesIO()
        file.save(out)
    return [text for text in pdf_reader.read_pdf(out.getvalue())["text"] if text]


@pytest.mark.parametrize(
    "shown",
    [
        b"<0041 2829> Tj",
        b"[<0041> -20.5 <2829>] TJ",
        rb"[(\000A) 3 <2829>]TJ",
        rb"(\000A\050\051) Tj",
        b"(\0A) Tj (()) Tj",
        b"(\0A) Tj % EMC (\0A) Tj\n<2829> Tj",
        b"BI /W 1 /H 1 /BPC 8 /CS /G ID ( EI <0041> Tj <2829> Tj",
        b"/Layer BMC <0041> Tj EMC /Span /Layer BDC <2829> Tj EMC",
        b"/Span <</ActualText (EMC \\) >>) /Lang <6500>>> BDC <0041> Tj EMC <2829> Tj",
        b"/Artifact <</Type /Pagination /MCID 7>> BDC <0041> Tj EMC <00412829> Tj",
    ],
)
def test_marked_text_is_read_in_every_notation(shown: bytes) -> None:
    assert held(b"BT /F1 9.5 Tf /P <</MCID 0>> BDC " + shown + b" EMC ET") == ["ab"]


def test_a_string_may_hold_a_bracket_and_a_letter_be_two() -> None:
    assert held(b"/P <</MCID 0>> BDC BT /F1 9 Tf [(\\\\\\n) -3 <0041>] TJ ET EMC <2829> Tj") == ["fia"]
