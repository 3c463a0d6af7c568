"""Words are found however their characters are coded; characters that nobody sees are found, and come into no paper."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from rule_pages import lay
from test_papers import appended, changed, copy
from test_rules import HEALTHY

from nioc_paper import check, load
from nioc_paper.app.project import Project
from nioc_paper.check.rules.privacy import find_withheld_names
from nioc_paper.model import Diagnostic, Paper, Severity
from nioc_paper.model.characters import (
    FORBIDDEN_CHARACTERS,
    comparable,
    comparable_pattern,
    find_invisible,
    find_lookalikes,
    strip_unprintable,
    without_invisible,
)
from nioc_paper.review.exchange.today_merge import find_person_id
from nioc_paper.system.cache import Cache

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


# --- characters that nobody sees -------------------------------------------------------------------------------------

CARRIERS = (
    *("\U000e0041", "\U000e007f", "\U000e0001", "\U000e0100", "\U000e01ef", "\ufff9", "\ufffa", "\ufffb"),
    *("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u206a"),
)
"""Those that can spell words that nobody sees, or turn a text around."""
UNSEEN = (
    *("\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2060", "\u2062", "\u2064", "\ufeff", "\u180e", "\u034f"),
    *("\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\u061c", "\ufe00", "\ufe0f", "\u180b", "\u17b4"),
)
PLACES = {
    "chapter": ("chapters/tunnels.md", "The tunnel was", "The tu@nnel was"),
    "note": ("chapters/bridges.md", "not of the piers", "not of the pi@ers"),
    "code": ("chapters/bridges.md", "A bridge stands", "A `bri@dge` stands"),
    "front matter": ("chapters/tunnels.md", "closed more often each year, and", "clo@sed more often each year, and"),
    "chart": ("chapters/tunnels.md", "title: Year", "title: Ye@ar"),
    "register": ("paper/registers/decisions.yaml", "The paper is", "The pa@per is"),
    "settings": ("paper/paper.yaml", "title: Safe", "title: Sa@fe"),
    "data": ("paper/data/closures.csv", "2018,9", "20@18,9"),
    "drawing": ("paper/figures/span.svg", "The span of", "The sp@an of"),
}


def read(root: Path, cache: Cache) -> tuple[Paper, list[Diagnostic]]:
    reading: list[Diagnostic] = []
    paper = load.load(root, reading.append, cache)
    return paper, check.check(paper, date(2020, 1, 30), reading)


def modified(folder: Path, path: str, old: str, new: str) -> Path:
    root = lay((), HEALTHY, folder / "paper")
    changed(root / path, old, new)
    return root


def held(paper: Paper) -> str:
    """Every text that outputs are made of."""
    trees = json.dumps([chapter.blocks for chapter in paper.chapters], ensure_ascii=False)
    parts = [paper.settings, paper.decisions_file, *((c.front, c.charts, c.images, c.text) for c in paper.chapters)]
    pictures = [image.asset.data.decode() for c in paper.chapters for image in c.images if image.asset]
    return "".join((trees, *pictures, *map(_plain, parts)))


def _plain(value: object) -> str:
    """A value as text, with its characters unescaped."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return "".join(map(_plain, value))
    return _plain([*getattr(value, "__dict__", {}).values()]) if hasattr(value, "__dict__") else ""


def test_an_invisible_character_is_reported_by_name_at_every_place(tmp_path: Path, cache: Cache) -> None:
    for sign in (*CARRIERS[::4], *UNSEEN[::4]):
        root = lay((), HEALTHY, tmp_path / f"{ord(sign):x}")
        for path, old, new in PLACES.values():
            changed(root / path, old, new.replace("@", sign))
        paper, findings = read(root, cache)
        named = [d for d in findings if f"U+{ord(sign):04X} {unicodedata.name(sign, '')}".strip() in d.message]
        places = [(d.place.path, d.place.line, d.place.column) for d in named]
        there = [
            (path, *at) for path in {path for path, _, _ in PLACES.values()} for at in _positions(root / path, sign)
        ]
        assert len(there) == len(PLACES)
        assert sorted(places) == sorted(there), findings
        assert {d.severity for d in named} == {Severity.ERROR if sign in CARRIERS else Severity.WARNING}
        assert {d.rule for d in named} == {"bad-character/control" if sign in CARRIERS else "bad-character/invisible"}
        assert sign not in held(paper)


def _positions(file: Path, sign: str) -> list[tuple[int, int]]:
    lines = file.read_text(encoding="utf-8").split("\n")
    return [(n, match.start() + 1) for n, line in enumerate(lines, 1) for match in re.finditer(sign, line)]


@pytest.mark.parametrize("sign", CARRIERS)
def test_hidden_text_carriers_are_forbidden(sign: str) -> None:
    assert FORBIDDEN_CHARACTERS.search(sign)


def test_text_from_word_has_no_character_that_our_files_refuse() -> None:
    everything = "".join(f"a{chr(code)}b" for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF)
    text = strip_unprintable(everything)
    assert len(text) > len(everything) / 2
    assert FORBIDDEN_CHARACTERS.search(text) is None
    assert [*find_invisible(text)] == []


@pytest.mark.parametrize("sign", UNSEEN)
def test_other_invisible_characters_are_removed(sign: str) -> None:
    assert without_invisible(f"na{sign}me").replace(" ", "") == "name"
    assert [sign_and_name[0] for sign_and_name in find_invisible(f"na{sign}me")] == [sign]


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\U000e0041"])
def test_escaped_invisible_characters_are_found(tmp_path: Path, cache: Cache, sign: str) -> None:
    root = modified(tmp_path / "chapter", "chapters/tunnels.md", "The tunnel was", f"The tu&#x{ord(sign):x};nnel was")
    paper, findings = read(root, cache)
    assert [d.place.line for d in findings if f"U+{ord(sign):04X}" in d.message] == [15]
    assert sign not in held(paper)
    escaped = f'title: "Sa\\U{ord(sign):08X}fe Crossings"'
    root = modified(tmp_path / "yaml", "paper/paper.yaml", "title: Safe Crossings for Ardale", escaped)
    paper, findings = read(root, cache)
    assert [d.place.line for d in findings if f"U+{ord(sign):04X}" in d.message] == [2]
    assert sign not in held(paper)


def test_a_name_with_an_invisible_character_is_found(tmp_path: Path, cache: Cache) -> None:
    for sign in ("\u200b", "\u2060", "\ufeff"):
        words = f"Ada No{sign}rd met the council at a@roads.ar{sign}dale. The tunnel was"
        root = modified(tmp_path / str(ord(sign)), "chapters/tunnels.md", "The tunnel was", words)
        rules = {d.rule for d in read(root, cache)[1]}
        assert {"alias-used-as-name", "personal-data"} <= rules


NEEDED = {
    "Urdu": "\u0645\u06cc\u200c\u06a9\u0646\u0645 \u06c1\u200d\u06c1",
    "marks of direction in a line of Urdu": "\u0627\u0631\u062f\u0648 (\u200eABC\u200f) \u0627\u0631\u062f\u0648",
    "Devanagari": "\u0915\u094d\u200d\u0937",
    "a family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "a skin": "\U0001f469\U0001f3fd\u200d\U0001f680",
    "a heart": "\u2764\ufe0f",
    "a key": "1\ufe0f\u20e3",
    "Thai": "\u0e01\u200b\u0e02",
    "soft hyphen": "bar\u00adrier",
}


@pytest.mark.parametrize("case", NEEDED)
def test_characters_required_by_a_script_or_an_emoji_are_kept(case: str) -> None:
    assert without_invisible(NEEDED[case]) == NEEDED[case]
    assert not FORBIDDEN_CHARACTERS.search(NEEDED[case])


@pytest.mark.parametrize("text", ["a\u200cb", "\u0645\u200c\u200d\u200c\u06a9", "\u0645\u200c", "\u200d\U0001f469"])
def test_joiners_without_effect_are_removed(text: str) -> None:
    assert not {"\u200c", "\u200d"} & {*without_invisible(text)}
