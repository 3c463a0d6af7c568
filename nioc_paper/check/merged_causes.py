"""Merge findings of one cause: an editor acts at the entry, and once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from nioc_paper.model import Diagnostic, Place, Severity


def merge_causes(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return findings with one for all entries that cause the same, at the first of them.

    It names every entry and, as affected, every file with a finding of its own. An entry has the worst severity of its
    findings.
    """
    diagnostics = [*diagnostics]
    worst: dict[tuple[str, Place], Severity] = {}
    for diagnostic in diagnostics:
        if diagnostic.cause:
            key = diagnostic.rule, diagnostic.cause.place
            worst[key] = max(worst.get(key, diagnostic.severity), diagnostic.severity)
    groups: dict[tuple[str, Severity, str], list[Diagnostic]] = defaultdict(list)
    others = []
    for diagnostic in diagnostics:
        if diagnostic.cause:
            severity = worst[diagnostic.rule, diagnostic.cause.place]
            groups[diagnostic.rule, severity, diagnostic.cause.many].append(replace(diagnostic, severity=severity))
        else:
            others.append(diagnostic)
    return sorted([*others, *map(_merge, groups.values())])


def _merge(group: Sequence[Diagnostic]) -> Diagnostic:
    causes = sorted({d.cause.place: d.cause for d in group if d.cause}.items())
    place, first = causes[0]
    message = group[0].message
    if len(causes) > 1:
        is_one_file = len({entry.path for entry, _ in causes}) == 1
        named = [
            f"'{cause.name}' ({f'line {entry.line}' if is_one_file else f'{entry.path}:{entry.line}'})"
            for entry, cause in causes
        ]
        message = f"{first.many.format(len(causes))}: {', '.join(named)}"
    paths = {path for d in group for path in (d.place.path, *d.affects)} - {place.path}
    return replace(group[0], place=place, message=message, affects=tuple(sorted(paths)))
