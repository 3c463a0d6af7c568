"""A chapter's text to its tree: parsed once, located, and kept with its outline until the text changes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from nioc_paper import files, pandoc, suggestions, tree
from nioc_paper.cache import Cache, key
from nioc_paper.load import depth
from nioc_paper.load.locate import locate
from nioc_paper.load.log import diagnostics
from nioc_paper.load.outline import Outline, outline
from nioc_paper.load.text import cleaned, odd
from nioc_paper.model import Diagnostic, Node, Place, Report, Tree

_SECONDS = 4
"""Processor time for a text, besides the time that its length takes: pandoc's doubles with each open bracket."""
_LETTERS_A_SECOND = 100_000
"""Pandoc reads five times as many on this machine."""
_TOO_DEEP = "it is nested too deeply"
_PASSAGE = re.compile(r"(?:.+\n?)+")


class Body(NamedTuple):
    """A text's outline, and its tree when it is asked for: as it is, and with what is suggested in it."""

    outline: Outline
    tree: Tree
    suggested: Tree


def read(text: str, path: str, cache: Cache, report: Report) -> Body:
    """Parse a text, or take it from the cache. A text that pandoc cannot read is empty, and reported."""
    name = key("body", files.code(), pandoc.version(), text)
    if (kept := cache.get(name)) is not None:
        brief, log = json.loads(kept)
        body = _body(brief, partial(_tree, name, text, cache), name, cache)
    else:
        try:
            blocks, log = _parse(text)
        except pandoc.PandocError as error:
            report(_trouble(error, text, path))
            return Body(outline([]), tree.ready(()), tree.ready(()))
        # Where it is kept it is read again when it is asked for: all chapters of a long paper at once take a gigabyte.
        again = partial(_tree, name, text, cache) if cache.directory else lambda: blocks
        body = _body(outline(blocks), again, name, cache)
        cache.put(f"{name}.tree", json.dumps(blocks).encode())
        cache.put(name, json.dumps([body.outline, log]).encode())
    for diagnostic in diagnostics(log, path):
        report(diagnostic)
    return body


def _body(brief: Outline, suggested: Callable[[], Sequence[Node]], name: str, cache: Cache) -> Body:
    blocks = suggested
    if brief["suggestions"]:
        blocks = lru_cache(maxsize=1)(lambda: suggestions.settled(suggested()))
    own = Tree(blocks, lambda: _flowing(name, blocks, cache))
    return Body(brief, own, Tree(suggested, lambda: tree.flowing(suggested())))


def _parse(text: str) -> tuple[list[Node], Sequence[Mapping[str, Any]]]:
    try:
        guarded = suggestions.guarded(text)
        blocks, log = pandoc.parse(guarded, seconds=_SECONDS + _size(guarded))
        cuts = depth.cut(blocks)
        locate(blocks, guarded)
        log = (*log, *depth.entries(cuts, guarded))
        if guarded != text:
            blocks = suggestions.read(blocks)
        log = (*log, *_written_out(blocks, text))
    except RecursionError:
        raise pandoc.PandocError("failed", _TOO_DEEP) from None
    return blocks, log


def _written_out(blocks: list[Node], text: str) -> Iterator[Mapping[str, Any]]:
    """The odd characters in a tree, taken out of it, as entries of a log: `&#x200b;` writes what the file has not."""
    for node in tree.walk(blocks) if "&" in text else ():
        said, line = node.get("c"), Place("", *node.get("at", (1, 1)))
        if node["t"] == "Str" and isinstance(said, str) and not said.isascii():
            for found in odd(said, line):
                yield {"type": found.rule, "verbosity": str(found.severity).upper(), "pretty": found.message} | {
                    "line": line.line,
                    "column": line.column,
                }
            node["c"] = cleaned(said)


@lru_cache(maxsize=4)
def _tree(name: str, text: str, cache: Cache) -> Sequence[Node]:
    """The tree that goes with a kept outline; parsed again when its entry is gone or damaged."""
    kept = cache.get(f"{name}.tree")
    blocks: Sequence[Node] = _parse(text)[0] if kept is None else json.loads(kept)
    return blocks


def _flowing(name: str, blocks: Callable[[], Sequence[Node]], cache: Cache) -> Sequence[Node]:
    """The tree whose words flow, which is small and soon read."""
    kept = cache.get(f"{name}.flow")
    if kept is not None:
        return list(json.loads(kept))
    made: Sequence[Node] = tree.flowing(blocks())
    cache.put(f"{name}.flow", json.dumps(made).encode())
    return made


def _trouble(error: pandoc.PandocError, body: str, path: str) -> Diagnostic:
    if error.reason == "missing":
        return Diagnostic(Place(path), "missing-tool", "pandoc is not installed", hint="pip install pypandoc_binary")
    line = _bad_line(body)
    message = f"pandoc cannot read this passage within its limit of {error.reason}"
    if error.reason == "failed":
        message = (
            f"pandoc cannot read the chapter: {error.detail.splitlines()[0] if error.detail else 'no reason given'}"
        )
    return Diagnostic(
        Place(path, line), "unreadable-passage", message, hint="look for unclosed brackets or deep nesting"
    )


def _bad_line(body: str) -> int:
    """Return the line of the passage that cannot be read.

    The most suspicious passage is tried first, then halves at blank lines, each for a second.
    """
    passages = [(m.start(), m.end()) for m in _PASSAGE.finditer(body)]
    suspect = max(passages, key=lambda passage: _suspicion(body[slice(*passage)]), default=(0, 0))
    if passages and not _is_readable(body[slice(*suspect)]):
        passages = [suspect]
    while len(passages) > 1:
        middle = len(passages) // 2
        readable = _is_readable(body[passages[0][0] : passages[middle - 1][1]])
        passages = passages[middle:] if readable else passages[:middle]
    return body.count("\n", 0, passages[0][0]) + 1 if passages else 1


def _suspicion(passage: str) -> int:
    """Return how many brackets are open at once in a passage, or how many marks of lists and quotations follow."""
    opened = deepest = 0
    for sign in passage:
        opened += (sign in "[<{(") - (sign in "]>})")
        deepest = max(deepest, opened)
    return max(deepest, max((len(marks[0]) // 2 for marks in re.finditer(r"[ \t>*+-]{20,}", passage)), default=0))


def _size(text: str) -> float:
    """Return the seconds that pandoc may need for the length of a text."""
    return len(text) / _LETTERS_A_SECOND


def _is_readable(text: str) -> bool:
    try:
        output = pandoc.run(["-f", pandoc.READER, "-t", "json"], text.encode(), seconds=1 + _size(text))
        blocks = json.loads(output.stdout)["blocks"]
        depth.cut(blocks)
        locate(blocks, text)
    except (pandoc.PandocError, RecursionError):
        return False
    return True
