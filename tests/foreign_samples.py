"""Small invented projects of other tools: files by path."""

from __future__ import annotations

import base64
import json

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
BIB = """@book{well2019, title = {Wells of the Valley}, author = {Well, Ann}, year = {2019}, publisher = {Dale}}
@article{pump2020, title = {Pumps}, author = {Pump, Ben}, year = {2020}, journal = {Water}}
"""

QUARTO: dict[str, str | bytes] = {
    "_quarto.yml": """project:
  type: book
book:
  title: "Water in the Valley"
  chapters:
    - index.qmd
    - part: Sources
      chapters:
        - wells.qmd
        - rivers.qmd
  appendices:
    - methods.qmd
bibliography: book.bib
lang: en-GB
""",
    "_variables.yml": "town: Linden\ncount:\n  wells: forty\n",
    "book.bib": BIB,
    "images/map.png": PICTURE,
    "index.qmd": """# Preface {.unnumbered}

The town {{< var town >}} has {{< var count.wells >}} wells; see @sec-wells.
{{< include _shared.qmd >}}

{{< include _shared.qmd >}}
""",
    "_shared.qmd": "Everybody drinks *shared* words.\n",
    "wells.qmd": """---
title: Wells
author: Ann Well
description: Where the water comes from.
---

## Depth {#sec-wells}

Deep wells last longer [@well2019, p. 3; see @pump2020], as @well2019 says.
A claim without a source [@nobody1999] stays.

![A map of the wells](images/map.png){#fig-map width=60% fig-alt="Dots on a map"}

@fig-map shows them, and so does [-@fig-map] and @fig-drawn.

```{r}
#| label: fig-drawn
#| fig-cap: "Litres drawn each year"
plot(litres)
```

::: {.callout-warning title="Careful"}
Old wells may be *foul*.
:::

::: {.column-margin}
A remark in the margin.
:::

| Well | Depth |
|------|-------|
| East | 12 m  |

: Depths of wells {#tbl-depths}

@tbl-depths has the depths.[^how]
The mean is `r mean(depth)` metres.

[^how]: Measured with a rope.

<details><summary>More</summary>

Hidden words here.

</details>
""",
    "rivers.qmd": """# Rivers {#sec-rivers}

The [wells](wells.qmd#sec-wells) are near; [elsewhere](missing.qmd) are none.
{{< fa droplet >}} {{< video https://example.org/film >}}

::: {#fig-two layout-ncol=2}
![](images/map.png)

Both banks of the river
:::

See @fig-two <br>and <sub>low</sub> water, [Figure @fig-two] and [پانی]{lang=ur}.

<!-- a note to colleagues -->
""",
    "methods.qmd": """# Methods

Ropes were used, as [in the text](rivers.qmd) and at [the town](https://example.org).

A [new]{.red} and an [old]{.underline} rope, as in
[Figure 1](wells.qmd#fig-map) and [fig. 1.1](#fig-map), [1990](rivers.qmd); by [equation (1)](#eq-flow):

$$a = b$$ {#eq-flow}

<div align="center">Words in the middle.</div>

<center>

Other words there.

</center>
""",
}

BOOKDOWN: dict[str, str | bytes] = {
    "_bookdown.yml": 'rmd_files: ["index.Rmd", "01-wells.Rmd", "02-rivers.Rmd"]\n',
    "book.bib": BIB,
    "images/map.png": PICTURE,
    "index.Rmd": """---
title: "Water by Hand"
site: bookdown::bookdown_site
output: bookdown::gitbook
bibliography: book.bib
---

# Welcome {-}

A book of water.
""",
    "01-wells.Rmd": """# (PART) Sources {-}

# Wells {#wells}

Section \\@ref(depth) and Chapter \\@ref(rivers) belong together; Figure \\@ref(fig:map) shows a map.
Table \\@ref(tab:depths) counts, Figure \\@ref(fig:drawn) is computed, and equation \\@ref(eq:flow) is a number.

```{r map, fig.cap='A map of *wells*, by @well2019', echo=FALSE, out.width='70%'}
knitr::include_graphics("images/map.png")
```

(ref:cap) A long caption with words

```{r drawn, fig.cap='(ref:cap)', echo=FALSE}
plot(1:10)
```

```{block2, type='rmdimportant'}
Never drink from the east well.
```

## Depth {#depth}

Table: (\\#tab:depths) Depths of the wells

| Well | Depth |
|------|-------|
| East | 12    |

\\begin{equation}
a = b (\\#eq:flow)
\\end{equation}

\\index{depth}Deep water is clean [@pump2020].
""",
    "02-rivers.Rmd": "# Rivers {#rivers}\n\nSee [depth](wells.html#depth) or [a page](depth.html).^[A note.]\n",
}

MYST: dict[str, str | bytes] = {
    "_toc.yml": "format: jb-book\nroot: intro\nchapters:\n  - file: wells\n",
    "intro.md": "# Introduction\n\nRead {doc}`wells` and [the wells](wells.md).\n",
    "wells.md": """(wells-label)=
# Wells

Deep wells last {cite}`well2019`; the flow is $a = b$.

% a comment for colleagues

```{figure} map.png
:name: map
A map of the *wells*.
```

:::{note}
Old wells are deep.
:::
""",
    "measured.ipynb": json.dumps({"cells": [{"cell_type": "markdown", "source": ["Words of a notebook."]}]}),
    "old.rst": "Rivers\n======\n",
}


MDBOOK: dict[str, str | bytes] = {
    "book.toml": '[book]\ntitle = "Water book"\nlanguage = "en"\nsrc = "src"\n',
    "src/SUMMARY.md": """# Summary

[Preface](preface.md)

# Sources

- [Wells](wells/README.md)
    - [Shafts](wells/shafts.md)
- [Rivers](rivers.md)
- [Draft]()
- [Gone](gone.md)

---

[Thanks](thanks.md)
""",
    "src/preface.md": "# Preface\n\nStart with the [wells](wells/index.html), or [shafts](wells/shafts.md#how-deep).\n",
    "src/wells/README.md": """# Wells

> [!WARNING]
> Mind the step.
>
> - and the rope

Before a list:
- one well
- two wells

{{#include ../shared.txt}}

![A map](../images/map.png)
""",
    "src/shared.txt": "Shared words of a file.\n",
    "src/images/map.png": PICTURE,
    "src/wells/shafts.md": """# Shafts

## How deep

| a | b |
|---|---|
| c | d |

A ~~wrong~~ word and `{{#code}}`.[^1]

[^1]: A note.
""",
    "src/rivers.md": """# Rivers

{{#title River}}
Rivers <kbd>flow</kbd> &amp; stay, see ![gif](a.gif); set *$HOME/x*, not `$PATH`, for 5$.

```rust,ignore
{{#include flow.rs}}
```

<Listing caption="Flow of <T>">

R. Brook wrote H~2~O.

</Listing>
""",
    "src/thanks.md": "# Thanks\n\nTo all; write to user@host today.\n",
}

PLAIN: dict[str, str | bytes] = {
    "01-wells.md": "# Wells\n\nWords on wells, and [rivers](02-rivers.md).\n",
    "02-rivers.md": """Rivers without a heading.

- [ ] measure
- [x] drink

!!! note "Mind"
    The banks are steep.

The end, as \\referenced above.
""",
    "LICENSE.md": "Not a chapter.\n",
}

PANDOC: dict[str, str | bytes] = {
    "wells.md": """# Wells

As @fig-map shows, wells are deep [@survey2019, p. 3; @kay2020].[^1]
@kay2020 agrees.

![A map](map.png){#fig-map}

[^1]: A note.
""",
    "map.png": PICTURE,
    "sources.bib": "@book{survey2019, title = {Wells}, author = {Ann Kay}, year = {2019}, publisher = {Quay}}\n"
    "@book{kay2020, title = {Depths}, author = {Ann Kay}, year = {2020}, publisher = {Quay}}\n",
}

PROJECTS = {
    "pandoc": PANDOC,
    "quarto": QUARTO,
    "bookdown": BOOKDOWN,
    "myst": MYST,
    "mdbook": MDBOOK,
    "plain": PLAIN,
}
