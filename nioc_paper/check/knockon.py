"""Findings that only say again that a file could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nioc_paper.model import Diagnostic

_UNREAD = ("bad-yaml", "unreadable-file", "unreadable-passage", "no-front-matter")
_LEANING: Mapping[str, tuple[str, ...]] = {
    "paper/paper.yaml": (
        "category-without-chapter",
        "missing-section",
        "status-without-gate",
        "unknown-category",
        "unknown-status",
        "unlisted-chapter",
    ),
    "paper/references.yaml": ("undefined-citation", "unknown-primary", "unsourced-fact"),
    "paper/registers/facts.yaml": ("dead-reference", "unused-source"),
    "paper/registers/acronyms.yaml": ("unknown-acronym",),
    "contributors.yaml": (
        "unknown-contributor",
        "unknown-organization",
        "unknown-owner",
        "unknown-participant",
        "unknown-support",
    ),
}
"""Rules that ask a register, by its file."""
_OF_A_CHAPTER = ("missing-section", "missing-summary", "not-one-lead", "unused-note")
"""Rules that ask a chapter for what may stand in the part of it that could not be read."""


def without_knock_ons(found: Iterable[Diagnostic], reading: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings, without those that an unread file has brought about: one fault is to be one finding."""
    unread = {d.place.path for d in reading if d.rule in _UNREAD}
    silent = {rule for path in unread for rule in _LEANING.get(path, ())}
    for diagnostic in found:
        about_unread = diagnostic.place.path in unread and diagnostic.rule in _OF_A_CHAPTER
        if diagnostic.rule not in silent and not about_unread:
            yield diagnostic
