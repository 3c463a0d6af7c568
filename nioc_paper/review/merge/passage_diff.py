"""What was changed inside a passage: the replacements in the source, and what the passage must then read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.docx.paragraph import Paragraph, Token, tokenize
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.edits import Edit
from nioc_paper.review.merge.markdown import render_inlines
from nioc_paper.review.merge.source_span import PARAGRAPH_BREAK, SourceSpan, find_extent
from nioc_paper.review.merge.vocabulary import FormattedWord, Vocabulary, formatted_word, recognize_atoms
from nioc_paper.review.merge.word_diff import diff_words

_REMOVABLE_BETWEEN = re.compile(r"\{[^{}\n]*\}|\s|^[ \t>]*(?:[-*+]|\d+[.)]|#+)[ \t]", re.MULTILINE)
"""What may stand between two passages that become one: line ends, the mark of an item, the end of a heading."""
_CONFLICT_REASONS: Mapping[str, str] = {
    "made": "this is made by the tool, from another place of the paper",
    "cite": "a citation was rewritten; give the source in paper/references.yaml and cite it",
    "xref": "a reference was rewritten; refer to something else by its id",
    "value": "this is filled in from what the source says in another form",
    "note": "the number of a note was rewritten",
    "math": "a formula was changed, or is gone without a tracked change",
    "image": "a picture was replaced",
    "format": "the typeface was changed across other markup",
    "cell": "a cell of a table was parted",
    "join": "two passages were joined that have something between them",
}


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """A change that was not made, because it cannot be made surely."""

    offset: int
    """Where it belongs in the source."""
    base: str
    edited: str
    reason: str
    author: str = ""


@dataclass(slots=True)
class PassageEdits:
    """What became of a passage."""

    edits: list[Edit] = field(default_factory=list)
    conflicts: list[MergeConflict] = field(default_factory=list)
    expected: list[list[FormattedWord]] = field(default_factory=lambda: [[]])
    """What each of its paragraphs must read afterwards: keys and marks; atoms by what stands behind them."""


def diff_passages(
    base: Sequence[AlignedPassage], edited: Sequence[DocxPassage], vocabulary: Vocabulary, unit: int
) -> PassageEdits:
    """The changes between passages that were sent and what came back of them."""
    return _PassageDiff(base, edited, vocabulary, unit).run()


class _PassageDiff:
    def __init__(
        self, base: Sequence[AlignedPassage], edited: Sequence[DocxPassage], vocabulary: Vocabulary, unit: int
    ) -> None:
        self.vocabulary = vocabulary
        self.text = vocabulary.source.text
        self.unit = unit
        self.author = next((p.author for p in edited if p.author), "")
        self.base_span = SourceSpan(base, self.text, vocabulary.atom_texts)
        self.base, self.base_formatting = self.base_span.tokens, self.base_span.formatting
        self.edited = [
            t for n, p in enumerate(edited) for t in ([Token(PARAGRAPH_BREAK)] if n else []) + list(p.paragraph.tokens)
        ]
        self.last_edited = 0
        """Behind the last character that a change is about."""
        self.result = PassageEdits()

    def run(self) -> PassageEdits:
        for tag, i1, i2, j1, j2 in diff_words(self.base, self.edited):
            if tag == "equal":
                self.keep_equal(i1, i2, j1)
            elif reason := self.find_conflict(i1, i2, j1, j2):
                self.add_conflict(i1, i2, j1, j2, reason)
            else:
                self.replace_words(i1, i2, j1, j2)
        return self.result

    # --- what stays ---

    def keep_equal(self, i1: int, i2: int, j1: int) -> None:
        def find_formatting_change(n: int) -> tuple[frozenset[str], frozenset[str]]:
            base, edited = self.base[n], self.edited[j1 + n - i1]
            if base.span is None or base.atom or base.text == PARAGRAPH_BREAK:
                return frozenset(), frozenset()
            return edited.formatting - base.formatting, (base.formatting - edited.formatting) & self.base_formatting[n]

        for (add, remove), group in groupby(range(i1, i2), find_formatting_change):
            indexes = list(group)
            applied = self.change_formatting(indexes, add, remove)
            for n in indexes:
                self.adjust_space(n, self.edited[j1 + n - i1])
                self.expect_kept(n, (self.base_formatting[n] | add) - remove if applied else self.base_formatting[n])

    def adjust_space(self, n: int, edited: Token) -> None:
        """White space before a token that was put in or taken out."""
        span, previous_span = self.base[n].span, self.base[n - 1].span if n else None
        is_inside_atom = n and self.base[n].atom and self.base[n - 1].atom == self.base[n].atom
        if span is None or previous_span is None or is_inside_atom or self.base[n].space_before == edited.space_before:
            return
        if edited.space_before:
            self.add_edit(span[0], span[0], " ")
        elif previous_span[1] >= self.last_edited and not self.text[previous_span[1] : span[0]].strip():
            self.add_edit(previous_span[1], span[0], "")

    def change_formatting(self, indexes: list[int], add: frozenset[str], remove: frozenset[str]) -> bool:
        """Set a run of words otherwise, where marks can be put around them or taken away; whether it was done."""
        if not add and not remove:
            return True
        start, end = find_extent([self.base[n] for n in indexes])
        opening, closing = render_inlines([Token("x", formatting=add or remove)], {}).split("x")
        before, after = self.text[start - len(opening) : start], self.text[end : end + len(closing)]
        if add and not remove:
            self.add_edit(start, start, opening)
            self.add_edit(end, end, closing)
        elif not add and before.replace("_", "*") == opening and after.replace("_", "*") == closing:
            self.add_edit(start - len(opening), start, "")
            self.add_edit(end, end + len(closing), "")
        else:
            words = self.text[start:end]
            self.result.conflicts.append(MergeConflict(start, words, words, _CONFLICT_REASONS["format"], self.author))
            return False
        return True

    # --- what cannot be done ---

    def find_conflict(self, i1: int, i2: int, j1: int, j2: int) -> str:
        """Why a change is not made; empty when it is."""
        old, new = self.base[i1:i2], self.edited[j1:j2]
        neighbours = self.base[max(i1 - 1, 0) : i1 + 1]
        if any(t.span is None for t in old) or (not old and neighbours and all(t.span is None for t in neighbours)):
            return "made"
        if any(t.text.startswith("\1image") and t.text not in {o.text for o in old} for t in new):
            return "image"
        if self.base_span.kind == "cell" and any(t.text == PARAGRAPH_BREAK for t in new):
            return "cell"
        if any(
            _REMOVABLE_BETWEEN.sub("", self.text[slice(*t.span)]) for t in old if t.text == PARAGRAPH_BREAK and t.span
        ):
            return "join"
        # Programs that know no formulas leave them out when they save; only a tracked deletion is somebody's wish.
        if not self.author and any(t.atom.startswith("math") for t in old) and not any(t.atom for t in new):
            return "math"
        atoms = {t.atom for t in old}
        words = [t for t in new if t.text != PARAGRAPH_BREAK]
        if words and len(atoms) == 1 and (name := next(iter(atoms))):
            if self._translate_date(old, words) or self._is_known_atom(words):
                return ""
            return name.partition("-")[0]
        return "image" if any(t.atom.startswith("image") for t in old) else ""

    def add_conflict(self, i1: int, i2: int, j1: int, j2: int, reason: str) -> None:
        old, new = self.base[i1:i2], self.edited[j1:j2]
        nearest_span = next((t.span for t in (*old, *self.base[i1:], *reversed(self.base[:i1])) if t.span), (0, 0))
        author = next((t.author for t in new if t.author), self.author)
        self.result.conflicts.append(
            MergeConflict(nearest_span[0], _display_text(old), _display_text(new), _CONFLICT_REASONS[reason], author)
        )
        for n in range(i1, i2):
            self.expect_kept(n, self.base_formatting[n])

    # --- what is done ---

    def replace_words(self, i1: int, i2: int, j1: int, j2: int) -> None:
        old, new = self.base[i1:i2], recognize_atoms(self.edited[j1:j2], self.vocabulary)
        if translated := self._translate_date(old, new):
            text, span = translated, old[0].span
            assert span is not None
            self.add_edit(*span, text)
            self.result.expected[-1] += [(key, frozenset()) for key in _normalized_words(text)]
            return
        author = next((t.author for t in new if t.author), self.author)
        start, end, context = self.base_span.find_replaced_range(i1, i2, new)
        text = self.base_span.render_markdown(new, context, leading_space=not old or old[0].text == PARAGRAPH_BREAK)
        before = self.base[i1 - 1] if i1 else None
        if old and new and before is not None and old[0].span:
            text, start = self.base_span.match_leading_space(text, start, new[0], old[0], before)
        if new and new[-1].text == PARAGRAPH_BREAK and i2 < len(self.base) and (following := self.base[i2].span):
            end = max(end, following[0])
        if not old and i1 == 0 and new and self.edited[j2 : j2 + 1] and self.edited[j2].space_before:
            text = f"{text} "
        if any(t.text == PARAGRAPH_BREAK for t in old) and self.edited[j2 : j2 + 1] and self.edited[j2].space_before:
            text = f"{text} "
        self.add_edit(start, end, text, author)
        for token in new:
            self.expect_added(token)

    # --- atoms in new words ---

    def _is_known_atom(self, words: Sequence[Token]) -> bool:
        """Whether new words are one citation or reference of the paper, and nothing else."""
        recognized = recognize_atoms(words, self.vocabulary)
        return len(recognized) == 1 and recognized[0].atom in self.vocabulary.atom_texts

    def _translate_date(self, old: Sequence[Token], new: Sequence[Token]) -> str:
        """A day as the source writes it, where one was replaced by another."""
        if not old or not old[0].atom.startswith("value") or old[0].span is None:
            return ""
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", self.text[slice(*old[0].span)]):
            return ""
        words = " ".join(t.text for t in new)
        for form in ("%d %B %Y", "%d %b %Y", "%Y-%m-%d", "%B %d , %Y"):
            try:
                return datetime.strptime(words, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        return ""

    # --- what it must read ---

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


def _normalized_words(text: str) -> list[str]:
    return [t.normalized for t in tokenize(text)]


def _display_text(tokens: Sequence[Token]) -> str:
    return Paragraph("", "para", tuple(tokens)).text
