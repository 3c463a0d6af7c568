"""Format the page of a rule (tests/rules/RULE.md) for a terminal, without the marks of Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap

from nioc_paper.model import Severity

_FENCE = re.compile(r"(`{3,})(\w*) ?(.*)")
_TITLE = re.compile(r"^# ([a-z]+(?:-[a-z]+)*(?:/[a-z-]+)?)\n(?=\n[A-Z])", re.MULTILINE)
_HEADING = re.compile(r"^#+ ")
_FENCE_NOTES = {"bytes": " (bytes that are not letters are written \\x…)", "symlink": " is a symbolic link to"}


def split_pages(text: str) -> dict[str, str]:
    """Return the pages in a file by their titles: that of a rule, then one for each of its kinds."""
    parts = _TITLE.split(text)
    return {title: f"# {title}\n{page}" for title, page in zip(parts[1::2], parts[2::2], strict=True)}


def format_rule_page(text: str, severities: Sequence[Severity | None] = ()) -> str:
    """Return a rule's page and its severities."""
    lines, fence = [], ""
    for line in text.rstrip().split("\n"):
        mark = _FENCE.fullmatch(line)
        if mark and not fence:
            fence = mark[1]
            lines += [f"  {mark[3]}{_FENCE_NOTES.get(mark[2], '')}", ""] if mark[3] else []
        elif line == fence and fence:
            fence = ""
        else:
            lines.append(f"    {line}".rstrip() if fence else _HEADING.sub("", line))
    return "\n".join([*lines, *_severity_lines(severities)])


def _severity_lines(severities: Sequence[Severity | None]) -> list[str]:
    names = ["off" if severity is None else str(severity) for severity in severities]
    if not names:
        return []
    sentence = f"Always: {names[0]}." if len(set(names)) == 1 else f"From outline to final text: {', '.join(names)}."
    return ["", sentence]


def format_rule_list(sentences: Mapping[str, str], columns: int = 0) -> str:
    """Return all rules by name with their sentences, wrapped to the columns of a terminal; 0 does not wrap."""
    width = max(map(len, sentences)) + 2
    return "\n".join(_hanging_lines(rule, sentences[rule], width, columns) for rule in sorted(sentences))


def _hanging_lines(rule: str, sentence: str, width: int, columns: int) -> str:
    # With little space beside the names, lines broken by the terminal are the lesser evil.
    lines = wrap(sentence, columns - width) if columns > width + 20 else [sentence]
    return "\n".join(f"{name:{width}}{line}" for name, line in zip((rule, *[""] * len(lines)), lines, strict=False))
