"""A document of one flow as GitHub's Markdown: its title, then its text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Document, Node, Reporter
from nioc_paper.render.common import html_prepare
from nioc_paper.render.context import RenderContext
from nioc_paper.render.verify.normalized_text import normalize
from nioc_paper.system import pandoc

_PANDOC_WRITER = "gfm-raw_html"


def write(document: Document, context: RenderContext) -> bytes:
    """The bytes of the .md file. Reports `lost-text`."""
    return write_text_format(document, _PANDOC_WRITER, "md", context.report)


def write_text_format(document: Document, pandoc_writer: str, suffix: str, report: Reporter) -> bytes:
    """The title and the text by one of pandoc's writers of plain text."""
    title = " · ".join(filter(None, (document.subtitle, document.title)))
    head = [
        tree.header(1, tree.text_inlines(title)),
        tree.para([{"t": "Emph", "c": tree.text_inlines(document.part_of)}]),
    ]
    blocks = [*head, *tree.rewrite(_flatten, list(document.blocks)), *_closing_blocks(document)]
    data = pandoc.write(blocks, pandoc_writer, args=["--wrap=auto", "--columns=72"])
    if missing_word := _first_missing_word(blocks, normalize(data.decode())):
        report(
            Diagnostic(html_prepare.output_place(document, suffix), "lost-text", f"not in the file: '{missing_word}'")
        )
    return data


def _first_missing_word(blocks: Sequence[Node], output_text: str) -> str:
    """The first word that does not follow in a text on the one before it; addresses and marks of notes may be between.

    Notes stand at the end of the text, where each is looked for by itself.
    """
    notes: list[Node] = []

    def take_notes_out(node: Node) -> Node | None:
        if node["t"] == "Note":
            notes.extend(node["c"])
        return None if node["t"] in ("Note", "Math", "RawInline", "RawBlock") else node

    for part in (tree.rewrite(take_notes_out, list(blocks)), *([note] for note in notes)):
        position = 0
        for word in tree.plain_text(part).split():
            at = output_text.find(normalize(word), position)
            if at < 0:
                return word
            position = at + len(normalize(word))
    return ""


def read_facts(table: Node) -> list[tuple[str, str]]:
    """The figures of a table with one row, each with its name."""
    heads, figures = (
        [tree.plain_text(cell[-1]) for _, cells in rows for cell in cells]
        for rows in (table["c"][3][1], table["c"][4][0][3])
    )
    return list(zip(heads, figures, strict=True))


def is_internal_link(node: Node) -> bool:
    """Whether a link leads to another place of the document, which in a mail may be gone."""
    return node["t"] == "Link" and str(node["c"][2][0]).startswith("#")


def _flatten(node: Node) -> Node | list[Node]:
    """A tree without what only a page can show: divisions, spans, and tables' shares of a width."""
    if node["t"] in ("Div", "Span") or is_internal_link(node):
        return list(node["c"][1])
    if node["t"] == "Header":
        level, _, inlines = node["c"]
        return tree.header(level + 1, inlines)
    if node["t"] == "Image":
        return list(node["c"][1])
    if node["t"] == "Figure":
        return list(node["c"][2])
    if node["t"] == "Table" and "facts" in tree.classes(node):
        return tree.bullet_list(tree.text_inlines(f"{name}: {figure}") for name, figure in read_facts(node))
    if node["t"] == "Table":
        attr, caption, columns, *rest = node["c"]
        return {**node, "c": [attr, caption, [[align, {"t": "ColWidthDefault"}] for align, _ in columns], *rest]}
    return node


def _closing_blocks(document: Document) -> Iterator[Node]:
    if document.publisher:
        yield {"t": "HorizontalRule"}
        yield tree.para(tree.text_inlines(document.publisher))
