"""Changes inside a passage: edits of the source, and the words that it must have afterwards."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from msgspec import Struct, field

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.docx.paragraph import HIDDEN, LINK, Paragraph, Token, links_in, tokenize
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.conflicts import ATOM_REASONS, HIDDEN_REASON, PLACE_REASON, MergeConflict, PassageChange
from nioc_paper.review.merge.edits import Edit
from nioc_paper.review.merge.source_span import PARAGRAPH_BREAK, SourceSpan, find_extent
from nioc_paper.review.merge.token_markdown import render_inlines
from nioc_paper.review.merge.vocabulary import FormattedWord, Vocabulary, formatted_word, recognize_atoms
from nioc_paper.review.merge.word_dates import read_day
from nioc_paper.review.merge.word_diff import DiffOp, diff_words

_FORMAT_REASON = "the font was changed across other markup"
_LINK_REASON = "a link with other markup in it was changed"
_MIDDLE = "\2"
"""Placeholder for words between delimiters."""


class Replacement(NamedTuple):
    """Characters of the source, and those that replace them."""

    start: int
    end: int
    text: str


class FormattingChange(NamedTuple):
    """Replacements that make a change of formatting, or the reason against it."""

    replacements: tuple[Replacement, ...] = ()
    reason: str = ""


def change_formatting(
    span: SourceSpan, start: int, end: int, add: frozenset[str], remove: frozenset[str]
) -> FormattingChange:
    """Put delimiters around a range of the source, or remove those around it, as far as nothing is between."""
    link_end = span.find_link_end(start, end) if remove and links_in(remove) == list(remove) else None
    if HIDDEN in add or links_in(add, inside=True) or (add and remove and not link_end):
        return _reject(add | remove)
    opening, closing = render_inlines([Token(_MIDDLE, formatting=add or remove)], {}).split(_MIDDLE)
    before, after = span.text[start - len(opening) : start], span.text[end : end + len(closing)]
    if add and not remove:
        return FormattingChange((Replacement(start, start, opening), Replacement(end, end, closing)))
    if add and link_end and links_in(add) == list(add):
        return FormattingChange((Replacement(*link_end.span("target"), links_in(add)[0].removeprefix(LINK)),))
    if link_end and not add:
        return FormattingChange((Replacement(start - 1, start, ""), Replacement(*link_end.span(), "")))
    if not add and before.replace("_", "*") == opening and after.replace("_", "*") == closing:
        outer = Replacement(start - len(opening), start, ""), Replacement(end, end + len(closing), "")
        return FormattingChange(outer)
    return _reject(add | remove)


def _reject(changed: frozenset[str]) -> FormattingChange:
    if HIDDEN in changed:
        return FormattingChange(reason=HIDDEN_REASON)
    if links_in(changed, inside=True):
        return FormattingChange(reason=PLACE_REASON)
    return FormattingChange(reason=_LINK_REASON if links_in(changed) else _FORMAT_REASON)


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
        self.vocabulary = vocabulary
        self.text = vocabulary.source.text
        self.unit = unit
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
        for op in diff_words(self.base, self.edited):
            if op.tag == "equal" or self.is_emptied_note(op):
                self.keep_equal(op)
            elif reason := self.find_conflict(op):
                self.add_conflict(op, reason)
            else:
                self.replace_words(op)
        return self.result

    # --- kept ---------

    def keep_equal(self, op: DiffOp) -> None:
        shift = op.j1 - op.i1

        def find_formatting_change(n: int) -> tuple[frozenset[str], frozenset[str]]:
            base, edited = self.base[n], self.edited[n + shift]
            if base.span is None or base.atom or base.text == PARAGRAPH_BREAK:
                return edited.formatting & {HIDDEN}, frozenset()
            return edited.formatting - base.formatting, (base.formatting - edited.formatting) & self.base_formatting[n]

        for (add, remove), group in groupby(range(op.i1, op.i2), find_formatting_change):
            indexes = list(group)
            applied = self.change_formatting(indexes, add, remove)
            for n in indexes:
                # After words that are left out, the space is as it was, on one side of them.
                if n + shift != self.end_of_conflict:
                    self.adjust_space(n, self.edited[n + shift])
                self.expect_kept(n, (self.base_formatting[n] | add) - remove if applied else self.base_formatting[n])

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

    def change_formatting(self, indexes: Sequence[int], add: frozenset[str], remove: frozenset[str]) -> bool:
        """Change the formatting of a run if delimiters can be put around it or removed; returns whether it was done."""
        if not add and not remove:
            return True
        start, end = find_extent([self.base[n] for n in indexes])
        edits, reason = change_formatting(self.base_span, start, end, add, remove)
        for edit in edits:
            self.add_edit(*edit)
        if reason:
            words = self.text[start:end]
            self.result.conflicts.append(MergeConflict(start, words, words, reason, self.author))
        return not reason

    # --- impossible changes ----

    def find_conflict(self, op: DiffOp) -> str:
        """Return the reason why a change cannot be made, or an empty text."""
        change = PassageChange(
            base=self.base[op.i1 : op.i2],
            edited=self.edited[op.j1 : op.j2],
            neighbours=self.base[max(op.i1 - 1, 0) : op.i1 + 1],
            kind=self.base_span.kind,
            is_note=self.base_span.paragraph is not None and bool(self.base_span.paragraph.note),
            text=self.text,
            deletes_formula=self.deletes_formula,
        )
        return change.find_reason() or self._find_atom_conflict(change) or self._find_place_link(change)

    def _find_place_link(self, change: PassageChange) -> str:
        """Return the reason against new words that link to a place of the Word file; empty if there is none."""
        if self._translate_value(change.base, change.edited):
            return ""
        known = frozenset().union(*self.base_formatting)
        new = recognize_atoms(change.edited, self.vocabulary)
        return PLACE_REASON if any(links_in(t.formatting - known, inside=True) for t in new if not t.atom) else ""

    def _find_atom_conflict(self, change: PassageChange) -> str:
        atoms = {t.atom for t in change.base}
        words = [t for t in change.edited if t.text != PARAGRAPH_BREAK]
        if words and len(atoms) == 1 and (atom := next(iter(atoms))):
            is_valid = self._translate_value(change.base, words) or self._is_known_atom(words)
            reason = _DATE_REASON if self._is_date(change.base) else ATOM_REASONS[atom.partition("-")[0]]
            return "" if is_valid else reason
        return ATOM_REASONS["image"] if any(t.atom.startswith("image") for t in change.base) else ""

    def add_conflict(self, op: DiffOp, reason: str) -> None:
        base, edited = self.base[op.i1 : op.i2], self.edited[op.j1 : op.j2]
        self.end_of_conflict = op.j2
        nearest = (*base, *self.base[op.i1 :], *reversed(self.base[: op.i1]))
        offset = next((t.span[0] for t in nearest if t.span), 0)
        if all(t.text == PARAGRAPH_BREAK for t in (*base, *edited)):
            # The end of a paragraph says nothing without the words around it.
            base = self.base[max(op.i1 - 1, 0) : op.i2 + 1]
            edited = self.edited[max(op.j1 - 1, 0) : op.j2 + 1]
        self.result.conflicts.append(
            MergeConflict(offset, _display_text(base), _display_text(edited), reason, self._find_author(edited))
        )
        for n in range(op.i1, op.i2):
            self.expect_kept(n, self.base_formatting[n])

    # --- changes --------

    def replace_words(self, op: DiffOp) -> None:
        base, new = self.base[op.i1 : op.i2], recognize_atoms(self.edited[op.j1 : op.j2], self.vocabulary)
        if value := self._translate_value(base, self.edited[op.j1 : op.j2]):
            self._replace_value(base[0], value)
            return
        start, end, text = self._render_replacement(op, new)
        if self._needs_space_after(op, new, start):
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
            before = self.base[op.i1 - 1]
            text, start = self.base_span.match_leading_space(text, start, new[0], base[0], before)
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

    def _needs_space_after(self, op: DiffOp, new: Sequence[Token], start: int) -> bool:
        """Return whether a space separates new words at the start, or a joined paragraph, from the next token."""
        base, following = self.base[op.i1 : op.i2], self.edited[op.j2 : op.j2 + 1]
        if not following or not following[0].space_before:
            return False
        return (bool(new) and self._is_before_next(op, start)) or any(t.text == PARAGRAPH_BREAK for t in base)

    def _find_author(self, tokens: Sequence[Token]) -> str:
        return next((t.author for t in tokens if t.author), self.author)

    # --- atoms in new words ---

    def _is_known_atom(self, words: Sequence[Token]) -> bool:
        """Return whether new words are exactly one citation or reference of the paper."""
        recognized = recognize_atoms(words, self.vocabulary)
        return len(recognized) == 1 and recognized[0].atom in self.vocabulary.atom_texts

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

    def expect_kept(self, n: int, formatting: frozenset[str]) -> None:
        token = self.base[n]
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
