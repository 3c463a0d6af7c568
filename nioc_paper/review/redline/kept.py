"""What a comparison would tell readers that the new version keeps from them. Pure.

A passage that was open once and is marked now stands in the old version, and would be printed as taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from nioc_paper import tree
from nioc_paper.audience import marking
from nioc_paper.model import AUDIENCES, TAKEN_OUT, Diagnostic, Node, Paper

_RUN = 4
"""So many words of a kept passage in a row are the passage; of a shorter one all of its words."""
_WORD = re.compile(r"\w+")
_OPENNESS = ("named", "role", "none")
"""How somebody may be cited, from the most open."""


def as_kept_now(old: Paper, new: Paper) -> Paper:
    """The old paper, with what the new one keeps from some readers marked so: chapters, decisions and names."""
    chapters = {c.id: c.front.sensitivity for c in new.chapters}
    decisions = {d.id: d.sensitivity for d in new.decisions}
    people = {p.id: p.attribution for p in new.contributors.people}
    return replace(
        old,
        chapters=tuple(
            replace(c, front=_kept(c.front, "sensitivity", chapters.get(c.id), AUDIENCES)) for c in old.chapters
        ),
        decisions_file=old.decisions_file.changed(
            decisions=tuple(_kept(d, "sensitivity", decisions.get(d.id), AUDIENCES) for d in old.decisions)
        ),
        contributors=old.contributors.changed(
            people=tuple(_kept(p, "attribution", people.get(p.id), _OPENNESS) for p in old.contributors.people)
        ),
    )


def _kept(record: Any, key: str, now: str | None, order: Sequence[str]) -> Any:
    """A record with the stricter of two values."""
    if now is None or order.index(now) <= order.index(getattr(record, key)):
        return record
    return record.changed(**{key: now})


def told(new: Paper, blocks: Sequence[Node], audience: str) -> Iterator[Diagnostic]:
    """The passages that are kept from an audience now, and that a comparison shows as taken out."""
    gone = list(map(_words, _taken_out(blocks)))
    for chapter in new.chapters:
        for node in _hidden(chapter.blocks, AUDIENCES.index(audience)):
            if any(_holds(each, _words(node)) for each in gone):
                message = f"the passage is kept from the audience '{audience}', and was open in the old version"
                yield Diagnostic(chapter.place(node), "told-by-redline", message, hint="compare without --audience")


def _hidden(blocks: Sequence[Node], level: int) -> Iterator[Node]:
    return (node for node in tree.walk(list(blocks)) if node["t"] in ("Div", "Span") and marking(node) > level)


def _taken_out(blocks: Sequence[Node]) -> Iterator[Node]:
    return (node for node in tree.walk(list(blocks)) if node["t"] == "Span" and TAKEN_OUT in tree.classes(node))


def _words(node: Node) -> list[str]:
    return _WORD.findall(tree.plain(node, notes=True).casefold())


def _holds(text: Sequence[str], passage: Sequence[str]) -> bool:
    """Whether a text has a run of words of a passage."""
    size = min(_RUN, len(passage))
    runs = {tuple(passage[n : n + size]) for n in range(len(passage) - size + 1)} if size else set()
    return any(tuple(text[n : n + size]) in runs for n in range(len(text) - size + 1)) if runs else False
