"""What is known of a text while its passages are compared, and what words read by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nioc_paper.review.docx.paragraph import Token
from nioc_paper.review.merge.source import MarkdownSource

FormattedWord = tuple[str, frozenset[str]]
"""The key of a word and how it is set; an atom by what stands behind it."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What is known of the whole text while its passages are compared."""

    source: MarkdownSource
    atom_texts: Mapping[str, str]
    """Every atom as the source writes it, those of new notes too."""
    atom_values: Mapping[str, str]
    """Every atom as the parsed text has it."""
    rendered_forms: Mapping[str, tuple[str, ...]]
    """What each citation and reference reads like in Word."""


def recognize_atoms(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Token]:
    """New words, with the citations and references of the paper in them known by how they read."""
    recognized, index = [], 0
    forms = sorted(vocabulary.rendered_forms.items(), key=lambda item: -len(item[1]))
    while index < len(tokens):
        name = next((name for name, words in forms if _starts_with(tokens, index, words)), "")
        token = tokens[index]
        if name:
            token = replace(token, text="", atom=name)
        elif token.atom not in vocabulary.atom_texts or not token.text.startswith("\1"):
            token = replace(token, atom="")
        recognized.append(token)
        index += len(vocabulary.rendered_forms[name]) if name else 1
    return recognized


def formatted_words(tokens: Sequence[Token], vocabulary: Vocabulary) -> tuple[FormattedWord, ...]:
    """What a run of words reads."""
    return tuple(formatted_word(token, token.formatting, vocabulary.atom_values) for token in tokens)


def formatted_word(token: Token, formatting: frozenset[str], atom_values: Mapping[str, str]) -> FormattedWord:
    """What a token reads, set like this."""
    return (f"\1{atom_values.get(token.atom, '')}", frozenset()) if token.atom else (token.normalized, formatting)


def _starts_with(tokens: Sequence[Token], index: int, words: Sequence[str]) -> bool:
    return len(words) > 1 and [t.normalized for t in tokens[index : index + len(words)]] == list(words)
