"""Writer of HTML mail: tables, inline styles, and nothing that loads or runs.

Many mail programs drop style sheets, scripts, remote pictures and most of HTML 5: so styles are put on the elements,
and a picture becomes its alternative text.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

import css_inline
from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import Document, Node, TemplateError
from nioc_paper.render.common import imprint, shared_passes
from nioc_paper.render.common.templating import PageRenderer
from nioc_paper.render.common.theme import read_theme, resolve_variables
from nioc_paper.render.context import RenderContext
from nioc_paper.render.mail.markdown import is_internal_link, read_facts
from nioc_paper.render.verify import html_reader, losses


def write(document: Document, context: RenderContext) -> bytes:
    """Return the document as one HTML file. Reports missing content."""
    blocks = shared_passes.run_passes(list(document.blocks), _PASSES, document)
    text = shared_passes.blocks_to_html(blocks, "--shift-heading-level-by=1")
    expected, contents = losses.ExpectedContents(blocks), html_reader.read_site_fragment(text)
    losses.report_missing(expected, contents, "page for mail", imprint.output_place(document), context.report)
    templates = context.templates
    css = resolve_variables(templates.text("mail.css"), read_theme(templates))
    values = imprint.template_context(document) | {"text": Markup(text)}  # noqa: S704 - pandoc's
    page = PageRenderer(templates, values).render("mail.html")
    mail = css_inline.CSSInliner(extra_css=css, load_remote_stylesheets=False, keep_style_tags=False).inline(page)
    if loading := find_loading(mail):
        raise TemplateError("mail.html", 0, f"produces a page that runs or loads something: {loading}")
    return mail.encode()


def _simplify_node(node: Node) -> Node | list[Node]:
    """Return a picture as its words, and a table without widths, which pandoc writes as styles."""
    if node["t"] == "Image" or is_internal_link(node):
        return list(node["c"][1])
    if node["t"] == "Table" and "facts" in tree.classes(node):
        # One below the other: side by side they would be wider than a phone.
        rows = [
            [[tree.plain_block(tree.text_inlines(text))] for text in (figure, name)]
            for name, figure in read_facts(node)
        ]
        attr, caption, columns, head, *rest = tree.table([("", None), ("", None)], rows, "facts")["c"]
        return {**node, "c": [attr, caption, columns, [head[0], []], *rest]}
    return shared_passes.without_column_widths(node) if node["t"] == "Table" else node


_PASSES: tuple[shared_passes.TreePass, ...] = (*shared_passes.SHARED_PASSES, shared_passes.node_pass(_simplify_node))


# --- check a finished page for mail: nothing in it runs, and nothing is loaded when somebody opens it -----------------
# A mail program knows no content security policy, and a picture from elsewhere tells its owner who reads. A template
# can put any address together, so that only the finished page shows it.


_ACTIVE = frozenset((
    "script", "iframe", "frame", "object", "embed", "applet", "base", "form", "input", "button", "link", "portal",
    "img", "image", "picture", "source", "audio", "video", "track", "use",
))  # fmt: skip
"""Elements that run or load something, or send what a reader types; a page for mail has no pictures."""
_LOADING = frozenset(
    ("src", "srcset", "background", "poster", "data", "action", "formaction", "ping", "lowsrc", "dynsrc")
)
_SAFE_LINK = re.compile(r"\s*(?:https?:|mailto:|#)", re.IGNORECASE)
_LOADING_STYLE = re.compile(r"url|\\|@import|image|expression|behavior", re.IGNORECASE)


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.loading = ""
        self._is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_style = tag == "style"
        if tag in _ACTIVE or (tag == "meta" and any(name == "http-equiv" for name, _ in attrs)):
            self.loading = self.loading or f"<{tag}>"
        for name, value in attrs:
            if _is_loading(name.rpartition(":")[2], value or ""):
                self.loading = self.loading or f'<{tag} {name}="{(value or "")[:60]}">'

    def handle_data(self, data: str) -> None:
        if self._is_style and _LOADING_STYLE.search(data):
            self.loading = self.loading or "<style> with an address"
        self._is_style = False


def _is_loading(name: str, value: str) -> bool:
    if name == "style":
        return _LOADING_STYLE.search(value) is not None
    return not _SAFE_LINK.match(value) if name == "href" else name in _LOADING or name.startswith("on")


def find_loading(page: str) -> str:
    """Return the first part of a page that runs or loads something; empty if there is none."""
    finder = _Finder()
    finder.feed(page)
    finder.close()
    return finder.loading
