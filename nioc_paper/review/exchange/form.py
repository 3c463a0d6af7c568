"""Tables of a form in a Word file: controls are put into their cells, and their answers are read by the labels.

The labels are the form: Word keeps the controls, other programs may lose them, and the words beside a label remain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

from nioc_paper.model.characters import without_invisible
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_or_add_first,
    insert_property,
    iter_elements,
    parse_element,
    qn,
    remove_element,
)
from nioc_paper.wording import Wording

_DATES = ("form_by", "form_date")
_DELETED = (qn("w:del"), qn("w:moveFrom"))
_NUMBERS = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})|(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_NAMED_MONTH = re.compile(r"(\d{1,2})\.?\s+(\S+?)[,.،]?\s+(\d{4})")
Forms = Mapping[tuple[str, ...], tuple[str, ...]]
"""Answers to choose from by the labels of each part of a form; the first label names what the others are about."""
Labels = Mapping[str, str]
"""Keys of labels and answers by their words in each language of the tool, in one form."""


def known_labels(languages: Sequence[Wording], keys: Sequence[str]) -> Labels:
    """Return the keys by their words in some languages."""
    return {plain_label(words[key]): key for words in languages for key in keys}


def add_controls(package: Package, forms: Forms, words: Wording) -> None:
    """Put a control into each cell beside a label, and lock those that name what the others are about.

    The rows of a table, and the paragraph before it, stay on one page.
    """
    labels = known_labels([words], [key for form in forms for key in form])
    for number, (start, key, (cell, *_), row) in enumerate(_iter_rows(package, forms, labels), 20_000):
        form = _form_of(forms, start)
        choices = [words[choice] for choice in forms[form]]
        _put_control(cell, key, number, choices, is_locked=key == start and bool(choices))
        before = next(row.iterancestors(qn("w:tbl"))).getprevious() if key == start else None
        paragraphs = [*iter_elements(row, "w:p")] if key != form[-1] else []
        for paragraph in [*paragraphs, *([before] if before is not None and before.tag == qn("w:p") else [])]:
            insert_property(paragraph, parse_element("<w:keepNext/>"))


def _put_control(cell: Element, key: str, number: int, choices: Sequence[str], *, is_locked: bool) -> None:
    """Put the words of a cell into a control of the kind of its label."""
    if is_locked:
        kind, placeholder = "<w:text/>", ""
    elif key == "form_answer":
        items = "".join(f"<w:listItem w:displayText={quoteattr(c)} w:value={quoteattr(c)}/>" for c in choices)
        kind, placeholder = f"<w:dropDownList>{items}</w:dropDownList>", "<w:showingPlcHdr/>"
    elif key in _DATES:
        kind, placeholder = '<w:date><w:dateFormat w:val="yyyy-MM-dd"/></w:date>', "<w:showingPlcHdr/>"
    else:
        kind, placeholder = '<w:text w:multiLine="1"/>', "<w:showingPlcHdr/>"
    lock = "sdtContentLocked" if is_locked else "sdtLocked"
    control = parse_element(
        f'<w:sdt><w:sdtPr><w:alias w:val={quoteattr(key)}/><w:tag w:val="{escape(key)}"/><w:id w:val="{number}"/>'
        f'<w:lock w:val="{lock}"/>{placeholder}{kind}</w:sdtPr><w:sdtContent/></w:sdt>'
    )
    content, paragraph = find_element(control, "w:sdtContent"), next(iter_elements(cell, "w:p"))
    assert content is not None
    for run in [node for node in paragraph if node.tag == qn("w:r")]:
        if placeholder:
            get_or_add_first(run, "w:rPr").append(parse_element('<w:color w:val="767676"/>'))
        content.append(run)
    paragraph.append(control)


def read_forms(
    package: Package, forms: Forms, labels: Labels, prompts: Sequence[str]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the parts of a form: the key of the first label of each, and the words beside each label.

    Words of split cells, and of rows with the same label, are joined: none is lost, and two answers are none.
    """
    empty, parts = {plain_label(prompt) for prompt in prompts}, list[tuple[str, dict[str, str]]]()
    for start, key, cells, _ in _iter_rows(package, forms, labels):
        texts = [text for text in map(_words_of, cells) if text and plain_label(text) not in empty]
        if key == start:
            parts.append((start, {}))
        values = parts[-1][1]
        values[key] = " / ".join(dict.fromkeys(filter(None, (values.get(key), *texts))))
    yield from parts


def remove_forms(package: Package, forms: Forms, labels: Labels) -> None:
    """Remove the rows of a form, so that what is left are passages of the paper."""
    for *_, row in [*_iter_rows(package, forms, labels)]:
        remove_element(row)
    for table in [each for each in iter_elements(package.body, "w:tbl") if find_element(each, "w:tr") is None]:
        remove_element(table)


def _form_of(forms: Forms, start: str) -> tuple[str, ...]:
    return next(form for form in forms if form[0] == start)


def _iter_rows(package: Package, forms: Forms, labels: Labels) -> Iterator[tuple[str, str, list[Element], Element]]:
    """Yield the first label of each part of a form, each of its labels, the cells beside it, and the row.

    Tables do not count: LibreOffice joins two without a paragraph between them.
    """
    start = ""
    for row in [*iter_elements(package.body, "w:tr")]:
        cells = [cell for cell in iter_elements(row, "w:tc") if next(cell.iterancestors(qn("w:tr"))) is row]
        key = labels.get(plain_label(_words_of(cells[0])), "") if len(cells) > 1 else ""
        start = key if any(key == form[0] for form in forms) else start
        if start and key in _form_of(forms, start):
            yield start, key, cells[1:], row


def _words_of(cell: Element) -> str:
    """Return the words of a cell with its tracked changes accepted, in one line, without invisible characters."""
    paragraphs = []
    for paragraph in iter_elements(cell, "w:p"):
        nodes = (node for node in iter_elements(paragraph, "w:t", "w:br", "w:tab"))
        shown = (node for node in nodes if not any(outer.tag in _DELETED for outer in node.iterancestors()))
        paragraphs.append("".join((node.text or "") if node.tag == qn("w:t") else " " for node in shown))
    text = "".join(c if c.isprintable() else " " for c in without_invisible(" ".join(paragraphs)))
    return " ".join(text.split())


def plain_label(text: str) -> str:
    """Return the words of a label or an answer in one form."""
    return " ".join(text.split()).strip(" :.,;!").casefold()


def read_day(text: str, languages: Sequence[Wording]) -> date | None:
    """Return the day that somebody wrote, as 2020-12-31, 31.12.2020 or 31 December 2020; None for other words."""
    text = "".join(str(unicodedata.digit(c, c)) for c in text)
    try:
        if match := _NUMBERS.search(text):
            year, month, day = match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)
            return date(int(year), int(month), int(day))
        if match := _NAMED_MONTH.search(text):
            names = [words[key].casefold().split() for words in languages for key in ("months", "months_short")]
            month_number = next(
                (each.index(match[2].casefold()) + 1 for each in names if match[2].casefold() in each), 0
            )
            return date(int(match[3]), month_number, int(match[1]))
    except ValueError:
        return None
    return None
