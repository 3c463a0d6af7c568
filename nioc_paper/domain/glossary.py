"""Terms that have a definition, and where a text uses them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nioc_paper.model import Paper, Term


def defined_terms(paper: Paper) -> Sequence[Term]:
    """Return the terms that have a definition."""
    return [term for term in paper.terms if term.definition]


def term_id(term: Term) -> str:
    """Return the id of a term in the glossary."""
    return "term-" + re.sub(r"[\W_]+", "-", term.use.lower()).strip("-")


def term_key(words: str) -> str:
    """Return the words of a term as they are compared: small letters, plain blanks and hyphens."""
    return " ".join(words.casefold().replace("\u2011", "-").split())


def term_pattern(uses: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern of terms and their plurals; its first group is the term.

    The longest is first: a term may hold another.
    """
    words = sorted(map(term_key, uses), key=len, reverse=True)
    spelled = (re.escape(use).replace(r"\ ", r"\s+").replace(r"\-", r"[-\u2011]") for use in words)
    return re.compile(rf"(?<![\w-])({'|'.join(spelled)})(?:e?s)?(?![\w-])", re.IGNORECASE)
