"""Trees with merged words: they are printed the same."""

from __future__ import annotations

import pickle
from pathlib import Path

import sample_document
from msgspec.structs import replace
from sample_paper import FULL

from nioc_paper import tree
from nioc_paper.load import load
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.tree.locate import find_spans
from nioc_paper.tree.pass_runner import run_passes
from nioc_paper.tree.scan import find_divs, find_note_definitions, scan_words

CHAPTERS = sorted((FULL / "chapters").glob("*.md"))
ODD = """A *long* word, [two words](https://example.org "a title")
and `code`,[^1] “a quotation” [see @key, p. 7; @other].\\
Next line with a b.

| One two | three |
|---------|-------|
| four    | f i v |

: A caption

Term here
:   What it is

| a line
|   another

[^1]: A note of words.
"""


def test_merged_words_print_the_same() -> None:
    texts = [ODD, *(file.read_text(encoding="utf-8") for file in CHAPTERS)]
    blocks = [block for text in texts for block in pandoc.parse_markdown(text)[0]]
    flowing = tree.merge_words(blocks)
    assert tree.plain_text(flowing, with_notes=True) == tree.plain_text(blocks, with_notes=True)
    assert [tree.count_words(block) for block in flowing] == [tree.count_words(block) for block in blocks]
    args = ["--wrap=none", "--syntax-highlighting=none"]  # the colours of code take ten times as long as all else
    for form in ("html5", "plain", "icml"):
        one, other = (pandoc.write(each, form, args=args).decode().split() for each in (blocks, flowing))
        assert one == other


def test_words_that_follow_one_another_are_one_node() -> None:
    (block,) = tree.merge_words(pandoc.parse_markdown("One two *three four*\nfive.")[0])
    assert [node["t"] for node in block["c"]] == ["Str", "Emph", "Str"]
    assert [node.get("c") for node in block["c"][::2]] == ["One two ", " five."]


def test_names_are_those_of_a_walk_and_stay_when_words_are_merged(tmp_path: Path) -> None:
    named = "# Title {.unlisted}\n\n::: {#fig-a .figure lang=ur}\nText [x]{.restricted}.\n:::\n\n{++ [y]{#new} ++}\n"
    (tmp_path / "chapters").mkdir()
    (tmp_path / "chapters" / "a.md").write_text(f"---\ntitle: A\n---\n\n{named}{ODD}", encoding="utf-8")
    for _ in range(2):  # the second time from the cache
        (chapter,) = load(tmp_path, lambda _: None, Cache(tmp_path / "cache")).chapters
        assert chapter.names == tree.collect_names(chapter.blocks) == tree.collect_names(chapter.body.merged())
    assert {"Header#", ".unlisted", ".unlisted#", "#fig-a", ".figure", "lang=", ".restricted#"} <= chapter.names
    assert chapter.names.isdisjoint({".figure#", "Div#", "#new"})
    assert "#new" in chapter.suggested_body.names()


def test_passes_run_in_their_order() -> None:
    def append(letters: str, *, other: str) -> str:
        return letters + other

    def reverse(letters: str, *, other: str) -> str:
        assert other == "c"
        return letters[::-1]

    assert run_passes("ab", (append, reverse), other="c") == "cba"
    assert run_passes("ab", (reverse, append), other="c") == "bac"


def test_words_of_a_source_are_found_with_start_and_end() -> None:
    text = "A **bold** word[^n] -- and `code`.\n\n[^n]: Its note.\n"
    words = scan_words(text, find_note_definitions(text))
    assert [(word.key, text[slice(*word.span)]) for word in words["n"]] == [
        ("Its", "Its"),
        ("note", "note"),
        (".", "."),
    ]
    assert [word.key for word in words[""]] == ["A", "bold", "word", "note", "–", "and", "code", "."]
    assert [word.label for word in words[""] if word.label] == ["n"]
    spans = find_spans(["A", "bold", "made", "word", "and"], words[""])
    assert [span and text[slice(*span)] for span in spans] == ["A", "bold", None, "word", "and"]


def test_fenced_divisions_are_found_with_their_fences() -> None:
    assert find_divs("::: box\ntext\n:::\n") == {1: (0, 16)}


def test_blocks_of_a_document_have_the_hash_of_their_trees_in_every_process() -> None:
    other = tree.para(tree.text_inlines("Other."))
    first = sample_document.document()
    first.block_hash(other)
    for document in (first, pickle.loads(pickle.dumps(first)), replace(first, blocks=(other, *first.blocks))):  # noqa: S301 - ours
        for block in (*document.blocks, other, {**other}):
            assert document.block_hash(block) == tree.tree_hash(block)
