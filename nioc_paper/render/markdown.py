"""A document of one flow as GitHub's Markdown: its title, then its text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nioc_paper import pandoc, tree
from nioc_paper.model import Diagnostic, Document, Node, Report, Templates
from nioc_paper.render import body
from nioc_paper.render.letters import squeeze

_WRITER = "gfm-raw_html"


def write(document: Document, _templates: Templates, report: Report, *_: object) -> bytes:
    """The bytes of the .md file. Reports `lost-text`."""
    return written(document, _WRITER, "md", report)


def written(document: Document, writer: str, suffix: str, report: Report) -> bytes:
    """The title and the text by one of pandoc's writers of plain text."""
    title = " · ".join(filter(None, (document.subtitle, document.title)))
    head = [tree.header(1, tree.text(title)), tree.para([{"t": "Emph", "c": tree.text(document.part_of)}])]
    blocks = [*head, *tree.rewrite(_flat, list(document.blocks)), *_end(document)]
    data = pandoc.write(blocks, writer, args=["--wrap=auto", "--columns=72"])
    if lost := _first_missing(blocks, squeeze(data.decode())):
        report(Diagnostic(body.output(document, suffix), "lost-text", f"not in the file: '{lost}'"))
    return data


def _first_missing(blocks: Sequence[Node], there: str) -> str:
    """The first word that does not follow in a text on the one before it; addresses and marks of notes may be between.

    Notes stand at the end of the text, where each is looked for by itself.
    """
    notes: list[Node] = []

    def change(node: Node) -> Node | None:
        if node["t"] == "Note":
            notes.extend(node["c"])
        return None if node["t"] in ("Note", "Math", "RawInline", "RawBlock") else node

    for part in (tree.rewrite(change, list(blocks)), *([note] for note in notes)):
        position = 0
        for word in tree.plain(part).split():
            at = there.find(squeeze(word), position)
            if at < 0:
                return word
            position = at + len(squeeze(word))
    return ""


def facts(table: Node) -> list[tuple[str, str]]:
    """The figures of a table with one row, each with its name."""
    heads, figures = (
        [tree.plain(cell[-1]) for _, cells in rows for cell in cells]
        for rows in (table["c"][3][1], table["c"][4][0][3])
    )
    return list(zip(heads, figures, strict=True))


def leads_inside(node: Node) -> bool:
    """Whether a link leads to another place of the document, which in a mail may be gone."""
    return node["t"] == "Link" and str(node["c"][2][0]).startswith("#")


def _flat(node: Node) -> Node | list[Node]:
    """A tree without what only a page can show: divisions, spans, and tables' shares of a width."""
    if node["t"] in ("Div", "Span") or leads_inside(node):
        return list(node["c"][1])
    if node["t"] == "Header":
        level, _, inlines = node["c"]
        return tree.header(level + 1, inlines)
    if node["t"] == "Image":
        return list(node["c"][1])
    if node["t"] == "Figure":
        return list(node["c"][2])
    if node["t"] == "Table" and "facts" in tree.classes(node):
        return tree.bullets(tree.text(f"{name}: {figure}") for name, figure in facts(node))
    if node["t"] == "Table":
        attr, caption, columns, *rest = node["c"]
        return {**node, "c": [attr, caption, [[align, {"t": "ColWidthDefault"}] for align, _ in columns], *rest]}
    return node


def _end(document: Document) -> Iterator[Node]:
    if document.publisher:
        yield {"t": "HorizontalRule"}
        yield tree.para(tree.text(document.publisher))
