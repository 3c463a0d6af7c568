"""What is known of a text while its passages are compared, and what words read by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nioc_paper.review.leaf import Token
from nioc_paper.review.source import Source

Entry = tuple[str, frozenset[str]]
"""The key of a word and how it is set; an atom by what stands behind it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the whole text while its passages are compared."""

    source: Source
    texts: Mapping[str, str]
    """Every atom as the source writes it, those of new notes too."""
    values: Mapping[str, str]
    """Every atom as the parsed text has it."""
    looks: Mapping[str, tuple[str, ...]]
    """What each citation and reference reads like in Word."""


def found(run: Sequence[Token], known: Known) -> list[Token]:
    """New words, with the citations and references of the paper in them known by how they read."""
    out, n = [], 0
    looks = sorted(known.looks.items(), key=lambda item: -len(item[1]))
    while n < len(run):
        name = next((name for name, keys in looks if _starts(run, n, keys)), "")
        token = run[n]
        if name:
            token = replace(token, text="", atom=name)
        elif token.atom not in known.texts or not token.text.startswith("\1"):
            token = replace(token, atom="")
        out.append(token)
        n += len(known.looks[name]) if name else 1
    return out


def entries(run: Sequence[Token], known: Known) -> tuple[Entry, ...]:
    """What a run of words reads."""
    return tuple(entry(token, token.marks, known.values) for token in run)


def entry(token: Token, marks: frozenset[str], values: Mapping[str, str]) -> Entry:
    """What a token reads, set like this."""
    return (f"\1{values.get(token.atom, '')}", frozenset()) if token.atom else (token.key, marks)


def _starts(run: Sequence[Token], n: int, keys: Sequence[str]) -> bool:
    return len(keys) > 1 and [t.key for t in run[n : n + len(keys)]] == list(keys)
