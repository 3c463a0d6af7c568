"""Every rule by its page: of this rule the bad example gives exactly the findings on the page, the good one none.

A hint that names a replacement works: typed literally, the finding is gone and no other comes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import rule_pages

from nioc_paper import check, load
from nioc_paper.app.rule_explanations import all_explanations, split_pages
from nioc_paper.check import rule_tables
from nioc_paper.check.rule_tables import covers, rule_name
from nioc_paper.model import Diagnostic
from nioc_paper.report.findings.line_formats import format_line
from nioc_paper.system import pandoc, processes
from nioc_paper.system.cache import Cache

TESTS = Path(__file__).parents[1]
HEALTHY = TESTS / "papers" / "healthy"
FILES = sorted(TESTS.glob("rules/*.md"))
PAGES = [(file, title) for file in FILES for title in split_pages(file.read_text(encoding="utf-8"))]
TODAY = date(2020, 1, 30)
_QUOTED = re.compile(r"'([^']+)'")
_REPLACEMENT = re.compile(r"(?:^|; |, )(?:write|did you mean) '([^'…]+)'(?=[,?.;]|$)")
"""A text in quotation marks after "write" or "did you mean"; with '…' it is a form, and no text."""

Agree = Callable[[Path, str], None]


@pytest.fixture(autouse=True)
def _little_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pandoc gives up a passage that it cannot read after a short time."""
    run = pandoc.run
    monkeypatch.setattr(pandoc, "run", lambda *args, **limits: run(*args, **{**limits, "seconds": 0.4}))
    monkeypatch.setattr(processes, "_POLL_SECONDS", 0.1)


def findings_of(root: Path, cache: Cache, rules: str = "rules") -> list[Diagnostic]:
    reading: list[Diagnostic] = []
    paper = load.load(root, reading.append, cache)
    return check.check(paper, TODAY, reading, cache, rules)


@contextmanager
def alone(rule: str) -> Iterator[None]:
    """Run no other rule of the tables; all of them if this one is in none."""
    with pytest.MonkeyPatch.context() as patch:
        if rule in {rule_name(entry[0]) for entry in rule_tables.RULES}:
            for table in ("PAPER_RULES", "CHAPTER_RULES", "TEXT_RULES", "PASSAGE_RULES", "COMPARISONS"):
                at = table == "COMPARISONS"
                entries = [entry for entry in getattr(rule_tables, table) if rule_name(entry[at]) == rule]
                patch.setattr(check, table, entries)
        yield


def short(diagnostics: list[Diagnostic]) -> str:
    return "".join(f"{format_line(d)}\n" for d in diagnostics)


def replacement(diagnostic: Diagnostic, line: str) -> tuple[str, str] | None:
    """Old and new words of a hint, if the old ones are at the place of the finding."""
    if diagnostic.fix:
        return diagnostic.fix.old, diagnostic.fix.new
    new = _REPLACEMENT.search(diagnostic.hint)
    rest = line[diagnostic.place.column - 1 :]
    olds = [old for old in _QUOTED.findall(diagnostic.message) if rest.startswith(old)]
    return (max(olds, key=len), new[1]) if new and olds else None


def followed(root: Path, diagnostic: Diagnostic) -> bool:
    """Follow the hint of a finding; False if it names no replacement."""
    file = root / diagnostic.place.path
    if not file.is_file() or file.suffix not in (".md", ".yaml", ".csv"):
        return False
    lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    before, rest = "\n".join([*lines[: diagnostic.place.line - 1], ""]), "\n".join(lines[diagnostic.place.line - 1 :])
    if not (words := replacement(diagnostic, rest)):
        return False
    start, (old, new) = diagnostic.place.column - 1, words
    if not rest.startswith(old, start):
        return False
    file.write_text(before + rest[:start] + new + rest[start + len(old) :], encoding="utf-8")
    return True


def counts_of(diagnostics: list[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((d.rule, d.message) for d in diagnostics)


def useless_hints(page: rule_pages.Page, before: list[Diagnostic], folder: Path, cache: Cache) -> Iterator[str]:
    """Yield the hints of a bad example that do not work: followed, the finding stays or another one comes.

    Of findings of one kind with one form of hint the first is asked.
    """
    forms = set()
    for number, diagnostic in enumerate(before):
        root, form = folder / str(number), (diagnostic.rule, _QUOTED.sub("", diagnostic.hint))
        if covers(page.rule, diagnostic.rule) and (diagnostic.hint or diagnostic.fix) and form not in forms:
            if not followed(rule_pages.lay(page.bad, HEALTHY, root), diagnostic):
                continue
            forms.add(form)
            after = counts_of(findings_of(root, cache))
            gone, new = counts_of(before) - after, after - counts_of(before)
            if not gone or new:
                yield f"{diagnostic.message}; {diagnostic.hint}: {'' if gone else 'is still there'} {[*new]}"


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    shown = {title for _, title in PAGES} | {kind for file, title in PAGES for kind in kinds_of(file, title)}
    assert shown == {*all_explanations()}
    assert all(title.partition("/")[0] == file.stem for file, title in PAGES)


def test_every_rule_of_the_checker_has_a_bad_and_a_good_example() -> None:
    pages = [rule_pages.parse(split_pages(file.read_text(encoding="utf-8"))[title]) for file, title in PAGES]
    complete = [page.rule for page in pages if page.bad and page.good]
    rules = {rule_name(rule) for rule, _ in rule_tables.RULES}
    assert [rule for rule in rules if not any(covers(rule, page) or covers(page, rule) for page in complete)] == []


def kinds_of(file: Path, rule: str) -> list[str]:
    """The kinds that a page shows: those of its rule that have no page, or the rule itself."""
    kinds = [name for name in all_explanations() if name.startswith(f"{rule}/") and (file, name) not in PAGES]
    return kinds or [rule]


NEAR_EMPTY = (
    *("", " ", "\n", "#", "## ", "## Gaps", ":::", "::: {.restricted}\n:::", "::: recommendation\n:::", "```", "~~~"),
    *("```{.chart}\n```", "```{.table}\n```", "-", "1.", ">", "|", "| |\n|-|", ":", "[^1]", "[^1]:", "[]()", "![]()"),
    *("[]{}", "[]{.restricted}", "@", "[@]", "**", "** **", "$$", "<", "<!-- -->", "<!-- allow: -->", "{", "{#}"),
    *("\\", "…"),
)
"""Chapters of a mark or two: what a rule takes for granted is not there."""


FRONTS = {
    "no front": "",
    "empty front": "---\n---\n",
    "front": "---\nid: {}\ntitle: A\ncategory: tunnels\nstatus: review\n---\n",
}


@pytest.mark.parametrize("front", FRONTS)
def test_rules_need_no_first_line_and_no_first_element(front: str, tmp_path: Path, cache: Cache) -> None:
    root = rule_pages.lay([], HEALTHY, tmp_path / "paper")
    for number, text in enumerate(NEAR_EMPTY):
        name = f"empty-{number:02}"
        (root / "chapters" / f"{name}.md").write_text(FRONTS[front].format(name) + text)
    lines = {file.name: len(file.read_text().split("\n")) for file in root.glob("chapters/*.md")}
    places = [d.place for d in findings_of(root, cache) if d.place.path.startswith("chapters/")]
    assert len(places) > len(NEAR_EMPTY)
    assert [place for place in places if not 1 <= place.line <= lines[Path(place.path).name]] == []


def test_an_empty_says_is_filled_in() -> None:
    text = "# rule\n\n## Bad\n\n```file a\nb\n```\n\n## Says\n{}\n## Good\n\n```file a\nc\n```\n"
    filled = text.format("\n```text\na:1:1: error[rule] wrong\n```\n")
    for empty in ("", "\n```text\n```\n", "\n```text\nold\n```\n"):
        assert rule_pages.update(text.format(empty), "a:1:1: error[rule] wrong\n") == filled


def test_the_healthy_paper_has_no_findings(cache: Cache) -> None:
    assert short(findings_of(HEALTHY, cache)) == ""


@pytest.mark.parametrize(("file", "rule"), PAGES, ids=[title for _, title in PAGES])
def test_page(file: Path, rule: str, tmp_path: Path, cache: Cache, agree: Agree) -> None:
    whole = file.read_text(encoding="utf-8")
    text = split_pages(whole)[rule]
    page = rule_pages.parse(text)
    bad = findings_of(rule_pages.lay(page.bad, HEALTHY, tmp_path / "bad"), cache) if page.bad else []
    says = short([d for d in bad if covers(page.rule, d.rule)])
    agree(file, whole.replace(text, rule_pages.update(text, says)))
    not_shown = [kind for kind in kinds_of(file, rule) if f"[{kind}]" not in says]
    assert not not_shown or not page.bad, "the bad example shows something else"
    with alone(page.rule):
        good = findings_of(rule_pages.lay(page.good, HEALTHY, tmp_path / "good"), cache, page.rule) if page.good else []
    assert short([d for d in good if covers(page.rule, d.rule)]) == ""
    assert [*useless_hints(page, bad, tmp_path, cache)] == []
