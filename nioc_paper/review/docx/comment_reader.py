"""Read the comments of a Word file: quoted words, threads, and whether they are resolved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import get_args

from msgspec import Struct

from nioc_paper.model import Reply
from nioc_paper.model.characters import strip_unprintable
from nioc_paper.model.reviews import CommentKind, Sensitivity
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import W14, W15, Element, get_attribute, iter_elements, text_content
from nioc_paper.review.docx.docx_text import CommentRange, DocxText
from nioc_paper.review.docx.paragraph import Paragraph, Token

COMMENTS_PART, THREADS_PART = "word/comments.xml", "word/commentsExtended.xml"
SensitivityLookup = Callable[[Sequence[str]], Sensitivity]
"""Returns the audience of a passage from the bookmarks in it."""
_WORDS_BEFORE = 6
"""Words before a quotation that help to find it again."""
_KIND_PREFIX = re.compile(rf"^\s*\[?({'|'.join(get_args(CommentKind))})\]?\s*[:.–-]\s*", re.IGNORECASE)
"""Prefix by which a reviewer rates a comment: "Major: the figure is wrong"."""


class DocxComment(Struct, frozen=True):
    """Comment as read from a Word file."""

    author: str
    on: date | None
    text: str
    quote: str
    before: str = ""
    sensitivity: Sensitivity = "public"
    replies: tuple[Reply, ...] = ()
    resolved: bool = False

    @property
    def kind(self) -> CommentKind:
        """Return its kind from its first word; "substantive" without one."""
        match = _KIND_PREFIX.match(self.text)
        return next((k for k in get_args(CommentKind) if match and k == match[1].lower()), "substantive")

    @property
    def text_without_kind(self) -> str:
        """Return its text without the prefix for its kind."""
        return _KIND_PREFIX.sub("", self.text)


def read_comments(package: Package, docx_text: DocxText, sensitivity_of: SensitivityLookup) -> list[DocxComment]:
    """Return the comments of a file in order, each with its replies; `sensitivity_of` gives their audience."""
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
    ]


def _read_comment(
    node: Element, docx_text: DocxText, sensitivity_of: SensitivityLookup, replies: Sequence[Element], *, resolved: bool
) -> DocxComment:
    comment_range = docx_text.comment_ranges.get(get_attribute(node, "w:id"))
    quoted, before = extract_quote(docx_text, comment_range)
    passages = docx_text.passages[comment_range.start.passage : comment_range.end.passage + 1] if comment_range else ()
    return DocxComment(
        author=strip_unprintable(get_attribute(node, "w:author")),
        on=_comment_date(node),
        text=_comment_text(node),
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
    return "\n".join(filter(None, map(_paragraph_text, iter_elements(comment, "w:p")))).strip()


def _paragraph_text(paragraph: Element) -> str:
    return strip_unprintable(text_content(paragraph))


def _comment_date(comment: Element) -> date | None:
    try:
        return date.fromisoformat(get_attribute(comment, "w:date")[:10])
    except ValueError:
        return None
