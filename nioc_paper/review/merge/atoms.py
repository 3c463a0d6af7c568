"""Words of a Word file in the forms of the source: atoms, ids by their labels, days."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate

from msgspec import Struct

from nioc_paper.review.docx.docx_text import Token, tokenize
from nioc_paper.review.merge.source_map import MarkdownSource

FormattedWord = tuple[str, frozenset[str]]
"""Normalized word with its formatting; an atom by its value."""


class Vocabulary(Struct, frozen=True):
    """Atoms of the whole text in their different forms."""

    source: MarkdownSource
    atom_texts: Mapping[str, str]
    """Source text of every atom, of new notes too."""
    atom_values: Mapping[str, str]
    """Value of every atom in the parsed text."""
    rendered_forms: Mapping[str, tuple[str, ...]]
    """Words of each citation and reference as rendered in Word."""
    labels: Mapping[str, str] = {}
    """Ids by their labels in the paper, which are normalized and without spaces."""
    lost: frozenset[str] = frozenset()
    """Marks that the program of the reviewer has lost from the whole file: see `find_lost_marks`."""

    def read_ids(self, tokens: Sequence[Token]) -> list[Token]:
        """Return tokens with the ids of the labels among them."""
        out, index = list[Token](), 0
        while index < len(tokens):
            texts = [*accumulate(token.normalized for token in tokens[index:])]  # a change may part a word
            length = next((n for n in range(len(texts), 0, -1) if texts[n - 1] in self.labels), 0)
            if length:
                first, name = tokens[index], self.labels[texts[length - 1]]
                out += tokenize(name, space_before=first.space_before, author=first.author)
            else:
                out.append(tokens[index])
            index += length or 1
        return out


def recognize_atoms(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Token]:
    """Return new tokens with the paper's citations and references recognized by their rendered words."""
    recognized, index = [], 0
    forms = sorted(vocabulary.rendered_forms.items(), key=lambda item: -len(item[1]))
    longest = len(forms[0][1]) if forms else 0
    while index < len(tokens):
        following = [t.normalized for t in tokens[index : index + longest]]
        name = next((name for name, words in forms if len(words) > 1 and following[: len(words)] == [*words]), "")
        token = tokens[index]
        if name:
            token = token._replace(text="", atom=name)
        elif token.atom not in vocabulary.atom_texts or not token.text.startswith("\1"):
            token = token._replace(atom="")
        recognized.append(token)
        index += len(vocabulary.rendered_forms[name]) if name else 1
    return recognized


def formatted_words(tokens: Sequence[Token], vocabulary: Vocabulary) -> tuple[FormattedWord, ...]:
    """Return the formatted words of a run of tokens."""
    return tuple(formatted_word(token, token.formatting, vocabulary.atom_values) for token in tokens)


def formatted_word(token: Token, formatting: frozenset[str], atom_values: Mapping[str, str]) -> FormattedWord:
    """Return a token as a word with this formatting."""
    return (f"\1{atom_values.get(token.atom, '')}", frozenset()) if token.atom else (token.normalized, formatting)


# --- days as they are written in Word ---------------------------------------------------------------------------------


_FORMS = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y", "%Y %m %d", "%d %m %Y", "%m %d %Y")
_ORDINAL = re.compile(r"(?<=\d) ?(st|nd|rd|th)\b")
_SIGNS = re.compile(r"[\s,./–-]+|\bof\b|\bthe\b")


def read_day(words: Sequence[Token]) -> str:
    """Return the ISO date of words that are only a day; empty for others, and for 3/4/2022, which may be two days."""
    text = _ORDINAL.sub("", " ".join(t.text for t in words).lower())
    text, days = " ".join(_SIGNS.sub(" ", text).split()), set[str]()
    for form in _FORMS:
        try:
            days.add(datetime.strptime(text, form).date().isoformat())  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return days.pop() if len(days) == 1 else ""
