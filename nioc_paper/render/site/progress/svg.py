"""Small SVG pictures inside a page, in the page's colours and fonts, light and dark.

Colour is never the only sign, and a table below every picture has the same data.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

LETTER_WIDTH = 7.1
"""Pixels of a letter in the pictures' text."""


def svg_picture(name: str, width: float, height: float, label: str, parts: Iterable[Markup]) -> Markup:
    """Return a picture that screen readers announce by its label only."""
    return Markup('<svg class="picture {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        name, _format_number(width), _format_number(height), label, Markup("").join(parts)
    )


def rect(x: float, y: float, width: float, height: float, name: str) -> Markup:
    """Return a rectangle of a class."""
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        name, _format_number(x), _format_number(y), _format_number(max(width, 0)), _format_number(height)
    )


def line(x1: float, y1: float, x2: float, y2: float, name: str) -> Markup:
    """Return a line of a class."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        name, _format_number(x1), _format_number(y1), _format_number(x2), _format_number(y2)
    )


def text_element(x: float, y: float, text: str, name: str = "", anchor: str = "start") -> Markup:
    """Return a line of text."""
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        name, _format_number(x), _format_number(y), anchor, text
    )


def path(points: Iterable[tuple[float, float]], name: str) -> Markup:
    """Return straight lines from point to point."""
    return Markup('<path class="{}" d="M{}"/>').format(
        name, "L".join(f"{_format_number(x)},{_format_number(y)}" for x, y in points)
    )


def diamond(x: float, y: float, size: float, name: str) -> Markup:
    """Return a square on its corner."""
    return path([(x, y - size), (x + size, y), (x, y + size), (x - size, y), (x, y - size)], name)


def arrow(x: float, y: float, size: float, name: str) -> Markup:
    """Return a triangle from a point to the right; to the left if the size is negative."""
    return path([(x, y - abs(size)), (x + size, y), (x, y + abs(size)), (x, y - abs(size))], f"arrow {name}")


def shorten_text(text: str, pixels: float) -> str:
    """Return a text cut to fit some pixels."""
    room = int(pixels / LETTER_WIDTH)
    return text if len(text) <= room else f"{text[: room - 1].rstrip()}…"


def _format_number(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
