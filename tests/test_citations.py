"""Citations are set without the text around them, with the same result as in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sample_document
from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import SHIPPED_STYLES, CitationStyle, Document
from nioc_paper.render.write import resolve_citations
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.pandoc import csl_text

SOURCES = tuple(
    {"id": name, "type": "book", "title": title, "issued": "2019", "author": [{"family": "Ash", "given": given_name}]}
    for name, title, given_name in (
        ("a", "Arches", "A."),
        ("b", "Beams", "A."),
        ("c", "Cables", "Zoe"),
        ("d", "n.d.", "Z."),
    )
)
TEXT = """
Early [@b], and @a. In a note.[^n] Two at once [see @a, p. 3; @b, ch. 2]. *Within @c*. All this. More of it. [@a]

So [@b; @c]: and *[@d]*, "quoted [@a]" -- [@c], and so on [@b]. [Linked [@d].](https://example.org)

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


def printed(blocks: Any) -> Any:
    """A tree with the words of citations in their place."""
    opened = tree.rewrite(lambda node: node["c"][1] if node["t"] == "Cite" else node, list(blocks))
    return tree.merge_words(opened)


STYLES = {
    **{name: CitationStyle(name) for name in SHIPPED_STYLES},
    "raised numbers": CitationStyle(
        "raised.csl", csl_text(CitationStyle("numeric")).replace('prefix="[" suffix="]">', 'vertical-align="sup">')
    ),
    "brief notes": CitationStyle(
        "brief.csl", csl_text(CitationStyle("numeric")).replace('class="in-text"', 'class="note"')
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_they_read_as_if_set_in_their_place(style: str) -> None:
    document = replace(written(), style=STYLES[style])
    whole, _ = pandoc.run_citeproc(
        document.blocks, document.references, language=document.language, style=STYLES[style]
    )
    apart = resolve_citations(document, print).blocks
    assert plain(printed(apart)) == plain(printed(whole))


def test_a_note_in_brackets_stays_in_them() -> None:
    blocks, _ = pandoc.parse_markdown("It is so (as some say [@a]).")
    document = replace(written(), blocks=(*blocks, written().blocks[1]), style=CitationStyle("note"))
    first, *_ = resolve_citations(document, print).blocks
    assert [node["t"] for node in first["c"]][-2:] == ["Cite", "Str"]
    assert tree.plain_text([first]).endswith("say).")


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("So [@a] [@b].", "So [@a; @b]."),
        ("So [@a]\n[@b, p. 3] [@a].", "So [@a; @b, p. 3]."),
        ("So [@a, p. 1] [@a, p. 2].", "So [@a, p. 1; @a, p. 2]."),
        ("So [@a] @b.", ""),
        ("So @a [@b].", ""),
        ("So [@a] and [@b].", ""),
    ],
)
def test_neighbouring_citations_are_one(text: str, joined: str) -> None:
    def shown(source: str) -> str:
        blocks, _ = pandoc.parse_markdown(source)
        document = replace(written(), blocks=(*tree.merge_words(blocks), written().blocks[1]), style=STYLES["numeric"])
        return tree.plain_text(resolve_citations(document, print).blocks[:1])

    whole, _ = pandoc.run_citeproc(
        pandoc.parse_markdown(joined or text)[0], SOURCES, language="en-GB", style=STYLES["numeric"]
    )
    assert shown(text) == tree.plain_text(whole[:1])


def test_works_of_one_year_are_told_apart() -> None:
    assert "2019b, ch. 2" in tree.plain_text(resolve_citations(written(), print).blocks)


def test_citations_are_cached_and_damaged_entries_ignored(tmp_path: Path) -> None:
    document, cache = written(), Cache(tmp_path)
    first = resolve_citations(document, print, cache)
    (entry,) = tmp_path.iterdir()
    assert resolve_citations(document, print, cache) == first
    entry.write_bytes(entry.read_bytes().replace(b"2019a", b"2019z"))
    assert resolve_citations(document, print, cache) == first
