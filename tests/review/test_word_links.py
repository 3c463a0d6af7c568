"""Edits in Word that are more than words: each comes into the chapter, or is reported at its place."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import pytest
from test_review import HOW, back, chapter, edited, sent
from word_kit import FILES, Edited, element_text, load_files

from nioc_paper.model import Chapter, Paper
from nioc_paper.ooxml.xml import (
    NAMESPACES,
    Element,
    find_element,
    get_attribute,
    get_or_add_first,
    iter_elements,
    parse,
    parse_element,
    qn,
    remove_element,
)

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="red"/></svg>'
BODY = """\
## More to read {#sec-br-more}

The [council](https://example.org/council) keeps the register, and [the old *survey*](https://example.org/old) is there.

![A deck of stone.](../paper/figures/deck.svg){#fig-br-deck alt="A deck"}

The deck in @fig-br-deck is red.

"""
MORE = {
    **FILES,
    "paper/figures/deck.svg": SVG,
    "chapters/bridges.md": FILES["chapters/bridges.md"].replace("## What is missing", f"{BODY}## What is missing"),
}
AUTHOR = "Ada North"
__all__ = ["chapter", "edited", "sent"]  # fixtures


@pytest.fixture(scope="module")
def paper() -> Paper:
    return load_files(MORE)


# --- edits ------------------------------------------------------------------------------------------------------------


def link(file: Edited, words: str, url: str) -> None:
    """Put a link on words."""
    runs = file.runs(file.paragraph(words), words)
    part = "word/footnotes.xml" if next(runs[0].iterancestors(qn("w:footnote")), None) is not None else DOCUMENT
    number = file.package.add_relationship(DOCUMENT, "theme", "word/theme/theme1.xml")
    file.package.add_relationship_as(part, f"{number}x", "hyperlink", url, external=True)
    wrapper = parse_element(f'<w:hyperlink r:id="{number}x"/>')
    runs[0].addprevious(wrapper)
    wrapper.extend(runs)


def link_by_field(file: Edited, words: str, url: str) -> None:
    """Put a link on words as a field, as old versions of Word do."""
    runs = file.runs(file.paragraph(words), words)
    marks = {kind: parse_element(f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>') for kind in MARKS}
    code = parse_element(f'<w:r><w:instrText xml:space="preserve"> HYPERLINK "{url}" </w:instrText></w:r>')
    for node in (marks["begin"], code, marks["separate"]):
        runs[0].addprevious(node)
    runs[-1].addnext(marks["end"])


def unlink(file: Edited, words: str) -> None:
    """Take the link off words."""
    around = next(link for link in iter_elements(file.package.body, "w:hyperlink") if words in element_text(link))
    for node in list(around):
        around.addprevious(node)
    remove_element(around)


def retarget(file: Edited, words: str, url: str) -> None:
    """Let the link on words lead elsewhere."""
    around = next(link for link in iter_elements(file.package.body, "w:hyperlink") if words in element_text(link))
    file.package.add_relationship_as(DOCUMENT, "rIdNew", "hyperlink", url, external=True)
    around.set(qn("r:id"), "rIdNew")


def put_in(file: Edited, after: str, xml: str) -> None:
    """Put the content of a run behind words."""
    run = parse_element(f"<w:r>{xml}</w:r>")
    file.runs(file.paragraph(after), after)[-1].addnext(file.marked("ins", run))


def box(words: str) -> str:
    """A text box as Word writes it: twice, for old programs too."""
    content = f"<w:txbxContent><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:txbxContent>"
    shape = f"<wps:wsp><wps:cNvSpPr/>{FRAME}<wps:txbx>{content}</wps:txbx><wps:bodyPr/></wps:wsp>"
    old = f'<w:pict><v:shape style="width:90pt;height:40pt"><v:textbox>{content}</v:textbox></v:shape></w:pict>'
    return (
        f'<mc:AlternateContent><mc:Choice Requires="wps">{DRAWING.format(NAMESPACES["wps"], shape)}</mc:Choice>'
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent>"
    )


def new_picture(file: Edited) -> str:
    """The id of a picture that the file did not have."""
    name, png = "word/media/new.png", b"\x89PNG\r\n\x1a\nnew"
    file.package.set_part(name, png)
    return file.package.add_relationship(DOCUMENT, "image", name)


def replace_picture(file: Edited) -> None:
    new = new_picture(file)
    for blip in iter_elements(file.package.body, "a:blip"):
        blip.set(qn("r:embed"), new)
        for more in list(blip):
            blip.remove(more)


def indent(file: Edited, words: str, level: int) -> None:
    level_property = find_element(file.paragraph(words), "w:pPr/w:numPr/w:ilvl")
    assert level_property is not None
    level_property.set(qn("w:val"), str(level))


def other_list(file: Edited, words: str, like: str) -> None:
    """Make an item one of the list that another is in."""
    there, here = (find_element(file.paragraph(w), "w:pPr/w:numPr/w:numId") for w in (like, words))
    assert here is not None
    here.set(qn("w:val"), get_attribute(there))


def indent_by_ruler(file: Edited, words: str) -> None:
    """Move an item to the right by its ruler, as LibreOffice does with the button for it."""
    get_or_add_first(file.paragraph(words), "w:pPr").append(parse_element('<w:ind w:left="1440" w:hanging="360"/>'))


def describe(file: Edited, words: str) -> None:
    """Write another alternative text for the first picture, or none."""
    picture = next(iter_elements(file.package.body, "wp:docPr"))
    picture.set("descr", words)


def write_in_margin(file: Edited, name: str, words: str) -> None:
    """Type words into a header or a footer: into that of the chapter's pages, which is the last with words."""
    parts = [n for n in file.package.part_names(f"word/{name}") if element_text(file.package.xml_root(n))]
    paragraph = next(iter_elements(file.package.xml_root(parts[-1]), "w:p"))
    paragraph.append(file.marked("ins", parse_element(f"<w:r><w:t>{words}</w:t></w:r>")))


def add_watermark(file: Edited, words: str) -> None:
    """Put words behind the pages, as Word does: in a shape of the header."""
    shape = parse_element(f'<w:r><w:pict><v:shape><v:textpath string="{words}"/></v:shape></w:pict></w:r>')
    for name in file.package.part_names("word/header"):
        next(iter_elements(file.package.xml_root(name), "w:p")).append(copy.deepcopy(shape))


def no_list(file: Edited, words: str) -> None:
    remove_element(list_of(file, words))


def list_of(file: Edited, words: str) -> Element:
    list_property = find_element(file.paragraph(words), "w:pPr/w:numPr")
    assert list_property is not None
    return list_property


def merge_sideways(file: Edited, words: str) -> None:
    """Merge a cell with the next one, as Word does: the first gets the content of both."""
    cell = next(file.paragraph(words).iterancestors(qn("w:tc")))
    following = next(cell.itersiblings(qn("w:tc")))
    for paragraph in list(following.iterchildren(qn("w:p"))):
        cell.append(paragraph)
    remove_element(following)
    get_or_add_first(cell, "w:tcPr").append(parse_element('<w:gridSpan w:val="2"/>'))


def merge_downward(file: Edited, words: str) -> None:
    cell = next(file.paragraph(words).iterancestors(qn("w:tc")))
    row = next(cell.iterancestors(qn("w:tr")))
    below = next(row.itersiblings(qn("w:tr"))).findall(qn("w:tc"))[row.findall(qn("w:tc")).index(cell)]
    get_or_add_first(cell, "w:tcPr").append(parse_element('<w:vMerge w:val="restart"/>'))
    get_or_add_first(below, "w:tcPr").append(parse_element("<w:vMerge/>"))
    for paragraph in list(below.iterchildren(qn("w:p"))):
        cell.append(paragraph)
    below.append(parse_element("<w:p/>"))


def equation(text: str) -> str:
    return f'<m:oMath xmlns:m="{MATH}"><m:r><m:t>{text}</m:t></m:r></m:oMath>'


def add_equation(file: Edited, after: str) -> None:
    math = parse(equation("x+1").encode())
    file.runs(file.paragraph(after), after)[-1].addnext(math)


def drop_equation(file: Edited) -> None:
    """Change a formula as a program without formulas does, in a paragraph with another tracked change."""
    math = next(file.package.body.iter(f"{{{MATH}}}oMath"))
    file.replace("in every case", "in the end")
    remove_element(math)


def add_endnote(file: Edited, after: str) -> None:
    notes = (
        f'<w:endnotes xmlns:w="{NAMESPACES["w"]}"><w:endnote w:id="5"><w:p><w:r><w:t>Said at the end.</w:t></w:r></w:p>'
        "</w:endnote></w:endnotes>"
    )
    file.package.add_related_part("word/endnotes.xml", "endnotes", notes.encode())
    put_in(file, after, '<w:endnoteReference w:id="5"/>')


DOCUMENT, MARKS = "word/document.xml", ("begin", "separate", "end")
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
SMILE = '<w:sym w:font="Wingdings" w:char="F04A"/>'
VML = '<w:pict><v:shape><v:imagedata r:id="{}"/></v:shape></w:pict>'
FRAME = (
    '<wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="400000"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr>'
)
DRAWING = (
    '<w:drawing><wp:inline><wp:extent cx="900000" cy="400000"/><wp:docPr id="77" name="Box"/>'
    '<a:graphic><a:graphicData uri="{}">{}</a:graphicData></a:graphic></wp:inline></w:drawing>'
)
CHART = DRAWING.format("http://schemas.openxmlformats.org/drawingml/2006/chart", "")
Edit = Callable[[Edited], object]

HIDDEN = '<w:rPr><w:vanish/></w:rPr><w:t xml:space="preserve">{}</w:t>'
HEIGHT = '<w:rPr><w:vertAlign w:val="{}"/></w:rPr><w:t>{}</w:t>'
LAST = "-The last paragraph closes this chapter."
COUNCIL = (
    "-The [council](https://example.org/council) keeps the register, "
    "and [the old *survey*](https://example.org/old) is there."
)
IN: Mapping[str, tuple[Edit, list[str]]] = {
    "a link on words": (
        lambda e: link(e, "last paragraph", "https://example.org/a_(b)"),
        [LAST, "+The [last paragraph](https://example.org/a_%28b%29) closes this chapter."],
    ),
    "a link as a field": (
        lambda e: link_by_field(e, "last paragraph", "https://example.org/x"),
        [LAST, "+The [last paragraph](https://example.org/x) closes this chapter."],
    ),
    "a link in a note": (
        lambda e: link(e, "first opening", "https://example.org/x"),
        [
            "-[^age]: The year of the first opening counts here.",
            "+[^age]: The year of the [first opening](https://example.org/x) counts here.",
        ],
    ),
    "another target": (
        lambda e: retarget(e, "council", "https://example.org/new"),
        [COUNCIL, COUNCIL.replace("-The", "+The").replace("org/council", "org/new")],
    ),
    "a link taken off": (
        lambda e: unlink(e, "council"),
        [COUNCIL, COUNCIL.replace("-The", "+The").replace("[council](https://example.org/council)", "council")],
    ),
    "words typed in a link": (
        lambda e: e.replace("council", "town council", within="keeps the register"),
        [COUNCIL, COUNCIL.replace("-The", "+The").replace("[council]", "[town council]")],
    ),
    "a sign of a font that says which": (
        lambda e: put_in(e, "The last", '<w:sym w:font="Symbol" w:char="F0AE"/>'),
        [LAST, "+The last→ paragraph closes this chapter."],
    ),
    "a raised sign": (
        lambda e: put_in(e, "The last", HEIGHT.format("superscript", 6)),
        [LAST, "+The last^6^ paragraph closes this chapter."],
    ),
    "an endnote": (
        lambda e: add_endnote(e, "The last paragraph closes"),
        [LAST, "+The last paragraph closes[^n1] this chapter.", "+", "+[^n1]: Said at the end."],
    ),
}
NUMBERED, BULLET = "Count each bridge by hand.", "the first item"
SAID: Mapping[str, tuple[Edit, str, str]] = {
    "a sign of a font for pictures": (lambda e: put_in(e, "The last", SMILE), "[symbol Wingdings F04A]", "symbol"),
    "a picture replaced": (replace_picture, "[picture]", "picture"),
    "numbers for bullets": (lambda e: other_list(e, "the third item", NUMBERED), "the third item", "number"),
    "an item made a paragraph": (lambda e: no_list(e, "the third item"), "the third item", "item"),
    "cells merged sideways": (lambda e: merge_sideways(e, "East of town"), "East of town", "merged"),
    "cells merged downward": (lambda e: merge_downward(e, "East of town"), "East of town", "merged"),
    "an item further in by the ruler": (
        lambda e: indent_by_ruler(e, "the third item"), "the third item", "bullets at level"
    ),
    "an equation gone": (drop_equation, "[formula x2+y2]", "formula"),
    "another alternative text": (lambda e: describe(e, 'A "bridge" deck'), 'A "bridge" deck', "alternative text"),
    "a citation that was hidden": (
        lambda e: e.style("Roads Department", "w:vanish"), "Roads Department", "hidden",
    ),
    "a watermark": (lambda e: add_watermark(e, "CONFIDENTIAL"), "CONFIDENTIAL", "header"),
    "words in a header": (lambda e: write_in_margin(e, "header", "Not for print"), "Not for print", "header"),
    "a link to a place of the file": (
        lambda e: link_to_anchor(e, "last paragraph", "_Ref123"), "last paragraph", "link",
    ),
}  # fmt: skip


def link_to_anchor(file: Edited, words: str, anchor: str) -> None:
    link(file, words, "https://example.org")
    around = next(link for link in iter_elements(file.package.body, "w:hyperlink") if words in element_text(link))
    del around.attrib[qn("r:id")]
    around.set(qn("w:anchor"), anchor)


LAST_LINE = "The last paragraph closes this chapter."
PLACES = {
    "cells merged sideways": "Bridge name here",
    "a citation that was hidden": "survey2019",
    "cells merged downward": "Bridge name here",
    "a sign of a font for pictures": LAST_LINE,
    **dict.fromkeys(
        ("a picture replaced", "another alternative text"),
        "The [council](https://example.org/council) keeps",  # what is before the figure
    ),
    **dict.fromkeys(("words in a header", "a watermark"), ""),
    "an equation gone": "The sum is $x^2 + y^2$ in every case.",
}
"""Words of the line at which an edit is reported, unless it shows them itself."""


def after(edited: bytes, edit: Edit, how: str) -> bytes:
    file = Edited(edited, AUTHOR if how == "tracked" else "")
    edit(file)
    return (file.strip() if how == "marks lost" else file).save()


@pytest.mark.parametrize(("case", "how"), [(case, HOW[(n + m) % 3]) for n, case in enumerate(IN) for m in (0, 1)])
def test_an_edit_is_applied(case: str, how: str, chapter: Chapter, edited: bytes) -> None:
    edit, expected = IN[case]
    assert back(chapter, edited, after(edited, edit, how)) == (expected, ())


@pytest.mark.parametrize(("case", "how"), [(case, HOW[n % 2 * 2]) for n, case in enumerate(SAID)])
def test_an_edit_that_cannot_be_applied_is_reported_at_its_place(
    case: str, how: str, chapter: Chapter, edited: bytes
) -> None:
    edit, words, reason = SAID[case]
    _, conflicts = back(chapter, edited, after(edited, edit, how))
    matching = [c for c in conflicts if words in f"{c.base} {c.edited}" and reason in c.reason]
    assert matching, conflicts
    line = chapter.text[chapter.text.rfind("\n", 0, matching[0].offset) + 1 :].partition("\n")[0]
    assert PLACES.get(case, words) in line


@pytest.mark.parametrize(
    "words", ["(a) Count", "a) Count", "b. Count", "(1) Count", "iv. Count", "(ii) Count", "II. Count"]
)
def test_a_new_paragraph_with_a_typed_number_is_no_list(words: str, chapter: Chapter, edited: bytes) -> None:
    lines, conflicts = back(chapter, edited, Edited(edited).add("The last", words, like=True).save())
    assert conflicts == ()
    assert [line.replace("\\", "") for line in lines if line != "+"] == [f"+{words}"]


def test_headers_that_a_program_shares_out_in_another_way_are_no_change(chapter: Chapter, edited: bytes) -> None:
    file = Edited(edited)
    parts = [n for n in file.package.part_names("word/header") if element_text(file.package.xml_root(n))]
    for name in parts:
        paragraph = next(iter_elements(file.package.xml_root(name), "w:p"))
        half = copy.deepcopy(paragraph)
        first, second = (next(iter_elements(p, "w:t")) for p in (paragraph, half))
        first.text, _, second.text = str(first.text).partition(" ")
        paragraph.addnext(half)
    assert parts
    assert back(chapter, edited, file.save()) == ([], ())


def test_an_unchanged_file_gives_no_reports(chapter: Chapter, edited: bytes) -> None:
    for how in HOW:
        assert back(chapter, edited, after(edited, lambda _: None, how)) == ([], ())
