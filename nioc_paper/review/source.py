"""Where each word of a chapter's leaves stands in its Markdown.

Pandoc keeps no offsets, and a second parser would read another text than the one that is printed. But its tree holds
the words of the source in their order: with the markup masked, one comparison of both runs of words finds every word.
What cannot be found stays without a place, and is then never edited.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import NamedTuple

from nioc_paper.review.leaf import Leaf, Token

_HOLE = "\0"
_NOTE = re.compile(
    r"^ {0,3}\[\^(?P<label>[^\]\s]+)\]:[ \t]*(?P<text>[^\n]*\n?"
    r"(?:[^\n]*\S[^\n]*\n?)*(?:\n+(?: {4}|\t)[^\n]*\n?(?:[^\n]*\S[^\n]*\n?)*)*)",
    re.MULTILINE,
)
"""A note's text: to the blank line, and on while what follows is indented."""
_BLOCKS = (
    r"<!--.*?-->",
    r"^[ \t>]*:{3,}[^\n]*$",
    r"^[ \t]*(`{3,}|~{3,})[^\n]*\{[^\n]*\.(?:chart|table|csv)[^\n]*\}[^\n]*\n.*?^[ \t]*\1[ \t]*$",
    r"^[ \t]*(?:`{3,}|~{3,})[^\n]*$",
)
_ATOMS: Mapping[str, str] = {
    "image": r"!\[(?:[^\[\]]|\[[^\]]*\])*\]\([^)\s]*(?:\s+\"[^\"]*\")?\)(?:\{[^}\n]*\})?",
    "xref": r"\[\]\(#[^)\s]*\)(?:\{[^}\n]*\})?",
    "math": r"\$\$.+?\$\$|(?<![\\$])\$(?!\s)[^$\n]+?(?<![\s\\])\$(?!\d)",
    "note": r"\[\^(?P<label>[^\]\s]+)\](?!:)",
    "cite": r"\[[^\[\]\0]*?(?<![\w\\])-?@[\w{][^\[\]]*\]|(?<![\w.\\])-?@(?:\{[^}\s]+\}|[A-Za-z_][\w:.#$%&+?~/-]*\w)"
    r"(?:[ \n]\[[^\]\n]*\])?",
}
"""In this order: an image may hold what looks like a link."""
_INLINES = (
    r"(?<=\])\([^)\s]*(?:\s+\"[^\"]*\")?\)",
    r"\{[^{}\n]*[#.=][^{}\n]*\}",
    r"^[ \t]*\|?[ \t]*:?-{2,}:?[-:| \t]*$",
    r"^[ \t]*(?:Table)?:[ ]",
    r"^[ \t>]*#{1,6}[ ]",
    r"^[ \t]*>+",
    r"^[ \t>]*(?:\d+[.)]|[-*+]|#\.|\([a-z\d]+\)|[a-z][.)])[ \t]+",
    r"^[ \t]*\|[ ](?=[^\n|]*$)",
    r"(?<!\\)[|*_`\[\]~^]",
)
_FENCE = re.compile(r"^[ \t>]*(?:(?P<box>:{3,})|(?P<code>`{3,}|~{3,}))")
_WORD = re.compile(r"\\?(?:---|--|\.\.\.|\w+(?:[’'\-\u2011](?!-)\w+)*|[^\w\s\0])")
_TYPESET = {"---": "—", "--": "–", "...": "…"}


class _Found(NamedTuple):
    key: str
    span: tuple[int, int]
    label: str = ""
    """Of a note's call: which note it calls."""


@dataclass(frozen=True, slots=True)
class Source:
    """A chapter's text, and its leaves with every word's place in it as far as it was found."""

    text: str
    leaves: tuple[Leaf, ...]
    notes: Mapping[str, tuple[int, int]]
    """Where each note's definition stands, by the atom of its call."""
    atoms: Mapping[str, str]
    """Each atom as it is written."""
    boxes: Mapping[int, tuple[int, int]]
    """Where each division stands, with its fences, by its number in the text."""


def place(text: str, leaves: Sequence[Leaf]) -> Source:
    """Find the words of the leaves in the text; what stands above the body must be blanked, not cut."""
    definitions = {m["label"]: m for m in _NOTE.finditer(text)}
    streams = _streams(text, definitions)
    main = [leaf for leaf in leaves if not leaf.note]
    placed = _aligned(main, streams.get("", []))
    calls = {f.span: f.label for f in streams.get("", []) if f.label}
    called = {t.atom: calls[t.span] for leaf in placed for t in leaf.tokens if t.span in calls}
    notes = [leaf for leaf in leaves if leaf.note]
    for atom, label in called.items():
        placed += _aligned([leaf for leaf in notes if leaf.note == atom], streams.get(label, []))
    by_name = {leaf.name: leaf for leaf in placed}
    ordered = tuple(by_name.get(leaf.name, leaf) for leaf in leaves)
    atoms = {t.atom: text[slice(*t.span)] for leaf in ordered for t in leaf.tokens if t.atom and t.span}
    spans = {atom: definitions[label].span() for atom, label in called.items() if label in definitions}
    return Source(text, ordered, spans, atoms, _boxes(text))


def _boxes(text: str) -> dict[int, tuple[int, int]]:
    """The fenced divisions by their number, each from the first character of its first line to the end of its last."""
    boxes: dict[int, tuple[int, int]] = {}
    open_: list[tuple[int, int]] = []
    count, code = 0, ""
    for line in re.finditer(r"^[^\n]*$", text, re.MULTILINE):
        fence = _FENCE.match(line[0])
        if fence and fence["code"] and (not code or line[0].strip() == code):
            code = "" if code else fence["code"]
        elif fence and fence["box"] and not code:
            if line[0].strip(" \t>:"):
                count += 1
                open_.append((count, line.start()))
            elif open_:
                number, start = open_.pop()
                boxes[number] = (start, line.end())
    return boxes


def _streams(text: str, definitions: Mapping[str, re.Match[str]]) -> dict[str, list[_Found]]:
    """The words and atoms of the text, and of each note by its label."""
    bounds = sorted((m.start("text"), m.end("text"), label) for label, m in definitions.items())
    starts = [start for start, _, _ in bounds]
    streams: dict[str, list[_Found]] = {}
    for found in sorted(_words(text, definitions), key=lambda f: f.span):
        index = bisect_right(starts, found.span[0]) - 1
        label = bounds[index][2] if index >= 0 and found.span[0] < bounds[index][1] else ""
        streams.setdefault(label, []).append(found)
    return streams


def _words(text: str, definitions: Mapping[str, re.Match[str]]) -> Iterator[_Found]:
    masked = list(text)

    def hide(start: int, end: int) -> None:
        masked[start:end] = [c if c == "\n" else _HOLE for c in masked[start:end]]

    def every(pattern: str) -> Iterator[re.Match[str]]:
        return re.finditer(pattern, "".join(masked), re.MULTILINE | re.DOTALL)

    def without(patterns: Sequence[str]) -> None:
        for pattern in patterns:
            for found in every(pattern):
                hide(*found.span())

    for definition in definitions.values():
        hide(definition.start(), definition.start("text"))
    without(_BLOCKS)
    for kind, pattern in _ATOMS.items():
        for found in every(pattern):
            yield _Found(kind, found.span(), found["label"] if kind == "note" else "")
            hide(*found.span())
    without(_INLINES)
    for found in _WORD.finditer("".join(masked)):
        word = found[0].removeprefix("\\") or "\\"
        yield _Found(Token(_TYPESET.get(word, word)).key, found.span())


def _aligned(leaves: Sequence[Leaf], found: Sequence[_Found]) -> list[Leaf]:
    """The leaves with the places of their words, by one comparison of both runs."""
    run = [token for leaf in leaves for token in leaf.tokens]
    keys = [t.atom.partition("-")[0] or t.key for t in run]
    matcher = SequenceMatcher(None, keys, [f.key for f in found], autojunk=False)
    for here, there, size in matcher.get_matching_blocks():
        for step in range(size):
            run[here + step] = replace(run[here + step], span=found[there + step].span)
    tokens = iter(run)
    return [replace(leaf, tokens=tuple(next(tokens) for _ in leaf.tokens)) for leaf in leaves]
