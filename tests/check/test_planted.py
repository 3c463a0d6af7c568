"""Faults planted where an editor would expect a finding, and sentences that only look like faults.

`planted/faults` is a paper. A line of it that ends with a mark and the names of rules has a finding of each, at that
line: ⟸ marks faults that anybody would see, ⟵ finer ones. A `?` before a name says that the rule does not see it yet.
All other lines have none. `planted/places` is a paper with a gap, {}, in every place where words can be.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rounds import few
from test_papers import read_tables

from nioc_paper import check, load
from nioc_paper.check.rule_tables import PASSAGE_RULES, RULES, WORD_RULES, rule_name
from nioc_paper.check.rules import slips
from nioc_paper.check.text.passages import Passage
from nioc_paper.model import Diagnostic, Place
from nioc_paper.model.characters import comparable
from nioc_paper.system.cache import Cache

PLANTED = Path(__file__).parents[1] / "planted"
TODAY = date(2020, 1, 30)
_MARK = re.compile(r"[ \t]*(?:#[ \t]*)?(?P<mark>[⟸⟵]) (?P<rules>[a-z?,/ -]+)$", re.MULTILINE)
_TEXT_FILES = (".md", ".yaml", ".csv")
Found = tuple[str, int, str]
"""Path, line and rule."""


def lay(paper: Path, root: Path, fill: Callable[[str], str] = lambda _line: "") -> set[tuple[str, int]]:
    """Copy a paper without its marks; `fill` gives the words of each gap. Return the lines with such words."""
    filled = set()
    for file in (f for f in paper.rglob("*") if f.is_file()):
        target = root / file.relative_to(paper)
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix in _TEXT_FILES:
            lines = _MARK.sub("", file.read_text()).split("\n")
            words = [fill(line) if "{}" in line else "" for line in lines]
            filled |= {(file.relative_to(paper).as_posix(), number) for number, word in enumerate(words, 1) if word}
            target.write_text("\n".join(a.replace("{}", b) for a, b in zip(lines, words, strict=True)))
        else:
            target.write_bytes(file.read_bytes())
    return filled


def findings_of(root: Path) -> list[Diagnostic]:
    reading: list[Diagnostic] = []
    paper = load.load(root, reading.append, Cache(None))
    return check.check(paper, TODAY, reading, merged=False)


def marks(sign: str) -> Iterator[tuple[Found, bool]]:
    """Yield the planted faults, and whether they are listed as found."""
    for file in sorted((PLANTED / "faults").rglob("*")):
        lines = file.read_text().split("\n") if file.suffix in _TEXT_FILES else []
        for number, line in enumerate(lines, 1):
            if (mark := _MARK.search(line)) and mark["mark"] == sign:
                for rule in mark["rules"].split(", "):
                    path = file.relative_to(PLANTED / "faults").as_posix()
                    yield (path, number, rule.lstrip("?")), not rule.startswith("?")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Counter[Found]:
    """Findings in the paper with planted faults."""
    root = tmp_path_factory.mktemp("faults")
    lay(PLANTED / "faults", root)
    return Counter((d.place.path, d.place.line, d.rule) for d in findings_of(root))


@pytest.mark.parametrize(("sign", "cases", "share"), [("⟸", 107, 0.95), ("⟵", 65, 0.6)], ids=["plain", "finer"])
def test_faults_are_found_at_their_lines(planted: Counter[Found], sign: str, cases: int, share: float) -> None:
    expected = [*marks(sign)]
    claimed = Counter(where for where, is_found in expected if is_found)
    assert claimed - planted == Counter(), "not found"
    assert Counter(where for where, is_found in expected if not is_found) & planted == Counter(), "found after all"
    assert len(expected) >= cases
    assert claimed.total() >= share * len(expected)


def test_innocent_sentences_give_no_findings(planted: Counter[Found]) -> None:
    expected = Counter(where for sign in "⟸⟵" for where, _ in marks(sign))
    assert planted - expected == Counter()
    innocent = [line for file in (PLANTED / "faults").glob("**/innocent*.md") for line in file.read_text().split("\n")]
    assert len([line for line in innocent if line.strip()]) >= 130


TABLES = read_tables("planted")
PROBES = TABLES["probes"]
RULES_ABOUT_OWN_WORDS = frozenset(rule_name(entry[0]) for entry in WORD_RULES)
_WORDS_OF_OTHERS = re.compile(r"Survey {}|paper {} is|quotation with|in a frame|Department {}")
"""Quotations, minutes, names and titles of sources."""


def test_every_rule_about_words_has_a_probe() -> None:
    assert {rule_name(entry[0]) for entry in RULES if entry in (*WORD_RULES, *PASSAGE_RULES)} - {
        "spelling/unlikely"
    } <= PROBES.keys()


@pytest.mark.parametrize("rule", PROBES)
def test_a_fault_is_found_in_every_printed_text(rule: str, tmp_path: Path) -> None:
    count = itertools.count()

    def fill(line: str) -> str:
        is_left_out = rule in RULES_ABOUT_OWN_WORDS and _WORDS_OF_OTHERS.search(line)
        is_title = rule == "typed/number" and re.search(r"#|title:", line)  # a title may begin with "Table 3"
        letters = "".join(chr(65 + part) for part in divmod(next(count), 26))
        return "" if is_left_out or is_title else PROBES[rule].replace("#", letters)

    expected = lay(PLANTED / "places", tmp_path, fill)
    lines = {(d.place.path, d.place.line) for d in findings_of(tmp_path) if d.rule == rule}
    assert expected - lines == set(), "not found"
    assert lines - expected == set(), "found elsewhere"


WORDS = st.sampled_from(
    [
        *("the", "the", "a", "an", "31", "November", "2019", "XX", "per", "cent", "Monday,", "0000", "(Khan"),
        *("2018)", "45%", "(", ")", "[", "]", "“", "”", "..", ",", ",", "3,5", "km", "1", "in", "10", "ﬁ", "â€™"),
        *("___", "99999999999999999999", "٣١", "2020–2019", "every", "third", "should"),
    ]
)


def as_passage(text: str, place: Place) -> Passage:
    return Passage(place.path, comparable(text), offsets=(0,), positions=((place.line, place.column),))


@few(40)
@given(st.lists(st.one_of(WORDS, st.text(max_size=3)), max_size=12).map(" ".join))
def test_no_text_breaks_a_rule(text: str) -> None:
    passage = as_passage(text, Place("a.md", 7, 3))
    for rule, _ in PASSAGE_RULES:
        assert all(finding.place.line == 7 and finding.message for finding in rule(passage))


ALPHABET = st.characters(max_codepoint=127, include_characters="–—§")
SIGNED: dict[str, tuple[re.Pattern[str], Callable[[str], object]]] = {
    "slip/left-over": (slips._LEFT_OVER, lambda text: [*slips.left_over(as_passage(text, Place("a.md")))]),
    **{f"date {n}": (pattern, sign.search) for n, (sign, pattern) in enumerate(slips._DATES)},
    **{f"range {n}": (pattern, slips._SIGN_OF_RANGE.search) for n, pattern in enumerate(slips._RANGES)},
}
"""Patterns that are searched for only in texts with a sign, and functions that find it or what the pattern finds."""


@pytest.mark.parametrize("name", SIGNED)
@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_every_text_with_a_fault_has_its_sign(name: str, data: st.DataObject) -> None:
    pattern, find = SIGNED[name]
    compiled = re.compile(pattern.pattern, pattern.flags)  # a late pattern is no `re.Pattern`
    text = re.sub(r"\s", " ", data.draw(st.from_regex(compiled, alphabet=ALPHABET)))
    assert find(text) or not compiled.search(text)
