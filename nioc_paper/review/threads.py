"""The comments of a ledger in a Word file that goes out: with their threads, and what was answered."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from nioc_paper.model import Comment, Paper
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import NAMESPACES, Element, element, iterate, qn, take_out
from nioc_paper.review.comments import PART, THREADS, answered
from nioc_paper.wording import Words

_MARKUP = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
_RELATION = "http://schemas.microsoft.com/office/2011/relationships/commentsExtended"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.commentsExtended+xml"


class _Line(NamedTuple):
    """A comment or a reply as Word keeps it."""

    number: int
    by: str
    on: date | None
    text: str
    parent: int | None = None
    done: bool = False

    @property
    def paragraph(self) -> str:
        return f"{0x10000 + self.number:08X}"


def write(package: Package, comments: Sequence[Comment], paper: Paper, words: Words) -> None:
    """Put comments beside the words that they are about; one whose words are gone stands at the first paragraph."""
    lines = list(_lines(comments, paper, words))
    if not lines:
        return
    paragraphs = [p for p in iterate(package.body, "w:p") if _said(p).strip()]
    about = {c.number: c for c in comments}
    for line in lines:
        comment = about[line.number if line.parent is None else line.parent]
        _anchor(paragraphs, line.number, comment.quote.split("\n", maxsplit=1)[0], comment.before)
    if PART in package:
        package.put(PART, _part(lines).encode())
    else:
        package.add(PART, "comments", _part(lines).encode())
    package.add(THREADS, _RELATION, _threads(lines).encode(), content=_TYPE)


def _lines(comments: Sequence[Comment], paper: Paper, words: Words) -> Iterator[_Line]:
    """Each comment, the replies to it, and the answer as the last of them."""
    further = count(max((c.number for c in comments), default=0) + 1)
    for c in comments:
        settled = c.answer is not None or c.resolved
        yield _Line(c.number, paper.name(c.by), c.on, c.text, done=settled)
        for reply in c.replies:
            yield _Line(next(further), paper.name(reply.by), reply.on, reply.text, c.number, settled)
        if c.answer:
            said = answered(c.answer, words)
            yield _Line(next(further), paper.name(c.answer.by), c.answer.on, said, c.number, settled)


def _anchor(paragraphs: Sequence[Element], number: int, quote: str, before: str) -> None:
    holding = [p for p in paragraphs if quote and quote in _said(p)]
    best = next((p for p in holding if f"{before} {quote}" in _said(p)), holding[0] if holding else None)
    runs = _runs(paragraphs[0], "") if best is None else _runs(best, quote)
    runs[0].addprevious(element(f'<w:commentRangeStart w:id="{number}"/>'))
    end = element(f'<w:commentRangeEnd w:id="{number}"/>')
    runs[-1].addnext(end)
    end.addnext(element(f'<w:r><w:commentReference w:id="{number}"/></w:r>'))


def _said(paragraph: Element) -> str:
    return "".join(t.text or "" for t in iterate(paragraph, "w:t")).replace("\u00a0", " ")


def _runs(paragraph: Element, words: str) -> list[Element]:
    """The runs of some words, parted from those around them; all of a paragraph for none."""
    start = _said(paragraph).find(words) if words else 0
    end = start + len(words) if words else len(_said(paragraph))
    at, out = 0, []
    for text in [t for t in iterate(paragraph, "w:t") if t.text]:
        low, high = max(start - at, 0), min(end - at, len(text.text or ""))
        at += len(text.text or "")
        if low < high:
            out.append(_parted(text, low, high))
    return out


def _parted(text: Element, low: int, high: int) -> Element:
    """The run of a part of a text, parted from the rest; one that holds more than the text stays whole."""
    run, whole = next(text.iterancestors(qn("w:r"))), text.text or ""
    if (low, high) == (0, len(whole)) or sum(node.tag != qn("w:rPr") for node in run) > 1:
        return run
    middle = run
    for words, wanted in ((whole[:low], False), (whole[low:high], True), (whole[high:], False)):
        piece = copy.deepcopy(run)
        for node in [n for n in piece if n.tag != qn("w:rPr")]:
            take_out(node)
        piece.append(element(f'<w:t xml:space="preserve">{escape(words)}</w:t>'))
        if words:
            run.addprevious(piece)
        middle = piece if wanted else middle
    take_out(run)
    return middle


def _part(lines: Sequence[_Line]) -> str:
    root = f'xmlns:w="{NAMESPACES["w"]}" xmlns:w14="{_W14}" xmlns:mc="{_MARKUP}" mc:Ignorable="w14"'
    return f"<w:comments {root}>{''.join(map(_comment, lines))}</w:comments>"


def _comment(line: _Line) -> str:
    told: Mapping[str, str] = {
        "w:id": str(line.number),
        "w:author": line.by or "?",
        "w:initials": "".join(word[0] for word in line.by.split())[:3],
        **({"w:date": f"{line.on.isoformat()}T00:00:00Z"} if line.on else {}),
    }
    paragraphs = line.text.split("\n")
    body = "".join(
        f"<w:p{f' w14:paraId={quoteattr(line.paragraph)}' if n == len(paragraphs) else ''}>"
        f'<w:r><w:t xml:space="preserve">{escape(words)}</w:t></w:r></w:p>'
        for n, words in enumerate(paragraphs, start=1)
    )
    return f"<w:comment {' '.join(f'{k}={quoteattr(v)}' for k, v in told.items())}>{body}</w:comment>"


def _threads(lines: Sequence[_Line]) -> str:
    paragraphs = {line.number: line.paragraph for line in lines}
    entries = "".join(
        f'<w15:commentEx w15:paraId="{line.paragraph}"'
        + (f' w15:paraIdParent="{paragraphs[line.parent]}"' if line.parent is not None else "")
        + f' w15:done="{int(line.done)}"/>'
        for line in lines
    )
    return f'<w15:commentsEx xmlns:w15="{_W15}" xmlns:mc="{_MARKUP}" mc:Ignorable="w15">{entries}</w15:commentsEx>'
