"""Sources of a paper: entries of its bibliography files, with what an editor knows of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from nioc_paper.model.diagnostic import Place
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.model.record import EMPTY_MAPPING, Limits, Printed, Record, RecordSource

_LAWS = frozenset({"legislation", "bill", "regulation"})
_TITLES = ("title", "title-short")
IDENTIFIER_VARIABLES = frozenset((
    "archive_location", "call-number", "chapter-number", "citation-key", "citation-label", "citation-number",
    "collection-number", "DOI", "edition", "first-reference-note-number", "ISBN", "ISSN", "issue", "locator", "number",
    "number-of-pages", "number-of-volumes", "page", "page-first", "part-number", "PMCID", "PMID", "printing-number",
    "section", "supplement-number", "URL", "version", "volume", "year-suffix",
))  # fmt: skip
"""Variables of CSL that hold a number, an identifier or an address of a source."""
_TITLE_WITH_YEAR = late_pattern(r"(.+?)(?<!\bof),? (1[6-9]\d\d|20\d\d)", re.DOTALL)
"""Short title followed by its year; in "Act IV of 1997" the year is part of the number."""
COPIES_FOLDER = "paper/sources"
"""Folder of kept copies."""
WITHOUT_BRACKETS = "without-brackets"
"""Key of a citation whose printed form loses the brackets around it."""
AUTHOR_IN_FULL = "author-in-full"
"""Variable of our own for the names that a short one replaces: the list of references has both."""
_YEAR_IN_TITLE = "year-in-title"
_YEAR_IN_NUMBER = "year-in-number"
_YEAR_OF_ISSUE_ONLY = "year-of-issue-only"


class Reference(Record):
    """A source, in the terms of CSL (docs.citationstyles.org, 1.0.2), with what an editor knows of it.

    CSL's own variables that are not declared here are kept as they are in `extra`.
    """

    open_ended: ClassVar[bool] = True
    key_names: ClassVar[Mapping[str, str]] = {"seen_through": "seen-through", "copy_sha256": "copy-sha256"}
    own_keys: ClassVar[frozenset[str]] = frozenset(
        ("verify", "primary", "post", "press", "seen-through", "short", "copy", "copy-sha256", "copied", "passage")
    )
    formatted: ClassVar[Mapping[str, str]] = EMPTY_MAPPING
    """Texts with markup, in the tags of CSL, by variable."""
    own_source: ClassVar[RecordSource | None] = None
    """Place of the own keys, if another file has the entry."""
    id: Annotated[str, Limits(unique_in="sources", equal_as="source", duplicate_kind="register", used_as="source")]
    """The key by which chapters cite it, after `@`."""
    type: str = ""
    """A type of CSL: report, webpage, book, article-journal, article-newspaper, legislation, document."""
    title: Printed = ""
    """The title as printed."""
    verify: bool = False
    """Nobody has checked this source yet."""
    primary: Annotated[str, Limits(refers_to="source", dead_kind="primary")] | None = None
    """Key of the primary source that this one reports."""
    press: bool = False
    """A press report."""
    post: bool = False
    """Later than the paper's `as_of` on purpose."""
    seen_through: Annotated[str, Limits(refers_to="source", dead_kind="primary")] | None = None
    """Key of the source through which it was seen, if nobody has seen the document itself."""
    short: str | None = None
    """Short name of a long author in citations: UNODC. Of a source without authors, such as an Act, its short title."""
    passage: str | None = None
    """Words of the source that the paper quotes: a few lines, with page or section. Never printed."""
    copy: Annotated[str, Limits(file="copy")] | None = None
    """A kept copy of the source, below paper/sources/. No output has it."""
    copy_sha256: Annotated[str, Limits(pattern=r"[0-9a-f]{64}")] | None = None
    """SHA-256 hash of the kept copy."""
    copied: Annotated[str, Limits(pattern=r"\d{4}-\d\d-\d\d")] | None = None
    """The day on which the source was copied."""

    @classmethod
    def from_file(
        cls,
        source: RecordSource,
        values: Mapping[str, object],
        extra: Mapping[str, object],
        formatted: Mapping[str, str],
    ) -> Self:
        """Return a source from a file, with its values by key, and those with markup."""
        record = cls.from_source(source, values, extra)
        vars(record).update(formatted=formatted)
        return record

    @cached_property
    def year(self) -> str:
        """Year of issue; empty if it is unknown."""
        return _year_of(self.extra) or ""

    @property
    def is_law(self) -> bool:
        """Whether it is a law without authors, which styles cite by its title."""
        return self.type in _LAWS and not self.author_names

    def with_own_keys(self, extension: Reference) -> Reference:
        """Return this source with the own keys of an extension."""
        own_names = [name for name in self.names if self.key_of(name) in self.own_keys]
        own_values = {name: getattr(extension, name) for name in own_names if name in vars(extension)}
        new = self.replace(**own_values)
        vars(new)["own_source"] = extension._source
        return new

    def place(self, *loc: str | int) -> Place:
        """Return the place of a value; that of an own key in the file that has it."""
        if self.own_source and loc and loc[0] in self.own_keys:
            prefix = self.own_source.prefix
            return Place(self.own_source.path, *self.own_source.positions.get((*prefix, *loc), (1, 1)))
        return super().place(*loc)

    def written_csl(self) -> dict[str, object]:
        """Return the reference in CSL as it was written, without our own keys. Markup is that of CSL: <i>words</i>."""
        return self._with_markup(self._plain_csl())

    def csl(self) -> dict[str, Any]:
        """Return the reference in CSL as it is cited: with its short name, and the year of a law or judgment once."""
        return self._with_markup(self._with_one_year(self._with_short_names(self._plain_csl())))

    def _plain_csl(self) -> dict[str, object]:
        return {k: v for k, v in self.items() if v not in (None, "") and k not in self.own_keys}

    def _with_markup(self, fields: dict[str, object]) -> dict[str, object]:
        """Return CSL with the markup of those texts that are as they were written."""
        plain = self._plain_csl()
        return fields | {key: text for key, text in self.formatted.items() if fields.get(key) == plain.get(key)}

    @property
    def author_names(self) -> list[str]:
        """Family names and names of organizations; of several the last may be "others"."""
        authors = [a for a in self.extra.get("author") or () if isinstance(a, dict)]
        return [str(a.get("literal") or a.get("family") or a.get("given") or "") for a in authors]

    def _with_short_names(self, fields: dict[str, object]) -> dict[str, object]:
        """Return CSL with the short name as author, and the authors' names in a variable of our own."""
        is_same = fields.get("title-short") == fields.get("title")
        new = {k: v for k, v in fields.items() if k != "title-short" or not is_same}
        if not self.short:
            return new
        if not self.author_names:
            return new | {"title-short": self.short}
        return new | {"author": [{"literal": self.short}], AUTHOR_IN_FULL: ", ".join(self.author_names)}

    def _with_one_year(self, fields: dict[str, object]) -> dict[str, object]:
        if self.type in _LAWS:
            return _with_year_of_title(_without_repeated_number(fields))
        if self.type != "legal_case":
            return fields
        year = _year_of(fields)
        is_in_number = (
            year and not _has_month(fields["issued"]) and re.search(rf"\b{year}\b", str(fields.get("number")))
        )
        new = fields | ({_YEAR_IN_NUMBER: year} if is_in_number else {})
        return {k: v for k, v in new.items() if k != "issued" or str(fields.get("volume")) != year}


def _without_repeated_number(fields: dict[str, object]) -> dict[str, object]:
    """Return a law without a genre that its number begins with, and without that number at the end of its titles."""
    number, genre = str(fields.get("number", "")), str(fields.get("genre", ""))
    new = {
        k: v for k, v in fields.items() if k != "genre" or not re.match(rf"{re.escape(genre)}\b", number, re.IGNORECASE)
    }
    ending = re.compile(rf"(?<=\S)\s*\({re.escape(number)}\)$", re.IGNORECASE)
    return new | {key: ending.sub("", str(new[key])) for key in _TITLES if number and key in new}


def _with_year_of_title(fields: dict[str, object]) -> dict[str, object]:
    """Return a law with the year of its short title as a date; styles print it after the title."""
    new = dict(fields)
    for key in _TITLES:
        if match := _TITLE_WITH_YEAR.fullmatch(str(new.get(key, ""))):
            new[key], year = match.groups()
            if year != _year_of(fields):
                new.setdefault("original-date", year)
    return new | _hints_for_years(new)


def _hints_for_years(fields: Mapping[str, object]) -> dict[str, object]:
    """Return variables of our own by which a style knows that a year would be printed twice."""
    year = str(fields.get("original-date") or _year_of(fields))
    hints = {
        _YEAR_IN_TITLE: re.search(rf"\b{year}\b", str(fields.get("title"))),
        _YEAR_OF_ISSUE_ONLY: "original-date" not in fields and not _has_month(fields.get("issued")),
    }
    return {name: year for name, holds in hints.items() if holds and year != "None"}


def _has_month(issued: object) -> bool:
    return len(re.findall(r"\d+", str(issued))) > 1


def _year_of(fields: Mapping[str, object]) -> str | None:
    match = re.search(r"\d{4}", str(fields.get("issued", "")))
    return match[0] if match else None


class SourceCopy(NamedTuple):
    """Kept copy of a source: its SHA-256 hash, or the reason why it cannot be read."""

    hash: str = ""
    problem: str = ""
    """End of a sentence about the file."""


class References(Record):
    """paper/references.yaml, and with it the sources of all other files."""

    references: tuple[Reference, ...] = ()
    """Every source that the paper cites."""

    def place(self, *loc: str | int) -> Place:
        """Return the place of a value in the file of its source."""
        if len(loc) > 1 and isinstance(loc[1], int):
            return self.references[loc[1]].place(*loc[2:])
        return super().place(*loc)
