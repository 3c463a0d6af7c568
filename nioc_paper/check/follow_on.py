"""Drop findings that only repeat that a file could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from nioc_paper.model import Diagnostic

_UNREADABLE_RULES = ("bad-yaml", "unreadable-file", "unreadable-passage", "no-front-matter")
_RULES_BY_REGISTER: Mapping[str, tuple[str, ...]] = {
    "paper/paper.yaml": (
        "category-without-chapter",
        "missing-section",
        "status-without-gate",
        "unknown-category",
        "unknown-status",
        "unlisted-chapter",
    ),
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
"""Rules that use a register, by its file."""
_SOURCE_RULES = ("undefined-citation", "unknown-primary", "unsourced-fact")
"""Rules that look sources up."""
_CHAPTER_PART_RULES = ("missing-section", "missing-summary", "not-one-lead", "unused-note")
_RULES_BY_CAUSE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_UNREADABLE_RULES, _CHAPTER_PART_RULES),
    # Without fences the front matter is read as text, and without an end a block takes in what follows it.
    "no-front-matter": (*_CHAPTER_PART_RULES, "swallowed-mark"),
    "unclosed-block": ("missing-section",),
}
"""Rules whose findings are in doubt after a fault in the same file, by the rule of that fault."""


def without_follow_ons(
    diagnostics: Iterable[Diagnostic], load_diagnostics: Iterable[Diagnostic]
) -> Iterator[Diagnostic]:
    """Yield the findings that no unreadable file has caused: one fault gives one finding."""
    causes = [(d.place.path, d.rule) for d in load_diagnostics]
    silenced_rules = {rule for path, wrong in causes for rule in _silenced_rules(path, wrong)}
    silenced_in_file = {(path, rule) for path, wrong in causes for rule in _RULES_BY_CAUSE.get(wrong, ())}
    for diagnostic in diagnostics:
        if diagnostic.rule not in silenced_rules and (diagnostic.place.path, diagnostic.rule) not in silenced_in_file:
            yield diagnostic


def _silenced_rules(path: str, wrong: str) -> tuple[str, ...]:
    """Return the rules that use a register, if the fault keeps it from being read."""
    file = PurePosixPath(path)
    is_unread_json = wrong == "bad-bibliography" and file.suffix == ".json"  # a broken entry of .bib still has its key
    if wrong == "missing-bibliography" or is_unread_json:
        return _SOURCE_RULES
    if wrong not in _UNREADABLE_RULES:
        return ()
    is_bibliography = file.suffix in (".bib", ".ris", ".json") or file.name.startswith("references")
    return _SOURCE_RULES if is_bibliography else _RULES_BY_REGISTER.get(path, ())
