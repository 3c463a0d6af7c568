"""Registers of a paper in the characters in which words are compared."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from nioc_paper.model import Paper, Record
from nioc_paper.model.characters import comparable

_Part = TypeVar("_Part", bound=Record)


def comparable_registers(paper: Paper) -> Paper:
    """Return a paper without chapters, with names, terms, abbreviations and figures as texts are compared with them."""
    return replace(
        paper,
        chapters=(),
        contributors=_comparable_record(paper.contributors),
        acronyms_file=_comparable_record(paper.acronyms_file),
        terms_file=_comparable_record(paper.terms_file),
        facts_file=_comparable_record(paper.facts_file),
    )


def _comparable_record(record: _Part) -> _Part:
    values = {name: getattr(record, name) for name in record.names}
    changed = {name: new for name, value in values.items() if (new := _comparable_value(value)) is not value}
    return record.replace(**changed) if changed else record


def _comparable_value(value: object) -> object:
    """Return a value with comparable texts; the same object if none changes."""
    if isinstance(value, str):
        return value if value.isascii() else comparable(value)
    if isinstance(value, Record):
        return _comparable_record(value)
    if isinstance(value, tuple):
        items = tuple(map(_comparable_value, value))
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value
