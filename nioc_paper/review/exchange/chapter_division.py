"""Divide the Word file of a whole paper by its chapters, and list what was changed in the parts between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from operator import add

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.model.sequence_alignment import longest_rising_run
from nioc_paper.review.docx.bookmarks import PARAGRAPH_PREFIX
from nioc_paper.review.docx.docx_reader import FIELDS_STYLE
from nioc_paper.review.docx.docx_text import HIDDEN, CommentRange, DocxPassage, DocxText
from nioc_paper.review.merge.text_edits import find_foreign
from nioc_paper.tree.strategy_items import field_name

NUMBERS_EACH = 100_000
"""Numbers of bookmarks for each chapter: those of chapter 2 begin at 200000."""
_MIN_REPEATED = 3
"""Words from which a passage is recognized in another document."""
_PAGE_NUMBER = re.compile(r"[\s–.]*\b(\d+|[ivxlc]+)?[\s–.]*$")


FieldKey = tuple[str, str]
"""Title of a box, and name of a field in it."""


class DividedFile(Struct, frozen=True):
    """Chapters of a received file, and changes in other parts."""

    chapters: Mapping[int, tuple[DocxText, DocxText]]
    """Text as it was sent and as it was received, by the number of the chapter in its bookmarks."""
    other_changes: Sequence[tuple[str, str]]
    """Words before and after each change in a part that the tool makes."""


def divide(sent: DocxText, received: DocxText) -> DividedFile:
    """Divide a received file at the passages that it has in common with the sent one."""
    ranks = _rank_fields(sent.passages)
    sent, received = _sort_fields(sent, ranks), _sort_fields(received, ranks)
    ranges, places = _find_chapters(sent.passages), _find_places(sent, received)
    chapters = {
        number: (_without_steps(_cut(sent, start, end)), _cut(received, places[start], places[end]))
        for number, (start, end) in ranges.items()
    }
    borders = [0, *(border for range_ in sorted(ranges.values()) for border in range_), len(sent.passages)]
    other: list[tuple[str, str]] = []
    for start, end in [*pairwise(borders)][::2]:
        other += _diff(sent.passages[start:end], received.passages[places[start] : places[end]])
    return DividedFile(chapters, [*other, *_find_new_lines(sent, received)])


def _walk_boxes(passages: Sequence[DocxPassage]) -> Iterator[tuple[int, FieldKey]]:
    """Yield the last passage that is no field, up to each passage; and the box and the name of a field."""
    title, last = "", 0
    for i, passage in enumerate(passages):
        text, is_field = passage.paragraph.text, passage.style.endswith(FIELDS_STYLE)
        title = text if passage.style.endswith(" Title") else title
        last = last if is_field or passage.paragraph.note else i
        yield last, (title, field_name(text) if is_field else "")


def _rank_fields(sent: Sequence[DocxPassage]) -> Mapping[FieldKey, str]:
    """Return the bookmarks of fields, which are in the order of the chapter."""
    keys = zip(_walk_boxes(sent), sent, strict=True)
    return {key: passage.bookmarks[0] for (_, key), passage in keys if key[1] and passage.bookmarks}


def _sort_fields(text: DocxText, ranks: Mapping[FieldKey, str]) -> DocxText:
    """Return a text with the fields of boxes in the order of the chapter; a new one stays behind the one before it."""
    order, rank = list[tuple[int, int, int]](), -1
    for i, (last, key) in enumerate(_walk_boxes(text.passages)):
        rank = -1 if last == i else int(ranks[key].removeprefix(PARAGRAPH_PREFIX)) if key in ranks else rank
        order.append((last, rank, i))
    olds = [i for *_, i in sorted(order)]
    news = {old: new for new, old in enumerate(olds)}
    ranges = _move_comments(text, lambda passage: news.get(passage, passage))
    return replace(text, passages=[text.passages[i] for i in olds], comment_ranges=ranges)


def put_excerpt(sent: DocxText, received: DocxText, chapter: DocxText) -> tuple[DocxText, list[tuple[str, str]]]:
    """Return a chapter's text with the changes of what an excerpt repeats of it, and the other changes."""
    passages, other = [*chapter.passages], list[tuple[str, str]]()
    for tag, i1, i2, j1, j2 in _align(sent.passages, received.passages).get_opcodes():
        pairs = [*zip(sent.passages[i1:i2], received.passages[j1:j2], strict=False)] if i2 - i1 == j2 - j1 else []
        for before, after in pairs if tag != "equal" else ():
            n = _find_repeated(before, chapter.passages)
            changed = None if n is None else _with_change(chapter.passages[n], before, after)
            if n is None or changed is None or passages[n] not in (chapter.passages[n], changed):
                other.append((before.paragraph.text, after.paragraph.text))
            else:
                passages[n] = changed
        if not pairs:
            other += _diff(sent.passages[i1:i2], received.passages[j1:j2])
    return replace(chapter, passages=passages, deletions=received.deletions), other


def _find_repeated(passage: DocxPassage, passages: Sequence[DocxPassage]) -> int | None:
    """Return the only passage, but for headings, that has these words; either may have a label before them."""
    words, matches = passage.paragraph.normalized_words, list[int]()
    for n, other in enumerate(each.paragraph.normalized_words for each in passages):
        common = min(len(words), len(other))
        if common >= _MIN_REPEATED and words[-common:] == other[-common:]:
            matches.append(n)
    is_one = len(matches) == 1 and passages[matches[0]].paragraph.kind != "heading"
    return matches[0] if is_one else None


def _with_change(passage: DocxPassage, before: DocxPassage, after: DocxPassage) -> DocxPassage | None:
    """Return a passage with a change of its words in another place; None if the label before them was changed."""
    tokens, sent, new = passage.paragraph.tokens, before.paragraph.tokens, after.paragraph.tokens
    label = max(len(sent) - len(tokens), 0)
    if sent[:label] != new[:label]:
        return None
    own, start = sent[label:], len(tokens) - len(sent) + label
    style = frozenset[str].intersection(*(token.formatting for token in own))
    plain = [token._replace(formatting=token.formatting - style) for token in new[label:]]
    words, new_words = ([(t.normalized, HIDDEN in t.formatting) for t in side] for side in (own, plain))
    out = list(tokens[:start])
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, words, new_words, autojunk=False).get_opcodes():
        out += tokens[start + i1 : start + i2] if tag == "equal" else plain[j1:j2]
    return replace(passage, paragraph=replace(passage.paragraph, tokens=tuple(out)), author=after.author)


def _find_chapters(passages: Sequence[DocxPassage]) -> dict[int, tuple[int, int]]:
    """Return the first passage of each chapter and the one after its last: from its title to the next one."""
    titles = [i for i, p in enumerate(passages) if not p.bookmarks and (_is_title(p) or p.style == "Part")]
    own: dict[int, list[int]] = {}
    for i, passage in enumerate(passages):
        for bookmark in passage.bookmarks[:1]:
            own.setdefault(int(bookmark.removeprefix(PARAGRAPH_PREFIX)) // NUMBERS_EACH, []).append(i)
    return {
        number: (
            max((title for title in titles if title < indexes[0]), default=indexes[0]),
            min((title for title in titles if title > indexes[-1]), default=len(passages)),
        )
        for number, indexes in own.items()
    }


def _is_title(passage: DocxPassage) -> bool:
    return passage.paragraph.kind == "heading" and passage.paragraph.level == 1


def _find_places(sent: DocxText, received: DocxText) -> list[int]:
    """Return the received passage for each sent one, or the one after its last neighbour; the last is the end."""
    blocks = _align(sent.passages, received.passages).get_matching_blocks()
    same = {a + n: b + n for a, b, size in blocks for n in range(size)}
    places, place = [], 0
    for i in range(len(sent.passages)):
        places.append(same.get(i, place))
        place = places[-1] + (i in same)
    return [*places, len(received.passages)]


def _align(sent: Sequence[DocxPassage], received: Sequence[DocxPassage]) -> SequenceMatcher[tuple[str, ...]]:
    """Align passages by their words and what else is new; programs number known notes and pictures again."""
    known = [t for p in sent for t in p.paragraph.tokens if t.text.startswith("\1")]
    before, after = (
        [tuple(t.normalized for t in p.paragraph.tokens if not t.text.startswith("\1")) for p in side]
        for side in (sent, received)
    )
    foreign = [tuple(t.text for t, _ in find_foreign(p.paragraph.tokens, known)) for p in received]
    return SequenceMatcher(None, before, [*map(add, after, foreign)], autojunk=False)


def _cut(text: DocxText, start: int, end: int) -> DocxText:
    """Return some passages of a text, with the comments that begin there."""
    ranges = _move_comments(text, lambda passage: min(passage, end - 1) - start)
    ranges = {name: each for name, each in ranges.items() if start <= text.comment_ranges[name].start.passage < end}
    return replace(text, passages=text.passages[start:end], comment_ranges=ranges, page_margins=())


def _move_comments(text: DocxText, move: Callable[[int], int]) -> dict[str, CommentRange]:
    """Return the ranges of comments after a move of the passages that they are in."""
    return {
        name: CommentRange(*(place._replace(passage=move(place.passage)) for place in (each.start, each.end)))
        for name, each in text.comment_ranges.items()
    }


def _without_steps(text: DocxText) -> DocxText:
    """Return the text of a chapter with bookmarks that are numbered from 0.

    Passages that a build joins, or prints in another order than the chapter, get none: they count as generated.
    """
    single = [int(p.bookmarks[0].removeprefix(PARAGRAPH_PREFIX)) for p in text.passages if len(p.bookmarks) == 1]
    in_order = longest_rising_run(single)

    def renumber(bookmark: str) -> str:
        number = int(bookmark.removeprefix(PARAGRAPH_PREFIX))
        return f"{PARAGRAPH_PREFIX}{number % NUMBERS_EACH}" if number in in_order else ""

    named = (tuple(filter(None, map(renumber, p.bookmarks))) if len(p.bookmarks) == 1 else () for p in text.passages)
    passages = [replace(p, bookmarks=names) for p, names in zip(text.passages, named, strict=True)]
    return replace(text, passages=passages)


def _diff(sent: Sequence[DocxPassage], received: Sequence[DocxPassage]) -> Iterator[tuple[str, str]]:
    """Yield the words before and after each change."""
    for tag, i1, i2, j1, j2 in _align(sent, received).get_opcodes():
        before, after = (" ¶ ".join(p.paragraph.text for p in side) for side in (sent[i1:i2], received[j1:j2]))
        if tag != "equal" and (before or after):
            yield before, after


def _find_new_lines(sent: DocxText, received: DocxText) -> Iterator[tuple[str, str]]:
    """Yield the lines of lists that were changed by hand: their words are neither in the sent lists nor in the text."""
    lines = (*sent.list_lines, *(passage.paragraph.text for passage in received.passages))
    # A line that has no page number yet may end with another number.
    known = {known for line in lines for known in (_PAGE_NUMBER.sub("", line), line.rstrip(" –."))}
    yield from (("", line) for line in received.list_lines if _PAGE_NUMBER.sub("", line) not in known)
