"""Scan BibTeX and BibLaTeX for entries, fields and their places; pandoc gives none.

A broken entry is reported and left out: pandoc would read no entry of the file.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from itertools import count

from msgspec.structs import replace

from nioc_paper.load.bibliography.entries import (
    DATE_VARIABLES,
    NAME_VARIABLES,
    Field,
    Lines,
    Scan,
    ScannedEntry,
    ScanProblem,
    invert,
    words,
)
from nioc_paper.model import slugify

_START = re.compile(r"^[ \t]*+%.*|@\s*+(?P<type>[A-Za-z]+)\s*+(?P<open>[{(])\s*+(?P<key>[^\s,{}()=\"]*)", re.MULTILINE)
_SIGN = re.compile(
    r'\\.|[{}()"]|(?P<next>^[ \t]*+@[A-Za-z]+[ \t]*+[{(][ \t]*+[^\s,{}()=]+[ \t]*+,)', re.MULTILINE | re.DOTALL
)
_AFTER_KEY = re.compile(r"\s*+[,})]")
_FIELD = re.compile(r"(?<=[,\s])([A-Za-z][\w:+*.-]{0,60}+)\s*+=\s*+(?=[{\"\w])")
_LAWS = frozenset(("legislation", "legal", "jurisdiction"))
_TITLE = re.compile(r'^((?:short)?title\s*+=\s*+)[{"](.*)[}"]', re.IGNORECASE | re.DOTALL)
_MONTH = re.compile(r'^(month\s*+=\s*+)[{"]\s*+([A-Za-z]{3})[A-Za-z]*+\.?\s*+[}"]', re.IGNORECASE)
_ADDRESS = re.compile(r"^(?:url|doi)\b", re.IGNORECASE)
_ESCAPED_SIGN = re.compile(r"\\([_%#&$~])")
_BARE_SIGN = re.compile(r"(?<!\\)(?:%|#(?=\d))")


def scan_bibtex(text: str) -> Scan:
    """Return the entries of a BibTeX file."""
    scan, lines, index = Scan(), Lines(text), 0
    while start := _START.search(text, index):
        if not start["type"]:
            index = start.end()
            continue
        index, problem = _find_end(text, start)
        kind = start["type"].lower()
        if kind == "string" and not problem:
            # With braces: pandoc refuses parentheses here.
            scan.macros += f"@string{{{text[start.end('open') : index - 1]}}}\n"
        elif kind not in ("string", "comment", "preamble"):
            _add_entry(scan, text, lines, start, index - 1, problem)
    return scan


def _find_end(text: str, start: re.Match[str]) -> tuple[int, str]:
    """Return the index after an entry, and what is wrong with it."""
    depth, is_quoted = 1, False
    for sign in _SIGN.finditer(text, start.end("open")):
        if sign["next"]:
            return sign.start(), "a brace or quotation mark of the entry is not closed before the next one"
        depth += {"{": 1, "}": -1}.get(sign[0], 0)
        is_quoted ^= sign[0] == '"' and depth == 1
        if depth == 0 or (depth == 1 and sign[0] == ")" and start["open"] == "(" and not is_quoted):
            return sign.end(), "a quotation mark of the entry is not closed" if is_quoted else ""
    return len(text), "the entry is never closed"


def _add_entry(scan: Scan, text: str, lines: Lines, start: re.Match[str], end: int, problem: str) -> None:
    """Add an entry that closes at an index, or what is wrong with it; a broken one has its key, and no text."""
    key, position = start["key"], lines.position(start.start("key"))
    if not key:
        problem = "the entry has no key"
    elif not problem and not _AFTER_KEY.match(text, start.end()):
        problem = f"the key '{key[:40]}' does not end with a comma"
    if problem:
        hint = f"write @{start['type']}{{key, name = {{value}}, …}}, with every brace closed"
        scan.problems.append(ScanProblem(position, problem, hint))
    if key:
        kind = start["type"].lower()
        names = list(_FIELD.finditer(text, start.end(), end)) if not problem else []
        starts = [*(name.start() for name in names), end]
        parts = [text[begin:stop] for begin, stop in itertools.pairwise(starts)]
        pairs = zip(names, parts, strict=True)
        fields = [Field(name[1], part[len(name[0]) :], lines.position(name.end())) for name, part in pairs]
        own = [Field("short", f.value.strip(' \n,{}"'), f.position) for f in fields if f.name.lower() == "shortauthor"]
        written = f"@{kind}{{{key},{''.join([_for_pandoc(part, kind) for part in parts])}}}\n" if not problem else ""
        scan.entries.append(ScannedEntry(key, kind, position, fields, written, [f for f in own if "\\" not in f.value]))


def _for_pandoc(part: str, kind: str) -> str:
    """Return a field as pandoc is to read it.

    It writes titles small, which a law's is not, knows months by three letters, and drops text after '%' and '#1'.
    """
    if _ADDRESS.match(part):
        return _ESCAPED_SIGN.sub(r"\1", part)
    part = part if "://" in part else _BARE_SIGN.sub(r"\\\g<0>", part)
    return _TITLE.sub(r"\1{{\2}}", part) if kind in _LAWS else _MONTH.sub(r"\1\2", part)


# --- read RIS ---------------------------------------------------------------------------------------------------------


_TAG = re.compile(r"([A-Z][A-Z0-9]) {1,2}-(?: ?(.*))?$")
_DATE = re.compile(r"(\d{4})(?:[/-](\d{1,2}))?(?:[/-](\d{1,2}))?(?:[/-].*)?/*$")
_WEB_OF_SCIENCE = re.compile(r"\s*(?:FN |VR |PT [A-Z]\b)")
_TYPES: Mapping[str, str] = {"STAND": "standard", "STD": "standard"} | invert(
    """
    article=ABST article-journal=EJOUR,INPR,JFULL,JOUR article-magazine=MGZN article-newspaper=NEWS bill=BILL,UNBILL
    book=ANCIENT,BOOK,CLSWK,CTLG,DICT,EBOOK,EDBOOK,SER chapter=CHAP,ECHAP dataset=AGGR,DATA,DBASE document=GEN,GRNT
    entry-encyclopedia=ENCYC figure=EQUA,FIGURE graphic=ART,CHART,SLIDE hearing=HEAR legal_case=CASE,LEGAL
    legislation=STAT manuscript=MANSCPT,UNPB,UNPD map=MAP motion_picture=ADVS,MPCT,VIDEO musical_score=MUSIC,SOUND
    pamphlet=PAMP paper-conference=CONF,CPAPER patent=PAT personal_communication=ICOMM,PCOMM post-weblog=BLOG
    report=GOVDOC,RPRT software=COMP thesis=THES webpage=ELEC,MULTI,WEB
    """
)
_VARIABLES: Mapping[str, str] = invert(
    """
    DOI=DO ISSN=SN URL=UR,LK accessed=Y2 author=AU,A1 container-title=T2,JO,JF,BT edition=ET editor=ED,A2 issue=IS
    issued=DA,PY,Y1 language=LA number-of-volumes=NV page=SP page-last=EP publisher=PB publisher-place=CY,PP
    title=TI,T1,CT volume=VL
    """
)
_ISBN_LENGTHS = (10, 13)
"""Numbers of digits of an ISBN; an ISSN has 8."""
_UNPRINTED_TAGS = words(
    """
    AB AD AN AV C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP DB DP ID J1 J2 JA KW L1 L2 L3 L4 LB M1 M2 M3 N1 N2 OP PM RI RN RP
    SE ST TA TT U1 U2 U3 U4 U5 VO
    """
)
"""Tags of notes, abstracts, archives and short forms, which every program exports and no citation prints."""


def scan_ris(text: str) -> Scan:
    """Return the entries of a RIS file. One without an ID gets family name and year as its key: ash2019."""
    if _WEB_OF_SCIENCE.match(text):
        hint = "in Web of Science, choose Export, then RIS or BibTeX"
        return Scan(problems=[ScanProblem((1, 1), "this is Web of Science's own format, not RIS", hint)])
    result, fields, strays, lines = Scan(), list[Field](), list[int](), text.rstrip().split("\n")
    for number, line in enumerate([*lines, "TY  - "], 1):
        match = _TAG.match(line)
        tag, value = (match[1], (match[2] or "").strip()) if match else ("", line.strip())
        if tag in ("TY", "ER") and fields:
            if tag == "TY":
                message = f"the entry from line {fields[0].position[0]} has no end"
                problem = ScanProblem((min(number, len(lines)), 1), message, "end every entry with a line 'ER  - '")
                result.problems.append(problem)
            result.entries.append(_make_entry(fields))
            fields = []
        if tag == "TY" or (tag not in ("", "ER") and fields):
            fields.append(Field(tag, value, (number, len(line.rstrip()) - len(value) + 1)))
        elif fields and value:
            fields[-1] = fields[-1]._replace(value=f"{fields[-1].value} {value}")
        elif value:
            strays.append(number)
    if strays:
        message = "the line is in no entry" + (f", and {len(strays) - 1} more" if strays[1:] else "")
        hint = "begin an entry with 'TY  - JOUR'; a line is two letters, two spaces, '- ' and the value"
        result.problems.append(ScanProblem((strays[0], 1), message, hint))
    result.entries = _with_keys(result.entries)
    return result


def _make_entry(tags: Sequence[Field]) -> ScannedEntry:
    """Return an entry with its fields by CSL variable; its key is empty if it has none."""
    first, key = tags[0], next((tag for tag in tags if tag.name == "ID" and tag.value), None)
    by_variable: dict[str, list[Field]] = {}
    for tag in tags[1:]:
        if tag.value and tag.name not in _UNPRINTED_TAGS:
            is_isbn = tag.name == "SN" and len(re.sub("[^0-9Xx]", "", tag.value)) in _ISBN_LENGTHS
            name = "ISBN" if is_isbn else _VARIABLES.get(tag.name, tag.name)
            by_variable.setdefault(name, []).append(tag)
    last_page = by_variable.pop("page-last", [])
    fields = [_to_field(variable, same) for variable, same in by_variable.items()]
    if last_page:
        fields = [f._replace(value=f"{f.value}-{last_page[0].value}") if f.name == "page" else f for f in fields]
    position = key.position if key else first.position
    return ScannedEntry(key.value if key else "", _TYPES.get(first.value, first.value), position, fields)


def _to_field(variable: str, tags: Sequence[Field]) -> Field:
    """Return the field of a variable: all names, the most precise date, or the first text."""
    value: object = tags[0].value
    if variable in NAME_VARIABLES:
        value = [_to_name(tag.value) for tag in tags]
    elif variable in DATE_VARIABLES:
        dates = [match.groups() for tag in tags if (match := _DATE.match(tag.value))]
        longest = max(dates, key=lambda date: sum(map(bool, date)), default=())
        value = "-".join(part.zfill(2) for part in longest if part) or value
    return tags[0]._replace(name=variable, value=value)


def _to_name(text: str) -> dict[str, str]:
    """Return a name; one without a comma is an organization's."""
    parts = [part.strip() for part in text.split(",")]
    return dict(zip(("family", "given", "suffix"), parts, strict=False)) if parts[1:] else {"literal": text}


def _with_keys(entries: Sequence[ScannedEntry]) -> list[ScannedEntry]:
    """Return the entries with keys: those without get name and year, with a letter if several works would share it."""
    used, works = {entry.id for entry in entries}, dict[str, dict[str, str]]()
    for entry in entries:
        if not entry.id:
            works.setdefault(_make_key(entry), {})[_work(entry)] = ""
    for stem, keys in works.items():
        letters = (stem + (chr(ord("a") + n) if n < 26 else f"-{n + 1}") for n in count())
        free = (key for key in letters if key not in used)
        keys.update({work: stem if len(keys) == 1 and stem not in used else next(free) for work in keys})
    return [entry if entry.id else replace(entry, id=works[_make_key(entry)][_work(entry)]) for entry in entries]


def _make_key(entry: ScannedEntry) -> str:
    names, title, issued = (entry.field(name) for name in ("author", "title", "issued"))
    names = names or entry.field("editor")
    name = next(iter(names.value[0].values())) if names else title.value if title else "source"
    year = issued.value[:4] if issued and issued.value[:4].isdigit() else ""
    return (slugify(name).replace("-", "") or "source") + year


def _work(entry: ScannedEntry) -> str:
    """Return what is said of a work: the same entry given twice has one key, and is reported."""
    return repr([(field.name, field.value) for field in entry.fields])
