"""A paper's own templates are data of a stranger: they run nothing, read nothing, and stop nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import PIL.Image
import pytest
import sample_document
from command_kit import hide_office, nioc, succeed
from msgspec.structs import replace
from test_papers import changed, copy, read_tables, written

from nioc_paper.domain.style_sheets import StyleFault, find_theme_faults, rewrite_sheet
from nioc_paper.load import load
from nioc_paper.load.image_cleaning import strip_metadata
from nioc_paper.load.image_vetting import image_problem
from nioc_paper.load.templates import read_templates, report_templates
from nioc_paper.model import Diagnostic, Severity, TemplateError, Templates
from nioc_paper.render.common import charts, templating
from nioc_paper.render.common.templating import PageRenderer
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.context import RenderContext
from nioc_paper.render.epub.epub_writer import draw_cover
from nioc_paper.render.web import page_writer
from nioc_paper.render.write import render_format
from nioc_paper.system import processes, safe_read
from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.files import default_templates, package_folder

HEAD = '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
POLICY = '<meta http-equiv="Content-Security-Policy" content="{{ policy }}">\n'


def own(**files: str) -> Templates:
    """The tool's templates with some others."""
    changed = {name.replace("__", "/").replace("_", ".", 1): text.encode() for name, text in files.items()}
    return Templates({**default_templates().files, **changed}, from_paper=True)


def faults(template: str, name: str = "web.html") -> TemplateError:
    return fault_of(Templates({**default_templates().files, name: template.encode()}, from_paper=True), name)


def fault_of(templates: Templates, name: str) -> TemplateError:
    with pytest.raises(TemplateError) as failed:
        PageRenderer(templates, {"words": {}, "text": "words", "entries": []}).render(name)
    return failed.value


TABLES = read_tables("templates")
ESCAPES = TABLES["escapes"]
FAILING = TABLES["failing"]


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("escapes") / "canary"


@pytest.fixture(scope="module")
def faulty(canary: Path) -> Templates:
    """Every template that fails, by its number: one process renders them all, until one ends it."""
    texts = [*(f"one\n{text.replace('CANARY', str(canary))}" for text in ESCAPES), *(text for text, *_ in FAILING)]
    return Templates({f"{number}.html": text.encode() for number, text in enumerate(texts)}, from_paper=True)


@pytest.mark.parametrize("number", range(len(ESCAPES)), ids=ESCAPES)
def test_a_template_reaches_only_its_data(number: int, canary: Path, faulty: Templates) -> None:
    assert fault_of(faulty, f"{number}.html").name == f"{number}.html"
    assert not canary.exists()


@pytest.mark.parametrize("number", range(len(FAILING)), ids=[text for text, *_ in FAILING])
def test_a_failing_template_is_named_with_its_line(number: int, faulty: Templates) -> None:
    name, (_, line, reason) = f"{len(ESCAPES) + number}.html", FAILING[number]
    failed = fault_of(faulty, name)
    assert (failed.name, failed.line) == (name, line)
    assert reason in failed.reason


@pytest.mark.parametrize(
    "template",
    [
        '{{ "a" * 2000000000 }}',
        '{% set ns = namespace(t="a" * 1000000) %}{% for i in range(100) %}{% set ns.t = ns.t + ns.t %}{% endfor %}',
        "{{ 10 ** (10 ** 10) }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        '{{ "%99999999999d" | format(1) }}',
        "{{ range(999999999) | list }}",
    ],
)
def test_an_endless_template_is_ended(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templating, "MAX_SECONDS", 0.3)
    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.05)
    assert faults(template).name == "web.html"
    assert PageRenderer(own(web_html="fine"), {}).render("web.html") == "fine", "the next is rendered by a new process"


def test_own_templates_give_the_same_bytes() -> None:
    document, templates = sample_document.document(), default_templates()
    findings: list[Diagnostic] = []
    mine = Templates(templates.files, from_paper=True)
    cache = Cache.for_paper(Path())  # of chapters and pictures: pages are in none
    assert page_writer.write(document, RenderContext(mine, findings.append, cache)) == page_writer.write(
        document, RenderContext(templates, findings.append, cache)
    )


def test_a_broken_template_is_a_finding_and_no_output() -> None:
    findings: list[Diagnostic] = []
    templates = own(web_html=f"{HEAD}{POLICY}{{{{ 1/0 }}}}")
    assert (
        render_format(
            "html", sample_document.document(), RenderContext(templates, findings.append, Cache.for_paper(Path()))
        )
        is None
    )
    (error,) = (d for d in findings if d.severity is Severity.ERROR)
    assert (error.rule, str(error.place)) == ("bad-template/page", "templates/web.html:6:1")


PAGES = TABLES["pages"]


@pytest.fixture(scope="module")
def bare() -> Templates:
    """All of them, chosen by the title of the paper: one process renders them."""
    parts = {f"web/{number}.html": page.encode() for number, page in enumerate(PAGES)}
    chosen = {"web.html": b"{% include 'web/' ~ document.title ~ '.html' %}", **parts}
    return Templates({**default_templates().files, **chosen}, from_paper=True)


@pytest.mark.parametrize("number", range(len(PAGES)), ids=PAGES)
def test_a_page_without_its_policy_is_refused(number: int, bare: Templates) -> None:
    findings: list[Diagnostic] = []
    document = replace(sample_document.document(), title=str(number))
    assert render_format("html", document, RenderContext(bare, findings.append, Cache.for_paper(Path()))) is None
    (error,) = (d for d in findings if d.severity is Severity.ERROR)
    assert error.rule == "bad-template/page"
    assert "policy" in error.message


# --- findings on a folder of templates --------------------------------------------------------------------------------


def paper(tmp_path: Path, files: Mapping[str, str | bytes]) -> tuple[Templates, list[str]]:
    """A paper with these templates of its own, and the findings of reading them."""
    for name, text in files.items():
        (tmp_path / "templates" / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "templates" / name).write_bytes(text.encode() if isinstance(text, str) else text)
    findings: list[Diagnostic] = []
    templates = read_templates(tmp_path)
    report_templates(tmp_path, findings.append, NO_CACHE)
    return templates, [f"{d.place} {d.rule}" for d in findings]


def test_copies_of_the_tools_templates_are_the_tools(tmp_path: Path) -> None:
    shutil.copytree(package_folder("templates"), tmp_path / "templates")
    assert paper(tmp_path, {}) == (default_templates(), [])
    assert read_templates(tmp_path / "elsewhere") is default_templates()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("<script>1</script>", "bad-template/script"),
        ("<img src='a.png' onerror=alert(1)>", "bad-template/script"),
        ("<svg/onload=alert(1)>", "bad-template/script"),
        ("<a href='javascript:alert(1)'>a</a>", "bad-template/script"),
        ("<iframe src='a.html'></iframe>", "bad-template/script"),
        ("<meta http-equiv='refresh' content='0;url=a'>", "bad-template/script"),
        ("<base href='a'>", "bad-template/script"),
        ("<img src='https://example.org/a.png'>", "bad-template/remote-address"),
        ("<img src='//example.org/a.png'>", "bad-template/remote-address"),
        ("<link rel='stylesheet' href='https://example.org/a.css'>", "bad-template/remote-address"),
        ("<style>@import 'https://example.org/a.css';</style>", "bad-template/remote-address"),
        ("<video poster='ftp://example.org/a.png'></video>", "bad-template/remote-address"),
        ("<svg><use href='https://example.org/a.svg#b'/></svg>", "bad-template/remote-address"),
        ("<p>a</p>", ""),
        ("<a href='https://example.org/'>followed by who wants to</a>", ""),
        ("<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'></svg>", ""),
        ("<p data-on='1' title='one = two'>{{ text }} is on = off</p>", ""),
        ("{# see https://example.org #}", ""),
    ],
)
def test_scripts_and_addresses_elsewhere_are_found(text: str, rule: str, tmp_path: Path) -> None:
    _, findings = paper(tmp_path, {"web.html": f"{HEAD}{text}"})
    assert [line.split()[1] for line in findings] == ([rule] if rule else [])
    assert all((line.startswith("templates/web.html:") and ":5:" in line) or ":6:" in line for line in findings)


def test_scripts_come_from_the_tool(tmp_path: Path) -> None:
    templates, findings = paper(tmp_path, {"site/site.js": "alert(1)", "site/more.js": "alert(2)"})
    assert findings == [
        "templates/site/more.js:1:1 bad-template/script",
        "templates/site/site.js:1:1 bad-template/script",
    ]
    assert templates.data("site/site.js") == default_templates().data("site/site.js")
    assert "site/more.js" not in templates


SVG = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:s='http://www.w3.org/2000/svg'>{}</svg>"


@pytest.mark.parametrize("name", ["site/icon.svg", "site/suggest.svg", "pattern.svg", "more.svg"])
def test_a_drawing_that_is_copied_runs_nothing(name: str, tmp_path: Path) -> None:
    for text in (
        SVG.format("<s:script>1</s:script>"),
        SVG.format("<s:script>1</s:script>").encode("utf-16"),
        "<!DOCTYPE svg [<!ENTITY a '&#60;script/&#62;'>]>" + SVG.format("&a;"),
        SVG.format("{{ 1 }}<s:image href='/etc/passwd'/>"),
    ):
        _, findings = paper(tmp_path, {name: text})
        assert findings == [f"templates/{name}:1:1 bad-template/script"], text
    _, findings = paper(tmp_path, {name: SVG.format("<g/>")})
    assert findings == []


@pytest.mark.parametrize(
    "address", ["{}", "file://{}", "../../../../../../../../{}", "data:image/svg+xml;base64,AA", "http://127.0.0.1:9/a"]
)
@pytest.mark.parametrize("element", ["image", "feImage", "use"])
def test_a_drawing_shows_no_file(address: str, element: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    PIL.Image.new("RGB", (9, 9), "red").save(secret)
    svg = SVG.format(f"<s:{element} width='9' height='9' {{}}='{address.format(secret)}'/>")
    for attribute in ("href", "xlink:href"):
        drawing = svg.format(attribute).replace("<svg", "<svg xmlns:xlink='http://www.w3.org/1999/xlink'")
        with pytest.raises(ValueError, match="may show only what it holds"):
            charts.rasterize_svg(drawing.encode())


def test_a_cover_that_shows_a_file_is_a_finding(tmp_path: Path) -> None:
    findings: list[Diagnostic] = []
    templates = own(cover_svg=SVG.format(f"<image href='{tmp_path}/secret.png'/>"))
    document = sample_document.document()
    assert draw_cover(document, read_theme(templates), RenderContext(templates, findings.append, NO_CACHE)) == b""
    assert [(d.rule, "may show only what it holds" in d.message) for d in findings] == [("render-failed", True)]


def test_a_theme_that_lacks_or_garbles_a_property_has_that_of_the_tool() -> None:
    shipped = read_theme(default_templates())
    garbled = (" ", "-", "<b>&", '"/><b/>', "1e9pt", "9" * 400 + "pt", "1red}*{display:none", "/*", "rgb(1, 2, 3)")
    for number, (name, value) in enumerate(shipped.items()):
        other = ("wide", "12") if value[-1] in "tm" else ("navy",) if "#" in value else ()
        for wrong in (*garbled[number % 3 :: 3], *other):
            assert read_theme(own(theme_css=f":root {{\n  --{name}: {wrong};\n}}")) == shipped, (name, wrong)
    assert read_theme(own(theme_css=":root {\n  --size-text: 0pt;\n  --size-own: wide;\n}")) == shipped


@pytest.mark.parametrize(
    ("name", "declared", "read"),
    [
        ("ink", "#123456", "#123456"),
        ("ink", "#1aF", "#11aaFF"),
        ("font-head", "'Noto Sans', Carlito", "Noto Sans, Carlito"),
        ("font-text", '"Times New Roman"', "Times New Roman"),
        ("side", "0mm", "0mm"),
        ("leading", "1.5", "1.5"),
    ],
)
def test_a_theme_sets_what_differs(name: str, declared: str, read: str) -> None:
    shipped = read_theme(default_templates())
    assert read_theme(own(theme_css=f":root {{\n  --{name}: {declared};\n}}")) == {**shipped, name: read}


def test_colours_follow_an_accent_and_keep_their_contrast() -> None:
    shipped = default_templates().text("theme.css")
    for accent in ("#7a1f3d", "#14473f", "#505050", "#5b3a00"):
        sheet = f":root {{ --accent: {accent}; --gold: #a9852f }}"
        theme = read_theme(own(theme_css=shipped + sheet))  # as that of a paper is read
        assert [*find_theme_faults(shipped, sheet, ())] == [], accent
        assert len({theme[name] for name in ("accent", "accent-strong", "cover", "series-1", "dark-accent")}) == 5
        assert (theme["gold"], theme["alert"]) == ("#a9852f", read_theme(default_templates())["alert"])
        assert theme["cover"] != read_theme(default_templates())["cover"]


ADDRESSES = TABLES["addresses"]
SHEETS = TABLES["sheets"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_sheet_and_no_drawing_has_an_address(address: str, tmp_path: Path) -> None:
    for number, sheet in enumerate(SHEETS):
        text = sheet.replace("SPOT", address)
        files = {"epub.css": f"/* https:x\n/* */\n{text}", "web.css": text}
        templates, findings = paper(tmp_path / str(number), files)
        assert {line.split()[1] for line in findings} >= {"bad-template/remote-address"}, (text, findings)
        assert findings[0].startswith("templates/epub.css:3:")
        assert not any(sign in templates.text("epub.css") for sign in ("//", "(", "example", "passwd"))
    escaped = escape(address, {"'": "&quot;"})
    for inner in ("<style>a{fill:X}</style>", "<g style='fill:X'/>", "<g fill='X'/>", "<style>a{b:X}</style>"):
        drawing = SVG.format(inner.replace("X", escaped)).encode()
        if "\x01" not in address:
            clean = b"" if image_problem(drawing, ".svg") else strip_metadata(drawing, "image/svg+xml")[0]
            assert b"example" not in clean


def test_what_a_sheet_does_not_use_is_found_at_its_line(tmp_path: Path) -> None:
    sheet = """:root { --acent: #123456; --ink: #eee;
  --muted: navy;
  --font-text: Comic Sans MS;
  --alert: #9b2c1f; --alert: rgb(1 2 3) }
p { colour: red; color: red }
@font-face { font-family: x }
p { color: ) }
@media print { p { color: red } }
q { font-family: "Comic Sans MS", serif }
q { font-family: Source Sans Pro, var(--font-text), sans-serif }
p { background-color: CurrentColor; border-color: red var(--ink); color: inherit }
p { color: gren }
q { content: '//' """
    templates, findings = paper(tmp_path, {"theme.css": sheet, "epub.css": "p { background: url(pattern.svg) }"})
    lines = [int(line.split(":")[1]) for line in findings]
    assert lines == [1, 1, 2, 3, 4, 5, 6, 7, 9, 12, 13]
    assert "colour:" not in templates.text("theme.css")
    assert "background: url(pattern.svg)" in templates.text("epub.css")


def test_a_sheet_without_end_is_read() -> None:
    faults: list[StyleFault] = []
    for opening in ("a{", "a{b:(", "@media print{", "a{b:["):
        assert "((" not in rewrite_sheet(opening * 1500, report=faults.append)
        for inner in (f"<g style='{opening * 1500}'/>", f"<style>{opening * 1500}</style>"):
            if not image_problem(SVG.format(inner).encode(), ".svg"):
                strip_metadata(SVG.format(inner).encode(), "image/svg+xml")
    assert len(faults) >= 4
    declaration = f"stroke-width:{'9' * 5000}"
    assert rewrite_sheet(f"a{{{declaration}}}").startswith("a{stroke-width:9999")
    for inner in (
        f"<g style='{declaration}'/>",
        f"<style>a{{{declaration}}}</style>",
        f"<g stroke-width='{'9' * 5000}'/>",
    ):
        drawing = SVG.format(inner).encode()
        assert image_problem(drawing, ".svg") == ""
        assert strip_metadata(drawing, "image/svg+xml")[0]


def test_the_sheets_of_the_tool_have_no_faults() -> None:
    for name, data in default_templates().files.items():
        if name.endswith(".css"):
            faults: list[StyleFault] = []
            files = {name.rpartition("/")[2] for name in default_templates().files}
            rewrite_sheet(data.decode(), files, report=faults.append)
            assert faults == [], name


def test_words_of_a_drawing_that_nobody_sees_are_left_out_and_said(tmp_path: Path) -> None:
    root = copy("healthy", tmp_path)
    file = root / "paper" / "figures" / "span.svg"
    texts = "<text x='20' y='20'>Pier</text><text x='-500' y='9'>WORDS</text>"
    changed(file, "</svg>", f"{texts}</svg>")
    findings: list[Diagnostic] = []
    pictures = [i.asset for c in load(root, findings.append, NO_CACHE).chapters for i in c.images if i.asset]
    drawing = next(asset.data for asset in pictures if asset.path.endswith("span.svg"))
    assert (b"WORDS" in drawing, b"Pier" in drawing) == (False, True)
    assert ["WORDS" in d.message for d in findings if d.rule == "bad-character/invisible"] == [True]


HIDING = (
    *("opacity:0", "opacity:0%", "OPACITY:0", "opacity/**/:0", r"\6fpacity:0", "opacity:0!important;opacity:1"),
    *("fill:#0000", "fill:rgba(0,0,0,0)", "fill:hsl(0 0% 0% / 0)", "fill:transparent", "fill:url(#no) none"),
    *("fill:none;stroke:red;stroke-width:0", "fill:none;stroke:red;stroke-opacity:0", "fill:url(#clear)"),
    *("font:0px serif", "font-size:0", "display:none", "visibility:hidden", "clip-path:url(#empty)"),
    *("transform:translateX(-900px)", "transform:scale(0)", "transform:matrix(1 0 0 1 900 0)"),
    *("color:transparent;fill:currentColor", "letter-spacing:-90px"),
)
"""Declarations that hide words."""
HOLDERS = (
    "<text y='9' style='HIDDEN'>WORDS</text>",
    "<text y='9'>Pier<tspan style='HIDDEN'>WORDS</tspan></text>",
    "<g style='HIDDEN'><g><text y='9'>WORDS</text></g></g>",
    "<style>.a{HIDDEN}</style><g class='a'><text y='9'>WORDS</text></g>",
    "<defs><g id='g' style='HIDDEN'><text y='9'>WORDS</text></g></defs><use xlink:href='#g'/>",
)
PLACED = TABLES["placed"]
DRAWING = (
    "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 100 100'>"
    "<clipPath id='empty'/><linearGradient id='clear'><stop stop-opacity='0'/></linearGradient>{}</svg>"
)


def test_words_are_printed_or_said() -> None:
    hidden = {holder.replace("HIDDEN", hiding): False for holder in HOLDERS for hiding in HIDING}
    twins = {holder.replace("HIDDEN", "fill:red"): True for holder in HOLDERS}
    for text, is_seen in {**hidden, **twins, **PLACED}.items():
        drawing = DRAWING.format(text).encode()
        assert image_problem(drawing, ".svg") == "", text
        clean, unseen = strip_metadata(drawing, "image/svg+xml")
        is_reported = any("WORDS" in words for _, words in unseen)
        assert (b"WORDS" in clean, is_reported) == (is_seen, not is_seen), text
        assert not any(veil in clean for veil in (b"filter", b"mask=")), text


def test_one_template_is_enough_for_pages_newsletter_and_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_office(monkeypatch)
    root = copy("single", tmp_path)
    theme = default_templates().text("theme.css")
    written(root / "templates/theme.css", theme.replace("#1f4468", "#1f4467"))
    outputs = ("build --to pdf,html", "newsletter --to html", "site --downloads none")
    for command in ("check", *outputs):
        succeed(root, *command.split())
    assert "theme.css" in nioc(root, "theme", "list").stdout


# --- only files below the paper -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a-link", "is reached through a symbolic link"),
        ("a-pipe", "is not a regular file"),
        ("a-large", "has 1099511627776 bytes; 1000 are allowed"),
        ("a-folder", "is not a regular file"),
        ("below/file", "cannot be read: Not a directory"),
        ("../secret", "is outside the paper"),
        ("/etc/passwd", "is outside the paper"),
        ("", "is outside the paper"),
        ("none", "cannot be read: No such file or directory"),
        ("a\0b", "has a name that no disk can hold"),
    ],
)
def test_only_regular_files_below_a_folder_are_read(name: str, reason: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    for folder in (root / "a-folder", root / "a" / "b", tmp_path / "outside"):
        folder.mkdir(parents=True)
    for file in (tmp_path / "secret", tmp_path / "outside" / "file", root / "a" / "b" / "c.md"):
        file.write_text("words", encoding="utf-8")
    (root / "a-link").symlink_to(tmp_path / "secret")
    (root / "below").symlink_to(tmp_path / "outside")
    os.mkfifo(root / "a-pipe")
    with (root / "a-large").open("wb") as sparse:
        sparse.truncate(2**40)
    with pytest.raises(safe_read.ConfinedError) as failed:
        safe_read.read(root, name, 1000)
    assert str(failed.value) == reason
    (tmp_path / "link").symlink_to(root)  # the folder itself may be one
    assert safe_read.read(tmp_path / "link", "a/b/c.md", 1000) == b"words"
    (root / "a" / "below").symlink_to(tmp_path / "outside")
    assert list(safe_read.walk_files(tmp_path / "link", "a")) == ["a/below", "a/b/c.md"]
