"""A page for programs for mail: tables, styles at every element, and nothing that is fetched or runs.

Many of them drop style sheets, scripts, pictures that are far away and most of what is newer than HTML 4: so the style
sheet is put at the elements, and a picture is its words.
"""

from __future__ import annotations

import css_inline
from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.files import shipped_templates
from nioc_paper.model import Document, Node, Report, Templates
from nioc_paper.render import body, inventory, page_read
from nioc_paper.render.markdown import facts, leads_inside
from nioc_paper.render.templating import Pages
from nioc_paper.render.theme import resolve, theme


def write(document: Document, templates: Templates, report: Report, *_: object) -> bytes:
    """The document as one HTML file. Reports what it lacks."""
    blocks = tree.rewrite(_plain, list(body.prepare(document)))
    text = body.html(blocks, "--shift-heading-level-by=1")
    place = body.output(document, "html")
    inventory.compare(blocks, page_read.part(text), "page for mail", place, report)
    # A paper may have templates of its own from before there were newsletters.
    templates = templates if "mail.html" in templates else shipped_templates()
    css = resolve(templates.text("mail.css"), theme(templates))
    context = body.context(document) | {"text": Markup(text)}  # noqa: S704 - pandoc's
    page = Pages(templates, context).render("mail.html")
    inliner = css_inline.CSSInliner(extra_css=css, load_remote_stylesheets=False, keep_style_tags=False)
    return inliner.inline(page).encode()


def _plain(node: Node) -> Node | list[Node]:
    """Pictures as their words, and tables without the widths that pandoc would write into a style sheet."""
    if node["t"] == "Image" or leads_inside(node):
        return list(node["c"][1])
    if node["t"] == "Table" and "facts" in tree.classes(node):
        # Below each other: beside each other they would be wider than a phone.
        rows = [[[tree.plain_block(tree.text(text))] for text in (figure, name)] for name, figure in facts(node)]
        attr, caption, columns, head, *rest = tree.table([("", None), ("", None)], rows, "facts")["c"]
        return {**node, "c": [attr, caption, columns, [head[0], []], *rest]}
    if node["t"] == "Table":
        attr, caption, columns, *rest = node["c"]
        return {**node, "c": [attr, caption, [[align, {"t": "ColWidthDefault"}] for align, _ in columns], *rest]}
    return node
