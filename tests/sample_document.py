"""A small whole document, as the assembling stage hands it to the writers: one of everything that they must set."""

from __future__ import annotations

import io
import json
from datetime import date
from functools import cache

from PIL import Image

from nioc_paper import tree
from nioc_paper.model import Asset, Chart, DataTable, Document, ListEntry, Node, Place
from nioc_paper.system import pandoc

_TEXT = """
:::: {#chapter-foreword .front data-status="final" data-lead=""}
# Foreword {#sec-foreword}

Why a paper now, in “plain words”, with a soft\u00adhyphen and a non\u2011breaking one.
::::

:::: {#part-crimes .part}
# The crimes {#sec-part-crimes .part}
::::

:::: {#chapter-smuggling .chapter data-status="outline" data-lead="Amal Rahim"}
# [1]{.number} Smuggling {#sec-smuggling}

::: {.summary}
What moves over the border, and who is paid for it.
:::

The first sentence says why.[^one] See [Recommendation SM-1](#rec-sm-1){.xref}, [Figure 1.1](#fig-sm-crates){.xref},
[section 1.1](#sec-sm-routes){.xref} and [the ministry](https://example.org/a?b=1&c=2).

[^one]: A note with *emphasis*.

    And a second paragraph of it.

## [1.1]{.number} Routes and the people who keep them open {#sec-sm-routes}

::: {#fnd-sm-1 .finding}
Two routes carry most of it [(Doe 2018)](#ref-doe2018).
:::

- one
- two, with a note[^two]
    1. nested

[^two]: In a list.

> A quotation.

| A line
| block

Term
:   Its meaning.

### Deeper {#sec-sm-deeper}

::: {#gap-sm-1 .gap}
::: {.title}
[Gap SM-1]{.label}
:::
Nobody counts.

::: {.fields}
- [Type]{.field}: practice
- [Evidence]{.field}: partial; see [(Doe 2018)](#ref-doe2018)
:::
:::

::: {#rec-sm-1 .recommendation}
::: {.title}
[Recommendation SM-1]{.label}
:::
Count the crates at each post, and publish the count.

::: {.fields}
- [Owner]{.field}: Customs Board (CB)
- [By]{.field}: 31 December 2020
- [Indicator]{.field}: share of posts that publish a count within thirty days of the end of each month, as checked by
  somebody who does not work there
:::
:::

::: {.linkage}
::: {.title}
Link with fraud
:::
The same forgers serve both.
:::

::: {.pullquote}
Nobody counts what nobody is asked for.

::: {.by}
First meeting, 22 November 2019
:::
:::

::: {dir=rtl lang=ur}
یہ اردو ہے
:::

::: {#fig-sm-crates .figure}
![](charts/crates)

[Figure 1.1]{.label}. Crates found, 2017 and 2018.
:::

| Post   | Crates |
|:-------|-------:|
| North  |     12 |
| South  |   7[^3]|

: [Table 1.1]{.label}. Crates by post. {#tbl-sm-posts}

[^3]: In a cell.
::::

:::: {#chapter-fraud .chapter data-status="drafting" data-lead=""}
# [2]{.number} Fraud {#sec-fraud}

A picture: ![A red square](figures/square.png){width=2cm} in the line.

:::: {.landscape}

| Owner | Action | By |
|-------|--------|----|
| Customs Board | Count the crates at each post, and publish the count. | 2020 |

: [Table 2.1]{.label}. The plan. {#tbl-plan .generated .action-plan}

::::

After the wide table.
::::

:::: {#annex-a .annex}
# [A]{.number} Words {#sec-annex-a}

:::: {.landscape}

| Short | Long |
|-------|------|
| CB | Customs Board |

: [Table A.1]{.label}. Short forms. {#tbl-acronyms .generated .acronyms}

::::
::::

:::: {#references .references}
# References {#sec-references}

::: {#refs}
::: {#ref-doe2018 .csl-entry}
Doe, J. 2018. *On Crates*. <https://example.org/crates>.
:::
:::
::::
"""

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
