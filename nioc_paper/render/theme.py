"""The identity of the outputs: the custom properties of the template theme.css, as data."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nioc_paper.files import shipped_templates
from nioc_paper.model import TemplateError, Templates

Theme = Mapping[str, str]
"""Custom properties by name without the dashes: {"accent": "#14473f", "size-text": "10.5pt", …}."""

SHEET = "theme.css"
_PROPERTY = re.compile(r"^\s*--([\w-]+):\s*([^;]+?)\s*;", re.MULTILINE)
_USE = re.compile(r"var\(--([\w-]+)\)")


def theme(templates: Templates) -> Theme:
    """Return the custom properties of templates; the tool's own for those that they lack."""
    return _properties(shipped_templates()) | _properties(templates)


def _properties(templates: Templates) -> dict[str, str]:
    return dict(_PROPERTY.findall(templates.text(SHEET)))


def resolve(css: str, values: Theme) -> str:
    """Return a style sheet with its `var(--…)` replaced. Raises TemplateError for a name that the theme lacks."""

    def value(use: re.Match[str]) -> str:
        if use[1] not in values:
            raise TemplateError(SHEET, 0, f"does not set --{use[1]}, which another template uses")
        return values[use[1]]

    return _USE.sub(value, css)
