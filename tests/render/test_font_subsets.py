"""Subsets of script fonts: each word is set with the outlines, at the places, that the whole font gives it."""

from __future__ import annotations

import base64
import io
import random
import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from html import unescape
from pathlib import Path

import pikepdf
import pytest
import test_urdu
import uharfbuzz
from command_kit import succeed
from fontTools.pens.recordingPen import RecordingPen  # type: ignore[import-untyped] # it ships none
from fontTools.ttLib import TTFont  # type: ignore[import-untyped] # it ships none
from msgspec.structs import replace
from sample_document import document
from test_papers import changed

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Node
from nioc_paper.render.common import special_fonts
from nioc_paper.render.common.special_fonts import SCRIPT_FONTS, ScriptFont
from nioc_paper.render.context import RenderContext
from nioc_paper.render.pdf import pdf_writer
from nioc_paper.system import pandoc
from nioc_paper.system.files import default_templates

pytestmark = pytest.mark.skipif(not SCRIPT_FONTS["nastaliq"].font_files, reason="fonts-noto-core is not installed")
PAPER = Path(__file__).parents[1] / "papers" / "urdu"
LETTERS = "ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیےئآ"
MARKS = ("", "", "", "\u064e", "\u0650", "\u0651", "\u0654", "\u200c", "\u200f")
LANGUAGES = ("ar", "fa", "sd", "ur")


def random_words(letters: str, count: int = 40, seed: int = 7) -> list[str]:
    chance = random.Random(seed)
    return [
        "".join(chance.choice(letters) + chance.choice(MARKS) for _ in range(chance.randint(1, 9)))
        for _ in range(count)
    ]


def faces(script_font: ScriptFont, html: str | None) -> dict[str, bytes]:
    files: dict[str, bytes] = {}

    def add(name: str, data: bytes) -> str:
        files[name] = data
        return name

    special_fonts.script_font_css(script_font, html, add)
    return {name.partition(".")[0]: data for name, data in files.items()}


def drawing(font: uharfbuzz.Font, word: str, language: str) -> list[tuple[object, ...]]:
    """Outline and place of each glyph of a word that shows something or takes room."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(word)
    buffer.guess_segment_properties()
    buffer.language = language
    uharfbuzz.shape(font, buffer)
    glyphs = zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    drawn = [(outline(font, glyph.codepoint), *place.position) for glyph, place in glyphs]
    return [glyph for glyph in drawn if any(glyph)]


def outline(font: uharfbuzz.Font, glyph: int) -> tuple[object, ...]:
    pen = RecordingPen()
    font.draw_glyph_with_pen(glyph, pen)
    return tuple(pen.value)


def opened(data: bytes) -> uharfbuzz.Font:
    plain = io.BytesIO()
    with TTFont(io.BytesIO(data)) as font:
        font.flavor = None
        font.save(plain)
    return uharfbuzz.Font(uharfbuzz.Face(plain.getvalue()))


@cache
def whole_font(file: Path) -> uharfbuzz.Font:
    return uharfbuzz.Font(uharfbuzz.Face(file.read_bytes()))


@cache
def whole_drawing(file: Path, word: str, language: str) -> list[tuple[object, ...]]:
    return drawing(whole_font(file), word, language)


def wrongly_set(
    script_font: ScriptFont, files: Mapping[str, bytes], words: Iterable[str], languages: Iterable[str] = LANGUAGES
) -> list[tuple[str, ...]]:
    """Words that the faces set in another way than the whole ones."""
    assert set(files) == {file.stem for file in script_font.font_files.values()}
    pairs = [(opened(files[file.stem]), file) for file in script_font.font_files.values()]
    return [
        (language, word)
        for word in words
        for language in languages
        for cut, whole in pairs
        if drawing(cut, word, language) != whole_drawing(whole, word, language)
    ]


@pytest.mark.parametrize("style", SCRIPT_FONTS)
@pytest.mark.parametrize("letters", [LETTERS[:3], LETTERS])
def test_a_subset_sets_its_words_as_the_whole_font_and_for_many_all_words_of_their_letters(
    style: str, letters: str
) -> None:
    script_font, words = SCRIPT_FONTS[style], random_words(letters, 20)
    html = "".join(f"<p>{word[:2]}<i>{word[2:]}</i></p>\n".replace(MARKS[3], f"&#{ord(MARKS[3])};") for word in words)
    few, many = faces(script_font, html), faces(script_font, html + " ".join(random_words(letters, 200, seed=8)))
    assert wrongly_set(script_font, few, words) == []
    assert wrongly_set(script_font, many, random_words(letters, seed=9)) == []
    assert sum(map(len, few.values())) < sum(map(len, many.values()))


def test_a_subset_has_the_words_of_the_text_alone() -> None:
    nastaliq = SCRIPT_FONTS["nastaliq"]
    few, many = (faces(nastaliq, " ".join(random_words(LETTERS, count))) for count in (3, 200))
    assert wrongly_set(nastaliq, few, LETTERS[3:])
    assert sum(map(len, few.values())) < sum(map(len, many.values())) / 4
    assert faces(nastaliq, "<p>Latin</p>" + " ".join(random_words(LETTERS, 3)[::-1]) + "<p>1</p>") == few


def test_a_page_that_may_get_any_text_has_the_whole_font() -> None:
    for script_font in SCRIPT_FONTS.values():
        assert faces(script_font, None) == {file.stem: file.read_bytes() for file in script_font.font_files.values()}


def test_every_output_sets_all_its_words(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The text of web page, e-book and site, attributes included, in the faces that these bring."""
    paper, outputs = shutil.copytree(PAPER, tmp_path / "paper"), test_urdu.outputs(tmp_path_factory)
    changed(paper / "chapters/tunnels.md", "۱۵ دن", "۱۵۶ دن")
    succeed(paper, "site", "--downloads", "none", "--out", str(tmp_path / "site"))
    page = (outputs / "crossings.html").read_text(encoding="utf-8")
    embedded = re.findall(r'family: "Noto N[^}]*?weight: (\d+)[^}]*?base64,([^)]*)\)', page)
    site = {file.name: file.read_bytes() for file in (tmp_path / "site").rglob("*") if file.is_file()}
    with zipfile.ZipFile(outputs / "crossings.epub") as book:
        members = {Path(name).name: book.read(name) for name in book.namelist()}
    names = {"400": "NotoNastaliqUrdu-Regular.woff2", "700": "NotoNastaliqUrdu-Bold.woff2"}
    web_page = {names[weight]: base64.b64decode(data) for weight, data in embedded} | {"page.html": page.encode()}
    for output in (web_page, members, site):
        assert_all_words_are_set(output)


def assert_all_words_are_set(output: Mapping[str, bytes]) -> None:
    text = "".join(data.decode() for name, data in output.items() if name.endswith("html"))
    words = {*re.findall("[\u0600-\u06ff\u200c-\u200f]+", unescape(text) + unescape(re.sub("<[^>]*>", "", text)))}
    assert len(words) > 50
    nastaliq = SCRIPT_FONTS["nastaliq"]
    stems = {file.stem.lower(): file.stem for file in nastaliq.font_files.values()}
    files = {stems[Path(name).stem.lower()]: data for name, data in output.items() if "nastaliq" in name.lower()}
    assert wrongly_set(nastaliq, files, sorted(words), ("ur",)) == []


# --- code in the PDF -------------------------------------------------------------------------------------------------

INLINE = "Type `nioc check`."
BLOCK = "```\niiii: 1\nWWWW: 2\n```"
BOLD = "| `--strict` | Warnings fail. |\n|:--|:--|\n| `--fix` | Fixes. |"


def made(text: str) -> pikepdf.Pdf:
    """The PDF of a chapter."""
    heading = tree.header(1, tree.text_inlines("Code"), id="sec-code")
    blocks: list[Node] = [heading, *pandoc.parse_markdown(text)[0]]
    bare = replace(document(), contents=(), figures=(), tables=(), recommendations=())
    paper = replace(bare, blocks=(tree.div(blocks, "chapter"),))
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
    assert all(name.replace(" ", "").startswith("SourceCodePro") for name in code_widths)
