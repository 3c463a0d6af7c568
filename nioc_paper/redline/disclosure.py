"""Find passages that a redline would disclose although the new version restricts them. Pure.

A passage that was open once and is restricted now is in the old version, and would be printed as deleted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.domain.quotations import repeats_words
from nioc_paper.model import AUDIENCES, DELETION, Diagnostic, Node, Paper

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
    deleted_texts = [tree.plain_text(node, with_notes=True) for node in _deleted_spans(blocks)]
    for chapter in new.chapters:
        for node in _restricted_nodes(chapter.blocks, AUDIENCES.index(audience)):
            if repeats_words(deleted_texts, tree.plain_text(node, with_notes=True)):
                message = f"the passage is withheld from the audience '{audience}', but not in the old version"
                yield Diagnostic(chapter.place(node), "told-by-redline", message, hint="compare without --audience")


def _restricted_nodes(blocks: Sequence[Node], level: int) -> Iterator[Node]:
    return (
        node for node in tree.walk(list(blocks)) if node["t"] in ("Div", "Span") and sensitivity_level(node) > level
    )


def _deleted_spans(blocks: Sequence[Node]) -> Iterator[Node]:
    return (node for node in tree.walk(list(blocks)) if node["t"] == "Span" and DELETION in tree.classes(node))
