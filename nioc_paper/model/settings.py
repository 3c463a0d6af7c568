"""Settings of a paper: paper/paper.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

from msgspec.structs import replace

from nioc_paper.model.characters import comparable
from nioc_paper.model.diagnostic import MAX_ID_LENGTH, Severity
from nioc_paper.model.record import EMPTY_MAPPING, Day, Limits, Printed, Record
from nioc_paper.model.value_notations import LANGUAGE_FORM, LANGUAGE_PATTERN

RULE_SEVERITIES: Mapping[str, Severity | None] = {"off": None, **{str(severity): severity for severity in Severity}}
"""Severities by their names under `rules`."""
SHIPPED_STYLES = ("author-date", "note", "numeric")
"""Names of the shipped citation styles; the first is the default."""
_ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""An id that can name a file."""
_WORD = r"^[^\s!-&(-,./:-@\[-`{-~\u2000-\u200b\u200e-\u206f\uff00-\uffef]+$"
"""A word: no sign but hyphen and apostrophe, so that it holds no mark; not `\\w`, which is ASCII in JSON Schema."""
_MAIL = r"^[A-Za-z0-9._+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$"
_ID_LIMITS = Limits(longest=MAX_ID_LENGTH, pattern=_ID_PATTERN, form="lower-case words joined by dashes")
MAIL_LIMITS = Limits(pattern=_MAIL, form="an address for mail such as paper@example.org")
LANGUAGE_LIMITS = Limits(pattern=LANGUAGE_PATTERN, form=LANGUAGE_FORM, notation="language")
_UNIQUE = Limits(unique_in="list")
_UNIQUE_TEXT = Limits(unique_in="list", duplicate_kind="value")
_PRINTED_TITLE = Limits(unique_in="list", duplicate_kind="value", printed=True)


class CitationStyle(NamedTuple):
    """Style of citations and of the list of references."""

    name: str = SHIPPED_STYLES[0]
    """Name of a shipped style, or path of the paper's own file."""
    text: str = ""
    """CSL of the paper's own file; empty for a shipped style."""
    is_numeric: bool = False
    """Whether citations are numbers, without names."""


class Words(Record):
    """Length of a chapter in words."""

    target: Annotated[int, Limits(least=0)] | None = None
    """Words to aim at."""
    max: Annotated[int, Limits(least=0, not_before="target")] | None = None
    """Words that the chapter may have at most."""


class Category(Record):
    """One of the subjects that the paper divides its field into; each has exactly one chapter."""

    id: Annotated[str, _UNIQUE]
    """The name that chapters use for it."""
    title: Annotated[str, _PRINTED_TITLE]
    """The name as printed."""
    letters: Annotated[str, Limits(pattern=r"^[A-Z]{1,4}$", unique_in="list")]
    """Prefix of the numbers of the chapter's recommendations and gaps: TF-1."""
    headings: tuple[Annotated[str, _UNIQUE_TEXT], ...] = ()
    """Headings that this chapter needs besides the sections of its kind."""


class Kind(Record):
    """Requirements for a kind of chapter."""

    words: Words = Words()
    """Length of such a chapter, unless its front matter has one."""
    sections: tuple[Annotated[str, _UNIQUE_TEXT], ...] = ()
    """Required headings of level 2, in this order."""
    guide: Mapping[Annotated[str, Limits(refers_to="section")], str] = EMPTY_MAPPING
    """Content of a section in a sentence, by its heading; a new chapter has it there."""


class Status(Record):
    """A stage in a chapter's life."""

    id: Annotated[str, _UNIQUE]
    """The name that chapters use for it."""
    title: Annotated[str, _PRINTED_TITLE]
    """The name as printed."""
    owes: Literal["lead", "reviewers", "clearances", "editor", "nobody"] = "lead"
    """Party that must act while a chapter has this status."""
    strictness: Annotated[int, Limits(least=0, most=4, not_before="list")] | None = None
    """Strictness of the checker, from 0 for an outline to 4 for a final text; by default, it grows evenly."""


class Priority(Record):
    """A rank of recommendations, and the phase in which they are carried out."""

    id: Annotated[str, _UNIQUE]
    """The name that recommendations use for it: `Priority: first`."""
    title: Annotated[str, _PRINTED_TITLE]
    """The name as printed."""
    until: Annotated[Day, Limits(not_before="list")] | None = None
    """The last day of the phase: its recommendations are due by then."""


class Label(Record):
    """Word for a kind of box, in the paper's language."""

    one: Annotated[str, Limits(printed=True, pattern=_WORD, form="one word")]
    """Word for one: Measure."""
    many: Annotated[str, Limits(printed=True, pattern=_WORD, form="one word")]
    """Word for several: Measures."""


class Labels(Record):
    """Words for kinds of boxes instead of the tool's own."""

    recommendation: Label | None = None
    """Word for a recommendation: Measure."""
    gap: Label | None = None
    """Word for a gap: Weakness."""
    finding: Label | None = None
    """Word for a finding: Result."""


class Part(Record):
    """A run of chapters under one heading."""

    title: Annotated[str, _PRINTED_TITLE] | None = None
    """The heading; without one the part has no page of its own."""
    matter: Literal["front", "main", "back"] = "main"
    """Whether chapters are numbered: those of main matter are."""
    chapters: tuple[Annotated[str, Limits(unique_in="paths", duplicate_kind="path", file="chapter")], ...] = ()
    """Paths from the paper's root."""


class TranslatedTitle(Record):
    """Title of the paper in another language."""

    language: Annotated[str, replace(LANGUAGE_LIMITS, unique_in="list", duplicate_kind="value")]
    """The language as a tag: ur."""
    title: Printed
    """The title in this language, as printed."""
    verify: bool = False
    """Whether the translation has yet to be confirmed."""


class Annex(Record):
    """An annex made from the registers."""

    title: Annotated[str, _PRINTED_TITLE]
    """The heading of the annex."""
    list: Annotated[str, Limits(refers_to="list", dead_kind="annex", unique_in="list")]
    """Name of the list that it contains."""


class WordFile(Record):
    """Design of the Word file, as far as it differs from that of the PDF."""

    template: str | None = None
    """A .docx or .dotx, such as a ministry's own, whose page, headers and footers, fonts and styles are used."""
    styles: Mapping[str, str] = EMPTY_MAPPING
    """Style of the template for one of ours; a style of the same name needs no line."""


class Site(Record):
    """The website."""

    url: Annotated[str, Limits(pattern=r"^https?://[^\s?#]+$")] | None = None
    """The address at which it is published: https://example.org/paper."""
    summary: Printed | None = None
    """Description of the paper in two or three sentences, for its first page and for search engines."""
    contact: Annotated[str, MAIL_LIMITS] | None = None
    """A public e-mail address: every paragraph then has a link to suggest a change to it."""
    progress: bool = False
    """Whether the public sees the progress of the paper, without obligations. Other readers always see all of it."""


class ConsultationSettings(Record):
    """Agreement of the bodies that own recommendations."""

    required: bool = False
    """Whether a final paper needs the agreement of each owner, or a recorded reason why it does without."""
    reminders: tuple[Annotated[int, Limits(least=1)], ...] = (5, 10)
    """Working days after which a body that has not answered is reminded: once for each number."""


class OwnWords(NamedTuple):
    """Words of a paper in place of the tool's own."""

    language: str = ""
    """Language of the paper as a tag: that of its boxes."""
    boxes: tuple[tuple[str, str, str], ...] = ()
    """Renamed kinds of boxes, each with the word for one and for several."""
    texts: tuple[tuple[str, str, str], ...] = ()
    """Other words, each with its language, its key and its text."""

    def boxes_in(self, language: str) -> tuple[tuple[str, str, str], ...]:
        """Return the renamed kinds in a language: those of the paper's own only."""
        return self.boxes if language.partition("-")[0] == self.language.partition("-")[0] else ()


class Settings(Record):
    """The whole of paper/paper.yaml: the settings of this paper."""

    required_keys: ClassVar[tuple[str, ...]] = ("id", "title", "statuses", "parts")
    id: Annotated[str, _ID_LIMITS] = "paper"
    """Names the files in dist/."""
    title: Printed = ""
    """The title on the cover."""
    subtitle: Printed | None = None
    """The line under the title."""
    titles: tuple[TranslatedTitle, ...] = ()
    """The title in other languages, below that on the cover."""
    edition: Printed | None = None
    """Edition in words: Working draft."""
    draft: bool = True
    """Whether outputs that are not final are marked as drafts; false suits a manual, which is always in use."""
    version: Printed | None = None
    """Version as readers see it: 3; by default the name of its tag in git."""
    publisher: Annotated[str, Limits(refers_to="organization")] | None = None
    """Id of an organization."""
    editor: Annotated[str, Limits(refers_to="person")] | None = None
    """Id of the person who edits the paper."""
    language: Annotated[str, LANGUAGE_LIMITS] = "en-GB"
    """The language of the paper as a tag: en-GB-oxendict."""
    fonts: Mapping[str, Literal["nastaliq", "naskh"]] = EMPTY_MAPPING
    """Style of script for a language that has several: ur: nastaliq."""
    timezone: str = "UTC"
    """Time zone of the paper's days: Asia/Karachi."""
    asks: Annotated[str, Limits(printed=True, longest=400)] | None = None
    """Request of the paper in one sentence: it opens the summary for decision makers."""
    next: tuple[Annotated[str, _PRINTED_TITLE], ...] = ()
    """Next decisions, a sentence each: they close the summary for decision makers."""
    as_of: Day | None = None
    """The day up to which the paper's facts hold."""
    approvers: tuple[Annotated[str, Limits(refers_to="person", unique_in="list", duplicate_kind="value")], ...] = ()
    """Ids of the people who may sign chapters off; without any, everybody in contributors.yaml may."""
    rights: Printed | None = None
    """Rights in the text, in a sentence."""
    category_key: str = "category"
    """The key by which chapters name their category."""
    categories: tuple[Category, ...] = ()
    """The subjects that the paper divides its field into."""
    kinds: Mapping[str, Kind] = EMPTY_MAPPING
    """By the value of the category key; `category` holds for every category."""
    statuses: tuple[Status, ...] = ()
    """The stages in a chapter's life, in order."""
    priorities: tuple[Priority, ...] = ()
    """The ranks of recommendations, the most urgent first; with any, every recommendation has one."""
    labels: Labels = Labels()
    """Words for recommendations, gaps and findings in all outputs, in place of the tool's own."""
    parts: tuple[Part, ...] = ()
    """The chapters in the order of the paper."""
    chapters_run_on: bool = False
    """Whether chapters follow each other without a new page in the PDF, as in a paper of under 20 pages."""
    record_files: bool = False
    """Whether commands write each new record into a file of its own, so that additions on two branches do not meet."""
    protected_branch: str | None = None
    """Branch that takes changes from other branches only, as on the code host: main. No command commits there."""
    bibliography: tuple[Annotated[str, _UNIQUE_TEXT], ...] = ()
    """Files of sources: .bib, .ris, .json (CSL) and .yaml, as paths from the paper's root. By default those in paper/:
    every .bib and .ris, and references*.json and references*.yaml."""
    csl: str = SHIPPED_STYLES[0]
    """The style of citations: author-date, note or numeric, or a CSL file of the paper as a path from its root."""
    nocite: tuple[
        Annotated[str, Limits(refers_to="sources", dead_kind="source", unique_in="list", duplicate_kind="value")], ...
    ] = ()
    """Keys of sources that the list of references has although nothing cites them; '*' for all."""
    annexes: tuple[Annex, ...] = ()
    """Lists at the end."""
    consultation: ConsultationSettings = ConsultationSettings()
    """Agreement of the bodies that own recommendations."""
    word: WordFile = WordFile()
    """Design of the Word file."""
    site: Site = Site()
    """Settings of the website."""
    rules: Mapping[str, Literal["off", "info", "warning", "error"]] = EMPTY_MAPPING
    """Severity of a rule for the whole paper, whatever the status."""

    own_texts: ClassVar[tuple[tuple[str, str, str], ...]] = ()
    """Words of the files in paper/wording, each with its language and key. To a type checker it is no field."""

    def with_texts(self, texts: Iterable[tuple[str, str, str]]) -> Self:
        """Return the settings with words of the paper."""
        new = self.replace()
        vars(new).update(own_texts=tuple(texts))
        return new

    @property
    def own_words(self) -> OwnWords:
        """Words of the paper in place of the tool's own."""
        labels = {kind: getattr(self.labels, kind) for kind in Labels.names}
        boxes = tuple((kind, label.one, label.many) for kind, label in labels.items() if label)
        return OwnWords(self.language, boxes, self.own_texts)

    def chapter_kind(self, category: str) -> Kind:
        """Return the requirements of a chapter with this category."""
        name = "category" if category in {c.id for c in self.categories} else category
        return self.kinds.get(name, Kind())

    def strictness(self, status: str) -> int:
        """Return the strictness of checks for a chapter with this status, 0 to 4."""
        rank, last = self.rank(status), max(len(self.statuses) - 1, 1)
        configured = self.statuses[rank].strictness if self.statuses else None
        return 4 * rank // last if configured is None else configured

    def part_index(self, name: str) -> int | None:
        """Return the index of the part with a title or number; None if there is none."""
        if name.isdecimal() and 1 <= int(name) <= len(self.parts):
            return int(name) - 1
        titles = [(part.title or "").casefold() for part in self.parts]
        return titles.index(name.casefold()) if name and name.casefold() in titles else None

    def priority(self, name: str) -> Priority | None:
        """Return the priority that a recommendation names, by id or title."""
        key = comparable(name)
        return next((p for p in self.priorities if key in (comparable(p.id), comparable(p.title))), None)

    def rank(self, status: str) -> int:
        """Return the position of a status in the life of a chapter, from 0; 0 for an unknown one."""
        return next((i for i, s in enumerate(self.statuses) if s.id == status), 0)
