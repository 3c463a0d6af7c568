"""Write the ledger's comments into an outgoing Word file, with threads and answers."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from nioc_paper.model import Answer, Comment, Paper
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    NAMESPACES,
    W14,
    W15,
    Element,
    iter_elements,
    parse_element,
    qn,
    remove_element,
    text_content,
)
from nioc_paper.review.docx.comment_reader import COMMENTS_PART, THREADS_PART
from nioc_paper.wording import Wording

_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_THREADS_RELATIONSHIP = "http://schemas.microsoft.com/office/2011/relationships/commentsExtended"
_THREADS_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.commentsExtended+xml"


class _WrittenComment(NamedTuple):
    """Comment or reply in the form of Word."""

    number: int
    by: str
    on: date | None
    text: str
    parent: int | None = None
    done: bool = False

    @property
    def paragraph_id(self) -> str:
        return f"{0x10000 + self.number:08X}"


def write_comments(package: Package, comments: Sequence[Comment], paper: Paper, words: Wording) -> None:
    """Add comments at the words that they quote, or at the first paragraph if those words are gone."""
    lines = list(_flatten_threads(comments, paper, words))
    if not lines:
        return
    paragraphs = [p for p in iter_elements(package.body, "w:p") if _paragraph_text(p).strip()]
    for line in lines:
        comment = comments[(line.number if line.parent is None else line.parent) - 1]
        _anchor_comment(paragraphs, line.number, comment.quote.split("\n", maxsplit=1)[0], comment.before)
    if COMMENTS_PART in package:
        package.set_part(COMMENTS_PART, _comments_xml(lines).encode())
    else:
        package.add_related_part(COMMENTS_PART, "comments", _comments_xml(lines).encode())
    package.add_related_part(THREADS_PART, _THREADS_RELATIONSHIP, _threads_xml(lines).encode(), content=_THREADS_TYPE)


def format_answer(answer: Answer, words: Wording) -> str:
    """Return an answer as the text of a reply in Word."""
    return " ".join(filter(None, (f"{words[f'answer_{answer.disposition}']}.", answer.reason)))


def _flatten_threads(comments: Sequence[Comment], paper: Paper, words: Wording) -> Iterator[_WrittenComment]:
    """Yield each comment, its replies, and its answer as the last reply."""
    extra_numbers = count(len(comments) + 1)
    for number, c in enumerate(comments, start=1):
        settled = c.answer is not None or c.resolved
        yield _WrittenComment(number, paper.display_name(c.by), c.on, c.text, done=settled)
        for reply in c.replies:
            yield _WrittenComment(
                next(extra_numbers), paper.display_name(reply.by), reply.on, reply.text, number, settled
            )
        if c.answer:
            answer_text = format_answer(c.answer, words)
            yield _WrittenComment(
                next(extra_numbers), paper.display_name(c.answer.by), c.answer.on, answer_text, number, settled
            )


def _anchor_comment(paragraphs: Sequence[Element], number: int, quote: str, before: str) -> None:
    candidates = [p for p in paragraphs if quote and quote in _paragraph_text(p)]
    best = next(
        (p for p in candidates if f"{before} {quote}" in _paragraph_text(p)), candidates[0] if candidates else None
    )
    runs = _select_runs(paragraphs[0], "") if best is None else _select_runs(best, quote)
    runs[0].addprevious(parse_element(f'<w:commentRangeStart w:id="{number}"/>'))
    end = parse_element(f'<w:commentRangeEnd w:id="{number}"/>')
    runs[-1].addnext(end)
    end.addnext(parse_element(f'<w:r><w:commentReference w:id="{number}"/></w:r>'))


def _paragraph_text(paragraph: Element) -> str:
    return text_content(paragraph).replace("\u00a0", " ")


def _select_runs(paragraph: Element, words: str) -> list[Element]:
    """Return the runs of some words, split from their neighbours; all runs of the paragraph if `words` is empty."""
    start = _paragraph_text(paragraph).find(words) if words else 0
    end = start + len(words) if words else len(_paragraph_text(paragraph))
    offset, out = 0, []
    for text in [t for t in iter_elements(paragraph, "w:t") if t.text]:
        low, high = max(start - offset, 0), min(end - offset, len(text.text or ""))
        offset += len(text.text or "")
        if low < high:
            out.append(_split_run(text, low, high))
    return out


def _split_run(text: Element, low: int, high: int) -> Element:
    """Split the run of a part of a text from the rest and return it; a run with other content stays whole."""
    run, whole = next(text.iterancestors(qn("w:r"))), text.text or ""
    if (low, high) == (0, len(whole)) or sum(node.tag != qn("w:rPr") for node in run) > 1:
        return run
    middle = run
    for words, is_commented in ((whole[:low], False), (whole[low:high], True), (whole[high:], False)):
        piece = copy.deepcopy(run)
        for node in [n for n in piece if n.tag != qn("w:rPr")]:
            remove_element(node)
        piece.append(parse_element(f'<w:t xml:space="preserve">{escape(words)}</w:t>'))
        if words:
            run.addprevious(piece)
        middle = piece if is_commented else middle
    remove_element(run)
    return middle


def _comments_xml(lines: Sequence[_WrittenComment]) -> str:
    root = f'xmlns:w="{NAMESPACES["w"]}" xmlns:w14="{W14}" xmlns:mc="{_COMPATIBILITY}" mc:Ignorable="w14"'
    return f"<w:comments {root}>{''.join(map(_comment_xml, lines))}</w:comments>"


def _comment_xml(line: _WrittenComment) -> str:
    attributes: Mapping[str, str] = {
        "w:id": str(line.number),
        "w:author": line.by or "?",
        "w:initials": "".join(word[0] for word in line.by.split())[:3],
        **({"w:date": f"{line.on.isoformat()}T00:00:00Z"} if line.on else {}),
    }
    paragraphs = line.text.split("\n")
    body = "".join(
        f"<w:p{f' w14:paraId={quoteattr(line.paragraph_id)}' if n == len(paragraphs) else ''}>"
        f'<w:r><w:t xml:space="preserve">{escape(words)}</w:t></w:r></w:p>'
        for n, words in enumerate(paragraphs, start=1)
    )
    return f"<w:comment {' '.join(f'{k}={quoteattr(v)}' for k, v in attributes.items())}>{body}</w:comment>"


def _threads_xml(lines: Sequence[_WrittenComment]) -> str:
    paragraphs = {line.number: line.paragraph_id for line in lines}
    entries = "".join(
        f'<w15:commentEx w15:paraId="{line.paragraph_id}"'
        + (f' w15:paraIdParent="{paragraphs[line.parent]}"' if line.parent is not None else "")
        + f' w15:done="{int(line.done)}"/>'
        for line in lines
    )
    return (
        f'<w15:commentsEx xmlns:w15="{W15}" xmlns:mc="{_COMPATIBILITY}" mc:Ignorable="w15">{entries}</w15:commentsEx>'
    )
