"""Find passages that a redline would disclose although the new version restricts them. Pure.

A passage that was open once and is restricted now is in the old version, and would be printed as deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.model import AUDIENCES, DELETION, Diagnostic, Node, Paper

_MATCH_LENGTH = 4
"""Words in a row that identify a restricted passage; all of its words if it is shorter."""
_WORD = re.compile(r"\w+")
_ATTRIBUTIONS = ("named", "role", "none")
"""Ways in which somebody may be cited, most open first."""


def with_current_restrictions(old: Paper, new: Paper) -> Paper:
    """Return the old paper with the restrictions of the new one applied: to chapters, decisions and names."""
    chapters = {c.id: c.front.sensitivity for c in new.chapters}
    decisions = {d.id: d.sensitivity for d in new.decisions}
    people = {p.id: p.attribution for p in new.contributors.people}
    return replace(
        old,
        chapters=tuple(
            replace(c, front=c.front.replace(sensitivity=_stricter(c.front.sensitivity, chapters.get(c.id), AUDIENCES)))
            for c in old.chapters
        ),
        decisions_file=old.decisions_file.replace(
            decisions=tuple(
                d.replace(sensitivity=_stricter(d.sensitivity, decisions.get(d.id), AUDIENCES)) for d in old.decisions
            )
        ),
        contributors=old.contributors.replace(
            people=tuple(
                p.replace(attribution=_stricter(p.attribution, people.get(p.id), _ATTRIBUTIONS))
                for p in old.contributors.people
            )
        ),
    )


def _stricter(old: str, new: str | None, order: Sequence[str]) -> str:
    return old if new is None else max(old, new, key=order.index)


def find_disclosed(new: Paper, blocks: Sequence[Node], audience: str) -> Iterator[Diagnostic]:
    """Yield a finding for each passage restricted now that a redline shows as deleted."""
    deleted_texts = list(map(_word_list, _deleted_spans(blocks)))
    for chapter in new.chapters:
        for node in _restricted_nodes(chapter.blocks, AUDIENCES.index(audience)):
            if any(_shares_run(deleted, _word_list(node)) for deleted in deleted_texts):
                message = f"the passage is withheld from the audience '{audience}', but not in the old version"
                yield Diagnostic(chapter.place(node), "told-by-redline", message, hint="compare without --audience")


def _restricted_nodes(blocks: Sequence[Node], level: int) -> Iterator[Node]:
    return (
        node for node in tree.walk(list(blocks)) if node["t"] in ("Div", "Span") and sensitivity_level(node) > level
    )


def _deleted_spans(blocks: Sequence[Node]) -> Iterator[Node]:
    return (node for node in tree.walk(list(blocks)) if node["t"] == "Span" and DELETION in tree.classes(node))


def _word_list(node: Node) -> list[str]:
    return _WORD.findall(tree.plain_text(node, with_notes=True).casefold())


def _shares_run(text: Sequence[str], passage: Sequence[str]) -> bool:
    """Return whether a text has a run of words of a passage."""
    size = min(_MATCH_LENGTH, len(passage))
    runs = {tuple(passage[n : n + size]) for n in range(len(passage) - size + 1)} if size else set()
    return any(tuple(text[n : n + size]) in runs for n in range(len(text) - size + 1)) if runs else False
