"""A policy brief: a chapter of a category on two pages, in its own words and with the numbers of the paper. Pure.

A brief has at most 700 words besides its sources. What is too long is left out from the end of its list, of gaps first,
then of linkages, then of findings, and the brief says how many more the paper has. Recommendations always stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from nioc_paper import tree
from nioc_paper.assemble.extract import cites, closed, elsewhere, with_blocks
from nioc_paper.assemble.fill import lower
from nioc_paper.assemble.lists import Context
from nioc_paper.assemble.lists.cells import brief as opening
from nioc_paper.assemble.lists.cells import cell, columns, day, mark, owner, value
from nioc_paper.assemble.markings import label
from nioc_paper.assemble.whole import Whole, whole
from nioc_paper.model import AUDIENCES, Block, Chapter, Copy, Document, History, Node, Paper
from nioc_paper.wording import digits

LIMIT = 700
"""Words of a brief without its sources."""
_SHORTENED = ("gaps", "linkages", "findings")
"""Lists that may be shortened to one line, the first to be shortened first."""
_COPY = Copy()

Lines = list[list[Node]]
"""The items of a list."""


def refusal(paper: Paper, chapter: str) -> str:
    """Why a chapter of the paper makes no brief; empty if it makes one."""
    found = next((c for c in paper.chapters if c.id == chapter), None)
    if found is None or found.path not in paper.listed:
        return f"no chapter of the paper is called '{chapter}'"
    if found.front.category not in {c.id for c in paper.settings.categories}:
        return f"'{chapter}' makes no brief: it is a chapter of no category"
    return "" if found.of("recommendation") else f"'{chapter}' makes no brief: it has no recommendation"


def brief(paper: Paper, history: History, chapter: str, timestamp: int | None = None, copy: Copy = _COPY) -> Document:
    """The brief of a chapter that `refusal` has nothing against."""
    read = whole(paper, history, copy)
    found = next(c for c in read.context.chapters if c.id == chapter)
    read = read.said_in(found.language)
    common, words = read.document(timestamp), read.context.words
    text = read.references.fill([*_sections(replace(read.context, chapters=(found,)), found)])
    blocks = [tree.div(closed([*text, *_end(read, found, text)]), "brief", id=f"brief-{chapter}")]
    return replace(
        with_blocks(common, blocks),
        id=f"{common.id}-{chapter}-brief",
        title=found.front.title,
        subtitle=words["policy_brief"],
        part_of=common.title,
        language=found.language,
        keywords=_keywords(paper, found),
        form="brief",
        withheld=common.withheld - elsewhere(paper, chapter, copy),
    )


def _keywords(paper: Paper, chapter: Chapter) -> tuple[str, ...]:
    """What the chapter is about: its title, what its category asks it to treat, and how it touches others."""
    asked = next(c.headings for c in paper.settings.categories if c.id == chapter.front.category)
    touches = (link.how for link in chapter.front.links if link.how)
    return tuple(dict.fromkeys((chapter.front.title, *map(lower, asked), *touches)))


# --- sections ---------------------------------------------------------------------------------------------------------


def _sections(context: Context, chapter: Chapter) -> Iterator[Node]:
    """For whom it is, if not for everybody; the summary; then the sections, each with its number."""
    lists = {
        "findings": [[*opening(b, sources=True), *mark(context, b)] for b in chapter.of("finding")],
        "gaps": [_numbered(context, b) for b in chapter.of("gap")],
        "linkages": [*_linkages(context, chapter)],
    }
    summary = [tree.div([tree.para(tree.text(chapter.front.summary))], "summary")] if chapter.front.summary else []
    plan = _plan(context, chapter)
    kept = _kept(lists, tree.words([*summary, plan]))
    bodies = {name: _list(context, lines, kept[name]) for name, lines in lists.items()} | {"recommendations": [plan]}
    order = [name for name in ("findings", "gaps", "recommendations", "linkages") if bodies[name]]
    level: str = chapter.front.sensitivity
    yield from [label(level, context.words)] if level != AUDIENCES[0] else []
    yield from summary
    for number, name in enumerate(order, 1):
        own = tree.span([{"t": "Str", "c": digits(str(number), context.words)}], "number")
        yield tree.header(1, [own, {"t": "Space"}, *tree.text(context.words[name])], id=f"brief-{name}")
        yield from bodies[name]


def _kept(lists: Mapping[str, Lines], words: int) -> dict[str, int]:
    """How many lines of each list stay; `words` are those of all the rest."""
    kept = {name: len(lines) for name, lines in lists.items()}
    words += tree.words(list(lists.values()))
    for name in _SHORTENED:
        while words > LIMIT and kept[name] > 1:
            kept[name] -= 1
            words -= tree.words(lists[name][kept[name]])
    return kept


def _list(context: Context, lines: Lines, kept: int) -> list[Node]:
    """The first lines of a list, and how many more there are."""
    if not lines:
        return []
    more = context.words["more_in_paper"].format(len(lines) - kept)
    return [
        tree.bullets(lines[:kept]),
        *([tree.div([tree.para(tree.text(more))], "more")] if kept < len(lines) else []),
    ]


def _numbered(context: Context, block: Block) -> list[Node]:
    """A gap in a line, behind its number."""
    number = tree.strong([{"t": "Str", "c": context.numbers.get(block.id, "")}])
    return [number, *mark(context, block), {"t": "Space"}, *_sentence(opening(block, sources=True))]


def _linkages(context: Context, chapter: Chapter) -> Iterator[list[Node]]:
    """How the chapter touches others, a line each: as its text says it, or else as its front matter does."""
    titles = {c.id: c.front.title for c in context.paper.chapters}
    told = [
        (b.attributes.get("to", ""), [*_sentence(opening(b, sources=True)), *mark(context, b)])
        for b in chapter.of("linkage")
    ]
    named = [(link.to, tree.text(link.how)) for link in chapter.front.links if link.how]
    for name, words in told or named:
        yield [tree.strong(tree.text(titles.get(name, name))), {"t": "Str", "c": ":"}, {"t": "Space"}, *words]


def _sentence(inlines: Sequence[Node]) -> list[Node]:
    """The first sentence: chapters are written a sentence a line."""
    for index, node in enumerate(inlines):
        if node["t"] == "SoftBreak" and re.search(r"[.!?][”’)]*$", tree.plain(inlines[:index])):
            return list(inlines[:index])
    return list(inlines)


def _plan(context: Context, chapter: Chapter) -> Node:
    """Who does what by when, and how one will know."""
    heads = columns(context, ("no", 0.07), ("recommendation", 0.44), ("owner", 0.12), ("by", 0.13), ("indicator", 0.24))
    rows = [
        [
            cell([*tree.text(context.numbers.get(block.id, "")), *mark(context, block)]),
            cell(opening(block)),
            cell(tree.text(owner(context, block))),
            cell(tree.text(day(block.value("by"), context.words))),
            cell(value(block, "indicator")),
        ]
        for block in chapter.of("recommendation")
    ]
    return tree.table(heads, rows, "generated", "brief-plan")


# --- the end ----------------------------------------------------------------------------------------------------------


def _end(read: Whole, chapter: Chapter, blocks: Sequence[Node]) -> Iterator[Node]:
    """The sources, the abbreviations, and where the rest is."""
    words = read.context.words
    if cites(blocks):
        yield tree.header(1, tree.text(words["references"]), id="references")
        yield tree.div([], id="refs")
    text = tree.plain(blocks)
    short = [a for a in read.context.paper.acronyms if not a.exempt and _unexplained(text, a.short)]
    lines = [f"{a.short}{words['comma']} {a.long}" for a in sorted(short, key=lambda a: a.short.casefold())]
    if lines:
        yield tree.div([_note(words["abbreviations"], f"{words['semicolon']} ".join(lines))], "abbreviations")
    edition = read.context.paper.settings.edition
    paper = words["quoted"].format(read.context.paper.settings.title) + (f" ({edition})" if edition else "")
    whole_text = words["drawn_from"].format(read.context.labels[f"sec-{chapter.id}"], paper)
    yield tree.div([_note(words["whole_paper"], whole_text)], "whole-paper")


def _note(name: str, text: str) -> Node:
    return tree.para([tree.strong(tree.text(f"{name}:")), {"t": "Space"}, *tree.text(text)])


def _unexplained(text: str, short: str) -> bool:
    """Whether a text uses an abbreviation and does not write it out."""
    return f"({short})" not in text and re.search(rf"(?<!\w){re.escape(short)}s?(?!\w)", text) is not None
