"""Words of a Word file as Markdown, for the places where a text is new."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nioc_paper.review.leaf import Leaf, Token

_ESCAPED = re.compile(r"([\\`*_\[\]<>$@#^~|{}])")
_FENCES: Mapping[str, tuple[str, str]] = {
    "Strong": ("**", "**"),
    "Emph": ("*", "*"),
    "Strikeout": ("~~", "~~"),
    "Superscript": ("^", "^"),
    "Subscript": ("~", "~"),
    "Code": ("`", "`"),
}
"""In this order from the outside in."""
_TYPED = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "—": "---", "–": "--", "…": "..."})
"""How people write in Markdown what Word sets by itself."""
_ENDS = (".", "?", "!")
_LIST_LIKE = re.compile(r"^(\d+[.)]|[-+*#>:|])(?=\s|$)")

_EDGES = re.compile(r"^(?=:::)", re.MULTILINE)
"""Before colons that would begin or end a block: in Word they are words."""


def inlines(tokens: Sequence[Token], atoms: Mapping[str, str], *, lead: bool = False, lines: bool = False) -> str:
    """A run of tokens as Markdown.

    Atoms are written as `atoms` has them. `lead` keeps the white space before the first token; with `lines`, each
    sentence begins a line.
    """
    out: list[str] = []
    open_: list[str] = []
    for n, token in enumerate(tokens):
        wanted = [mark for mark in _FENCES if mark in token.marks]
        kept = next((k for k in range(len(open_)) if open_[k : k + 1] != wanted[k : k + 1]), len(open_))
        out += [_FENCES[mark][1] for mark in reversed(open_[kept:])]
        if token.space and (n or lead):
            out.append("\n" if lines and n and _begins(tokens, n) else " ")
        out += [_FENCES[mark][0] for mark in wanted[kept:]]
        open_ = wanted
        out.append(atoms[token.atom] if token.atom in atoms else _word(token))
    out += [_FENCES[mark][1] for mark in reversed(open_)]
    return _EDGES.sub(r"\\", "".join(out))


def block(leaf: Leaf, text: str, marker: str) -> str:
    """A new paragraph's text as what it is: a heading, an item of a list with its marker, a paragraph."""
    if leaf.kind == "heading":
        return f"{'#' * max(leaf.level, 2)} {text}"
    if leaf.kind == "item":
        return f"{marker}{text}"
    # What would be read as a list or a heading at the start of a line is a word here.
    return _LIST_LIKE.sub(lambda m: m[1][:-1] + "\\" + m[1][-1], text) if _LIST_LIKE.match(text) else text


def _word(token: Token) -> str:
    if "Code" in token.marks:
        return token.text
    return _ESCAPED.sub(r"\\\1", token.text).translate(_TYPED)


def _begins(tokens: Sequence[Token], n: int) -> bool:
    """Whether a sentence begins at a token: after a full stop that ends no abbreviation."""
    before, word = tokens[n - 1], tokens[n]
    if before.text in ("”", '"', ")", "’") and n > 1:
        before = tokens[n - 2]
    abbreviation = n > 1 and before.text == "." and len(tokens[n - 2].text) <= 2
    return before.text in _ENDS and not abbreviation and word.text[:1].isupper()
