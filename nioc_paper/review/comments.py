"""Comments in a Word file: read with the words that they are about, their threads, and whether they are settled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

from nioc_paper.model import Answer, Comment, Reply
from nioc_paper.model.reviews import Kind, Sensitivity
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, get, iterate
from nioc_paper.review.leaf import Leaf, Token
from nioc_paper.review.reading import Reading, Span
from nioc_paper.signs import printed
from nioc_paper.wording import Words

PART, THREADS = "word/comments.xml", "word/commentsExtended.xml"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_W15 = "{http://schemas.microsoft.com/office/word/2012/wordml}"
Level = Callable[[Sequence[str]], Sensitivity]
"""Who may read a passage, by the names of the leaves in it."""
_BEFORE = 6
"""Words before a quotation that help to find it again."""
_KIND = re.compile(rf"^\s*\[?({'|'.join(get_args(Kind))})\]?\s*[:.–-]\s*", re.IGNORECASE)
"""How a reviewer says how much hangs on a comment: "Major: the figure is wrong"."""


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it stands in a Word file."""

    author: str
    on: date | None
    text: str
    quote: str
    before: str = ""
    sensitivity: Sensitivity = "public"
    replies: tuple[Reply, ...] = ()
    resolved: bool = False

    @property
    def kind(self) -> Kind:
        """How much hangs on it, as far as its first word tells."""
        found = _KIND.match(self.text)
        return next((k for k in get_args(Kind) if found and k == found[1].lower()), "substantive")

    @property
    def words(self) -> str:
        """What it says, without that word."""
        return _KIND.sub("", self.text)


def read(package: Package, reading: Reading, level: Level) -> list[Said]:
    """The comments of a file in its order, each with the replies to it; `level` says who may read a passage."""
    if PART not in package:
        return []
    nodes: dict[str, Element] = {}
    for node in iterate(package.xml(PART), "w:comment"):
        # Two of one id are two comments all the same.
        nodes[_last(node) if _last(node) not in nodes else f"#{len(nodes)} {_last(node)}"] = node
    above, settled = _threads(package)
    known = {paragraph: parent for paragraph, parent in above.items() if paragraph in nodes and parent in nodes}
    parents = {paragraph: parent for paragraph, parent in known.items() if not _answers_itself(paragraph, known)}
    replies: dict[str, list[Element]] = {}
    for paragraph, parent in parents.items():
        replies.setdefault(_first(parent, parents), []).append(nodes[paragraph])
    heads = [(paragraph, node) for paragraph, node in nodes.items() if paragraph not in parents]
    return [_said(n, reading, level, replies.get(name, ()), resolved=name in settled) for name, n in heads]


def _said(node: Element, reading: Reading, level: Level, replies: Sequence[Element], *, resolved: bool) -> Said:
    span = reading.spans.get(get(node, "w:id"))
    words, before = quote(reading, span)
    about = reading.passages[span.start[0] : span.end[0] + 1] if span else ()
    return Said(
        author=printed(get(node, "w:author")),
        on=_day(node),
        text=_text(node),
        quote=words,
        before=before,
        sensitivity=level([mark for passage in about for mark in passage.marks]),
        replies=tuple(Reply(by=printed(get(r, "w:author")), on=_day(r), text=_text(r)) for r in replies),
        resolved=resolved,
    )


def quote(reading: Reading, span: Span | None) -> tuple[str, str]:
    """The words that a comment is about, a line for each paragraph, and the few before them.

    A comment that is about a place is about the paragraph there; one without a place about no words.
    """
    if span is None or span.start[0] >= len(reading.passages):
        return "", ""
    (first, start), (last, end) = span.start, span.end
    if span.start == span.end:
        start, last, end = 0, first, len(reading.passages[first].leaf.tokens)
    lines = []
    for n in range(first, min(last, len(reading.passages) - 1) + 1):
        words = reading.passages[n].leaf.tokens
        lines.append(_read(words[start if n == first else 0 : end if n == last else len(words)]))
    before = reading.passages[first].leaf.tokens[max(start - _BEFORE, 0) : start]
    return "\n".join(filter(None, lines)), _read(before)


def _read(words: Sequence[Token]) -> str:
    return printed(Leaf("", "para", tuple(t for t in words if not t.text.startswith("\1"))).text)


def entered(
    known: Sequence[Comment], said: Sequence[Said], names: Mapping[str, str], sending: int, first: int, words: Words
) -> tuple[Comment, ...]:
    """The comments of a ledger with those of a file: new ones numbered from `first`, replies added to old ones.

    `names` are the ids of those whom the file names. Each comment of the ledger stands for one of the file.
    """
    out, left = list(known), list(range(len(known)))
    for each in said:
        by = names.get(each.author, each.author)
        same = [n for n in left if (known[n].by, known[n].text) == (by, each.words) and known[n].on in (each.on, None)]
        at = next((n for n in same if known[n].quote == each.quote), same[0] if same else None)
        replies = tuple(r.changed(by=names.get(r.by, r.by)) for r in each.replies)
        if at is None:
            out.append(_comment(each, by, replies, sending, first + len(out) - len(known)))
            continue
        left.remove(at)
        own = {(r.by, r.text) for r in out[at].replies} | {(a.by, answered(a, words)) for a in (out[at].answer,) if a}
        new = tuple(r for r in replies if (r.by, r.text) not in own)
        # What is answered goes out as settled.
        resolved = out[at].resolved if out[at].answer else each.resolved
        out[at] = out[at].changed(replies=(*out[at].replies, *new), resolved=resolved)
    return tuple(out)


def answered(answer: Answer, words: Words) -> str:
    """An answer as it is put into a Word file, below the comment."""
    return " ".join(filter(None, (f"{words[f'answer_{answer.disposition}']}.", answer.reason)))


def _comment(said: Said, by: str, replies: tuple[Reply, ...], sending: int, number: int) -> Comment:
    return Comment(
        number=number,
        by=by,
        on=said.on,
        sending=sending or None,
        sensitivity=said.sensitivity,
        kind=said.kind,
        quote=said.quote,
        before=said.before,
        text=said.words,
        replies=replies,
        resolved=said.resolved,
    )


def _threads(package: Package) -> tuple[Mapping[str, str], set[str]]:
    """Which comment answers which, by the ids of their last paragraphs; and those that are settled."""
    if THREADS not in package:
        return {}, set()
    nodes = list(package.xml(THREADS))
    parents = {n.get(f"{_W15}paraId", ""): n.get(f"{_W15}paraIdParent", "") for n in nodes}
    settled = {n.get(f"{_W15}paraId", "") for n in nodes if n.get(f"{_W15}done") in ("1", "true")}
    return {paragraph: parent for paragraph, parent in parents.items() if parent}, settled


def _first(paragraph: str, parents: Mapping[str, str]) -> str:
    """The comment that a thread begins with; Word has threads of one level, others may not."""
    while paragraph in parents:
        paragraph = parents[paragraph]
    return paragraph


def _answers_itself(paragraph: str, parents: Mapping[str, str]) -> bool:
    """Whether a comment is an answer to an answer to itself: such a thread has no beginning."""
    seen: set[str] = set()
    at = parents.get(paragraph)
    while at is not None and at != paragraph and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at == paragraph


def _last(comment: Element) -> str:
    """The id of a comment's last paragraph, by which threads know it; its own where there is none."""
    ids = [p.get(f"{_W14}paraId", "") for p in iterate(comment, "w:p")]
    return ids[-1] if ids and ids[-1] else f"#{get(comment, 'w:id')}"


def _text(comment: Element) -> str:
    return "\n".join(filter(None, map(_words, iterate(comment, "w:p")))).strip()


def _words(paragraph: Element) -> str:
    return printed("".join(t.text or "" for t in iterate(paragraph, "w:t")))


def _day(comment: Element) -> date | None:
    try:
        return date.fromisoformat(get(comment, "w:date")[:10])
    except ValueError:
        return None
