"""What came back, put into today's chapter: one text after each reviewer, and what nobody could put in surely."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from nioc_paper.model import Chapter, Paper
from nioc_paper.review import front
from nioc_paper.review.compare import Conflict
from nioc_paper.review.merge import Merged, Parse, merge
from nioc_paper.review.reading import Reading
from nioc_paper.signs import printed

Merge = Callable[[str, str, str], str | None]
"""A three-way merge by lines: ours, base, theirs; clashes between marks, all three sides of each."""
_CLASH = re.compile(
    r"^<{41}[^\n]*\n(?P<ours>.*?)^\|{41}[^\n]*\n(?P<base>.*?)^={41}\n(?P<theirs>.*?)^>{41}[^\n]*\n?",
    re.DOTALL | re.MULTILINE,
)
_NAME = 100
"""Letters of a name that a Word file tells, at most."""
_PIECES = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Step:
    """Today's chapter with what one reviewer changed, and those before."""

    author: str
    """As the file names them; empty for changes that were not tracked."""
    text: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A change that was not put in, at a line of today's chapter."""

    line: int
    conflict: Conflict


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file that came back."""

    steps: tuple[Step, ...]
    missed: tuple[Missed, ...]


def receive(base: Chapter, today: Chapter, sent: Reading, got: Reading, parse: Parse, three_way: Merge) -> Outcome:
    """Put what was changed between `sent` and `got` into today's chapter. `base` is the chapter as it was sent."""
    merged = read_back(base, sent, got, parse)
    steps, clashes, before = [], list[Conflict](), today.text
    authors = list(dict.fromkeys(e.author for e in merged.edits))
    for n in range(len(authors)):
        theirs = merged.text(base.text, authors[: n + 1])
        text, clashes = together(today.text, base.text, theirs, three_way)
        if text != before:
            steps.append(Step(authors[n], text))
        before = text
    lines = _Lines(base.text, steps[-1].text if steps else today.text)
    missed = [Missed(lines.now(c.offset), c) for c in merged.conflicts]
    missed += [Missed(lines.text.count("\n", 0, c.offset) + 1, c) for c in clashes]
    return Outcome(tuple(steps), tuple(missed))


def read_back(base: Chapter, sent: Reading, got: Reading, parse: Parse) -> Merged:
    """What was changed, for the chapter as it was sent: in its text, and in its front matter."""
    merged = merge(body(base), sent, got, parse)
    above, left = front.put_in(base, merged.conflicts, 1 + max((e.unit for e in merged.edits), default=0))
    return Merged((*merged.edits, *above), tuple(left))


def body(chapter: Chapter) -> str:
    """A chapter's text with its front matter blanked: every offset stays true."""
    lines = chapter.text.splitlines(keepends=True)
    above = "".join(lines[: chapter.body_line - 1])
    return re.sub(r"[^\n]", " ", above) + chapter.text[len(above) :]


def together(today: str, base: str, theirs: str, three_way: Merge) -> tuple[str, list[Conflict]]:
    """Today's text with their changes, first by lines, then where lines clash by words; and what clashes still.

    A clash leaves today's words as they are.
    """
    if today == base:
        return theirs, []
    joined = three_way(today, base, theirs)
    if joined is None:
        return today, [Conflict(0, base, theirs, "git could not merge")]
    out: list[str] = []
    clashes: list[Conflict] = []
    at = 0
    for clash in _CLASH.finditer(joined):
        out.append(joined[at : clash.start()])
        finer = _by_words(clash["ours"], clash["base"], clash["theirs"], three_way)
        if finer is None:
            reason = "the same words were changed in the meantime"
            offset = sum(map(len, out))
            clashes.append(Conflict(offset, clash["base"].strip(), clash["theirs"].strip(), reason))
        out.append(clash["ours"] if finer is None else finer)
        at = clash.end()
    return "".join([*out, joined[at:]]), clashes


def _by_words(ours: str, base: str, theirs: str, three_way: Merge) -> str | None:
    """A merge of a few lines word by word; None where the same words were changed."""
    joined = three_way(*("".join(f"{_line(p)}\n" for p in _PIECES.findall(text)) for text in (ours, base, theirs)))
    if joined is None or _CLASH.search(joined):
        return None
    # A piece ends with a line feed; other ends of lines stand in them.
    return "".join(_word(line) for line in joined.split("\n")[:-1])


def _line(piece: str) -> str:
    return piece.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")


def _word(line: str) -> str:
    signs = {"n": "\n", "r": "\r", "\\": "\\"}
    return re.sub(r"\\(.)", lambda m: signs[m[1]], line)


class _Lines:
    """Where a place of an old text is in a new one."""

    def __init__(self, old: str, text: str) -> None:
        self.old = old
        self.text = text

    def now(self, offset: int) -> int:
        """The line of today that stands for an offset of the old text: the same words, or the same number."""
        start = self.old.rfind("\n", 0, offset) + 1
        end = self.old.find("\n", offset)
        words = self.old[start : end if end >= 0 else len(self.old)]
        found = self.text.find(words) if words.strip() else -1
        if found < 0:
            return min(self.old.count("\n", 0, offset), self.text.count("\n")) + 1
        return self.text.count("\n", 0, found) + 1


def person(paper: Paper, name: str) -> str:
    """The id of the person that a Word file calls so, by name or by another spelling; the name where nobody is."""
    wanted = _plain(name)
    for each in paper.contributors.people:
        if wanted in {_plain(n) for n in (each.name, *each.aka, f"{each.title or ''} {each.name}", each.id)}:
            return each.id
    return printed(" ".join(name.split()))[:_NAME].strip()


def _plain(name: str) -> str:
    return " ".join(re.findall(r"\w+", name.casefold()))
