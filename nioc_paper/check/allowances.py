"""Apply allowances: of a rule in the front matter, or in a comment before a passage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from nioc_paper.check.rule_tables import covers, current_name
from nioc_paper.model import Chapter, Diagnostic, Fix, Node, Paper, Place, Severity, spelling_hint
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.tree import content, walk

_ALLOW_COMMENT = late_pattern(
    r"<!--\s*+allow:\s*+((?:(?!-->)\S)+?)\s*+(?:because\s++((?:(?!-->|<!--).)*+))?-->", re.DOTALL
)
"""Possessive: other forms take cubic time for a comment of 3,000 spaces."""
_FOREVER = date.max
_LAST_LINE = 10**9


class ScopedAllowance(NamedTuple):
    """Rule that is silenced in a range of lines of a chapter, up to a day."""

    path: str
    rule: str
    first_line: int
    last_line: int
    until: date
    reason: str
    place: Place
    fix: Fix | None

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether the allowance silences a finding."""
        place = diagnostic.place
        is_near = place.path == self.path and self.first_line <= place.line <= self.last_line
        return is_near and covers(self.rule, diagnostic.rule)


def apply_allowances(
    paper: Paper, diagnostics: Sequence[Diagnostic], rules: Iterable[str], today: date
) -> Iterator[Diagnostic]:
    """Yield the findings that are not silenced, then those about the allowances."""
    allowances = find_allowances(paper)
    active = [s for s in allowances if today <= s.until]
    yield from (d for d in diagnostics if not any(s.covers(d) for s in active))
    known_rules = {*rules, *(d.rule for d in diagnostics)}
    for allowance in allowances:
        yield from _allowance_problems(allowance, diagnostics, known_rules, today)


def find_allowances(paper: Paper) -> list[ScopedAllowance]:
    """Return all allowances of a paper, those in front matter first in each chapter."""
    allowances = list[ScopedAllowance]()
    for chapter in paper.chapters:
        # Without a comment the tree need not be loaded.
        blocks = chapter.blocks if _ALLOW_COMMENT.search(chapter.text) else ()
        allowances += [*_front_matter_allowances(chapter), *_allowances_in_blocks(chapter, blocks, _LAST_LINE)]
    return allowances


def _allowance_problems(
    allowance: ScopedAllowance, diagnostics: Sequence[Diagnostic], known_rules: set[str], today: date
) -> Iterator[Diagnostic]:
    def warning(rule: str, message: str, hint: str, fix: Fix | None = None) -> Diagnostic:
        return Diagnostic(allowance.place, rule, message, Severity.WARNING, hint, fix)

    if current_name(allowance.rule) not in known_rules:
        yield warning(
            "dead-name/rule", f"no rule is called '{allowance.rule}'", spelling_hint(allowance.rule, known_rules)
        )
    elif allowance.until < today:
        message = f"the allowance for '{allowance.rule}' ended on {allowance.until}"
        yield warning("expired-allowance", message, "correct the text, or set a later date")
    elif not any(allowance.covers(d) for d in diagnostics):
        yield warning(
            "unused-entry/allowance",
            f"the allowance for '{allowance.rule}' has no effect",
            "take it out",
            allowance.fix,
        )
    if not allowance.reason:
        message = f"the allowance for '{allowance.rule}' gives no reason"
        yield warning("allowance-without-reason", message, f"write <!-- allow: {allowance.rule} because … -->")


def _front_matter_allowances(chapter: Chapter) -> Iterator[ScopedAllowance]:
    for index, allowance in enumerate(chapter.front.allow):
        place = chapter.front.place("allow", index, "rule")
        fix = _removal_fix(chapter, index)
        yield ScopedAllowance(
            chapter.path, allowance.rule, 1, _LAST_LINE, allowance.until, allowance.reason, place, fix
        )


def _removal_fix(chapter: Chapter, index: int) -> Fix | None:
    """Return the change that removes an allowance from a list of lines; None for a list in brackets."""
    lines = chapter.text.split("\n")
    first = chapter.front.place("allow", index).line - 1
    dash = lines[first].find("-")
    if lines[first][:dash].strip() or not lines[first][dash:].startswith("- "):
        return None
    end = next((i for i in range(first + 1, len(lines)) if not lines[i].startswith(" " * (dash + 1))), len(lines))
    is_only = len(chapter.front.allow) == 1 and lines[first - 1].rstrip() == "allow:"
    start = first - 1 if is_only else first
    return Fix(Place(chapter.path, start + 1), "".join(f"{line}\n" for line in lines[start:end]), "")


def _allowances_in_blocks(chapter: Chapter, blocks: Sequence[Node], last: int) -> Iterator[ScopedAllowance]:
    """Yield the allowances of comments. One between blocks covers the next block, one in a block covers that."""
    lines = [chapter.place(b).line for b in blocks] + [last + 1]
    for index, node in enumerate(blocks):
        if node["t"] == "RawBlock":
            following = lines[min(index + 2, len(blocks))] - 1
            yield from _allowances_in_node(chapter, node, lines[index], following)
        elif node["t"] == "Div":
            yield from _allowances_in_blocks(chapter, content(node), lines[index + 1] - 1)
        else:
            for inner in walk(node):
                if inner["t"] in ("RawInline", "RawBlock"):
                    yield from _allowances_in_node(chapter, inner, lines[index], lines[index + 1] - 1)


def _allowances_in_node(chapter: Chapter, node: Node, first: int, last: int) -> Iterator[ScopedAllowance]:
    for match in _ALLOW_COMMENT.finditer(content(node)):
        place = chapter.place(node)
        fix = Fix(place, match[0], "")
        yield ScopedAllowance(chapter.path, match[1], first, last, _FOREVER, (match[2] or "").strip(), place, fix)
