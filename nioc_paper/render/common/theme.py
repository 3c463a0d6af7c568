"""Theme of the outputs: the custom properties of the template theme.css, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nioc_paper.domain.style_sheets import theme_values
from nioc_paper.model import TemplateError, Templates
from nioc_paper.system.files import default_templates

Theme = Mapping[str, str]
"""Custom properties by name without the dashes: {"accent": "#1f4468", "size-text": "10.5pt", …}."""

THEME_FILE = "theme.css"
_VARIABLE = re.compile(r"var\(--([\w-]+)\)")


def read_theme(templates: Templates) -> Theme:
    """Return the custom properties of templates; a missing or garbled one is the tool's."""
    return theme_values(default_templates().text(THEME_FILE), templates.text(THEME_FILE))


def resolve_variables(css: str, values: Theme) -> str:
    """Return a style sheet with its `var(--…)` replaced. Raises TemplateError for a name that the theme lacks."""

    def variable_value(use: re.Match[str]) -> str:
        if use[1] not in values:
            raise TemplateError(THEME_FILE, 0, f"does not set --{use[1]}, which another template uses")
        return values[use[1]]

    return _VARIABLE.sub(variable_value, css)


def to_points(length: str) -> float:
    """Return a length in mm or pt as points."""
    return float(length[:-2]) * {"pt": 1, "mm": 72 / 25.4}[length[-2:]]
