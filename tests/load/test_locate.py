"""Places of words: exact, or marked as unknown, in every construct of Markdown."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from test_papers import read_tables

from nioc_paper import tree
from nioc_paper.system import pandoc
from nioc_paper.tree.locate import locate

TABLES = read_tables("locate")
CONSTRUCTS = TABLES["constructs"]
VOCABULARY = ("bade", "cede", "deaf")


def letters(number: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in (3, 2, 1, 0))


def write(seed: int) -> str:
    """A text of all constructs, twice, in random order; each word is unique."""
    chance, numbers = random.Random(seed), count(1000)
    constructs = [*CONSTRUCTS, *CONSTRUCTS]
    chance.shuffle(constructs)
    text = "\n\n".join(part.replace("K", f"k{index}") for index, part in enumerate(constructs)) + "\n"
    return re.sub(r"wxyz|w(?![a-z])", lambda _: letters(next(numbers)), text)


def leaves(blocks: Any) -> Iterator[tuple[dict[str, Any], str]]:
    in_citations = {id(n) for node in tree.walk(blocks) if node["t"] == "Cite" for n in tree.walk(node["c"][1])}
    for node in tree.walk(blocks):
        if id(node) in in_citations:
            continue  # the citation as it was typed
        if node["t"] in ("Str", "Code"):
            yield node, node["c"] if node["t"] == "Str" else node["c"][1]


def parse(text: str) -> list[Any]:
    blocks, _ = pandoc.parse_markdown(text)
    locate(blocks, text)
    return blocks


def wrong_and_unknown(text: str, unique: str) -> tuple[list[str], int, int]:
    """Words at a wrong place, and the numbers of those at no place and of all."""
    lines, wrong, unknown, total = text.split("\n"), [], 0, 0
    for (node, shown), (_, name) in zip(leaves(parse(text)), leaves(parse(unique)), strict=True):
        word = re.search(r"(?<![a-z])[a-z]{4}(?![a-z])", name)
        offset = unique.find(word[0]) if word else -1
        if word is None or offset < 0 or unique.count(word[0]) > 1:
            continue
        total += 1
        at = node.get("pos", [])
        if len(at) != 2:
            unknown += 1
            continue
        here = sum(len(line) + 1 for line in lines[: at[0] - 1]) + at[1] - 1
        entity = re.search(r"&[#\w]+;$", unique[:offset]) or re.search("$", unique[:offset])
        if here not in (offset, offset - word.start(), entity.start() if entity else -1):
            wrong.append(f"{shown} at {at}, not {offset}: {text[max(here - 20, 0) : here + 20]!r}")
    return wrong, unknown, total


@pytest.mark.parametrize("seed", range(3))
def test_every_word_has_its_exact_place_or_none(seed: int) -> None:
    unique = write(seed)
    chance = random.Random(seed)
    repeated = re.sub(r"(?<![A-Za-z])a[a-z]{3}(?![a-z])", lambda _: chance.choice(VOCABULARY), unique)
    for text, share in ((unique, 0.01), (repeated, 0.1)):
        wrong, unknown, total = wrong_and_unknown(text, unique)
        assert wrong == []
        assert total > 400
        assert unknown <= share * total, (unknown, total)


@pytest.mark.parametrize(
    "text",
    [
        "Of [see -@one, and @two]{.limited} and @three [p. 3].",
        "Of [-@one words *and* @two](https://example.org/a) and [@three].",
        "- Of [*x* -@one and\n  @two more]{.key-number lang=en}; [@three; see @four].",
        "Of [@one; @two]{no attributes}, [@three] (see @four).",
    ],
)
def test_citations_in_passages_and_links_have_their_places(text: str) -> None:
    blocks, _ = pandoc.parse_markdown(text)
    locate(blocks, text)
    lines = text.split("\n")
    citations = [c for node in tree.walk(blocks) if node["t"] == "Cite" for c in node["c"][0]]
    assert len(citations) == text.count("@")
    for citation in citations:
        line, column = citation["pos"]
        assert lines[line - 1][column - 1 :].startswith(f"@{citation['citationId']}")
