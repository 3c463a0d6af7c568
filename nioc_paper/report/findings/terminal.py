"""Format findings for people at a terminal: by file, equal ones folded, wrapped to its width.

Import it late, because it imports rich: `check` must start without.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, zip_longest
from types import MappingProxyType
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from nioc_paper.model import Diagnostic, Severity
from nioc_paper.model.grouping import group_pairs
from nioc_paper.report.findings.line_formats import TerminalView, format_tally
from nioc_paper.report.rich_output import plain_text, render_parts

_FOLD_COUNT: Final = 3
"""Number of files from which equal findings are shown once."""
_SHOWN_PLACES: Final = 20
"""Places shown of equal findings; `--format short` shows all."""
SEVERITY_STYLES: Final[Mapping[Severity, str]] = MappingProxyType(
    {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
)


def format_terminal(findings: Sequence[Diagnostic], view: TerminalView) -> str:
    """Return findings by file, equal findings of several files together, what to do first, and the tally.

    The worst come last, next to the prompt.
    """
    ordered = sorted(findings, key=lambda finding: -finding.severity if view.errors_first else finding.severity)
    end = [*map(plain_text, _first_steps(findings)), plain_text(format_tally(findings), "bold")]
    return render_parts([*_sections(ordered), *end], width=view.width, colour=view.colour).rstrip("\n")


def _first_steps(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """Yield a line on the worst of several findings."""
    worst = min(findings, key=lambda finding: -finding.severity, default=None)
    if worst and len(findings) > 1 and worst.severity > Severity.INFO:
        yield f"first: {worst.place}: {worst.hint or worst.message}"


def format_summary(findings: Sequence[Diagnostic], view: TerminalView) -> str:
    """Return the number of findings of each rule, worst and most frequent first, and the tally."""
    columns = (Column(justify=justify, overflow="fold") for justify in ("right", "left", "left", "left"))
    grid = Table.grid(*columns, padding=(0, 2, 0, 0))
    by_rule = group_pairs(((finding.severity, finding.rule), finding) for finding in findings)
    for (severity, rule), group in sorted(by_rule.items(), key=lambda entry: (-entry[0][0], -len(entry[1]), entry[0])):
        severity_text = plain_text(str(severity), SEVERITY_STYLES[severity])
        message = group[0].message if len({f.message for f in group}) == 1 else f"{group[0].message}, …"
        grid.add_row(plain_text(str(len(group))), severity_text, plain_text(rule), plain_text(message))
    parts: list[RenderableType] = [grid] if by_rule else []
    parts.append(plain_text(format_tally(findings), "bold"))
    return render_parts(parts, width=view.width, colour=view.colour).rstrip("\n")


def _sections(findings: Sequence[Diagnostic]) -> Iterator[RenderableType]:
    """Yield, for each severity, a section for each file in the order of the files, then one for all equal findings."""
    for _, batch in groupby(findings, key=lambda finding: finding.severity):
        equal_groups, others = _fold_equal([*batch])
        for path, group in groupby(others, key=lambda finding: finding.place.path):
            yield _file_section(path, group)
        if equal_groups:
            yield _equal_section(equal_groups)


def _fold_equal(findings: Sequence[Diagnostic]) -> tuple[list[list[Diagnostic]], list[Diagnostic]]:
    """Return groups of equal findings in at least _FOLD_COUNT files, and the others in their order."""
    groups = group_pairs((_content(finding), finding) for finding in findings)
    folded = {key for key, group in groups.items() if len({f.place.path for f in group}) >= _FOLD_COUNT}
    return [groups[key] for key in groups if key in folded], [f for f in findings if _content(f) not in folded]


def _content(finding: Diagnostic) -> tuple[Severity, str, str, str]:
    return finding.severity, finding.rule, finding.message, finding.hint


def _file_section(path: str, findings: Iterator[Diagnostic]) -> RenderableType:
    grid, listed = _new_grid(), [*findings]
    for finding, following in zip_longest(listed, listed[1:]):
        place = f"  {finding.place.line}:{finding.place.column}"
        # A hint that the next finding repeats is shown there.
        hint = "" if following and following.hint == finding.hint else finding.hint
        grid.add_row(place, *_describe(finding, finding.message, hint))
    return Group(plain_text(path, "bold"), grid)


def _equal_section(groups: Sequence[Sequence[Diagnostic]]) -> RenderableType:
    grid = _new_grid()
    for group in groups:
        files = len({finding.place.path for finding in group})
        grid.add_row(f"  {len(group)} ×", *_describe(group[0], f"{group[0].message} ({files} files)", group[0].hint))
        places = [str(finding.place) for finding in group[:_SHOWN_PLACES]]
        rest = f" and {len(group) - _SHOWN_PLACES} more" if len(group) > _SHOWN_PLACES else ""
        grid.add_row("", "", plain_text(", ".join(places) + rest, "dim"))
    return Group(plain_text("In several files", "bold"), grid)


def _new_grid() -> Table:
    """Return a grid with columns for place, severity and text."""
    return Table.grid(Column(no_wrap=True), Column(no_wrap=True), Column(overflow="fold"), padding=(0, 2, 0, 0))


def _describe(finding: Diagnostic, message: str, hint: str) -> tuple[Text, Text]:
    """Return the severity, and the message with its rule and its hint below."""
    lines = [Text.assemble(plain_text(message), "  ", plain_text(f"[{finding.rule}]", "dim"))]
    if hint:
        lines.append(Text.assemble(("hint: ", "green"), plain_text(hint)))
    return plain_text(str(finding.severity), SEVERITY_STYLES[finding.severity]), Text("\n").join(lines)
