"""Isolation of words in the other direction, so that signs and numbers stay at their sides.

The Unicode algorithm (UAX 9) guesses the side of a bracket, a full stop or a number between two scripts; inside an
element with its own direction there is nothing to guess. Links stay flat, for PDF/UA: a link is marked as a whole. A
passage wholly in the other direction, such as an entry of the bibliography, is a block of that direction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, Literal, NamedTuple

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.wording import primary_language, text_direction

RTL_CHARACTERS = late_pattern("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
"""Letters, digits and signs of right-to-left scripts."""
_LTR_RANGES = r"A-Za-zªµºÀ-ɏͰ-ԯḀ-῿"
_BRACKET_CHARACTERS = r"()\[\]«»“”"
_OPPOSITE_WORD = {
    "rtl": late_pattern(
        rf"[{_LTR_RANGES}](?:[^{RTL_CHARACTERS.pattern[1:-1]}{_BRACKET_CHARACTERS}\s]*[{_LTR_RANGES}0-9])?"
    ),
    "ltr": late_pattern(
        rf"{RTL_CHARACTERS.pattern}(?:[^{_LTR_RANGES}{_BRACKET_CHARACTERS}\s]*{RTL_CHARACTERS.pattern})?"
    ),
}
"""Parts of words in the other direction, by the direction of the text."""
_SAME_DIRECTION = {"rtl": RTL_CHARACTERS, "ltr": late_pattern(f"[{_LTR_RANGES}]")}
_NUMBER = re.compile(r"([0-9](?:[0-9.,:/–-]*[0-9])?)")
_PAIRS = {"(": ")", "[": "]", "«": "»", "“": "”"}
_BRACKET = re.compile(f"([{_BRACKET_CHARACTERS}])")
_BLANKS = ("Space", "SoftBreak")
_LEAVES = frozenset((*_BLANKS, "Str"))
_INLINES = frozenset((
    "Str", "Emph", "Underline", "Strong", "Strikeout", "Superscript", "Subscript", "SmallCaps", "Quoted", "Cite",
    "Code", "Space", "SoftBreak", "LineBreak", "Math", "RawInline", "Link", "Image", "Note", "Span",
))  # fmt: skip
_VERBATIM = frozenset(("Code", "CodeBlock", "Math", "RawInline", "RawBlock", "Image"))


class _DirectionContext(NamedTuple):
    """Language and direction of a place, and the language of words in the other direction."""

    language: str
    direction: Literal["ltr", "rtl"]
    opposite_language: str

    def inside_element(self, language: str, stated_direction: str) -> _DirectionContext:
        """Return the context inside an element with its own language or direction."""
        new_direction: Literal["ltr", "rtl"] = (
            "rtl" if (stated_direction or text_direction(language)) == "rtl" else "ltr"
        )
        return _DirectionContext(
            language, new_direction, self.opposite_language if new_direction == self.direction else self.language
        )


def isolate_runs(blocks: Sequence[Node], language: str, other_languages: Collection[str] = ()) -> tuple[Node, ...]:
    """Return the tree with a Span around each run of the other direction, and `dir` beside each `lang`.

    `other_languages` are the languages of the whole paper besides its own.
    """
    languages_by_direction: dict[str, set[str]] = {"ltr": set(), "rtl": set()}
    for tag in {language, *other_languages}:
        languages_by_direction[text_direction(tag)].add(tag)
    own_direction = text_direction(language)
    # The language of such a run is known only if the paper has exactly one of that direction.
    others = languages_by_direction["rtl" if own_direction == "ltr" else "ltr"]
    context = _DirectionContext(
        language, own_direction, min(others) if len({primary_language(t) for t in others}) == 1 else ""
    )
    return tuple(_isolate_content(list(blocks), context))


def _isolate_content(value: object, context: _DirectionContext) -> Any:
    if isinstance(value, list):
        if value and isinstance(value[0], dict) and value[0].get("t") in _INLINES:
            words = "".join([node["c"] for node in value if node["t"] == "Str"])
            if not _OPPOSITE_WORD[context.direction].search(words):  # nearly all lists: a paper has one script
                return [node if node["t"] in _LEAVES else _isolate_node(node, context) for node in value]
            return list(_isolate_inlines(value, context))
        return [_isolate_content(item, context) for item in value]
    if isinstance(value, dict):
        if "t" not in value:
            return {key: _isolate_content(part, context) for key, part in value.items()}
        return _isolate_node(value, context)
    return value


def _isolate_node(node: Node, context: _DirectionContext) -> Node:
    if node["t"] in _VERBATIM or "c" not in node:
        return node
    if node["t"] == "Link":
        return (
            node if _has_same_direction(node, context) else tree.with_attributes(node, **_direction_attributes(context))
        )
    if tree.is_div(node, "csl-entry") and not _has_same_direction(node, context):
        node = tree.with_attributes(node, **_direction_attributes(context))
    attributes = tree.attributes(node)
    if "lang" in attributes or "dir" in attributes:
        context = context.inside_element(attributes.get("lang", context.language), attributes.get("dir", ""))
        node = tree.with_attributes(node, dir=context.direction)
    return {**node, "c": _isolate_content(node["c"], context)}


def _has_same_direction(node: Node, context: _DirectionContext) -> bool:
    """Return whether a word of a node runs in the direction of the text, or none in the other."""
    words = tree.plain_text(node)
    return bool(_SAME_DIRECTION[context.direction].search(words)) or not _OPPOSITE_WORD[context.direction].search(words)


def _direction_attributes(context: _DirectionContext) -> dict[str, str]:
    opposite = "ltr" if context.direction == "rtl" else "rtl"
    return {"dir": opposite, "lang": context.opposite_language} if context.opposite_language else {"dir": opposite}


def _isolate_inlines(inlines: Sequence[Node], context: _DirectionContext) -> Iterator[Node]:
    """Yield inlines with each run of the other direction in a Span."""
    for native, group in groupby(_classify_pieces(inlines, context), lambda piece: piece[0] == "native"):
        pieces = list(group)
        yield from (node for _, node in pieces) if native else _wrap_runs(pieces, context)


def _wrap_runs(pieces: Sequence[tuple[str, Node]], context: _DirectionContext) -> Iterator[Node]:
    """Yield pieces without native ones; each foreign word starts the longest run with balanced brackets."""
    start = 0
    while start < len(pieces):
        end = start + 1
        if pieces[start][0] == "foreign":
            end = next((e for e in range(len(pieces), start, -1) if _may_end_run(pieces[start:e])), end)
            run = [node for _, node in pieces[start:end]]
            yield {"t": "Span", "c": [tree.attr(values=_direction_attributes(context)), run]}
        else:
            yield pieces[start][1]
        start = end


def _may_end_run(pieces: Sequence[tuple[str, Node]]) -> bool:
    """Return whether a run may end here: at a word, a number beside one, or a bracket that closes its own."""
    kind, last = pieces[-1]
    if not _has_balanced_brackets(tree.plain_text([node for _, node in pieces])):
        return False
    if kind == "number":
        return [k for k, node in pieces[:-1] if node["t"] not in _BLANKS][-1] == "foreign"
    return kind == "foreign" or (last["t"] == "Str" and last["c"] in _PAIRS.values())


def _has_balanced_brackets(text: str) -> bool:
    """Return whether the brackets of a text are in pairs."""
    open_: list[str] = []
    for sign in _BRACKET.findall(text):
        if sign in _PAIRS:
            open_.append(_PAIRS[sign])
        elif not open_ or open_.pop() != sign:
            return False
    return not open_


def _classify_pieces(inlines: Sequence[Node], context: _DirectionContext) -> Iterator[tuple[str, Node]]:
    """Yield inlines as foreign, native, number or neutral; words are cut where their direction changes."""
    for node in _split_words(inlines):
        if node["t"] in _BLANKS:
            yield "neutral", node
        elif node["t"] != "Str":
            yield "native", _isolate_node(node, context)
        else:
            yield from ((kind, {**node, "c": text}) for kind, text in _split_word(node["c"], context.direction))


def _split_words(inlines: Sequence[Node]) -> Iterator[Node]:
    """Yield inlines with each word and each blank as an inline of its own."""
    for node in inlines:
        for index, word in enumerate(node["c"].split(" ") if node["t"] == "Str" else ()):
            if index:
                yield {"t": "Space"}
            if word:
                yield {**node, "c": word}
        if node["t"] != "Str":
            yield node


def _split_word(word: str, own_direction: str) -> Iterator[tuple[str, str]]:
    start = 0
    for run_match in _OPPOSITE_WORD[own_direction].finditer(word):
        yield from _classify_rest(word[start : run_match.start()], own_direction)
        yield "foreign", run_match[0]
        start = run_match.end()
    yield from _classify_rest(word[start:], own_direction)


def _classify_rest(text: str, own_direction: str) -> Iterator[tuple[str, str]]:
    """Return the kind of a word's rest; a number in Latin digits may belong to the Latin words before it."""
    for part in filter(None, _NUMBER.split(text) if own_direction == "rtl" else [text]):
        if own_direction == "rtl" and _NUMBER.fullmatch(part):
            yield "number", part
        elif _SAME_DIRECTION[own_direction].search(part):
            yield "native", part
        else:
            yield from (("neutral", sign) for sign in _BRACKET.split(part) if sign)
