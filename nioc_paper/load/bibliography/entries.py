"""Entries of a bibliography file as they are written, with their places."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct, field

from nioc_paper.load.bibliography import Position
from nioc_paper.model.references import IDENTIFIER_VARIABLES


def invert(text: str) -> dict[str, str]:
    """Return the names before the signs of a text like `container-title=journal,booktitle`, by the names after them."""
    pairs = (line.partition("=") for line in text.split())
    return {name: value for value, _, names in pairs for name in names.split(",")}


def words(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


CSL_TYPES = words("""
    article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection
    dataset document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case
    legislation manuscript map motion_picture musical_score pamphlet paper-conference patent performance
    periodical personal_communication post post-weblog regulation report review review-book software song speech
    standard thesis treaty webpage
    """)
NAME_VARIABLES = words("""
    author chair collection-editor compiler composer container-author contributor curator director editor
    editorial-director editor-translator executive-producer guest host illustrator interviewer narrator
    organizer original-author performer producer recipient reviewed-author script-writer series-creator
    translator
    """)
DATE_VARIABLES = words("accessed available-date event-date issued original-date submitted")
PRIVATE_VARIABLES = words("abstract annote categories custom file keyword keywords langid")
"""CSL variables that are dropped: they hold an author's own notes, and paths of the author's machine."""
CSL_VARIABLES = (
    NAME_VARIABLES
    | DATE_VARIABLES
    | PRIVATE_VARIABLES
    | IDENTIFIER_VARIABLES
    | words("""
        id type title annotation archive archive_collection archive-place authority collection-title container-title
        container-title-short dimensions division edition event event-place event-title genre journalAbbreviation
        jurisdiction language license medium note original-publisher original-publisher-place original-title
        part-title publisher publisher-place references reviewed-genre reviewed-title scale short shortTitle source
        status title-short volume-title volume-title-short
        """)
)
VARIABLES_BY_SYNONYM: Mapping[str, str] = invert(
    """
    DOI=doi ISBN=isbn ISSN=issn URL=url,website accessed=urldate collection-title=series issued=date,month,year
    container-title=booktitle,journal,journaltitle,newspaper page=pages publisher-place=address,location,place
    publisher=institution,organization,school title=subtitle
    """
)
"""CSL variables by their names in BibTeX and other formats: "journal" is "container-title"."""
CSL_TYPES_BY_SYNONYM: Mapping[str, str] = invert(
    """
    article-journal=article,journal article-magazine=magazine article-newspaper=news,newspaper document=misc
    chapter=inbook,incollection legal_case=case,judgment legislation=act,law,statute post-weblog=blog report=techreport
    paper-conference=conference,inproceedings thesis=mastersthesis,phdthesis webpage=online,website
    """
)
"""CSL types by their names in BibTeX and everyday language: "law" is "legislation"."""
REQUIRED_VARIABLES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("book", "paper-conference"), ("author|editor", "issued")),
    **dict.fromkeys(("article-magazine", "article-newspaper"), ("container-title", "issued")),
    **dict.fromkeys(("article-journal", "chapter"), ("author|editor", "container-title", "issued")),
    **dict.fromkeys(("dataset", "report"), ("author|editor|publisher", "issued")),
    **dict.fromkeys(("bill", "legislation", "regulation"), ("issued",)),
    "legal_case": ("issued|volume",),
    "thesis": ("author", "issued"),
    "webpage": ("URL|DOI",),
}
"""CSL variables that a reader needs to find a source of a type, besides its title; `a|b` means one of both."""
CONTROL_FIELDS = words(
    """
    affiliation authortype bibsource biburl copyright crossref date day doi editoratype editorbtype editorctype
    editortype entryset entrysubtype eprint eprinttype file groups ids indexsorttitle indextitle keywords langid
    langidopts language month number options owner presort pubstate related relatedstring relatedtype sortkey sortname
    sorttitle sortyear source timestamp type url urldate xdata xref year
    """
)
"""Fields of BibTeX that are not printed as written: they direct programs, or are dates, languages and addresses."""


class Field(NamedTuple):
    """A field of an entry: its name, its value and the position of the value."""

    name: str
    value: Any
    position: Position


class ScannedEntry(Struct, frozen=True):
    """An entry of a file."""

    id: str
    type: str
    position: Position
    """Position of the key."""
    fields: Sequence[Field] = ()
    """Fields by CSL variable; those of BibTeX by their own names."""
    text: str = ""
    """Text of BibTeX for pandoc."""
    own: Sequence[Field] = ()
    """Keys of our own, which no style prints."""

    def field(self, variable: str) -> Field | None:
        """Return the first field with the name of a CSL variable, or with a synonym of it."""
        return next((f for f in self.fields if variable in (f.name, VARIABLES_BY_SYNONYM.get(f.name.lower()))), None)

    def place(self, variable: str) -> Position:
        """Return the position of a CSL variable; that of the entry if no field has its name."""
        field = self.field(variable)
        return field.position if field else self.position


class ScanProblem(NamedTuple):
    """A part of a file that cannot be read."""

    position: Position
    message: str
    hint: str


class Scan(Struct):
    """Entries of a file, and unreadable parts."""

    entries: list[ScannedEntry] = field(default_factory=list)
    problems: list[ScanProblem] = field(default_factory=list)
    macros: str = ""
    """Definitions that entries of BibTeX use."""


class Lines:
    """Lines of a text, to turn an index into a position."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(self, index: int) -> Position:
        """Return line and column of an index."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1
