"""Parse a chapter's text into its tree and outline, with the position of each word. Cached by text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache as once
from functools import lru_cache, partial
from typing import NamedTuple

from msgspec import Struct, msgpack
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.load import depth
from nioc_paper.load.outline import Outline, extract_outline
from nioc_paper.load.source_text import character_diagnostics, clean_characters
from nioc_paper.model import Diagnostic, LazyTree, Node, Place, Reporter
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.system import files, pandoc
from nioc_paper.system.cache import Cache, cache_key, decoder
from nioc_paper.system.requirements import pip_command
from nioc_paper.tree import suggestions
from nioc_paper.tree.locate import locate
from nioc_paper.tree.own_forms import read_own_forms

_SECONDS = 4
"""Seconds of CPU for a text, besides those for its length: pandoc's time doubles with each open bracket."""
_LETTERS_A_SECOND = 100_000
"""Allowed speed of pandoc; measured: five times as many."""
_TOO_DEEP = "it is nested too deeply"
_PASSAGE = late_pattern(r"(?:.+\n?)+")


class ParsedBody(NamedTuple):
    """Outline of a text, and its tree, loaded on demand: without suggestions and with them."""

    outline: Outline
    tree: LazyTree
    suggested: LazyTree


class _ParsedText(Struct):
    """Outline of a text, and the findings of parsing it, as the cache holds them."""

    outline: Outline
    findings: list[Diagnostic]


def parse_body(text: str, path: str, cache: Cache, report: Reporter) -> ParsedBody:
    """Parse a text, or take it from the cache. A text that pandoc cannot read is empty, and reported."""
    name = _body_key(text, path)
    suggested: Callable[[], Sequence[Node]] = partial(_cached_tree, name, text, cache)
    if (cached := cache.get(name)) is not None:
        parsed = decoder(_ParsedText).decode(cached)
    else:
        try:
            blocks, findings = _parse_and_locate(text, path)
        except pandoc.PandocError as error:
            report(_parse_failure(error, text, path))
            return ParsedBody(Outline(), tree.as_tree(()), tree.as_tree(()))
        # With a cache the tree is loaded again on demand: all trees of a long paper at once take a gigabyte.
        suggested = suggested if cache.directory else lambda: blocks
        parsed = _ParsedText(extract_outline(blocks, path), findings)
        cache.put(f"{name}.tree", _to_json(blocks))
        cache.put(name, msgpack.encode(parsed))
    for diagnostic in parsed.findings:
        report(diagnostic)
    return _parsed_body(parsed.outline, suggested, name, cache)


def _parsed_body(outline: Outline, suggested: Callable[[], Sequence[Node]], name: str, cache: Cache) -> ParsedBody:
    blocks, suggested_names = suggested, once(lambda: tree.collect_names(suggested()))
    if outline.suggestions:
        blocks = lru_cache(maxsize=1)(lambda: suggestions.without_suggestions(suggested()))
    body = LazyTree(blocks, lambda: _cached_merged_tree(name, blocks, cache), lambda: outline.names)
    return ParsedBody(outline, body, LazyTree(suggested, lambda: tree.merge_words(suggested()), suggested_names))


def is_cached(text: str, path: str, cache: Cache) -> bool:
    """Return whether the cache has an entry for a text, which may be damaged."""
    return cache.has(_body_key(text, path))


def parse_nodes(text: str) -> Sequence[Node]:
    """Return a text as blocks without positions. Raises PandocError if pandoc cannot read it."""
    return read_own_forms(pandoc.parse_markdown(text)[0], text)


def _body_key(text: str, path: str) -> str:
    return cache_key("body", files.source_hash(), pandoc.version(), path, text)


def _parse_and_locate(text: str, path: str) -> tuple[Sequence[Node], list[Diagnostic]]:
    try:
        masked = suggestions.mask_marks(text)
        parsed, pandoc_log = pandoc.parse_markdown(masked, seconds=_SECONDS + _size(masked))
        cuts = depth.cut(parsed)
        locate(parsed, masked)
        findings = [*depth.read_log(pandoc_log, path), *depth.cut_findings(cuts, masked, path)]
        blocks = read_own_forms(suggestions.parse_suggestions(parsed) if masked != text else parsed, text)
        findings += _remove_hidden_characters(blocks, text, path)
    except RecursionError:
        raise pandoc.PandocError("failed", _TOO_DEEP) from None
    return blocks, findings


def _remove_hidden_characters(blocks: Sequence[Node], text: str, path: str) -> Iterator[Diagnostic]:
    """Clean the characters in a tree, and yield findings on them: `&#x200b;` writes one that the file has not."""
    for node in tree.walk(blocks) if "&" in text else ():
        word = node.get("c")
        if node["t"] == "Str" and isinstance(word, str) and not word.isascii():
            place = Place(path, *node.get("pos", (1, 1)))
            yield from (replace(finding, place=place) for finding in character_diagnostics(word, place))
            node["c"] = clean_characters(word)


@lru_cache(maxsize=4)
def _cached_tree(name: str, text: str, cache: Cache) -> Sequence[Node]:
    """Return the tree of a cached outline. Parses the text again if the entry is missing or damaged."""
    cached = cache.get(f"{name}.tree")
    blocks: Sequence[Node] = _parse_and_locate(text, "")[0] if cached is None else json.loads(cached)
    return blocks


def _cached_merged_tree(name: str, blocks: Callable[[], Sequence[Node]], cache: Cache) -> Sequence[Node]:
    """Return the tree with merged words: it is small and loads fast."""
    cached = cache.get(f"{name}.flow")
    if cached is not None:
        return list(json.loads(cached))
    merged = tree.merge_words(blocks())
    cache.put(f"{name}.flow", _to_json(merged))
    return merged


def _to_json(blocks: Sequence[Node]) -> bytes:
    # Without blanks a tree is read 13 % faster; without a check for cycles it is written 30 % faster.
    return json.dumps(blocks, separators=(",", ":"), check_circular=False).encode()


def _parse_failure(error: pandoc.PandocError, body: str, path: str) -> Diagnostic:
    if error.reason == "missing":
        return Diagnostic(Place(path), "missing-tool", "pandoc is not installed", hint=pip_command(["pypandoc_binary"]))
    line = _find_bad_line(body)
    message = f"pandoc cannot read this passage within its limit of {error.reason}"
    if error.reason == "failed":
        message = (
            f"pandoc cannot read the chapter: {error.detail.splitlines()[0] if error.detail else 'no reason given'}"
        )
    return Diagnostic(
        Place(path, line), "unreadable-passage", message, hint="look for unclosed brackets or deep nesting"
    )


def _find_bad_line(body: str) -> int:
    """Return the line of the passage that cannot be read.

    Tries the most suspicious passage first, then halves at blank lines, one second each.
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
    """Return the most brackets open at once in a passage, or the most marks of lists and quotations in a row."""
    opened = deepest = 0
    for sign in passage:
        opened += (sign in "[<{(") - (sign in "]>})")
        deepest = max(deepest, opened)
    return max(deepest, max((len(marks[0]) // 2 for marks in re.finditer(r"[ \t>*+-]{20,}", passage)), default=0))


def _size(text: str) -> float:
    """Return the seconds that pandoc may need for a text of this length."""
    return len(text) / _LETTERS_A_SECOND


def _is_readable(text: str) -> bool:
    try:
        output = pandoc.run(["-f", pandoc.READER, "-t", "json"], text.encode(), seconds=1 + _size(text))
        blocks = pandoc.read_document(output.stdout)["blocks"]
        depth.cut(blocks)
        locate(blocks, text)
    except (pandoc.PandocError, RecursionError):
        return False
    return True
