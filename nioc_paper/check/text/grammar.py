"""Words of grammar: the closed classes of English words, which name nothing."""

from __future__ import annotations

from nioc_paper.model.late_pattern import late_pattern

_ARTICLES_AND_PREPOSITIONS = """
a about above across after against an around at before below between by despite during for from in into like of on out
over per since than the through throughout to under unlike until up with within without
"""
_PRONOUNS_AND_CONJUNCTIONS = """
all although and another as because but both each every few fewer he her his how i if it its least less many more most
nobody none nor not nothing one or other our she so some that their them then there these they this those though thus
two we what when where whether which while who yet you
"""
_VERBS_AND_ADVERBS = """
almost also are be been can could did do does even given had has have is just may nearly only shall should was were
will would
"""
ARTICLES_AND_PREPOSITIONS = frozenset(_ARTICLES_AND_PREPOSITIONS.split())
OPENERS = ARTICLES_AND_PREPOSITIONS.union(_PRONOUNS_AND_CONJUNCTIONS.split())
"""Words that can begin a sentence and no name."""
WORDS_OF_GRAMMAR = OPENERS.union(_VERBS_AND_ADVERBS.split())
_INFLECTED = late_pattern(r"[a-z]\w*(?:ed|ing|[^p]ly|s)|[A-Z]\w*[^p]ly")
"""Participle, adverb or plural."""


def is_inflected_or_grammar(word: str) -> bool:
    """Whether a word is one of grammar, a participle, an adverb or a plural: no label of the number behind it."""
    return word.lower() in WORDS_OF_GRAMMAR or _INFLECTED.fullmatch(word) is not None
