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
    Diagnostic,
    Document,
    History,
    OutputOptions,
    Paper,
    Sending,
    Severity,
    Templates,
)


def require_sent_chapter(paper: Paper, chapter: str) -> Chapter:
    """A chapter of an earlier paper."""
    match = next((c for c in paper.chapters if c.id == chapter), None)
    if match is None:
        raise click.ClickException(f"the paper had no chapter '{chapter}' when this was sent")
    return match


@dataclass(frozen=True, slots=True)
class SendingFile:
    """The Word file of a sending."""

    data: bytes
    marking: str
    """For whom alone some of it is: limited, restricted; empty where everybody may read it."""


def export_sending(
    paper: Paper, chapter: str, sending: Sending, templates: Templates, comments: Sequence[Comment] = ()
) -> SendingFile:
    """The Word file of a sending, with comments: the same bytes whenever it is made from the same paper."""
    from nioc_paper.ooxml.package import Package
    from nioc_paper.render.common.theme import read_theme
    from nioc_paper.review.docx import comment_writer
    from nioc_paper.review.exchange import outgoing
    from nioc_paper.wording import wording_for

    document = _assemble_sending(paper, chapter, sending)
    package = Package(_render_docx(document, templates))
    origin = outgoing.make_origin(paper, chapter, sending)
    accent = read_theme(templates)["accent"].lstrip("#")
    outgoing.prepare_for_review(package, origin, outgoing.format_instructions(paper, sending), accent)
    comment_writer.write_comments(package, comments, paper, wording_for(paper.settings.language))
    return SendingFile(package.save(document.timestamp), _find_marking(document))


def _assemble_sending(paper: Paper, chapter: str, sending: Sending) -> Document:
    """The chapter alone, dated by the day of the sending, with the marks by which it is known again."""
    from nioc_paper.assemble import assemble, extract_chapter
    from nioc_paper.review.exchange import outgoing

    moment = int(datetime.combine(sending.on, time(), UTC).timestamp())
    history = History(commit=sending.commit, committed_on=sending.on, timestamp=moment)
    marked_paper = outgoing.with_bookmarks(paper, require_sent_chapter(paper, chapter))
    document = extract_chapter(assemble(marked_paper, history, copy=OutputOptions(review=True)), marked_paper, chapter)
    return replace(document, form="brief", contents=(), figures=(), tables=(), recommendations=())


def _render_docx(document: Document, templates: Templates) -> bytes:
    from nioc_paper.render.context import RenderContext
    from nioc_paper.render.write import render_bytes
    from nioc_paper.report.findings import FORMATS

    findings: list[Diagnostic] = []
    data = render_bytes("docx", document, RenderContext(templates, findings.append))
    if data is None:
        errors = [d for d in findings if d.severity == Severity.ERROR]
        raise click.ClickException("the Word file was not made:\n" + FORMATS["short"](errors, lambda _: ()))
    return data


def _find_marking(document: Document) -> str:
    """For whom alone some of a document is; empty where everybody may read it."""
    from nioc_paper import tree
    from nioc_paper.domain.audience import sensitivity_level

    level = max((sensitivity_level(n) for n in tree.walk(document.blocks) if n["t"] in ("Div", "Span")), default=0)
    return AUDIENCES[level] if level else ""
