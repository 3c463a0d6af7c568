"""Words of one direction inside a text of the other, each run told apart, so that signs and numbers stand beside them.

The Unicode algorithm guesses to which side a bracket, a full stop or a number between two scripts belongs (UAX 9);
inside an element with a direction of its own there is nothing to guess. Links stay flat, for PDF/UA: one is marked as a
whole. What is in another direction altogether, a source in the list of references, is a block of that direction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.wording import direction, primary

RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
"""Letters, digits and signs of scripts that run from right to left."""
_LEFT = r"A-Za-zªµºÀ-ɏͰ-ԯḀ-῿"
_SIGNS = r"()\[\]«»“”"
_FOREIGN = {
    "rtl": re.compile(rf"[{_LEFT}](?:[^{RIGHT.pattern[1:-1]}{_SIGNS}\s]*[{_LEFT}0-9])?"),
    "ltr": re.compile(rf"{RIGHT.pattern}(?:[^{_LEFT}{_SIGNS}\s]*{RIGHT.pattern})?"),
}
"""By the direction of a text: what of a word runs the other way."""
_NATIVE = {"rtl": RIGHT, "ltr": re.compile(f"[{_LEFT}]")}
_NUMBER = re.compile(r"([0-9](?:[0-9.,:/–-]*[0-9])?)")
_PAIRS = {"(": ")", "[": "]", "«": "»", "“": "”"}
_BRACKET = re.compile(f"([{_SIGNS}])")
_BLANKS = ("Space", "SoftBreak")
_LEAVES = frozenset((*_BLANKS, "Str"))
_INLINES = frozenset((
    "Str", "Emph", "Underline", "Strong", "Strikeout", "Superscript", "Subscript", "SmallCaps", "Quoted", "Cite",
    "Code", "Space", "SoftBreak", "LineBreak", "Math", "RawInline", "Link", "Image", "Note", "Span",
))  # fmt: skip
_VERBATIM = frozenset(("Code", "CodeBlock", "Math", "RawInline", "RawBlock", "Image"))


class _Speech(NamedTuple):
    """What is spoken at a place: a language, its direction, and the language of words that run the other way."""

    language: str
    direction: Literal["ltr", "rtl"]
    other: str

    def turned(self, language: str, way: str) -> _Speech:
        """The speech inside an element with a language or a direction of its own."""
        to: Literal["ltr", "rtl"] = "rtl" if (way or direction(language)) == "rtl" else "ltr"
        return _Speech(language, to, self.other if to == self.direction else self.language)


def isolate(blocks: Sequence[Node], language: str, spoken: Collection[str] = ()) -> tuple[Node, ...]:
    """The tree with a Span around each run of words of the other direction, and a direction beside each language.

    `spoken` are the languages of the whole paper besides its own.
    """
    ways: dict[str, set[str]] = {"ltr": set(), "rtl": set()}
    for tag in {language, *spoken}:
        ways[direction(tag)].add(tag)
    own = direction(language)
    # Which language a run of another script is in can be told only where the paper has one of that direction.
    others = ways["rtl" if own == "ltr" else "ltr"]
    speech = _Speech(language, own, min(others) if len({primary(t) for t in others}) == 1 else "")
    return tuple(_inside(list(blocks), speech))


def _inside(value: Any, speech: _Speech) -> Any:
    if isinstance(value, list):
        if value and isinstance(value[0], dict) and value[0].get("t") in _INLINES:
            words = "".join([node["c"] for node in value if node["t"] == "Str"])
            if not _FOREIGN[speech.direction].search(words):  # nearly every list of inlines: a paper has one script
                return [node if node["t"] in _LEAVES else _node(node, speech) for node in value]
            return list(_told_apart(value, speech))
        return [_inside(item, speech) for item in value]
    if isinstance(value, dict):
        if "t" not in value:
            return {key: _inside(part, speech) for key, part in value.items()}
        return _node(value, speech)
    return value


def _node(node: Node, speech: _Speech) -> Node:
    if node["t"] in _VERBATIM or "c" not in node:
        return node
    if node["t"] == "Link":
        return node if _is_native(node, speech) else tree.marked(node, **_marks(speech))
    if tree.is_div(node, "csl-entry") and not _is_native(node, speech):
        node = tree.marked(node, **_marks(speech))
    marks = tree.values(node)
    if "lang" in marks or "dir" in marks:
        speech = speech.turned(marks.get("lang", speech.language), marks.get("dir", ""))
        node = tree.marked(node, dir=speech.direction)
    return {**node, "c": _inside(node["c"], speech)}


def _is_native(node: Node, speech: _Speech) -> bool:
    """Whether a word of it runs as the text does, or none the other way."""
    words = tree.plain(node)
    return bool(_NATIVE[speech.direction].search(words)) or not _FOREIGN[speech.direction].search(words)


def _marks(speech: _Speech) -> dict[str, str]:
    to = "ltr" if speech.direction == "rtl" else "rtl"
    return {"dir": to, "lang": speech.other} if speech.other else {"dir": to}


def _told_apart(inlines: Sequence[Node], speech: _Speech) -> Iterator[Node]:
    """Inlines, each run of words that go the other way in a Span."""
    for native, group in groupby(_pieces(inlines, speech), lambda piece: piece[0] == "native"):
        pieces = list(group)
        yield from (node for _, node in pieces) if native else _runs(pieces, speech)


def _runs(pieces: Sequence[tuple[str, Node]], speech: _Speech) -> Iterator[Node]:
    """Pieces without a native one among them: from each foreign word the longest run whose brackets are in pairs."""
    start = 0
    while start < len(pieces):
        end = start + 1
        if pieces[start][0] == "foreign":
            ends = (e for e in range(len(pieces), start, -1) if _ends(pieces[start:e]))
            end = next(ends, end)
            run = [node for _, node in pieces[start:end]]
            yield {"t": "Span", "c": [tree.attr(values=_marks(speech)), run]}
        else:
            yield pieces[start][1]
        start = end


def _ends(pieces: Sequence[tuple[str, Node]]) -> bool:
    """Whether a run may end here: with a word, a number beside one, or a bracket that closes one of its own."""
    kind, last = pieces[-1]
    text = tree.plain([node for _, node in pieces])
    if not _paired(text):
        return False
    if kind == "number":
        return [k for k, node in pieces[:-1] if node["t"] not in _BLANKS][-1] == "foreign"
    return kind == "foreign" or (last["t"] == "Str" and last["c"] in _PAIRS.values())


def _paired(text: str) -> bool:
    """Whether the brackets of a text are in pairs."""
    open_: list[str] = []
    for sign in _BRACKET.findall(text):
        if sign in _PAIRS:
            open_.append(_PAIRS[sign])
        elif not open_ or open_.pop() != sign:
            return False
    return not open_


def _pieces(inlines: Sequence[Node], speech: _Speech) -> Iterator[tuple[str, Node]]:
    """Inlines, with words cut where their direction changes: foreign, native, a number, or neutral."""
    for node in _words(inlines):
        if node["t"] in _BLANKS:
            yield "neutral", node
        elif node["t"] != "Str":
            yield "native", _node(node, speech)
        else:
            yield from ((kind, {**node, "c": text}) for kind, text in _cut(node["c"], speech.direction))


def _words(inlines: Sequence[Node]) -> Iterator[Node]:
    """Inlines with each word and each blank for itself."""
    for node in inlines:
        for place, word in enumerate(node["c"].split(" ") if node["t"] == "Str" else ()):
            if place:
                yield {"t": "Space"}
            if word:
                yield {**node, "c": word}
        if node["t"] != "Str":
            yield node


def _cut(word: str, way: str) -> Iterator[tuple[str, str]]:
    start = 0
    for found in _FOREIGN[way].finditer(word):
        yield from _rest(word[start : found.start()], way)
        yield "foreign", found[0]
        start = found.end()
    yield from _rest(word[start:], way)


def _rest(text: str, way: str) -> Iterator[tuple[str, str]]:
    """What is left of a word. In Latin digits a number may belong to the Latin words before it."""
    for part in filter(None, _NUMBER.split(text) if way == "rtl" else [text]):
        if way == "rtl" and _NUMBER.fullmatch(part):
            yield "number", part
        elif _NATIVE[way].search(part):
            yield "native", part
        else:
            yield from (("neutral", sign) for sign in _BRACKET.split(part) if sign)
