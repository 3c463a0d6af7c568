"""Classes and attributes of authors: all that an element has, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import test_typed_words

from nioc_paper.tree import LANGUAGE_ATTRIBUTES, TYPES_WITH_ATTR
from nioc_paper.tree.own_forms import ELEMENTS

RULES = {"unread-mark/class", "unread-mark/attribute", "unread-mark/audience"}
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
    lines, diagnostics = test_typed_words.findings(tmp_path, tuple(text for text, _ in cases), RULES)
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
    assert test_typed_words.findings(tmp_path, tuple(cases), RULES)[1] == []


def test_languages_of_code_and_read_classes_are_free(tmp_path: Path) -> None:
    texts = ("```mermaid\nx\n```", "``` {.r}\nx\n```", "`x`{.c++}", "<https://example.org>", "$$x$$ {#eq-tu-x}")
    assert test_typed_words.findings(tmp_path, texts, RULES)[1] == []


def test_hint_has_the_near_name(tmp_path: Path) -> None:
    texts = ("[It]{.key-numbr} is.", "::: {.findings}\nIt is.\n:::", "### It is {.unumbered}", "[It]{lng=fr} is.")
    _, diagnostics = test_typed_words.findings(tmp_path, texts, RULES)
    near = ("key-number", "finding", "unnumbered", "lang")
    assert [d.hint for d in sorted(diagnostics, key=lambda d: d.place)] == [f"did you mean '{name}'?" for name in near]
