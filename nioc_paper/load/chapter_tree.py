"""Parse a chapter's text into its tree and outline, with the position of each word. Cached by text."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache as once
from functools import lru_cache, partial
from typing import Any

import msgspec
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.load.source_text import character_diagnostics, clean_characters
from nioc_paper.load.tree_extracts import extract_outline
from nioc_paper.model import Diagnostic, LazyTree, Node, Outline, Place, Reporter, Severity, report_all
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.program_name import command_line
from nioc_paper.system import files, pandoc
from nioc_paper.system.cache import Cache, cache_key, decoder
from nioc_paper.system.requirements import pip_command
from nioc_paper.tree import suggestions
from nioc_paper.tree.locate import locate
from nioc_paper.tree.markdown_scan import align_closing_fences
from nioc_paper.tree.own_markdown import read_own_forms

_SECONDS = 4
"""Seconds of CPU for a text, besides those for its length: pandoc's time doubles with each open bracket."""
_LETTERS_A_SECOND = 100_000
"""Allowed speed of pandoc; measured: five times as many."""
_PASSAGE = late_pattern(r"(?:.+\n?)+")


ParsedBody = tuple[Outline, LazyTree, LazyTree]
"""Outline of a text, and its tree, loaded on demand: without suggestions and with them."""
_ParsedText = tuple[Outline, list[Diagnostic]]
"""Outline of a text, and the findings of parsing it, as the cache holds them."""


def parse_body(text: str, path: str, cache: Cache, report: Reporter) -> ParsedBody:
    """Parse a text, or take it from the cache. A text that pandoc cannot read is empty, and reported."""
    name = _body_key(text, path)
    suggested: Callable[[], Sequence[Node]] = partial(_cached_tree, name, text, cache)
    if (cached := cache.get(name)) is not None:
        outline, findings = decoder(_ParsedText).decode(cached)
    else:
        try:
            blocks, findings = _parse_and_locate(text, path)
        except pandoc.PandocError as error:
            report(_parse_failure(error, text, path))
            return Outline(), tree.as_tree(()), tree.as_tree(())
        # With a cache the tree is loaded again on demand: all trees of a long paper at once take a gigabyte.
        suggested = suggested if cache.directory else lambda: blocks
        outline = extract_outline(blocks, path)
        cache.put(f"{name}.tree", _to_json(blocks))
        cache.put(name, msgspec.msgpack.encode((outline, findings)))
    report_all(findings, report)
    return _parsed_body(outline, suggested, name, cache)


def _parsed_body(outline: Outline, suggested: Callable[[], Sequence[Node]], name: str, cache: Cache) -> ParsedBody:
    blocks, suggested_names = suggested, once(lambda: tree.collect_names(suggested()))
    if outline.suggestions:
        blocks = lru_cache(maxsize=1)(lambda: suggestions.without_suggestions(suggested()))
    body = LazyTree(blocks, lambda: _cached_merged_tree(name, blocks, cache), lambda: outline.tree_names)
    return outline, body, LazyTree(suggested, lambda: tree.merge_words(suggested()), suggested_names)


def is_cached(text: str, path: str, cache: Cache) -> bool:
    """Return whether the cache has an entry for a text, which may be damaged."""
    return cache.has(_body_key(text, path))


def parse_nodes(text: str) -> Sequence[Node]:
    """Return a text as blocks without positions. Raises PandocError if pandoc cannot read it."""
    return read_own_forms(pandoc.parse_markdown(align_closing_fences(text))[0], text)


def _body_key(text: str, path: str) -> str:
    return cache_key("body", files.source_hash(), pandoc.version(), path, text)


def _parse_and_locate(text: str, path: str) -> tuple[Sequence[Node], list[Diagnostic]]:
    try:
        aligned = align_closing_fences(text)
        masked = suggestions.mask_marks(aligned)
        parsed, pandoc_log = pandoc.parse_markdown(masked, seconds=_SECONDS + _size(masked))
        cuts = cut(parsed)
        locate(parsed, masked)
        findings = [*read_log(pandoc_log, path), *cut_findings(cuts, masked, path)]
        blocks = read_own_forms(suggestions.parse_suggestions(parsed) if masked != aligned else parsed, text)
        findings += _remove_hidden_characters(blocks, text, path)
    except RecursionError:
        raise pandoc.PandocError("failed", "it is nested too deeply") from None
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
    blocks: Sequence[Node] = _parse_and_locate(text, "")[0] if cached is None else msgspec.json.decode(cached)
    return blocks


def _cached_merged_tree(name: str, blocks: Callable[[], Sequence[Node]], cache: Cache) -> Sequence[Node]:
    """Return the tree with merged words: it is small and loads fast."""
    if (cached := cache.get(f"{name}.flow")) is not None:
        return list(msgspec.json.decode(cached))
    merged = tree.merge_words(blocks())
    cache.put(f"{name}.flow", _to_json(merged))
    return merged


def _to_json(blocks: Sequence[Node]) -> bytes:
    # Without blanks a tree is read 13 % faster; without a check for cycles it is written 30 % faster.
    return json.dumps(blocks, separators=(",", ":"), check_circular=False).encode()


def _parse_failure(error: pandoc.PandocError, body: str, path: str) -> Diagnostic:
    if error.reason == "missing":
        return Diagnostic(Place(path), "missing-tool", "pandoc is not installed", hint=pip_command(["pypandoc_binary"]))
    place, hint = Place(path, _find_bad_line(body)), "look for unclosed brackets or deep nesting"
    message = f"pandoc cannot read this passage within its limit of {error.reason}"
    if error.reason == "failed":
        message = f"pandoc cannot read the chapter: {(error.detail.splitlines() or ['no reason given'])[0]}"
    return Diagnostic(place, "unreadable-passage", message, hint=hint)


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
        cut(blocks)
        locate(blocks, text)
    except (pandoc.PandocError, RecursionError):
        return False
    return True


# --- limits of nesting ------------------------------------------------------------------------------------------------

# Deeper passages are cut off, and reported, before anything walks the tree. Measured with all four outputs. A list
# indents print by 6 mm and a quotation by 8 mm: 20 levels leave room for words of 14 letters, 23 quotations do not fit
# on the page. Walks are recursive, and Python allows 1,000 calls: 100 levels of elements can be read and written,
# 150 cannot. Word, web pages and e-books have no notes in notes.

INDENTED = 20
"""Maximum levels of lists, quotations and definitions."""
ELEMENTS = 100
"""Maximum levels of elements of any kind."""
_INDENTING = frozenset(("BlockQuote", "BulletList", "OrderedList", "DefinitionList"))
_BLOCKS = _INDENTING | {"Div", "Figure", "Header", "LineBlock", "Para", "Plain", "Table"}
_INLINES = frozenset(
    ("Cite", "Emph", "Image", "Link", "Note", "Quoted", "SmallCaps", "Span", "Strikeout", "Strong", "Subscript")
) | {"Superscript", "Underline"}
_HOLDING = _BLOCKS | _INLINES
"""Elements that can hold others."""


Cut = tuple[Node, str]
"""A node that replaces one nested too deeply, and the fault of that one."""


def cut(blocks: list[Node]) -> list[Cut]:
    """Replace elements that are nested too deeply by their first words, in place. Works without recursion."""
    cuts: list[Cut] = []
    # With the levels around: all elements, those that indent, and notes.
    stack: list[tuple[Any, int, int, int]] = [(blocks, 0, 0, 0)]
    while stack:
        held, *above = stack.pop()
        below: list[tuple[object, int, int, int]] = []
        for index, item in enumerate(held) if type(held) is list else ():
            kind = item.get("t") if type(item) is dict else None
            if kind in tree.WORD_TYPES:
                continue  # most nodes
            if kind in _HOLDING:
                levels = above[0] + 1, above[1] + (kind in _INDENTING), above[2] + (kind == "Note")
                if message := _wrong(kind, *levels):
                    held[index] = _first_words(item)
                    cuts.append((held[index], message))
                else:
                    below.append((item["c"], *levels))
            elif type(item) is list or type(item) is dict:
                below.append((item, above[0], above[1], above[2]))
        if type(held) is dict:
            below = [(value, above[0], above[1], above[2]) for value in held.values() if type(value) in (list, dict)]
        stack.extend(reversed(below))
    return cuts


def cut_findings(cuts: Sequence[Cut], text: str, path: str) -> Iterator[Diagnostic]:
    """Yield a finding for each line with a cut. The tree must be located in its text."""
    seen: set[int] = set()
    starts = [0, *(line_end.end() for line_end in re.finditer("\n", text))] if cuts else []
    for node, message in cuts:
        word = next(n for n in tree.walk(node) if n["t"] == "Str")
        line, column = (*(word.get("pos") or node.get("pos", (1, 1))), 1)[:2]
        before = starts[line - 1] + column - 1
        # After many marks a short word is not located, and has the position of the word before it.
        pos = max(text.find(tree.content(word), before), before)
        line = bisect_right(starts, pos)
        if line not in seen:
            seen.add(line)
            place = Place(path, line, pos - starts[line - 1] + 1)
            yield Diagnostic(place, "unreadable-passage", message, hint="write it in fewer levels")


def _wrong(kind: str, elements: int, indented: int, notes: int) -> str:
    if notes > 1:
        return "a note is inside a note, which Word files and web pages cannot show"
    if indented > INDENTED:
        return f"this is nested too deeply: more than {INDENTED} lists and quotations are nested"
    # A paragraph holds only elements that are counted themselves.
    if elements > ELEMENTS and kind not in tree.PARAGRAPH_TYPES:
        return f"this is nested too deeply: more than {ELEMENTS} elements are nested"
    return ""


def _first_words(node: Node) -> Node:
    """Return the first word of a node as a node of its kind: it is in the text, and can be located."""
    first = next((n["c"] for n in tree.walk(node.get("c")) if n["t"] == "Str" and any(map(str.isalnum, n["c"]))), "…")
    word = {"t": "Str", "c": first}
    return {"t": "Plain", "c": [word]} if node["t"] in _BLOCKS else word


# --- pandoc's log -----------------------------------------------------------------------------------------------------


_RULES_BY_TYPE: Mapping[str, tuple[str, str, str]] = {
    "UnclosedDiv": ("unclosed-block", "a ':::' block is opened here and never closed", "close it with a line ':::'"),
    "NoteDefinedButNotUsed": ("unused-entry/note", "nothing refers to the footnote '{key}'", "refer to it: [^{key}]"),
    "DuplicateNoteReference": (
        "duplicate/note",
        "the footnote '{key}' is defined twice",
        "give one another name; if a merge brought it: {merge}",
    ),
}


def read_log(log: Iterable[Mapping[str, Any]], path: str) -> Iterator[Diagnostic]:
    """Yield pandoc's warnings and errors; its informations are about its own work. Lines and columns are from 1."""
    for entry in log:
        if entry.get("verbosity") not in ("WARNING", "ERROR"):
            continue
        position = entry.get("openpos") or entry  # of a block that is not closed
        place = Place(path, int(position.get("line") or 1), int(position.get("column") or 1))
        usual = ("pandoc-warning", " ".join(str(entry.get("pretty", entry["type"])).split()), "")
        rule, message, hint = _RULES_BY_TYPE.get(entry["type"], usual)
        severity = Severity.WARNING if rule == "pandoc-warning" else Severity.ERROR
        key = entry.get("key") or entry.get("contents", "")
        hint = hint.replace("{key}", key).replace("{merge}", command_line("merge"))
        yield Diagnostic(place, rule, message.replace("{key}", key), severity, hint)
