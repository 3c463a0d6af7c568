"""A small whole document, as the assembling stage hands it to the writers: one of everything that they must set."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import cache
from pathlib import Path

from PIL import Image

from nioc_paper import tree
from nioc_paper.model import Asset, Chart, DataTable, Document, ListEntry, Node, Place
from nioc_paper.system import pandoc

_TEXT = (Path(__file__).parent / "tables" / "sample_document.md").read_text(encoding="utf-8")

_VEGA = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
    "data": {"values": [{"year": "2017", "crates": 3}, {"year": "2018", "crates": 9}]},
    "mark": "bar",
    "encoding": {"x": {"field": "year", "type": "nominal"}, "y": {"field": "crates", "type": "quantitative"}},
}


def blocks() -> tuple[Node, ...]:
    """The tree: headings without the ids that pandoc would make up, figures as Figure nodes."""
    return tuple(tree.rewrite(_figure, json.loads(_parsed())["blocks"]))


@cache
def _parsed() -> bytes:
    return pandoc.run(["-f", "markdown-auto_identifiers", "-t", "json"], _TEXT.encode()).stdout


def _figure(node: Node) -> Node:
    if not tree.is_div(node, "figure"):
        return node
    picture, caption = node["c"][1]
    image = next(n for n in tree.walk(picture) if n["t"] == "Image")
    image["c"][1] = tree.text_inlines("Bars: 3 crates in 2017, 9 in 2018.")
    content = [tree.plain_block([image])]
    return {"t": "Figure", "c": [tree.attr(tree.identifier(node)), [None, [tree.plain_block(caption["c"])]], content]}


def document(*, draft: bool = True) -> Document:
    """The whole document."""
    square = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(square, "PNG")
    made = blocks()
    return Document(
        id="crates",
        title="A Strategy against Crates",
        subtitle="What moves, and who is paid",
        edition="First edition",
        publisher="Institute of Crates",
        rights="© Institute of Crates. “Quote & name” us.",
        language="en-GB",
        date=date(2020, 4, 22),
        timestamp=1587513600,
        version="v0.1",
        authors=("Amal Rahim", "Zoë Ö. D’Arc"),
        draft=draft,
        blocks=made,
        languages=("ur",),
        contents=(
            ListEntry(1, "", "Foreword", "sec-foreword"),
            ListEntry(0, "", "The crimes", "sec-part-crimes"),
            ListEntry(1, "1", "Smuggling", "sec-smuggling", "chapter 1"),
            ListEntry(2, "1.1", "Routes and the people who keep them open", "sec-sm-routes", "section 1.1"),
            ListEntry(1, "2", "Fraud", "sec-fraud", "chapter 2"),
            ListEntry(1, "A", "Words", "sec-annex-a", "annex A"),
            ListEntry(1, "", "References", "sec-references"),
        ),
        figures=(ListEntry(0, "1.1", "Crates found, 2017 and 2018.", "fig-sm-crates", "Figure 1.1"),),
        tables=(
            ListEntry(0, "1.1", "Crates by post.", "tbl-sm-posts", "Table 1.1"),
            ListEntry(0, "2.1", "The plan.", "tbl-plan", "Table 2.1"),
            ListEntry(0, "A.1", "Short forms.", "tbl-acronyms", "Table A.1"),
        ),
        recommendations=(ListEntry(0, "SM-1", "Count the “crates” at each post.", "rec-sm-1", "Recommendation SM-1"),),
        charts={
            "charts/crates": Chart(
                id="fig-sm-crates",
                spec=_VEGA,
                data=DataTable(
                    id="fig-sm-crates",
                    heads=("year", "crates"),
                    rows=(("2017", "3"), ("2018", "9")),
                    aligns=("right", "right"),
                    place=Place("chapters/smuggling.md", 40, 1),
                ),
                alt="Bars: 3 crates in 2017, 9 in 2018.",
                place=Place("chapters/smuggling.md", 40, 1),
            )
        },
        assets={"figures/square.png": Asset("figures/square.png", "image/png", square.getvalue())},
    )
