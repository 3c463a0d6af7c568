"""Characters that nobody sees come into no paper: each is found at its place, by its name, wherever it is written."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from rule_pages import lay
from test_rules import HEALTHY

from nioc_paper import check, load
from nioc_paper.model import Diagnostic, Paper, Severity
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS, find_invisible, strip_unprintable, without_invisible
from nioc_paper.system.cache import Cache

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


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache"))


def read(root: Path, cache: Cache) -> tuple[Paper, list[Diagnostic]]:
    reading: list[Diagnostic] = []
    paper = load.load(root, reading.append, cache)
    return paper, check.check(paper, date(2020, 1, 30), reading)


def changed(folder: Path, path: str, old: str, new: str) -> Path:
    root = lay((), HEALTHY, folder / "paper")
    change(root / path, old, new)
    return root


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


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
            change(root / path, old, new.replace("@", sign))
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
    root = changed(tmp_path / "chapter", "chapters/tunnels.md", "The tunnel was", f"The tu&#x{ord(sign):x};nnel was")
    paper, findings = read(root, cache)
    assert [d.place.line for d in findings if f"U+{ord(sign):04X}" in d.message] == [15]
    assert sign not in held(paper)
    escaped = f'title: "Sa\\U{ord(sign):08X}fe Crossings"'
    root = changed(tmp_path / "yaml", "paper/paper.yaml", "title: Safe Crossings for Ardale", escaped)
    paper, findings = read(root, cache)
    assert [d.place.line for d in findings if f"U+{ord(sign):04X}" in d.message] == [2]
    assert sign not in held(paper)


def test_a_name_with_an_invisible_character_is_found(tmp_path: Path, cache: Cache) -> None:
    for sign in ("\u200b", "\u2060", "\ufeff"):
        words = f"Ada No{sign}rd met the council at a@roads.ar{sign}dale. The tunnel was"
        root = changed(tmp_path / str(ord(sign)), "chapters/tunnels.md", "The tunnel was", words)
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
