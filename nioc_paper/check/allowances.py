"""Findings that an author has answered: by a rule in the front matter, or by a comment before a passage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from nioc_paper.model import Chapter, Diagnostic, Fix, Node, Paper, Place, Severity, nearest
from nioc_paper.tree import walk

ABOUT: Mapping[str, str] = {
    "unknown-rule": "An allowance and a setting name a rule that exists.",
    "expired-allowance": "No allowance is older than the day it ends.",
    "unused-allowance": "Every allowance silences something; otherwise it can go.",
    "allowance-without-reason": "An allowance in the text says why: <!-- allow: RULE because REASON -->.",
}
"""Rules about rules: the runner applies them after the others."""
_COMMENT = re.compile(r"<!--\s*allow:\s*(\S+?)\s*(?:because\s+(.*?))?\s*-->", re.DOTALL)
_EVER = date.max
_END = 10**9


class Silence(NamedTuple):
    """A rule that is not to speak from one line to another of a chapter, until a day."""

    path: str
    rule: str
    first: int
    last: int
    until: date
    reason: str
    place: Place
    fix: Fix | None

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether a finding is one of those it answers."""
        place = diagnostic.place
        return diagnostic.rule == self.rule and place.path == self.path and self.first <= place.line <= self.last


def silence(paper: Paper, found: Sequence[Diagnostic], rules: Iterable[str], today: date) -> Iterator[Diagnostic]:
    """The findings that are left, and those about the allowances themselves."""
    silences = [s for chapter in paper.chapters for s in (*_front(chapter), *_comments(chapter))]
    standing = [s for s in silences if today <= s.until]
    yield from (d for d in found if not any(s.covers(d) for s in standing))
    known = {*rules, *(d.rule for d in found)}
    for item in silences:
        yield from _about(item, found, known, today)


def _about(item: Silence, found: Sequence[Diagnostic], known: set[str], today: date) -> Iterator[Diagnostic]:
    def say(rule: str, message: str, hint: str, fix: Fix | None = None) -> Diagnostic:
        return Diagnostic(item.place, rule, message, Severity.WARNING, hint, fix)

    if item.rule not in known:
        yield say("unknown-rule", f"no rule is called '{item.rule}'", nearest(item.rule, known))
    elif item.until < today:
        message = f"the allowance for '{item.rule}' ended on {item.until}"
        yield say("expired-allowance", message, "mend the text, or set a later date")
    elif not any(item.covers(d) for d in found):
        yield say("unused-allowance", f"the allowance for '{item.rule}' silences nothing", "take it out", item.fix)
    if not item.reason:
        message = f"the allowance for '{item.rule}' gives no reason"
        yield say("allowance-without-reason", message, f"write <!-- allow: {item.rule} because … -->")


def _front(chapter: Chapter) -> Iterator[Silence]:
    for index, allowance in enumerate(chapter.front.allow):
        place = chapter.front.place("allow", index, "rule")
        fix = _without_item(chapter, index)
        yield Silence(chapter.path, allowance.rule, 1, _END, allowance.until, allowance.reason, place, fix)


def _without_item(chapter: Chapter, index: int) -> Fix | None:
    """The change that takes an allowance out of a list of lines; none for a list in brackets."""
    lines = chapter.text.split("\n")
    first = chapter.front.place("allow", index).line - 1
    dash = lines[first].find("-")
    if lines[first][:dash].strip() or not lines[first][dash:].startswith("- "):
        return None
    end = next((i for i in range(first + 1, len(lines)) if not lines[i].startswith(" " * (dash + 1))), len(lines))
    alone = len(chapter.front.allow) == 1 and lines[first - 1].rstrip() == "allow:"
    start = first - 1 if alone else first
    return Fix(Place(chapter.path, start + 1), "".join(f"{line}\n" for line in lines[start:end]), "")


def _comments(chapter: Chapter) -> Iterator[Silence]:
    if not _COMMENT.search(chapter.text):
        return  # the tree is not opened for nothing
    yield from _among(chapter, chapter.blocks, _END)


def _among(chapter: Chapter, blocks: Sequence[Node], last: int) -> Iterator[Silence]:
    """Comments among blocks and in them. A comment of its own is about the next block, one in a block about that."""
    lines = [chapter.place(b).line for b in blocks] + [last + 1]
    for index, node in enumerate(blocks):
        if node["t"] == "RawBlock":
            following = lines[min(index + 2, len(blocks))] - 1
            yield from _written(chapter, node, lines[index], following)
        elif node["t"] == "Div":
            yield from _among(chapter, node["c"][1], lines[index + 1] - 1)
        else:
            for inner in walk(node):
                if inner["t"] in ("RawInline", "RawBlock"):
                    yield from _written(chapter, inner, lines[index], lines[index + 1] - 1)


def _written(chapter: Chapter, node: Node, first: int, last: int) -> Iterator[Silence]:
    for found in _COMMENT.finditer(node["c"][1]):
        place = chapter.place(node)
        fix = Fix(place, found[0], "")
        yield Silence(chapter.path, found[1], first, last, _EVER, (found[2] or "").strip(), place, fix)
