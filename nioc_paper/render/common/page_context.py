"""Context of the page templates, and the place of findings on outputs and templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.domain.audience import notices
from nioc_paper.model import Diagnostic, Document, ListEntry, Place, TemplateError
from nioc_paper.render.common.imprint import format_day, format_issue
from nioc_paper.wording import wording_for


def template_context(document: Document) -> dict[str, Any]:
    """Return the values that all templates share, besides the text."""
    words = wording_for(document.language, document.labels)
    lists: dict[str, Sequence[ListEntry]] = {
        "contents": document.contents,
        "figures": document.figures,
        "tables": document.tables,
        "recommendations": document.recommendations,
    }
    return {
        "document": document,
        "words": words,
        "date": format_day(document, words),
        "issue": format_issue(document, words),
        "notices": notices(document, words),
        "lists": [(name, words[name], entries) for name, entries in lists.items() if entries],
    }


def output_place(document: Document) -> Place:
    """Return the place of findings on a whole file: the only chapter in it, or the settings of the paper."""
    paths = {path for block in document.blocks if (path := tree.attributes(block).get("data-path"))}
    return Place(paths.pop() if len(paths) == 1 else "paper/paper.yaml")


def template_diagnostic(error: TemplateError) -> Diagnostic:
    """Return the finding about a template that gives no page."""
    place = Place(f"templates/{error.name}", max(error.line, 1))
    hint = "correct it, or delete the folder templates: the paper then gets the tool's own"
    return Diagnostic(place, "bad-template/page", f"the template {error.reason}", hint=hint)
