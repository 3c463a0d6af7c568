"""Assembly of a `Paper` into a `Document`: one tree with all numbers, references and lists. Pure.

Chapters are joined as trees, never as text: joined texts would mix up their footnotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.assemble.chapter import build_chapter, numbered_title
from nioc_paper.assemble.decision_summary import build_decision_summary, summary_entry
from nioc_paper.assemble.excerpts import bibliography_blocks, document_with_blocks, extract_chapter, has_citations
from nioc_paper.assemble.lists import LIST_BUILDERS, ListContext
from nioc_paper.assemble.lists.annexes import collect_credits, count_statuses
from nioc_paper.assemble.numbered_paper import NumberedPaper, as_tracked_changes, number_paper
from nioc_paper.assemble.numbering import NumberedTarget
from nioc_paper.domain.sources import uncited_sources
from nioc_paper.model import Document, History, ListEntry, Node, OutputOptions, Paper
from nioc_paper.tree.paragraph_numbers import mark_paragraphs
from nioc_paper.wording import Wording, column_head, localized_digits

__all__ = ["assemble", "assemble_chapter", "build_document", "extract_chapter", "number_paper"]

_COPY = OutputOptions()
_BIBLIOGRAPHY_ID = "references"


def assemble(paper: Paper, history: History, timestamp: int | None = None, copy: OutputOptions = _COPY) -> Document:
    """Return the whole paper, as far as the audience of the copy may read it.

    `timestamp` (seconds since the epoch) overrides the commit's date as the date of every output.
    """
    return build_document(number_paper(paper, history, copy), timestamp)


def assemble_chapter(
    paper: Paper, history: History, chapter_id: str, timestamp: int | None = None, copy: OutputOptions = _COPY
) -> Document:
    """Return one chapter of the paper, as far as the audience of the copy may read it.

    The others are numbered and not built: that is half the time of a long paper.
    """
    document = build_document(number_paper(paper, history, copy), timestamp, chapter_id)
    return extract_chapter(document, paper, chapter_id)


def build_document(
    numbered_paper: NumberedPaper, timestamp: int | None = None, only_chapter: str | None = None
) -> Document:
    """Return the document of a numbered paper; with `only_chapter`, other chapters are empty, and annexes missing."""
    numbers, context = numbered_paper.numbers, numbered_paper.context
    summary = build_decision_summary(context)
    annexes = _build_annexes(context) if only_chapter is None else ()
    blocks = [*summary, *_part_blocks(numbered_paper, only_chapter), *annexes]
    document = replace(
        document_with_blocks(replace(numbered_paper.document(timestamp), titles=context.paper.settings.titles), blocks),
        contents=(*([summary_entry(context)] if summary else []), *numbers.contents),
        figures=tuple(numbers.figures),
        tables=tuple(numbers.tables),
        recommendations=tuple(numbers.recommendations),
        credits=tuple(collect_credits(context)),
        standing=count_statuses(context),
        # Tags without a message are marks of work, not editions.
        versions=tuple(v for v in context.history.versions if v.subject) or context.history.versions,
    )
    if not numbered_paper.copy.review:
        return _with_bibliography(document, context)
    numbered_blocks = number_paragraphs(document.blocks, numbers.targets, context.words)
    return as_tracked_changes(
        _with_bibliography(replace(document, blocks=tuple(numbered_blocks)), context), context.words
    )


def _with_bibliography(document: Document, context: ListContext) -> Document:
    """Return a document that cites or lists sources with a bibliography, which citeproc fills; any other as it is."""
    nocite, words = uncited_sources(context.paper), context.words
    if not nocite and not has_citations(document.blocks):
        return document
    bibliography = tree.div(bibliography_blocks(words), "references", id="chapter-references")
    entry = ListEntry(1, "", words["references"], _BIBLIOGRAPHY_ID)
    blocks, contents = (*document.blocks, bibliography), (*document.contents, entry)
    return replace(document, blocks=blocks, contents=contents, nocite=nocite)


def _part_blocks(numbered_paper: NumberedPaper, only_chapter: str | None) -> Iterator[Node]:
    for index, (matter, title, chapters) in enumerate(numbered_paper.parts):
        if title and chapters:
            yield tree.div([tree.header(1, tree.text_inlines(title), "part", id=f"part-{index}")], "part")
        for chapter in chapters:
            if only_chapter in (None, chapter.id):
                yield build_chapter(numbered_paper, matter, chapter)
            else:
                # Without its text; the letters of its paragraph numbers are taken.
                yield tree.div([tree.header(1, [], id=f"sec-{chapter.id}")], "chapter", id=f"chapter-{chapter.id}")


def _build_annexes(context: ListContext) -> Iterator[Node]:
    for annex in context.paper.settings.annexes:
        name = f"annex-{annex.list}"
        if make := LIST_BUILDERS.get(annex.list):
            annex_label = f"{column_head(context.words, 'annex')} {context.numbers[name]}"
            title = tree.header(1, numbered_title(annex.title, annex_label), id=name)
            content = make(context) or [tree.para(tree.text_inlines(context.words["empty_list"]))]
            yield tree.div([title, *content], "annex", id=f"chapter-{name}")


# --- paragraph numbers of a review copy: "¶3.14" is the same passage in every format ----------------------------------
# Pure.


_PILCROW = "\u00b6"
"""Sign before the number: without it paragraph 3.4 would look like section 3.4."""
_NUMBERED_DIVISIONS = ("front", "chapter", "annex")
_MIN_PREFIX_LETTERS = 2
"""Letters for a chapter without number: a single letter would be an annex."""


def number_paragraphs(blocks: Iterable[Node], targets: Mapping[str, NumberedTarget], words: Wording) -> Iterator[Node]:
    """Yield chapters and annexes with numbered paragraphs; `targets` has the numbers of headings by id."""
    used_prefixes: set[str] = set()
    for block in blocks:
        if not any(tree.is_div(block, kind) for kind in _NUMBERED_DIVISIONS):
            yield block
            continue
        inside, name = tree.content(block), tree.identifier(block)
        heading = targets.get(tree.identifier(inside[0]))
        chapter_number = heading.number if heading else ""
        prefix = chapter_number or next(p for p in _prefix_candidates(name.partition("-")[2]) if p not in used_prefixes)
        used_prefixes.add(prefix)
        yield tree.with_content(block, _number_chapter(inside, prefix, words))


def _prefix_candidates(chapter_id: str) -> Iterator[str]:
    """Yield letters for a chapter without number, the best first: initials (ES), then the start of its id (FO)."""
    words = chapter_id.upper().split("-")
    initials = "".join(word[0] for word in words if word)
    letters = "".join(words)
    if len(initials) >= _MIN_PREFIX_LETTERS:
        yield initials
    yield from (letters[:length] for length in range(_MIN_PREFIX_LETTERS, len(letters) + 1))
    yield from (f"{letters}{number}" for number in range(2, 1000))


def _number_chapter(blocks: Sequence[Node], prefix: str, words: Wording) -> list[Node]:
    """Return the blocks of a chapter with a number at the start of every paragraph."""

    def with_number(count: int, inlines: list[Node]) -> list[Node]:
        number = f"{prefix}.{count}"
        name = f"para-{number.replace('.', '-').lower()}"
        shown = {"t": "Str", "c": _PILCROW + localized_digits(number, words)}
        return [tree.span([shown], "paragraph-number", id=name), {"t": "Space"}, *inlines]

    return mark_paragraphs(blocks, with_number)
