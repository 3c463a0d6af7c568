"""Marks that the program of a reviewer has lost from a whole file: its headings, its bold, italic or other words."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from nioc_paper.review.docx.docx_text import DocxText
from nioc_paper.review.docx.paragraph import Paragraph, Token
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.conflicts import MergeConflict

_REASON = "no {} is left in the file: the program that saved it has lost them; the chapter keeps them"
_KINDS = frozenset(("Strong", "Emph", "Strikeout", "Superscript", "Subscript", "Code"))
_MIN_PASSAGES = 2
"""Passages of a chapter with formatting; a single one may have been changed by hand."""


def forget_lost_marks(
    base: Sequence[AlignedPassage], edited: DocxText
) -> tuple[tuple[AlignedPassage, ...], list[MergeConflict]]:
    """Return the sent passages without the marks that all of the file has lost, and a report of each such loss."""
    conflicts = []
    received = [passage.paragraph for passage in edited.passages]
    words = {word for paragraph in received for word in paragraph.normalized_words}
    sent = [p.passage.paragraph for p in base]
    headings = [p for p in sent if p.kind == "heading" and words.issuperset(p.normalized_words)]
    if headings and not any(paragraph.kind == "heading" for paragraph in received):
        base = [_without_heading(passage) for passage in base]
        conflicts.append(_report([heading.text for heading in headings], "heading"))
    nested = [p for p in sent if p.kind == "item" and p.level > 1 and words.issuperset(p.normalized_words)]
    if len(nested) >= _MIN_PASSAGES and {p.level for p in received if p.kind == "item"} == {1}:
        base = [_without_level(passage) for passage in base]
        conflicts.append(_report([item.text for item in nested], "item inside another item"))
    lost = _KINDS - frozenset[str]().union(*(t.formatting for paragraph in received for t in paragraph.tokens))
    formatted = [tokens for p in sent if (tokens := _formatted_tokens(p, lost, words))]
    if len(formatted) >= _MIN_PASSAGES or any("Code" in t.formatting for tokens in formatted for t in tokens):
        base = [_without_formatting(passage, lost) for passage in base]
        texts = [Paragraph("", "para", tokens).text for tokens in formatted]
        conflicts.append(_report(texts, "bold, italic or other formatted word"))
    return tuple(base), conflicts


def _report(texts: Sequence[str], name: str) -> MergeConflict:
    return MergeConflict(0, " ¶ ".join(texts), "", _REASON.format(name))


def _formatted_tokens(paragraph: Paragraph, kinds: frozenset[str], words: set[str]) -> tuple[Token, ...]:
    """Return the words with formatting of these kinds; none if a word is no longer in the file."""
    tokens = tuple(token for token in paragraph.tokens if token.formatting & kinds)
    return tokens if words.issuperset(token.normalized for token in tokens) else ()


def _without_heading(aligned: AlignedPassage) -> AlignedPassage:
    paragraph = aligned.passage.paragraph
    if paragraph.kind != "heading":
        return aligned
    return replace(aligned, passage=replace(aligned.passage, paragraph=replace(paragraph, kind="para", level=0)))


def _without_level(aligned: AlignedPassage) -> AlignedPassage:
    paragraph = aligned.passage.paragraph
    if paragraph.kind != "item":
        return aligned
    return replace(aligned, passage=replace(aligned.passage, paragraph=replace(paragraph, level=1)))


def _without_formatting(aligned: AlignedPassage, kinds: frozenset[str]) -> AlignedPassage:
    tokens = tuple(token._replace(formatting=token.formatting - kinds) for token in aligned.tokens)
    paragraph = replace(aligned.passage.paragraph, tokens=tokens)
    return replace(aligned, tokens=tokens, passage=replace(aligned.passage, paragraph=paragraph))
