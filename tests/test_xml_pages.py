"""Pages that are read as XML have the tree that HTML gives them; all others are left to the parser of HTML."""

from __future__ import annotations

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any, TextIO, cast
from xml.etree.ElementTree import Element

import pytest
import sample_document
import tinyhtml5
from hypothesis import given
from hypothesis import strategies as st

from nioc_paper.render.common import document_pictures
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.pdf.chapters import split_into_pieces
from nioc_paper.render.pdf.job import prepare_job
from nioc_paper.render.pdf.worker.patches.state import PatchState
from nioc_paper.render.pdf.worker.patches.xml_pages import _FLOW, parse_xml_page, wrap
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates

TEMPLATES = default_templates()

CHILDREN = {
    "table": ("caption", "colgroup", "thead", "tbody", "tfoot"),
    "colgroup": ("col",),
    **dict.fromkeys(("thead", "tbody", "tfoot"), ("tr",)),
    "tr": ("th", "td"),
    **dict.fromkeys(("ul", "ol"), ("li",)),
    "dl": ("dt", "dd"),
    **dict.fromkeys(("p", "h2", "a", "em", "span"), ("a", "em", "b", "span", "code", "br", "img", "sup")),
}
BLOCKS = ("p", "h2", "div", "section", "figure", "pre", "blockquote", "ul", "ol", "dl", "table", "hr", "a", "b", "span")
VOID = ("br", "hr", "img", "col", "meta", "link", "wbr")
OTHERS = (
    *("li", "tr", "td", "tbody", "caption", "col", "dd", "svg", "math", "button", "form", "select", "option", "nobr"),
    *("font", "script", "style", "title", "textarea", "body", "html", "head", "image", "ruby", "rt", "object"),
    *("template", "center", "listing", "plaintext", "xmp", "noscript", "A", "meta", "table", "p", "h3", "a"),
)
TEXTS = (
    *(
        "",
        "",
        "\n",
        " ",
        "rod",
        " rail ",
        "\n\nrod",
        "rod &amp; rail",
        "&lt;",
        "&#39;",
        "&#34;",
        "é",
        "\u00a0",
        "\u2028",
    ),
    *("&gt;", "\t", "\r\n", "=", "]]", "\u0085", '"'),
)
ODD_TEXTS = (
    ">",
    "/>",
    "&copy;",
    "&#65;",
    "&#128;",
    "&#13;",
    "&",
    "<!-- rod -->",
    "<!-- </ -->",
    "<![CDATA[>]]>",
    "<?rod?>",
)
ATTRIBUTES = (
    ' class="thick rod"',
    " id='rod'",
    ' data-x="1&gt;2"',
    ' alt=""',
    ' title="&quot; &#39;"',
    ' style="width: 1%"',
)
ODD_ATTRIBUTES = (
    *(' title="rod\nrail"', " title='rod\trail'", ' title="1>2"', ' xml:lang="en"', ' xmlns="rod"', ' dataX="1"'),
    *(" hidden", " class=thick", ' id="a" id="b"', '\n class="thick"'),
)


@st.composite
def contents(draw: Any, parent: str = "body", depth: int = 0) -> str:
    """Content of an element: mostly as HTML has it, sometimes not."""
    parts = [draw(st.sampled_from(TEXTS))]
    for _ in range(draw(st.integers(0, 3)) if depth < 5 else 0):
        is_odd = draw(st.integers(0, 29)) == 0
        tag = draw(st.sampled_from(OTHERS if is_odd else CHILDREN.get(parent, BLOCKS)))
        attributes = "".join(draw(st.lists(st.sampled_from(ATTRIBUTES), max_size=2, unique=True)))
        if draw(st.integers(0, 39)) == 0:
            attributes += draw(st.sampled_from(ODD_ATTRIBUTES))
        ending = draw(st.integers(0, 39))
        if ending == 0:
            parts.append(draw(st.sampled_from((f"<{tag}{attributes}>", f"<{tag}{attributes}/>", f"</{tag}>"))))
        elif tag in VOID and ending > 1:
            parts.append(f"<{tag}{attributes} />")
        else:
            parts.append(f"<{tag}{attributes}>{draw(contents(tag, depth + 1))}</{tag}>")
        is_structure = parent in ("table", "colgroup", "thead", "tbody", "tfoot", "tr")
        parts.append(draw(st.sampled_from(("", "\n", " ") if is_structure else TEXTS)))
    if draw(st.integers(0, 59)) == 0:
        parts.append(draw(st.sampled_from(ODD_TEXTS)))
    return "".join(parts)


def page(body: str, head: str = "<title>Rods</title>") -> str:
    """A page as the templates write it."""
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body data-issue="">\n{body}\n</body>\n</html>\n'
    )


def content(element: Element) -> tuple[object, ...]:
    """All that an element holds."""
    children = [(content(child), child.tail or "") for child in element]
    return element.tag, dict(element.attrib), element.text or "", children


def html_content(source: str) -> tuple[object, ...]:
    return content(tinyhtml5.parse(StringIO(source), namespace_html_elements=False))


@given(
    st.builds(
        page, contents(), st.sampled_from(("<title>-</title>", '<meta charset="utf-8" />', "<style>p {}</style>"))
    )
)
def test_a_page_that_is_read_as_xml_has_the_tree_of_html(source: str) -> None:
    root = parse_xml_page(source)
    assert root is None or content(root) == html_content(source)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Rods",
        "<p>Rods <a href='#a'>&amp; <em>rails</em></a><br />&lt;<img src='a' alt='' /></p>\n<hr />",
        "<em>Rods <b>and <code>rails</code></b></em>",
        "<b><p>Rods</p></b> <em>and</em> <a href='#a'><div>rails</div></a>",
        "<table>\n<colgroup><col /></colgroup> <thead><tr><th>Rod</th></tr></thead><tbody> </tbody></table>",
        "<table><tbody><tr>\n<td>1</td> <td><p>Rod</p></td></tr></tbody></table>",
        "<ul><li><p>Rod</p><ol><li>Rail</li></ol></li></ul><dl><dt>Rod</dt><dd>Rail</dd></dl>",
        "<pre><code>rod\n  rail</code></pre>",
        "<figure><table><caption>Rods</caption></table><figcaption>Rods</figcaption></figure>",
    ],
)
def test_pages_of_such_forms_are_read_as_xml(body: str) -> None:
    root = parse_xml_page(page(body))
    assert root is not None
    assert content(root) == html_content(page(body))


@pytest.mark.parametrize(
    "body",
    [
        "<p>Rod<p>rail</p></p>",
        "<p><span><div>Rod</div></span></p>",
        "<p>Rod<ul><li>rail</li></ul></p>",
        "<h2>Rod<h3>rail</h3></h2>",
        "<a href='#a'>Rod <em><a href='#b'>rail</a></em></a>",
        "<b id='rod'><b><b><b><b>Rod</b></b></b></b>rail</b>",
        "<em id='rod'><b><em><em><em><em>Rod</em></em></em></em></b><p>rail</p></em>",
        "<table><tr><td>Rod</td></tr></table>",
        "<table>Rod<tbody><tr><td>rail</td></tr></tbody></table>",
        "<table><tbody><tr><td>Rod</td>rail</tr></tbody></table>",
        "<ul><li>Rod<li>rail</li></li></ul>",
        "<dl><dt>Rod<dt>rail</dt></dt></dl>",
        "<div/>Rod",
        "<p>Rod<br></br></p>",
        "<div/>Rod<br></br>",
        "<div/>Rod>",
        "<p xmlns:x='rod'>Rod</p>",
        "<p xmlns=''>Rod</p>",
        "<p title='rod\trail'>Rod</p>",
        "<p title='rod\rrail'>Rod</p>",
        "<table>\u00a0<tbody></tbody></table>",
        "<div/><!-- </div -->",
        "<pre>\nrod</pre>",
        "<p title='rod\nrail'>Rod</p>",
        "<p title='a>b\nc'>Rod</p>",
        "<p Title='rod'>Rod</p>",
        "<p>&#128;</p>",
        "<p>Rod<!-- rail --></p>",
        "<svg><path /></svg>",
        "<math xmlns='http://www.w3.org/1998/Math/MathML'><mi>x</mi></math>",
        "<p xml:lang='de'>Rod</p>",
        "<p>Rod &copy; rail</p>",
        "<p>Rod < rail</p>",
        "<p>\ud800</p>",
        "<p>Rod",
        "<textarea>\nRod</textarea>",
        "<div>Rod</div></body></html><p>rail</p>",
    ],
)
def test_pages_that_html_reads_differently_are_left_to_its_parser(body: str) -> None:
    assert parse_xml_page(page(body)) is None


@pytest.mark.parametrize(
    "source",
    [
        "<html><head><title>Rods</title></head><body></body></html>",
        "<!DOCTYPE html>\n<html><body>Rods</body></html>",
        "<!DOCTYPE html>\n<div>Rods</div>",
        page("Rods", "<style>p &gt; a {}</style>"),
        page("Rods", "<style>p > a {}</style>"),
        page("Rods", "<style>p { content: &quot;rod&quot; }</style>"),
        page("Rods", "<style>p { content: &#39;rod&#39; }</style>"),
        page("Rods", "<style>p { content: '&amp;' }</style>"),
        page("Rods").replace("\n", "\r\n"),
        page("Rods").replace("html>", "HTML>", 1),
        page("Rods", "Rails"),
        page("Rods", '<meta charset="utf-8">'),
        page("Rods", "<title>Rods <b>rails</b></title>"),
        '<!DOCTYPE html [<!ENTITY rod "rail">]>\n<html><head></head><body>&rod;</body></html>',
    ],
)
def test_other_frames_are_left_to_the_parser_of_html(source: str) -> None:
    assert parse_xml_page(source) is None


@pytest.mark.parametrize("parent", sorted(_FLOW))
def test_an_element_in_any_other_has_the_place_that_html_gives_it(parent: str) -> None:
    inner = {child: f"<{child} />" if child in VOID else f"<{child}>\nrod</{child}>" for child in _FLOW}
    for content_text in inner.values():
        source = page(f"<{parent}><b>{content_text}</b>rail</{parent}>" if parent not in VOID else content_text)
        root = parse_xml_page(source)
        assert root is None or content(root) == html_content(source)


def test_the_parser_of_html_reads_all_other_pages() -> None:
    read: list[tuple[object, ...]] = []

    def original(document: TextIO, namespace_html_elements: bool = True, **encodings: str) -> Element:
        read.append((document.read(), namespace_html_elements, encodings))
        return Element("html")

    parse = wrap(original, PatchState())
    assert content(parse(StringIO(page("Rods")), namespace_html_elements=False)) == html_content(page("Rods"))
    assert read == []
    others = ((StringIO(page("Rods")), True), (StringIO("<p>Rods"), False), (BytesIO(b"<p>Rods"), False))
    for document, has_name_space in others:
        parse(cast("TextIO", document), has_name_space, override_encoding="utf-8")
    encodings = {"override_encoding": "utf-8"}
    assert read == [(page("Rods"), True, encodings), ("<p>Rods", False, encodings), (b"<p>Rods", False, encodings)]


def test_the_pages_of_a_paper_are_xml(tmp_path: Path) -> None:
    document, look = sample_document.document(), read_theme(TEMPLATES)
    pictures = document_pictures.collect_pictures(document, look, print)
    job = prepare_job(document, TEMPLATES, look, pictures, [])
    pieces = {piece.name: piece.html for piece in split_into_pieces(job, Cache(tmp_path))}
    sheets = job.render_html("print/running.html", first=None, counter="decimal", issue="", sheets=[("Rods", False)])
    sources = pieces | {"whole": job.whole_job()["html"], "running": sheets}
    assert len(sources) > 4
    assert [name for name, source in sources.items() if parse_xml_page(source) is None] == []
