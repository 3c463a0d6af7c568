"""Every word that an author types is printed or reported at its place."""

from __future__ import annotations

import csv
import re
import shutil
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from command_kit import succeed
from sample_history import edit
from test_papers import appended, changed, copy, read_tables

from nioc_paper.app.project import Project
from nioc_paper.check import check
from nioc_paper.check.rules.hand_typed_references import find_typed_citations
from nioc_paper.check.rules.markup import foreign_syntax
from nioc_paper.check.rules.quoted_and_repeated import other_year
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage
from nioc_paper.load import load
from nioc_paper.model import Chapter, Diagnostic, FrontMatter, Paper, Reference, References
from nioc_paper.tree import LANGUAGE_ATTRIBUTES, TYPES_WITH_ATTR
from nioc_paper.tree.own_markdown import ELEMENTS

HEALTHY = Path(__file__).parents[1] / "papers" / "healthy"
TABLES = read_tables("typed_words")
SLIPS = TABLES["slips"]
FINE = TABLES["fine"]
RULES = {rule for _, rule, _ in SLIPS} | {"unread-mark/foreign", "unread-mark/audience"}


def findings(
    folder: Path, texts: tuple[str, ...], rules: Collection[str] = RULES
) -> tuple[list[str], list[Diagnostic]]:
    """Lines of a chapter with these texts, and the findings of some rules in it."""
    root = Path(shutil.copytree(HEALTHY, folder / "paper"))
    file = root / "chapters" / "tunnels.md"
    file.write_text("\n\n".join([file.read_text(encoding="utf-8"), *texts, ""]), encoding="utf-8")
    reading: list[Diagnostic] = []
    findings = check(load(root, reading.append), date(2020, 1, 30), reading)
    in_chapter = [d for d in findings if d.place.path == "chapters/tunnels.md" and d.rule in rules]
    return file.read_text(encoding="utf-8").split("\n"), in_chapter


HABITS = (
    # What users of another tool type, the rule that finds it, the words at its place, and what the hint asks for.
    ("- [ ] ask the bank", "slip/left-over", "ask", ""),
    ("* [x] Ask the bank", "slip/left-over", "Ask", ""),
    ("[ ] Ask the bank", "slip/left-over", "[ ]", ""),
    ("– one\n– two", "unread-mark/swallowed", "– two", "- one\n- two"),
    (
        "1. one\n    - two\n```\na = 1\n\nb = 2\n```",
        "unread-mark/swallowed",
        "```",
        "1. one\n    - two\n\n```\na = 1\n\nb\n```",
    ),
    ("$$\nx = y\n$$ {#eq:one}", "unread-mark/swallowed", "{#eq", "$$\nx = y\n$$ {#eq-one}"),
    ("::: {.callout-caution}\nWords.\n:::", "unread-mark/class", ":::", "::: {.warning}\nWords.\n:::"),
    ("It is ``so'' there.", "unread-mark/foreign", "``so", 'It is "so" there.'),
    ("It is ``so'' and ``then'' more.", "unread-mark/foreign", "``so", 'It is "so" and "then" more.'),
    (":memo: Words of it", "unread-mark/foreign", ":memo:", "Words of it"),
    ("#Piers", "unread-mark/foreign", "#Piers", "### Piers"),
    ("#roads #tunnels/old", "unread-mark/foreign", "#roads", ""),
    ("Recommendation 1 asks for it.", "typed/number", "Rec", "@rec-tu-notice asks for it."),
    ("**Recommendation 1:** Close it.", "typed/number", "Rec", "@rec-tu-notice: Close it."),
    ("This shows in Fig. 1.", "typed/number", "Fig", "This shows in @fig-tu-closures."),
    ("As [said above](#recommendations).", "dead-link", "[said", "As [said above](#sec-tunnels)."),
)


@pytest.mark.parametrize(("typed", "rule", "words", "right"), HABITS)
def test_a_habit_of_another_tool_is_found_and_its_hint_works(
    typed: str, rule: str, words: str, right: str, tmp_path: Path
) -> None:
    lines, reported = findings(tmp_path / "typed", (typed,), {rule})
    line = lines.index(typed.partition("\n")[0]) + typed[: typed.index(words)].count("\n")
    assert {d.place.line for d in reported} == {line + 1}
    assert lines[line][reported[0].place.column - 1 :].startswith(words)
    assert findings(tmp_path / "right", (right,), {rule})[1] == []


def test_the_number_of_another_body_s_recommendation_is_no_slip(tmp_path: Path) -> None:
    others = ("FATF asks for it in Recommendation 1.", "The task force's Recommendation 1 is old.")
    sourced = (
        "Recommendation 1 is old [@survey2019].",
        "Recommendation 40 is on borders.",
        "Recommendation 1 of the FATF.",
    )
    assert findings(tmp_path, (*others, *sourced), {"typed/number"})[1] == []


def test_a_slip_is_reported_at_its_place(tmp_path: Path) -> None:
    lines, diagnostics = findings(tmp_path, tuple(source for source, _, _ in SLIPS))
    text = "\n".join(lines)
    expected = []
    for source, rule, words in SLIPS:
        before = text[: text.index(source) + source.index(words)]
        expected.append((rule, before.count("\n") + 1, len(before) - before.rfind("\n")))
    reported = [(d.rule, d.place.line, d.place.column) for d in diagnostics]
    assert [slip for slip in expected if slip not in reported] == [], [r for r in reported if r not in expected]


def test_ordinary_text_is_not_reported(tmp_path: Path) -> None:
    assert findings(tmp_path, FINE)[1] == []


def test_a_command_of_tex_is_reported_once(tmp_path: Path) -> None:
    texts = (
        "See \\ref{fig-x}.",
        "See \\autoref{sec-tu-x}.",
        "As \\cite{survey2019} says.",
        "See \\label{tbl-x} there.",
    )
    _, diagnostics = findings(tmp_path, texts)
    assert [d.rule for d in diagnostics] == ["unread-mark/raw"] * len(texts)
    assert [d.hint for d in diagnostics[:3]] == ["write @sec-ID, @fig-ID or @tbl-ID"] * 2 + ["write [@KEY]"]


def test_a_line_of_colons_behind_a_block_is_reported_in_its_line(tmp_path: Path) -> None:
    block = "::: {#gap-tu-o .gap}\nWords.\n:::"
    lines, diagnostics = findings(tmp_path, (block, "::: details Title\nWords.\n:::"))
    assert {lines[d.place.line - 1] for d in diagnostics if "begins no block" in d.message} <= {"::: details Title"}


# --- forms of other tools ---------------------------------------------------------------------------------------------

FORMS_OF_OTHERS = read_tables("foreign_syntax")
FOREIGN = FORMS_OF_OTHERS["foreign"].split("\n") + FORMS_OF_OTHERS["blocks"].split("|")


def found_lines(folder: Path, text: str) -> dict[int, str]:
    (folder / "chapters").mkdir()
    (folder / "paper").mkdir()
    (folder / "chapters" / "a.md").write_text(f"---\nid: a\n---\n\n{text}\n", encoding="utf-8")
    paper = load(folder, lambda _: None)
    findings = list(foreign_syntax(paper, ChapterText(paper.chapters[0])))
    lines = paper.chapters[0].text.split("\n")
    for finding in findings:
        excerpt = finding.message.split("'")[1].removesuffix("…")
        assert lines[finding.place.line - 1].startswith(excerpt, finding.place.column - 1)
        assert finding.hint
    return {finding.place.line - 4: finding.message for finding in findings}


def test_every_form_of_another_tool_is_reported_in_its_line(tmp_path: Path) -> None:
    text, starts = "", []
    for form in FOREIGN:
        starts.append(text.count("\n") + 1)
        text += f"{form}\n\n"
    reported = found_lines(tmp_path, text)
    assert [form for form, start in zip(FOREIGN, starts, strict=True) if start not in reported] == []
    assert sorted(reported) == starts


def test_every_form_is_reported_in_a_text_without_any_other() -> None:
    for form in FOREIGN:
        chapter = Chapter("chapters/a.md", FrontMatter(), f"\n\n{form}\n")
        assert list(foreign_syntax(Paper(), ChapterText(chapter))), form


def test_our_own_syntax_and_ordinary_signs_are_not_reported(tmp_path: Path) -> None:
    assert found_lines(tmp_path, FORMS_OF_OTHERS["ours"]) == {}


# --- classes and attributes: all that an element has, and no others ---------------------------------------------------


NAME_RULES = {"unread-mark/class", "unread-mark/attribute", "unread-mark/audience"}
FORMS = TABLES["forms"]
ALL_CLASSES = {name for element in ELEMENTS.values() for name in element.attributes_by_class if name}


def sources(words: str, form: str, number: int) -> tuple[str, str]:
    """Source with some words in braces, and all before the place of the finding."""
    text = form.replace("$", words).replace("€", str(number))
    before, _, after = text.partition("§")
    return before + after, before


def faults() -> Iterator[tuple[str, str]]:
    """Yield each form with each fault."""
    for kind, form in FORMS:
        others = sorted(ALL_CLASSES - {*ELEMENTS[kind].attributes_by_class})
        for fault in (".confidential", ".restrictd", ".equation", "onclick=x", *(f".{name}" for name in others)):
            yield form, fault


def known() -> Iterator[tuple[str, str]]:
    """Yield each form with each class that it may have, and all attributes of that."""
    values = {"width": "50%", "height": "8cm", "list": "gaps", "to": "bridges", "lang": "fr", "dir": "ltr"}
    for kind, form in FORMS:
        words = ELEMENTS[kind].attributes_by_class
        for name in {"", *words} - {"chart", "table"}:
            attributes = (*LANGUAGE_ATTRIBUTES, *words.get("", ()), *words.get(name, ()))
            yield form, f".{name} " * bool(name) + " ".join(f"{a}={values.get(a, 'Words')}" for a in attributes)


def test_every_element_is_in_the_vocabulary() -> None:
    assert set(ELEMENTS) == set(TYPES_WITH_ATTR)


def test_an_unknown_name_is_an_error_at_its_place(tmp_path: Path) -> None:
    cases = [sources(fault, form, number) for number, (form, fault) in enumerate(faults())]
    lines, diagnostics = findings(tmp_path, tuple(text for text, _ in cases), NAME_RULES)
    assert {d.severity.name for d in diagnostics} == {"ERROR"}
    source, offset, expected = "\n".join(lines), 0, []
    for text, before in cases:
        offset = source.index(f"\n\n{text}\n", offset) + 2
        above = source[: offset + len(before)]
        expected.append((above.count("\n") + 1, len(above) - above.rfind("\n"), text))
    reported = {(d.place.line, d.place.column) for d in diagnostics}
    assert [case for case in expected if case[:2] not in reported] == []
    assert len(diagnostics) == len(cases)


def test_known_names_are_free(tmp_path: Path) -> None:
    cases = [sources(words, form, number)[0] for number, (form, words) in enumerate(known())]
    assert findings(tmp_path, tuple(cases), NAME_RULES)[1] == []


def test_languages_of_code_and_read_classes_are_free(tmp_path: Path) -> None:
    texts = ("```mermaid\nx\n```", "``` {.r}\nx\n```", "`x`{.c++}", "<https://example.org>", "$$x$$ {#eq-tu-x}")
    assert findings(tmp_path, texts, NAME_RULES)[1] == []


def test_hint_has_the_near_name(tmp_path: Path) -> None:
    texts = ("[It]{.key-numbr} is.", "::: {.findings}\nIt is.\n:::", "### It is {.unumbered}", "[It]{lng=fr} is.")
    _, diagnostics = findings(tmp_path, texts, NAME_RULES)
    near = ("key-number", "finding", "unnumbered", "lang")
    assert [d.hint for d in sorted(diagnostics, key=lambda d: d.place)] == [f"did you mean '{name}'?" for name in near]


# --- owners and supporters of recommendations, however they are typed -------------------------------------------------

FULL, SHORT = "Roads Department of Ardale", "RDA"
LOCKS = "Office of Locks, Ardale"
TYPED = TABLES["typed"]
BOX = "::: {{#rec-br-typed-{0} .recommendation}}\nClose bridge {0}.\n\n- Owner: {1}\n- By: 2020-12-31\n:::\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper with a recommendation for each way of typing an owner, its website and its spreadsheets."""
    folder = copy("healthy", tmp_path_factory.mktemp("owners"))
    other = f'aka: [Road Department]}}\n  - {{id: locks, name: "{LOCKS}"}}'
    edit(folder, "contributors.yaml", ("acronym: RDA}", f"acronym: RDA, {other}"))
    annex = "  - {title: Plan, list: action-plan}\nsite: {progress: true}\n"
    edit(folder, "paper/paper.yaml", ("list: acronyms}\n", f"list: acronyms}}\n{annex}"))
    boxes = "\n".join(BOX.format(n, typed) for n, typed in enumerate(TYPED, 1))
    edit(folder, "chapters/bridges.md", ("## Recommendations\n", f"## Recommendations\n\n{boxes}"))
    for command in (("site", "--downloads", "none"), ("export", "--to", "csv")):
        succeed(folder, *command)
    return folder


def page(root: Path, name: str) -> str:
    (file,) = (root / "dist/site").glob(name)
    return file.read_text(encoding="utf-8").replace("\u00a0", " ")


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def test_the_page_of_owners_lists_each_body_once_under_its_full_name(root: Path) -> None:
    heads = re.findall(r'<h2 id="owner-\d+">(.*?) <span class="how">(\d+)</span>', page(root, "owners.html"))
    rows = [(re.sub(r"<[^>]*>|[\u2066-\u2069]", "", name), count) for name, count in heads]
    owners = [name for _, _, names in TYPED.values() for name in names]
    expected = {name: str(owners.count(name)) for name in owners}
    expected[FULL] = str(int(expected[FULL]) + 1)  # of the paper itself
    assert dict(rows) == {**expected, "Ardale Town Council": "1"}


def test_a_chapter_prints_no_id_and_no_other_spelling(root: Path) -> None:
    fields = re.findall(r'field-owner">[^<]*</span>(.*?)</li>', page(root, "bridges.html"), re.DOTALL)
    assert [words(field) for field in fields[:-1]] == ["; ".join(names) for names, _, _ in TYPED.values()]


def test_the_action_plan_has_short_names(root: Path) -> None:
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page(root, "annex-action-plan.html"), re.DOTALL)
    cells = {
        words(cell[1]): words(cell[2]) for row in rows if len(cell := re.findall(r"<td.*?</td>", row, re.DOTALL)) > 2
    }
    held = [cells[f"Close bridge {n}."] for n in range(1, len(TYPED) + 1)]
    assert held == ["; ".join(names) for _, names, _ in TYPED.values()]


def test_the_spreadsheet_has_the_words_of_the_chapter(root: Path) -> None:
    (file,) = (root / "dist").rglob("*recommendations.csv")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = {row["Text"]: row["Owner"].replace("\u00a0", " ") for row in csv.DictReader(lines)}
    held = [rows[f"Close bridge {n}."] for n in range(1, len(TYPED) + 1)]
    assert held == ["; ".join(names) for names, _, _ in TYPED.values()]


# --- citations typed in every form, and what is given twice -----------------------------------------------------------

AUTHORS = ("World Bank", "Ministry of the Interior", "UNODC", "UNODC/WHO", "Khan & Lee", "Khan, Lee and Roy")
DATES = ("2018", "2018a", "March 2018", "n.d.", "forthcoming", "2018, p. 12", "2018: 12")
CITED_FORMS = ("({}, {}).", "(see {}, {}).", "[{}, {}].", "(the {}, {}).")
NAMED = (
    "According to the {} (2018), it rains.",
    "{} (2018) found rain.",
    "It rains; see {} (2018).",
    "The {}'s (2018) count",
)


@pytest.mark.parametrize(
    "text",
    [
        *(f"It rains {form.format(author, day)}" for form, author, day in product(CITED_FORMS, AUTHORS, DATES)),
        *(form.format(author) for form, author in product(NAMED, AUTHORS[:3])),
    ],
)
def test_a_typed_citation_is_found(text: str) -> None:
    assert [*find_typed_citations(Paper(), text)]


@pytest.mark.parametrize("text", ["rain.[12] It", "rain [see 12]", "rain.[3, 4]", "(ibid., p. 4)", "op. cit., 12"])
def test_a_number_or_latin_word_for_a_source_is_found(text: str) -> None:
    assert bool([*find_typed_citations(Paper(), text)]) == ("see" not in text)


@pytest.mark.parametrize(
    "text",
    ["(Market Square, Ardale, 1934)", "(Act IV of 1998)", "(March 2018)", "Mill Lane (1871) is long", "(Table 3)"],
)
def test_a_place_a_law_and_a_date_are_no_citation(text: str) -> None:
    assert [*find_typed_citations(Paper(), text)] == []


LAW = Reference(id="lights", type="legislation", title="Tunnel Lights Act, 1998")


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        *product(
            (
                "the Tunnel Lights Act, {}",
                "the Tunnel Lights Act (TLA), {}",
                "the Lights Act of {}",
                "the Act ({})",
                "Act IV of {}",
            ),
            (True, False),
        )
    ],
)
def test_another_year_of_a_law_is_found_where_the_law_is_meant(text: str, *, cited: bool) -> None:
    paper = Paper(references_file=References(references=(LAW,)))
    names_it = "Lights" in text
    for year in ("1989", "1998"):
        words = f"Lamps burn under {text.format(year)}."
        chapter = ChapterText(Chapter("a.md", FrontMatter(title="A", status="", category=""), ""))
        vars(chapter)["passages"] = (Passage("a.md", words, keys=((len(words) - 1, "lights"),) if cited else ()),)
        assert bool([*other_year(paper, chapter)]) == (year == "1989" and (cited or names_it))


NATURAL = {
    "• a bullet\n• another": "unread-mark/swallowed",
    "- [ ] ask the bank": "slip/left-over",
    "It broke on 22/11/2019.": "slip/date",
    "It broke on 22.11.2019.": "slip/date",
    "See recommendation 1.": "typed/number",
    "Ada Norht asked for lamps.": "misspelled-name",
}
"""What authors type in other programs, and the rule that finds it."""


def test_what_other_programs_would_read_is_found(tmp_path: Path) -> None:
    paper = copy("healthy", tmp_path)
    chapter = paper / "chapters/tunnels.md"
    chapter.write_text("\n\nIt rains.\n\n".join([chapter.read_text("utf-8"), *NATURAL]), "utf-8")
    rules = Counter(d.rule for d in Project(paper).check().findings)
    assert Counter(NATURAL.values()) - rules == Counter()


SENTENCE = "The keeper of the gate sleeps beside the road."
TWICE = {
    "sentence": f"{SENTENCE}\n\nIt rains. {SENTENCE}",
    "row": "| A | B | C |\n|---|---|---|\n| North | lamps | |\n| South | gates | |\n| North | lamps | |\n",
    "key": "| Year | Lamps |\n|---|---|\n| 2016 | 1 |\n| 2017 | 2 |\n| 2017 | 3 |\n| 2018 | 4 |\n",
    "rows without a key": "| Year | Gates |\n|---|---|\n| 2016 | 1 |\n| | 2 |\n| | 3 |\n| 2018 | 4 |\n",
    "item": "- new lamps\n- new gates\n- new lamps",
    "citation": "It rains [@survey2019; @survey2019].",
}


def test_what_is_given_twice_is_found_once(tmp_path: Path) -> None:
    tmp_path = copy("healthy", tmp_path)
    chapter = tmp_path / "chapters/tunnels.md"
    chapter.write_text(chapter.read_text("utf-8") + "\n" + "\n\n".join(TWICE.values()), "utf-8")
    appended(tmp_path / "paper/data/closures.csv", "2019,15\n")
    contributors = tmp_path / "contributors.yaml"
    body = "  - {id: town, name: The Town Council of Ardale}\npeople:"
    changed(contributors, "people:", body)
    rules = [d.rule for d in Project(tmp_path).check().findings if d.rule.startswith(("repeated", "duplicate"))]
    assert sorted(rules) == sorted(["duplicate/person", "repeated/sentence", *["repeated/row"] * 5])


@pytest.mark.parametrize("name", ["Owner", "Closes"])
@pytest.mark.parametrize(
    ("opening", "is_found"),
    [
        ("", True),
        ("::: {.note}\n", True),
        ("> - of others\n\n1. one\n\n   ", True),
        ("::: {#gap-tu-new .gap}\n", False),
    ],
)
def test_a_line_of_a_recommendation_in_no_block_is_found(
    name: str, opening: str, tmp_path: Path, *, is_found: bool
) -> None:
    text = f"{opening}- {name}: RDA, and more words" + "\n:::" * opening.startswith(":::")
    lines, in_chapter = findings(tmp_path, (text,), {"unknown-field"})
    places = [(d.place.line, d.place.column) for d in in_chapter if d.message.endswith("in no block")]
    line = next(number for number, words in enumerate(lines, 1) if f"{name}: RDA, and" in words)
    assert places == [(line, lines[line - 1].index(name) + 1)] * is_found
