"""Small pictures as SVG inside a page: they take the page's colours and typefaces, in the light and in the dark.

Nothing is said by a colour alone, and a table that says the same stands below every picture.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

LETTER_WIDTH = 7.1
"""Pixels that a letter takes, at the size of the pictures' words."""


def svg_picture(name: str, width: float, height: float, label: str, parts: Iterable[Markup]) -> Markup:
    """A picture that a screen reader calls by its label, and does not read out."""
    return Markup('<svg class="picture {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        name, _format_number(width), _format_number(height), label, Markup("").join(parts)
    )


def rect(x: float, y: float, width: float, height: float, name: str) -> Markup:
    """A rectangle of a class."""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        name, _format_number(x), _format_number(y), _format_number(max(width, 0)), _format_number(height)
    )


def line(x1: float, y1: float, x2: float, y2: float, name: str) -> Markup:
    """A line of a class."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        name, _format_number(x1), _format_number(y1), _format_number(x2), _format_number(y2)
    )


def text_element(x: float, y: float, text: str, name: str = "", anchor: str = "start") -> Markup:
    """A line of words."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, _format_number(x), _format_number(y), anchor, text
    )


def path(points: Iterable[tuple[float, float]], name: str) -> Markup:
    """Straight lines from point to point."""
    return Markup('<path class="{}" d="M{}"/>').format(
        name, "L".join(f"{_format_number(x)},{_format_number(y)}" for x, y in points)
    )


def diamond(x: float, y: float, size: float, name: str) -> Markup:
    """A square on its corner."""
    return path([(x, y - size), (x + size, y), (x, y + size), (x - size, y), (x, y - size)], name)


def shorten_text(text: str, pixels: float) -> str:
    """A text that takes no more than some pixels."""
    room = int(pixels / LETTER_WIDTH)
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def _format_number(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
