"""Word files of sendings: a chapter as it was in a commit, marked up for review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.app.errors import AppError
from nioc_paper.assemble import assemble_chapter
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.domain.quotations import Quotations
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
from nioc_paper.ooxml.package import Package
from nioc_paper.render import write
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.context import RenderContext
from nioc_paper.report.findings import FORMATS
from nioc_paper.review.docx import comment_writer
from nioc_paper.review.exchange import outgoing
from nioc_paper.wording import wording_for


class SendingFile(Struct, frozen=True):
    """The Word file of a sending."""

    data: bytes
    marking: str
    """The narrowest audience of any part of it: limited, restricted; empty if everybody may read it."""


def require_sent_chapter(paper: Paper, chapter: str) -> Chapter:
    """Return a chapter of an earlier paper. Raises AppError if it has none with this id."""
    match = next((c for c in paper.chapters if c.id == chapter), None)
    if match is None:
        raise AppError(f"the paper had no chapter '{chapter}' when this was sent")
    return match


def export_sending(
    paper: Paper,
    chapter: str,
    sending: Sending,
    templates: Templates,
    comments: Sequence[Comment] = (),
    *,
    compressed: bool = True,
) -> SendingFile:
    """Return the Word file of a sending, with comments; the same bytes whenever it is made from the same paper.

    `compressed` as for `Package.save`.
    """
    document = _assemble_sending(paper, chapter, sending)
    package = Package(_render_docx(document, templates))
    origin = outgoing.make_origin(paper, chapter, sending)
    instructions = outgoing.format_instructions(paper, require_sent_chapter(paper, chapter), sending)
    accent = read_theme(templates)["accent"].lstrip("#")
    outgoing.prepare_for_review(package, origin, instructions, accent)
    comment_writer.write_comments(
        package, comments, paper, wording_for(paper.settings.language, paper.settings.own_words)
    )
    quotations = Quotations(require_sent_chapter(paper, chapter), sensitivity_level)
    marking = _find_marking(document, max(map(quotations.level, comments), default=0))
    return SendingFile(package.save(document.timestamp, compressed=compressed), marking)


def _assemble_sending(paper: Paper, chapter: str, sending: Sending) -> Document:
    """Assemble the chapter alone, dated by the sending, with the bookmarks that identify its passages."""
    moment = int(datetime.combine(sending.on, time(), UTC).timestamp())
    history = History(commit=sending.commit, committed_on=sending.on, timestamp=moment)
    marked_paper = outgoing.with_bookmarks(paper, require_sent_chapter(paper, chapter))
    document = assemble_chapter(marked_paper, history, chapter, copy=OutputOptions(review=True))
    return replace(document, form="brief", contents=(), figures=(), tables=(), recommendations=())


def _render_docx(document: Document, templates: Templates) -> bytes:
    findings: list[Diagnostic] = []
    data = write.render_bytes("docx", document, RenderContext(templates, findings.append))
    if data is None:
        errors = [d for d in findings if d.severity == Severity.ERROR]
        raise AppError("the Word file was not made:\n" + FORMATS["short"](errors, lambda _: ()))
    return data


def _find_marking(document: Document, least: int) -> str:
    """Return the narrowest audience of any part of a document, or `least`; empty if everybody may read it all."""
    nodes = (node for node in tree.walk(document.blocks) if node["t"] in ("Div", "Span"))
    level = max(least, *map(sensitivity_level, nodes), 0)
    return AUDIENCES[level] if level else ""
