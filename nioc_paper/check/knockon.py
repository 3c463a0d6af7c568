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
_LACKING: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_UNREAD, _OF_A_CHAPTER),
    # What should be the front matter is read as text, and what follows an open block as part of it.
    "no-front-matter": (*_OF_A_CHAPTER, "swallowed-mark"),
    "unclosed-block": ("missing-section",),
}
"""Rules that ask a chapter for what may stand in the part of it that could not be read, by what is wrong there."""


def without_knock_ons(found: Iterable[Diagnostic], reading: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings, without those that an unread file has brought about: one fault is to be one finding."""
    read = [(d.place.path, d.rule) for d in reading]
    silent = {rule for path, wrong in read if wrong in _UNREAD for rule in _LEANING.get(path, ())}
    lacking = {(path, rule) for path, wrong in read for rule in _LACKING.get(wrong, ())}
    for diagnostic in found:
        if diagnostic.rule not in silent and (diagnostic.place.path, diagnostic.rule) not in lacking:
            yield diagnostic
