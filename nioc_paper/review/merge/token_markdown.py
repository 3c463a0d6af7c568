"""Render tokens of a Word file as Markdown, where text is new."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nioc_paper.review.docx.paragraph import LINK, Paragraph, Token, links_in

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
    if "Code" in token.formatting:
        return token.text
    return _ESCAPED.sub(r"\\\1", token.text).translate(_TYPEWRITER_FORMS)


def _starts_sentence(tokens: Sequence[Token], index: int) -> bool:
    """Return whether a sentence begins at a token: after a full stop that ends no abbreviation."""
    before, word = tokens[index - 1], tokens[index]
    if before.text in ("”", '"', ")", "’") and index > 1:
        before = tokens[index - 2]
    abbreviation = index > 1 and before.text == "." and len(tokens[index - 2].text) <= 2
    return before.text in _SENTENCE_ENDS and not abbreviation and word.text[:1].isupper()
