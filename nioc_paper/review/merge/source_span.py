"""Passages of the source as one run of tokens: ranges of changes, and Markdown for new words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nioc_paper.review.docx.docx_text import LINK, Paragraph, ParagraphKind, Token, links_in
from nioc_paper.review.merge.source_map import AlignedPassage

PARAGRAPH_BREAK = "\1break"
"""Text of a token for the end of a paragraph."""
_DELIMITER = re.compile(r"(\*\*|\*|__|_|~~|`|\^|~)$")
_LINK_END = re.compile(r"\]\((?P<target>[^()\s]*)(?:[ \t]+[^()\n]*)?\)(?:\{[^{}\n]*\})?")
_CLOSING = re.compile(rf"(?:[*_~`^]+|{_LINK_END.pattern})+")


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

    def find_replaced_range(self, i1: int, i2: int, new: Sequence[Token]) -> tuple[int, int, frozenset[str]]:
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
        return start, end, context

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

    def find_insertion(self, index: int, new: Sequence[Token]) -> tuple[int, int, frozenset[str]]:
        """Return the range for words inserted before a token, and the formatting there."""
        spans = [(n, token.span) for n, token in enumerate(self.tokens) if token.span]
        before = max((each for each in spans if each[0] < index), default=None)
        after, (start, _) = min((each for each in spans if each[0] >= index), default=(None, (0, 0)))
        behind = self.formatting[after] if after is not None else frozenset()
        if before is None or (self.tokens[index - 1].span is None and after is not None):
            assert after is not None
            return start, start, self._opened_formatting(frozenset(), behind, new)
        formatting, end = self.formatting[before[0]], before[1][1]
        if opened := self._opened_formatting(formatting, behind, new):
            return start, start, opened
        inside = formatting & behind
        if formatting and formatting != inside and all(formatting <= t.formatting for t in new):
            return end, end, formatting
        if formatting - inside and (closing := _CLOSING.match(self.text[end:])):
            end += len(closing[0])
        return end, end, inside

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


# --- tokens of a Word file as Markdown, where text is new -------------------------------------------------------------


_ESCAPED = re.compile(r"([\\`*_\[\]<>$@#^~|{}])")
_DELIMITERS: Mapping[str, tuple[str, str]] = {
    "Strong": ("**", "**"),
    "Emph": ("*", "*"),
    "Strikeout": ("~~", "~~"),
    "Superscript": ("^", "^"),
    "Subscript": ("~", "~"),
    "Code": ("`", "`"),
}
"""Outermost first."""
_TYPEWRITER_FORMS = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "---", "–": "--", "…": "..."})
"""Markdown forms of typographic signs that Word sets by itself."""
_SENTENCE_ENDS = (".", "?", "!")
_LIST_LIKE = re.compile(
    r"^(\(?(?:\d+|[A-Za-z]|[ivxlcdm]+|[IVXLCDM]+)\)|\d+\.|[a-z]\.|[ivxlcdm]+\.|[IVXLCDM]{2,}\.|[-+*#>:|])(?=\s|$)"
)

_DIV_FENCE = re.compile(r"^(?=:::)", re.MULTILINE)
"""Before colons that would open or close a Div: in Word they are words."""


def render_inlines(
    tokens: Sequence[Token], atom_texts: Mapping[str, str], *, leading_space: bool = False, sentence_lines: bool = False
) -> str:
    """Return a run of tokens as Markdown.

    Atoms are written as in `atom_texts`. `leading_space` keeps the white space before the first token; with
    `sentence_lines` each sentence begins a line.
    """
    out: list[str] = []
    open_formatting: list[str] = []
    for n, token in enumerate(tokens):
        next_formatting = [*links_in(token.formatting), *(kind for kind in _DELIMITERS if kind in token.formatting)]
        closing, opening = _switch_formatting(open_formatting, next_formatting)
        space = ""
        if token.space_before and (n or leading_space):
            space = "\n" if sentence_lines and n and _starts_sentence(tokens, n) else " "
        open_formatting = next_formatting
        out += [closing, space, opening]
        out.append(atom_texts[token.atom] if token.atom in atom_texts else _render_word(token))
    out.append(_switch_formatting(open_formatting, [])[0])
    return _DIV_FENCE.sub(r"\\", "".join(out))


def _switch_formatting(current: Sequence[str], next_formatting: Sequence[str]) -> tuple[str, str]:
    """Return the delimiters that close the current formatting, as far as it ends, and those that open the new one."""
    unchanged = next((k for k, kind in enumerate(current) if kind not in next_formatting[k : k + 1]), len(current))
    closing = (_delimiters(kind)[1] for kind in reversed(current[unchanged:]))
    opening = (_delimiters(kind)[0] for kind in next_formatting[unchanged:])
    return "".join(closing), "".join(opening)


def _delimiters(kind: str) -> tuple[str, str]:
    return ("[", f"]({kind.removeprefix(LINK)})") if kind.startswith(LINK) else _DELIMITERS[kind]


def render_block(paragraph: Paragraph, text: str, marker: str) -> str:
    """Return a new paragraph's text as a heading, an item of a list with its marker, or a paragraph."""
    if paragraph.kind == "heading":
        return f"{'#' * max(paragraph.level, 2)} {text}"
    if paragraph.kind == "item":
        return f"{marker}{text}"
    # Escape words at the start of a line that would be read as a list or a heading.
    return _LIST_LIKE.sub(lambda m: m[1][:-1] + "\\" + m[1][-1], text) if _LIST_LIKE.match(text) else text


def _render_word(token: Token) -> str:
    return token.text if "Code" in token.formatting else _ESCAPED.sub(r"\\\1", token.text).translate(_TYPEWRITER_FORMS)


def _starts_sentence(tokens: Sequence[Token], index: int) -> bool:
    """Return whether a sentence begins at a token: after a full stop that ends no abbreviation."""
    word = tokens[index]
    before = tokens[index - 2 if tokens[index - 1].text in ("”", '"', ")", "’") and index > 1 else index - 1]
    abbreviation = index > 1 and before.text == "." and len(tokens[index - 2].text) <= 2
    return before.text in _SENTENCE_ENDS and not abbreviation and word.text[:1].isupper()
