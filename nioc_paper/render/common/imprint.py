"""Lines of an imprint that are not fields of a document, context of page templates, and places of findings."""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.audience import notices
from nioc_paper.model import ENTRY_LISTS, Diagnostic, Document, ListEntry, Node, Place, TemplateError
from nioc_paper.wording import Wording, format_date, language_attributes, localized_digits, text_direction, wording_for

_CONTENTS_LINES = 56
"""Lines on the page of contents; a summary takes two."""
_MAX_VERSIONS = 8
"""Number of latest versions; the annex on document control has all."""


def contents_entries(document: Document, levels: int = 2) -> list[ListEntry]:
    """Return the entries of these levels for a page of contents, with summaries of chapters if they fit on it."""
    entries = [entry for entry in document.contents if entry.level < levels]
    fits = len(entries) + 2 * sum(bool(entry.summary) for entry in entries) <= _CONTENTS_LINES
    return entries if fits else [replace(entry, summary="") for entry in entries]


def format_statuses(document: Document, words: Wording) -> str:
    """Return the number of chapters of a draft by status; empty without any."""
    counts = (f"{name} ({localized_digits(str(count), words)})" for name, count in document.standing.items())
    return f"{words['comma']} ".join(counts) if document.draft else ""


def latest_versions(document: Document, words: Wording) -> list[tuple[str, str, str]]:
    """Return tag, day and subject of the latest versions, newest first."""
    return [(v.tag, format_date(v.on, words), v.subject) for v in document.versions[:_MAX_VERSIONS]]


def format_day(document: Document, words: Wording) -> str:
    """Return the day of the document. In a script from the right, a mark keeps it in one piece behind Latin words."""
    mark = "\u200f" if text_direction(document.language) == "rtl" else ""
    return f"{mark}{format_date(document.date, words)}" if document.date else ""


def format_issue(document: Document, words: Wording) -> str:
    """Return the line that tells one issue from another: edition, date and version."""
    # A bare number would not read as a version.
    version = _format_version(document, words) if document.version[:1].isdigit() else document.version
    return " · ".join(filter(None, (document.edition, format_day(document, words), version)))


def format_reference(document: Document, words: Wording) -> str:
    """Return the line by which a Word file is known when it comes back; empty for a document without a reference."""
    if not document.reference:
        return ""
    changes = words["with_changes"] if document.commit.partition(" ")[2] else ""
    day = f"{words['comma']} ".join(filter(None, (format_day(document, words), changes)))
    return words["review_reference"].format(reference=f"{document.reference} ({day})")


def translated_title_inlines(document: Document, words: Wording) -> list[list[Node]]:
    """Return the titles in other languages, each with a note if it is unconfirmed."""
    return [
        [
            {"t": "Span", "c": [tree.attr(values=language_attributes(title.language)), tree.text_inlines(title.title)]},
            *([{"t": "Space"}, *tree.text_inlines(words["to_be_confirmed"])] if title.verify else []),
        ]
        for title in document.titles
    ]


class OwnCitation(NamedTuple):
    """How to cite a document, in three parts: only the title is set as one."""

    publisher: str
    title: str
    issue: str

    @property
    def text(self) -> str:
        """The citation in one line."""
        return "".join(self)


def make_citation(document: Document, words: Wording) -> OwnCitation:
    """Return how to cite the document: publisher, title, date and state. The year follows a title without publisher."""
    year = f" ({localized_digits(str(document.date.year), words)})" if document.date else ""
    edition = f"{words['comma']} ".join(filter(None, (document.edition, format_day(document, words))))
    issue = "".join(f" {sentence}." for sentence in filter(None, (edition, _format_version(document, words))))
    if document.publisher:
        return OwnCitation(f"{document.publisher}{year}. ", document.title, f".{issue}")
    return OwnCitation("", document.title, f"{year}.{issue}")


def _format_version(document: Document, words: Wording) -> str:
    return f"{words['version']} {document.version}" if document.version else ""


def template_context(document: Document) -> dict[str, Any]:
    """Return the values that all templates share, besides the text."""
    words = wording_for(document.language, document.own_words)
    lists = {name: getattr(document, name) for name in ENTRY_LISTS}
    return {
        "document": document,
        "words": words,
        "date": format_day(document, words),
        "issue": format_issue(document, words),
        "notices": notices(document, words),
        "lists": [(name, words[name], entries) for name, entries in lists.items() if entries],
    }


def closing_lists(document: Document) -> dict[str, tuple[ListEntry, ...]]:
    """Return the lists at the end of a document: no recommendations of a whole paper whose action plan lists them."""
    tables = (node for node in tree.walk_blocks(document.blocks) if node["t"] == "Table")
    has_plan = not document.part_of and any("action-plan" in tree.classes(table) for table in tables)
    recommendations = () if has_plan else tuple(document.recommendations)
    return {"figures": document.figures, "tables": document.tables, "recommendations": recommendations}


def output_place(document: Document) -> Place:
    """Return the place of findings on a whole file: the only chapter in it, or the settings of the paper."""
    paths = {path for block in document.blocks if (path := tree.attributes(block).get("data-path"))}
    return Place(paths.pop() if len(paths) == 1 else "paper/paper.yaml")


def template_diagnostic(error: TemplateError) -> Diagnostic:
    """Return the finding about a template that gives no page."""
    place = Place(f"templates/{error.name}", max(error.line, 1))
    hint = "correct it, or delete the folder templates: the paper then gets the tool's own"
    return Diagnostic(place, "bad-template/page", f"the template {error.reason}", hint=hint)
