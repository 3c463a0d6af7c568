"""Tables of a form in a Word file: controls are put into their cells, and their answers are read by the labels.

The labels are the form: Word keeps the controls, other programs may lose them, and the words beside a label remain.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from xml.sax.saxutils import escape, quoteattr

from nioc_paper.assemble.documents.consultation_form import FORMS, prompts
from nioc_paper.model.characters import without_invisible
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_attribute,
    get_or_add_first,
    insert_property,
    iter_elements,
    parse_element,
    qn,
    remove_element,
)
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.docx.docx_text import DocxPassage, DocxText
from nioc_paper.wording import Wording

_KEYS = {key for table in FORMS.values() for row in table.rows for key in row}
_DATES = ("form_by", "form_date")
_NUMBERS = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})|(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_NAMED_MONTH = re.compile(r"(\d{1,2})\.?\s+(\S+?)[,.،]?\s+(\d{4})")
_TIGHT = '<w:spacing w:before="0" w:after="0"{}/>'
_LOW_LINE = ' w:line="520" w:lineRule="exact"'
"""Height of lines in Arabic script: those of its faces are so high that two actions would not fit on a page."""
FormPart = tuple[str, Mapping[str, str]]
"""Key of the first label of a table, and the words beside each of its labels."""


def add_controls(package: Package, words: Wording) -> None:
    """Put a control into each cell beside a label, and lock those that name what the others are about.

    A table, and the paragraph before it, stay on one page.
    """
    keys, number = _keys_by_label([words]), 20_000
    for table in iter_elements(package.body, "w:tbl"):
        rows = [[*iter_elements(row, "w:tc")] for row in iter_elements(table, "w:tr")]
        start, before = keys.get(_plain(_words_of(rows[0][0])), ""), table.getprevious()
        if start not in FORMS:
            continue
        for label, cell in (pair for row in rows for pair in pairwise(row)):
            if key := keys.get(_plain(_words_of(label))):
                choices = [words[choice] for choice in FORMS[start].choices]
                _put_control(cell, key, number, choices, is_locked=key == start and bool(choices))
                number += 1
        paragraphs = [p for row in rows for cell in row for p in iter_elements(cell, "w:p")]
        last = {p for cell in rows[-1] for p in iter_elements(cell, "w:p")}
        for paragraph in [*([before] if before is not None and before.tag == qn("w:p") else []), *paragraphs]:
            if paragraph not in last:
                insert_property(paragraph, parse_element("<w:keepNext/>"))
        is_rtl = unicodedata.bidirectional(words["form_action"][0]) == "AL"
        for paragraph in paragraphs:
            insert_property(paragraph, parse_element(_TIGHT.format(_LOW_LINE if is_rtl else "")))


def _control_kind(key: str, choices: Sequence[str]) -> str:
    """Return the element for what is chosen or written behind a label: one of several answers, a day, or a text."""
    if key == "form_answer":
        items = "".join(f"<w:listItem w:displayText={quoteattr(c)} w:value={quoteattr(c)}/>" for c in choices)
        return f"<w:dropDownList>{items}</w:dropDownList>"
    return '<w:date><w:dateFormat w:val="yyyy-MM-dd"/></w:date>' if key in _DATES else '<w:text w:multiLine="1"/>'


def _put_control(cell: Element, key: str, number: int, choices: Sequence[str], *, is_locked: bool) -> None:
    """Put the words of a cell into a control of the kind of its label."""
    kind = "<w:text/>" if is_locked else _control_kind(key, choices)
    lock, placeholder = ("sdtContentLocked", "") if is_locked else ("sdtLocked", "<w:showingPlcHdr/>")
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


def _words_of(cell: Element) -> str:
    return "".join(node.text or "" for node in iter_elements(cell, "w:t"))


def _keys_by_label(languages: Sequence[Wording]) -> Mapping[str, str]:
    """Return the keys of all labels by their words in some languages."""
    return {_plain(words[key]): key for words in languages for key in _KEYS}


def read_form_text(package: Package) -> DocxText:
    """Return the text of a file, with the words in a form's controls: a program may still call them placeholders."""
    for control in iter_elements(package.body, "w:sdtPr"):
        node = find_element(control, "w:showingPlcHdr")
        if node is not None and get_attribute(find_element(control, "w:tag")) in _KEYS:
            remove_element(node)
    return docx_reader.read_docx(package)


def split_forms(
    passages: Sequence[DocxPassage], languages: Sequence[Wording]
) -> tuple[list[FormPart], list[DocxPassage]]:
    """Return the tables of a form with the words beside each label, and the passages of a file without them.

    Words of split cells, and of rows with the same label, are joined: none is lost, and two answers are none. Tables
    do not count: LibreOffice joins two without a paragraph between them.
    """
    keys, start, rest = _keys_by_label(languages), "", list[DocxPassage]()
    parts = list[tuple[str, dict[str, str]]]()
    empty = {_plain(prompt) for words in languages for each in FORMS for prompt in prompts(each, words)}
    for row, group in groupby(passages, lambda p: p.paragraph.cell and p.paragraph.cell.row_key):
        in_row = [*group]
        texts = [*_cell_texts(in_row)] if row else [""]
        key = keys.get(_plain(texts[0]), "")
        if key in FORMS:
            start = key
            parts.append((start, {}))
        labels = next((labels for labels in FORMS[start].rows if key in labels), ()) if start else ()
        rest += [] if labels else in_row
        for text in texts if labels else ():
            values, label = parts[-1][1], keys.get(_plain(text), "")
            if label in labels:
                key = label
                values.setdefault(label, "")
            elif _plain(text) not in empty and text not in values[key].split(" / "):
                values[key] = " / ".join(filter(None, (values[key], text)))
    return [*parts], rest


def _cell_texts(row: Sequence[DocxPassage]) -> Iterator[str]:
    """Yield the words of the cells of a row, each in one line, without invisible characters and signs of breaks."""
    for _, cell in groupby(row, lambda passage: passage.paragraph.cell and passage.paragraph.cell.column):
        text = without_invisible(" ".join(passage.paragraph.text for passage in cell))
        yield " ".join("".join(c if c.isprintable() and c != "¶" else " " for c in text).split())


def _plain(text: str) -> str:
    """Return the words of a label or an answer in one form."""
    return " ".join(text.split()).strip(" :.,;!").casefold()


def read_choice(text: str, start: str, languages: Sequence[Wording]) -> str:
    """Return the key of the answer that somebody chose in a table of a form; empty for other words."""
    return next((key for words in languages for key in FORMS[start].choices if _plain(words[key]) == _plain(text)), "")


def read_day(text: str, languages: Sequence[Wording]) -> date | None:
    """Return the day that somebody wrote, as 2020-12-31, 31.12.2020 or 31 December 2020; None for other words."""
    text = "".join(str(unicodedata.digit(c, c)) for c in text)
    try:
        if match := _NUMBERS.search(text):
            year, month, day = match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)
            return date(int(year), int(month), int(day))
        if match := _NAMED_MONTH.search(text):
            names = [words[key].casefold().split() for words in languages for key in ("months", "months_short")]
            numbers = (each.index(match[2].casefold()) + 1 for each in names if match[2].casefold() in each)
            return date(int(match[3]), next(numbers, 0), int(match[1]))
    except ValueError:
        return None
    return None
