"""Decode files into text that is safe to read on, and report what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from nioc_paper.load.load_context import PaperFiles
from nioc_paper.model import Diagnostic, Place, Reporter, Severity, report_all
from nioc_paper.model.characters import (
    FORBIDDEN_CHARACTERS,
    describe_character,
    find_garbled,
    find_invisible,
    find_lookalikes,
    without_invisible,
)
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.system.safe_read import ConfinedError

MAX_TEXT_BYTES = 2 * 2**20
"""Maximum size in bytes; a chapter of a thousand pages is smaller."""
_MAX_RUN = 2000
"""Maximum characters without a blank, and of blanks in a line: a pattern may look at all of a run from each place."""
_LONG_RUN = late_pattern(rf"(?<!\S)\S{{{_MAX_RUN + 1}}}\S*+|(?<![^\S\n])[^\S\n]{{{_MAX_RUN + 1}}}[^\S\n]*+")
_SHOWN_OF_RUN = 100
_MAX_OPEN_COMMENTS = 20
"""Maximum comments without an end: from each of them a pattern looks for one through the rest of the text."""
_ENTRIES_HINT = (
    "keep the entries of both sides, each whole, and delete the marks; of one that both changed keep one version"
)
"""For files that hold entries: one chosen side would lose those of the other, such as a comment."""
_CONFLICT_MARK = late_pattern(r"(<{7}|\|{7}|>{7})( |$)")
_FRONT_MATTER_FENCE = late_pattern(r"(---|\.\.\.)[ \t]*$")


def read_text(files: PaperFiles, path: str, report: Reporter) -> str | None:
    """Return an editor buffer or a text file of the paper, with Unix line ends. None, and a report, if unreadable."""
    buffer = files.buffers.get(path)
    data = read_bytes(files, path, report) if buffer is None else buffer.encode(errors="replace")
    text = None if data is None else decode_text(data, path, report)
    return None if text is None else _with_few_open_comments(_with_short_runs(text, path, report), path, report)


def read_bytes(files: PaperFiles, path: str, report: Reporter) -> bytes | None:
    """Return the bytes of a text file of the paper. Returns None if it cannot be read, which is reported."""
    try:
        return files.read(path, MAX_TEXT_BYTES)
    except ConfinedError as error:
        report(Diagnostic(Place(path), "unreadable-file", str(error), hint="put a regular file in its place"))
        return None


def decode_text(data: bytes, path: str, report: Reporter) -> str | None:
    """Decode UTF-8. Reports everything that is not allowed in a paper; returns None if the file is not a text."""

    def report_encoding(message: str, hint: str, place: Place, lost: tuple[str, ...] = ()) -> None:
        report(Diagnostic(place, "bad-character/encoding", message, hint=hint, lost=lost))

    is_wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    if is_wide or data[:2000].count(0) * 4 > len(data[:2000]):
        message = "the file is UTF-16" if is_wide else "the file is UTF-16 or no text at all"
        report_encoding(message, "save it as UTF-8", Place(path), ("*",))
        return None
    if data[:3] == b"\xef\xbb\xbf":
        report_encoding("the file starts with a byte order mark", "save it as UTF-8 without BOM", Place(path))
        data = data[3:]
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = Place(path, before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        report_encoding(f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8", place)
        text = data.decode(errors="replace")
    return _report_and_clean(text.replace("\r\n", "\n").replace("\r", "\n"), path, report)


def _report_and_clean(text: str, path: str, report: Reporter) -> str:
    # Few lines have unusual characters: only those are scanned for each of them.
    lines = text.split("\n")
    is_usual = text.isascii() and all(map(str.isprintable, lines))
    if is_usual and not any(sign * 7 in text for sign in "<|>"):
        return text
    for number, line in enumerate(lines, 1):
        start = Place(path, number)
        if not (line.isascii() and line.isprintable()):
            report_all((*character_diagnostics(line, start), *lookalike_diagnostics(line, start)), report)
        if _CONFLICT_MARK.match(line):
            message = f"'{line[:7]}' is the mark of a merge conflict"
            hint = "choose one of the two texts and delete the marks" if path.endswith(".md") else _ENTRIES_HINT
            report(Diagnostic(Place(path, number), "merge-conflict", message, hint=hint))
    return clean_characters(text)


def _with_short_runs(text: str, path: str, report: Reporter) -> str:
    """Return a text in which each run that is too long, of letters or blanks, is cut; reports each line with one."""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if len(line) > _MAX_RUN and (run := _LONG_RUN.search(line)):
            kind = "blanks" if run[0].isspace() else "characters without a blank"
            message = f"{len(run[0]):,} {kind} follow each other; {_MAX_RUN:,} are read"
            place = Place(path, number, run.start() + 1)
            report(Diagnostic(place, "unreadable-passage", message, hint="write words, with a blank between them"))
            lines[number - 1] = _LONG_RUN.sub(lambda m: m[0][:_SHOWN_OF_RUN], line)
    return "\n".join(lines)


def _with_few_open_comments(text: str, path: str, report: Reporter) -> str:
    """Return a text with at most 20 comments that have no end; the signs of the others are left out, and reported."""
    *_, tail = text.rpartition("-->")
    words, *comments = tail.split("<!--")
    if len(comments) <= _MAX_OPEN_COMMENTS:
        return text
    start = text[: len(text) - len(tail)] + "<!--".join([words, *comments[:_MAX_OPEN_COMMENTS]])
    place = Place(path, start.count("\n") + 1, len(start) - start.rfind("\n"))
    message = f"{len(comments)} comments '<!--' have no end; {_MAX_OPEN_COMMENTS} are read"
    report(Diagnostic(place, "unreadable-passage", message, hint="end each comment with -->"))
    return start + "".join(comments[_MAX_OPEN_COMMENTS:])


def character_diagnostics(text: str, start: Place) -> Iterator[Diagnostic]:
    """Yield the findings about the characters of a line that begins at a place; of equal characters the first."""
    for match in _first_of_each(FORBIDDEN_CHARACTERS.finditer(text)):
        message = f"character {describe_character(match[0])} is not allowed in a text"
        yield Diagnostic(_place_of(match, start), "bad-character/control", message, hint="delete it")
    for match in _first_of_each(find_invisible(text)):
        message = f"character {describe_character(match[0])} is invisible, and is left out"
        place, rule = _place_of(match, start), "bad-character/invisible"
        yield Diagnostic(place, rule, message, Severity.WARNING, "delete it")
    meant = dict(find_garbled(text))
    for match in _first_of_each(meant):
        message, hint = "a soft hyphen is inside of a word", "delete it: words are hyphenated by themselves"
        if match[0] != "\u00ad":
            message = f"'{match[0]}' is a sign in place of other letters"
            hint = f"write '{meant[match]}'" if meant[match] else "write them again"
        yield Diagnostic(_place_of(match, start), "bad-character/garbled", message, Severity.WARNING, hint)


def _first_of_each(matches: Iterable[re.Match[str]]) -> Iterable[re.Match[str]]:
    """Return the first match of each sign, by what it begins with."""
    return {match[0][0]: match for match in reversed([*matches])}.values()


def _place_of(match: re.Match[str], start: Place) -> Place:
    return Place(start.path, start.line, start.column + match.start())


def lookalike_diagnostics(text: str, start: Place) -> Iterator[Diagnostic]:
    """Yield the findings about letters of a source line that look Latin, and are not."""
    for start_of_word, word, letter, latin in find_lookalikes(text):
        place = Place(start.path, start.line, start.column + start_of_word)
        message, hint = f"'{word}' has the character {describe_character(letter)}", f"write '{latin}' in Latin letters"
        yield Diagnostic(place, "bad-character/lookalike", message, Severity.WARNING, hint)


def clean_characters(text: str) -> str:
    """Return a text with U+FFFD for each forbidden character, and without invisible ones."""
    return without_invisible(FORBIDDEN_CHARACTERS.sub("\ufffd", text))


def split_front_matter(text: str, path: str, report: Reporter) -> tuple[str, str, int]:
    """Return front matter, body, and the body's first line. The body keeps its line numbers: lines above are blank."""
    lines = text.split("\n")
    if not _FRONT_MATTER_FENCE.match(lines[0]) or lines[0].startswith("."):
        hint = "begin the file with '---', the keys, and '---'"
        report(Diagnostic(Place(path), "no-front-matter", "the file has no front matter", hint=hint))
        return "", text, 1
    for index, line in enumerate(lines[1:], 1):
        if _FRONT_MATTER_FENCE.match(line):
            body = "\n" * (index + 1) + "\n".join(lines[index + 1 :])
            return "\n".join(["", *lines[1:index]]), body, index + 2
    hint = "close it with a line '---'"
    report(Diagnostic(Place(path), "no-front-matter", "the front matter is never closed", hint=hint))
    return "", text, 1


# --- read JSON that others wrote --------------------------------------------------------------------------------------


_MAX_DEPTH = 500
_TOKEN = late_pattern(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


def read_json(text: str) -> Any:
    """Return the value of a JSON text. Raises ValueError, also if it is nested too deeply: Python 3.13 may crash."""
    depth = 0
    for token in _TOKEN.finditer(text):
        sign = token[0]
        depth += (sign in "[{") - (sign in "]}")
        if depth > _MAX_DEPTH:
            raise ValueError("is nested too deeply")
    return json.loads(text)
