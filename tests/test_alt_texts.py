"""Alternative texts of pictures and charts that were changed in Word are reported, each with both texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from test_review import FILES, SENDING, parse
from test_word_links import SVG
from word_kit import Edited, light, read_sent

from nioc_paper.app.sendings.export_word import export_sending
from nioc_paper.load import load
from nioc_paper.model import Chapter
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.part_copy import read_relationships
from nioc_paper.ooxml.xml import Element, get_attribute, iter_elements, qn
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import incoming
from nioc_paper.review.merge.chapter_merge import MergeResult
from nioc_paper.system.files import default_templates

PICTURES = r"""
![A deck of stone.](../paper/figures/deck.svg){#fig-br-deck alt="The stone deck"}

![A deck that *nobody* describes.](../paper/figures/deck.svg){#fig-br-plain}

![A deck with one more line [@survey2019].](../paper/figures/deck.svg){#fig-br-long
  alt="Seen from {far} away
  or \"near\" by" width=50%}

Beside words ![a small deck](../paper/figures/deck.svg) stands ![the](../paper/figures/deck.svg){alt='another one'}.

As @fig-br-block shows.[^deck]

::: {#fig-br-block .figure}
![](../paper/figures/deck.svg){alt="A deck in a block"}

A deck of a block.
:::

[^deck]: It is ![a deck in a note](../paper/figures/deck.svg).

| Picture | State |
|---------|-------|
| ![deck in a cell](../paper/figures/deck.svg) | good |

::: {#fig-br-chart .figure}
~~~~ {.chart .wide}
description: >
  Bars of two years,
  one of them higher
data: {url: paper/data/bridges.csv}
mark: bar
encoding: {x: {field: year, type: nominal}, y: {field: count, type: quantitative}}
~~~~

Bridges by year.
:::

"""
SENT: Sequence[str] = (
    "The stone deck", "A deck that nobody describes.", 'Seen from {far} away or "near" by', "a small deck",
    "another one", "deck in a cell", "Bars of two years, one of them higher",
)  # fmt: skip
NEW: Sequence[str] = (
    "Words",
    'A "bridge" of \\ stone: 50 % & more',
    "It is {here} [there] <x> *y* `z` $1$ | @nobody #1",
    "Ünïcode → “x” ’s",
    "yes",
    "- 1.",
    "  spaces   inside ",
)
IN_BLOCK, IN_NOTE = "A deck in a block", "a deck in a note"


@pytest.fixture(scope="module")
def bridges(tmp_path_factory: pytest.TempPathFactory) -> tuple[Chapter, bytes]:
    """The chapter, and its Word file."""
    root = tmp_path_factory.mktemp("pictures")
    text = FILES["chapters/bridges.md"].replace("## What is missing", f"{PICTURES}\n## What is missing")
    more = {"paper/figures/deck.svg": SVG, "paper/data/bridges.csv": "year,count\n2018,3\n2019,4\n"}
    for name, content in {**FILES, **more, "chapters/bridges.md": text}.items():
        (root / name).parent.mkdir(exist_ok=True, parents=True)
        (root / name).write_text(content, encoding="utf-8")
    paper = load(root, lambda _: None)
    assert paper.chapters[0].blocks
    return paper.chapters[0], light(
        export_sending(paper, "bridges", SENDING, default_templates(), compressed=False).data
    )


def pictures(file: Edited) -> Mapping[str, Element]:
    """The pictures of a file by their alternative texts."""
    return {" ".join(node.get("descr", "").split()): node for node in iter_elements(file.package.body, "wp:docPr")}


def test_a_picture_in_a_note_is_in_the_file_and_a_picture_in_a_block_is_referred_to(
    bridges: tuple[Chapter, bytes],
) -> None:
    package = Package(bridges[1])
    notes = package.xml_root("word/footnotes.xml")
    assert [node.get("descr") for node in iter_elements(notes, "wp:docPr")] == [IN_NOTE]
    used = {node.get(qn("r:embed")) for node in iter_elements(notes, "a:blip")}
    assert used == {link.id for link in read_relationships(package, "word/footnotes.xml") if link.kind == "image"}
    codes = [(node.text or "").split() for node in iter_elements(package.body, "w:instrText")]
    labels = {words[1] for words in codes if words[:1] == ["REF"]}
    assert labels
    assert labels <= {get_attribute(node, "w:name") for node in iter_elements(package.body, "w:bookmarkStart")}


def merge(bridges: tuple[Chapter, bytes], new: Mapping[str, str], how: str = "") -> MergeResult:
    chapter, data = bridges
    file = Edited(data)
    images = pictures(file)
    for old, words in new.items():
        images[old].set("descr", words)
    base = read_sent(data)
    received = docx_reader.read_docx((file.strip() if how == "marks lost" else file).package)
    return incoming.merge_received(chapter, base, received, parse)


def test_all_alternative_texts_are_sent(bridges: tuple[Chapter, bytes]) -> None:
    assert set(pictures(Edited(bridges[1]))) == {*SENT, IN_BLOCK}


@pytest.mark.parametrize("how", ["", "marks lost"])
def test_each_change_is_one_report_with_both_texts(how: str, bridges: tuple[Chapter, bytes]) -> None:
    exchanged = {"The stone deck": "another one", "another one": "The stone deck"}
    for new in (dict(zip(SENT, NEW, strict=True)), dict.fromkeys(SENT, ""), exchanged):
        merged = merge(bridges, new, how)
        assert merged.edits == ()
        assert ["alternative text" in c.reason for c in merged.conflicts] == [True] * len(new)
        for (old, words), conflict in zip(new.items(), merged.conflicts, strict=True):
            assert conflict.base.endswith(old)
            assert conflict.edited.endswith(" ".join(words.split()))


def test_the_words_around_a_picture_can_be_changed_too(bridges: tuple[Chapter, bytes]) -> None:
    chapter, data = bridges
    file = Edited(data).replace("Beside words", "Beside other words").replace("Bridges by year", "Bridges a year")
    for old in ("a small deck", SENT[6]):
        pictures(file)[old].set("descr", "New words")
    base = read_sent(data)
    merged = incoming.merge_received(chapter, base, docx_reader.read_docx(file.package), parse)
    text = merged.apply_to(chapter.text)
    assert ["alternative text" in c.reason for c in merged.conflicts] == [True, True]
    assert "Beside other words ![a small deck](../paper" in text
    assert "\nBridges a year.\n" in text
