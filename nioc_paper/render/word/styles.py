"""The styles of the Word file, as a table.

People who edit the paper in Word see these names in the gallery; pandoc finds them by name. Sizes and colours are those
of templates/theme.css.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True, slots=True)
class Style:
    """A style. Spacing in points, indents in millimetres; colours and sizes are names in the theme; empty inherits."""

    name: str
    base: str = "Normal"
    next: str = ""
    kind: Literal["paragraph", "character"] = "paragraph"
    font: Literal["", "text", "head"] = ""
    size: str = ""
    colour: str = ""
    bold: bool | None = None
    italic: bool | None = None
    caps: bool = False
    before: float | None = None
    after: float | None = None
    line: float | None = None
    """Height of a line, as a multiple of the font's own."""
    left: float | None = None
    right: float | None = None
    hanging: float = 0
    close: bool = False
    """No space between paragraphs of this style, as between the lines of a list."""
    keep: str = ""
    """Words of: next, lines, page (starts one)."""
    bar: tuple[str, int] | None = None
    """A rule at the left: its colour, and its width in eighths of a point."""
    line_below: str = ""
    """The colour of a rule below."""
    shade: str = ""
    align: Literal["", "left", "right", "center"] = ""
    outline: int | None = None
    leader: bool = False
    """A right tab with dots at the margin, as lists of contents have it."""

    @property
    def id(self) -> str:
        """What Word's XML calls the style; pandoc's and Word's own are called just so."""
        words = self.name.replace("toc ", "TOC ").split()
        return "".join(word[0].upper() + word[1:] for word in words)


BOXES = {"Recommendation": "accent", "Gap": "alert", "Finding": "gold", "Linkage": "muted"}
"""Kinds of block that stand in a box, with the colour of its rule."""

_SOFT = {"accent": "accent-soft", "alert": "alert-soft", "gold": "gold-soft", "muted": ""}


def _box(kind: str) -> tuple[Style, ...]:
    colour = BOXES[kind]
    soft = _SOFT[colour]
    bar = (colour, 24 if soft else 12)
    box = Style("", left=4, right=2, before=0, after=0, line=1.2, keep="lines", bar=bar, shade=soft)
    title = replace(box, name=f"{kind} Title", next=kind, font="head", size="size-minor", colour=colour, bold=True)
    fields = replace(box, name=f"{kind} Fields", font="head", size="size-small", left=34, hanging=30, line=1.15)
    return replace(title, before=12, keep="next lines"), replace(box, name=kind, next=kind), fields


STYLES: tuple[Style, ...] = (
    # running text; names of pandoc's writer
    Style("Normal", "", font="text", size="size-text", colour="ink", before=0, after=0, line=1.0),
    Style("Body Text", before=0, after=7, line=1.2),
    Style("First Paragraph", "Body Text", "Body Text"),
    Style("Compact", "Body Text", close=True),
    Style("Block Text", "Body Text", "Body Text", left=8, right=8, colour="muted"),
    Style("Footnote Text", font="text", size="size-note", after=2, line=1.05, keep="lines"),
    Style("Bibliography", after=5, line=1.1, left=8, hanging=8, keep="lines"),
    Style("Definition Term", "Body Text", "Definition", bold=True, after=0, keep="next"),
    Style("Definition", "Body Text", left=8),
    Style("Source Code", "Body Text", size="size-small", left=4),
    # headings
    Style("Part", "Normal", "Body Text", font="text", size="size-part", colour="cover-ink", bold=True, left=4, right=2,
          after=12, line=1.1, keep="next", bar=("cover", 24), line_below="cover-gold", shade="cover", outline=0),
    Style("heading 1", "Normal", "Body Text", font="head", size="size-chapter", colour="accent", bold=True,
          before=36, after=18, line=1.0, keep="next lines", outline=0),
    Style("heading 2", "Normal", "Body Text", font="head", size="size-section", colour="accent", bold=True,
          before=20, after=6, line=1.05, keep="next lines", outline=1),
    Style("heading 3", "Normal", "Body Text", font="head", size="size-subsection", colour="ink", bold=True,
          before=12, after=4, line=1.05, keep="next lines", outline=2),
    Style("heading 4", "Normal", "Body Text", font="head", size="size-minor", colour="muted", bold=True,
          before=9, after=3, keep="next lines", outline=3),
    Style("Summary", "Body Text", "Body Text", font="head", size="size-lead", colour="muted", after=14, line=1.2),
    Style("Chapter Status", "Normal", "Body Text", font="head", size="size-small", colour="muted", after=8,
          keep="next"),
    # cover and what follows it
    Style("Title", "Normal", "Subtitle", font="head", size="size-cover", colour="accent", bold=True, before=18,
          after=14, line=0.95),
    Style("Subtitle", "Normal", font="head", size="size-section", colour="muted", after=8, line=1.1),
    Style("Cover Publisher", "Normal", font="head", size="size-subsection", colour="muted", bold=True, before=150),
    Style("Cover Edition", "Normal", font="head", size="size-subsection", colour="ink", after=3),
    Style("Cover Draft", "Normal", font="head", size="size-subsection", colour="alert", bold=True, before=16),
    Style("Imprint Title", "Normal", "Imprint", font="head", size="size-section", colour="accent", bold=True,
          before=24, after=14, keep="page"),
    Style("Imprint", "Normal", font="head", size="size-small", after=4, line=1.15, left=38, hanging=38),
    Style("Imprint Note", "Normal", font="head", size="size-small", colour="alert", before=10, line=1.15),
    Style("TOC Heading", "Normal", "Body Text", font="head", size="size-chapter", colour="accent", bold=True,
          before=24, after=12, keep="next"),
    Style("List Heading", "Normal", "Body Text", font="head", size="size-section", colour="accent", bold=True,
          before=26, after=8, keep="next"),
    Style("toc 1", font="head", leader=True, size="size-small", colour="muted", bold=True, before=13,
          after=2, caps=True, keep="next"),
    Style("toc 2", font="head", leader=True, size="size-text", colour="accent", bold=True, before=4, after=1),
    Style("toc 3", font="head", leader=True, size="size-small", before=0, after=0.5, left=6, right=10),
    Style("toc 4", font="head", leader=True, size="size-small", before=0, after=3, line=1.05, left=0, right=12),
    Style("table of figures", "Normal", font="head", size="size-small", after=3, line=1.05, left=0, right=12,
          leader=True),
    Style("header", "Normal", font="head", size="size-note", colour="muted", line_below="rule"),
    Style("footer", "Normal", font="head", size="size-note", colour="muted", align="center"),
    # figures and tables
    Style("Caption", font="head", size="size-small", colour="ink", before=4, after=4, line=1.1, italic=False),
    Style("Table Caption", "Caption", keep="next lines", before=12, after=5),
    Style("Image Caption", "Caption", "Body Text", keep="lines", after=14),
    Style("Captioned Figure", "Normal", keep="next", before=10),
    Style("Table Text", "Normal", font="head", size="size-table", before=1, after=2, line=1.05),
    Style("Table Heading", "Table Text", colour="paper", bold=True, keep="next"),
    # blocks of their own
    *(style for kind in BOXES for style in _box(kind)),
    Style("Pull Quote", "Normal", "Body Text", font="text", size="size-section", italic=True, colour="accent",
          before=14, after=4, line=1.15, left=10, right=10, keep="lines", bar=("gold", 18)),
    Style("Pull Quote Source", "Normal", "Body Text", font="head", size="size-small", colour="muted", after=14,
          left=10, right=10, bar=("gold", 18)),
    # characters
    Style("Section Number", "Default Paragraph Font", kind="character", colour="gold"),
    Style("Caption Label", "Default Paragraph Font", kind="character", colour="accent", bold=True),
    Style("Field Name", "Default Paragraph Font", kind="character", colour="muted", bold=True),
    Style("Hyperlink", "Default Paragraph Font", kind="character", colour="accent"),
    Style("Cross Reference", "Default Paragraph Font", kind="character", colour="accent"),
    Style("Citation", "Default Paragraph Font", kind="character", colour="ink"),
    # in a copy for review
    Style("Paragraph Number", "Default Paragraph Font", kind="character", font="head", size="size-note", colour="muted",
          bold=False, italic=False),
    Style("line number", "Default Paragraph Font", kind="character", font="head", size="size-note", colour="muted"),
)  # fmt: skip
