"""No edit in Word is lost, doubled, or changes a record that it does not touch: a table of kinds and places."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace
from office_kit import needs_office
from word_edits import (
    KINDS,
    LOSSES,
    SPOTS,
    WHOLES,
    add_contents,
    cases,
    drop_cap,
    edits,
    judge_saved,
    parse_nodes,
    registers,
    sent,
    take_out,
    verdict,
)
from word_kit import Edited, resaved

from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import incoming

FINE = ("in", "said", "ignored", "none", "refused")
RUN = 60
"""Files that LibreOffice saves in one run."""
PLACES = 1
"""Places at which LibreOffice saves an edit of each kind, others for each; all under --long."""


SELDOM = ("further out", "typed behind the number")
"""Kinds that few places have: nested items, and paragraphs with a number of their own."""


def sample(kind: str) -> list[tuple[str, str, str, bool]]:
    """Cases of a kind: tracked or not, with marks or without, each at a place of its own."""
    turn, step = list(KINDS).index(kind), len(SPOTS)  # an odd number: the steps go through all four
    return [*cases([kind])][turn % step :: step]


def test_every_place_has_every_way_to_edit_in_the_sample() -> None:
    assert {case[1:] for kind in KINDS for case in sample(kind)} == {case[1:] for case in cases()}
    assert all(len({case[2:] for case in sample(kind)}) == 4 for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_is_applied_or_reported_and_changes_no_other_record(kind: str, request: pytest.FixtureRequest) -> None:
    every = request.config.getoption("--long") or kind in SELDOM
    chosen = [*cases([kind])] if every else sample(kind)
    outcomes = {
        (place, author, lost): verdict(kind, place, author, marks_lost=lost) for _, place, author, lost in chosen
    }
    assert {case: outcome for case, outcome in outcomes.items() if outcome not in FINE} == {}
    assert {"in", "ignored", "said"} & set(outcomes.values())


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("author", ["", "Ben"])
@pytest.mark.parametrize("whole", [*WHOLES, *SPOTS])
def test_what_is_taken_out_is_gone_in_the_name_of_its_author(whole: str, author: str, lost: bool) -> None:
    chapter, data, base = sent()
    file = Edited(data, author)
    file = take_out(file, *WHOLES[whole]) if whole in WHOLES else file.drop(SPOTS[whole].words)
    if lost:
        LOSSES["character styles"](file.strip())
    merged = incoming.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert {edit.author for edit in merged.edits} <= {author}
    assert {conflict.author for conflict in merged.conflicts} <= {author}
    if whole in WHOLES and whole not in ("table without its caption", "row"):
        first, following = (chapter.text.find(words) for words in WHOLES[whole])
        assert not merged.conflicts
        assert WHOLES[whole][0] not in merged.apply_to(chapter.text)
        assert chapter.text[following:] in merged.apply_to(chapter.text) or first < 0 or following < 0


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
    merged = incoming.merge_received(chapter, base, received, parse_nodes)
    text = merged.apply_to(chapter.text)
    assert (merged.conflicts, text.count(new)) == ((), 1 + chapter.text.count(new))
    assert not old or text == chapter.text.replace(old, new)


DECORATIONS: Mapping[str, Callable[[Edited, str], object]] = {
    "a drop cap": drop_cap,
    "a list of contents": add_contents,
    "zero-width characters": lambda e, words: e.replace(words[1:], f"{words[1]}\u200b{words[2:]}\ufeff", within=words),
}


@pytest.mark.parametrize("author", ["", "Ben"])
@pytest.mark.parametrize(
    ("kind", "place"),
    [
        (kind, place)
        for kind, (place, spot) in itertools.product(DECORATIONS, SPOTS.items())
        if spot.joins and (kind != "a drop cap" or place not in ("note", "title of a callout"))
    ],
)
def test_decorations_are_no_words(kind: str, place: str, author: str) -> None:
    chapter, data, base = sent()
    file = Edited(data, author)
    DECORATIONS[kind](file, SPOTS[place].words)
    merged = incoming.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert (merged.conflicts, merged.apply_to(chapter.text)) == ((), chapter.text)


@pytest.mark.parametrize(
    "day",
    ["31/03/2022", "30th March, 2022", "March 1st, 2022", "2/2/2022", "the 1st of May 2022", "3/4/2022", "soon", "—"],
)
@pytest.mark.parametrize("field", ["By", "Owner", "Indicator"])
def test_a_value_is_a_day_or_words_or_reported(field: str, day: str) -> None:
    chapter, data, base = sent()
    old = {"By": "31\u00a0December 2020", "Owner": "RD", "Indicator": "share of bridges inspected"}[field]
    file = Edited(data, "Ben").replace(old, day)
    merged = incoming.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
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
    chosen = list(edits(len(SPOTS) * 2 if request.config.getoption("--long") else PLACES))
    places, files = [case for case, _ in chosen], [sent()[1], *(file.save() for _, file in chosen)]
    assert {kind for kind, _, _ in places} == set(KINDS)
    assert {place for _, place, _ in places} == set(SPOTS)
    unedited, *saved = [data for at in range(0, len(files), RUN) for data in resaved(*files[at : at + RUN])]
    outcomes = {case: judge_saved(case[0], case[1], data, unedited) for case, data in zip(places, saved, strict=True)}
    assert {case: outcome for case, outcome in outcomes.items() if outcome not in FINE} == {}


@pytest.mark.parametrize(("first", "second"), [*itertools.combinations_with_replacement(LOSSES, 2)])
def test_losses_of_a_program_are_no_changes(first: str, second: str) -> None:
    chapter, data, base = sent()
    file = Edited(data).replace("seven old bridges", "seven new bridges")
    LOSSES[first](file)
    LOSSES[second](file)
    merged = incoming.merge_received(chapter, base, docx_reader.read_docx(file.package), parse_nodes)
    assert merged.apply_to(chapter.text) == chapter.text.replace("seven old bridges", "seven new bridges")
    lost = {name for name in (first, second) if name in ("formatting", "paragraph styles")}
    assert len(merged.conflicts) == len(lost)
    assert all("the program that saved it has lost them" in c.reason for c in merged.conflicts)


def test_the_table_has_enough_kinds() -> None:
    assert len(KINDS) * len(SPOTS) >= 1000
