"""Rules that compare words: quotations and years of laws with their sources, sentences and rows with others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import NamedTuple

from nioc_paper import tree
from nioc_paper.check.finding import Finding, GatheredRow
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import citation_keys
from nioc_paper.domain.english_grammar import VERBS
from nioc_paper.model import Chapter, Node, Paper, Place, Reference
from nioc_paper.model.characters import comparable
from nioc_paper.model.grouping import group_pairs
from nioc_paper.model.lazy_regex import late_pattern

_MIN_QUOTED_WORDS = 4
"""Words of a quotation that is compared: fewer are terms and titles."""
_MIN_SOURCED_WORDS = 8
"""Words of a quotation that needs a source: fewer may be a title."""
_MIN_REPEATED_WORDS = 8
_MIN_ROWS = 3
"""Rows of a table in which a single key may be given twice by mistake."""
_WORD = late_pattern(r"\w+(?:['’]\w+)*")
_YEAR = r"(?:1[6-9]|20)\d\d"
_LAWS = ("legislation", "regulation", "bill")
_DOUBLE_QUOTED = late_pattern("“([^“”]*)”")
_LABEL = late_pattern(r"\W*[A-Z]\w+(?:\s\w+)?:")
_OMISSION = late_pattern(r"…|\.\.\.|\[[^\]]*\]")


def misquotation(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A quotation has the words of the passage that is stored with its source, or with a fact from it."""
    stored = _stored_passages(paper)
    for words, place, keys in _quotations(text) if stored else ():
        passages = [passage for key in keys for passage in stored.get(key, ())]
        quoted = _WORD.findall(words.casefold())
        is_there = any(_contains(passage, _OMISSION.split(words.casefold())) for passage in passages)
        if not passages or len(quoted) < _MIN_QUOTED_WORDS or is_there:
            continue
        size = len(quoted)
        runs = [passage[n : n + size] for passage in passages for n in range(max(1, len(passage) - size + 1))]
        nearest = get_close_matches(quoted, runs, 1)
        there = f"the stored passage has: {' '.join(nearest[0])}" if nearest else ""
        hint = there or "look it up, and add its lines to 'passage'"
        yield Finding(place, f"'{words[:60]}' is not in the passage that is stored with the source", hint)


def unsourced_quotation(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A quotation of eight words or more in running text has a citation in its paragraph."""
    unsourced = [(words, place) for words, place, keys in _quotations(text) if not keys and _is_statement(words)]
    cells = {text.chapter.place(node) for table in text.nodes("Table") for node in tree.walk(tree.body_rows(table))}
    for words, place in (quoted for quoted in unsourced if quoted[1] not in cells):
        yield Finding(place, f"the quotation '{words[:60]}' has no source", "cite it: [@key]")


def _is_statement(words: str) -> bool:
    """Whether quoted words are a sentence: a title has no verb or has capitals, and a label begins a note."""
    written = _WORD.findall(words)
    is_small = 2 * sum(word[0].islower() for word in written) > len(written) >= _MIN_SOURCED_WORDS
    return words[:1].isupper() and is_small and not (VERBS.isdisjoint(written) or _LABEL.match(words))


def other_year(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """The year of a law in a sentence is that of the law that the sentence cites."""
    laws = [law for law in map(_read_law, paper.references.values()) if law]
    years = group_pairs((law.title, year) for law in laws for year in law.years)
    for passage, sentence, _ in text.quantities if laws else ():
        cited = [law for law in laws if law.key in sentence.keys]
        for law in laws if re.search(_YEAR, sentence.text) else ():
            for match in _find_law(law, sentence.text, is_only_one=cited == [law]):
                year = next(filter(None, match.groups()))
                if year not in years[law.title]:
                    place = passage.place(sentence.start + match.start() + match[0].index(year))
                    hint = f"write {law.years[0]}, or cite another law"
                    yield Finding(place, f"'{year}' is not the year of the law that is meant", hint)


class _Law(NamedTuple):
    """Law of the bibliography: its years, that of its issue first, and its title without them."""

    key: str
    years: Sequence[str]
    title: str


def _read_law(source: Reference) -> _Law | None:
    if source.type not in _LAWS and not re.search(
        r"\b(?:Act|Ordinance|Law|Code|Rules|Regulations|Order)\b", source.title
    ):
        return None
    written = f"{source.extra.get('number', '')} {source.title}"
    years = [*filter(None, [source.year]), *re.findall(rf"\b{_YEAR}\b", written)]
    title = re.sub(rf"\s\([^()]*\)|(?:,|\bof\b)?\s*\b{_YEAR}\b.*", "", source.title).strip()
    is_law = source.type in _LAWS or re.search(r"\b(?:Act|Ordinance|Law|Code|Rules|Regulations|Order)\Z", title)
    return _Law(source.id, years, title) if is_law and title and years else None


def _find_law(law: _Law, sentence: str, *, is_only_one: bool) -> list[re.Match[str]]:
    """Return the places where a sentence names a law with a year.

    It has the last two words of its title, or its initials; if the sentence cites no other law, the last word is
    enough, as in "the Act".
    """
    words = re.findall(r"\w+", law.title)
    noun, initials = re.escape(words[-1]), "".join(word[0] for word in words if word[0].isupper())
    if words[-1].lower() not in sentence.lower() and initials not in sentence:
        return []  # the patterns take ten times as long
    year = rf"({_YEAR})\b(?![–-])"
    behind = rf"(?:\s\([^()]*\))?,?\s(?:(?:No\.?\s)?[IVXLC\d]+\s)?(?:of\s)?\(?{year}"
    names = [rf"(?i:{re.escape(' '.join(words[-2:]))})"] if len(words) > 1 else []
    named = [*re.finditer(rf"\b(?:{'|'.join([*names, initials] if len(initials) > 2 else names)}){behind}", sentence)]
    if named or not is_only_one:
        return named
    # The word before the noun is no other law's name.
    before = rf"(?:\A|\b(?:[a-z]\w*|[Tt]he|{'|'.join(words)})\s)"
    alone = [*re.finditer(rf"{before}(?i:{noun}){behind}|\b[Tt]he\s{year}\s(?i:{noun})\b", sentence)]
    return alone if len(alone) == 1 else []


def gather_sentences(_paper: Paper, text: ChapterText) -> Iterator[GatheredRow]:
    """Sentences of running text, long enough not to be alike by chance, each with its place."""
    for passage in text.passages:
        for sentence in (
            passage.sentences if passage.is_prose and not (passage.label or "note" in passage.within) else ()
        ):
            if len(words := _WORD.findall(sentence.text.casefold())) >= _MIN_REPEATED_WORDS:
                place = passage.place(sentence.start + len(sentence.text) - len(sentence.text.lstrip()))
                yield place, [" ".join(words)]


def repeated_text(_paper: Paper, rows: Iterable[GatheredRow]) -> Iterator[Finding]:
    """No sentence of eight words or more is in the paper twice."""
    first: dict[str, Place] = {}
    reported, last = set[str](), ""
    for place, (words,) in rows:
        # A passage that is there twice has one finding, at its first sentence.
        if words in first and words not in reported and last not in reported:
            message = f"the sentence is in {first[words].seen_from(place)} too"
            yield Finding(place, message, "keep one, or refer to it")
        reported |= {words} & first.keys()
        first.setdefault(words, place)
        last = words


def repeated_row(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """No row of a table, no item of a list, and no source in a citation is given twice."""
    chapter = text.chapter
    for table in text.nodes("Table"):
        rows = tree.table_rows(table)
        first_words = [next((n for n in tree.walk(row) if n.get("pos")), table) for row in rows]
        places = [*map(chapter.place, first_words)]
        yield from _find_repeated([[tree.plain_text(cell).strip() for cell in row] for row in rows], places)
    for data_table in {table.places: table for table in chapter.data_tables if table.places}.values():
        yield from _find_repeated(data_table.rows, data_table.places[1:])
    for node in text.nodes("BulletList", "OrderedList"):
        yield from _find_repeated_items(chapter, tree.content(node))
    for cite in text.nodes("Cite"):
        keys = [(c["citationId"], tree.plain_text(c["citationSuffix"])) for c in tree.citations(cite)]
        for key, _ in dict.fromkeys(key for key in keys if keys.count(key) > 1):
            yield Finding(chapter.place(cite), f"'@{key}' is cited twice in one citation", "delete one")


def _find_repeated(rows: Sequence[Sequence[str]], places: Sequence[Place]) -> Iterator[Finding]:
    """Yield rows that are given twice, and the one key of a table of numbers that has two rows."""
    first: dict[tuple[str, ...], int] = {}
    for number, (row, place) in enumerate(zip(map(tuple, rows), places, strict=False)):
        if first.setdefault(row, number) != number and sum(map(bool, row)) > 1:
            yield Finding(place, f"the row '{' | '.join(row)[:60]}' is in the table twice", "delete one")
    keys = Counter(row[0] for row in first if row and row[0])
    twice = [key for key, count in keys.items() if count > 1]
    is_of_numbers = all(any(map(str.isdigit, cell)) for row in rows[1:] for cell in row[1:] if cell)
    if is_of_numbers and len(first) > _MIN_ROWS and len(twice) == 1 and keys[twice[0]] == 2:
        number = [n for row, n in first.items() if row[:1] == (twice[0],)][-1]
        for place in places[number : number + 1]:
            yield Finding(place, f"'{twice[0]}' has two rows in the table", "delete one, or say how they differ")


def _find_repeated_items(chapter: Chapter, items: Sequence[Sequence[Node]]) -> Iterator[Finding]:
    texts = [*map(tree.plain_text, items)]
    for number, (item, words) in enumerate(zip(items, texts, strict=True)):
        if words and words in texts[:number]:
            yield Finding(chapter.place(item[0]), f"'{words[:60]}' is in the list twice", "delete one")


# --- quotations -------------------------------------------------------------------------------------------------------


def _quotations(text: ChapterText) -> Iterator[tuple[str, Place, Sequence[str]]]:
    """Yield the words of each quotation, its place, and the keys of the citations in its line.

    A line has a sentence; without a citation there, those of the paragraph or block.
    """
    has_marks = "“" in text.chapter.text or any(True for _ in text.nodes("Quoted"))
    for node in text.nodes("Para", "Plain") if has_marks else ():
        marks = [n for n in tree.walk(node) if n["t"] == "Quoted" or (n["t"] == "Str" and "“" in n["c"])]
        # Curved marks that are typed are words to pandoc.
        written = _DOUBLE_QUOTED.findall(comparable(tree.plain_text(node))) if marks else ()
        double = [mark for mark in marks if mark["t"] == "Str" or tree.form(mark) == "DoubleQuote"]
        quoted = [*zip(written, double, strict=False)]
        quoted += [(comparable(tree.plain_text(tree.content(n))), n) for n in marks if n not in double]
        for words, mark in quoted:
            place = text.chapter.place(mark)
            cites = (n for n in tree.walk(node) if n["t"] == "Cite" and text.chapter.place(n).line == place.line)
            yield words, place, [key for cite in cites for key in _keys(cite)] or _keys(node)
    for block in text.nodes("BlockQuote"):
        words, keys = comparable(tree.plain_text(block)), _keys(block)
        yield words, text.chapter.place(block), keys


def _keys(node: Node) -> Sequence[str]:
    return [key.removeprefix("fact-") for key in citation_keys(node)]


def _stored_passages(paper: Paper) -> dict[str, list[list[str]]]:
    """Return the words of the passages that are stored with sources, by key: those with its facts, too."""
    pairs = [(source.id, source.passage) for source in paper.references.values()]
    pairs += [(key, fact.passage) for fact in paper.facts.values() for key in (fact.source, fact.id)]
    return group_pairs((key, _WORD.findall(comparable(text).casefold())) for key, text in pairs if text)


def _contains(passage: Sequence[str], parts: Iterable[str]) -> bool:
    """Whether a passage has the words of each part of a quotation, in order; between parts words are left out."""
    pattern = r" .*".join(re.escape(" ".join(words)) for part in parts if (words := _WORD.findall(part)))
    return re.search(rf" {pattern} ", f" {' '.join(passage)} ") is not None
