"""Find faults in an entry of a bibliography file: text that would be missing or wrong in a citation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from nioc_paper.load.bibliography import Position
from nioc_paper.load.bibliography.entries import (
    CONTROL_FIELDS,
    CSL_TYPES,
    CSL_TYPES_BY_SYNONYM,
    CSL_VARIABLES,
    DATE_VARIABLES,
    NAME_VARIABLES,
    REQUIRED_VARIABLES,
    VARIABLES_BY_SYNONYM,
    Field,
    ScannedEntry,
)
from nioc_paper.model import spelling_hint

_MIN_SIMILARITY = 0.78
"""Minimum similarity of a misspelled variable to a known one: 'titel' and 'title' have 0.8."""
_BAD_NAME = re.compile(r"\bet\.? +al\b|;|,.*,.*,", re.IGNORECASE)
_ADDRESS_FORMS: Mapping[str, tuple[str, str, str]] = {
    "URL": (
        r"(?i:((https?|ftp)://[^/\s]|mailto:)[^\s<>\[\]{}\"|\\^`]*)",
        "an address of the web",
        "write one address with https:// before it, and in it %20 for a space, %5B and %5D for brackets",
    ),
    "DOI": (r"(?i:(https?://(dx\.)?doi\.org/|doi: ?)?10\.\d{4,9}/\S+)", "a DOI", "write one such as 10.1000/xyz123"),
}
"""Form of an address by variable, its name, and the hint."""
_DAY = re.compile(r"\b(\d{4})-(\d\d)(?:-(\d\d))?\b")
_YEAR = re.compile(r"(?<!\d)(\d{4}|\d\d\d?X{1,2})(?!\d)")
_SEASONS = ("21", "22", "23", "24")
"""Seasons in the place of a month, as in EDTF."""
_COMMAND = re.compile(r"\\[A-Za-z]+|\\.")
_OWN_NAME = re.compile(r"[-+_\d]|^..$")
"""Sign of a name that programs gave: date-added, bdsk-url-1, author+an, c1."""
_BIB_WORDS = {"container-title": "journaltitle|booktitle", "issued": "date", "URL|DOI": "url|doi"}
_BIB_NAMES = ("author", "editor", "title", "publisher", *VARIABLES_BY_SYNONYM)
_WORD = re.compile(r"[^\W\d_]{3,}")
_NAME_PARTS = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix", "literal")
_NAME_HINT = "give each name its parts, family: Ash and given: Ada, or one part, literal, for an organization"
_MAX_SHOWN, _MAX_NAME = 5, 40
_MAX_JUDGED = 50_000
"""Characters of an entry whose words are looked for: a file of long ones would take minutes."""
Fault = tuple[str, Position, str, str]
"""Rule that reports a fault, its position, message and hint."""


def find_faults(entry: ScannedEntry, csl: Mapping[str, object]) -> Iterator[Fault]:
    """Yield the faults of an entry with the values that were read from it; one of BibTeX has a text."""
    unread = list(_lost_text(entry, csl) if entry.text else _unknown_variables(entry))
    yield from unread
    yield from _unknown_type(entry, csl)
    for variable, value in csl.items():
        if variable in DATE_VARIABLES and (problem := date_problem(value)):
            yield ("bad-source/date", entry.place(variable), problem, "write 2019, 2019-10 or 2019-10-31")
        elif variable in NAME_VARIABLES:
            yield from _unread_names(entry, variable, value)
        elif variable in _ADDRESS_FORMS:
            pattern, name, hint = _ADDRESS_FORMS[variable]
            if not re.fullmatch(pattern, address := str(value).strip()):
                yield ("bad-source/address", entry.place(variable), f"'{address[:60]}' is not {name}", hint)
    # An unread field is very likely the missing one.
    if not any(fault[0] == "bad-source/unknown-field" for fault in unread):
        required = ("title", *REQUIRED_VARIABLES.get(str(csl.get("type")), ()))
        missing = [name for name in required if not any(csl.get(each) or entry.field(each) for each in name.split("|"))]
        if missing:
            named = [_BIB_WORDS.get(name, name) if entry.text else name for name in missing]
            words = [" or ".join(name.replace("|", ", ").rsplit(", ", 1)) for name in named]
            message = f"'{entry.id}' has no {', and no '.join(words)}"
            yield ("bad-source/missing-field", entry.position, message, f"add {'; '.join(words)}")


def _unknown_type(entry: ScannedEntry, csl: Mapping[str, object]) -> Iterator[Fault]:
    """Yield a fault for a type that no style knows. Pandoc gives none to the types that it does not know."""
    if entry.text and not csl.get("type") and entry.type != "misc":
        position, hint = entry.position, "write @article, @book, @incollection, @report, @online or @misc"
    elif not entry.text and entry.type and entry.type not in CSL_TYPES:
        known = CSL_TYPES_BY_SYNONYM.get(entry.type.lower())
        position = entry.place("type")
        hint = f"did you mean '{known}'?" if known else spelling_hint(entry.type, CSL_TYPES) or "write 'document'"
    else:
        return
    yield ("bad-source/type", position, f"'{entry.type}' is not a type, and is read as a document", hint)


def _unknown_variables(entry: ScannedEntry) -> Iterator[Fault]:
    """Yield one fault for all fields that CSL does not know."""
    present = {field.name for field in entry.fields}
    # Programs write fields of their own beside those that are read: 'year' beside 'issued'.
    known = CSL_VARIABLES | {name for name, right in VARIABLES_BY_SYNONYM.items() if right in present}
    unknown = [field for field in entry.fields if field.name not in known]
    if unknown:
        hints = [f"'{right}' for '{field.name}'" for field in unknown if (right := _right_name(field.name))]
        yield _unread(unknown, f"write {', '.join(hints)}" if hints else "see the variables of docs.citationstyles.org")


@lru_cache
def _right_name(name: str) -> str:
    near = get_close_matches(name.lower()[:_MAX_NAME], CSL_VARIABLES, 1, _MIN_SIMILARITY)
    return VARIABLES_BY_SYNONYM.get(name.lower()) or next(iter(near), "")


def _unread(fields: Sequence[Field], hint: str) -> Fault:
    names = ", ".join(f"'{field.name[:_MAX_NAME]}'" for field in fields[:_MAX_SHOWN])
    names += f" and {len(fields) - _MAX_SHOWN} more" if fields[_MAX_SHOWN:] else ""
    message = f"no citation prints the field{'s' if fields[1:] else ''} {names}"
    return ("bad-source/unknown-field", fields[0].position, message, hint)


def _lost_text(entry: ScannedEntry, csl: Mapping[str, object]) -> Iterator[Fault]:
    """Yield a fault for all fields of BibTeX of which no word was read, and one for each that lost some."""
    read, unread = str(csl).casefold(), list[Field]()
    read_words = set(_WORD.findall(read)) | {"and", "others"}
    for field in entry.fields if len(entry.text) <= _MAX_JUDGED else ():
        value, name = str(field.value).lstrip(), field.name.lower()
        if value[:1] not in ("{", '"') or name in CONTROL_FIELDS or _OWN_NAME.search(name):
            continue
        words = _WORD.findall(_COMMAND.sub(" ", value))
        # In a text, because LaTeX cuts words: {\"O}ak has the letters ak.
        lost = [word for word in words if (plain := word.casefold()) not in read_words and plain not in read]
        if lost and len(lost) == len(words):
            unread.append(field)
        elif lost:
            message = f"'{' '.join(lost[:_MAX_SHOWN])}' in the field '{field.name}' is not printed"
            hint = "separate names with ' and '; write the text without commands that LaTeX does not know"
            yield ("bad-source/lost-text", field.position, message, hint)
    if unread:
        name = unread[0].name.lower()
        near = [right for right in get_close_matches(name[:_MAX_NAME], _BIB_NAMES, 1, _MIN_SIMILARITY) if right != name]
        yield _unread(unread, f"write '{near[0]}'" if near else "take commands of LaTeX out of it, or take it out")


def _unread_names(entry: ScannedEntry, variable: str, names: object) -> Iterator[Fault]:
    """Yield a fault for names whose parts or persons are not separate."""
    field, position = entry.field(variable), entry.place(variable)
    written = field.value if field and not entry.text else names
    if not (isinstance(written, list) and all(isinstance(name, Mapping) for name in written)):
        message = f"'{variable}' is not a list of names, so each name is printed as written"
        yield ("bad-source/author", position, message, _NAME_HINT)
        return
    for name in written:
        text = " ".join(str(name[part]) for part in _NAME_PARTS if name.get(part))
        if _BAD_NAME.search(text):
            hint = "give each person an entry of its own; for 'et al.' add the name 'others'"
            yield ("bad-source/author", position, f"'{text[:40]}' reads as one name", hint)
            return


def date_problem(value: object) -> str:
    """Return the problem of a date, or an empty text: a day that does not exist, or a text without a year."""
    if isinstance(value, Mapping):
        days = value.get("date-parts") or [[value.get("literal", "")]]
        value = "/".join("-".join(str(part).zfill(2) for part in day) for day in days)
    text, year = str(value), _YEAR.search(str(value))
    if not year:
        return f"'{text[:40]}' is not a date: the source is printed without one"
    for day in _DAY.finditer(text):
        try:
            date(int(day[1]) or 2000, 1 if day[2] in _SEASONS else int(day[2]), int(day[3] or 1))
        except ValueError:
            return f"'{day[0]}' is not a date: there is no such {'day' if day[3] else 'month'}"
    return f"the year {year[0]} is far ahead" if year[0] > "2100" else ""
