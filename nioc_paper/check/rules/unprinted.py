"""Rule about words that are read, and printed nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.model import Node, Paper
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree.items import ITEM_PREFIXES, read_field_bullets

_LINK_DEFINITION = late_pattern(r"^[ \t>]*\[(?!\^)(?P<label>[^\]\n]+)\]:[ \t]*\S[^\n]*$", re.MULTILINE)
_LIST_HINT = "write it above or below the block"


def unprinted_words(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """Words are in a place that is printed: a list, a chart or a data table prints only its caption.

    Bad: a pipe table in a block ::: {.table}, or [1]: Survey of 2019
    Good: the pipe table without the block, or [^1]: Survey of 2019
    """
    for div in text.nodes("Div"):
        for block, hint in _unprinted_blocks(div):
            yield Finding(text.chapter.place(block), "text at this place is not printed", hint)
    yield from _unused_definitions(text)


def _unprinted_blocks(div: Node) -> Iterator[tuple[Node, str]]:
    names, blocks = {*tree.classes(div)}, div["c"][1]
    is_figure = "figure" in names or tree.identifier(div).startswith("fig-")
    has_data = "generated" in names or any(block["t"] == "CodeBlock" for block in blocks)
    if "generated" in names and not is_figure:
        yield from ((block, _LIST_HINT) for block in blocks)
    elif "table" in names or (is_figure and has_data):
        hint = "write a pipe table without the block" if "table" in names and not has_data else _LIST_HINT
        yield from ((block, hint) for block in blocks if block["t"] not in ("Para", "Plain", "CodeBlock"))
    elif ITEM_PREFIXES.keys() & names:
        for bullet in read_field_bullets(div):
            yield from ((block, "write it in one line, with ';' between its parts") for block in bullet[1:])


def _unused_definitions(text: ChapterText) -> Iterator[Finding]:
    """Yield a finding for each definition of a link that no words have: pandoc leaves it out."""
    source = text.verbatim_free_source
    definitions = list(_LINK_DEFINITION.finditer(source))
    printed: Sequence[str] = [passage.text for passage in text.texts] if definitions else ()
    for definition in definitions:
        label = re.escape(definition["label"])
        is_used = len(re.findall(rf"\[{label}\](?!:)", source, re.IGNORECASE)) > 0
        if not is_used and not any(f"[{definition['label']}]:" in words for words in printed):
            start = definition.start("label") - 1
            message = f"'[{definition['label']}]: …' is the address of a link that does not exist, and is not printed"
            yield Finding(text.place_at(start), message, "write a note as [^1]: …, and a source as [@KEY]")
