"""Passages of the source as one run of words: where a change of them goes, and how new words are written there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from nioc_paper.review.anchor import Anchored
from nioc_paper.review.leaf import Leaf, Token
from nioc_paper.review.markdown import inlines

BREAK = "\1break"
"""The text of a token that stands for the end of a paragraph."""
_FENCE = re.compile(r"(\*\*|\*|__|_|~~|`|\^|~)$")


class Run:
    """Passages that were sent, one behind the other."""

    def __init__(self, sent: Sequence[Anchored], text: str, atoms: Mapping[str, str]) -> None:
        self.text = text
        self.atoms = atoms
        self.kind = next((each.leaf.kind for each in sent if each.leaf), "para")
        self.leaf: Leaf | None = sent[0].leaf
        self.sent, self.plain = _strung(sent)
        self.lines = self.kind == "para" and "\n" in self.text[slice(*extent(self.sent))]

    def spaced(self, text: str, start: int, new: Token, old: Token, before: Token) -> tuple[str, int]:
        """A replacement with the white space before it that the new text has."""
        if new.space and not old.space and not text[:1].isspace():
            return f" {text}", start
        if not new.space and old.space and before.span and not self.text[before.span[1] : start].strip():
            return text, before.span[1]
        return text, start

    def region(self, i1: int, i2: int, new: Sequence[Token]) -> tuple[int, int, frozenset[str]]:
        """What is replaced in the source, and how the text around it is set."""
        if i1 == i2:
            return self.between(i1, new)
        start, end = extent(self.sent[i1:i2])
        marks = set(self.plain[i1:i2])
        context = next(iter(marks)) if len(marks) == 1 else frozenset[str]()
        if not new or len(marks) > 1 or any(not context <= t.marks for t in new):
            start, end = self.fences(start, end)
            context = frozenset()
        if not new:
            start, end = self.removal(i1, i2, start, end)
        return start, end, context

    def removal(self, i1: int, i2: int, start: int, end: int) -> tuple[int, int]:
        """With the white space before it; at the beginning with that behind it."""
        before = self.sent[i1 - 1].span if i1 else None
        after = self.sent[i2].span if i2 < len(self.sent) else None
        if before and self.sent[i1].space and not self.text[before[1] : start].strip():
            start = before[1]
        elif before is None and after and not self.text[end : after[0]].strip():
            end = after[0]
        return start, end

    def fences(self, start: int, end: int) -> tuple[int, int]:
        """With the marks of typeface that hold nothing else."""
        while (opening := _FENCE.search(self.text[:start])) and self.text.startswith(opening[1], end):
            start, end = start - len(opening[1]), end + len(opening[1])
        return start, end

    def between(self, i: int, new: Sequence[Token]) -> tuple[int, int, frozenset[str]]:
        """Where words are put in before a token, and how the text there is set."""
        before = next((n for n in range(i - 1, -1, -1) if self.sent[n].span), None)
        after = next((n for n in range(i, len(self.sent)) if self.sent[n].span), None)
        if before is None or (self.sent[i - 1].span is None and after is not None):
            assert after is not None
            at = self.sent[after].span
            assert at is not None
            return at[0], at[0], frozenset()
        at, marks = self.sent[before].span, self.plain[before]
        assert at is not None
        inside = marks & (self.plain[after] if after is not None else frozenset())
        if marks and marks != inside and all(marks <= t.marks for t in new):
            return at[1], at[1], marks
        end = at[1]
        if marks - inside and (closing := re.match(r"[*_~`^]+", self.text[end:])):
            end += len(closing[0])
        return end, end, inside

    def write(self, new: Sequence[Token], context: frozenset[str], *, lead: bool) -> str:
        """New words as Markdown; at each end of a paragraph a new one begins."""
        parts: list[list[Token]] = [[]]
        for token in new:
            if token.text == BREAK:
                parts.append([])
            else:
                parts[-1].append(replace(token, marks=token.marks - context))
        texts = [inlines(part, self.atoms, lead=lead and n == 0, lines=self.lines) for n, part in enumerate(parts)]
        return self.separator().join(texts)

    def separator(self) -> str:
        """What stands between two of these passages: the mark of the next item, the indent of a note."""
        if self.leaf is not None and self.leaf.kind == "item" and (span := extent(self.sent)):
            line = self.text[self.text.rfind("\n", 0, span[0]) + 1 : span[0]]
            if marker := re.match(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+", line):
                return f"\n{marker[0]}"
        return "\n\n    " if self.leaf is not None and self.leaf.note else "\n\n"


def _strung(sent: Sequence[Anchored]) -> tuple[list[Token], list[frozenset[str]]]:
    """The tokens of several passages with the ends of paragraphs between them."""
    tokens: list[Token] = []
    plain: list[frozenset[str]] = []
    for n, each in enumerate(sent):
        if n:
            before = next((t.span for t in reversed(tokens) if t.span), None)
            after = next((t.span for t in each.tokens if t.span), None)
            tokens.append(Token(BREAK, span=(before[1], after[0]) if before and after else None))
            plain.append(frozenset())
        tokens += each.tokens
        plain += each.plain
    return tokens, plain


def extent(tokens: Sequence[Token]) -> tuple[int, int]:
    """From the first character of some words to behind the last."""
    spans = [t.span for t in tokens if t.span]
    return (min(s for s, _ in spans), max(e for _, e in spans)) if spans else (0, 0)
