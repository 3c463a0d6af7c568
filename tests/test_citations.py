"""Citations are set apart from the text that they stand in, and come out as if they were set in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import sample_document

from nioc_paper import tree
from nioc_paper.model import Document
from nioc_paper.render.write import resolve_citations
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache

SOURCES = tuple(
    {"id": name, "type": "book", "title": title, "issued": "2019", "author": [{"family": "Ash", "given": given}]}
    for name, title, given in (("a", "Arches", "A."), ("b", "Beams", "A."), ("c", "Cables", "Zoe"), ("d", "n.d.", "Z."))
)
TEXT = """
Early [@b], and @a. In a note.[^n] Two at once [see @a, p. 3; @b, ch. 2]. *Within @c*.

| Head [@c] |
|-----------|
| Cell [-@d]. |

: Caption [@a]. {#tbl-x}

[^n]: Said by @b; and so on [@c].
"""


def written() -> Document:
    blocks, _ = pandoc.parse_markdown(TEXT)
    chapter = tree.div([tree.header(1, tree.text_inlines("One"), id="sec-one"), *blocks], "chapter", id="chapter-one")
    sources = tree.div([tree.div([], id="refs")], "references", id="chapter-references")
    return replace(sample_document.document(), blocks=(chapter, sources), references=SOURCES)


def plain(value: Any) -> str:
    """A tree without places, which pandoc drops."""
    return json.dumps(json.loads(json.dumps(value)), sort_keys=True)


def test_they_read_as_if_set_in_their_place_works_of_one_year_told_apart() -> None:
    document = written()
    whole, _ = pandoc.cite(document.blocks, document.references, language=document.language)
    apart = resolve_citations(document, print).blocks
    assert plain(apart) == plain(whole)
    assert "2019b, ch. 2" in tree.plain_text(apart)


def test_they_are_set_once_and_a_damaged_memory_of_them_is_forgotten(tmp_path: Path) -> None:
    document, cache = written(), Cache(tmp_path)
    first = resolve_citations(document, print, cache)
    (entry,) = tmp_path.iterdir()
    assert resolve_citations(document, print, cache) == first
    entry.write_bytes(entry.read_bytes().replace(b"2019a", b"2019z"))
    assert resolve_citations(document, print, cache) == first
