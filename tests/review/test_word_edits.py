"""No edit in Word is lost, doubled, or changes a record that it does not touch: a table of kinds and places."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import pytest
from msgspec.structs import replace
from office_kit import needs_office
from word_edits import (
    KINDS,
    LOSSES,
    SPOTS,
    WHOLES,
    add_contents,
    add_form_field,
    body,
    cases,
    drop_cap,
    edits,
    hyphenate,
    judge,
    judge_saved,
    parse,
    parse_nodes,
    paste_over,
    registers,
    sent,
    take_out,
    type_over,
    verdict,
)
from word_kit import Edited, resaved

from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements, parse_element, qn, remove_element
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.docx.bookmarks import add_bookmarks
from nioc_paper.review.docx.docx_text import Paragraph
from nioc_paper.review.exchange import today_merge
from nioc_paper.review.merge import chapter_diff, chapter_merge, new_items, rejected_changes, table_changes
from nioc_paper.review.merge.chapter_merge import MergeResult

FINE = ("in", "said", "ignored", "none", "refused")
RUN = 60
"""Files that LibreOffice saves in one run."""
OFTENER = ("typed behind the number", "emptied", "pasted over", "pasted over by two")
"""Kinds that depend much on the place: a ninth of all cases, in all four ways."""


def sample(kind: str) -> list[tuple[str, str, str, bool]]:
    """Cases of a kind at places of its own: two of the four ways (tracked, without marks) if another has the others."""
    turn, step = list(KINDS).index(kind), len(SPOTS)  # an odd number: the steps go through all four
    chosen = [*cases([kind])][turn % step :: step]
    return chosen[2:] if turn >= step else chosen[:2] if turn + step < len(KINDS) else chosen


def test_every_place_has_every_way_to_edit_in_the_sample() -> None:
    assert {case[1:] for kind in KINDS for case in sample(kind)} == {case[1:] for case in cases()}
    assert all(len({case[2:] for case in sample(kind)}) > 1 for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_is_applied_or_reported_and_changes_no_other_record(kind: str, request: pytest.FixtureRequest) -> None:
    every = request.config.getoption("--long") or kind == "further out"  # which nested items alone have
    chosen = [*cases([kind])] if every else [*cases([kind])][::9] if kind in OFTENER else sample(kind)
    outcomes = {
        (place, author, lost): verdict(kind, place, author, marks_lost=lost) for _, place, author, lost in chosen
    }
    assert {case: outcome for case, outcome in outcomes.items() if outcome not in FINE} == {}
    assert {"in", "ignored", "said"} & set(outcomes.values())


@pytest.mark.parametrize("whole", [*WHOLES, *SPOTS])
def test_what_is_taken_out_is_gone_in_the_name_of_its_author(whole: str) -> None:
    """At every other place changes are tracked, and at every other pair of places the program has lost its marks."""
    chapter, data, base = sent()
    number = [*WHOLES, *SPOTS].index(whole)
    author = ("", "Ben")[number % 2]
    file = Edited(data, author)
    file = take_out(file, *WHOLES[whole]) if whole in WHOLES else file.drop(SPOTS[whole].words)
    if number % 4 > 1:
        LOSSES["character styles"](file.strip())
    merged = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert {edit.author for edit in merged.edits} <= {author}
    assert {conflict.author for conflict in merged.conflicts} <= {author}
    if whole in WHOLES and whole not in ("table without its caption", "row"):
        first, following = (chapter.text.find(words) for words in WHOLES[whole])
        assert not merged.conflicts
        assert WHOLES[whole][0] not in merged.apply_to(chapter.text)
        assert chapter.text[following:] in merged.apply_to(chapter.text) or first < 0 or following < 0


SIGNS = {
    "•": ("first item of", "bullet", "\uf0b7"),
    "\uf0b7": ("first item of", "bullet", "\uf0b7"),
    "o": ("nested item lies", "bullet", "o"),
    "–": ("hammer finds hollow", "bullet", "–"),
    "1.": ("each bridge by", "decimal", "%1."),
    "(b)": ("each bridge by", "lowerLetter", "(%1)"),
    "iv)": ("each bridge by", "lowerRoman", "%1)"),
    "2.1": ("each bridge by", "decimal", "%1.%2"),
}
"""Signs as Word writes them, and the items and the kinds of lists that show them."""


@pytest.mark.parametrize("also", [False, True])
@pytest.mark.parametrize("sign", SIGNS)
def test_the_sign_of_a_list_that_became_text_stays_out(sign: str, also: bool) -> None:
    words, kind, shown = SIGNS[sign]
    chapter, data, _ = sent()
    file, number = Edited(data), get_attribute(find_element(Edited(data).paragraph(words), "w:pPr/w:numPr/w:numId"))
    root = file.package.xml_root("word/numbering.xml")
    abstract = next(n for n in iter_elements(root, "w:num") if get_attribute(n, "w:numId") == number)
    for level in iter_elements(root, "w:lvl"):
        if get_attribute(level.getparent(), "w:abstractNumId") == get_attribute(abstract[0]):
            for tag, value in (("w:numFmt", kind), ("w:lvlText", shown)):
                next(iter_elements(level, tag)).set(qn("w:val"), value)
    base = docx_reader.read_docx(file.package)
    paragraphs = [*file.paragraphs()] if also else [file.paragraph(words)]
    for mark in [mark for paragraph in paragraphs for mark in iter_elements(paragraph, "w:numPr")]:
        next(mark.iterancestors(qn("w:pPr"))).addnext(parse_element(f"<w:r><w:t>{sign}</w:t><w:tab/></w:r>"))
        remove_element(mark)
    merged = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert "became a paragraph" in " ".join(conflict.reason for conflict in merged.conflicts)
    assert also or merged.apply_to(chapter.text) == chapter.text


LABELS = {
    "gap-br-01": "Gap BR-G1",
    "gap-tu-01": "Gap TU-G1",
    "eq-br-total": "equation 1.1",
    "eq-tu-sum": "equation 2.1",
}
TYPED: Mapping[str, tuple[Callable[[Edited], object], str, str]] = {
    "a field": (lambda e: e.add("number of engineers", "Closes: Gap BR-G1", like=True), "", "- Closes: gap-br-01\n"),
    "a field of two": (
        lambda e: e.add("number of engineers", "Closes: Gap TU-G1, Gap BR-G1", style="RecommendationFields"),
        "",
        "- Closes: gap-tu-01, gap-br-01\n",
    ),
    "another gap": (
        lambda e: e.replace("BR-G1", "TU-G1", within="Closes"),
        "- Closes: gap-br-01\n",
        "- Closes: gap-tu-01\n",
    ),
    "half a label": (
        lambda e: e.replace("BR", "TU", within="Closes"),
        "- Closes: gap-br-01\n",
        "- Closes: gap-tu-01\n",
    ),
    "another equation": (
        lambda e: e.replace("equation\u00a01.1", "equation 2.1"),
        "See @eq-br-total.",
        "See @eq-tu-sum.",
    ),
}
"""Labels typed as the file shows them, and the words that they make of others."""


@pytest.mark.parametrize("author", ["", "Ben"])
@pytest.mark.parametrize("typed", TYPED)
def test_labels_are_read_as_ids(typed: str, author: str) -> None:
    edit, old, new = TYPED[typed]
    chapter, data, base = sent()
    file = Edited(data, author)
    edit(file)
    received = replace(docx_reader.read_docx(file.package), printed_labels=LABELS)
    merged = today_merge.merge_received(chapter, base, received, parse_nodes)
    text = merged.apply_to(chapter.text)
    assert (merged.conflicts, text.count(new)) == ((), 1 + chapter.text.count(new))
    assert not old or text == chapter.text.replace(old, new)


DECORATIONS: Mapping[str, Callable[[Edited, str], object]] = {
    "a drop cap": drop_cap,
    "a list of contents": add_contents,
    "an empty form field": add_form_field,
    "hyphens": hyphenate,
    "zero-width characters": lambda e, words: e.replace(words[1:], f"{words[1]}\u200b{words[2:]}\ufeff", within=words),
}


@pytest.mark.parametrize("author", ["", "Ben"])
@pytest.mark.parametrize("kind", DECORATIONS)
def test_decorations_are_no_words(kind: str, author: str, request: pytest.FixtureRequest) -> None:
    """A file has them at every third place; under --long at one."""
    chapter, data, base = sent()
    places = [place for place, spot in SPOTS.items() if spot.joins]
    if kind == "a drop cap":
        places = [place for place in places if place not in ("note", "title of a callout")]
    step = len(places) if request.config.getoption("--long") else 3
    for start in range(step):
        file = Edited(data, author)
        for place in places[start::step]:
            DECORATIONS[kind](file, SPOTS[place].words)
        merged = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
        assert (merged.conflicts, merged.apply_to(chapter.text)) == ((), chapter.text), places[start::step]


@pytest.mark.parametrize("value", [None, "1", "true", "on", "0", "false", "off"])
def test_a_control_is_left_out_only_as_long_as_it_shows_its_prompt(value: str | None) -> None:
    chapter, data, base = sent()
    file, words = Edited(data, ""), SPOTS["paragraph"].words
    add_form_field(file, words)
    if value:
        next(iter_elements(file.package.body, "w:showingPlcHdr")).set(qn("w:val"), value)
    merged = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert ("Click here." in merged.apply_to(chapter.text)) == (value in ("0", "false", "off"))


@pytest.mark.parametrize("target", [*SPOTS][::3])
def test_a_restricted_passage_is_moved_nowhere(target: str) -> None:
    chapter, data, base = sent()
    author = ("", "Ben")[[*SPOTS].index(target) % 2]
    file = Edited(data, author).move("kept from readers", SPOTS[target].words)
    merged = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert "::: restricted\nTheir names are kept" in merged.apply_to(chapter.text)
    assert merged.apply_to(chapter.text).count("kept from readers") == 1


def test_a_new_first_item_is_in_the_list_below() -> None:
    chapter, data, base = sent()
    file = Edited(data)
    KINDS["list item behind"](file, SPOTS["bold words"])
    merged = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert "\n\n- Nobody asked for it.\n- the first item of several\n" in merged.apply_to(chapter.text)


@pytest.mark.parametrize(
    "day",
    ["31/03/2022", "30th March, 2022", "March 1st, 2022", "2/2/2022", "the 1st of May 2022", "3/4/2022", "soon", "—"],
)
@pytest.mark.parametrize("field", ["By", "Owner", "Indicator"])
def test_a_value_is_a_day_or_words_or_reported(field: str, day: str) -> None:
    chapter, data, base = sent()
    old = {"By": "31\u00a0December 2020", "Owner": "RD", "Indicator": "share of bridges inspected"}[field]
    file = Edited(data, "Ben").replace(old, day)
    merged = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    value = registers(merged.apply_to(chapter.text))[f"rec-br-01.{field.lower()}"]
    is_known = day != "—" and (field != "By" or day not in ("3/4/2022", "soon"))
    assert bool(merged.conflicts) is not is_known
    assert (
        value in ((re.fullmatch(r"2022-\d\d-\d\d", value) or [""])[0], day)
        if is_known
        else value in (old, "2020-12-31")
    )


@needs_office
def test_an_edit_comes_in_or_is_said_after_libreoffice_has_saved_it(request: pytest.FixtureRequest) -> None:
    """Every third kind at one place; each at all under --long."""
    count, step = (len(SPOTS) * 2, 1) if request.config.getoption("--long") else (1, 3)
    chosen = list(edits(count))[::step]
    places, files = [case for case, _ in chosen], [sent()[1], *(file.save() for _, file in chosen)]
    assert {kind for kind, _, _ in places} == {*[*KINDS][::step]}
    unedited, *saved = [data for at in range(0, len(files), RUN) for data in resaved(*files[at : at + RUN])]
    outcomes = {case: judge_saved(case[0], case[1], data, unedited) for case, data in zip(places, saved, strict=True)}
    assert {case: outcome for case, outcome in outcomes.items() if outcome not in FINE} == {}


@pytest.mark.parametrize(("first", "second"), [*itertools.combinations_with_replacement(LOSSES, 2)][::2])
def test_losses_of_a_program_are_no_changes(first: str, second: str) -> None:
    chapter, data, base = sent()
    file = Edited(data).replace("seven old bridges", "seven new bridges")
    LOSSES[first](file)
    LOSSES[second](file)
    merged = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert merged.apply_to(chapter.text) == chapter.text.replace("seven old bridges", "seven new bridges")
    lost = {name for name in (first, second) if name in ("formatting", "paragraph styles")}
    assert len(merged.conflicts) == len(lost)
    assert all("the program that saved it has lost them" in c.reason for c in merged.conflicts)


# --- white space ------------------------------------------------------------------------------------------------------


Change = Callable[[str], str]
"""Makes other words of three in a row."""
CHANGES: Mapping[str, Change] = {
    "quotation marks on all": lambda w: f"“{w}”",
    "quotation marks on the first": lambda w: "“{}” {} {}".format(*w.split()),
    "quotation marks on the last": lambda w: "{} {} “{}”".format(*w.split()),
    "brackets on all": lambda w: f"({w})",
    "brackets on the last": lambda w: "{} {} ({})".format(*w.split()),
    "a word before": lambda w: f"surely {w}",
    "a word behind": lambda w: f"{w} indeed",
    "a comma behind the first": lambda w: w.replace(" ", ", ", 1),
    "a dash for a space": lambda w: w.replace(" ", "—", 1),
    "a slash for a space": lambda w: w.replace(" ", "/", 1),
    "spaces around a dash": lambda w: w.replace(" ", " – ", 1),
    "no space": lambda w: w.replace(" ", "", 1),
    "a space in a word": lambda w: f"{w[:-1]} {w[-1]}",
}
PLACES_OF_WORDS = [place for place in SPOTS if place not in ("summary", "title of a callout")]
"""Not the words that are attributes or front matter in the source."""


def spaced(paragraphs: Iterable[Paragraph]) -> list[list[tuple[str, bool]]]:
    """Words and spaces of paragraphs, without citations and the like."""
    return [[(t.normalized, t.space_before) for t in p.tokens if not t.atom] for p in paragraphs]


def is_end(part: Sequence[tuple[str, bool]], whole: Sequence[tuple[str, bool]]) -> bool:
    """Whether a paragraph is the end of another one: Word has numbers before titles and captions."""
    return bool(part) and whole[-len(part) + 1 :] == part[1:] and whole[-len(part)][0] == part[0][0]


@pytest.mark.parametrize("name", CHANGES)
def test_white_space_is_as_in_word(name: str, request: pytest.FixtureRequest) -> None:
    """Every other change is tracked."""
    chapter, data, base = sent()
    author = ("", "Ben")[[*CHANGES].index(name) % 2]
    before = spaced(add_bookmarks(parse(body(chapter.text))).paragraphs)
    # A file has the change at every other place, as neighbours share paragraphs; under --long at one place.
    step = len(PLACES_OF_WORDS) if request.config.getoption("--long") else 2
    for places in (PLACES_OF_WORDS[start::step] for start in range(step)):
        file = Edited(data, author)
        for place in places:
            file.replace(SPOTS[place].words, CHANGES[name](SPOTS[place].words))
        received = docx_reader.read_docx(file.package)
        merged = today_merge.merge_received(chapter, base, received, parse_nodes)
        assert merged.conflicts == (), places
        there = spaced(passage.paragraph for passage in received.passages)
        here = spaced(add_bookmarks(parse(body(merged.apply_to(chapter.text)))).paragraphs)
        changed = [paragraph for paragraph in here if paragraph not in before]
        assert len(changed) == len(places), changed
        for one in changed:
            assert any(is_end(one, other) for other in there if len(other) >= len(one)), one


# --- words moved from one part into another, and cells filled ---------------------------------------------------------


PARTS = {
    "text": "The last paragraph closes this chapter.",
    "item": "the second item is longer",
    "quotation": "A quoted passage of somebody else.",
    "cell": "poor and rusty",
    "note": "The year of the first opening counts here.",
    "box": "An engineer walked over each bridge.",
    "warning": "Never park below loose stones.",
}


def merged(file: Edited) -> tuple[str, MergeResult]:
    chapter, _, base = sent()
    result = today_merge.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    return result.apply_to(chapter.text), result


def move(file: Edited, words: str, target: str, *, keeps_paragraph: bool) -> None:
    """Words cut, and pasted as a paragraph behind another one; a cell keeps an empty paragraph."""
    old: Element = file.paragraph(words)
    fresh = parse_element(f"<w:p><w:r><w:t>{words}</w:t></w:r></w:p>")
    file.paragraph(target).addnext(fresh)
    if keeps_paragraph:
        for run in list(iter_elements(old, "w:r")):
            remove_element(run)
    else:
        remove_element(old)


@pytest.mark.parametrize(("start", "end"), [*itertools.permutations(PARTS, 2)])
def test_words_are_never_in_two_parts_or_in_none(start: str, end: str) -> None:
    """At every other pair of parts the old paragraph stays, empty."""
    chapter, data, _ = sent()
    file = Edited(data)
    move(file, PARTS[start], PARTS[end], keeps_paragraph=[*PARTS].index(start) < [*PARTS].index(end))
    text, result = merged(file)
    assert text.count(PARTS[start]) == 1, text
    assert result.conflicts or text != chapter.text


@pytest.mark.parametrize("marks_lost", [False, True])
@pytest.mark.parametrize("author", ["", "Ben"])
def test_rows_and_cells_come_in(author: str, *, marks_lost: bool) -> None:
    chapter, data, _ = sent()
    head = "| Under the town | rests upon stone<br>and timber beams below |\n"
    file = Edited(data, author).drop_row("East of town").add_row("West of town", "North of town", "")
    file.add_row("North of town", "", "never *seen* | by us").delete("good and sound")
    if marks_lost:
        file.strip()
    text, result = merged(file)
    assert not result.conflicts
    rows = "| West of town |  |\n| North of town |  |\n|  | never \\*seen\\* \\| by us |\n"
    old = "| East of town | poor and rusty |\n| West of town | good and sound |\n"
    assert text == chapter.text.replace(old + head, rows + head)
    assert {edit.author for edit in result.edits} == {author}


def test_new_words_of_one_cell_stay_together_beside_an_emptied_cell() -> None:
    file = Edited(sent()[1])
    type_over(file.paragraph("poor and rusty"), "")
    paste_over(file, "West of town", "Zebras gallop", "Otters swim")
    _, result = merged(file)
    assert not result.edits
    assert any("West of town" in c.base and "Zebras gallop | Otters swim" in c.edited for c in result.conflicts)


# --- faults in a part of a merge --------------------------------------------------------------------------------------


FAULTY_PARTS = (
    (rejected_changes.KindCheck, "report"),
    (new_items.ItemEditor, "add"),
    (chapter_diff._ChapterDiff, "add_passage"),
    (chapter_diff._ChapterDiff, "remove_passage"),
    (rejected_changes.KindCheck, "report_generated"),
    (table_changes._TableCheck, "_has_same_shape"),
    (chapter_diff, "diff_passages"),
    (chapter_merge, "margin_conflicts"),
    (today_merge, "_make_edit"),
)
EDITS: Mapping[tuple[str, str], Callable[[Edited], object]] = {
    **{
        (kind, place): partial(lambda kind, place, file: KINDS[kind](file, SPOTS[place]), kind, place)
        for kind, place in (
            ("word replaced", "emphasis"),
            ("made bold", "restricted passage"),
            ("parted", "last paragraph"),
            ("joined with the next", "between boxes"),
            ("taken out", "between boxes"),
            ("taken out", "cell"),
            ("taken out", "emphasis"),
            ("moved to the end", "bold words"),
            ("sentence behind", "bold words"),
            ("field behind", "field"),
            ("gap behind", "between boxes"),
            ("note put in", "last paragraph"),
            ("text box", "bold words"),
            ("made a heading", "bold words"),
            ("further in", "last item"),
            ("list item behind", "item"),
            ("word replaced", "summary"),
            ("word replaced", "field"),
        )
    },
    ("row put in", "cell"): lambda file: file.add_row("West of town", "South of town", "unknown"),
    ("row taken out", "cell"): lambda file: file.drop_row("West of town"),
    ("note taken out", "note"): lambda file: file.drop_note("the first opening"),
}


OTHER = "boulders"
"""New word of another passage, in which no fault is planted."""


def with_edit(make: Callable[[Edited], object]) -> Edited:
    file = Edited(sent()[1])
    make(file)
    return file.replace("stones", OTHER)


def plant(patch: pytest.MonkeyPatch, owner: object, name: str, spared: str) -> list[str]:
    """Plant a fault in a part, unless it gets the spared word; returns a list of its calls."""
    original, calls = getattr(owner, name), list[str]()

    def fail(*args: object, **kwargs: object) -> object:
        if spared in repr((args[1:], kwargs)):
            return original(*args, **kwargs)
        calls.append(name)
        raise KeyError("planted")

    patch.setattr(owner, name, fail)
    return calls


@pytest.mark.parametrize(("owner", "name"), FAULTY_PARTS)
def test_a_fault_is_reported_and_loses_no_other_change(
    owner: object, name: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Of the edits at least a third, others for each part, until the part has a task; all under --long."""
    calls = plant(monkeypatch, owner, name, "no such word" if name == "margin_conflicts" else OTHER)
    start, least = 2 * FAULTY_PARTS.index((owner, name)), len(EDITS) if request.config.getoption("--long") else 7
    turned = [*EDITS.items()][start:] + [*EDITS.items()][:start]
    for number, ((kind, place), make) in enumerate(turned):
        if calls and number >= least:
            break
        outcome = judge(kind, SPOTS[place], with_edit(make))
        is_note_kept = kind == "note taken out" and "year of the first opening" in outcome.text
        assert outcome.verdict in ("in", "said") or is_note_kept, (kind, place)
        assert OTHER in outcome.text, (kind, place)
    assert calls
