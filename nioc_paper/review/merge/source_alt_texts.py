"""Alternative texts of pictures and charts in the source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import yaml

from nioc_paper import tree
from nioc_paper.edit.yaml import EditError, set_value
from nioc_paper.model import Node
from nioc_paper.review.docx.paragraph import Token
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.edits import Edit
from nioc_paper.review.merge.markdown_source import MarkdownSource
from nioc_paper.review.merge.source_span import find_extent
from nioc_paper.tree.code import find_code_blocks
from nioc_paper.tree.scan import ATTRIBUTES

_ALT = re.compile(r"""\balt=(?P<quote>["'])(?P<value>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)""", re.DOTALL)
_TARGET = rf"\]\([^()\s]*(?:[ \t]+[^()\n]*)?\)(?P<attributes>{ATTRIBUTES})?"
_IMAGE = re.compile(rf"!\[(?P<words>[^\[\]]*){_TARGET}")
_CAPTION_END = re.compile(rf"[^\[\]\n]*{_TARGET}")
_CHART_CLASS = re.compile(r"\{[^\n]*\.chart\b")
_SPECIAL = re.compile(r"[\\`*_\[\]<>$@#^~|{}\"']|-(?=-)|\.(?=\.)")
"""Signs in brackets that Markdown would read otherwise."""
_DESCRIPTION = "description"
"""Key of a chart's alternative text."""


class SourceAltText(NamedTuple):
    """Alternative text as the source has it."""

    words: str
    write: Callable[[str], Edit | None]
    """Returns the edit that makes it another one; None if that cannot be made."""


def find_alt_texts(
    base: Sequence[AlignedPassage], passage: int, token: Token, source: MarkdownSource, divs: Mapping[int, Node]
) -> Iterator[SourceAltText]:
    """Yield the alternative texts of the source that may be a picture's."""
    if token.span:
        yield from _read_images(source.text, *token.span)
        return
    # A figure has its caption below it.
    caption = base[passage + 1].source_paragraph if passage + 1 < len(base) else None
    if base[passage].source_paragraph or caption is None or caption.kind != "caption":
        return
    figure = next((n for n in caption.divs if "figure" in tree.classes(divs[n]) and n in source.div_ranges), None)
    if figure:
        yield from _read_images(source.text, *source.div_ranges[figure])
        yield from _read_charts(source.text, *source.div_ranges[figure])
    elif end := _CAPTION_END.match(source.text, find_extent(caption.tokens)[1]):
        yield from _read_attribute(source.text, end, caption.text)


def _read_images(text: str, start: int, end: int) -> Iterator[SourceAltText]:
    for image in _IMAGE.finditer(text, start, end):
        if _ALT.search(image["attributes"] or ""):
            yield from _read_attribute(text, image, "")
        else:
            yield SourceAltText(normalize_space(image["words"]), partial(_write_words, image))


def _read_attribute(text: str, image: re.Match[str], caption: str) -> Iterator[SourceAltText]:
    """Yield the attribute of a figure; without one its caption is its alternative text."""
    start, end = image.span("attributes") if image["attributes"] else (image.end(), image.end())
    if alt := _ALT.search(text, start, end):
        words = re.sub(r"\\(.)", r"\1", alt["value"], flags=re.DOTALL)
        yield SourceAltText(normalize_space(words), partial(_write_value, alt))
    elif caption:
        yield SourceAltText(caption, partial(_add_attribute, image))


def _read_charts(text: str, start: int, end: int) -> Iterator[SourceAltText]:
    for block in find_code_blocks(text):
        code = text[slice(*block.code_span)]
        is_chart = start <= block.span[0] < end and _CHART_CLASS.search(block.info)
        if is_chart and (description := read_description(code)):
            yield SourceAltText(description, partial(_write_description, code, *block.code_span))


def read_description(code: str) -> str:
    """Return the alternative text of a chart; empty without one."""
    try:
        values = yaml.safe_load(code)
    except yaml.YAMLError:
        return ""
    return normalize_space(str(values.get(_DESCRIPTION) or "")) if isinstance(values, dict) else ""


def _write_words(image: re.Match[str], words: str) -> Edit:
    return Edit(*image.span("words"), _SPECIAL.sub(r"\\\g<0>", words))


def _write_value(attribute: re.Match[str], words: str) -> Edit:
    return Edit(*attribute.span("value"), _escape(words, attribute["quote"]))


def _add_attribute(image: re.Match[str], words: str) -> Edit:
    attribute = f'alt="{_escape(words)}"'
    if image["attributes"]:
        return Edit(image.end() - 1, image.end() - 1, f" {attribute}")
    return Edit(image.end(), image.end(), f"{{{attribute}}}")


def _escape(words: str, quote: str = '"') -> str:
    """Return words for an attribute, in a cell too."""
    return re.sub(rf"[\\|{quote}]", r"\\\g<0>", words)


def _write_description(code: str, start: int, end: int, words: str) -> Edit | None:
    try:
        return Edit(start, end, set_value(code, _DESCRIPTION, words))
    except EditError:
        return None


def normalize_space(text: str) -> str:
    """Return a text with single spaces."""
    return " ".join(text.split())
