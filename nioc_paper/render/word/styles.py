"""Table of the styles of the Word file.

Word shows these names in its gallery, and pandoc finds styles by name. Sizes and colours are those of
templates/theme.css.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace


class Style(Struct, frozen=True):
    """Style. Spacing in points, indents in millimetres; colours and sizes are names in the theme; empty inherits."""

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
    """Line height, as a multiple of the font's own."""
    left: float | None = None
    right: float | None = None
    hanging: float = 0
    """Where the other lines begin after the first; negative if they begin before it."""
    keep: str = ""
    """Words of: next, lines, page (starts one)."""
    rules: str = ""
    """Borders, a word each: `left:accent:24:8` is side, colour, width in eighths of a point, distance in points.
    Word draws the borders of neighbours in one style once around all of them; `between` is between them.
    """
    shade: str = ""
    """With `~` at its end a colour that looks the same: neighbours in one colour have no white between them."""
    border_colour: str = ""
    """Colour of a border around the words themselves."""
    align: Literal["", "left", "right", "center", "both"] = ""
    hyphenate: bool | None = None
    """Whether words are hyphenated, as running text is in the PDF."""
    outline_level: int | None = None
    is_compact: bool = False
    """Whether there is no space between neighbours in this style."""
    has_page_tab: bool = False
    """Tab at the right margin, for page numbers."""
    tabs: tuple[float, ...] = ()
    """Tabs in mm from the margin."""

    @property
    def id(self) -> str:
        """Id of the style in Word's XML; pandoc's and Word's own ids are built alike."""
        return "".join(word[0].upper() + word[1:] for word in self.name.replace("toc ", "TOC ").split())


BUILT_IN = frozenset(
    ("normal", "body text", "block text", "footnote text", "bibliography", "title", "subtitle", "toc heading",
     "table of figures", "header", "footer", "caption", "hyperlink", "line number",
     *(f"{kind} {level}" for kind in ("heading", "toc") for level in range(1, 6)))
)  # fmt: skip
"""Names of Word's own styles in lower case; all others are marked as custom, or Word takes them for its own."""

BOXES = {
    "Recommendation": "accent",
    "Gap": "alert",
    "Finding": "gold",
    "Linkage": "rule",
    "Objective": "accent",
    "Risk": "alert",
    "Note": "accent",
    "Tip": "gold",
    "Warning": "alert",
    "Box": "muted",
}
"""Kinds of boxes, with the colour of the border."""
EQUATION_NUMBER_STYLE = "Equation Number"
TEXT_RIGHT = 36
"""Distance of running text from the right margin, in mm: nine of ten lines have at most 80 letters."""
BOX_LEFT = 5
"""Distance of the text in a box from the left margin, in mm."""
BOX_RIGHT = 3
"""Distance of the text in a box from the right margin, in mm."""

FIELD_COLUMNS, FIELD_COLUMN = 3, 51
"""Columns of short fields in a box, and the width of one in mm."""

_SOFT_COLOURS = {
    "accent": "accent-soft",
    "alert": "alert-soft",
    "gold": "gold-soft",
    "muted": "accent-soft",
    "rule": "",
}


def _box_styles(kind: str) -> tuple[Style, ...]:
    """Return the styles of a box. Borders in its own colour add padding; Word draws them at its first and last line."""
    colour = BOXES[kind]
    soft = _SOFT_COLOURS[colour]
    ink, edge = (colour, soft) if soft else ("accent", "rule")
    bar = f"left:{colour}:32:10"
    side = f" right:{soft}:4:8" if soft else ""
    room = f"bottom:{edge}:4:6{side}"
    box = Style(
        "", left=BOX_LEFT, right=BOX_RIGHT, before=0, after=0, line=1.0, keep="lines", rules=f"{bar} {room}", shade=soft
    )
    title = replace(box, name=f"{kind} Title", next=kind, font="head", size="size-small", colour=ink, bold=True,
                    rules=f"top:{edge}:4:6 {bar}{f' bottom:{soft}:4:1' if soft else ''}{side}", keep="next lines",
                    shade=f"{soft}~" if soft else "")  # fmt: skip
    fields = replace(box, name=f"{kind} Fields", font="head", size="size-small", left=BOX_LEFT + 5, hanging=5, after=1,
                     tabs=tuple(BOX_LEFT + FIELD_COLUMN * n for n in range(1, FIELD_COLUMNS)),
                     rules=f"top:accent-pale:4:4 {bar} {room}")  # fmt: skip
    text = replace(box, name=kind, next=kind, rules=f"top:{edge}:4:6 {bar} {room}" if kind == "Finding" else box.rules,
                   bold=kind == "Recommendation")  # fmt: skip
    return title, text, fields


_HEADING = Style("", "Normal", "Body Text", font="head", colour="accent", bold=True, line=1.0, keep="next lines")
_COVER = Style("", "Normal", font="head", size="size-subsection", colour="cover-ink", shade="cover")
_LIST = Style("", "Normal", font="head", size="size-small", has_page_tab=True, right=14)

STYLES: tuple[Style, ...] = (
    # running text; names of pandoc's writer
    Style("Normal", "", font="text", size="size-text", colour="ink", before=0, after=0, line=1.0, hyphenate=False),
    Style("Body Text", before=0, after=6, line=1.04, align="both", hyphenate=True, right=TEXT_RIGHT),
    Style("First Paragraph", "Body Text", "Body Text"),
    Style("Compact", "Body Text", after=2, align="left"),
    Style("Findings List", "Compact", size="size-small", right=22),
    Style("Block Text", "Body Text", "Body Text", left=8, right=TEXT_RIGHT + 8),
    Style("footnote text", font="text", size="size-note", after=2, keep="lines"),
    Style("Bibliography", after=5, left=8, hanging=8, keep="lines"),
    Style("Definition Term", "Body Text", "Definition", bold=True, after=0, keep="next", align="left"),
    Style("Definition", "Body Text", left=6),
    Style("Source Code", "Body Text", font="head", size="size-small", left=4, right=0, align="left", after=9,
          hyphenate=False, keep="lines", shade="accent-soft", rules="left:accent-pale:24:8"),
    # headings
    # its shade ends at the edges of the sheet: a border and its distance are 15.2 mm at most
    Style("Part", "Normal", "Body Text", font="text", size="size-part", colour="cover-ink", bold=True, left=-9.8,
          right=-7.8, hanging=-9.8, after=12, keep="next", shade="cover", outline_level=0,
          rules="top:cover:4:14 left:cover:96:31 bottom:cover-gold:32:14 right:cover:96:31"),
    replace(_HEADING, name="heading 1", size="size-chapter", before=10, after=10, right=12, outline_level=0),
    replace(_HEADING, name="heading 2", size="size-section", before=14, after=4, outline_level=1),
    replace(_HEADING, name="heading 3", size="size-subsection", colour="ink", before=11, after=3, outline_level=2),
    replace(_HEADING, name="heading 4", size="size-minor", colour="muted", before=10, after=3, outline_level=3),
    Style("Summary", "Normal", "Body Text", font="text", size="size-lead", colour="muted", after=8, right=12,
          keep="next lines", rules="top:gold:12:10"),
    Style("Key Lead", "Summary", "Body Text", size="size-subsection", after=6, right=0),
    Style("Chapter Status", "Normal", "Summary", font="head", size="size-small", colour="alert", after=10,
          keep="next"),
    Style("Marking", "Normal", "Body Text", font="head", size="size-small", colour="alert", bold=True, before=10,
          after=4, keep="next", rules="top:alert:4:4"),
    Style("Marking End", "Normal", "Body Text", size="size-note", after=8, rules="top:alert:4:1"),
    # cover and what follows it
    replace(_COVER, name="Cover Publisher", bold=True, after=2),
    replace(_COVER, name="Title", next="Subtitle", font="text", size="size-cover", bold=True, after=18, line=0.9,
            rules="bottom:cover-gold:12:18"),
    replace(_COVER, name="Translated Title", font="text", size="size-part", after=12),
    replace(_COVER, name="Subtitle", size="size-section", colour="accent-pale", line=1.1),
    replace(_COVER, name="Cover Edition", colour="accent-pale", after=2),
    replace(_COVER, name="Cover Draft", after=16, colour="cover-gold", bold=True, caps=True,
            border_colour="cover-gold"),
    Style("Imprint Title", "Normal", "Imprint", font="head", size="size-subsection", bold=True, before=14,
          after=6, keep="next"),
    Style("Imprint", "Normal", font="head", size="size-small", left=38, hanging=38,
          rules="between:rule:4:2 bottom:rule:4:2"),
    Style("Imprint Note", "Normal", font="head", size="size-small", colour="alert", before=6),
    replace(_HEADING, name="TOC Heading", size="size-chapter", after=4),
    replace(_HEADING, name="List Heading", size="size-section", before=18, after=6),
    replace(_LIST, name="toc 1", colour="accent", bold=True, before=4, caps=True, keep="next", right=0,
            rules="bottom:accent:4:2"),
    replace(_LIST, name="toc 2", size="size-text", bold=True, before=1, after=1, right=0,
            rules="bottom:rule:4:1 between:rule:4:1"),
    replace(_LIST, name="toc 3", colour="muted", left=11),
    replace(_LIST, name="toc 4", after=4),
    replace(_LIST, name="toc 5", font="text", size="size-note", colour="muted", left=6, right=6, line=0.95,
            has_page_tab=False),
    replace(_LIST, name="table of figures", after=4),
    Style("header", "Normal", font="head", size="size-small", colour="muted"),
    Style("footer", "Normal", font="head", size="size-small", colour="muted"),
    Style("Folio", "footer", colour="accent", bold=True),
    # figures and tables
    Style("caption", font="head", size="size-small", before=4, after=4, italic=False),
    Style("Table Caption", "caption", keep="next lines", before=14, after=5),
    Style("Image Caption", "caption", "Body Text", keep="lines", after=16, rules="top:rule:4:4", is_compact=True),
    Style("Chart Title", "Normal", "Chart Subtitle", font="head", size="size-subsection", bold=True, before=12, after=1,
          keep="next lines"),
    Style("Chart Subtitle", "Normal", "Captioned Figure", font="head", size="size-small", colour="muted", after=2,
          keep="next lines"),
    Style("Captioned Figure", "Normal", keep="next", before=12, after=4),
    Style("Table Text", "Normal", font="head", size="size-table", before=1, after=2),
    Style("Table Heading", "Table Text", colour="accent", bold=True, keep="next"),
    # blocks of their own
    *(style for kind in BOXES for style in _box_styles(kind)),
    Style("Panel", "Body Text", left=BOX_LEFT, right=BOX_RIGHT, before=4, after=0, align="left", shade="accent-soft",
          rules="top:accent-soft:4:4 left:accent:32:10 bottom:accent-soft:4:6 right:accent-soft:4:8"),
    Style("Panel heading 2", "heading 2", "Panel", left=BOX_LEFT, right=BOX_RIGHT, shade="accent-soft", after=0,
          rules="top:accent-soft:4:4 left:accent:32:10 bottom:accent-soft:4:6 right:accent-soft:4:8"),
    Style("Key Title", "Normal", font="head", size="size-small", colour="accent", bold=True, after=4, keep="next"),
    Style("Key Number", "Normal", font="head", before=0, after=2, keep="next"),
    Style("Key Ask", "Normal", font="head", size="size-small", before=0, after=0),
    Style("Key Text", "Normal", font="head", size="size-note", colour="muted", before=0, after=1),
    Style("Pull Quote", "Normal", "Body Text", font="text", size="size-section", italic=True, colour="accent",
          before=14, after=0, line=1.05, left=10, right=10, keep="next lines", rules="left:gold:18:14"),
    Style("Pull Quote Source", "Normal", "Body Text", font="head", size="size-small", colour="muted", bold=True,
          after=16, left=10, right=10, rules="left:gold:18:14"),
    # characters
    Style("Chapter Number", "Default Paragraph Font", kind="character", colour="gold"),
    Style("Section Number", "Default Paragraph Font", kind="character"),
    Style("Caption Label", "Default Paragraph Font", kind="character", colour="accent", bold=True),
    Style("Key Figure", "Default Paragraph Font", kind="character", font="head", size="size-figure", colour="accent",
          bold=True),
    Style("Key Unit", "Default Paragraph Font", kind="character", font="head", size="size-small", colour="muted"),
    Style("Draft Tag", "Default Paragraph Font", kind="character", font="head", size="size-small", colour="alert",
          bold=True),
    Style(EQUATION_NUMBER_STYLE, "Default Paragraph Font", kind="character"),
    Style("Field Name", "Default Paragraph Font", kind="character", colour="muted"),
    Style("Bar Filled", "Default Paragraph Font", kind="character", font="head", size="size-bar", shade="accent"),
    Style("Bar Rest", "Default Paragraph Font", kind="character", font="head", size="size-bar", shade="accent-pale"),
    Style("Bar Gap", "Default Paragraph Font", kind="character", font="head", size="size-bar"),
    Style("Bar Year", "Default Paragraph Font", kind="character", font="head", size="size-note", colour="muted",
          bold=False),
    Style("Alert", "Default Paragraph Font", kind="character", colour="alert", bold=True),
    Style("Hyperlink", "Default Paragraph Font", kind="character", colour="accent"),
    Style("Cross Reference", "Default Paragraph Font", kind="character", colour="accent"),
    Style("Issue", "Default Paragraph Font", kind="character", size="size-note", colour="muted", bold=False),
    Style("Citation", "Default Paragraph Font", kind="character", colour="ink"),
    # pandoc's own is 11 points in Consolas, in a table of 9 points too
    Style("Verbatim Char", "Default Paragraph Font", kind="character", font="head"),
    # in a copy for review
    Style("Paragraph Number", "Default Paragraph Font", kind="character", font="head", size="size-note", colour="muted",
          bold=False, italic=False),
    Style("line number", "Default Paragraph Font", kind="character", font="head", size="size-note", colour="muted"),
)  # fmt: skip
