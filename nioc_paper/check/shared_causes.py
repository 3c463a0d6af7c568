"""One cause, one finding: leave out what follows from an unread file, and merge findings of one cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from nioc_paper.model import Diagnostic, Severity
from nioc_paper.model.grouping import group_pairs
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.model.register_files import main_path

_UNREADABLE_RULES = ("bad-yaml", "unreadable-file", "unreadable-passage", "no-front-matter")
_RULES_BY_REGISTER: Mapping[str, tuple[str, ...]] = {
    "paper/paper.yaml": (
        "loose-end/category",
        "missing-section",
        "off-plan/status",
        "dead-name/category",
        "dead-name/status",
        "unlisted-file/chapter",
    ),
    "paper/registers/facts.yaml": ("dead-reference", "unused-entry/source"),
    "paper/registers/acronyms.yaml": ("acronym/unknown",),
    "contributors.yaml": (
        "dead-name/person",
        "dead-name/organization",
        "dead-name/owner",
        "dead-name/party",
        "dead-name/support",
    ),
}
"""Rules that use a register, by its file."""
_SOURCE_RULES = ("undefined-citation", "dead-name/primary", "dead-name/fact-source")
"""Rules that look sources up."""
_CHAPTER_PART_RULES = ("missing-section", "missing-summary", "not-one-lead", "unused-entry/note")
_RULES_BY_CAUSE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_UNREADABLE_RULES, _CHAPTER_PART_RULES),
    # Without fences the front matter is read as text, and without an end a block contains the text after it.
    "no-front-matter": (*_CHAPTER_PART_RULES, "unread-mark/swallowed", "unlisted-file/chapter"),
    "unclosed-block": ("missing-section",),
    "bad-value/type": ("missing-summary",),
}
"""Rules whose findings are in doubt after a fault in the same file, by the rule of that fault."""


_CHAPTER_TARGET_RULES = (
    "loose-end/category",
    "dead-name/link",
    "dead-link",
    "dead-reference",
    "dead-name/gap",
    "dead-name/chapter",
)
"""Rules about ids and keys of other chapters."""
_QUOTED_NAME = late_pattern(r"'(?:@?fact-|[@#])?([^']+)'")


class SortedFindings(NamedTuple):
    """Findings of the rules that follow from nothing, and those of reading with the files that they affect."""

    findings: list[Diagnostic]
    causes: list[Diagnostic]


def separate_follow_ons(
    diagnostics: Iterable[Diagnostic], load_diagnostics: Sequence[Diagnostic], chapter_texts: Mapping[str, str]
) -> SortedFindings:
    """Leave out the findings that follow from a fault of reading: one fault gives one finding.

    `chapter_texts` are the files of the chapters by path: an unreadable one may have what others refer to.
    """
    possible_causes = [d for d in load_diagnostics if d.severity == Severity.ERROR]
    causes_of = [
        (d, [c for c in possible_causes if _follows(d, c, chapter_texts.get(c.place.path, ""))]) for d in diagnostics
    ]
    affected = group_pairs((id(cause), d.place.path) for d, causes in causes_of for cause in causes)
    affects = {id(d): tuple(sorted({*affected.get(id(d), ())} - {d.place.path})) for d in load_diagnostics}
    findings = [d for d, causes in causes_of if not causes]
    return SortedFindings(findings, [replace(d, affects=affects[id(d)] or d.affects) for d in load_diagnostics])


def is_unreadable_register(diagnostic: Diagnostic) -> bool:
    """Return whether a finding says that a register cannot be read: every chapter depends on registers."""
    return _is_unread(diagnostic) and not diagnostic.place.path.endswith(".md")


def is_unread_list_of_sources(diagnostic: Diagnostic) -> bool:
    """Return whether a finding says that a file of sources, or a part of it, cannot be read."""
    is_about_sources = _rules_about(diagnostic.place.path, diagnostic.rule) is _SOURCE_RULES
    return is_about_sources and (_is_unread(diagnostic) or diagnostic.rule == "bad-bibliography")


def _is_unread(cause: Diagnostic) -> bool:
    """Whether a fault keeps a whole file from being read."""
    # A broken entry of .bib still has its key.
    is_unread_json = cause.rule == "bad-bibliography" and cause.place.path.endswith(".json")
    return cause.rule in (*_UNREADABLE_RULES, "missing-file/bibliography") or is_unread_json or "*" in cause.lost


def _rules_about(path: str, rule: str) -> Sequence[str]:
    """Return the rules that use a register."""
    path = main_path(path)
    file = PurePosixPath(path)
    is_bibliography = file.suffix in (".bib", ".ris", ".json") or file.name.startswith("references")
    return _SOURCE_RULES if is_bibliography or rule == "missing-file/bibliography" else _RULES_BY_REGISTER.get(path, ())


def _follows(diagnostic: Diagnostic, cause: Diagnostic, chapter_text: str) -> bool:
    """Whether a finding of a rule follows from one of reading."""
    path = cause.place.path
    if diagnostic.place.path == path and diagnostic.rule in _RULES_BY_CAUSE.get(cause.rule, ()):
        return True
    names = _QUOTED_NAME.findall(diagnostic.message)
    if cause.rule in _UNREADABLE_RULES and chapter_text and diagnostic.rule in _CHAPTER_TARGET_RULES:
        return any(_defines(chapter_text, name) for name in names)
    is_about_it = diagnostic.rule in _rules_about(path, cause.rule)
    return is_about_it and (_is_unread(cause) or not set(names).isdisjoint(cause.lost))


def _defines(chapter_text: str, name: str) -> bool:
    """Whether a chapter's file has an id, in braces or as the chapter's own."""
    own_id = re.escape(name.rpartition("#")[2])
    chapter_id = re.escape(name.rpartition("#")[2].removeprefix("sec-"))
    return re.search(rf"\{{[^}}\n]*#{own_id}(?![\w-])|^id: *{chapter_id}$", chapter_text, re.MULTILINE) is not None


def merge_causes(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return findings with one for all entries that cause the same, at the first of them.

    It names every entry and, as affected, every file with a finding of its own. An entry has the worst severity of its
    findings.
    """
    diagnostics = [*diagnostics]
    severities = group_pairs(((d.rule, d.cause.place), d.severity) for d in diagnostics if d.cause)
    caused = (replace(d, severity=max(severities[d.rule, d.cause.place])) for d in diagnostics if d.cause)
    groups = group_pairs(((d.rule, d.severity, d.cause and d.cause.many), d) for d in caused)
    return sorted([*(d for d in diagnostics if not d.cause), *map(_merge, groups.values())])


def _merge(group: Sequence[Diagnostic]) -> Diagnostic:
    causes = sorted({d.cause.place: d.cause for d in group if d.cause}.items())
    place, first = causes[0]
    message = group[0].message
    if len(causes) > 1:
        is_one_file = len({entry.path for entry, _ in causes}) == 1
        # A record in a file of its own needs no place: the file has its name.
        places = (f" (line {e.line})" if is_one_file else f" ({e.path}:{e.line})" for e, _ in causes)
        named = [
            f"'{cause.name}'{place if main_path(entry.path) == entry.path else ''}"
            for (entry, cause), place in zip(causes, places, strict=True)
        ]
        message = f"{first.many.format(len(causes))}: {', '.join(named)}"
    paths = {path for d in group for path in (d.place.path, *d.affects)} - {place.path}
    return replace(group[0], place=place, message=message, affects=tuple(sorted(paths)))
