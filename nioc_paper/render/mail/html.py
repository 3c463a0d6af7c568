"""Writer of HTML mail: tables, inline styles, and nothing that loads or runs.

Many mail programs drop style sheets, scripts, remote pictures and most of HTML 5: so styles are put on the elements,
and a picture becomes its alternative text.
"""

from __future__ import annotations

import css_inline
from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import Document, Node, TemplateError
from nioc_paper.render.common import page_context, shared_passes
from nioc_paper.render.common.templating import PageRenderer
from nioc_paper.render.common.theme import read_theme, resolve_variables
from nioc_paper.render.context import RenderContext
from nioc_paper.render.mail.markdown import is_internal_link, read_facts, without_column_widths
from nioc_paper.render.mail.quiet import find_loading
from nioc_paper.render.verify import html_reader, inventory
from nioc_paper.tree.pass_runner import run_passes


def write(document: Document, context: RenderContext) -> bytes:
    """Return the document as one HTML file. Reports missing content."""
    blocks = run_passes(list(document.blocks), _PASSES, document)
    text = shared_passes.blocks_to_html(blocks, "--shift-heading-level-by=1")
    place = page_context.output_place(document, "html")
    expected, contents = inventory.ExpectedContents(blocks), html_reader.read_site_fragment(text)
    inventory.report_missing(expected, contents, "page for mail", place, context.report)
    templates = context.templates
    css = resolve_variables(templates.text("mail.css"), read_theme(templates))
    values = page_context.template_context(document) | {"text": Markup(text)}  # noqa: S704 - pandoc's
    page = PageRenderer(templates, values).render("mail.html")
    inliner = css_inline.CSSInliner(extra_css=css, load_remote_stylesheets=False, keep_style_tags=False)
    mail = inliner.inline(page)
    if loading := find_loading(mail):
        raise TemplateError("mail.html", 0, f"produces a page that runs or loads something: {loading}")
    return mail.encode()


def _simplify_for_mail(blocks: list[Node], _document: Document) -> list[Node]:
    """Return blocks with pictures as their words, and tables without widths, which pandoc writes as styles."""
    return tree.rewrite(_simplify_node, blocks)


_PASSES: tuple[shared_passes.TreePass, ...] = (*shared_passes.SHARED_PASSES, _simplify_for_mail)


def _simplify_node(node: Node) -> Node | list[Node]:
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
    return without_column_widths(node) if node["t"] == "Table" else node
