"""Turn entries of a bibliography file into CSL: pandoc reads them, offline and in its sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.load.bibliography.scanned import ScannedEntry, ScanProblem
from nioc_paper.load.bibliography.vocabulary import PRIVATE_VARIABLES
from nioc_paper.model import Node
from nioc_paper.system import pandoc

WEB_ADDRESS = re.compile(r"(https?|ftp)://|mailto:", re.IGNORECASE)
_UPPER_CASE = {name.lower(): name for name in ("URL", "DOI", "ISBN", "ISSN", "PMID", "PMCID")}
_ERROR_PLACE = re.compile(r"\(line (\d+), column|Error in \$(?:\.items)?\[(\d+)\]")
_MAX_RETRIES = 20
"""Entries that pandoc may refuse until a file is read in pieces: each costs another run of all that is left.

Entries of one run may inherit fields from each other.
"""
_MAX_REFUSED = 500
"""Entries that pandoc may refuse in one file."""
_PLAIN_TYPES = frozenset(("Str", "Space", "SoftBreak"))
_STYLED_TYPES = frozenset(
    ("Emph", "Strong", "Underline", "Strikeout", "Superscript", "Subscript", "SmallCaps", "SoftBreak")
)
_SECONDS, _BYTES_A_SECOND, _HEAP = 20, 50_000, "2g"


class Converted(Struct):
    """An entry in CSL: plain texts, the inlines of those with markup, and parts that were lost."""

    csl: dict[str, object] = field(default_factory=dict)
    rich: dict[str, list[Node]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)


def convert(reader: str, entries: Iterable[ScannedEntry]) -> tuple[dict[str, Converted], list[ScanProblem]]:
    """Return the entries in CSL by key, and the problems of those that pandoc cannot read. Raises PandocError."""
    left, problems, converted = list(entries), list[ScanProblem](), dict[str, Converted]()
    while left:
        try:
            return converted | _run(reader, left), problems
        except pandoc.PandocError as error:
            refused = _refused_entry(left, error)
            if refused is None or len(problems) == _MAX_REFUSED:
                raise
            message = f"pandoc cannot read the entry '{refused.id}': {_reason(error)}"
            problems.append(ScanProblem(refused.position, message, "correct it, or export it again"))
            place = left.index(refused)
            if len(problems) > _MAX_RETRIES and place:
                converted |= _run(reader, left[:place])
                del left[:place]
            left.remove(refused)
    return converted, problems


def _reason(error: pandoc.PandocError) -> str:
    lines = [line.strip() for line in error.detail.splitlines() if line.strip()]
    # The first line has a place in the text for pandoc, which is not that of the file.
    return " ".join(lines[1:2] or [line.partition(": ")[2] for line in lines[:1]])[:120] or "no reason given"


def _compose(reader: str, entries: Sequence[ScannedEntry]) -> str:
    texts = [entry.text for entry in entries]
    return "[" + ",\n".join(texts) + "]" if reader == "csljson" else "".join(texts)


def _run(reader: str, entries: Sequence[ScannedEntry]) -> dict[str, Converted]:
    data = _compose(reader, entries).encode()
    seconds = _SECONDS + len(data) / _BYTES_A_SECOND
    output = pandoc.run(["-f", reader, "-t", "json"], data, seconds=seconds, heap=_HEAP)
    meta = pandoc.read_document(output.stdout)["meta"]
    return dict(map(_read_entry, meta.get("references", {"c": []})["c"]))


def _refused_entry(entries: Sequence[ScannedEntry], error: pandoc.PandocError) -> ScannedEntry | None:
    """Return the entry at the place that pandoc's message names."""
    match = _ERROR_PLACE.search(error.detail) if error.reason == "failed" else None
    if match is None:
        return None
    if match[2]:
        return entries[int(match[2])] if int(match[2]) < len(entries) else None
    line = 1
    for entry in entries:
        line += entry.text.count("\n")
        if int(match[1]) < line:
            return entry
    return entries[-1]


def _read_entry(node: Node) -> tuple[str, Converted]:
    converted = Converted()
    for name, value in node["c"].items():
        key = _UPPER_CASE.get(name, name)
        if key in PRIVATE_VARIABLES:
            continue
        plain = _read_value(value, key, converted)
        if plain not in ("", [], {}):
            converted.csl[key] = plain
    return str(converted.csl.pop("id", "")), converted


def _read_value(node: Node, key: str, converted: Converted) -> object:
    """Return a value of pandoc's metadata as texts, lists and mappings. Notes inlines with markup under `key`."""
    content = node["c"]
    match node["t"]:
        case "MetaList":
            return [_read_value(item, "", converted) for item in content]
        case "MetaMap":
            return {name: _read_value(item, "", converted) for name, item in content.items()}
        case "MetaInlines":
            inlines = list(_vet(content, converted.lost))
            if key and any(inline["t"] not in _PLAIN_TYPES for inline in inlines):
                converted.rich[key] = inlines
            return tree.plain_text(inlines)
        case "MetaBlocks":
            return tree.plain_text(content)
    return content if isinstance(content, str) else str(content).lower()


def _vet(inlines: Iterable[Node], lost: list[str]) -> Iterator[Node]:
    """Yield inlines that outputs may print; adds others to `lost`."""
    for node in inlines:
        kind, content = node["t"], cast("Any", node.get("c"))
        if kind in _PLAIN_TYPES or kind in ("LineBreak", "Math"):
            yield node
        elif kind in _STYLED_TYPES:
            yield {"t": kind, "c": list(_vet(content, lost))}
        elif kind == "Quoted":
            yield {"t": kind, "c": [content[0], list(_vet(content[1], lost))]}
        elif kind == "Code":
            yield {"t": kind, "c": [["", [], []], content[1]]}
        elif kind == "Span":
            classes = [name for name in content[0][1] if name == "nocase"]
            yield {"t": kind, "c": [["", classes, []], list(_vet(content[1], lost))]}
        elif kind == "Link":
            yield from _vet_link(content[1], content[2][0], lost)
        else:
            lost.append(str(content[1]) if kind == "RawInline" else f"a {kind.lower()}")


def _vet_link(words: Iterable[Node], target: str, lost: list[str]) -> Iterator[Node]:
    inner = list(_vet(words, lost))
    if WEB_ADDRESS.match(target):
        yield {"t": "Link", "c": [["", [], []], inner, [target, ""]]}
    else:
        yield from inner


def without_unprinted(csl: Mapping[str, object]) -> dict[str, object]:
    """Return CSL without what no output may have: the reader's own notes, and addresses that are not of the web."""
    printed = {key: value for key, value in csl.items() if key not in PRIVATE_VARIABLES}
    address = printed.get("URL")
    if isinstance(address, str) and ":" in address and not WEB_ADDRESS.match(address.strip()):
        del printed["URL"]
    return printed
