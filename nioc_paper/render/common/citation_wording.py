"""Wording of citations that CSL has no means for: second-hand sources, and short names of authors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nioc_paper import tree
from nioc_paper.domain.citations import REPORT_MARK
from nioc_paper.model import AUTHOR_IN_FULL, Node

_ENTRY_PREFIX = "ref-"
_NUMBER = re.compile(r"[\[(]?\d+[\])]?\.?")
"""Number of an entry in a numbered list."""
_NUMBER_COLUMN = "csl-left-margin"
_COLUMNS = frozenset((_NUMBER_COLUMN, "csl-right-inline", "csl-block", "csl-indent"))
_SPACE_TYPES = ("Space", "SoftBreak")


def join_reports(content: object) -> Any:
    """Return inlines in which a comma is before "as reported by": styles put the same sign between all sources."""
    if isinstance(content, dict):
        return {key: join_reports(value) for key, value in content.items()}
    if not isinstance(content, list):
        return content
    joined: list[Any] = []
    for node in content:
        if isinstance(node, dict) and node.get("t") == "Str" and node["c"].startswith(REPORT_MARK):
            _end_with_comma(joined)
            joined.append({**node, "c": node["c"].removeprefix(REPORT_MARK)})
        else:
            joined.append(join_reports(node))
    return joined


def _end_with_comma(inlines: list[Node]) -> None:
    """Replace a semicolon at the end of inlines by a comma."""
    place = next((i for i in reversed(range(len(inlines))) if inlines[i].get("t") not in _SPACE_TYPES), None)
    if place is not None and inlines[place].get("t") == "Str" and inlines[place]["c"].endswith(";"):
        inlines[place] = {**inlines[place], "c": inlines[place]["c"][:-1] + ","}


def unaligned_entries(sources: Node) -> Node:
    """Return the list of references with entries of one paragraph: some styles give the number its own column."""

    def join_columns(node: Node) -> Node | list[Node]:
        if node["t"] != "Span" or not _COLUMNS.intersection(tree.classes(node)):
            return node
        inlines = [*node["c"][1]]
        while inlines and inlines[-1]["t"] in _SPACE_TYPES:
            inlines.pop()
        return [*inlines, {"t": "Space"}] if _NUMBER_COLUMN in tree.classes(node) else inlines

    joined: Node = tree.rewrite(join_columns, sources)
    return joined


def explain_short_names(sources: Node, references: Iterable[Mapping[str, Any]]) -> Node:
    """Return the list of references with the full names after each short name that begins an entry."""
    short = {f"{_ENTRY_PREFIX}{r['id']}": r for r in references if AUTHOR_IN_FULL in r}

    def explain(node: Node) -> Node:
        reference = short.get(tree.identifier(node)) if node["t"] == "Div" else None
        if reference is None:
            return node
        words, full = str(reference["author"][0]["literal"]).split(), str(reference[AUTHOR_IN_FULL])
        return {**node, "c": [node["c"][0], _explain_first(node["c"][1], words, full)]}

    return tree.rewrite(explain, sources) if short else sources


def _explain_first(content: Sequence[object], words: Sequence[str], full: str) -> list[object]:
    """Return content with the full name after the short one, if it begins with that, or with a number and that."""
    for place, item in enumerate(content):
        if isinstance(item, list):
            if any(isinstance(part, dict) for part in item):
                return [*content[:place], _explain_first(item, words, full), *content[place + 1 :]]
        elif isinstance(item, dict) and item["t"] == "Str" and not _NUMBER.fullmatch(item["c"]):
            return [*content[:place], *_explain_words(content[place:], words, full)]
        elif isinstance(item, dict) and isinstance(item.get("c"), list) and not _NUMBER.fullmatch(_words(item)):
            explained = {**item, "c": _explain_first(item["c"], words, full)}
            return [*content[:place], explained, *content[place + 1 :]]
    return [*content]


def _words(node: Node) -> str:
    return tree.plain_text([node]).strip()


def _explain_words(inlines: Sequence[Any], words: Sequence[str], full: str) -> list[Node]:
    """Return inlines with the full name after the words of the short one; as they are if they do not begin with it."""
    text, count = "", 0
    while count < len(inlines) and len(text) < len(" ".join(words)):
        text, count = text + (inlines[count]["c"] if inlines[count]["t"] == "Str" else " "), count + 1
    rest = text.removeprefix(" ".join(words))
    if rest == text or rest[:1].isalnum():
        return [*inlines]
    behind = [{"t": "Str", "c": rest}] if rest else []
    return [*tree.text_inlines(f"{' '.join(words)} ({full})"), *behind, *inlines[count:]]
