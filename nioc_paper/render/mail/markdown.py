"""Writer of GitHub's Markdown: the title, then the text."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Document, Node, Reporter
from nioc_paper.render.common import imprint, shared_passes
from nioc_paper.render.context import RenderContext
from nioc_paper.render.verify.normalized_text import normalize
from nioc_paper.system import pandoc

_PANDOC_WRITER = "gfm-raw_html"


def write(document: Document, context: RenderContext) -> bytes:
    """Return the bytes of the .md file. Reports `lost-content/text`."""
    return write_text_format(document, PASSES, _PANDOC_WRITER, context.report)


def write_text_format(
    document: Document, passes: Iterable[shared_passes.TreePass], pandoc_writer: str, report: Reporter
) -> bytes:
    """Return the title and the text from one of pandoc's plain text writers."""
    head = [
        tree.header(1, tree.text_inlines(" · ".join(filter(None, (document.subtitle, document.title))))),
        tree.para([{"t": "Emph", "c": tree.text_inlines(document.part_of)}]),
    ]
    end = [{"t": "HorizontalRule"}, tree.para(tree.text_inlines(document.publisher))] if document.publisher else []
    blocks = [*head, *shared_passes.run_passes(list(document.blocks), passes, document), *end]
    data = pandoc.write(blocks, pandoc_writer, args=["--wrap=auto", "--columns=72"])
    if missing_word := _first_missing_word(blocks, _comparable(data.decode())):
        report(Diagnostic(imprint.output_place(document), "lost-content/text", f"not in the file: '{missing_word}'"))
    return data


def _first_missing_word(blocks: Sequence[Node], output_text: str) -> str:
    """Return the first word missing from the output; addresses and note marks may be between words.

    Notes are at the end of the output, where each is searched by itself.
    """
    notes: list[Node] = []

    def take_notes_out(node: Node) -> Node | None:
        if node["t"] == "Note":
            notes.extend(node["c"])
        return None if node["t"] in ("Note", "Math", "RawInline", "RawBlock") else node

    for part in (tree.rewrite(take_notes_out, blocks), *([note] for note in notes)):
        position = 0
        for word in tree.plain_text(part).split():
            pos = output_text.find(_comparable(word), position)
            if pos < 0:
                return word
            position = pos + len(_comparable(word))
    return ""


def _comparable(text: str) -> str:
    """Return a normalized text with plain digits: pandoc writes raised and lowered ones as such, as in H₂O."""
    return normalize(unicodedata.normalize("NFKC", text))


def read_facts(table: Node) -> list[tuple[str, str]]:
    """Return the figures of a table with one row, each with its name."""
    heads, figures = (
        [tree.plain_text(cell[-1]) for _, cells in rows for cell in cells]
        for rows in (table["c"][3][1], table["c"][4][0][3])
    )
    return list(zip(heads, figures, strict=True))


def is_internal_link(node: Node) -> bool:
    """Return whether a link leads to a place in the document, which a mail may lack."""
    return node["t"] == "Link" and str(node["c"][2][0]).startswith("#")


PASSES: tuple[shared_passes.TreePass, ...] = (
    shared_passes.node_pass(lambda node: _NODE_HANDLERS[node["t"]](node) if node["t"] in _NODE_HANDLERS else node),
)


def _flatten_table(table: Node) -> Node:
    if "facts" not in tree.classes(table):
        return shared_passes.without_column_widths(table)
    return tree.bullet_list(tree.text_inlines(f"{name}: {figure}") for name, figure in read_facts(table))


def _content(node: Node) -> list[Node]:
    return list(node["c"][1])


_NODE_HANDLERS: Mapping[str, Callable[[Node], Node | list[Node]]] = {
    "Div": _content,
    "Span": _content,
    "Image": _content,
    "Figure": lambda node: list(node["c"][2]),
    "Link": lambda node: _content(node) if is_internal_link(node) else node,
    "Header": lambda node: tree.header(node["c"][0] + 1, node["c"][2]),
    "Table": _flatten_table,
}
