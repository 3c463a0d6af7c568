"""Paper with all its numbers: the source of every document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import count

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.assemble.audience_labels import collect_audience_levels, mark_paper
from nioc_paper.assemble.lists import ListContext, generated_charts
from nioc_paper.assemble.lists.timelines_and_data import complete_chart
from nioc_paper.assemble.numbering import Numbers, PrintedPart, assign_heading_ids, assign_numbers
from nioc_paper.domain.agreements import find_agreements, has_consultation
from nioc_paper.domain.approvals import valid_approvals
from nioc_paper.domain.audience import for_audience, with_blocks
from nioc_paper.model import (
    AUDIENCES,
    DELETION,
    INSERTION,
    Chapter,
    Document,
    History,
    Node,
    OutputOptions,
    Paper,
    Revision,
)
from nioc_paper.tree.prune import Pruner
from nioc_paper.tree.suggestions import REMARK, find_suggestions
from nioc_paper.wording import Wording, wording_for


class NumberedPaper(Struct, frozen=True):
    """Printed parts of a paper, the trees of its chapters by path, and all labels and numbers."""

    parts: Sequence[PrintedPart]
    trees: Mapping[str, list[Node]]
    numbers: Numbers
    context: ListContext
    copy: OutputOptions
    withheld_count: int
    """Number of passages that are withheld from the copy, and that this paper does not have."""

    def document(self, timestamp: int | None) -> Document:
        """Return the fields that documents of every form share: all but the blocks."""
        context, history, words = self.context, self.context.history, self.context.words
        paper, settings, chapters = context.paper, context.paper.settings, context.chapters
        version, changed = settings.version or history.tag, history.has_uncommitted
        publisher = paper.display_name(settings.publisher) if settings.publisher else ""
        chapter_charts = {f"chart:{c.id}": complete_chart(context, c) for chapter in chapters for c in chapter.charts}
        return Document(
            id=settings.id,
            title=settings.title,
            subtitle=settings.subtitle or "",
            edition=settings.edition or "",
            publisher=publisher,
            authors=(publisher,) if publisher else (),
            rights=settings.rights or "",
            language=settings.language,
            fonts=settings.fonts,
            template=paper.template,
            references=tuple(r.csl() for r in paper.references.values()),
            style=paper.style,
            charts=generated_charts.build_charts(context) | chapter_charts,
            assets={i.asset.path: i.asset for chapter in chapters for i in chapter.images if i.asset},
            date=history.committed_on,
            timestamp=history.output_timestamp(timestamp),
            version=f"{words['comma']} ".join(filter(None, (version, words["with_changes"] if changed else ""))),
            commit=history.commit[:10] + (" with changes" if changed else "") if history.commit else "",
            copy=self.copy,
            own_words=settings.own_words,
            described=not any(c.undescribed_pictures for c in paper.chapters),
            withheld=self.withheld_count,
            draft=settings.draft and not self.copy.final,
            chapters_run_on=settings.chapters_run_on,
            blocks=(),
        )

    def in_language(self, language: str) -> NumberedPaper:
        """Return the same with labels and numbers in the language of a chapter."""
        words = wording_for(language, self.context.paper.settings.own_words)
        if words is self.context.words:
            return self
        localized_labels = self.numbers.format_labels(words)
        numbers = self.numbers.format_numbers(words)
        return replace(self, context=replace(self.context, words=words, labels=localized_labels, numbers=numbers))


def number_paper(paper: Paper, history: History, copy: OutputOptions) -> NumberedPaper:
    """Return a paper with all numbers, limited to the audience of the copy."""
    # Approvals and agreements are of the whole chapters: this copy may show less.
    chapter_approvals = valid_approvals(paper)
    agreements = find_agreements(paper) if has_consultation(paper) else {}
    if copy.review:  # with the suggestions in its text; remarks are in no copy for the public
        paper = with_suggestions(paper, remarks=copy.audience != AUDIENCES[0])
    paper, withheld_count = for_audience(paper, copy.audience)
    paper = replace(paper, chapters=tuple(map(merge_chapter_words, paper.chapters)))
    paper = mark_paper(paper)
    paper = replace(paper, chapters=tuple(map(_with_ids, paper.chapters)))
    by_path = {c.path: c for c in paper.chapters}
    parts = [
        PrintedPart(part.matter, part.title or "", [by_path[p] for p in dict.fromkeys(part.chapters) if p in by_path])
        for part in paper.settings.parts
    ]
    chapters = [c for part in parts for c in part.chapters]
    trees, words = assign_heading_ids(chapters), wording_for(paper.settings.language, paper.settings.own_words)
    numbers = assign_numbers(paper, parts, trees)
    context = ListContext(
        paper,
        chapters,
        history,
        words,
        numbers.format_labels(words),
        numbers.format_numbers(words),
        is_complete=not withheld_count,
        audience_levels=collect_audience_levels(chapters),
        approvals=chapter_approvals,
        agreements=agreements,
    )
    return NumberedPaper(parts, trees, numbers, context, copy, withheld_count)


def merge_chapter_words(chapter: Chapter) -> Chapter:
    """Return a chapter with adjacent words merged; words have no places of their own then."""
    merged = cache(lambda: tuple(chapter.body.merged()))
    return replace(chapter, body=chapter.body._replace(blocks=merged, merged=merged))


# --- ids of numbered blocks without one -------------------------------------------------------------------------------


_NUMBERED_CLASSES = frozenset(("recommendation", "gap", "objective", "risk", "figure", "table"))
_NAMES_WITHOUT_ID = frozenset(("Figure#", "Table#", *(f".{name}#" for name in _NUMBERED_CLASSES)))
"""Names in trees that may have numbered blocks without an id."""


def _with_ids(chapter: Chapter) -> Chapter:
    if _NAMES_WITHOUT_ID.isdisjoint(chapter.names) or not any(map(_lacks_id, tree.walk_blocks(chapter.blocks))):
        return chapter
    numbers = count(1)

    def with_id(node: Node) -> Node:
        if not _lacks_id(node):
            return node
        # An underscore: no id of the author's has the form.
        return tree.with_id(node, f"{chapter.id}_{next(numbers)}")

    return with_blocks(chapter, tuple(tree.rewrite(with_id, chapter.blocks, skip_types=tree.TEXT_TYPES)))


def _lacks_id(node: Node) -> bool:
    """Whether a block gets a number, and has no id."""
    kind = node["t"]
    is_box = kind == "Div" and not _NUMBERED_CLASSES.isdisjoint(tree.classes(node))
    return (kind == "Figure" or (kind == "Table" and bool(tree.caption(node))) or is_box) and not tree.identifier(node)


# --- suggestions as tracked changes of a review copy ------------------------------------------------------------------


def with_suggestions(paper: Paper, *, remarks: bool = True) -> Paper:
    """Return the paper with the suggestions in the text of its chapters, with or without remarks."""
    pruner = Pruner(lambda node: node["t"] == "Span" and REMARK in tree.classes(node))
    chapters = tuple(replace(c, body=c.suggested_body) if c.suggestions else c for c in paper.chapters)
    if not remarks:
        chapters = tuple(with_blocks(c, tuple(pruner.prune_blocks(c.blocks))) if c.suggestions else c for c in chapters)
    return replace(paper, chapters=chapters)


def as_tracked_changes(document: Document, words: Wording) -> Document:
    """Return a document whose suggestions are Word's tracked changes, with remarks as text in parentheses."""
    if not any(find_suggestions(document.blocks)):
        return document
    timestamp = f"{document.date.isoformat()}T00:00:00Z" if document.date else "1980-01-01T00:00:00Z"
    revision = Revision(words["suggestion"], timestamp)
    change_attributes = {"author": revision.author, "date": revision.date}

    def mark_change(node: Node) -> Node:
        names = set(tree.classes(node)) if node["t"] == "Span" else set()
        if names & {INSERTION, DELETION}:
            return tree.with_attributes(node, **change_attributes)
        if REMARK in names:
            remark = [{"t": "Str", "c": f"{words['remark']}:"}, {"t": "Space"}, *tree.content(node)]
            return tree.with_content(node, [{"t": "Emph", "c": tree.in_parentheses(remark)}])
        return node

    return replace(document, blocks=tuple(tree.rewrite(mark_change, list(document.blocks))), revision=revision)
