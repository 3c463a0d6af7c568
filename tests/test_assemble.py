"""The assembled document: every number given once, every reference filled, nothing of a chapter lost."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rounds import few
from sample_paper import document, full

from nioc_paper import tree
from nioc_paper.assemble import assemble, assemble_chapter, extract_chapter, lists
from nioc_paper.model import (
    LIST_NAMES,
    Chapter,
    FrontMatter,
    History,
    OutputOptions,
    Paper,
    Part,
    Settings,
)
from nioc_paper.system import pandoc
from nioc_paper.tree.locate import locate


def test_every_list_of_the_settings_has_a_builder() -> None:
    assert set(lists.LIST_BUILDERS) == set(LIST_NAMES)


def ids(blocks: object) -> list[str]:
    return [tree.identifier(n) for n in tree.walk(blocks) if tree.identifier(n)]


def test_every_recommendation_is_numbered_and_in_the_action_plan() -> None:
    paper = full()
    written = [b.id for c in paper.chapters for b in c.items_of_kind("recommendation")]
    plan = next(n for n in tree.walk(document().blocks) if n["t"] == "Table" and "action-plan" in tree.classes(n))
    linked = [n["c"][2][0] for n in tree.walk(plan) if n["t"] == "Link"]
    assert len(written) >= 12
    assert sorted(e.id for e in document().recommendations) == sorted(t[1:] for t in linked if "#rec-" in t)
    assert sorted(written) == sorted(e.id for e in document().recommendations)
    assert len({e.number for e in document().recommendations}) == len(written)


def test_ids_are_unique_and_links_have_targets() -> None:
    known = ids(document().blocks)
    assert [name for name, count in Counter(known).items() if count > 1] == []
    targets = {
        n["c"][2][0][1:] for n in tree.walk(document().blocks) if n["t"] == "Link" and n["c"][2][0].startswith("#")
    }
    assert targets - set(known) == set()


def test_every_reference_is_resolved() -> None:
    blocks, log = pandoc.run_citeproc(document().blocks, document().references, language="en-GB")
    text = tree.plain_text(blocks, with_notes=True)
    assert [e for e in log if e["verbosity"] == "WARNING"] == []
    assert re.findall(r"\?\?|@[a-z][\w-]+|\(\s*\)", text) == []


def test_no_space_precedes_a_full_stop() -> None:
    tables = [n for n in tree.walk(document().blocks) if n["t"] == "Table" and "generated" in tree.classes(n)]
    assert len(tables) >= 5
    assert re.findall(r"\w+ [.,;:](?: |$)", " ".join(map(tree.plain_text, tables))) == []


def test_no_word_and_no_note_of_a_chapter_is_lost() -> None:
    paper = full()
    for chapter in paper.chapters:
        printed = next(b for b in document().blocks if tree.identifier(b) == f"chapter-{chapter.id}")

        def count(kind: str, blocks: object) -> int:
            return sum(n["t"] == kind for n in tree.walk(blocks))

        assert count("Note", printed) >= count("Note", chapter.blocks)
        missing = Counter(words(chapter.blocks)) - Counter(words(printed))
        assert set(missing) <= set(rewritten(chapter)), (chapter.id, missing)


def words(blocks: object) -> list[str]:
    return re.findall(
        r"\w+",
        tree.plain_text(
            tree.rewrite(lambda n: None if n["t"] in ("Cite", "CodeBlock") else n, blocks), with_notes=True
        ),
    )


def rewritten(chapter: Chapter) -> list[str]:
    """Words of fields that print in another form: ids become references or titles, ISO dates are written out."""
    names = ("closes", "objective", "by", "priority")
    fields = [b.field_text(name) for b in chapter.items_of_kind("recommendation") for name in names]
    return re.findall(r"\w+", " ".join(fields))


def test_a_priority_is_printed_by_its_title() -> None:
    titles = {p.id: p.title for p in full().settings.priorities}
    boxes = [n for n in tree.walk(document().blocks) if tree.is_div(n, "recommendation")]
    printed = Counter(
        line.removeprefix("Priority: ")
        for box in boxes
        for line in (tree.plain_text(n) for n in tree.walk(box) if n["t"] == "Plain")
        if line.startswith("Priority: ")
    )
    named = Counter(
        titles[b.field_text("priority")] for c in full().chapters for b in c.items_of_kind("recommendation")
    )
    assert printed == named


def test_people_who_were_only_asked_are_listed_as_proposed_and_credited_with_nothing() -> None:
    paper = full()
    asked = {(c.front.title, k.role) for c in paper.chapters for k in c.front.contributors if k.proposed}
    table = next(n for n in tree.walk(document().blocks) if n["t"] == "Table" and "contributors" in tree.classes(n))
    printed = tree.plain_text(table)
    assert asked
    assert all(f"proposed as {role}, {title}" in printed for title, role in asked)
    agreed = {c.front.title for c in paper.chapters if any(not k.proposed for k in c.front.contributors)}
    assert {entry.title for entry, _ in document().credits} == agreed


def test_an_extracted_chapter_keeps_its_numbers_and_has_no_outside_links() -> None:
    paper = full()
    chapter = next(c for c in paper.chapters if c.front.category == "ferries")
    part = extract_chapter(document(), paper, chapter.id)
    known = set(ids(part.blocks))
    targets = {n["c"][2][0][1:] for n in tree.walk(part.blocks) if n["t"] == "Link" and n["c"][2][0].startswith("#")}
    assert targets <= known
    assert [e.number for e in part.contents if e.id == f"sec-{chapter.id}"] == ["3"]
    assert (part.title, part.subtitle, part.part_of) == ("Ferries", "Chapter 3", document().title)


@pytest.mark.parametrize("copy", [OutputOptions(), OutputOptions(audience="restricted", review=True)], ids=repr)
def test_a_chapter_assembled_alone_is_that_of_the_whole_paper(copy: OutputOptions) -> None:
    paper = full()
    ids = {"executive-summary": "e-s", "executive-summary-ur": "es"}  # with the same letters for their paragraphs
    renamed = (replace(c, front=c.front.replace(id=ids.get(c.id, c.id))) for c in paper.chapters)
    paper = replace(paper, chapters=tuple(renamed))
    whole = assemble(paper, History(), copy=copy)
    for name in (*ids.values(), "ferries", "none"):
        assert assemble_chapter(paper, History(), name, copy=copy) == extract_chapter(whole, paper, name), name


def test_an_extracted_chapter_has_only_the_lists_that_it_fills() -> None:
    paper = full()
    part, urdu = (extract_chapter(document(), paper, name) for name in ("ferries", "executive-summary-ur"))
    assert {e.number[:2] for e in (*part.figures, *part.tables)} == {"3."}
    assert {e.number[:3] for e in part.recommendations} == {"FE-"}
    assert [tree.classes(block) for block in urdu.blocks] == [["chapter"]]  # and no bibliography: it cites nothing
    assert (urdu.subtitle, [entry.level for entry in urdu.figures]) == ("", [])


HEADINGS = st.lists(
    st.sampled_from(["## Gaps", "## Gaps {#sec-a-gaps}", "### Gaps", "## 123", "## ¿?", "## sec a gaps"]), max_size=6
)


@few(25)
@given(st.lists(HEADINGS, min_size=1, max_size=3))
def test_assembled_ids_are_unique_for_any_headings(texts: list[list[str]]) -> None:
    chapters = []
    for index, headings in enumerate(texts):
        text = "\n\nWords.\n\n".join(
            h.replace("a-gaps", f"a{index}-gaps", 1) if headings.count(h) == 1 else h.split(" {")[0] for h in headings
        )
        blocks, _ = pandoc.parse_markdown(text)
        locate(blocks, text)
        front = FrontMatter(id=f"a{index}", title="A")
        chapters.append(Chapter(f"{index}.md", front, text, body=tree.as_tree(blocks)))
    paper = Paper(Settings(parts=(Part(chapters=tuple(c.path for c in chapters)),)), chapters=tuple(chapters))
    known = ids(assemble(paper, History()).blocks)
    assert len(known) == len(set(known))
