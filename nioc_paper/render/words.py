"""Whether an output holds every word: passages of the tree against passages read back from the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Node, Place, Report
from nioc_paper.render import notes

_LEAVES = {"Para", "Plain", "Header", "CodeBlock"}


def passages(blocks: Iterable[Node]) -> Iterator[str]:
    """The text of each paragraph, heading, cell and note. Alternative texts and formulas are not text here."""
    for node in tree.walk(tree.rewrite(_without_unread, list(blocks))):
        if node["t"] in _LEAVES:
            yield tree.plain(node)
        elif node["t"] == "LineBlock":
            yield " ".join(tree.plain(line) for line in node["c"])
        elif node["t"] == "DefinitionList":
            yield from (tree.plain(term) for term, _ in node["c"])


def compare(blocks: tuple[Node, ...], found: Iterable[str], found_notes: int, place: Place, report: Report) -> None:
    """Report `lost-text` and `lost-note` for what the file does not hold. White space does not count."""
    wanted = list(passages(blocks))
    lacking = Counter(map(_squeezed, wanted)) - Counter(map(_squeezed, found))
    lacking.pop("", None)
    lost = [passage for passage in wanted if _squeezed(passage) in lacking]
    if lost:
        count = sum(len(passage.split()) for passage in lost)
        first = lost[0] if len(lost[0]) < 80 else lost[0][:79] + "…"
        report(Diagnostic(place, "lost-text", f"{count} words are missing, first in “{first}”", hint=_HINT))
    written = notes.count(blocks)
    if found_notes < written:
        report(Diagnostic(place, "lost-note", f"{written - found_notes} of {written} notes are missing", hint=_HINT))


_HINT = "the former file was kept; write the passage more plainly, or report the fault with the chapter that shows it"


def squeeze(text: str) -> str:
    """What two renderings of a text agree on: letters and digits, whatever their case, hyphens and line breaks."""
    return "".join(filter(str.isalnum, text.casefold()))


def _squeezed(text: str) -> str:
    return "".join(text.split())


def _without_unread(node: Node) -> Any:
    return None if node["t"] in ("Image", "Math", "RawInline", "RawBlock") else node
