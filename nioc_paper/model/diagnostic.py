"""Findings of the toolchain: place, rule, message, and advice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from enum import IntEnum

from msgspec import Struct

from nioc_paper.model.lazy_regex import late_pattern


class Severity(IntEnum):
    """Severity of a finding; `domain.output_stops` tells which errors stop an output."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Place(Struct, frozen=True, order=True):
    """Point in a file of the paper: path from the paper's root, line and column from 1."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    def seen_from(self, other: Place) -> str:
        """Return the place for a message at another one: the line, and the file if that is another."""
        return f"line {self.line}" + (f" of {self.path}" if self.path != other.path else "")


class Fix(Struct, frozen=True):
    """Certain correction: `old`, the text at the place, becomes `new`."""

    place: Place
    old: str
    new: str


class Cause(Struct, frozen=True):
    """Entry that causes findings in several places: they are shown as one, with those of other entries alike."""

    place: Place
    name: str
    """Name of the entry in messages."""
    many: str
    """Message about several entries, with {} for their number."""


class Diagnostic(Struct, frozen=True, eq=False):
    """One finding. `rule` is the slug of the fault; `message` states it; `hint` is the remedy.

    Findings with equal places, rules and messages are equal; they are sorted by these.
    """

    place: Place
    rule: str
    message: str
    severity: Severity = Severity.ERROR
    hint: str = ""
    fix: Fix | None = None
    lost: tuple[str, ...] = ()
    """Names of the entries of a register that are left out or incomplete because of it; `*` for the whole file."""
    affects: tuple[str, ...] = ()
    """Paths of other files with findings that follow from it, and are left out."""
    cause: Cause | None = None
    """Entry at which it is shown together with others."""

    def __eq__(self, other: object) -> bool:
        return self._sort_key == other._sort_key if isinstance(other, Diagnostic) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._sort_key)

    def __lt__(self, other: Diagnostic) -> bool:
        return self._sort_key < other._sort_key

    @property
    def _sort_key(self) -> tuple[Place, str, str]:
        return self.place, self.rule, self.message


Reporter = Callable[[Diagnostic], None]


def report_all(findings: Iterable[Diagnostic], report: Reporter) -> bool:
    """Report findings in their order, and return whether an error is among them."""
    reported = [*findings]
    for finding in reported:
        report(finding)
    return any(finding.severity == Severity.ERROR for finding in reported)


def spelling_hint(word: str, words: Iterable[str], otherwise: str = "") -> str:
    """Return a hint with the nearest of some words, or a list of all if none is near and they are few.

    `otherwise` is what to do if the word is right and its entry is missing.
    """
    candidates = sorted({w for w in words if w})
    # Cut-off by length: short words differ in one letter of four, and at the usual cut-off 'sumary' would miss
    # 'summary'. A long word is also recognized by its beginning: 'intrnal' is nearer to 'internal-review' than to
    # 'final'. With three letters or fewer too many words begin alike.
    by_prefix = {k[: len(word)]: k for k in reversed(candidates) if len(word) > 3 and k[0] == word[0]}
    by_form = by_prefix | {k: k for k in candidates}
    from difflib import SequenceMatcher, get_close_matches  # late: most papers have no misspelled word

    def order(form: str) -> tuple[float, bool, bool]:
        """Return the order of a form: by likeness, then swapped signs before others and whole words before parts."""
        ratio = SequenceMatcher(None, form, word).ratio()
        return -ratio, sorted(form) != sorted(word), form not in candidates

    forms = sorted(get_close_matches(word, by_form, 8, 0.6), key=order)
    if nearest := next((by_form[form] for form in forms if _is_meant(word, form)), ""):
        return f"did you mean '{nearest}'?" + (f" Otherwise {otherwise}" if otherwise else "")
    return otherwise or (f"known are: {', '.join(candidates)}" if 0 < len(candidates) <= 16 else "")


def _is_meant(word: str, near: str) -> bool:
    """Whether a word may be meant by another: keys with a year are not alike because of the year."""
    if not re.search(r"[^\W\d].*\d|\d.*[^\W\d]", word):
        return True
    letters, near_letters = (re.sub(r"[\W\d_]", "", key) for key in (word, near))
    from difflib import SequenceMatcher

    return SequenceMatcher(None, letters.casefold(), near_letters.casefold()).ratio() >= 0.7


MAX_ID_LENGTH = 80
"""Maximum length of an id in characters: file names are limited."""
WINDOWS_DEVICE = late_pattern(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])\.", re.IGNORECASE)
"""Device names of Windows, with any extension."""


def slugify(name: str) -> str:
    """Return the id nearest to a name: lower-case words joined by dashes. An id is returned unchanged."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub("[^a-z0-9]+", "-", plain.lower()).strip("-")


def short_slug(name: str) -> str:
    """Return the id nearest to a name that is short enough for the name of a file."""
    return slugify(name)[:MAX_ID_LENGTH].strip("-")


def free_name(stem: str, used: Collection[str], suffix: str = "") -> str:
    """Return a name that is not used yet, with a number if necessary."""
    names = (f"{stem}{f'-{n}' if n > 1 else ''}{suffix}" for n in range(1, len(used) + 2))
    return next(name for name in names if name not in used)
