"""Turn entries of a bibliography file into CSL: pandoc reads them, offline and in its sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.load.bibliography.scanned import Scan, ScannedEntry, ScanProblem
from nioc_paper.model import Node
from nioc_paper.system import pandoc

WEB_ADDRESS = re.compile(r"(https?|ftp)://|mailto:", re.IGNORECASE)
_UPPER_CASE = {name.lower(): name for name in ("URL", "DOI", "ISBN", "ISSN", "PMID", "PMCID")}
_ERROR_LINE = re.compile(r"\(line (\d+), column")
_MAX_REFUSED = 20
"""Entries that pandoc may refuse in one file: each costs another run."""
_PLAIN_TYPES = frozenset(("Str", "Space", "SoftBreak"))
_STYLED_TYPES = frozenset(("Emph", "Strong", "Underline", "Strikeout", "Superscript", "Subscript", "SmallCaps"))
_SECONDS, _BYTES_A_SECOND, _HEAP = 20, 50_000, "2g"


class Converted(Struct):
    """An entry in CSL: plain texts, and the inlines of those with markup."""

    csl: dict[str, object] = field(default_factory=dict)
    rich: dict[str, list[Node]] = field(default_factory=dict)


def convert_bibtex(scan: Scan, entries: Iterable[ScannedEntry]) -> tuple[dict[str, Converted], list[ScanProblem]]:
    """Return entries in CSL by key, and the problems of those that pandoc cannot read. Raises PandocError."""
    left, problems = list(entries), list[ScanProblem]()
    while left:
        try:
            return _run("biblatex", scan.macros + "".join(entry.text for entry in left)), problems
        except pandoc.PandocError as error:
            refused = _refused_entry(left, error, scan.macros.count("\n"))
            if refused is None:
                raise
            if len(problems) == _MAX_REFUSED:
                break
            # The first line of the message has a place in the text for pandoc, which is not that of the file.
            reason = error.detail.partition("\n")[2].partition("\n")[0].strip()[:120] or "no reason given"
            message = f"pandoc cannot read the entry '{refused.id}': {reason}"
            problems.append(ScanProblem(refused.position, message, "correct it, or export it again"))
            left.remove(refused)
    if left:
        message = f"pandoc refuses more than {_MAX_REFUSED} entries, so none of the file is read"
        problems.append(ScanProblem((1, 1), message, "correct those that are named, and check again"))
    return {}, problems


def convert_csl(entries: Sequence[str]) -> dict[str, Converted]:
    """Return entries in CSL-JSON as CSL by key, with their markup. Raises PandocError."""
    return _run("csljson", f"[{','.join(entries)}]") if entries else {}


def _run(reader: str, text: str) -> dict[str, Converted]:
    data = text.encode()
    seconds = _SECONDS + len(data) / _BYTES_A_SECOND
    output = pandoc.run(["-f", reader, "-t", "json"], data, seconds=seconds, heap=_HEAP)
    meta = pandoc.read_document(output.stdout)["meta"]
    return dict(map(_read_entry, meta.get("references", {"c": []})["c"]))


def _refused_entry(entries: Sequence[ScannedEntry], error: pandoc.PandocError, line: int) -> ScannedEntry | None:
    """Return the entry at the line that pandoc's message names; the first one begins after `line`."""
    match = _ERROR_LINE.search(error.detail) if error.reason == "failed" else None
    if match is None or int(match[1]) <= line:
        return None
    for entry in entries:
        line += entry.text.count("\n")
        if int(match[1]) <= line:
            return entry
    return entries[-1]


def _read_entry(node: Node) -> tuple[str, Converted]:
    converted = Converted()
    for name, value in node["c"].items():
        key = _UPPER_CASE.get(name, name)
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
            inlines = list(_vet(content))
            if key and any(inline["t"] not in _PLAIN_TYPES for inline in inlines):
                converted.rich[key] = inlines
            return tree.plain_text(inlines)
        case "MetaBlocks":
            return tree.plain_text(content)
    return content if isinstance(content, str) else str(content).lower()


def _vet(inlines: Iterable[Node]) -> Iterator[Node]:
    """Yield inlines that outputs may print."""
    for node in inlines:
        kind, content = node["t"], cast("Any", node.get("c"))
        if kind in _PLAIN_TYPES or kind in ("LineBreak", "Math"):
            yield node
        elif kind in _STYLED_TYPES:
            yield {"t": kind, "c": list(_vet(content))}
        elif kind == "Quoted":
            yield {"t": kind, "c": [content[0], list(_vet(content[1]))]}
        elif kind == "Code":
            yield {"t": kind, "c": [["", [], []], content[1]]}
        elif kind == "Span":
            classes = [name for name in content[0][1] if name == "nocase"]
            yield {"t": kind, "c": [["", classes, []], list(_vet(content[1]))]}
        elif kind == "Link":
            inner, target = list(_vet(content[1])), content[2][0]
            is_web = WEB_ADDRESS.match(target)
            yield from [{"t": "Link", "c": [["", [], []], inner, [target, ""]]}] if is_web else inner
