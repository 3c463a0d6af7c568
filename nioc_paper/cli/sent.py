"""A chapter as it was sent: the Word file that went out, made from the paper as it was then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time

import click

from nioc_paper.model import (
    AUDIENCES,
    Chapter,
    Comment,
    Copy,
    Diagnostic,
    Document,
    History,
    Paper,
    Sending,
    Severity,
    Templates,
)


def chapter_of(paper: Paper, chapter: str) -> Chapter:
    """A chapter of an earlier paper."""
    found = next((c for c in paper.chapters if c.id == chapter), None)
    if found is None:
        raise click.ClickException(f"the paper had no chapter '{chapter}' when this was sent")
    return found


@dataclass(frozen=True, slots=True)
class Exported:
    """The Word file of a sending."""

    data: bytes
    marking: str
    """For whom alone some of it is: limited, restricted; empty where everybody may read it."""


def exported(
    paper: Paper, chapter: str, sending: Sending, templates: Templates, comments: Sequence[Comment] = ()
) -> Exported:
    """The Word file of a sending, with comments: the same bytes whenever it is made from the same paper."""
    from nioc_paper.ooxml.package import Package
    from nioc_paper.render.theme import theme
    from nioc_paper.review import outgoing, threads
    from nioc_paper.wording import labels

    document = _document(paper, chapter, sending)
    package = Package(_docx(document, templates))
    origin = outgoing.origin_of(paper, chapter, sending)
    accent = theme(templates)["accent"].lstrip("#")
    outgoing.dress(package, origin, outgoing.instructions(paper, sending), accent)
    threads.write(package, comments, paper, labels(paper.settings.language))
    return Exported(package.save(document.timestamp), _marking(document))


def _document(paper: Paper, chapter: str, sending: Sending) -> Document:
    """The chapter alone, dated by the day of the sending, with the marks by which it is known again."""
    from nioc_paper.assemble import assemble, only
    from nioc_paper.review import outgoing

    moment = int(datetime.combine(sending.on, time(), UTC).timestamp())
    history = History(commit=sending.commit, on=sending.on, timestamp=moment)
    marked = outgoing.marked(paper, chapter_of(paper, chapter))
    document = only(assemble(marked, history, copy=Copy(review=True)), marked, chapter)
    return replace(document, form="brief", contents=(), figures=(), tables=(), recommendations=())


def _docx(document: Document, templates: Templates) -> bytes:
    from nioc_paper.render.write import made
    from nioc_paper.report.findings import FORMATS

    found: list[Diagnostic] = []
    data = made("docx", document, templates, found.append)
    if data is None:
        errors = [d for d in found if d.severity == Severity.ERROR]
        raise click.ClickException("the Word file was not made:\n" + FORMATS["short"](errors, lambda _: ()))
    return data


def _marking(document: Document) -> str:
    """For whom alone some of a document is; empty where everybody may read it."""
    from nioc_paper import tree
    from nioc_paper.audience import marking

    level = max((marking(n) for n in tree.walk(document.blocks) if n["t"] in ("Div", "Span")), default=0)
    return AUDIENCES[level] if level else ""
