"""What a rule wants, for a terminal: its page (tests/rules/RULE.md) without the marks of Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nioc_paper.model import Severity

_FENCE = re.compile(r"(`{3,})(\w*) ?(.*)")
_HEADING = re.compile(r"^#+ ")
_SAYS = {"bytes": " (bytes that are no letters are written \\x…)", "symlink": " is a symbolic link to"}
_NAMES: Mapping[Severity | None, str] = {None: "off", Severity.INFO: "note"}


def page(text: str, weights: Sequence[Severity | None] = ()) -> str:
    """A rule's page, how much the rule weighs, and how it is silenced."""
    lines, fence = [], ""
    for line in text.rstrip().split("\n"):
        mark = _FENCE.fullmatch(line)
        if mark and not fence:
            fence = mark[1]
            lines += [f"  {mark[3]}{_SAYS.get(mark[2], '')}", ""] if mark[3] else []
        elif line == fence and fence:
            fence = ""
        else:
            lines.append(f"    {line}".rstrip() if fence else _HEADING.sub("", line))
    return "\n".join([*lines, *_weight(weights)])


def _weight(weights: Sequence[Severity | None]) -> list[str]:
    names = [_NAMES.get(w, str(w)) for w in weights]
    if not names:
        return []
    said = f"Always: {names[0]}." if len(set(names)) == 1 else f"From outline to final text: {', '.join(names)}."
    return ["", said]


def listing(sentences: Mapping[str, str]) -> str:
    """All rules by name, each with its sentence."""
    width = max(map(len, sentences))
    return "\n".join(f"{rule:{width}}  {sentences[rule]}" for rule in sorted(sentences))
