"""Passages of the source as one run of tokens: ranges of changes, and Markdown for new words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nioc_paper.review.docx.paragraph import Paragraph, ParagraphKind, Token
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.token_markdown import render_inlines

PARAGRAPH_BREAK = "\1break"
"""Text of a token for the end of a paragraph."""
_DELIMITER = re.compile(r"(\*\*|\*|__|_|~~|`|\^|~)$")
_LINK_END = re.compile(r"\]\((?P<target>[^()\s]*)(?:[ \t]+[^()\n]*)?\)(?:\{[^{}\n]*\})?")
_CLOSING = re.compile(rf"(?:[*_~`^]+|{_LINK_END.pattern})+")


class ReplacedRange(NamedTuple):
    """Characters of the source that a change replaces, and the formatting around them."""

    start: int
    end: int
    formatting: frozenset[str]


class SourceSpan:
    """Consecutive sent passages."""

    def __init__(self, passages: Sequence[AlignedPassage], text: str, atom_texts: Mapping[str, str]) -> None:
        self.text = text
        self.atom_texts = atom_texts
        self.kind: ParagraphKind = next(
            (passage.source_paragraph.kind for passage in passages if passage.source_paragraph), "para"
        )
        self.paragraph: Paragraph | None = passages[0].source_paragraph
        self.tokens, self.formatting = _chain_tokens(passages)
        self.sentence_lines = self.kind == "para" and "\n" in self.text[slice(*find_extent(self.tokens))]

    def match_leading_space(self, text: str, start: int, new: Token, old: Token, before: Token) -> tuple[str, int]:
        """Give a replacement the white space before it that the new text has."""
        if new.space_before and not old.space_before and not text[:1].isspace():
            return f" {text}", start
        if not new.space_before and old.space_before and before.span and not self.text[before.span[1] : start].strip():
            return text, before.span[1]
        return text, start

    def find_replaced_range(self, i1: int, i2: int, new: Sequence[Token]) -> ReplacedRange:
        """Return the replaced range of the source, and the formatting around it."""
        if i1 == i2:
            return self.find_insertion(i1, new)
        start, end = find_extent(self.tokens[i1:i2])
        token_formatting = set(self.formatting[i1:i2])
        context = next(iter(token_formatting)) if len(token_formatting) == 1 else frozenset[str]()
        if not new or len(token_formatting) > 1 or any(not context <= t.formatting for t in new):
            start, end = self.include_delimiters(start, end)
            context = frozenset()
        if not new:
            start, end = self.widen_removal(i1, i2, start, end)
        return ReplacedRange(start, end, context)

    def widen_removal(self, i1: int, i2: int, start: int, end: int) -> tuple[int, int]:
        """Widen a removal by the white space before it; at the beginning by that after it."""
        before = self.tokens[i1 - 1].span if i1 else None
        after = self.tokens[i2].span if i2 < len(self.tokens) else None
        if before and self.tokens[i1].space_before and not self.text[before[1] : start].strip():
            start = before[1]
        elif before is None and after and not self.text[end : after[0]].strip():
            end = after[0]
        return start, end

    def include_delimiters(self, start: int, end: int) -> tuple[int, int]:
        """Widen a range by delimiters that enclose only it."""
        while lengths := self._enclosing_delimiters(start, end):
            start, end = start - lengths[0], end + lengths[1]
        return start, end

    def _enclosing_delimiters(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the lengths of the delimiters directly before and after a range; None if there are none."""
        opening = _DELIMITER.search(self.text[:start])
        if opening and self.text.startswith(opening[1], end):
            return len(opening[1]), len(opening[1])
        return (1, len(closing[0])) if (closing := self.find_link_end(start, end)) else None

    def find_link_end(self, start: int, end: int) -> re.Match[str] | None:
        """Return the end of a link whose words are exactly this range, from its bracket on."""
        return _LINK_END.match(self.text, end) if self.text[start - 1 : start] == "[" else None

    def find_insertion(self, index: int, new: Sequence[Token]) -> ReplacedRange:
        """Return the range for words inserted before a token, and the formatting there."""
        before = next((n for n in range(index - 1, -1, -1) if self.tokens[n].span), None)
        after = next((n for n in range(index, len(self.tokens)) if self.tokens[n].span), None)
        if before is None or (self.tokens[index - 1].span is None and after is not None):
            assert after is not None
            span = self.tokens[after].span
            assert span is not None
            return ReplacedRange(span[0], span[0], self._opened_formatting(frozenset(), self.formatting[after], new))
        span, formatting = self.tokens[before].span, self.formatting[before]
        assert span is not None
        if after is not None and (following := self._opened_formatting(formatting, self.formatting[after], new)):
            following_span = self.tokens[after].span
            assert following_span is not None
            return ReplacedRange(following_span[0], following_span[0], following)
        inside = formatting & (self.formatting[after] if after is not None else frozenset())
        if formatting and formatting != inside and all(formatting <= t.formatting for t in new):
            return ReplacedRange(span[1], span[1], formatting)
        end = span[1]
        if formatting - inside and (closing := _CLOSING.match(self.text[end:])):
            end += len(closing[0])
        return ReplacedRange(end, end, inside)

    @staticmethod
    def _opened_formatting(before: frozenset[str], after: frozenset[str], new: Sequence[Token]) -> frozenset[str]:
        """Return the formatting that begins with new words, such as a link; none if they are outside of it."""
        return after if after - before and all(after <= t.formatting for t in new) else frozenset()

    def render_markdown(self, new: Sequence[Token], context: frozenset[str], *, leading_space: bool) -> str:
        """Return new tokens as Markdown; each paragraph break starts a new paragraph."""
        paragraphs: list[list[Token]] = [[]]
        for token in new:
            if token.text == PARAGRAPH_BREAK:
                paragraphs.append([])
            else:
                paragraphs[-1].append(token._replace(formatting=token.formatting - context))
        texts = [
            render_inlines(
                paragraph, self.atom_texts, leading_space=leading_space and n == 0, sentence_lines=self.sentence_lines
            )
            for n, paragraph in enumerate(paragraphs)
        ]
        return self.find_separator().join(texts)

    def find_separator(self) -> str:
        """Return the text between two of these passages: the marker of the next item, the indent of a note."""
        if self.paragraph is not None and self.paragraph.kind == "item" and (span := find_extent(self.tokens)):
            line = self.text[self.text.rfind("\n", 0, span[0]) + 1 : span[0]]
            if marker := re.match(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+", line):
                return f"\n{marker[0]}"
        return "\n\n    " if self.paragraph is not None and self.paragraph.note else "\n\n"


def _chain_tokens(passages: Sequence[AlignedPassage]) -> tuple[list[Token], list[frozenset[str]]]:
    """Return the tokens of several passages with paragraph breaks between them, and their formatting."""
    tokens: list[Token] = []
    formatting: list[frozenset[str]] = []
    for n, passage in enumerate(passages):
        if n:
            before = next((t.span for t in reversed(tokens) if t.span), None)
            after = next((t.span for t in passage.tokens if t.span), None)
            tokens.append(Token(PARAGRAPH_BREAK, span=(before[1], after[0]) if before and after else None))
            formatting.append(frozenset())
        tokens += passage.tokens
        formatting += passage.source_formatting
    return tokens, formatting


def find_extent(tokens: Sequence[Token]) -> tuple[int, int]:
    """Return the range from the first character of some tokens to after the last; (0, 0) without places."""
    spans = [t.span for t in tokens if t.span]
    return (min(s for s, _ in spans), max(e for _, e in spans)) if spans else (0, 0)
