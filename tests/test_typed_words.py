"""Every word that an author types is printed or reported at its place."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path

import pytest

from nioc_paper.check import check
from nioc_paper.load import load
from nioc_paper.model import Diagnostic
from nioc_paper.tree import LANGUAGE_ATTRIBUTES, TYPES_WITH_ATTR
from nioc_paper.tree.own_forms import ELEMENTS

HEALTHY = Path(__file__).parent / "papers" / "healthy"
SLIPS = (
    # Source, the rule, and the words at its place.
    ("It leaks [@survey2019, @count2018].", "unread-mark/citation", "@count2018"),
    ("It leaks [see @survey2019 and @count2018, p. 3].", "unread-mark/citation", "@count2018"),
    ("It leaks [@survey2019 @count2018].", "unread-mark/citation", "@count2018"),
    ("| A | B |\n|---|---|\n| 1 | 2 | surplus |", "uneven-row", "surplus"),
    ("A | B\n--|--\n1 | 2 | surplus", "uneven-row", "surplus"),
    ("> | A | B |\n> |---|---|\n> | 1 | 2 | surplus |", "uneven-row", "surplus"),
    ("| A | B | surplus |\n|:-:|--:|\n| 1 | 2 |", "uneven-row", "surplus"),
    ("| A | B |\n|---|---|\n| alone |", "uneven-row", "| alone |"),
    ("| A | B |\n|---+---|\n| `a|b` | c\\|d | surplus |", "uneven-row", "surplus"),
    ("| A | B |\n|---|---|\n| 1 | 2 |\n\n: One\n\n: Two", "unread-mark/swallowed", ": Two"),
    ("![It](paper/figures/x.png){#fig-x alt=”A line …”}", "unread-mark/swallowed", "{#fig-x"),
    ("![It](paper/figures/x.png){alt=“A line” width=40%}", "unread-mark/swallowed", "{alt="),
    ("### Hawala {sec-tu-hawala}", "unread-mark/swallowed", "{sec-tu-hawala}"),
    ("### Hawala {#sec-tu-hawala .x", "unread-mark/swallowed", "{#sec-tu-hawala"),
    ("### Hawala {#sec-tu-hawala} again", "unread-mark/swallowed", "{#sec-tu-hawala}"),
    ("### Hawala {#sec-tu-one #sec-tu-two}", "unread-mark/attribute", "#sec-tu-one"),
    ("+---+---+\n| A | B |\n+===+===+\n| 1 | 2 | surplus |\n+---+---+", "uneven-row", "surplus"),
    ("+---+---+\n| A | B | surplus |\n+===+===+\n| 1 | 2 |\n+---+---+", "uneven-row", "surplus"),
    ("+---+---+\n| A | B |\n+===+===+---------+\n| 1 | 2 | surplus |\n+---+---+---------+", "uneven-row", "surplus"),
    ("> +---+---+\n> | A | B |\n> +===+===+\n> | 1 | 2 | surplus |\n> +---+---+", "uneven-row", "surplus"),
    ("- +---+---+\n  | A | B |\n  +===+===+\n  | longer | surplus |\n  +---+---+", "uneven-row", "surplus"),
    ("+---+---+\n| A | B |\n+===+===+\n| 1 | 2 | `surplus` |\n+---+---+", "uneven-row", "`surplus`"),
    ("### Hawala {# sec-tu-hawala}", "unread-mark/swallowed", "{# sec-tu-hawala}"),
    ("### Hawala #sec-tu-hawala}", "unread-mark/swallowed", "#sec-tu-hawala}"),
    ("### Hawala (#sec-tu-hawala)", "unread-mark/swallowed", "(#sec-tu-hawala)"),
    ("![It](paper/figures/span.svg){#fig-tu-y alt=‘One’}", "unread-mark/swallowed", "alt=‘One’"),
    ("Words [in Urdu]{lang=”ur”} here.", "unread-mark/swallowed", "lang=”ur”"),
    (":::{warning}\nWords.\n:::", "unread-mark/class", ":::{warning}"),
    (":::tip[Title]\nWords.\n:::", "unread-mark/class", ":::tip[Title]"),
    ("::: {.gap #gap-tu-n}\n:::: note(x)\nWords.\n::::\n:::", "unread-mark/class", ":::: note(x)"),
    ("In [12 bridges]{.key-numbr} of them.", "unread-mark/class", "12 bridges]"),
    ("\\newpage", "unread-mark/raw", "\\newpage"),
    ("Words.[^undefined]", "unread-mark/note", "[^undefined]"),
    ("::: {#gap-tu-x .gap}\nWords.\n\n- Type: law\n- Type: money\n:::", "duplicate/field", "Type: money"),
    ("::: {#gap-tu-y .gap}\nWords.\n\n- Type: law\n- evidence: money\n:::", "unknown-field", "evidence: money"),
    (
        "::: {#rec-tu-x .recommendation}\nWords.\n\n- By: 2020-12-31\n- By: 2021-12-31\n:::",
        "duplicate/field",
        "By: 2021",
    ),
    ("[1]: Survey of 2019", "unprinted-words", "[1]: Survey"),
    ("::: {.table}\n| Pipes | B |\n|---|---|\n| 1 | 2 |\n:::", "unprinted-words", "Pipes"),
    ("::: {.generated list=gaps}\nWords here\n:::", "unprinted-words", "Words here"),
    ("::: {#gap-tu-z .gap}\nWords.\n\n- Type: law\n    - below it\n:::", "unprinted-words", "below it"),
)
FINE = (
    "| A | B |\n|---|---|\n| `a|b` | $|x|$ |\n| c\\|d | [e](https://example.org) |\n| 1 | | |\n",
    "1.  - | A | B |\n      |---|---|\n      | 1 | 2 |",
    "term\n:   | A | B |\n    |---|---|\n    | 1 | 2 |",
    "> (a) A | B\n>     --|--\n>     1 | 2",
    "A set {a, b}, {a} and {see below}; C:\\Users\\name\\small and \\\\server\\large.",
    "It leaks [see @survey2019, p. 3; @count2018, ch. 2] as in @survey2019 [p. 4; @count2018].",
    "### Hawala {#sec-tu-hawala}",
    "### Hawala { #sec-tu-one .unnumbered }",
    "+---+------+\n| A | B    |\n+===+======+\n| 1 | 水   |\n+---+------+\n| 2 and 3  |\n+---+------+",
    "He wrote “rite [[sic]] there [[emphasis added]] and [[…]] again” in [[Ardale]](https://example.org).",
    "Item (#4) and no. #sec are signs, and so is {a} or {1, 2}.",
    "[words][a] and [b].\n\n[a]: https://example.org/a\n[B]: https://example.org/b",
)
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


# --- classes and attributes: all that an element has, and no others ---------------------------------------------------


NAME_RULES = {"unread-mark/class", "unread-mark/attribute", "unread-mark/audience"}
FORMS = (
    # Type of the node, and its source: § is before the place of the finding, $ is for the words in braces, € a number.
    ("Div", "§::: {$}\nWords of it.\n:::"),
    ("Div", "> §::: {$}\n> Words of it.\n> :::"),
    ("Span", "The [§words]{$} of it."),
    ("Span", "| A | B |\n|---|---|\n| The [§words]{$} | 2 |"),
    ("Span", "The words.[^n€]\n\n[^n€]: A [§note]{$} on it."),
    ("Span", "The words{++ [§suggested]{$}++} of it."),
    ("Header", "§### Words of it {$}"),
    ("Link", "The §[words of it](https://example.org){$} here."),
    ("Image", "The §![words](../paper/figures/span.svg){$} of it."),
    ("Image", "§![Words](../paper/figures/span.svg){$}"),
    ("Table", "| A | B |\n|---|---|\n| 1 | 2 |\n\n: §Words {$}"),
    ("Code", "The `§words`{.python $} of it."),
    ("CodeBlock", "§``` {.python $}\nwords\n```"),
)
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
