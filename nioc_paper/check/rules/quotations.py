"""Rules that compare words: quotations and years of laws with their sources, sentences and rows with others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from nioc_paper import tree
from nioc_paper.check.finding import Finding, GatheredRow
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import citation_keys, table_rows
from nioc_paper.model import Node, Paper, Place, Reference
from nioc_paper.model.characters import comparable
from nioc_paper.model.late_pattern import late_pattern

_MIN_QUOTED_WORDS = 4
"""Words of a quotation that is compared: fewer are terms and titles."""
_MIN_SOURCED_WORDS = 8
"""Words of a quotation that needs a source: fewer may be a title."""
_MIN_REPEATED_WORDS = 8
_WORD = late_pattern(r"\w+(?:['’]\w+)*")
_YEAR = r"(?:1[6-9]|20)\d\d"
_LAW = late_pattern(
    rf"\b[A-Z]\w+\s(?:\([^()]*\)\s)?(?:Act|Ordinance|Rules|Order|Code|Regulations|Law),?\s(?:of\s)?(?P<year>{_YEAR})\b(?![–-])"
)


def misquotation(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A quotation has the words of the passage that is stored with its source, or with a fact from it.

    Bad: "The deck is safe" [@survey2019], with passage: "p. 3: The deck is not safe." in the file of sources
    Good: "The deck is not safe" [@survey2019]
    """
    stored = _stored_passages(paper)
    for words, place, keys in _quotations(text) if stored else ():
        passages = [passage for key in keys for passage in stored.get(key, ())]
        quoted = _WORD.findall(words.casefold())
        if not passages or len(quoted) < _MIN_QUOTED_WORDS or any(_contains(passage, quoted) for passage in passages):
            continue
        nearest = max(
            (_nearest_words(passage, quoted) for passage in passages), key=lambda near: _likeness(near, quoted)
        )
        if _likeness(nearest, quoted) > 0.6:
            message, hint = (
                f"'{words[:60]}' is not what the source says",
                f"the stored passage has: {' '.join(nearest)}",
            )
        else:
            message = f"'{words[:60]}' is not in the passage that is stored with the source"
            hint = "look it up, and add its lines to 'passage'"
        yield Finding(place, message, hint)


def unsourced_quotation(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A quotation of eight words or more has a citation in its paragraph.

    Bad: The survey says: "The deck is not safe for carts that are wider than a man".
    Good: the same with [@survey2019]
    """
    for words, place, keys in _quotations(text):
        # A title and a name have capitals: most words of a statement have none.
        written, small = _WORD.findall(words), sum(word[0].islower() for word in _WORD.findall(words))
        if not keys and len(written) >= _MIN_SOURCED_WORDS and 2 * small > len(written):
            yield Finding(place, f"the quotation '{words[:60]}' has no source", "cite it: [@key]")


def other_year(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """The year of a law in a sentence is that of the law that the sentence cites.

    Bad: the Roads Act, 2018 [@roads-act1998]
    Good: the Roads Act, 1998 [@roads-act1998]
    """
    laws = {key: years for key, source in paper.references.items() if (years := _law_years(source))}
    for passage in text.passages if laws else ():
        for sentence in passage.sentences:
            cited = [laws[key] for key in sentence.keys if key in laws]
            named = list(_LAW.finditer(sentence.text))
            if len(cited) == len(named) == 1 and named[0]["year"] not in cited[0]:
                place = passage.place(sentence.start + named[0].start("year"))
                hint = f"write {cited[0][0]}, or cite another law"
                yield Finding(place, f"'{named[0]['year']}' is not the year of the law that is cited", hint)


def gather_sentences(_paper: Paper, text: ChapterText) -> Iterator[GatheredRow]:
    """Sentences of running text, long enough not to be alike by chance, each with its place."""
    for passage in text.passages:
        for sentence in passage.sentences if passage.is_prose and not passage.label else ():
            if len(words := _WORD.findall(sentence.text.casefold())) >= _MIN_REPEATED_WORDS:
                place = passage.place(sentence.start + len(sentence.text) - len(sentence.text.lstrip()))
                yield place.path, place.line, place.column, " ".join(words)


def repeated_text(_paper: Paper, rows: Iterable[GatheredRow]) -> Iterator[Finding]:
    """No sentence of eight words or more is in the paper twice.

    Bad: a sentence of the chapter on bridges again in the chapter on tunnels
    Good: the sentence once, and a reference to its section
    """
    first: dict[str, tuple[str, int]] = {}
    for path, line, column, words in rows:
        if words in first:
            other = f"line {first[words][1]}" + (f" of {first[words][0]}" if first[words][0] != path else "")
            yield Finding(Place(path, line, column), f"the sentence is in {other} too", "keep one, or refer to it")
        first.setdefault(words, (path, line))


def repeated_row(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """No row of a table, and no source in a citation, is given twice.

    Bad: | North | 4 | in two rows of a table, or [@survey2019; @survey2019]
    Good: | North | 4 | in one row, or [@survey2019]
    """
    chapter = text.chapter
    for table in text.nodes("Table"):
        seen = set[tuple[str, ...]]()
        for cells in table_rows(*table["c"][3:]):
            row = tuple(tree.plain_text(cell).strip() for cell in cells)
            if row in seen and len(row) > 1 and all(row):
                place = next((chapter.place(n) for n in tree.walk(cells[0]) if n.get("pos")), chapter.place(table))
                yield Finding(place, f"the row '{' | '.join(row)[:60]}' is in the table twice", "delete one")
            seen.add(row)
    for cite in text.nodes("Cite"):
        keys = [(c["citationId"], tree.plain_text(c["citationSuffix"])) for c in cite["c"][0]]
        for key, _ in dict.fromkeys(key for key in keys if keys.count(key) > 1):
            yield Finding(chapter.place(cite), f"'@{key}' is cited twice in one citation", "delete one")


# --- quotations -------------------------------------------------------------------------------------------------------


def _quotations(text: ChapterText) -> Iterator[tuple[str, Place, Sequence[str]]]:
    """Yield the words of each quotation, its place, and the keys of the citations in its line.

    A line has a sentence; without a citation there, those of the paragraph or block.
    """
    for node in text.nodes("Para", "Plain"):
        for quoted in (n for n in tree.walk(node) if n["t"] == "Quoted" and n["c"][0]["t"] == "DoubleQuote"):
            place = text.chapter.place(quoted)
            cites = (n for n in tree.walk(node) if n["t"] == "Cite" and text.chapter.place(n).line == place.line)
            keys = [key for cite in cites for key in _keys(cite)]
            yield comparable(tree.plain_text(quoted["c"][1])), place, keys or _keys(node)
    for block in text.nodes("BlockQuote"):
        yield (
            comparable(tree.plain_text(block["c"])),
            text.chapter.place(block),
            _keys({"t": "Div", "c": [None, block["c"]]}),
        )


def _keys(node: Node) -> Sequence[str]:
    return [key.removeprefix("fact-") for key in citation_keys(node)]


def _stored_passages(paper: Paper) -> dict[str, list[list[str]]]:
    """Return the words of the passages that are stored with sources, by key: those with its facts, too."""
    stored: dict[str, list[list[str]]] = {}
    pairs = [(source.id, source.passage) for source in paper.references.values()]
    pairs += [(key, fact.passage) for fact in paper.facts.values() for key in (fact.source, fact.id)]
    for key, passage in pairs:
        if passage:
            stored.setdefault(key, []).append(_WORD.findall(comparable(passage).casefold()))
    return stored


def _contains(passage: Sequence[str], quoted: Sequence[str]) -> bool:
    return f" {' '.join(quoted)} " in f" {' '.join(passage)} "


def _nearest_words(passage: Sequence[str], quoted: Sequence[str]) -> Sequence[str]:
    """Return the run of words of a passage that is most like a quotation, as long as that."""
    size = len(quoted)
    runs = [passage[start : start + size] for start in range(max(1, len(passage) - size + 1))]
    return max(runs, key=lambda run: _likeness(run, quoted))


def _likeness(one: Sequence[str], other: Sequence[str]) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _law_years(source: Reference) -> list[str]:
    """Return the years of a law, that of its issue first; none for another source."""
    if source.type not in ("legislation", "regulation", "bill"):
        return []
    return [
        *filter(None, [source.year]),
        *re.findall(rf"\b{_YEAR}\b", f"{source.extra.get('number', '')} {source.title}"),
    ]
