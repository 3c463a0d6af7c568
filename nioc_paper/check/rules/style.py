"""Rules of style: weak words of the paper's own list, and sentences and notes that are too long."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText, Texts
from nioc_paper.check.text.word_index import PhraseMatcher
from nioc_paper.model import Paper
from nioc_paper.model.late_pattern import late_pattern
from nioc_paper.tree import count_words

_WORD = late_pattern(r"\S*\w\S*")
MAX_SENTENCE_WORDS = 35
MAX_NOTE_WORDS = 900
"""Words. Measured: a page holds a note of 1,100 in English below a line of text, and loses the end of one of 1,300."""


def weak_word(paper: Paper, text: Texts) -> Iterator[Finding]:
    """The text is free of the words that `weak` in terms.yaml lists; without the list nothing is found.

    Bad: The tunnel leverages synergies, with weak: [leverages, synergies]
    Good: The tunnel shares its lamps with the bridge.
    """
    index = text.word_index
    for match in _phrase_matcher(paper.terms_file.weak).find(index) if paper.terms_file.weak else ():
        if not index.is_in_name(*match.span()):
            hint = "write what is meant, or who says it; the list is in paper/registers/terms.yaml"
            yield Finding(index.place(match.start()), f"'{match[0]}' says little", hint)


@lru_cache(maxsize=4)
def _phrase_matcher(phrases: tuple[str, ...]) -> PhraseMatcher:
    return PhraseMatcher(phrases)


def long_sentence(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A sentence has at most 35 words.

    Bad: a sentence of 50 words
    Good: two sentences
    """
    for passage in text.word_index.passages:
        is_long = len(passage.text) > 4 * MAX_SENTENCE_WORDS
        for sentence in passage.sentences if is_long and passage.is_prose and not passage.label else ():
            count = len(sentence.text) > 4 * MAX_SENTENCE_WORDS and len(_WORD.findall(sentence.text))
            if count > MAX_SENTENCE_WORDS:
                place = passage.place(sentence.start + len(sentence.text) - len(sentence.text.lstrip()))
                yield Finding(place, f"the sentence has {count} words", "make two of it")


def long_note(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A note has at most 900 words: a longer one does not fit on a page, and print would cut it off.

    Bad: a note of three pages
    Good: a section or an annex, and a note that refers to it
    """
    chapter = text.chapter
    for note in text.nodes("Note"):
        if (count := count_words([note])) > MAX_NOTE_WORDS:
            message = f"the note has {count} words, and a page has room for {MAX_NOTE_WORDS}"
            yield Finding(chapter.place(note), message, "make a section or an annex of it, and refer to that")
