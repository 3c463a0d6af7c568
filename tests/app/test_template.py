"""A ministry's own Word template: its pages, heads, fonts and styles, and nothing of it that would do harm."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import docx_integrity
import pytest
from command_kit import hide_office
from msgspec.structs import replace
from office_kit import needs_office
from sample_document import document
from test_docx import written
from word_templates import from_office, ministry, with_parts

from nioc_paper import load
from nioc_paper.model import Asset, Diagnostic, Document, Place, Severity, WordTemplateFile
from nioc_paper.ooxml import safety
from nioc_paper.ooxml.attachment_removal import drop_attachments
from nioc_paper.ooxml.package import Package, read_relationships, read_zip, write_zip
from nioc_paper.ooxml.safety import live_content
from nioc_paper.ooxml.xml import NAMESPACES, Element, find_element, get_attribute, iter_elements, qn
from nioc_paper.render.verify import docx_reader, losses
from nioc_paper.system.cache import NO_CACHE
from nioc_paper.system.files import default_templates

TEMPLATES = default_templates()
YAML = "paper/paper.yaml"


def wearing(data: bytes, styles: Mapping[str, str] | None = None) -> Document:
    named = {ours: (theirs, Place(YAML, 9, 5)) for ours, theirs in (styles or {}).items()}
    return replace(
        document(), template=WordTemplateFile(Asset("paper/letter.dotx", "", data), Place(YAML, 7, 3), named)
    )


@pytest.fixture
def no_office(monkeypatch: pytest.MonkeyPatch) -> None:
    hide_office(monkeypatch)


@pytest.fixture(scope="module")
def template() -> bytes:
    return ministry()


_STYLES = {"Recommendation": "MinBox Text", "recommendation title": "minbox title", "Part": "MinBox Title"}


@pytest.fixture(scope="module")
def result(template: bytes) -> tuple[bytes, list[Diagnostic]]:
    return written(wearing(template, _STYLES))


@pytest.fixture
def docx_bytes(result: tuple[bytes, list[Diagnostic]]) -> bytes:
    return result[0]


@pytest.fixture
def package(docx_bytes: bytes) -> Package:
    return Package(docx_bytes)


def style_of(package: Package, words: str) -> Element:
    """The style of the paragraph of the text that begins so; tables and lists repeat some."""
    styles = {
        get_attribute(style, "w:styleId"): style
        for style in iter_elements(package.xml_root("word/styles.xml"), "w:style")
    }
    for paragraph in package.body.iterchildren(qn("w:p")):
        style = styles.get(get_attribute(find_element(paragraph, "w:pPr/w:pStyle")))
        paragraph_text = "".join(t.text or "" for t in iter_elements(paragraph, "w:t"))
        if (
            style is not None
            and paragraph_text.startswith(words)
            and not get_attribute(find_element(style, "w:name")).startswith("toc")
        ):
            return style
    raise AssertionError(words)


def name_of(package: Package, words: str) -> str:
    return get_attribute(find_element(style_of(package, words), "w:name"))


def test_every_word_is_there_and_word_finds_nothing_to_repair(docx_bytes: bytes, tmp_path: Path) -> None:
    findings: list[Diagnostic] = []
    expected = losses.ExpectedContents(document().blocks)
    contents = docx_reader.merge_contents([docx_reader.read_package(Package(docx_bytes))])
    losses.report_missing(expected, contents, "Word file", Place(""), findings.append)
    assert findings == []
    (tmp_path / "paper.docx").write_bytes(docx_bytes)
    assert [*docx_integrity.check(tmp_path / "paper.docx")] == []
    with zipfile.ZipFile(io.BytesIO(docx_bytes)) as archive:
        assert len(archive.namelist()) == len(set(archive.namelist()))


def test_styles_of_the_template_stand_for_ours_by_table_or_name(package: Package) -> None:
    assert name_of(package, "Count the crates at each post, and publish") == "MinBox Text"
    assert name_of(package, "Recommendation\u00a0SM-1") == "MinBox Title"
    chapter = style_of(package, "1\u2002Smuggling")
    assert get_attribute(find_element(chapter, "w:rPr/w:color")) == "7A1F1F"
    assert find_element(chapter, "w:pPr/w:numPr") is None, "numbers of headings are those of the text"


def test_pages_heads_and_feet_are_the_templates(package: Package) -> None:
    sections = list(iter_elements(package.body, "w:sectPr"))
    sizes = {
        (get_attribute(find_element(s, "w:pgSz"), "w:w"), get_attribute(find_element(s, "w:pgSz"), "w:h"))
        for s in sections
    }
    assert sizes == {("12240", "15840"), ("15840", "12240")}
    # The room for the binding has become part of the inner margin.
    assert get_attribute(find_element(sections[3], "w:pgMar"), "w:left") == "1640"
    parts = {r.id: r.target for r in read_relationships(package, "word/document.xml")}
    heads = [[parts[get_attribute(node, "r:id")] for node in iter_elements(s, "w:headerReference")] for s in sections]
    first, other = "word/template/word-header9.xml", "word/template/word-header1.xml"
    assert sorted(heads[0]) == [other, first]
    assert all(head == [other] for head in heads[1:])
    picture = next(r.target for r in read_relationships(package, other) if r.kind == "image")
    assert package.part_bytes(picture).startswith(b"\x89PNG")
    assert list(iter_elements(package.body, "mc:AlternateContent")) == [], "no background of ours"
    assert [r for r in read_relationships(package, "word/fontTable.xml") if r.kind == "font"] == []


@pytest.mark.usefixtures("no_office")
def test_a_draft_is_marked_on_the_templates_pages_too(package: Package, template: bytes) -> None:
    head = package.xml_root("word/template/word-header1.xml")
    assert "".join(map(str, head.itertext())).strip().startswith("DRAFT")
    final, _ = written(replace(wearing(template), draft=False))
    assert "DRAFT" not in "".join(map(str, Package(final).xml_root("word/template/word-header1.xml").itertext()))


def test_missing_styles_are_reported_once_at_their_line(result: tuple[bytes, list[Diagnostic]]) -> None:
    (missing,) = [d for d in result[1] if d.rule != "missing-tool"]
    assert (missing.rule, missing.place, missing.severity) == (
        "bad-template/missing-style",
        Place(YAML, 7, 3),
        Severity.INFO,
    )
    assert "Recommendation Fields, Gap Title, " in missing.hint
    assert "heading 1" not in missing.hint


@pytest.mark.usefixtures("no_office")
def test_unused_lines_of_the_style_table_are_reported(template: bytes) -> None:
    _, findings = written(wearing(template, {"Gapp": "MinBox Text", "Gap": "MinBox Txt", "Finding": "MinMark"}))
    unknown = [d for d in findings if d.rule == "dead-name/style"]
    assert {(d.place, d.severity) for d in unknown} == {(Place(YAML, 9, 5), Severity.ERROR)}
    assert [(d.message, d.hint) for d in unknown] == [
        ("no style of ours is called 'Gapp'", "did you mean 'Gap'?"),
        ("the template has no style 'MinBox Txt'", "did you mean 'MinBox Text'?"),
        ("'MinMark' is a character style; 'Finding' is a paragraph style", "name one of the same kind"),
    ]


def test_the_same_paper_and_template_give_the_same_bytes(template: bytes, docx_bytes: bytes) -> None:
    assert written(wearing(template, _STYLES), NO_CACHE)[0] == docx_bytes


@needs_office
def test_a_template_that_libreoffice_wrote(tmp_path: Path) -> None:
    data, findings = written(wearing(from_office(tmp_path)))
    assert [d.rule for d in findings if d.severity > Severity.INFO] == []
    package = Package(data)
    assert abs(int(get_attribute(find_element(package.body, "w:sectPr/w:pgSz"), "w:w")) - 9978) < 20  # 176 mm
    assert name_of(package, "Nobody counts.") == "Gap"
    shade = find_element(style_of(package, "Nobody counts."), "w:pPr/w:shd")
    assert get_attribute(shade, "w:fill").upper() == "EEEEEE"
    head = next(
        r.target
        for r in read_relationships(package, "word/document.xml")
        if r.kind == "header" and "template" in r.target
    )
    assert "Department of Boxes" in "".join(map(str, package.xml_root(head).itertext()))
    # It has no foot: ours tells the page.
    feet = {r.id for r in read_relationships(package, "word/document.xml") if r.kind == "footer"}
    assert {get_attribute(node, "r:id") for node in iter_elements(package.body, "w:footerReference")} <= feet
    assert list(iter_elements(package.body, "w:footerReference"))


# --- refused templates -----------------------------------------------------------------------------------------------

_RELS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
_EXTERNAL = b'<Relationship Id="r1" Type="http://x/attachedTemplate" Target="file:///c:/t.dotm" TargetMode="External"/>'
_ELSEWHERE = b'<Relationship Id="r1" Type="http://x/officeDocument" Target="word/none.xml"/>'
_DEEP = b"<a>" * 200 + b"</a>" * 200
HOSTILE: Mapping[str, tuple[Mapping[str, bytes], str]] = {
    "macro": ({"word/vbaProject.bin": b"x"}, "holds a macro or another program's object (vbaProject.bin)"),
    "object": ({"word/embeddings/a.bin": b"x"}, "holds a macro or another program's object (a.bin)"),
    "doctype": (
        {"word/theme/theme1.xml": b"<!DOCTYPE a><a/>"},
        "declares a document type, which Word files do not need",
    ),
    "depth": ({"word/theme/theme1.xml": _DEEP}, "is nested more than 120 deep"),
    "bomb": ({"word/media/a.png": bytes(30 * 2**20)}, "unpacks to more than a Word file should"),
    "outside": ({"../a.xml": b"<a/>"}, "has a part with a name that leads out of it"),
    "link": (
        {"word/_rels/settings.xml.rels": _RELS % _EXTERNAL},
        "would fetch 'file:///c:/t.dotm' when it is opened",
    ),
    "link in small letters": (
        {"word/_rels/settings.xml.rels": _RELS % _EXTERNAL.replace(b'"External"', b'"external"')},
        "would fetch 'file:///c:/t.dotm' when it is opened",
    ),
    "link that is said to be within": (
        {"word/_rels/settings.xml.rels": _RELS % _EXTERNAL.replace(b'TargetMode="External"', b"")},
        "would fetch 'file:///c:/t.dotm' when it is opened",
    ),
    "type in a part with capitals": (
        {"word/theme/more.XML": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'},
        "declares a document type, which Word files do not need",
    ),
    "header under another name": (
        {
            "[Content_Types].xml": b'<Types xmlns="x"><Default Extension="dat" ContentType="a/b+xml"/></Types>',
            "word/a.dat": b"",
        },
        "has a part of XML under another name",
    ),
    "chunk": ({"word/footnotes.xml": b'<w:a xmlns:w="w"><w:altChunk/></w:a>'}, "includes another file"),
    "no XML": ({"word/theme/theme1.xml": b"<a>"}, "has a part that is not XML (word/theme/theme1.xml)"),
    "swamp": (
        {"word/theme/theme1.xml": b"<a>%b</a>" % random.Random(1).randbytes(11 * 2**19).hex().encode()},
        "has a part that cannot be read (word/theme/theme1.xml)",
    ),
    "elsewhere": ({"_rels/.rels": _RELS % _ELSEWHERE}, "has no text where Word would look for it"),
    "strict": (
        {"word/document.xml": b'<document xmlns="http://purl.oclc.org/ooxml/wordprocessingml/main"/>'},
        "is a Strict Open XML document; saved as a plain 'Word Document' it can be read",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_active_external_or_oversized_content_is_refused(template: bytes, name: str) -> None:
    parts, says = HOSTILE[name]
    assert safety.rejection_reason(with_parts(template, parts)) == says


_CHART = b'<c:chartSpace xmlns:c="c" xmlns:r="%s"><c:externalData r:id="r1"/></c:chartSpace>' % NAMESPACES["r"].encode()
_SHEET = b'<Relationship Id="r1" Type="http://x/package" Target="../embeddings/sheet.xlsx"/>'
_DRAWN = b'<Relationship Id="r1" Type="http://x/image" Target="https://a.example/b.png" TargetMode="External"/>'
ATTACHED: Mapping[str, tuple[Mapping[str, bytes], tuple[str, ...]]] = {
    "attached template": ({"word/_rels/settings.xml.rels": _RELS % _EXTERNAL}, ("1 attached template",)),
    "mail merge": (
        {"word/_rels/settings.xml.rels": _RELS % _EXTERNAL.replace(b"attachedTemplate", b"mailMergeSource")},
        ("1 address list",),
    ),
    "chart of Excel": (
        {
            "word/charts/chart1.xml": _CHART,
            "word/charts/_rels/chart1.xml.rels": _RELS % _SHEET,
            "word/embeddings/sheet.xlsx": b"PK",
        },
        ("1 embedded file",),
    ),
    "chart of a workbook elsewhere": (
        {
            "word/charts/chart1.xml": _CHART,
            "word/charts/_rels/chart1.xml.rels": _RELS % _EXTERNAL.replace(b"attachedTemplate", b"oleObject"),
        },
        ("1 linked object",),
    ),
    "object": ({"word/embeddings/oleObject1.bin": b"x"}, ("1 embedded file",)),
    "workbook with macros": (
        {
            "word/embeddings/sheet.xlsm": b"PK",
            "[Content_Types].xml": b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            b'<Default Extension="xml" ContentType="application/xml"/>'
            b'<Default Extension="xlsm" ContentType="application/vnd.ms-excel.sheet.macroEnabled.12"/></Types>',
        },
        ("1 embedded file",),
    ),
    "pictures elsewhere": (
        {"word/_rels/settings.xml.rels": _RELS % _DRAWN, "word/_rels/header1.xml.rels": _RELS % _DRAWN},
        ("2 linked pictures",),
    ),
}


@pytest.mark.parametrize("name", ATTACHED)
def test_attachments_are_dropped_and_the_rest_is_read(template: bytes, name: str) -> None:
    parts, kinds = ATTACHED[name]
    data, dropped = drop_attachments(with_parts(template, parts))
    assert dropped == kinds
    assert safety.rejection_reason(data) == ""
    left = read_zip(data)
    assert not [part for part in left if "embeddings" in part]
    assert not [part for part, content in left.items() if re.search(rb"externalData|t\.dot|a\.example", content)]
    assert left["word/document.xml"] == read_zip(template)["word/document.xml"]


def test_a_template_with_an_attached_template_is_used_and_reported(tmp_path: Path, template: bytes) -> None:
    (tmp_path / "paper").mkdir()
    parts, _ = ATTACHED["attached template"]
    (tmp_path / "paper/house.dotx").write_bytes(with_parts(template, parts))
    (tmp_path / YAML).write_text("word:\n  template: house.dotx\n", encoding="utf-8")
    findings: list[Diagnostic] = []
    used = load.load(tmp_path, findings.append).template
    assert used is not None
    assert safety.rejection_reason(used.asset.data) == ""
    says = "'house.dotx' is used without what it links or embeds: 1 attached template"
    assert [(d.message, d.severity) for d in findings if d.rule == "bad-template/word"] == [(says, Severity.INFO)]


def test_other_files_are_refused(template: bytes) -> None:
    assert safety.rejection_reason(template) == ""
    assert (
        safety.rejection_reason(b"")
        == safety.rejection_reason(b"PK\x03\x04 and so on")
        == "is damaged, or not a Word file"
    )
    assert safety.rejection_reason(bytes.fromhex("d0cf11e0a1b11ae1")) == "is an old .doc file, or one with a password"
    assert safety.rejection_reason(bytes(safety.MAX_BYTES + 1)).startswith("has 15728641 bytes")
    assert safety.rejection_reason(with_parts(template, {})[:-30]) == "is damaged, or not a Word file"
    for part in ("word/styles.xml", "word/media/a.png"):
        assert safety.rejection_reason(
            spoiled(with_parts(template, {"word/media/a.png": b"a picture" * 200}), part)
        ) == ("is damaged, or not a Word file")


def spoiled(data: bytes, part: str) -> bytes:
    """A file in which the packed bytes of a part are others."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = archive.getinfo(part)
    at = member.header_offset + 30 + len(part)
    return data[:at] + bytes(b ^ 0x5A for b in data[at : at + member.compress_size]) + data[at + member.compress_size :]


def test_a_template_is_a_file_of_the_paper(tmp_path: Path, template: bytes) -> None:
    (tmp_path / "paper").mkdir()
    (tmp_path / "outside.docx").write_bytes(template)
    for name, says in (("../../outside.docx", "is outside the paper"), ("none.docx", "does not exist")):
        (tmp_path / YAML).write_text(f"word:\n  template: {name}\n", encoding="utf-8")
        findings: list[Diagnostic] = []
        assert load.load(tmp_path, findings.append).template is None
        assert [d.message for d in findings if d.rule == "bad-template/word"] == [f"'{name}' {says}"]
    (tmp_path / YAML).write_text("word:\n  template: outside.docx\n  styles:\n    Gap: MinBox Text\n", encoding="utf-8")
    used = load.load(tmp_path, lambda _: None).template
    assert used is not None
    assert used.styles == {"Gap": ("MinBox Text", Place(YAML, 4, 10))}


_BEGIN, _END = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))


def _code(*texts: str) -> str:
    return "".join(f"<w:r><w:instrText>{text}</w:instrText></w:r>" for text in texts)


_STARTS = "has a field that starts a program or reads another file ({})"
LIVE: Mapping[str, tuple[str, str]] = {
    "command": (_BEGIN + _code(r" DDEAUTO c:\\windows\\cmd.exe ") + _END, _STARTS.format("DDEAUTO")),
    "command in pieces": (_BEGIN + _code(" d", "d", "e a b") + _END, _STARTS.format("DDE")),
    "command in one element": (r'<w:fldSimple w:instr="DDE a b"/>', _STARTS.format("DDE")),
    "file": (_BEGIN + _code("IncludeText /etc/passwd") + _END, _STARTS.format("INCLUDETEXT")),
    "picture": (_BEGIN + _code('INCLUDEPICTURE "http://a.example/b.png"') + _END, _STARTS.format("INCLUDEPICTURE")),
    "within another": (
        _BEGIN + _code("IF 1 = 1 ") + _BEGIN + _code("DDE a b") + _END + _END,
        _STARTS.format("DDE"),
    ),
    "spelt by another": (
        _BEGIN + _BEGIN + _code("QUOTE 68 68 69") + _END + _code(" a b") + _END,
        "has a field whose kind is computed by another field",
    ),
    "drawing": (
        '<w:pict><v:imagedata xmlns:v="urn:schemas-microsoft-com:vml" src="http://a.example/b.png"/></w:pict>',
        "has a drawing that fetches a picture",
    ),
}


@pytest.mark.parametrize("name", LIVE)
def test_a_template_takes_nothing_from_elsewhere_when_an_output_is_opened(name: str) -> None:
    text, says = LIVE[name]
    assert live_content(in_a_header(text)) == says


def test_fields_that_compute_are_allowed_in_a_template(template: bytes) -> None:
    assert live_content(template) == ""
    for code in (" PAGE ", "= 1 + 1", "IF 1 = 1 a b", r" MACROBUTTON NoMacro [words] ", "", "STYLEREF DDE"):
        assert live_content(in_a_header(_BEGIN + _code(code) + _END)) == ""
    nested = _BEGIN + _code("= ") + _BEGIN + _code("PAGE") + _END + _code(" - 1") + _END
    assert live_content(in_a_header(nested)) == ""


def in_a_header(text: str) -> bytes:
    """A file with a header and nothing else."""
    header = f'<w:hdr xmlns:w="{NAMESPACES["w"]}"><w:p>{text}</w:p></w:hdr>'
    return write_zip({"word/header1.xml": header.encode()}, 0)
