"""What was changed inside a passage: the replacements in the source, and what the passage must then read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from nioc_paper.review.anchor import Anchored
from nioc_paper.review.differences import differences
from nioc_paper.review.edits import Edit
from nioc_paper.review.known import Entry, Known, entry, found
from nioc_paper.review.leaf import Leaf, Token, tokens
from nioc_paper.review.markdown import inlines
from nioc_paper.review.reading import Passage
from nioc_paper.review.run import BREAK, Run, extent

_BETWEEN = re.compile(r"\{[^{}\n]*\}|\s|^[ \t>]*(?:[-*+]|\d+[.)]|#+)[ \t]", re.MULTILINE)
"""What may stand between two passages that become one: line ends, the mark of an item, the end of a heading."""
_REASONS: Mapping[str, str] = {
    "made": "this is made by the tool, from another place of the paper",
    "cite": "a citation was rewritten; give the source in paper/references.yaml and cite it",
    "xref": "a reference was rewritten; refer to something else by its id",
    "value": "this is filled in from what the source says in another form",
    "note": "the number of a note was rewritten",
    "math": "a formula was changed, or is gone without a tracked change",
    "image": "a picture was replaced",
    "format": "the typeface was changed across other markup",
    "cell": "a cell of a table was parted",
    "join": "two passages were joined that have something between them",
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """A change that was not made, because it cannot be made surely."""

    offset: int
    """Where it belongs in the source."""
    sent: str
    got: str
    reason: str
    author: str = ""


@dataclass(slots=True)
class Compared:
    """What became of a passage."""

    edits: list[Edit] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    reads: list[list[Entry]] = field(default_factory=lambda: [[]])
    """What each of its paragraphs must read afterwards: keys and marks; atoms by what stands behind them."""


def compared(sent: Sequence[Anchored], got: Sequence[Passage], known: Known, unit: int) -> Compared:
    """The changes between passages that were sent and what came back of them."""
    return _Comparison(sent, got, known, unit).run()


class _Comparison:
    def __init__(self, sent: Sequence[Anchored], got: Sequence[Passage], known: Known, unit: int) -> None:
        self.known = known
        self.text = known.source.text
        self.unit = unit
        self.author = next((p.author for p in got if p.author), "")
        self.old = Run(sent, self.text, known.texts)
        self.sent, self.plain = self.old.sent, self.old.plain
        self.got = [t for n, p in enumerate(got) for t in ([Token(BREAK)] if n else []) + list(p.leaf.tokens)]
        self.upto = 0
        """Behind the last character that a change is about."""
        self.out = Compared()

    def run(self) -> Compared:
        for what, i1, i2, j1, j2 in differences(self.sent, self.got):
            if what == "equal":
                self.same(i1, i2, j1)
            elif reason := self.refusal(i1, i2, j1, j2):
                self.refuse(i1, i2, j1, j2, reason)
            else:
                self.change(i1, i2, j1, j2)
        return self.out

    # --- what stays ---

    def same(self, i1: int, i2: int, j1: int) -> None:
        def restyled(n: int) -> tuple[frozenset[str], frozenset[str]]:
            here, there = self.sent[n], self.got[j1 + n - i1]
            if here.span is None or here.atom or here.text == BREAK:
                return frozenset(), frozenset()
            return there.marks - here.marks, (here.marks - there.marks) & self.plain[n]

        for (add, remove), group in groupby(range(i1, i2), restyled):
            run = list(group)
            done = self.restyle(run, add, remove)
            for n in run:
                self.gap(n, self.got[j1 + n - i1])
                self.kept(n, (self.plain[n] | add) - remove if done else self.plain[n])

    def gap(self, n: int, there: Token) -> None:
        """White space before a token that was put in or taken out."""
        here, before = self.sent[n].span, self.sent[n - 1].span if n else None
        within = n and self.sent[n].atom and self.sent[n - 1].atom == self.sent[n].atom
        if here is None or before is None or within or self.sent[n].space == there.space:
            return
        if there.space:
            self.edit(here[0], here[0], " ")
        elif before[1] >= self.upto and not self.text[before[1] : here[0]].strip():
            self.edit(before[1], here[0], "")

    def restyle(self, run: list[int], add: frozenset[str], remove: frozenset[str]) -> bool:
        """Set a run of words otherwise, where marks can be put around them or taken away; whether it was done."""
        if not add and not remove:
            return True
        start, end = extent([self.sent[n] for n in run])
        opening, closing = inlines([Token("x", marks=add or remove)], {}).split("x")
        before, after = self.text[start - len(opening) : start], self.text[end : end + len(closing)]
        if add and not remove:
            self.edit(start, start, opening)
            self.edit(end, end, closing)
        elif not add and before.replace("_", "*") == opening and after.replace("_", "*") == closing:
            self.edit(start - len(opening), start, "")
            self.edit(end, end + len(closing), "")
        else:
            words = self.text[start:end]
            self.out.conflicts.append(Conflict(start, words, words, _REASONS["format"], self.author))
            return False
        return True

    # --- what cannot be done ---

    def refusal(self, i1: int, i2: int, j1: int, j2: int) -> str:
        """Why a change is not made; empty when it is."""
        old, new = self.sent[i1:i2], self.got[j1:j2]
        around = self.sent[max(i1 - 1, 0) : i1 + 1]
        if any(t.span is None for t in old) or (not old and around and all(t.span is None for t in around)):
            return "made"
        if any(t.text.startswith("\1image") and t.text not in {o.text for o in old} for t in new):
            return "image"
        if self.old.kind == "cell" and any(t.text == BREAK for t in new):
            return "cell"
        if any(_BETWEEN.sub("", self.text[slice(*t.span)]) for t in old if t.text == BREAK and t.span):
            return "join"
        # Programs that know no formulas leave them out when they save; only a tracked deletion is somebody's wish.
        if not self.author and any(t.atom.startswith("math") for t in old) and not any(t.atom for t in new):
            return "math"
        names = {t.atom for t in old}
        words = [t for t in new if t.text != BREAK]
        if words and len(names) == 1 and (name := next(iter(names))):
            if self._translated(old, words) or self._swapped(words):
                return ""
            return name.partition("-")[0]
        return "image" if any(t.atom.startswith("image") for t in old) else ""

    def refuse(self, i1: int, i2: int, j1: int, j2: int, reason: str) -> None:
        old, new = self.sent[i1:i2], self.got[j1:j2]
        near = next((t.span for t in (*old, *self.sent[i1:], *reversed(self.sent[:i1])) if t.span), (0, 0))
        author = next((t.author for t in new if t.author), self.author)
        self.out.conflicts.append(Conflict(near[0], _said(old), _said(new), _REASONS[reason], author))
        for n in range(i1, i2):
            self.kept(n, self.plain[n])

    # --- what is done ---

    def change(self, i1: int, i2: int, j1: int, j2: int) -> None:
        old, new = self.sent[i1:i2], found(self.got[j1:j2], self.known)
        if translated := self._translated(old, new):
            text, span = translated, old[0].span
            assert span is not None
            self.edit(*span, text)
            self.out.reads[-1] += [(key, frozenset()) for key in _keys(text)]
            return
        author = next((t.author for t in new if t.author), self.author)
        start, end, context = self.old.region(i1, i2, new)
        text = self.old.write(new, context, lead=not old or old[0].text == BREAK)
        before = self.sent[i1 - 1] if i1 else None
        if old and new and before is not None and old[0].span:
            text, start = self.old.spaced(text, start, new[0], old[0], before)
        if new and new[-1].text == BREAK and i2 < len(self.sent) and (following := self.sent[i2].span):
            end = max(end, following[0])
        if not old and i1 == 0 and new and self.got[j2 : j2 + 1] and self.got[j2].space:
            text = f"{text} "
        if any(t.text == BREAK for t in old) and self.got[j2 : j2 + 1] and self.got[j2].space:
            text = f"{text} "
        self.edit(start, end, text, author)
        for token in new:
            self.added(token)

    # --- atoms in new words ---

    def _swapped(self, words: Sequence[Token]) -> bool:
        """Whether new words are one citation or reference of the paper, and nothing else."""
        run = found(words, self.known)
        return len(run) == 1 and run[0].atom in self.known.texts

    def _translated(self, old: Sequence[Token], new: Sequence[Token]) -> str:
        """A day as the source writes it, where one was replaced by another."""
        if not old or not old[0].atom.startswith("value") or old[0].span is None:
            return ""
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", self.text[slice(*old[0].span)]):
            return ""
        words = " ".join(t.text for t in new)
        for form in ("%d %B %Y", "%d %b %Y", "%Y-%m-%d", "%B %d , %Y"):
            try:
                return datetime.strptime(words, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        return ""

    # --- what it must read ---

    def kept(self, n: int, marks: frozenset[str]) -> None:
        token = self.sent[n]
        if token.text == BREAK:
            self.out.reads.append([])
        elif token.span is None:
            return
        elif not token.atom:
            self.out.reads[-1].append((token.key, marks))
        elif n == 0 or self.sent[n - 1].atom != token.atom:
            self.out.reads[-1].append(entry(token, marks, self.known.values))

    def added(self, token: Token) -> None:
        if token.text == BREAK:
            self.out.reads.append([])
        else:
            self.out.reads[-1].append(entry(token, token.marks, self.known.values))

    def edit(self, start: int, end: int, text: str, author: str = "") -> None:
        self.upto = max(self.upto, end)
        if start != end or text:
            self.out.edits.append(Edit(start, end, text, self.unit, author or self.author))


def _keys(text: str) -> list[str]:
    return [t.key for t in tokens(text)]


def _said(tokens: Sequence[Token]) -> str:
    return Leaf("", "para", tuple(tokens)).text
