"""Code in the PDF: every letter is as wide as the others."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
from msgspec.structs import replace
from sample_document import document

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Node
from nioc_paper.render.common.special_fonts import CODE_FAMILY
from nioc_paper.render.context import RenderContext
from nioc_paper.render.pdf import pdf_writer
from nioc_paper.system import pandoc
from nioc_paper.system.files import default_templates

INLINE = "Type `nioc check`."
BLOCK = "```\niiii: 1\nWWWW: 2\n```"
BOLD = "| `--strict` | Warnings fail. |\n|:--|:--|\n| `--fix` | Fixes. |"


def made(text: str) -> pikepdf.Pdf:
    """The PDF of a chapter."""
    heading = tree.header(1, tree.text_inlines("Code"), id="sec-code")
    blocks: list[Node] = [heading, *pandoc.parse_markdown(text)[0]]
    paper = replace(document(), blocks=(tree.div(blocks, "chapter"),), contents=(), figures=(), tables=())
    findings: list[Diagnostic] = []
    data = pdf_writer.write(paper, RenderContext(default_templates(), findings.append))
    assert findings == []
    return pikepdf.open(io.BytesIO(data))


def widths(pdf: pikepdf.Pdf) -> dict[str, set[float]]:
    """The widths of the glyphs of each embedded font of code, by the font's name."""
    return {
        re.sub(r"^/?[A-Z]{6}\+", "", str(font.BaseFont)).replace("-", " "): _glyph_widths(font.DescendantFonts[0])
        for font in pdf.objects
        if isinstance(font, pikepdf.Dictionary) and font.get("/Subtype") == "/Type0" and "Code" in str(font.BaseFont)
    }


def _glyph_widths(font: pikepdf.Object) -> set[float]:
    assert "/FontFile2" in font.FontDescriptor or "/FontFile3" in font.FontDescriptor
    return {float(width) for run in font.W if isinstance(run, pikepdf.Array) for width in run}


@pytest.mark.parametrize(("text", "faces"), [("Words.", 0), (f"{INLINE}\n\n{BLOCK}", 1), (BOLD, 1)])
def test_letters_of_code_have_one_width(text: str, faces: int) -> None:
    code_widths = widths(made(text))
    assert len(code_widths) == faces
    assert all(len(each) == 1 for each in code_widths.values()), code_widths
    assert all(name.replace(" ", "").startswith(f"/{CODE_FAMILY}".replace(" ", "").strip("/")) for name in code_widths)
