"""Rules about callouts: notes, tips, warnings and boxes."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Paper
from nioc_paper.tree.own_forms import callout_class, callout_title

_TITLE_HINT = 'write ::: {.box title="…"}'


def untitled_box(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A box has a title that names its subject; notes, tips and warnings have a title by default.

    Bad: ::: {.box}
    Good: ::: {.box title="How a tunnel is lit"}
    """
    for node in text.nodes("Div"):
        if callout_class(node) == "box" and not callout_title(node):
            yield Finding(text.chapter.place(node), "the box has no title", _TITLE_HINT)


def heading_in_callout(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A callout has no headings: its title is in its first line, and no section begins in it.

    Bad: ::: {.note} and, below it, ### How a tunnel is lit
    Good: ::: {.note title="How a tunnel is lit"}
    """
    for node in text.nodes("Div"):
        if kind := callout_class(node):
            for header in (n for n in tree.walk_blocks(node["c"][1]) if n["t"] == "Header"):
                title = tree.plain_text(header["c"][2])
                hint = f'write ::: {{.{kind} title="{title}"}}, or the words as a paragraph'
                yield Finding(text.chapter.place(header), f"the heading '{title}' is in a {kind}", hint)
