"""What an imprint says besides a document's own fields; the PDF and the Word file say it alike."""

from __future__ import annotations

from nioc_paper.model import Document
from nioc_paper.wording import Words, day, digits

_VERSIONS = 8
"""The latest ones; the annex on document control has them all."""


def standing(document: Document, words: Words) -> str:
    """How many chapters of a draft have which status; empty where it is none."""
    counts = (f"{name} ({digits(str(count), words)})" for name, count in document.standing.items())
    return f"{words['comma']} ".join(counts) if document.draft else ""


def versions(document: Document, words: Words) -> list[tuple[str, str, str]]:
    """Tag, day and subject of the latest versions, newest first."""
    return [(v.tag, day(v.on, words), v.subject) for v in document.versions[:_VERSIONS]]


def citation(document: Document, words: Words) -> str:
    """How to cite the document: who published what, when, in which state."""
    year = f" ({digits(str(document.date.year), words)})" if document.date else ""
    issue = f"{words['comma']} ".join(filter(None, (document.edition, day(document.date, words))))
    version = f"{words['version']} {document.version}" if document.version else ""
    return " ".join(f"{said}." for said in (f"{document.publisher}{year}", document.title, issue, version) if said)
