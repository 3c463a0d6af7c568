"""The identity of the outputs: the custom properties of templates/theme.css, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

Theme = Mapping[str, str]
"""Custom properties by name without the dashes: {"accent": "#14473f", "size-text": "10.5pt", …}."""

_PROPERTY = re.compile(r"^\s*--([\w-]+):\s*([^;]+?)\s*;", re.MULTILINE)
_USE = re.compile(r"var\(--([\w-]+)\)")


def theme(templates: Path) -> Theme:
    """The custom properties of a directory of templates."""
    return dict(_PROPERTY.findall((templates / "theme.css").read_text(encoding="utf-8")))


def resolve(css: str, values: Theme) -> str:
    """A style sheet with its `var(--…)` replaced; an unknown name is a KeyError, for it is our own mistake."""
    return _USE.sub(lambda use: values[use[1]], css)
