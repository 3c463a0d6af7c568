"""The paper with everything in it numbered: what documents of every form are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nioc_paper import tree
from nioc_paper.approvals import holding
from nioc_paper.assemble.crossref import CrossReferences
from nioc_paper.assemble.lists import Context, pictures
from nioc_paper.assemble.markings import levels, marked
from nioc_paper.assemble.numbers import Numbers, PrintedPart, identify, number
from nioc_paper.assemble.proposals import shown
from nioc_paper.audience import for_audience
from nioc_paper.model import Chapter, Copy, Document, History, Node, Paper
from nioc_paper.wording import Words, labels


@dataclass(frozen=True, slots=True)
class Whole:
    """The paper's parts as they are printed, the trees of its chapters by path, and what everything is called."""

    parts: Sequence[PrintedPart]
    trees: Mapping[str, list[Node]]
    numbers: Numbers
    context: Context
    references: CrossReferences
    copy: Copy
    withheld: int
    """Passages that the audience of the copy is not to read, and that are in none of this."""

    def document(self, timestamp: int | None) -> Document:
        """What documents of every form have in common; one of the whole paper lacks nothing but its blocks."""
        context, paper = self.context, self.context.paper
        settings, chapters, history = paper.settings, context.chapters, context.history
        publisher = paper.name(settings.publisher) if settings.publisher else ""
        return Document(
            id=settings.id,
            title=settings.title,
            subtitle=settings.subtitle or "",
            edition=settings.edition or "",
            publisher=publisher,
            rights=settings.rights or "",
            language=settings.language,
            date=history.on,
            timestamp=history.moment(timestamp),
            version=_version(history, context.words),
            authors=(publisher,) if publisher else (),
            fonts=settings.fonts,
            template=paper.template,
            copy=self.copy,
            withheld=self.withheld,
            draft=not self.copy.final,
            blocks=(),
            references=tuple(r.csl() for r in paper.references.values()),
            charts=pictures.charts(context) | {f"chart:{c.id}": c for chapter in chapters for c in chapter.charts},
            assets={i.asset.path: i.asset for chapter in chapters for i in chapter.images if i.asset},
        )

    def said_in(self, language: str) -> Whole:
        """The same in the words of a chapter's language."""
        words = labels(language)
        if words is self.context.words:
            return self
        called = self.numbers.labels(words)
        context = replace(self.context, words=words, labels=called, numbers=self.numbers.numbers(words))
        return replace(self, context=context, references=CrossReferences(context.paper, words, called))


def whole(paper: Paper, history: History, copy: Copy) -> Whole:
    """Number everything in a paper, as far as the audience of the copy may read it."""
    approved = holding(paper)
    left, withheld = for_audience(shown(paper) if copy.review else paper, copy.audience)
    paper = marked(replace(left, chapters=tuple(map(flowing, left.chapters))))
    by_path = {c.path: c for c in paper.chapters}
    parts = [
        PrintedPart(part.matter, part.title or "", [by_path[p] for p in dict.fromkeys(part.chapters) if p in by_path])
        for part in paper.settings.parts
    ]
    chapters = [c for part in parts for c in part.chapters]
    trees, words = identify(chapters), labels(paper.settings.language)
    numbers = number(paper, parts, trees)
    context = Context(
        paper,
        chapters,
        history,
        words,
        numbers.labels(words),
        numbers.numbers(words),
        whole=not withheld,
        levels=levels(chapters),
        # Of what was signed, which is all that the chapters say: this copy may have less.
        approvals=approved,
    )
    references = CrossReferences(paper, words, context.labels)
    return Whole(parts, trees, numbers, context, references, copy, withheld)


def flowing(chapter: Chapter) -> Chapter:
    """The chapter as it is printed, where no word has a place of its own."""
    return replace(chapter, body=tree.ready(tuple(chapter.body.flowing())))


def _version(history: History, words: Words) -> str:
    """The tag of this commit, or the commit itself."""
    if history.commit is None:
        return ""
    return history.commit[:10] + (f" {words['with_changes']}" if history.dirty else "")
