"""Every change that is not merged is reported with its true cause, and takes no other change of the file with it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import pytest
from test_review import parse
from test_word_links import indent
from word_edits import KINDS, SPOTS, body, edit, parse_nodes, sent
from word_kit import FILES, Edited, light, load_files, read_sent, send

from nioc_paper.model import Chapter, Node, Paper
from nioc_paper.ooxml.xml import iter_elements, qn
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.docx.bookmarks import add_bookmarks
from nioc_paper.review.exchange import today_merge
from nioc_paper.review.merge.chapter_merge import MergeResult

REASONS: Mapping[tuple[str, str], str] = {
    ("parted", "caption"): "a caption was split",
    ("parted", "field"): "rec-br-01 would lose its field 'Indicator'",
    ("parted", "last field of a gap"): "it was split; gap-br-01 would lose",
    ("joined with the next", "field"): "rec-br-01 would lose its field 'Closes'",
    ("joined with the next", "last field of a gap"): "two passages were joined across other content",
    ("joined with the next", "quotation"): "joined with a caption, or with text that the tool makes",
    ("taken out", "note"): "the text of a note was taken out, and its number stays",
    ("taken out", "summary"): "made by the tool, from the front matter",
    ("moved to the end", "note"): "a part of a table, a note or a box was moved",
    ("moved to the end", "field"): "a part of a table, a note or a box was moved",
    ("moved to the end", "last field of a recommendation"): "it was moved",
    ("sentence behind", "cell"): "rows, columns or cells of a table are new",
    ("sentence behind", "note"): "a paragraph was added to a note",
    ("sentence behind", "field"): "typed among the fields of a recommendation, and is not 'Name: value'",
    ("field given again behind", "field"): "the recommendation has a field 'Owner' already",
    ("recommendation behind", "field"): "a recommendation is new; write it in the chapter's source",
    ("recommendation behind", "cell"): "rows, columns or cells of a table are new",
    ("gap with a colon behind", "cell"): "rows, columns or cells of a table are new",
    ("gap with a colon behind", "field"): "a gap is new; write it in the chapter's source",
    ("note put in", "note"): "a note was put into a note",
    ("note put in", "summary"): "the tool makes",
}
"""True reason of an edit of a kind at a place."""
GENERAL = "the change would not read as it does in Word"
COMES_IN = (
    ("words put in", "beside a formula"),
    ("words put in", "restricted passage"),
    ("parted", "emphasis"),
    ("parted", "bold words"),
    ("sentence behind", "caption"),
    ("moved to the end", "nested item"),
)
"""Edits that once were reported without need."""


def merged(*edits: tuple[str, str]) -> MergeResult:
    file = Edited(sent()[1])
    for kind, place in edits:
        KINDS[kind](file, SPOTS[place])
    return merged_file(file)


def merged_file(file: Edited) -> MergeResult:
    chapter, _, base = sent()
    return today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)


@pytest.mark.parametrize(("kind", "place"), REASONS)
def test_a_conflict_has_its_cause_as_reason_and_takes_no_other_change_with_it(kind: str, place: str) -> None:
    result = merged((kind, place), ("word replaced", "numbered item"))
    assert "1. Count each altogether by hand." in result.apply_to(sent()[0].text)
    conflicts = result.conflicts
    assert REASONS[kind, place] in conflicts[0].reason, conflicts
    for conflict in conflicts:
        assert conflict.base != conflict.edited or "moved" in conflict.reason
    others = [c.reason for c in conflicts[1:]]
    assert others in ([], ["the note belongs to words that the tool makes, or that are not changed"])


def test_the_reason_names_the_field_and_the_day_that_were_changed() -> None:
    chapter, data, base = sent()
    for old, new, reason in (
        ("Indicator:", "Indicator –", "rec-br-01 would lose its field 'Indicator'"),
        ("31\u00a0December 2020", "mid 2021", "it is not a day"),
    ):
        file = Edited(data).replace(old, new)
        result = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
        assert [reason in c.reason for c in result.conflicts] == [True], result.conflicts


@pytest.mark.parametrize(("kind", "place"), COMES_IN)
def test_an_edit_that_can_be_made_is_made(kind: str, place: str) -> None:
    result = merged((kind, place))
    assert [c for c in result.conflicts if "note was taken out" not in c.reason] == []
    assert result.apply_to(sent()[0].text) != sent()[0].text


def test_a_new_paragraph_behind_the_caption_of_a_table_is_above_the_table() -> None:
    text = merged(("sentence behind", "caption")).apply_to(sent()[0].text)
    assert "Nobody asked for it.\n\n| Bridge name here" in text


@pytest.mark.parametrize("author", ["", "Ben"])
def test_a_row_that_was_moved_is_one_report(author: str) -> None:
    chapter, data, base = sent()
    file = Edited(data, author)
    row, last = file.row("East of town"), file.row("West of town")
    last.addnext(row)
    result = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert result.edits == ()
    (conflict,) = result.conflicts
    assert sorted(conflict.base.split(" ¶ ")) == sorted(conflict.edited.split(" ¶ "))
    assert conflict.base != conflict.edited
    assert "moved" in conflict.reason


def test_no_conflict_of_a_kind_and_place_has_the_general_reason_alone(request: pytest.FixtureRequest) -> None:
    places = ("cell", "note", "caption", "field", "text of a gap", "quotation", "emphasis", "beside a formula")
    pairs = [(kind, place) for n, place in enumerate(places) for m, kind in enumerate(KINDS) if m % len(places) == n]
    if request.config.getoption("--long"):
        pairs = [*itertools.product(KINDS, places)]
    assert ({kind for kind, _ in pairs}, {place for _, place in pairs}) == ({*KINDS}, {*places})
    files = ((pair, edit(*pair, "")) for pair in pairs)
    general = [case for case, file in files if file and GENERAL in [c.reason for c in merged_file(file).conflicts]]
    assert general == []


# --- levels of lists -------------------------------------------------------------------------------------------------

LISTS = """\
- alpha one here
- beta two here
    - gamma three here
    - delta four here
        - epsilon five here
- zeta six here

  Zeta goes on.

- eta seven here

Between the lists stands a line.

1. theta eight here
2. iota nine here
   1. kappa ten here
   2. lambda eleven here
10. mu twelve here

* nu thirteen here

* xi fourteen
  here
"""
ITEMS: Mapping[str, int] = {
    "alpha one": 1, "beta two": 1, "gamma three": 2, "delta four": 2, "epsilon five": 3, "zeta six": 1, "eta seven": 1,
    "theta eight": 1, "iota nine": 1, "kappa ten": 2, "lambda eleven": 2, "mu twelve": 1, "nu thirteen": 1,
    "xi fourteen": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def paper() -> Paper:
    text = FILES["chapters/bridges.md"].replace("The last paragraph", f"{LISTS}\nThe last paragraph")
    text = text.replace("    - a nested item lies below\n", "")
    return load_files({**FILES, "chapters/bridges.md": text})


@pytest.fixture(scope="module")
def chapter(paper: Paper) -> Chapter:
    return paper.chapters[0]


@pytest.fixture(scope="module")
def edited(paper: Paper) -> bytes:
    return light(send(paper))


def merge(chapter: Chapter, edited: bytes, file: Edited) -> MergeResult:
    return today_merge.merge_received(chapter, read_sent(edited), docx_reader.read_docx(file.package), parse)


def depths(text: str) -> dict[str, int]:
    """The depth of each item of the lists."""
    blocks: Sequence[Node] = parse(body(text))
    level_by_text = {p.text: p.level for p in add_bookmarks(blocks).paragraphs if p.kind == "item"}
    return {words: next(level for text, level in level_by_text.items() if words in text) for words in ITEMS}


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("after", ITEMS)
def test_a_new_item_reads_at_its_level_or_is_reported(after: str, level: int, chapter: Chapter, edited: bytes) -> None:
    file = Edited(edited).add(after, "A new item.", like=True)
    indent(file, "A new item.", level - 1)
    merged = merge(chapter, edited, file)
    text = merged.apply_to(chapter.text)
    assert depths(text) == dict(ITEMS)
    new = [p.level for p in add_bookmarks(parse(body(text))).paragraphs if p.text == "A new item."]
    assert new == [level] or (new == [] and merged.conflicts)
    assert new or level > ITEMS[after] + 1 or (after, level) == ("delta four", 1)  # an item in it follows


def test_levels_that_a_program_has_lost_stay(chapter: Chapter, edited: bytes) -> None:
    file = Edited(edited)
    for level in list(iter_elements(file.package.body, "w:ilvl")):
        level.set(qn("w:val"), "0")
    merged = merge(chapter, edited, file.replace("alpha one", "alpha once"))
    assert depths(merged.apply_to(chapter.text).replace("once", "one")) == dict(ITEMS)
    assert ["the program that saved it has lost them" in c.reason for c in merged.conflicts] == [True]
