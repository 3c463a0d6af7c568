"""Find faults in an entry of a bibliography file: text that would be missing or wrong in a citation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from msgspec import Struct

from nioc_paper.load.bibliography.scanned import Field, Position, ScannedEntry
from nioc_paper.load.bibliography.source_dates import date_problem
from nioc_paper.load.bibliography.vocabulary import (
    BIB_FIELDS,
    BIB_FIELDS_BY_VARIABLE,
    BIB_TYPES,
    CSL_TYPES,
    CSL_TYPES_BY_SYNONYM,
    CSL_VARIABLES,
    DATE_VARIABLES,
    HARMLESS_FIELDS,
    NAME_VARIABLES,
    REQUIRED_VARIABLES,
    RIS_TAGS_BY_VARIABLE,
    RIS_TYPES,
    VARIABLES_BY_SYNONYM,
)
from nioc_paper.model import spelling_hint

_MIN_SIMILARITY = 0.78
"""Minimum similarity of a misspelled field to a known one: 'titel' and 'title' have 0.8."""
_BIB_NAME_FIELDS = ("author", "editor", "translator", "bookauthor", "editora")
_BIB_DATE_FIELDS = ("date", "year", "urldate", "origdate", "eventdate")
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_ET_AL = re.compile(r"\bet\.?\s+al\b", re.IGNORECASE)
_BAD_IN_ADDRESS = re.compile(r"[\s<>\[\]{}\"|\\^`]")
_URL_COMMAND = re.compile(r"\\url\s*\{([^{}]*)\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WEB_SCHEME = re.compile(r"(https?|ftp)://[^/\s]|mailto:", re.IGNORECASE)


class Fault(NamedTuple):
    """Fault at a position of the file, under the name of the rule that reports it."""

    rule: str
    position: Position
    message: str
    hint: str = ""


class ParsedEntry(Struct, frozen=True):
    """Entry with its fields as written, and with the CSL variables that were read from them."""

    kind: str
    """Kind of its file: bib, ris, json or yaml."""
    scanned: ScannedEntry
    csl: Mapping[str, object]
    lost: Sequence[str] = ()
    """Parts that no citation can print, such as unknown LaTeX commands."""

    def position(self, variable: str) -> Position | None:
        """Return the position of the value of a CSL variable; None if the entry has none."""
        field = self.scanned.field(*self.names(variable))
        return field.value_position if field else None

    def names(self, variable: str) -> tuple[str, ...]:
        """Return the names of a CSL variable in this kind of file."""
        table = {"bib": BIB_FIELDS_BY_VARIABLE, "ris": RIS_TAGS_BY_VARIABLE}.get(self.kind, {})
        return table.get(variable, (variable,))


def find_faults(parsed: ParsedEntry) -> Iterator[Fault]:
    """Yield the faults of an entry."""
    misspelled = list(misspelled_fields(parsed))
    yield from misspelled
    for find in _FINDERS:
        yield from find(parsed)
    # A misspelled field is very likely the missing one.
    if not misspelled:
        yield from missing_fields(parsed)


def unknown_type(parsed: ParsedEntry) -> Iterator[Fault]:
    """Yield a fault for a type that no style knows."""
    type_name, entry = parsed.scanned.type, parsed.scanned
    if parsed.kind == "bib":
        if type_name not in BIB_TYPES:
            hint = spelling_hint(type_name, BIB_TYPES) or "write misc"
            yield Fault("unknown-source-type", entry.type_position, f"'{type_name}' is not a type of BibLaTeX", hint)
    elif parsed.kind == "ris":
        if type_name not in RIS_TYPES:
            message, hint = f"'{type_name}' is not a type of RIS", "write JOUR, BOOK, CHAP, RPRT, NEWS or ELEC"
            yield Fault("unknown-source-type", entry.type_position, message, hint)
    elif type_name and type_name not in CSL_TYPES:
        known = CSL_TYPES_BY_SYNONYM.get(type_name.lower())
        hint = f"did you mean '{known}'?" if known else spelling_hint(type_name, CSL_TYPES) or "write 'document'"
        yield Fault("unknown-source-type", entry.type_position, f"'{type_name}' is not a type of CSL", hint)


def misspelled_fields(parsed: ParsedEntry) -> Iterator[Fault]:
    """Yield a fault for each unknown field whose name resembles a known one."""
    known = {"bib": BIB_FIELDS, "ris": frozenset[str]()}.get(parsed.kind, CSL_VARIABLES)
    present = {field.name for field in parsed.scanned.fields}
    for field in parsed.scanned.fields if known else ():
        name = field.name.lower() if parsed.kind == "bib" else field.name
        if name in known or name.lower() in HARMLESS_FIELDS - {w.lower() for w in VARIABLES_BY_SYNONYM}:
            continue
        if right := _right_word(name, known, parsed.kind):
            # Programs export fields of their own beside those that are parsed: 'year' beside 'issued'.
            if right not in present:
                hint = f"did you mean '{right}'?"
                yield Fault(
                    "misspelled-source-field", field.position, f"no citation prints the field '{field.name}'", hint
                )
        elif parsed.kind == "yaml":
            hint = "see the variables of CSL: docs.citationstyles.org"
            yield Fault("misspelled-source-field", field.position, f"no citation prints the field '{field.name}'", hint)


def _right_word(name: str, known: Iterable[str], kind: str) -> str:
    if kind != "bib" and name.lower() in VARIABLES_BY_SYNONYM:
        return VARIABLES_BY_SYNONYM[name.lower()]
    by_form = {word.lower(): word for word in known}
    near = get_close_matches(name.lower(), by_form, 1, _MIN_SIMILARITY) if len(name) > 3 else []
    return by_form[near[0]] if near else ""


def missing_fields(parsed: ParsedEntry) -> Iterator[Fault]:
    """Yield one fault for all variables that a source of this type lacks."""
    required = (
        *(("title",) if parsed.kind != "yaml" else ()),
        *REQUIRED_VARIABLES.get(str(parsed.csl.get("type")), ()),
    )
    missing = [group for group in required if not any(parsed.csl.get(name) for name in group.split("|"))]
    # A value that was written and could not be read is another fault.
    unwritten = [g for g in missing if not any(parsed.position(name) for name in g.split("|"))]
    if unwritten:
        words = [_join_with_or([parsed.names(name)[0] for name in group.split("|")]) for group in unwritten]
        message = f"'{parsed.scanned.id}' has no {', and no '.join(words)}"
        yield Fault("missing-source-field", parsed.scanned.position, message, f"add {'; '.join(words)}")


def _join_with_or(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if words[1:] else words[0]


def unread_names(parsed: ParsedEntry) -> Iterator[Fault]:
    """Yield a fault for each list of names that is not written as one."""
    if parsed.kind == "bib":
        for name in _BIB_NAME_FIELDS:
            if field := parsed.scanned.field(name):
                yield from _unread_bib_names(field)
    elif parsed.kind != "ris":
        for field in parsed.scanned.fields:
            if field.name in NAME_VARIABLES and not _is_name_list(field.value):
                message = f"'{field.name}' is not a list of names, so each name is printed as written"
                yield Fault("unread-source-name", field.value_position, message, _name_hint(parsed.kind, field.value))


def _is_name_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, Mapping) for name in value)


def _name_hint(kind: str, value: object) -> str:
    first = value[0] if isinstance(value, list) and value else value
    given_name, _, family = str(first).strip().rpartition(" ") if isinstance(first, str) else ("", "", "")
    if not given_name:
        given_name, family = "Ada", "Ash"
    if kind == "json":
        return f'write [{{"family": "{family}", "given": "{given_name}"}}], or {{"literal": …}} for an organization'
    return f"write '- {{family: {family}, given: {given_name}}}', or '- literal: …' for an organization"


def _unread_bib_names(field: Field) -> Iterator[Fault]:
    for name in _AND.split(_without_groups(str(field.value))):
        problem = ""
        if _ET_AL.search(name):
            problem, hint = "'et al.' is not a name, and is read as 'and others'", "write 'and others'"
        elif name.count(",") > 2 or ";" in name:
            problem, hint = f"'{name.strip()[:40]}' reads as one name", "separate names with ' and '"
        if problem:
            yield Fault("unread-source-name", field.value_position, problem, hint)
            return


def _without_groups(text: str) -> str:
    """Return a text of BibTeX without the content of its braces."""
    previous = ""
    while text != previous:
        previous, text = text, re.sub(r"\{[^{}]*\}", "", text)
    return text


def impossible_dates(parsed: ParsedEntry) -> Iterator[Fault]:
    """Yield a fault for each date that does not exist, or is not a date."""
    for field in _date_fields(parsed):
        if problem := date_problem(field.value, parsed.kind):
            hint = "write 2019, 2019-10 or 2019-10-31"
            if parsed.kind == "ris":
                hint = "write 2019, or 2019/10/31"
            yield Fault("impossible-source-date", field.value_position, problem, hint)


def _date_fields(parsed: ParsedEntry) -> list[Field]:
    names: Iterable[str] = {"bib": _BIB_DATE_FIELDS, "ris": ("PY", "DA", "Y1")}.get(parsed.kind, DATE_VARIABLES)
    date_fields = [
        field
        for field in parsed.scanned.fields
        if (field.name.lower() if parsed.kind == "bib" else field.name) in names
    ]
    # BibLaTeX reads 'year' only if there is no 'date'.
    has_date = any(field.name.lower() == "date" for field in date_fields)
    return [field for field in date_fields if not (has_date and field.name.lower() == "year")]


def bad_addresses(parsed: ParsedEntry) -> Iterator[Fault]:
    """Yield a fault for an address that leads nowhere, or away from the web."""
    field = parsed.scanned.field(*parsed.names("URL"))
    if field is None or (field.name.lower() == "howpublished" and "://" not in str(field.value)):
        return
    address = _URL_COMMAND.sub(r"\1", str(parsed.csl.get("URL") or field.value).strip())
    if bad := _BAD_IN_ADDRESS.search(address):
        sign = "a space" if bad[0].isspace() else f"'{bad[0]}'"
        hint = "give one address; inside it write %20 for a space, %5B and %5D for brackets"
        yield Fault("bad-source-address", field.value_position, f"the address has {sign} in it", hint)
    elif _SCHEME.match(address) and not _WEB_SCHEME.match(address):
        message = f"'{address[:60]}' is not an address of the web, and is not printed"
        yield Fault("bad-source-address", field.value_position, message, "write https://…, or take it out")
    elif not _SCHEME.match(address):
        yield Fault("bad-source-address", field.value_position, f"'{address[:60]}' has no https://", "put it before it")


def lost_text(parsed: ParsedEntry) -> Iterator[Fault]:
    """Yield a fault for commands of LaTeX that pandoc does not know: their text is not printed."""
    yield from _lost_fields(parsed)
    if not parsed.lost:
        return
    command = next(iter(re.findall(r"\\[A-Za-z]+", parsed.lost[0])), parsed.lost[0])
    field = next(
        (f for f in parsed.scanned.fields if command in str(f.value) and f.name.lower() not in HARMLESS_FIELDS), None
    )
    position = field.value_position if field else parsed.scanned.position
    message = f"'{parsed.lost[0][:60]}' is not printed: the command is not known"
    yield Fault("lost-source-text", position, message, "write the text without it")


def _lost_fields(parsed: ParsedEntry) -> Iterator[Fault]:
    """Yield a fault for each field of a .bib file whose whole value LaTeX cannot read."""
    for name in ("title", "author", "editor") if parsed.kind == "bib" else ():
        field = parsed.scanned.field(name)
        if field and str(field.value).strip(" {}") and not parsed.csl.get(name):
            message = f"the value of '{name}' is not LaTeX, and is not printed"
            yield Fault("lost-source-text", field.value_position, message, "take commands like \\begin out of it")


_FINDERS: tuple[Callable[[ParsedEntry], Iterator[Fault]], ...] = (
    unknown_type,
    unread_names,
    impossible_dates,
    bad_addresses,
    lost_text,
)
