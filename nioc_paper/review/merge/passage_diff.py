"""Changes inside a passage: edits of the source, and the words that it must have afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from msgspec import Struct, field

from nioc_paper.review.docx.docx_text import HIDDEN, DocxPassage, Paragraph, Token, links_in, tokenize
from nioc_paper.review.merge.atoms import FormattedWord, Vocabulary, formatted_word, read_day, recognize_atoms
from nioc_paper.review.merge.source_map import AlignedPassage
from nioc_paper.review.merge.source_span import PARAGRAPH_BREAK, SourceSpan, find_extent
from nioc_paper.review.merge.text_edits import ATOM_REASONS, PLACE_REASON, Edit, MergeConflict, find_foreign

_REMOVABLE_BETWEEN = re.compile(r"\{[^{}\n]*\}|\s|^[ \t>]*(?:[-*+]|\d+[.)]|#+)[ \t]", re.MULTILINE)
"""Text that may be dropped between two joined passages: line ends, an item's marker, a heading's end."""
_FORMAT_REASON = "the font was changed across other markup"
_LINK_REASON = "a link with other markup in it was changed"
_DATE_REASON = "it is not a day; write a day, such as 31 December 2020, or change the chapter's source"


class PassageEdits(Struct):
    """Result for a passage."""

    edits: list[Edit] = field(default_factory=list)
    conflicts: list[MergeConflict] = field(default_factory=list)
    expected: list[list[FormattedWord]] = field(default_factory=lambda: [[]])
    """Words and formatting that each of its paragraphs must have afterwards; atoms by their values."""


def diff_passages(
    base: Sequence[AlignedPassage], edited: Sequence[DocxPassage], vocabulary: Vocabulary, unit: int
) -> PassageEdits:
    """Return the changes between sent passages and the received ones."""
    return _PassageDiff(base, edited, vocabulary, unit).run()


class _PassageDiff:
    def __init__(
        self, base: Sequence[AlignedPassage], edited: Sequence[DocxPassage], vocabulary: Vocabulary, unit: int
    ) -> None:
        self.vocabulary, self.text, self.unit = vocabulary, vocabulary.source.text, unit
        self.author = next((p.author for p in edited if p.author), "")
        self.deletes_formula = any(p.deletes_formula for p in edited)
        self.base_span = SourceSpan(base, self.text, vocabulary.atom_texts)
        self.base, self.base_formatting = self.base_span.tokens, self.base_span.formatting
        self.edited = [
            t for n, p in enumerate(edited) for t in ([Token(PARAGRAPH_BREAK)] if n else []) + list(p.paragraph.tokens)
        ]
        self.last_edited = 0
        """End of the last edit so far."""
        self.end_of_conflict = -1
        """Number of the edited token after the last change that is not made."""
        self.result = PassageEdits()

    def run(self) -> PassageEdits:
        for op in diff_words(self.base, self.edited, self.keeps_formatting):
            if op.is_equal or self.is_emptied_note(op):
                self.keep_equal(op)
            elif reason := self.find_conflict(op):
                self.add_conflict(op, reason)
            else:
                self.replace_words(op)
        return self.result

    # --- kept ---------

    def keeps_formatting(self, n: int, j: int) -> bool:
        """Return whether an equal word has the formatting of the source, as far as that can be changed in Word."""
        base, edited, source = self.base[n], self.edited[j], self.base_formatting[n]
        if base.span is None or base.atom or base.text == PARAGRAPH_BREAK:
            return HIDDEN not in edited.formatting
        removed = (base.formatting - edited.formatting - self.vocabulary.lost) & source
        self.edited[j] = edited._replace(formatting=(source | (edited.formatting - base.formatting)) - removed)
        return self.edited[j].formatting == source

    def keep_equal(self, op: DiffOp) -> None:
        for n, j in zip(range(op.i1, op.i2), range(op.j1, op.j2), strict=True):
            # After words that are left out, the space is as it was, on one side of them.
            if j != self.end_of_conflict:
                self.adjust_space(n, self.edited[j])
            self.expect_kept(n)

    def is_emptied_note(self, op: DiffOp) -> bool:
        """Return whether the number of a note stays that has lost its text, which is reported elsewhere."""
        base, edited = self.base[op.i1 : op.i2], self.edited[op.j1 : op.j2]
        kinds = [[t.atom.startswith(kind) for t in tokens] for kind, tokens in (("note-", base), ("note:", edited))]
        return kinds == [[True], [True]] and edited[0].atom not in self.vocabulary.atom_texts

    def adjust_space(self, n: int, edited: Token) -> None:
        """Add or remove white space before a token."""
        span, previous_span = self.base[n].span, self.base[n - 1].span if n else None
        is_inside_atom = n and self.base[n].atom and self.base[n - 1].atom == self.base[n].atom
        if span is None or previous_span is None or is_inside_atom or self.base[n].space_before == edited.space_before:
            return
        if edited.space_before:
            self.add_edit(span[0], span[0], " ")
        elif previous_span[1] >= self.last_edited and not self.text[previous_span[1] : span[0]].strip():
            self.add_edit(previous_span[1], span[0], "")

    # --- impossible changes ----

    def find_conflict(self, op: DiffOp) -> str:
        """Return the reason why a change cannot be made, or an empty text."""
        base, edited = self.base[op.i1 : op.i2], self.edited[op.j1 : op.j2]
        return (
            next((reason for _, reason in find_foreign(edited, base)), "")
            or self._find_structure_conflict(op, base, edited)
            or self._find_atom_conflict(base, edited)
            or self._find_place_link(base, edited)
            or self._find_formatting_conflict(op, base, edited)
        )

    def _find_structure_conflict(self, op: DiffOp, base: Sequence[Token], edited: Sequence[Token]) -> str:
        """Return the reason against a change of what is not words of the passage alone."""
        neighbours = base or self.base[max(op.i1 - 1, 0) : op.i1 + 1]
        is_generated = [t.span is None for t in neighbours]
        if any(is_generated) if base else is_generated and all(is_generated):
            return "this is made by the tool, from another place of the paper"
        if self.base_span.kind == "caption" and any(t.text == PARAGRAPH_BREAK for t in edited):
            return "a caption was split"
        paragraph = self.base_span.paragraph
        if paragraph and paragraph.note and any(t.atom.startswith("note:") for t in edited):
            return "a note was put into a note"
        breaks = (self.text[slice(*t.span)] for t in base if t.text == PARAGRAPH_BREAK and t.span)
        if any(_REMOVABLE_BETWEEN.sub("", between) for between in breaks):
            return "two passages were joined across other content"
        # Programs without formulas drop them when they save; only a tracked deletion is an author's.
        has_formula = any(t.atom.startswith("math") for t in base)
        is_lost = has_formula and not self.deletes_formula and not any(t.atom for t in edited)
        return ATOM_REASONS["math"] if is_lost else ""

    def _find_formatting_conflict(self, op: DiffOp, base: Sequence[Token], edited: Sequence[Token]) -> str:
        """Return the reason why formatting cannot be taken from words: its delimiters enclose others too."""
        if not base or [t.normalized for t in base] != [t.normalized for t in edited]:
            return ""
        formatting = zip(self.base_formatting[op.i1 : op.i2], edited, strict=True)
        removed = frozenset[str]().union(*(source - token.formatting for source, token in formatting))
        extent = find_extent(base)
        if not removed or self.base_span.include_delimiters(*extent) != extent:
            return ""
        return _LINK_REASON if links_in(removed) else _FORMAT_REASON

    def _find_place_link(self, base: Sequence[Token], edited: Sequence[Token]) -> str:
        """Return the reason against new words that link to a place of the Word file; empty if there is none."""
        if self._translate_value(base, edited):
            return ""
        known = frozenset().union(*self.base_formatting)
        new = recognize_atoms(edited, self.vocabulary)
        return PLACE_REASON if any(links_in(t.formatting - known, inside=True) for t in new if not t.atom) else ""

    def _find_atom_conflict(self, base: Sequence[Token], edited: Sequence[Token]) -> str:
        atoms = {t.atom for t in base}
        words = [t for t in edited if t.text != PARAGRAPH_BREAK]
        if words and len(atoms) == 1 and (atom := next(iter(atoms))):
            recognized = recognize_atoms(words, self.vocabulary)
            is_known = len(recognized) == 1 and recognized[0].atom in self.vocabulary.atom_texts
            is_valid = self._translate_value(base, words) or is_known
            reason = _DATE_REASON if self._is_date(base) else ATOM_REASONS[atom.partition("-")[0]]
            return "" if is_valid else reason
        return ATOM_REASONS["image"] if any(t.atom.startswith("image") for t in base) else ""

    def add_conflict(self, op: DiffOp, reason: str) -> None:
        base, edited = self.base[op.i1 : op.i2], self.edited[op.j1 : op.j2]
        self.end_of_conflict = op.j2
        nearest = (*base, *self.base[op.i1 :], *reversed(self.base[: op.i1]))
        offset = next((t.span[0] for t in nearest if t.span), 0)
        if all(t.text == PARAGRAPH_BREAK for t in (*base, *edited)):
            # The end of a paragraph says nothing without the words around it.
            base = self.base[max(op.i1 - 1, 0) : op.i2 + 1]
            edited = self.edited[max(op.j1 - 1, 0) : op.j2 + 1]
        texts = _display_text(base), _display_text(edited)
        self.result.conflicts.append(MergeConflict(offset, *texts, reason, self._find_author(edited)))
        for n in range(op.i1, op.i2):
            self.expect_kept(n)

    # --- changes --------

    def replace_words(self, op: DiffOp) -> None:
        base, new = self.base[op.i1 : op.i2], recognize_atoms(self.edited[op.j1 : op.j2], self.vocabulary)
        if value := self._translate_value(base, self.edited[op.j1 : op.j2]):
            self._replace_value(base[0], value)
            return
        start, end, text = self._render_replacement(op, new)
        if new and self._is_before_next(op, start) and any(t.space_before for t in self.edited[op.j2 : op.j2 + 1]):
            text = f"{text} "
        self.add_edit(start, self._end_after_break(end, op, new), text, self._find_author(new))
        for token in new:
            self.expect_added(token)

    def _replace_value(self, token: Token, value: str) -> None:
        assert token.span is not None
        self.add_edit(*token.span, value)
        before = self.text[slice(*token.span)]
        if before.startswith("@"):
            new = self.vocabulary.atom_values[token.atom].replace(before[1:], value[1:])
            self.result.expected[-1].append((f"\1{new}", frozenset()))
        else:
            self.result.expected[-1] += [(t.normalized, frozenset()) for t in tokenize(value)]

    def _render_replacement(self, op: DiffOp, new: Sequence[Token]) -> tuple[int, int, str]:
        """Return the start and end of the replaced characters, and the new ones."""
        base = self.base[op.i1 : op.i2]
        start, end, context = self.base_span.find_replaced_range(op.i1, op.i2, new)
        text = self.base_span.render_markdown(new, context, leading_space=not base or base[0].text == PARAGRAPH_BREAK)
        if base and new and op.i1 and base[0].span:
            text, start = self.base_span.match_leading_space(text, start, new[0], base[0], self.base[op.i1 - 1])
        return start, end, text.lstrip(" ") if self._is_before_next(op, start) else text

    def _is_before_next(self, op: DiffOp, start: int) -> bool:
        """Return whether new words go right before the next word: at the start, or inside its link or its bold type."""
        following = self.base[op.i2].span if op.i1 == op.i2 < len(self.base) else None
        before = self.base[op.i1 - 1].span if op.i1 else None
        return bool(following and start == following[0] and (before is None or before[1] < start))

    def _end_after_break(self, end: int, op: DiffOp, new: Sequence[Token]) -> int:
        """Return the end of a replacement; with the white space before the next token if a paragraph ends there."""
        following = self.base[op.i2].span if op.i2 < len(self.base) else None
        if not following or not new or new[-1].text != PARAGRAPH_BREAK:
            return end
        gap = self.text[end : following[0]]
        return end + len(gap) - len(gap.lstrip())

    def _find_author(self, tokens: Sequence[Token]) -> str:
        return next((t.author for t in tokens if t.author), self.author)

    # --- atoms in new words ---

    def _translate_value(self, old: Sequence[Token], new: Sequence[Token]) -> str:
        """Return the source of a day that replaces another, or of labels that replace others; or an empty text."""
        if not old or old[0].span is None or len({token.atom for token in old}) > 1:
            return ""
        if self._is_date(old):
            return read_day(new)
        known, text = {*self.vocabulary.labels.values()}, self.text[slice(*old[0].span)]
        new_text = Paragraph("", "para", tuple(self.vocabulary.read_ids(new))).text
        if text.startswith("@"):
            return f"@{new_text}" if {text[1:], new_text} <= known else ""
        are_ids = {*text.split(", "), *new_text.split(", ")} <= known
        return new_text if are_ids and old[0].atom.startswith("value") else ""

    def _is_date(self, tokens: Sequence[Token]) -> bool:
        """Return whether the source has an ISO date for these words."""
        if not tokens or not tokens[0].atom.startswith("value") or tokens[0].span is None:
            return False
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", self.text[slice(*tokens[0].span)]))

    # --- expected text -------

    def expect_kept(self, n: int) -> None:
        token, formatting = self.base[n], self.base_formatting[n]
        if token.text == PARAGRAPH_BREAK:
            self.result.expected.append([])
        elif token.span is None:
            return
        elif not token.atom:
            self.result.expected[-1].append((token.normalized, formatting))
        elif n == 0 or self.base[n - 1].atom != token.atom:
            self.result.expected[-1].append(formatted_word(token, formatting, self.vocabulary.atom_values))

    def expect_added(self, token: Token) -> None:
        if token.text == PARAGRAPH_BREAK:
            self.result.expected.append([])
        else:
            self.result.expected[-1].append(formatted_word(token, token.formatting, self.vocabulary.atom_values))

    def add_edit(self, start: int, end: int, text: str, author: str = "") -> None:
        self.last_edited = max(self.last_edited, end)
        if start != end or text:
            self.result.edits.append(Edit(start, end, text, self.unit, author or self.author))


def _display_text(tokens: Sequence[Token]) -> str:
    return Paragraph("", "para", tuple(tokens)).text


# --- differences of two token runs ------------------------------------------------------------------------------------


class DiffOp(NamedTuple):
    """Step from one run of tokens to another: base[i1:i2] stays or becomes edited[j1:j2]."""

    is_equal: bool
    i1: int
    i2: int
    j1: int
    j2: int


def diff_words(base: Sequence[Token], edited: Sequence[Token], is_kept: Callable[[int, int], bool]) -> Iterator[DiffOp]:
    """Yield the differences of two runs; atoms of `base`, and equal words that are not kept, are changed as a whole."""
    i1 = i2 = j1 = j2 = 0
    for i, j in _match_words(base, edited):
        if not is_kept(i, j):
            continue
        if (i, j) != (i2, j2):
            yield from _split_ops(i1, i2, j1, j2, i, j)
            i1, j1 = i, j
        i2, j2 = i + 1, j + 1
    yield from _split_ops(i1, i2, j1, j2, len(base), len(edited))


def _split_ops(i1: int, i2: int, j1: int, j2: int, i3: int, j3: int) -> Iterator[DiffOp]:
    """Yield a run of equal tokens, and the change behind it, unless they are empty."""
    if i2 > i1:
        yield DiffOp(True, i1, i2, j1, j2)
    if (i3, j3) != (i2, j2):
        yield DiffOp(False, i2, i3, j2, j3)


def _match_words(base: Sequence[Token], edited: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield the places of equal words; those of an atom only if all of it is there."""
    words, new_words = [t.normalized for t in base], [t.normalized for t in edited]
    blocks = SequenceMatcher(None, words, new_words, autojunk=False).get_matching_blocks()
    places = {i + n: j + n for i, j, size in blocks for n in range(size)}
    for _, group in groupby(range(len(base)), lambda i: base[i].atom or i):
        atom = [*group]
        matched = [places.get(i, -1) for i in atom]
        if matched == [*range(matched[0], matched[0] + len(atom))] and matched[0] >= 0:
            yield from zip(atom, matched, strict=True)
