"""Words are found however their characters are coded: blanks, joiners, soft hyphens, letters with loose accents."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from crowd_kit import appended
from test_papers import copy

from nioc_paper.app.project import Project
from nioc_paper.check.rules.privacy import find_withheld_names
from nioc_paper.model.characters import comparable, comparable_pattern
from nioc_paper.model.lookalikes import find_lookalikes
from nioc_paper.review.exchange.incoming import find_person_id

FORMS: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "no-break space": lambda text: text.replace(" ", "\u00a0"),
    "narrow no-break space": lambda text: text.replace(" ", "\u202f"),
    "zero-width space": lambda text: f"{text[:2]}\u200b{text[2:]}",
    "zero-width non-joiner": lambda text: f"{text[:2]}\u200c{text[2:]}",
    "word joiner": lambda text: f"{text[:3]}\u2060{text[3:]}",
    "soft hyphen": lambda text: f"{text[:2]}\u00ad{text[2:]}",
    "composed": lambda text: unicodedata.normalize("NFC", text),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "Cyrillic letters": lambda text: text.translate(str.maketrans("aoeАE", "аоеАЕ")),
    "Greek letters": lambda text: text.translate(str.maketrans("oMP", "οΜΡ")),
    "full width": lambda text: text.translate({ord(c): ord(c) + 0xFEE0 for c in "adelo123"}),
    "mathematical": lambda text: text.translate({ord(c): 0x1D41A + ord(c) - ord("a") for c in "adelo"}),
    "no-break hyphen": lambda text: text.replace("-", "\u2011"),
    "entities": lambda text: f"{text[:2]}&shy;{text[2:]}".replace(" ", "&nbsp;"),
}
WORDS = {
    # word in the text: rule that reports it
    "Mr. Nöll": "alias-used-as-name",
    "Roads Departement of Ardalé": "misspelled-name",
    "load limit": "avoided-word",
    "colour-coded labor": "spelling/oxford",
    "4,321 vehicles": "evidence/number",
    "0300 1234567": "personal-data",
}
REGISTERS = {
    "contributors.yaml": (
        ("name: Roads Department of Ardale", "name: {Roads Department of Ardalé}"),
        ("aka: [Ada Nord]", 'aka: [Ada Nord, "{Mr. Nöll}"]'),
    ),
}


def findings(root: Path) -> set[tuple[str, int]]:
    """Rules and lines of the findings in the chapter about tunnels."""
    checked = Project(root).check()
    return {(d.rule, d.place.line) for d in checked.findings if d.place.path == "chapters/tunnels.md"}


def paper_with(root: Path, text_form: Callable[[str], str], register_form: Callable[[str], str]) -> dict[str, int]:
    """Write every word into a chapter, each on a line, and its register; return the lines."""
    for path, changes in REGISTERS.items():
        text = (root / path).read_text(encoding="utf-8")
        for old, new in changes:
            head, _, rest = new.partition("{")
            word, _, tail = rest.partition("}")
            assert old in text
            text = text.replace(old, f"{head}{register_form(word)}{tail}")
        (root / path).write_text(text, encoding="utf-8")
    chapter = root / "chapters" / "tunnels.md"
    lines = chapter.read_text(encoding="utf-8").splitlines()
    at = lines.index("## Gaps")
    added = [f"They say {text_form(word)} here." for word in WORDS]
    spaced = [line for sentence in added for line in (sentence, "")]
    chapter.write_text("\n".join([*lines[:at], *spaced, *lines[at:], ""]), encoding="utf-8")
    return {word: at + 1 + 2 * index for index, word in enumerate(WORDS)}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, int]]:
    """Findings for words as they are."""
    root = copy("healthy", tmp_path_factory.mktemp("plain"))
    lines = paper_with(root, str, str)
    reported = findings(root)
    assert {(rule, lines[word]) for word, rule in WORDS.items()} <= reported
    return reported


@pytest.mark.parametrize("form", FORMS)
def test_words_in_text_are_found_in_any_character_form(form: str, plain: set[tuple[str, int]], root: Path) -> None:
    paper_with(root, FORMS[form], str)
    # Of a chapter's source only the letters are searched for numbers of persons, and no entities.
    missed = {rule for rule, _ in plain - findings(root)}
    assert missed <= ({"personal-data"} if form == "entities" else set())


@pytest.mark.parametrize("form", [form for form in FORMS if form != "entities"])
def test_names_in_registers_are_found_in_any_character_form(form: str, plain: set[tuple[str, int]], root: Path) -> None:
    paper_with(root, str, FORMS[form])
    assert plain - findings(root) == set()


CODED = [form for form in FORMS if form != "entities"]
LOOKALIKES = ("Cyrillic letters", "Greek letters", "full width", "mathematical")


@pytest.mark.parametrize("form", [*LOOKALIKES, "soft hyphen", "zero-width space"])
def test_a_strange_letter_is_reported_at_its_word(form: str, root: Path) -> None:
    lines = paper_with(root, FORMS[form], str)
    rules = {"soft hyphen": "bad-character/garbled", "zero-width space": "bad-character/invisible"}
    rule = rules.get(form, "bad-character/lookalike")
    strange = {lines[word] for word in WORDS if FORMS[form](word) != word}
    assert {line for name, line in findings(root) if name == rule} == strange


@pytest.mark.parametrize(
    "text",
    [
        "TNFα, NFκB, kΩ, μg, Δt, α-PVP and πr are symbols",
        "[хлеб и соль]{lang=ru} is bread and salt",
        "Łódź, İstanbul, Ærø, naïve and Dvořák are Latin",
        "the 7th of 12 m², 5 °C and № 4",
        "دریا کا پانی",
        "Москва is a town",
    ],
)
def test_words_of_other_languages_and_symbols_are_no_lookalikes(text: str) -> None:
    assert [*find_lookalikes(text)] == []


def test_a_name_in_any_form_is_kept_from_the_public(root: Path) -> None:
    appended(root / "contributors.yaml", "  - {id: zoe, name: Zoë Nöll, kind: staff, attribution: none}\n")
    chapter = root / "chapters" / "tunnels.md"
    before, heading, after = chapter.read_text(encoding="utf-8").partition("## Gaps")
    names = "".join(f"They met {FORMS[form]('Zoë Nöll')} there.\n\n" for form in CODED)
    chapter.write_text(before + names + heading + after, encoding="utf-8")
    findings = find_withheld_names(Project(root).load().paper)
    reported = {(d.message, d.place.path, d.place.line) for d in findings}
    message, start = "Zoë Nöll is named, and is not to be named to the public", before.count("\n") + 1
    assert reported == {(message, "chapters/tunnels.md", start + 2 * number) for number in range(len(CODED))}


def test_a_person_is_known_by_a_name_in_any_form(root: Path) -> None:
    appended(root / "contributors.yaml", "  - {id: zoe, name: Zoë Nöll, kind: staff, attribution: none}\n")
    paper = Project(root).load().paper
    assert {form for form in CODED if find_person_id(paper, FORMS[form]("Zoë Nöll")) != "zoe"} == set()
    assert {form for form in CODED if paper.organization(FORMS[form]("Ardale Town Council")) is None} == set()


def test_a_fix_applies_to_a_name_in_any_form() -> None:
    for form in CODED:
        assert re.fullmatch(comparable_pattern("Mr. Nöll"), FORMS[form]("Mr. Nöll")), form
    assert not re.fullmatch(comparable_pattern("Mr. Nöll"), "Mr.Nöll")


def test_an_urdu_word_is_compared_with_and_without_its_joiner() -> None:
    assert comparable("دانش\u200cگاہ") == comparable("دانشگاہ")


def test_an_alias_of_a_person_may_be_the_name_without_accents(root: Path) -> None:
    people = '  - {id: zoe, name: Zoë Nöll, aka: [Zoe Noll, "Zoë Noll"], kind: staff}\n'
    appended(root / "contributors.yaml", f"{people}  - {{id: ann, name: Ann Ash, aka: [Zoé Noll], kind: staff}}\n")
    findings = [d for d in Project(root).check().findings if d.rule == "duplicate/alias"]
    assert [d.message for d in findings] == ["'Zoé Noll' belongs to another entry too"]
