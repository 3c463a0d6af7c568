"""The printed page as a reader notices it: kept together, kept separate, and the used share of a page."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
import sample_document
import shared
from msgspec.structs import replace
from pdf_kit import Line, Page, pages, whole_job
from test_papers import absent

from nioc_paper import tree
from nioc_paper.model import Credit, Document, ListEntry, OutputOptions, Version
from nioc_paper.render.common.imprint import format_issue, make_citation
from nioc_paper.system import pandoc
from nioc_paper.wording import format_date, wording_for

WORDS = "Nobody has published a total of what is carried, by whom it is carried and to whom, nor what it earns. "
NOTE_LENGTHS = (6, 14, 24, 37, 90)
"""Words of a note: the last two are more than six lines in the margin."""
FIELDS = {
    "Owner": "Customs Board",
    "Support": "provincial police departments; Ministry of Carts; Post Office",
    "By": "31 December 2020",
    "Indicator": "share of posts that publish a count within thirty days of the end of each month",
    "Baseline": "not published",
    "Target": "all posts",
    "Legal basis": "section 4 of the Crates Act, which asks for a count each year and for its reasons",
    "Risk": "a count of what was found says little of what was not",
    "Closes": "Gap LO-1",
}
PAIRS = ((1, 1), (2, 9), (3, 2))
"""Numbers of recommendations, and their fields."""


def box(kind: str, number: int, lines: int, fields: int) -> str:
    """A recommendation or a gap of some lines and fields, as the assembled tree has it."""
    items = "\n".join(
        f"- [{name}]{{.field .field-{name.lower().replace(' ', '-')}}}: {text}"
        for name, text in list(FIELDS.items())[:fields]
    )
    title = f"::: title\n[{kind.capitalize()} LO-{number}]{{.label}}\n:::\n"
    return f"::: {{#{kind}-lo-{number} .{kind}}}\n{title}\n{WORDS * lines}\n\n::: fields\n{items}\n:::\n:::\n"


def long_chapter() -> str:
    """A chapter of a dozen pages: paragraphs of many lengths between boxes of many heights, and a long table."""
    parts = ["As [Recommendation SM-1](#rec-sm-1){.xref} says, and more."]
    parts.append("## [3.1]{.number} At a glance {#sec-lo-glance}")
    parts.append(WORDS * 2)
    parts += [f"::: {{#fnd-lo-{n} .finding}}\n{WORDS}\n:::" for n in (1, 2)]
    for n in range(1, 15):
        parts.append(f"## [3.{n + 1}]{{.number}} A section {{#sec-lo-{n}}}")
        parts += [f"{WORDS * (1 + n * k % 5)}Noted.[^{n}-{k}] {WORDS * (k % 2)}" for k in range(n % 4 + 1)]
        parts += [f"[^{n}-{k}]: {NOTE_LENGTHS[(n + k) % 5] * 'noted '}" for k in range(n % 4 + 1)]
        parts += [box("gap", n, 1 + n % 2, 2), box("recommendation", n, 2 + n % 4, 6 + n % 4)]
    rows = "\n".join(f"| Post {n} | {n * 7} |" for n in range(90))
    parts.append(f"| Post | Crates |\n|:--|--:|\n{rows}\n\n: [Table 3.1]{{.label}}. Posts. {{#tbl-lo-posts}}")
    return "\n\n".join(parts)


def document() -> Document:
    """The sample document with a long chapter more."""
    sample = sample_document.document()
    blocks, _ = pandoc.parse_markdown(long_chapter())
    long = tree.div([tree.header(1, tree.text_inlines("Long"), id="sec-long"), *blocks], "chapter", id="chapter-long")
    *before, references = sample.blocks
    people = (Credit("Lead", "Amal Rahim", "Director, Institute of Crates"), Credit("Reviewer", "Zoë Ö. D’Arc", ""))
    return replace(
        sample,
        blocks=(*before, long, references),
        credits=((sample.contents[2], people),),
        standing={"Outline": 3, "Drafting": 1},
        versions=(Version("v0.1", date(2020, 3, 1), "For the board"),),
    )


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[Page]:
    def lay_out(folder: Path) -> None:
        (folder / "pages").write_bytes(pickle.dumps(pages(document(), folder)))

    printed_pages: list[Page] = pickle.loads((shared.once(tmp_path_factory, "printed", lay_out) / "pages").read_bytes())  # noqa: S301 - ours
    return printed_pages


def chapters(printed: list[Page]) -> Iterator[list[Page]]:
    """The pages of each chapter."""
    chapter_pages: list[Page] = []
    for page in printed:
        if chapter_pages and any(line.part_of("h1") for line in page.lines):
            yield chapter_pages
            chapter_pages = []
        chapter_pages.append(page)
    yield chapter_pages


def test_a_half_title_stands_on_a_page_of_the_right_hand_in_the_print_edition_alone(
    printed: list[Page], tmp_path: Path
) -> None:
    assert "Contents" in printed[1].text
    copy = OutputOptions(print_edition=True)
    cover, endpaper, half_title, *others = pages(replace(sample_document.document(), copy=copy), tmp_path)
    in_chapter = (page.lines and page.lines[0].part_of("h1") and page.lines[0].part_of("chapter") for page in others)
    openers = [n for n, opens in enumerate(in_chapter, 4) if opens]
    assert openers
    assert [n for n in openers if n % 2 == 0] == []
    assert "DRAFT" in cover.text
    assert endpaper.text == ""
    assert half_title.text == "A Strategy against Crates"
    assert [page.margins for page in (cover, endpaper, half_title)] == [(), (), ()]


def test_the_imprint_tells_the_edition_its_state_its_history_and_how_to_cite_it_on_the_last_page(
    printed: list[Page],
) -> None:
    text = printed[-1].text
    assert "Published by Institute of Crates Edition First edition Date 22 April 2020 Version v0.1" in text
    assert absent(text, "Outline (3), Drafting (1)", "v0.1 1 March 2020 For the board") == []
    assert "Institute of Crates (2020). A Strategy against Crates. First edition, 22 April 2020. Version v0.1." in text


@pytest.mark.parametrize(
    ("language", "publisher", "year", "begins"),
    [
        ("en-GB", "Institute", date(2020, 4, 22), "Institute (2020). Crates. "),
        ("en-GB", "", date(2020, 4, 22), "Crates (2020). "),
        ("en-GB", "", None, "Crates. "),
        ("ur", "", date(2020, 4, 22), "Crates (۲۰۲۰). "),
    ],
)
def test_a_citation_begins_with_words_and_is_the_same_in_pdf_and_word(
    language: str, publisher: str, year: date | None, begins: str
) -> None:
    sample = sample_document.document()
    document = replace(sample, language=language, title="Crates", publisher=publisher, date=year)
    text = make_citation(document, wording_for(language)).text
    assert text.startswith(begins)
    assert f">{text}<" in re.sub("</?cite>", "", whole_job(document, {})["html"])


@pytest.mark.parametrize(("language", "mark"), [("en-GB", " "), ("ur", "\u200f")])
def test_a_day_behind_latin_words_is_kept_in_one_piece(language: str, mark: str) -> None:
    document, words = replace(sample_document.document(), language=language), wording_for(language)
    day = format_date(document.date, words)
    texts = (format_issue(document, words), make_citation(document, words).text, whole_job(document, {})["html"])
    for text in texts:
        gaps = re.findall(rf"First edition(\W{{1,4}}){day}", text)
        assert gaps
        assert {gap[-1] for gap in gaps} == {mark}


def test_those_who_write_and_review_stand_at_the_end_with_their_chapters(printed: list[Page]) -> None:
    text = " ".join(page.text for page in printed[-2:])
    assert absent(text, "1 Smuggling", "Amal Rahim Lead", "Director, Institute of Crates", "Zoë Ö. D’Arc") == []


def test_contents_give_the_page_of_each_heading(printed: list[Page]) -> None:
    lines = [line for page in printed for line in page.lines if line.part_of("list-contents")]
    for name in ("sec-foreword", "sec-smuggling", "sec-fraud"):
        (page,) = (p.number for p in printed if any(line.inside[0].get("id") == name for line in p.lines))
        listed = [line.text for line in lines if (a := line.element("a")) is not None and a.get("href") == f"#{name}"]
        assert page
        assert page in listed


@pytest.mark.parametrize(("chapters", "has_summaries"), [(14, True), (60, False)])
def test_contents_fill_one_page_and_say_what_chapters_say_while_there_is_room(
    chapters: int, has_summaries: bool, tmp_path: Path
) -> None:
    sample = sample_document.document()
    summary_text = (
        "What the chapter says, in a sentence so long that it runs over the end of its line, as most of them do."
    )
    entries = [
        ListEntry(1, str(n), f"Chapter {n} of those", "sec-smuggling", summary=summary_text)
        for n in range(1, chapters + 1)
    ]
    sheet = pages(replace(sample, contents=(ListEntry(0, "", "Part", "sec-part-crimes"), *entries)), tmp_path)
    listed = [page for page in sheet if any(line.part_of("list-contents") for line in page.lines)]
    assert len(listed) == 1
    assert (summary_text[:30] in listed[0].text) == has_summaries
    assert f"{chapters} Chapter {chapters} of those" in listed[0].text


def chapter_pages(text: str, scratch: Path, language: str = "en-GB") -> list[Page]:
    """The pages of a chapter of this text, in a document with nothing else."""
    blocks, _ = pandoc.parse_markdown(text)
    chapter = tree.div(
        [tree.header(1, tree.text_inlines("Long"), id="sec-long"), *blocks], "chapter", id="chapter-long"
    )
    bare = replace(sample_document.document(), contents=(), figures=(), tables=(), recommendations=(), charts={})
    return pages(replace(bare, language=language, blocks=(chapter,)), scratch)


def boxed(line: Line) -> bool:
    return any(line.part_of(kind) for kind in ("recommendation", "gap", "finding"))


def test_no_title_is_the_last_line_of_a_page(printed: list[Page]) -> None:
    last = [page.lines[-1] for page in printed if page.lines and page.lines[-1].part_of("chapter")]
    assert [line.text for line in last if any(map(line.part_of, ("title", "h1", "h2", "h3", "caption", "th")))] == []


def test_the_sentence_before_terms_is_on_the_page_of_the_first_term(tmp_path: Path) -> None:
    parts = (f"{WORDS * (1 + n % 3)}\n\nThese are the terms:\n\nTerm\n\n: its meaning" for n in range(20))
    last = [page.lines[-1].text for page in chapter_pages("\n\n".join(parts), tmp_path) if page.lines]
    assert len(last) > 3
    assert "These are the terms:" not in last


def test_the_title_of_a_box_is_on_the_page_of_its_first_lines(printed: list[Page]) -> None:
    seen = 0
    for page in printed:
        for line, below in pairwise(page.lines):
            if line.part_of("badge") and boxed(line):
                seen += 1
                assert below.element("recommendation") is line.element("recommendation")
                assert below.element("gap") is line.element("gap")
    assert seen == 30


def test_priority_and_pillar_are_below_the_badge_and_beside_the_text(tmp_path: Path) -> None:
    names = ("priority", "objective", "pillar")
    placing = "\n".join(f"- [{name.title()}]{{.field .field-{name}}}: it is {name}" for name in names)
    kinds = (*((n, 1, fields) for n, fields in PAIRS), *((n, 1 + n % 3, 9) for n in range(4, 20)))
    boxes = [box("recommendation", *each).replace("- [Owner]", f"{placing}\n- [Owner]") for each in kinds]
    long = [each.replace(FIELDS["Legal basis"], WORDS * 6) for each in boxes]  # some of them are on two pages
    counts = []
    for page in chapter_pages("\n\n".join(long), tmp_path):
        for badge in (line for line in page.lines if line.part_of("badge")):
            own = [line for line in page.lines if line.element("recommendation") is badge.element("recommendation")]
            beside = [line for line in own if line.part_of("placing")]
            text = [line for line in own if not line.part_of("placing") and not line.part_of("title")]
            below = [line for line in page.lines if line.top > badge.top and line not in own]
            counts.append(len(beside))
            assert all(badge.bottom <= line.top and line.right < min(other.left for other in text) for line in beside)
            assert max(line.bottom for line in beside) <= min((line.top for line in below), default=page.foot) + 0.3
    assert counts == [counts[0]] * len(kinds)


def test_boxes_leave_no_page_half_empty(printed: list[Page]) -> None:
    full = [
        page.fill
        for chapter in chapters(printed)
        for page, after in pairwise(chapter)
        # Before a turned page, and at the end of a chapter, a page may be short.
        if not page.wide and not after.wide and page.lines and page.lines[0].part_of("chapter")
    ]
    assert len(full) > 10
    assert min(full) > 0.75


def test_lines_of_running_text_have_about_seventy_letters(printed: list[Page]) -> None:
    paragraphs: dict[object, list[str]] = {}
    for line in (line for page in printed for line in page.lines):
        paragraph = line.element("p")
        if paragraph is not None and line.part_of("chapter") and not boxed(line) and not line.part_of("title"):
            paragraphs.setdefault(paragraph, []).append(line.text)
    full = [len(text) for lines in paragraphs.values() for text in lines[:-1]]
    assert len(full) > 50
    assert 66 <= median(full) <= 76


def note_id(line: Line) -> str:
    note = line.element("footnote")
    return (note.get("id") or "") if note is not None else ""


def test_every_note_is_whole_on_the_page_of_its_call(printed: list[Page]) -> None:
    called = {name: n for n, page in enumerate(printed) for line in page.lines for name in line.calls}
    places = {(note_id(line), n, line.part_of("beside")) for n, page in enumerate(printed) for line in page.notes}
    assert sorted((name, n) for name, n, _ in places) == sorted(called.items())
    in_margin = {name for name, _, is_beside in places if is_beside}
    assert len(in_margin) > len(called) / 3
    assert len(called) - len(in_margin) > 0


def test_a_note_beside_the_last_lines_of_a_page_is_whole(tmp_path: Path) -> None:
    paragraphs = "\n\n".join(f"{WORDS * (2 + n % 3)}[^{n}] {WORDS}[^{n}b]" for n in range(30))
    notes = "\n\n".join(f"[^{n}{b}]: {n}{b} {'word ' * (24 - n % 9)}." for n in range(30) for b in ("", "b"))
    printed_pages = chapter_pages(f"{paragraphs}\n\n{notes}", tmp_path)
    places = {(note_id(line), n) for n, page in enumerate(printed_pages) for line in page.notes}
    assert sorted(places) == sorted(
        (name, n) for n, page in enumerate(printed_pages) for line in page.lines for name in line.calls
    )


def test_from_right_to_left_a_note_is_in_the_left_margin(tmp_path: Path) -> None:
    text = "یہ ایک جملہ ہے۔[^a]\n\nیہ ایک اور جملہ ہے۔\n\n[^a]: یہ حاشیہ مختصر ہے۔"
    printed_pages = chapter_pages(text, tmp_path, language="ur")
    (page,) = (page for page in printed_pages if any(line.calls for line in page.lines))
    assert [line.part_of("beside") for line in page.notes] == [True]
    assert page.notes[0].right < min(line.left for line in page.lines if line.part_of("chapter"))


def test_key_numbers_are_beside_their_lines_if_there_is_room(tmp_path: Path) -> None:
    number = "[about [7{n} million]{{.value}} crates were seen{n} *twice* [here](#sec-long)]{{.key-number}}"
    alone = "\n\n".join(WORDS * 3 + number.format(n=n) + ". " + WORDS for n in range(3))
    crowded = WORDS * 3 + " ".join(number.format(n=n) for n in (3, 4)) + f". {WORDS * 3}"
    boxed = f"| A | B |\n|--|--|\n| {number.format(n=5)} | 1 |\n\n::: finding\n{number.format(n=6)}\n:::"
    (page,) = (
        page
        for page in chapter_pages(f"{alone}\n\n{crowded}\n\n{boxed}", tmp_path)
        if any("crates" in line.text for line in page.lines)
    )
    copies = [line for line in page.notes if line.part_of("beside")]
    assert (
        " ".join(line.text for line in copies if "million" in line.text)
        == "70 million 71 million 72 million 73 million"
    )
    assert all(f"about 7{n} million crates were seen{n} twice here" in page.text for n in range(7))
    for copy in (line for line in copies if "million" in line.text):
        start = copy.text.split()[0]
        (called, *_) = [line for line in page.lines if start in line.text.split()]
        assert abs(copy.top - called.top) < 14
        assert copy.left > max(line.right for line in page.lines if line.element("p") is not None)


def test_notes_in_the_margin_have_at_most_six_lines_and_meet_nothing(printed: list[Page]) -> None:
    for page in printed:
        beside = [line for line in page.notes if line.part_of("beside")]
        assert all(sum(note_id(other) == note_id(line) for other in beside) <= 6 for line in beside)
        assert all(line.bottom <= page.foot + 0.3 for line in beside)
        for line in beside:
            others = [other for other in (*page.lines, *page.notes) if note_id(other) != note_id(line)]
            across = [o.text for o in others if o.right > line.left and o.top < line.bottom and o.bottom > line.top]
            assert across == []


def test_a_recommendation_and_a_table_of_four_rows_are_on_one_page(tmp_path: Path) -> None:
    rows = "\n".join(f"| Post {n} | {n * 7} |" for n in range(4))
    table = f"| Post | Crates |\n|:--|--:|\n{rows}\n"
    text = "\n\n".join(f"{box('recommendation', n, 1 + n % 2, 5 + n % 5)}\n\n{table}" for n in range(12))
    printed_pages = chapter_pages(text, tmp_path)
    for name in ("recommendation", "table"):
        on_pages = [{line.element(name) for line in page.lines} - {None} for page in printed_pages]
        assert sum(map(len, on_pages)) == len(set().union(*on_pages)) >= 12, name


@pytest.mark.parametrize("kind", ["gap", "finding"])
def test_boxes_are_not_split(printed: list[Page], kind: str) -> None:
    for page, after in pairwise(printed):
        split = {e for line in page.lines if (e := line.element(kind)) is not None} & {
            e for line in after.lines if (e := line.element(kind)) is not None
        }
        assert split == set()


def test_a_table_has_its_head_on_each_of_its_pages(printed: list[Page]) -> None:
    rows = [page for page in printed if any(line.text.startswith("Post 4") for line in page.lines)]
    assert len({id(page) for page in printed if "Post 3" in page.text or "Post 89" in page.text}) > 1
    assert all([line.text for line in page.lines if line.part_of("th")][:2] == ["Post", "Crates"] for page in rows)


@pytest.mark.parametrize(("language", "word"), [("en-GB", "continued"), ("ur", "جاری")])
def test_a_page_says_that_a_group_of_a_table_goes_on_on_it(language: str, word: str, tmp_path: Path) -> None:
    groups = [
        (tree.text_inlines(f"Group {n} of posts"), [[[tree.para(tree.text_inlines(WORDS))]]] * rows)
        for n, rows in enumerate((70, 3, 30, 21, 40, 33), 1)
    ]
    groups_table = tree.table([("Post", 1.0)], (), "generated", groups=[([tree.plain_block(h)], r) for h, r in groups])
    text = [groups_table, *[tree.para(tree.text_inlines(WORDS))] * 90]
    chapter = tree.div([tree.header(1, tree.text_inlines("Posts")), *text], "chapter", id="chapter-posts")
    document = replace(sample_document.document(), language=language, blocks=(chapter,))
    printed, begun = pages(document, tmp_path), set[str]()
    goes_on = []
    for page in printed:
        heads = [line.text for line in page.lines if line.text.startswith("Group ")]
        goes_on.append(bool(heads) and page.lines[0].text in begun)
        begun.update(heads)
    assert [word in page.margins for page in printed] == goes_on
    assert {True, False} == set(goes_on[goes_on.index(True) : -2])


def test_turned_pages_have_running_heads_and_numbers(printed: list[Page]) -> None:
    turned = [page for page in printed if page.wide]
    assert len(turned) == 2
    assert all(page.number.isdigit() for page in turned)
    running = [page.margins for page in turned if not any(line.part_of("h1") for line in page.lines)]
    assert running
    assert all({"A Strategy against Crates", "2\u2002Fraud"}.intersection(margins) for margins in running)


def test_an_annex_of_one_wide_table_has_its_title_on_the_same_page(printed: list[Page]) -> None:
    (page,) = (page for page in printed if page.text.startswith("A Words"))
    assert page.wide
    assert "Customs Board" in page.text


def test_findings_are_in_a_panel_at_the_head_of_a_chapter(printed: list[Page]) -> None:
    panel = [line for page in printed for line in page.lines if line.part_of("panel")]
    assert panel[0].text.endswith("At a glance")
    assert {line.element("finding") is not None for line in panel} == {True, False}
    assert not any(line.part_of("gap") for line in panel)


def test_a_reference_to_a_distant_box_gives_its_page(printed: list[Page]) -> None:
    boxes = ((page, line.element("recommendation")) for page in printed for line in page.lines)
    there = next(page for page, box in boxes if box is not None and box.get("id") == "rec-sm-1")
    text = " ".join(page.text for page in printed)
    assert f"As Recommendation SM-1 (page\xa0{there.number}) says, and more." in text
    # In its own chapter it is near.
    assert "See Recommendation SM-1, Figure 1.1, section 1.1" in text
