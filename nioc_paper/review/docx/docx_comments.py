"""Comments of Word files: read with the words that they quote and their threads, and written for reviewers."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from typing import NamedTuple, get_args
from xml.sax.saxutils import escape, quoteattr

from nioc_paper.model import Answer, Comment, Paper, Reply
from nioc_paper.model.characters import strip_unprintable
from nioc_paper.model.reviews import CommentKind, Sensitivity
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    NAMESPACES,
    W14,
    W15,
    Element,
    get_attribute,
    iter_elements,
    parse_element,
    qn,
    remove_element,
    text_content,
)
from nioc_paper.review.docx.docx_text import CommentRange, DocxText, Paragraph, Token
from nioc_paper.wording import Wording

COMMENTS_PART, THREADS_PART = "word/comments.xml", "word/commentsExtended.xml"
SensitivityLookup = Callable[[Sequence[str]], Sensitivity]
"""Returns the audience of a passage from the bookmarks in it."""
_WORDS_BEFORE = 6
"""Words before a quotation that help to find it again."""
_KIND_PREFIX = re.compile(rf"^\s*\[?({'|'.join(get_args(CommentKind))})\]?\s*[:.–-]\s*", re.IGNORECASE)
"""Prefix by which a reviewer rates a comment: "Major: the figure is wrong"."""


def split_kind(text: str) -> tuple[CommentKind, str]:
    """Return the kind that a comment begins with, "substantive" without one, and the text after it."""
    match = _KIND_PREFIX.match(text)
    kind: CommentKind = next((k for k in get_args(CommentKind) if match and k == match[1].lower()), "substantive")
    return kind, _KIND_PREFIX.sub("", text)


def read_comments(
    package: Package, docx_text: DocxText, sensitivity_of: SensitivityLookup, within: Container[str] | None = None
) -> list[Comment]:
    """Return the comments of a file in order, each with its replies; `sensitivity_of` gives their audience.

    They have no ids, and their authors as Word names them. If ids are given in `within`, others are left out.
    """
    if COMMENTS_PART not in package:
        return []
    nodes: dict[str, Element] = {}
    for node in iter_elements(package.xml_root(COMMENTS_PART), "w:comment"):
        name = _last_paragraph_id(node)
        nodes[name if name not in nodes else f"#{len(nodes)} {name}"] = node  # two with one id are still two
    all_parents, settled = _read_threads(package)
    parents = {name: parent for name, parent in all_parents.items() if name in nodes and parent in nodes}
    threads: dict[str, list[Element]] = {name: [] for name in nodes if _find_thread_start(name, parents) == name}
    for name in (name for name in parents if name not in threads):
        threads[_find_thread_start(name, parents)].append(nodes[name])
    return [
        _read_comment(nodes[name], docx_text, sensitivity_of, replies, resolved=name in settled)
        for name, replies in threads.items()
        if within is None or get_attribute(nodes[name], "w:id") in within
    ]


def _read_comment(
    node: Element, docx_text: DocxText, sensitivity_of: SensitivityLookup, replies: Sequence[Element], *, resolved: bool
) -> Comment:
    comment_range = docx_text.comment_ranges.get(get_attribute(node, "w:id"))
    quoted, before = extract_quote(docx_text, comment_range)
    passages = docx_text.passages[comment_range.start.passage : comment_range.end.passage + 1] if comment_range else ()
    kind, text = split_kind(_comment_text(node))
    return Comment(
        id="",
        by=strip_unprintable(get_attribute(node, "w:author")),
        on=_comment_date(node),
        kind=kind,
        text=text,
        quote=quoted,
        before=before,
        sensitivity=sensitivity_of([bookmark for passage in passages for bookmark in passage.bookmarks]),
        replies=tuple(
            Reply(by=strip_unprintable(get_attribute(r, "w:author")), on=_comment_date(r), text=_comment_text(r))
            for r in replies
        ),
        resolved=resolved,
    )


def extract_quote(docx_text: DocxText, comment_range: CommentRange | None) -> tuple[str, str]:
    """Return the words that a comment is about, a line per paragraph, and the few words before them.

    A comment on a position quotes its whole paragraph; one without a position quotes nothing.
    """
    if comment_range is None or comment_range.start.passage >= len(docx_text.passages):
        return "", ""
    (first, start), (last, end) = comment_range.start, comment_range.end
    if comment_range.start == comment_range.end:
        start, last, end = 0, first, len(docx_text.passages[first].paragraph.tokens)
    lines = []
    for n in range(first, min(last, len(docx_text.passages) - 1) + 1):
        words = docx_text.passages[n].paragraph.tokens
        lines.append(_readable_text(words[start if n == first else 0 : end if n == last else len(words)]))
    before = docx_text.passages[first].paragraph.tokens[max(start - _WORDS_BEFORE, 0) : start]
    return "\n".join(filter(None, lines)), _readable_text(before)


def _readable_text(tokens: Sequence[Token]) -> str:
    return strip_unprintable(Paragraph("", "para", tuple(t for t in tokens if not t.text.startswith("\1"))).text)


def _read_threads(package: Package) -> tuple[Mapping[str, str], set[str]]:
    """Return the parent of each reply and the resolved comments, both by the ids of their last paragraphs."""
    if THREADS_PART not in package:
        return {}, set()
    nodes = list(package.xml_root(THREADS_PART))
    parents = {n.get(f"{{{W15}}}paraId", ""): n.get(f"{{{W15}}}paraIdParent", "") for n in nodes}
    settled = {n.get(f"{{{W15}}}paraId", "") for n in nodes if n.get(f"{{{W15}}}done") in ("1", "true")}
    return {paragraph: parent for paragraph, parent in parents.items() if parent}, settled


def _find_thread_start(name: str, parents: Mapping[str, str]) -> str:
    """Return the first comment of a thread; Word nests one level deep, other programs may nest deeper.

    A comment that is, through others, a reply to itself is in a thread without a start, and starts one of its own.
    """
    passed = [name]
    while (parent := parents.get(passed[-1], "")) and parent not in passed:
        passed.append(parent)
    return parent or passed[-1]


def _last_paragraph_id(comment: Element) -> str:
    """Return the id of a comment's last paragraph, which threads refer to; the comment's own id without one."""
    ids = [p.get(f"{{{W14}}}paraId", "") for p in iter_elements(comment, "w:p")]
    return ids[-1] if ids and ids[-1] else f"#{get_attribute(comment, 'w:id')}"


def _comment_text(comment: Element) -> str:
    texts = (strip_unprintable(text_content(paragraph)) for paragraph in iter_elements(comment, "w:p"))
    return "\n".join(filter(None, texts)).strip()


def _comment_date(comment: Element) -> date | None:
    try:
        return date.fromisoformat(get_attribute(comment, "w:date")[:10])
    except ValueError:
        return None


# --- write the comments of a ledger, with threads and answers ---------------------------------------------------------


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
    if not (lines := list(_flatten_threads(comments, paper, words))):
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


def answer_as_reply(answer: Answer, words: Wording) -> Reply:
    """Return an answer as a reply in Word."""
    text = " ".join(filter(None, (f"{words[f'answer_{answer.disposition}']}.", answer.reason)))
    return Reply(by=answer.by, on=answer.on, text=text)


def _flatten_threads(comments: Sequence[Comment], paper: Paper, words: Wording) -> Iterator[_WrittenComment]:
    """Yield each comment, its replies, and its answer as the last reply."""
    extra_numbers = count(len(comments) + 1)
    for number, c in enumerate(comments, start=1):
        settled = c.answer is not None or c.resolved
        yield _WrittenComment(number, paper.display_name(c.by), c.on, c.text, done=settled)
        for reply in (*c.replies, *([answer_as_reply(c.answer, words)] if c.answer else [])):
            name = paper.display_name(reply.by)
            yield _WrittenComment(next(extra_numbers), name, reply.on, reply.text, number, settled)


def _anchor_comment(paragraphs: Sequence[Element], number: int, quote: str, before: str) -> None:
    candidates = [p for p in paragraphs if quote and quote in _paragraph_text(p)]
    best = [*(p for p in candidates if f"{before} {quote}" in _paragraph_text(p)), *candidates]
    runs = _select_runs(best[0], quote) if best else _select_runs(paragraphs[0], "")
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
