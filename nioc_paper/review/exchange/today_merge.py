"""Merge a received file into today's chapter: one text per reviewer, and the conflicts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import accumulate

import yaml
from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.edit.yaml import EditError, set_front_matter_value
from nioc_paper.model import AUDIENCES, Chapter, LineChange, Paper, Sending, long_date
from nioc_paper.model.characters import comparable, strip_unprintable
from nioc_paper.review.branches.file_merge import merge_chapter_text
from nioc_paper.review.branches.merge_questions import Question, Questions
from nioc_paper.review.docx.docx_text import DocxText, tokenize
from nioc_paper.review.merge.chapter_merge import MergeResult, ParseMarkdown, merge_chapter
from nioc_paper.review.merge.text_edits import Edit, MergeConflict, common_length

CLASH_REASON = "the same sentence has changed since"
TAKEN_BACK_REASON = "older than today's text, or withdrawn: it would take back what"
_MAX_NAME = 100
"""Maximum length of a name from a Word file."""


class AuthorStep(Struct, frozen=True):
    """Today's chapter with the changes of one reviewer, and of those before."""

    author: str
    """Name in the file; empty for changes that were not tracked."""
    text: str


class LocatedConflict(Struct, frozen=True):
    """Conflict at a line of today's chapter."""

    line: int
    conflict: MergeConflict


class ReceiveResult(Struct, frozen=True):
    """Result of receiving a file."""

    steps: tuple[AuthorStep, ...]
    conflicts: tuple[LocatedConflict, ...]
    changes: tuple[LineChange, ...] = ()
    """Changes of the chapter as it was sent, for the ledger."""
    authors: tuple[str, ...] = ()
    """Names of those who made tracked ones."""
    keeps_earlier: bool = False
    """Whether changes of an earlier file stay: others made them, or the ledger does not know them."""


def merge_into_today(
    base: Chapter, today: Chapter, base_docx: DocxText, edited_docx: DocxText, parse: ParseMarkdown, sending: Sending
) -> ReceiveResult:
    """Merge the changes between the two files into today's chapter; `base` is the chapter as it was sent.

    What an earlier file of the same reviewer had, and this one has not, or has in other words, is a conflict: it may be
    an older copy.
    """
    merged = _without_torn(merge_received(base, base_docx, edited_docx, parse), base.text, today.text)
    authors = tuple(dict.fromkeys(e.author for e in merged.edits))
    names = tuple(dict.fromkeys(filter(None, map(_clean_name, authors))))
    earlier = read_earlier_return(sending, base.text)
    own = None if earlier is None or earlier.is_by_others(names) else earlier
    start, received = own.text if own else base.text, merged.apply_to(base.text)
    with_earlier = merge_sentences(earlier.text, base.text, received)[0] if earlier else received
    theirs = with_earlier if own else received
    by_authors = (merged.apply_to(base.text, authors[:n]) for n in range(1, len(authors)))
    texts = [merge_sentences(start, base.text, text)[0] for text in by_authors]
    text_by_author = dict(zip(authors or ("",), [*texts, theirs], strict=True))
    steps, clashes = _merge_steps(today.text, start, text_by_author)
    lines = _LineMap(base.text, steps[-1].text if steps else today.text)
    conflicts = [LocatedConflict(lines.find_line(c.offset), c) for c in merged.conflicts]
    clashes += find_taken_back(lines.text, theirs, received, sending)
    conflicts += [LocatedConflict(lines.text.count("\n", 0, c.offset) + 1, c) for c in clashes]
    result = ReceiveResult(tuple(steps), tuple(conflicts), list_changes(base.text, received), names)
    if earlier is None or not earlier.changes:
        return replace(result, keeps_earlier=bool(sending.files) and lines.text != received)
    all_authors = tuple(dict.fromkeys((*sending.changed_by, *names)))
    return replace(result, changes=list_changes(base.text, with_earlier), authors=all_authors, keeps_earlier=not own)


def _without_torn(merged: MergeResult, base: str, today: str) -> MergeResult:
    """Return the changes with those as conflicts of which today's text could take but a part, as of a deletion."""
    sent = {clash.base for clash in merge_sentences(today, base, merged.apply_to(base))[1]} - {""}
    replaced = [(edit, base[edit.start : edit.end].strip()) for edit in merged.edits]
    torn = {edit.unit for edit, words in replaced if any(clash in words and clash != words for clash in sent)}
    parts = {unit: [(edit, words) for edit, words in replaced if edit.unit == unit] for unit in sorted(torn)}
    conflicts = (
        MergeConflict(
            edits[0][0].start,
            " ¶ ".join(filter(None, (words for _, words in edits))),
            " ¶ ".join(filter(None, (edit.text.strip() for edit, _ in edits))),
            CLASH_REASON,
            edits[0][0].author,
        )
        for edits in parts.values()
    )
    other_edits = tuple(edit for edit in merged.edits if edit.unit not in torn)
    return MergeResult(other_edits, (*merged.conflicts, *conflicts)) if torn else merged


def _merge_steps(
    today: str, base: str, text_by_author: Mapping[str, str]
) -> tuple[list[AuthorStep], list[MergeConflict]]:
    """Merge the texts of all authors into today's, one after the other; returns the conflicts of the last one."""
    steps, clashes, previous = [], list[MergeConflict](), today
    first_authors: dict[str, str] = {}
    """Author of the first change that clashes, by the words as they were sent."""
    for author, theirs in text_by_author.items():
        text, conflicts = merge_sentences(today, base, theirs)
        clashes = [replace(c, author=first_authors.setdefault(c.base, author)) for c in conflicts]
        if text != previous:
            steps.append(AuthorStep(author, text))
        previous = text
    return steps, clashes


def merge_received(base: Chapter, base_docx: DocxText, edited_docx: DocxText, parse: ParseMarkdown) -> MergeResult:
    """Merge the changes into the chapter as it was sent: its text and its front matter."""
    merged = merge_chapter(blank_front_matter(base), base_docx, edited_docx, parse)
    try:
        first_unit = 1 + max((e.unit for e in merged.edits), default=0)
        front_matter_edits, remaining = extract_front_matter_edits(base, merged.conflicts, first_unit)
    except Exception:  # noqa: BLE001 - the changes stay reported
        return merged
    return MergeResult((*merged.edits, *front_matter_edits), tuple(remaining))


def blank_front_matter(chapter: Chapter) -> str:
    """Return a chapter's text with its front matter blanked, so that all offsets stay valid."""
    lines = chapter.text.splitlines(keepends=True)
    above = "".join(lines[: chapter.body_line - 1])
    return re.sub(r"[^\n]", " ", above) + chapter.text[len(above) :]


def merge_sentences(today: str, base: str, theirs: str) -> tuple[str, list[MergeConflict]]:
    """Merge their changes into today's text by fields, blocks and sentences; returns the remaining conflicts.

    What both have changed is as it is today: words of two people in one sentence are a sentence that nobody wrote.
    """
    questions = Questions()
    try:
        merged = merge_chapter_text(base, today, theirs, questions)
    except yaml.YAMLError:
        return today, [MergeConflict(0, base, theirs, f"{CLASH_REASON}: the front matter")]
    lines = _LineMap(base, merged)
    return merged, [lines.locate_clash(question) for question in questions.asked]


class _LineMap:
    """Maps places of an old text to lines of a new one."""

    def __init__(self, old_text: str, text: str) -> None:
        self.old_text = old_text
        self.text = text
        lines, new_lines = (each.split("\n") for each in (old_text, text))
        self.ops = SequenceMatcher(None, lines, new_lines, autojunk=False).get_opcodes()

    def find_line(self, offset: int) -> int:
        """Return today's line for an offset of the old text. A blank line has that of the next words."""
        if not self.old_text[:offset].rpartition("\n")[2].strip():
            offset += len(self.old_text[offset:]) - len(self.old_text[offset:].lstrip())
        line = self.old_text.count("\n", 0, offset)
        places = ((j1 + line - i1, j2 - 1) for _, i1, i2, j1, j2 in self.ops if i1 <= line < i2)
        return 1 + max(min(next(places, (0, 0))), 0)

    def locate_clash(self, question: Question) -> MergeConflict:
        """Return the conflict of a question: the words as they were sent, as they came back, and as they are today."""
        before, now = (question.base or "").strip(), (question.ours or "").strip()
        was, today, theirs = map(_without_fences, (before, now, (question.theirs or "").strip()))
        offset = self.text.find(now) if now else -1
        if offset < 0:
            line = self.find_line(max(self.old_text.find(before), 0))
            offset = sum(len(each) for each in self.text.splitlines(keepends=True)[: line - 1])
        reason = f"{CLASH_REASON}, to “{today}”" if now else f"{CLASH_REASON}: it was taken out"
        return MergeConflict(offset, was, theirs, reason)


def _without_fences(text: str) -> str:
    """Return a text without the lines of colons around its blocks: records and their outputs are no Markdown.

    They stay around what a mark withholds, for `check` to find.
    """
    lines = text.split("\n")
    is_marked = any(level in text for level in AUDIENCES[1:])
    return text if is_marked else "\n".join(line for line in lines if not line.lstrip().startswith(":::")).strip()


def find_person_id(paper: Paper, name: str) -> str:
    """Return the id of the person with this name or spelling in a Word file; the cleaned name if there is none."""
    normalized_name = _normalize_name(name)
    for person in paper.contributors.people:
        names = person.name, *person.aka, f"{person.title or ''} {person.name}", person.id
        if normalized_name in map(_normalize_name, names):
            return person.id
    return _clean_name(name)


def _clean_name(name: str) -> str:
    return strip_unprintable(" ".join(name.split()))[:_MAX_NAME].strip()


def _normalize_name(name: str) -> str:
    return " ".join(re.findall(r"\w+", comparable(name).casefold()))


# --- earlier file of a sending ----------------------------------------------------------------------------------------


class EarlierReturn(Struct, frozen=True):
    """The last received file of a sending."""

    text: str
    """The chapter as it was sent, with the changes of that file."""
    changes: tuple[LineChange, ...]
    authors: frozenset[str]
    """Names of those who made tracked changes."""

    def is_by_others(self, names: Collection[str]) -> bool:
        """Return whether none of these people made a change of it: two people then filled in one sending."""
        return bool(self.authors) and bool(names) and self.authors.isdisjoint(names)


def read_earlier_return(sending: Sending, base: str) -> EarlierReturn | None:
    """Return the earlier file of a sending; None if there is none, or its changes do not fit the text that was sent."""
    text = apply_changes(base, sending.changes)
    if text is None or not sending.files:
        return None
    return EarlierReturn(text, sending.changes, frozenset(sending.changed_by))


def apply_changes(base: str, changes: Iterable[LineChange]) -> str | None:
    """Return a text with changes of its lines; None if it does not have the lines that were sent."""
    lines = base.splitlines(keepends=True)
    for change in sorted(changes, key=lambda change: change.line, reverse=True):
        start, old = change.line - 1, change.sent.splitlines(keepends=True)
        if lines[start : start + len(old)] != old:
            return None
        lines[start : start + len(old)] = change.got.splitlines(keepends=True)
    return "".join(lines)


def list_changes(base: str, text: str) -> tuple[LineChange, ...]:
    """Return the changed lines of a text, in order."""
    old, new = base.splitlines(keepends=True), text.splitlines(keepends=True)
    ops = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    spans = ((slice(i1, i2), slice(j1, j2)) for tag, i1, i2, j1, j2 in ops if tag != "equal")
    return tuple(LineChange(line=i.start + 1, sent="".join(old[i]), got="".join(new[j])) for i, j in spans)


def find_taken_back(today: str, theirs: str, received: str, sending: Sending) -> list[MergeConflict]:
    """Return the changes of an earlier file that today's text has, and a file would take back.

    `theirs` is the text of the file with those changes, `received` without.
    """
    reverted, clashes = merge_sentences(today, theirs, received)
    offsets = [0, *accumulate(map(len, today.splitlines(keepends=True)))]
    who = " and ".join(sending.changed_by) or sending.to
    when = long_date(sending.returned) if sending.returned else ""
    files = "file of" if len(sending.files) == 1 else "files up to"
    reason = f"{TAKEN_BACK_REASON} {who} changed in the {files} {when} ({', '.join(sending.files)})"
    conflicts = []
    for change in list_changes(today, reverted):
        start = min(offsets[change.line - 1] + len(change.sent) - len(change.sent.lstrip()), len(today.rstrip()))
        conflicts.append(MergeConflict(start, change.sent.strip(), change.got.strip(), reason))
    return [*conflicts, *(replace(clash, reason=f"{reason}; {clash.reason}") for clash in clashes)]


# --- title and summary: text in Word, front matter in the source ------------------------------------------------------


_FRONT_MATTER_KEYS = ("title", "summary")


def extract_front_matter_edits(
    chapter: Chapter, conflicts: Sequence[MergeConflict], unit: int
) -> tuple[list[Edit], list[MergeConflict]]:
    """Return the edits of the front matter among these conflicts, and the remaining conflicts.

    The number printed before a title must be unchanged.
    """
    edits_by_key: dict[str, Edit] = {}
    remaining: list[MergeConflict] = []
    for conflict in conflicts:
        edits = (_make_edit(chapter, key, conflict, unit + len(edits_by_key)) for key in _FRONT_MATTER_KEYS)
        keyed_edit = next(filter(None, edits), None)
        # A title is printed twice; the same change in both places is one change.
        if keyed_edit is None or edits_by_key.setdefault(keyed_edit[0], keyed_edit[1]).text != keyed_edit[1].text:
            remaining.append(conflict)
    return list(edits_by_key.values()), remaining


def _make_edit(chapter: Chapter, key: str, conflict: MergeConflict, unit: int) -> tuple[str, Edit] | None:
    value: str = getattr(chapter.front, key) or ""
    base, edited = ([t.normalized for t in tokenize(text)] for text in (conflict.base, conflict.edited))
    current = [t.normalized for t in tokenize(value)]
    prefix_length = len(base) - len(current)
    is_value = current and prefix_length <= 2 and base[prefix_length:] == current
    is_changed = base[:prefix_length] == edited[:prefix_length] and edited[prefix_length:] not in ([], current)
    if not (is_value and is_changed):
        return None
    words = " ".join(conflict.edited.split()[len(conflict.base.split()) - len(value.split()) :])
    try:
        text = set_front_matter_value(chapter.text, key, words)
    except EditError:
        return None
    start = common_length(chapter.text, text)
    end = common_length(chapter.text[:start:-1], text[:start:-1])
    return key, Edit(start, len(chapter.text) - end, text[start : len(text) - end], unit, conflict.author)


# --- likeness of texts by their runs of three words: recognizes a file that has lost its marks ------------------------


_RUN = 3
_MIN_RUNS = 20
"""A text of fewer runs is too short to be recognized."""
LIKE, HARDLY_LIKE = 0.3, 0.25
"""Share of common runs from which a file is taken for a chapter, and below which it hardly is one."""


def word_runs(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Return the runs of three words in a text."""
    return frozenset(tuple(words[n : n + _RUN]) for n in range(len(words) - _RUN + 1))


def casefolded_words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return re.findall(r"\w+", text.casefold())


def docx_words(docx_text: DocxText, *, bookmarked: bool = False) -> list[str]:
    """Return the words of a Word file in lower case; with `bookmarked` only those of the chapter's own passages."""
    passages = (p for p in docx_text.passages if p.bookmarks or not bookmarked)
    return casefolded_words(" ".join(passage.paragraph.text for passage in passages))


def is_like(chapter_words: Sequence[str], file_words: Sequence[str]) -> bool:
    """Return whether a file has much of a chapter, or a chapter much of a file."""
    common = len(word_runs(chapter_words) & word_runs(file_words))
    smaller = min(len(word_runs(chapter_words)), len(word_runs(file_words)))
    return common >= _MIN_RUNS and common >= LIKE * smaller


def kept_share(sent: Iterable[tuple[str, ...]], received: Iterable[tuple[str, ...]]) -> float:
    """Return the share of the sent runs that were received; 1 for a text too short to tell."""
    sent_runs = frozenset(sent)
    return len(sent_runs & frozenset(received)) / len(sent_runs) if len(sent_runs) >= _MIN_RUNS else 1.0
