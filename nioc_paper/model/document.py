"""The document made of a paper, and its audience."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Literal, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.model.chapter import Asset, Chart, Node, tree_hash
from nioc_paper.model.history import Revision, Version
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.model.settings import CitationStyle, OwnWords, TranslatedTitle
from nioc_paper.model.templates import WordTemplateFile

AUDIENCES = ("public", "limited", "restricted")
"""Audiences, each with access to everything for those before it: the sensitivities of chapters and passages."""


class OutputOptions(Struct, frozen=True, kw_only=True):
    """Audience and purpose of an output."""

    audience: str = AUDIENCES[-1]
    """Content above it is removed."""
    review: bool = False
    """For comments: a draft with numbered paragraphs."""
    final: bool = False
    """Whether every precondition of a final paper is met. Every other copy is a draft."""
    print_edition: bool = False
    """Whether the PDF is for a printer: chapters open on right pages, and there are empty pages and room to cut."""


_REFERENCE = late_pattern(r"(?<![\w-])([a-z0-9-]+)-([0-9a-f]{10})-(\d)([rf]?)(-changed)?(?![\w-])")
_PURPOSES = {"": OutputOptions(), "r": OutputOptions(review=True), "f": OutputOptions(final=True)}


class TextReference(NamedTuple):
    """Printed reference to the text that a Word file was made from, by which it is known when it comes back."""

    document: str
    """Id of the document."""
    commit: str
    """First ten digits of the commit."""
    copy: OutputOptions
    has_changes: bool
    """Whether the text has later changes, which no commit has."""

    def __str__(self) -> str:
        purpose = "r" if self.copy.review else "f" if self.copy.final else ""
        number = AUDIENCES.index(self.copy.audience)
        return f"{self.document}-{self.commit}-{number}{purpose}{'-changed' if self.has_changes else ''}"

    @classmethod
    def find_all(cls, text: str) -> Iterator[TextReference]:
        """Yield the references in a text."""
        for document, commit, number, purpose, changed in _REFERENCE.findall(text):
            if int(number) < len(AUDIENCES):
                copy = replace(_PURPOSES[purpose], audience=AUDIENCES[int(number)])
                yield cls(document, commit, copy, bool(changed))


class ListEntry(Struct, frozen=True):
    """Line in a list of contents, figures, tables or recommendations; `level` 0 is a part, 1 a chapter."""

    level: int
    number: str
    title: str
    id: str
    label: str = ""
    """Label in the text: "Figure 3.2"."""
    language: str = ""
    """Language of its title as a tag; empty for the paper's."""
    summary: str = ""
    """Summary of a chapter in a sentence."""


ENTRY_LISTS = ("contents", "figures", "tables", "recommendations")
"""Fields of a document that are lists of entries."""


class Credit(Struct, frozen=True):
    """Printed role of a person in a chapter."""

    role: str
    name: str
    post: str
    """Position and organization."""


class Document(Struct, frozen=True, dict=True):
    """One tree with every number and reference resolved; everything that a writer needs."""

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
    """Version as readers see it; empty for a draft that has only its date."""
    authors: tuple[str, ...]
    draft: bool
    blocks: tuple[Node, ...]
    contents: tuple[ListEntry, ...] = ()
    figures: tuple[ListEntry, ...] = ()
    tables: tuple[ListEntry, ...] = ()
    recommendations: tuple[ListEntry, ...] = ()
    credits: tuple[tuple[ListEntry, tuple[Credit, ...]], ...] = ()
    """Contributors by chapter; chapters without any are left out."""
    standing: Mapping[str, int] = field(default_factory=dict)
    """Number of chapters by printed name of status."""
    versions: tuple[Version, ...] = ()
    """Tagged versions that led to this one, newest first."""
    references: tuple[Mapping[str, object], ...] = ()
    """CSL items."""
    titles: tuple[TranslatedTitle, ...] = ()
    """The title in other languages; a part of the paper has none."""
    style: CitationStyle = CitationStyle()
    """Style of citations."""
    nocite: tuple[str, ...] = ()
    """Keys of sources that the list of references has although nothing cites them."""
    charts: Mapping[str, Chart] = field(default_factory=dict)
    """By the target of its image in the tree."""
    assets: Mapping[str, Asset] = field(default_factory=dict)
    """By the target of the image in the tree."""
    fonts: Mapping[str, str] = field(default_factory=dict)
    """Script style by language tag, for languages with several."""
    form: Literal["paper", "brief", "list", "sheet", "letter"] = "paper"
    """A paper has cover, imprint and lists; a brief a title block; a sheet, one page, a title alone; a letter goes by
    mail."""
    copy: OutputOptions = OutputOptions()
    """Audience and purpose of this output."""
    own_words: OwnWords = OwnWords()
    """Words of the paper in place of the tool's own."""
    part_of: str = ""
    """Title of the paper that this was extracted from; empty for the paper itself."""
    keywords: tuple[str, ...] = ()
    """Subject, for search."""
    template: WordTemplateFile | None = None
    """Word file whose design replaces ours."""
    revision: Revision | None = None
    """Author of the changes in the tree; None if it shows none."""
    languages: tuple[str, ...] = ()
    """Languages of marked passages as sorted tags; a part has those of the whole."""
    chapters_run_on: bool = False
    """Whether chapters follow each other without a new page, whatever their number."""
    marking: int = 0
    """Highest audience of any passage, as an index of AUDIENCES."""
    commit: str = ""
    """Abbreviated commit, with a note on uncommitted changes, for the manifest alone; empty without git."""
    described: bool = True
    """Whether all pictures of the paper are described: only then may a file claim to be accessible."""
    withheld: int = 0
    """Number of passages, chapters and decisions withheld from the audience."""

    @cached_property
    def _block_hashes(self) -> Mapping[int, tuple[Node, str]]:
        """Blocks with their hashes by identity; in another process, no block has the same."""
        return {id(block): (block, tree_hash(block)) for block in self.blocks}

    def block_hash(self, block: Node) -> str:
        """Return the hash of a block; those of the document are hashed once for all that is kept in the cache."""
        known_block, known_hash = self._block_hashes.get(id(block), (None, ""))
        return known_hash if known_block is block else tree_hash(block)

    @property
    def reference(self) -> str:
        """Printed reference to its text; empty without git, and for a document of changes."""
        commit, _, changes = self.commit.partition(" ")
        return str(TextReference(self.id, commit, self.copy, bool(changes))) if commit and not self.revision else ""

    @property
    def stem(self) -> str:
        """File name without suffix; different outputs have different ones."""
        audience = self.copy.audience if self.copy.audience != AUDIENCES[-1] else ""
        purposes = ("review" if self.copy.review else "", "print" if self.copy.print_edition else "")
        return "-".join(filter(None, (self.id, audience, *purposes)))

    @property
    def name(self) -> str:
        """Title in a list of files: with that of the paper it was extracted from."""
        return " – ".join(filter(None, (self.title, self.part_of)))

    @property
    def series(self) -> str:
        """Text above every page: the title of the paper."""
        return self.part_of or self.title
