"""Shipped citation styles. They share locales and macros: a style takes those that it lacks from the first."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from nioc_paper.model import SHIPPED_STYLES, CitationStyle

_FOLDER = Path(__file__).with_name("styles")
_LOCALE = re.compile(r"  <locale\b.*?</locale>\n", re.DOTALL)
_UNREAD = re.compile(r"<!--.*?-->|(?<=>)\s+(?=<)", re.DOTALL)
"""Comments, and blanks between elements: without them pandoc cites a short text in five sixths of the time."""
_MACRO = re.compile(r'  <macro name="([^"]+)">.*?</macro>\n', re.DOTALL)


def csl_text(style: CitationStyle) -> str:
    """Return a style as a complete CSL file; a shipped one is compact."""
    return style.text or _shipped_text(style.name)


@cache
def _shipped_text(name: str) -> str:
    own, shared = (_FOLDER.joinpath(f"{each}.csl").read_text(encoding="utf-8") for each in (name, SHIPPED_STYLES[0]))
    return _UNREAD.sub("", own if own == shared else _with_shared_parts(own, shared))


def _with_shared_parts(own: str, shared: str) -> str:
    """Return a style with the locales of another, and the macros that it lacks."""
    names = {match[1] for match in _MACRO.finditer(own)}
    macros = [match[0] for match in _MACRO.finditer(shared) if match[1] not in names]
    info, end, rest = own.partition("  </info>\n")
    return "".join((info, end, *_LOCALE.findall(shared), *macros, rest))
