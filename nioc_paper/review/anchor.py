"""A chapter as it reads in Word, each word tied to where it stands in the Markdown.

A word of the Word file is one of the source's words; or a word of an atom, which stands for a passage of the source and
is changed as a whole or not at all; or made by the tool, and then nothing of the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby

from nioc_paper.review.leaf import Leaf, Token
from nioc_paper.review.reading import Passage, Reading
from nioc_paper.review.source import Source


@dataclass(frozen=True, slots=True)
class Anchored:
    """A passage of the file as it was sent, with the leaf of the source that it prints; None when the tool made it."""

    passage: Passage
    leaf: Leaf | None
    tokens: tuple[Token, ...]
    """Of the passage, with their atoms, and the places in the source that they or their atoms have."""
    plain: tuple[frozenset[str], ...] = ()
    """How the source sets each token: a style may set it otherwise in Word."""

    @property
    def made(self) -> bool:
        """Whether nothing of it stands in the source."""
        return self.leaf is None


def anchored(reading: Reading, source: Source) -> tuple[Anchored, ...]:
    """The passages of a file as it was sent. Calls of notes get the names of the source's atoms in their texts."""
    leaves = {leaf.name: leaf for leaf in source.leaves}
    notes: dict[str, str] = {}
    out = []
    for passage in reading.passages:
        here = passage.leaf
        leaf = next((leaves[m] for m in passage.marks if m in leaves), None)
        if leaf is None:
            out.append(Anchored(passage, None, here.tokens, (frozenset(),) * len(here.tokens)))
            continue
        named = replace(here, note=notes.get(here.note, here.note), tokens=_called(here.tokens, leaf, notes))
        out.append(_tied(replace(passage, leaf=named), leaf))
    return tuple(out)


def _called(tokens: Sequence[Token], leaf: Leaf, notes: dict[str, str]) -> tuple[Token, ...]:
    """The tokens with notes and pictures called by the source's names: both stand in the same order."""
    names = {kind: iter([t.atom for t in leaf.tokens if t.atom.startswith(kind)]) for kind in ("note", "image")}

    def named(token: Token) -> Token:
        kind = token.atom.partition(":")[0]
        name = next(names[kind], "") if token.text.startswith("\1") and kind in names else ""
        if name and kind == "note":
            notes[token.atom] = name
            return replace(token, text=f"\1{name}", atom=name)
        return replace(token, atom=name) if name else token

    return tuple(map(named, tokens))


def _tied(passage: Passage, leaf: Leaf) -> Anchored:
    """A passage's tokens with the places of the leaf's."""
    tokens = list(passage.leaf.tokens)
    plain = [frozenset[str]()] * len(tokens)
    groups = [list(group) for _, group in groupby(range(len(tokens)), lambda n: tokens[n].atom or n)]
    here = [tokens[g[0]].atom or tokens[g[0]].key for g in groups]
    there = [t.atom or t.key for t in leaf.tokens]
    for what, i1, i2, j1, j2 in SequenceMatcher(None, here, there, autojunk=False).get_opcodes():
        if what == "equal":
            for group, known in zip(groups[i1:i2], leaf.tokens[j1:j2], strict=True):
                for n in group:
                    tokens[n] = replace(tokens[n], span=known.span, atom=known.atom)
                    plain[n] = known.marks
        elif what == "replace":
            # The tool writes it otherwise than the source does: a date, a title for an id.
            places = [k.span for k in leaf.tokens[j1:j2] if k.span]
            span = (places[0][0], places[-1][1]) if len(places) == j2 - j1 else None
            for n in (n for group in groups[i1:i2] for n in group):
                tokens[n] = replace(tokens[n], span=span, atom=f"value-{leaf.name}-{j1}")
    return Anchored(passage, leaf, tuple(tokens), tuple(plain))


def atoms(file: Sequence[Anchored]) -> Mapping[str, tuple[str, ...]]:
    """What each atom reads like in Word: the keys of its words."""
    found: dict[str, tuple[str, ...]] = {}
    for name, keys in _runs(file):
        found.setdefault(name, keys)
    return found


def _runs(file: Sequence[Anchored]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each in file:
        for name, group in groupby(each.tokens, lambda t: t.atom):
            if name:
                yield name, tuple(t.key for t in group)
