"""Words that records repeat from chapters: their audience, and their place today. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from nioc_paper import tree
from nioc_paper.model import AUDIENCES, Chapter, Comment, Node, Place, ReviewPoint
from nioc_paper.model.characters import comparable
from nioc_paper.tree.prune import Pruner
from nioc_paper.tree.tokens import WORD_PART, TokenStream

_ATOM = " "
"""Word in place of a citation, reference or formula, whose printed words the tree does not have."""
_MAX_ATOM_WORDS = 12
"""Words of a quotation that one of those, or the number before a paragraph, may have printed."""
_RUN_LENGTH = 4
_MIN_LETTERS = 12
"""Letters of the shortest words that count as repeated."""
_LENGTHS = (12, 6, 3)
"""Words at the start of a quotation by which it is located, if a longer part is gone."""


def passage_levels(blocks: Sequence[Node], level_of: Callable[[Node], int]) -> Iterator[tuple[Node, int]]:
    """Yield each paragraph, heading, cell and note with the strictest level of a mark on it, around it or in it.

    Levels are indices of AUDIENCES, and `level_of` returns that of a node's own mark.
    """
    pending: list[tuple[object, int]] = [(blocks, 0)]
    while pending:
        item, level = pending.pop()
        if isinstance(item, dict):
            level = max(level, level_of(item) if "t" in item else 0)
            if item.get("t") in (*tree.PARAGRAPH_TYPES, "Header", "CodeBlock"):
                yield item, max(level, *map(level_of, tree.walk(item)))
            item = [*item.values()]
        if isinstance(item, (list, tuple)):
            pending += ((part, level) for part in reversed(item))


class _PassageWords(NamedTuple):
    words: Sequence[str]
    level: int
    nodes: Sequence[Node] = ()
    """Nodes of the words; none for a text of the front matter."""


class Quotations:
    """Finds what reviewers quote in the text of a chapter; `level_of` as for `passage_levels`."""

    def __init__(
        self, chapter: Chapter, level_of: Callable[[Node], int], marked_words: MarkedWords | None = None
    ) -> None:
        self.chapter, self.marked_words = chapter, marked_words or MarkedWords([chapter], level_of)
        self.passages = [_PassageWords(_split(text or ""), 0) for text in (chapter.front.title, chapter.front.summary)]
        for paragraph, level in passage_levels(chapter.blocks, level_of):
            stream = TokenStream()
            stream.add([paragraph])
            words = [_ATOM if t.key.startswith(_ATOM) else comparable(t.key).casefold() for t in stream.tokens]
            self.passages.append(_PassageWords(words, level, [t.node for t in stream.tokens]))

    def level(self, point: ReviewPoint, *, if_gone: int = 1) -> int:
        """Return the audience of a point, as an index of AUDIENCES: every output asks this.

        The stored level is the least. Words that are in several passages count as in the strictest one; words that
        are gone may have been in any, and have at least the level `if_gone`: by default they are never public. A point
        without words has the level of its chapter. What it repeats in its other texts counts too.
        """
        gone = max(if_gone, *(passage.level for passage in self.passages))
        levels = (
            max((passage.level for passage in self.passages if _occurs_in(words, passage.words)), default=gone)
            for words in filter(None, map(_split, point.quoted))
        )
        least = max(AUDIENCES.index(point.sensitivity), AUDIENCES.index(self.chapter.front.sensitivity))
        return max(least, self.marked_words.level(point.free_texts), *levels)

    def locate(self, point: ReviewPoint) -> Place | None:
        """Return the place of the words that a point is about; None if they are gone, or were never known."""
        quoted = _split((*point.quoted, "")[0])  # a comment on a picture, or between paragraphs, quotes nothing
        before = {*_split(point.before)} if isinstance(point, Comment) else set()
        for length in sorted({min(len(quoted), n) for n in _LENGTHS} - {0}, reverse=True):
            matches = [
                (len(before & {*passage.words[max(index - len(before), 0) : index]}), passage.nodes[index])
                for passage in self.passages
                for index in range(len(passage.nodes) - length + 1)
                if passage.words[index : index + length] == quoted[:length]
            ]
            if matches:
                return self.chapter.place(max(matches, key=lambda match: match[0])[1])
        return None


def word_runs(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the runs of words that identify a text: four in a row, or all of its words if it is shorter."""
    words = _split(text)
    size = min(_RUN_LENGTH, len(words))
    return (tuple(words[n : n + size]) for n in range(len(words) - size + 1 if size else 0))


def find_runs(texts: Iterable[str | None], sizes: Collection[int]) -> set[tuple[str, ...]]:
    """Return all runs of words of some sizes in texts."""
    word_lists = [_split(text) for text in texts if text]
    return {tuple(w[n : n + size]) for w in word_lists for size in sizes for n in range(len(w) - size + 1)}


def repeats_words(texts: Iterable[str], passage: str) -> bool:
    """Return whether a text has a run of words of a passage."""
    runs = {*word_runs(passage)}
    return not runs.isdisjoint(find_runs(texts, {len(run) for run in runs}))


class MarkedWords:
    """Words that not everybody may read, wherever a record repeats them: every record asks this.

    `level_of` as for `passage_levels`. Words that a public passage has too are public.
    """

    def __init__(self, chapters: Sequence[Chapter], level_of: Callable[[Node], int]) -> None:
        self.chapters, self.level_of = chapters, level_of
        self.levels: dict[tuple[str, ...], int] = {}
        for chapter in chapters:
            least = AUDIENCES.index(chapter.front.sensitivity)
            nodes = passage_levels(chapter.blocks, level_of) if least else ((n, 0) for n in tree.walk(chapter.blocks))
            for node, inner_level in nodes:
                if level := max(least, inner_level, level_of(node)):
                    for run in word_runs(tree.plain_text(node, with_notes=True)):
                        self.levels[run] = max(level, self.levels.get(run, 0))

    @cached_property
    def _public_runs(self) -> Collection[tuple[str, ...]]:
        pruner = Pruner(lambda node: self.level_of(node) > 0)
        public = [c for c in self.chapters if c.front.sensitivity == AUDIENCES[0]]
        return {run for c in public for run in word_runs(tree.plain_text(pruner.prune_blocks(c.blocks)))}

    def level(self, texts: Iterable[str | None]) -> int:
        """Return the strictest audience of the words that texts repeat, as an index of AUDIENCES."""
        runs = find_runs(texts, {len(run) for run in self.levels}) & self.levels.keys()
        repeated = [run for run in runs if len("".join(run)) >= _MIN_LETTERS]
        return max((self.levels[run] for run in repeated if run not in self._public_runs), default=0)


def _split(text: str) -> list[str]:
    return WORD_PART.findall(comparable(text).casefold())


def _occurs_in(quoted: Sequence[str], words: Sequence[str]) -> bool:
    """Return whether a quotation is in a passage whose own words are at least half of it."""
    if 2 * sum(map({*words}.__contains__, quoted)) < len(quoted):
        return False
    own_counts: Mapping[int, int] = {0: 0}
    """Words of the quotation passed so far, and how many of them are the passage's own."""
    for word in (_ATOM, *words):
        passed = {0: 0}
        for count, own in own_counts.items():
            is_next = quoted[count : count + 1] == [word]
            steps = range(_MAX_ATOM_WORDS + 1) if word == _ATOM else (1,) * is_next
            passed |= {count + n: max(own + is_next, passed.get(count + n, 0)) for n in steps}
        if 2 * passed.get(len(quoted), -1) >= len(quoted):
            return True
        own_counts = passed
    return False
