"""The document that is made of the paper, and for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from nioc_paper.model.chapter import Asset, Chart, Node
from nioc_paper.model.history import Version
from nioc_paper.model.revision import Revision
from nioc_paper.model.word_template import WordTemplateFile

AUDIENCES = ("public", "limited", "restricted")
"""Who a copy is for, each with all that those before it may read: the sensitivities of chapters and passages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    """For whom a copy of the paper is made, and for what use."""

    audience: str = AUDIENCES[-1]
    """What is above it is taken out."""
    review: bool = False
    """To be commented on: a draft with numbers on its paragraphs."""
    final: bool = False
    """Nothing that a final paper needs was found missing. Every other copy is a draft."""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A line in a list of contents, figures, tables or recommendations; `level` 0 is a part, 1 a chapter."""

    level: int
    number: str
    title: str
    id: str
    label: str = ""
    """How the text calls it: "Figure 3.2"."""
    language: str = ""
    """Of its title, as a tag; empty for the paper's."""


@dataclass(frozen=True, slots=True)
class Credit:
    """What somebody does in a chapter, as it is printed."""

    role: str
    name: str
    post: str
    """What the person is, and where."""


@dataclass(frozen=True)
class Document:
    """One tree with every number given and every reference filled; what a writer needs and nothing else."""

    id: str
    title: str
    subtitle: str
    edition: str
    publisher: str
    rights: str
    language: str
    date: date | None
    timestamp: int
    """Seconds since the epoch, for file dates: the same commit gives the same bytes."""
    version: str
    authors: tuple[str, ...]
    draft: bool
    blocks: tuple[Node, ...]
    contents: tuple[ListEntry, ...] = ()
    figures: tuple[ListEntry, ...] = ()
    tables: tuple[ListEntry, ...] = ()
    recommendations: tuple[ListEntry, ...] = ()
    credits: tuple[tuple[ListEntry, tuple[Credit, ...]], ...] = ()
    """Who works on which chapter; those on which nobody works are left out."""
    standing: Mapping[str, int] = field(default_factory=dict)
    """How many chapters have which status, by its printed name."""
    versions: tuple[Version, ...] = ()
    """The tagged states that led to this one, newest first."""
    references: tuple[Mapping[str, Any], ...] = ()
    """CSL items."""
    charts: Mapping[str, Chart] = field(default_factory=dict)
    """By the target of the image in the tree that stands for them."""
    assets: Mapping[str, Asset] = field(default_factory=dict)
    """By the target of the image in the tree."""
    fonts: Mapping[str, str] = field(default_factory=dict)
    """The hand in which a language is set that has several, by its tag."""
    form: Literal["paper", "brief", "list", "sheet", "letter"] = "paper"
    """A paper has cover, imprint and lists; a brief a title block; a sheet, one page, a title alone; a letter goes by
    mail."""
    copy: OutputOptions = OutputOptions()
    """For whom and for what use this copy is."""
    part_of: str = ""
    """The title of the paper that this was drawn from; empty for the paper itself."""
    keywords: tuple[str, ...] = ()
    """What it is about, for those who look for it."""
    template: WordTemplateFile | None = None
    """The Word file whose look ours takes over."""
    revision: Revision | None = None
    """Whose changes the tree shows; nothing when it shows none."""
    languages: tuple[str, ...] = ()
    """Those that passages are said to be in, as tags in the order of the alphabet; of a part, those of the whole."""
    marking: int = 0
    """For whom the passage is that the fewest may read, as an index of AUDIENCES."""
    withheld: int = 0
    """Passages, chapters and decisions that were taken out, because the audience is not to read them."""

    @property
    def stem(self) -> str:
        """What its files are called, without what tells their format: copies do not overwrite each other."""
        audience = self.copy.audience if self.copy.audience != AUDIENCES[-1] else ""
        return "-".join(filter(None, (self.id, audience, "review" if self.copy.review else "")))

    @property
    def name(self) -> str:
        """The title by which a list of files knows it: with that of the paper that it was drawn from."""
        return " – ".join(filter(None, (self.title, self.part_of)))

    @property
    def series(self) -> str:
        """What stands over every page: the title of the paper."""
        return self.part_of or self.title
