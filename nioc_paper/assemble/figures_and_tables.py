"""Build figures and tables of a chapter from their blocks, and label their captions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from nioc_paper import tree
from nioc_paper.assemble.inline_references import CrossReferences, with_allowed_attributes
from nioc_paper.assemble.lists import ListContext
from nioc_paper.assemble.lists.list_context import caption_blocks
from nioc_paper.assemble.lists.timelines_and_data import build_data_table, diagram_sources, find_chart
from nioc_paper.assemble.numbering import DATA_LIST
from nioc_paper.domain.citations_as_text import REPORT_MARK
from nioc_paper.model import WITHOUT_BRACKETS, Chapter, Chart, Node

# --- line of sources under a figure, from the citations at the end of its caption -------------------------------------


_SPACE_TYPES = ("Space", "SoftBreak")
_STOPS = (".", "۔", "。")


def split_sources(inlines: Sequence[Node]) -> tuple[list[Node], list[Node]]:
    """Return a caption without the citations in brackets at its end, and these citations."""
    body, stop = [*inlines], list[Node]()
    if body and body[-1]["t"] == "Str" and body[-1]["c"] in _STOPS:
        stop = [body.pop()]
    cites: list[Node] = []
    while body and (_is_bracketed(body[-1]) or (cites and _is_space(body[-1]))):
        last = body.pop()
        cites = [last, *cites] if last["t"] == "Cite" else cites
    if not cites:
        return [*inlines], []
    return [*_without_space_behind(body), *(stop if body else [])], cites


def _is_space(node: Node) -> bool:
    return node["t"] in _SPACE_TYPES or (node["t"] == "Str" and not node["c"].strip())


def _without_space_behind(inlines: Sequence[Node]) -> list[Node]:
    """Return inlines without spaces at their end, also in the last text: neighbouring words may be one node."""
    body = [*inlines]
    while body and _is_space(body[-1]):
        body.pop()
    if body and body[-1]["t"] == "Str":
        body[-1] = {**body[-1], "c": body[-1]["c"].rstrip()}
    return body


def build_source_line(cites: Sequence[Node], references: CrossReferences) -> Node:
    """Return the line that names sources of a figure, each with its authors in the text."""
    words = references.words
    names = [_name_source(citation, references) for citation in _own_citations(cites)]
    label = tree.text_inlines(words["figure_source"])
    line = [*label, {"t": "Space"}, *tree.join_inlines(names, separator=words["semicolon"])]
    return tree.div([tree.plain_block([*line, {"t": "Str", "c": words["stop"]}])], "source")


def _is_bracketed(node: Node) -> bool:
    return bool(node["t"] == "Cite") and tree.citations(node)[0]["citationMode"]["t"] == "NormalCitation"


def _own_citations(cites: Sequence[Node]) -> Iterator[Node]:
    """Yield each source once, without those through which others were seen: they follow by themselves."""
    keys: set[tuple[str, ...]] = set()
    for citation in (citation for cite in cites for citation in tree.citations(cite)):
        affixes = [tree.plain_text(citation[f"citation{name}"]) for name in ("Prefix", "Suffix")]
        key = citation["citationId"], *affixes
        if key not in keys and not affixes[0].startswith(REPORT_MARK):
            keys.add(key)
            yield citation


def _name_source(citation: Node, references: CrossReferences) -> list[Node]:
    """Return the citation of a source as part of a sentence; words before it, which need brackets, leave it in them."""
    source = references.paper.references.get(citation["citationId"])
    # Styles have no form in a sentence for a law: it is the one in brackets, without them.
    is_law = source is not None and source.is_law
    mode = citation["citationMode"] if citation["citationPrefix"] or is_law else {"t": "AuthorInText"}
    cite = {"t": "Cite", "c": [[{**citation, "citationMode": mode}], []]}
    resolved = references.resolve_citation(cite | ({WITHOUT_BRACKETS: True} if is_law else {}))
    return resolved if isinstance(resolved, list) else [resolved]


# --- floats -----------------------------------------------------------------------------------------------------------


class FloatBuilder(Struct, frozen=True):
    """Builder of one chapter's figures and tables."""

    context: ListContext
    chapter: Chapter

    def with_labelled_caption(self, node: Node) -> Node:
        """Return a figure or table with its label at the start of its caption, if it has one."""
        label = self._label_figure_caption if node["t"] == "Figure" else self._label_caption
        blocks = label(tree.identifier(node), tree.caption(node))
        return tree.with_caption(with_allowed_attributes(node), blocks)

    def with_number(self, name: str, blocks: list[Node]) -> list[Node]:
        """Return a generated list whose table has the id that the chapter gives it, and its number."""
        table = next((block for block in blocks if block["t"] == "Table"), None)
        if table is None or name not in self.context.labels:
            return blocks
        numbered = self.with_labelled_caption(tree.with_id(table, name))
        return [numbered if block is table else block for block in blocks]

    def _label_caption(self, name: str, blocks: list[Node]) -> list[Node]:
        """Return the blocks of a caption with the label of the figure or table `name` at their start."""
        label = self.context.labels.get(name)
        if not label or not blocks:
            return blocks
        first, *rest = blocks
        start = [
            tree.span([{"t": "Str", "c": label.replace(" ", "\u00a0")}], "label"),
            {"t": "Str", "c": self.context.words["stop"]},
            {"t": "Space"},
        ]
        return [{**first, "t": "Plain", "c": [*start, *tree.content(first)]}, *rest]

    def _label_figure_caption(self, name: str, blocks: list[Node], more_sources: Iterable[str] = ()) -> list[Node]:
        """Return a figure's caption with its label at the start, and its sources and `more_sources` on a line below."""
        if not blocks or blocks[0]["t"] not in ("Para", "Plain"):
            return self._label_caption(name, blocks)
        body, cites = split_sources(tree.content(blocks[0]))
        cites += map(tree.cite, more_sources)
        labelled = self._label_caption(name, [tree.with_content(blocks[0], body), *blocks[1:]])
        return [*labelled, build_source_line(cites, self.context.references)] if cites else labelled

    def build_figure(self, node: Node) -> Node:
        """Return the figure of a `.figure` or chart block: its paragraph becomes the caption."""
        name = tree.identifier(node)
        chart = find_chart(self.context, self.chapter, node)
        caption = self._label_figure_caption(name, caption_blocks(node), diagram_sources(chart))
        if chart is None:
            content = [b for b in tree.content(node) if b not in caption_blocks(node)]
            return {"t": "Figure", "c": [tree.attr(name), [None, caption], content]}
        below = caption if chart.is_worded else self._add_data_link(name, caption)
        return {
            "t": "Figure",
            "c": [tree.attr(name), [None, below], build_chart_content(chart, tree.attributes(node).get("width", ""))],
        }

    def _add_data_link(self, name: str, blocks: list[Node]) -> list[Node]:
        """Return a caption with a link to the data of its chart after its last line, if they are printed."""
        data_label = self.context.labels.get(DATA_LIST)
        if not data_label or not name or not blocks:
            return blocks
        before, _, after = self.context.words["data_in"].partition("{}")
        link = [
            *tree.text_inlines(before),
            {"t": "Space"},
            tree.cross_reference(data_label, f"data-{name}"),
            {"t": "Str", "c": after},
        ]
        return [*blocks[:-1], _with_inlines_behind(blocks[-1], [{"t": "Space"}, *link])]

    def build_table(self, node: Node) -> Node | list[Node]:
        """Return a `.table` block as a table: its first paragraph becomes the caption, others are printed below."""
        places = [self.chapter.place(b) for b in tree.content(node) if b["t"] == "CodeBlock"]
        data_table = next((t for t in self.chapter.tables if t.place in places), None)
        title, *below = caption_blocks(node) or [tree.plain_block([])]
        name = tree.identifier(node)
        if data_table is None:
            return [title, *below]
        return build_data_table(data_table, self._label_caption(name, [title]), below, id=name)


def build_chart_content(chart: Chart, width: str = "") -> list[Node]:
    """Return the content of a chart's figure: its finding, unit and period as text, then the picture."""
    picture = {
        "t": "Image",
        "c": [
            tree.attr(values={"width": width} if width else {}),
            tree.text_inlines(chart.alt),
            [f"chart:{chart.id}", ""],
        ],
    }
    headings = {"chart-title": chart.title, "chart-subtitle": chart.subtitle}
    lines = [tree.div([tree.para(tree.text_inlines(text))], name) for name, text in headings.items() if text]
    return [*lines, tree.plain_block([picture])]


def _with_inlines_behind(block: Node, inlines: Sequence[Node]) -> Node:
    """Return a paragraph with inlines after its own; of a division, its last paragraph."""
    if block["t"] == "Div":
        *blocks, last = tree.content(block)
        return tree.with_content(block, [*blocks, _with_inlines_behind(last, inlines)])
    return tree.with_content(block, [*tree.content(block), *inlines])
