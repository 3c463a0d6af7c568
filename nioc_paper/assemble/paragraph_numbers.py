"""Paragraph numbers of a review copy: "¶3.14" is the same passage in every format. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from nioc_paper import tree
from nioc_paper.assemble.numbers import NumberedTarget
from nioc_paper.model import Node
from nioc_paper.tree.paragraphs import mark_paragraphs
from nioc_paper.wording import Wording, localized_digits

_PILCROW = "\u00b6"
"""Sign before the number: without it paragraph 3.4 would look like section 3.4."""
_NUMBERED_DIVISIONS = ("front", "chapter", "annex")
_MIN_PREFIX_LETTERS = 2
"""Letters for a chapter without number: a single letter would be an annex."""


def number_paragraphs(blocks: Iterable[Node], targets: Mapping[str, NumberedTarget], words: Wording) -> Iterator[Node]:
    """Yield chapters and annexes with numbered paragraphs; `targets` has the numbers of headings by id."""
    used_prefixes: set[str] = set()
    for block in blocks:
        if not any(tree.is_div(block, kind) for kind in _NUMBERED_DIVISIONS):
            yield block
            continue
        attr, inside = block["c"]
        heading = targets.get(tree.identifier(inside[0]))
        chapter_number = heading.number if heading else ""
        prefix = chapter_number or next(
            p for p in _prefix_candidates(attr[0].partition("-")[2]) if p not in used_prefixes
        )
        used_prefixes.add(prefix)
        yield {**block, "c": [attr, _number_chapter(inside, prefix, words)]}


def _prefix_candidates(chapter_id: str) -> Iterator[str]:
    """Yield letters for a chapter without number, the best first: initials (ES), then the start of its id (FO)."""
    words = chapter_id.upper().split("-")
    initials = "".join(word[0] for word in words if word)
    letters = "".join(words)
    if len(initials) >= _MIN_PREFIX_LETTERS:
        yield initials
    yield from (letters[:length] for length in range(_MIN_PREFIX_LETTERS, len(letters) + 1))
    yield from (f"{letters}{number}" for number in range(2, 1000))


def _number_chapter(blocks: Sequence[Node], prefix: str, words: Wording) -> list[Node]:
    """Return the blocks of a chapter with a number at the start of every paragraph."""

    def with_number(count: int, inlines: list[Node]) -> list[Node]:
        number = f"{prefix}.{count}"
        name = f"para-{number.replace('.', '-').lower()}"
        shown = {"t": "Str", "c": _PILCROW + localized_digits(number, words)}
        return [tree.span([shown], "paragraph-number", id=name), {"t": "Space"}, *inlines]

    return mark_paragraphs(blocks, with_number)
