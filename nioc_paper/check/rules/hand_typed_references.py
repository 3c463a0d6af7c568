"""Rules about what is typed by hand in place of a reference: numbers of sections, citations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText, Texts
from nioc_paper.check.text.passages import Passage
from nioc_paper.check.text.quantities import MONTH
from nioc_paper.domain.sources import watched_references
from nioc_paper.model import Paper, Place, Reference
from nioc_paper.model.lazy_regex import late_pattern

_NOT_OF_OTHER_TEXT = r"(?![\w.-]*\w)(?![^\S\n]*(?:\([^)\n]{0,40}\)[^\S\n]*)?,?[^\S\n]*(?:of|in|to)[^\S\n]+(?!this\b))"
"""Excludes other texts' parts: `table 5 of the World Drug Report`."""
_NUMBER = r"[^\S\n]+\d+(?:\.\d+)*(?:(?:,|[^\S\n]and|[^\S\n]to|–)[^\S\n]?\d+(?:\.\d+)*)*"
_DOTTED = r"[^\S\n]+\d+(?:\.\d+)+(?![\w.-]*\w)"
_ITEM_LABEL = r"[^\S\n]+[A-Z]{1,4}-G?\d+\b"
_ON_THE_PAGE = (
    r"[^\S\n]+(?:above|below|overleaf|opposite)\b(?=[^\S\n]*(?:[^\w\s]|\Z|\n)|[^\S\n]+(?:shows?|gives?|lists?|sets?|compares?"
    r"|summari[sz]es?|presents?|illustrates?|contains?|describes?|is|are|has|have|was|were|and|or|for|with)\b)"
)
_OTHER_TABLE = late_pattern(
    r"\b(?:water|periodic|dining|dinner|round|negotiating|league|life|time|pool)[^\S\n]+\Z", re.IGNORECASE
)
"""Words that give "table" another meaning."""
_PREFIX_BY_WORD = {
    "section": "sec",
    "chapter": "sec",
    "table": "tbl",
    "figure": "fig",
    "recommendation": "rec",
    "gap": "gap",
}
_TYPED_NUMBERS = (
    rf"(?P<section>sections?{_DOTTED}{_NOT_OF_OTHER_TEXT})|(?P<chapter>chapters?{_NUMBER}{_NOT_OF_OTHER_TEXT})"
    rf"|(?P<table>tables?(?:{_NUMBER}{_NOT_OF_OTHER_TEXT}|{_ON_THE_PAGE}))"
    rf"|(?P<figure>fig(?:ure)?s?\b\.?(?:{_NUMBER}{_NOT_OF_OTHER_TEXT}|{_ON_THE_PAGE}))"
    r"|(?P<near>(?:following|next|previous|preceding|facing|opposite)[^\S\n]+(?:page|table|figure))"
    rf"|(?P<page>pages?{_NUMBER}{_NOT_OF_OTHER_TEXT})"
) + "".join(
    rf"|(?P<{kind}>{kind}s?{_ITEM_LABEL}|{kind}s?{_NUMBER}(?=[^\S\n]of[^\S\n]this\b))"
    rf"|(?P<{kind}_bare>{kind}s?{_NUMBER}{_NOT_OF_OTHER_TEXT})"
    for kind in ("recommendation", "gap")
)
"""Words that refer to this paper: an Act has a section 4 but no 4.2; recommendation 8 may be another body's."""
_OF_OTHERS = late_pattern(r"(?:['’]s?|\b(?:its|their)|(?<=\w\s)[A-Z]\w+)\s\Z|[A-Z]{2,}.*\Z")
"""Words before the number of another body's recommendation."""


def typed_number(paper: Paper, text: Texts) -> Iterator[Finding]:
    """Numbers of sections, figures and tables, and places on a page, are written as references."""
    index = text.word_index
    own = ((kind, "|".join(map(re.escape, words))) for kind, *words in paper.settings.own_words.boxes)
    own_labels = [rf"(?P<{kind}_own>(?:{words}){_ITEM_LABEL})" for kind, words in own if kind in _PREFIX_BY_WORD]
    pattern = re.compile(rf"\b(?:{'|'.join([_TYPED_NUMBERS, *own_labels])})", re.IGNORECASE)
    for match in pattern.finditer(index.full_text):
        passage, pos = index.passage_at(match.start())
        (word, _, form), end = str(match.lastgroup).partition("_"), pos + len(match[0])
        if passage.within[-1:] == ("note",) and re.match(r":\s[A-Z]", passage.text[end:]):
            continue  # a chapter of the work that the note names
        if form == "bare" and not _is_of_chapter(text, word, match[0], passage, pos):
            continue
        is_other = word == "table" and _OTHER_TABLE.search(index.full_text, max(0, match.start() - 20), match.start())
        if not (passage.is_heading or is_other or _belongs_to_source(word, passage, pos, end)):
            message = f"'{match[0]}' {'depends on the layout' if word == 'near' else 'is typed by hand'}"
            hint = _caption_hint(word, passage.text[end:]) if not passage.text[:pos].strip() else ""
            yield Finding(passage.place(pos), message, hint or _reference_hint(match[0].split()[-1], word))


def _is_of_chapter(text: Texts, kind: str, label: str, passage: Passage, pos: int) -> bool:
    """Whether "recommendation 1" is of the chapter: it has as many, and the sentence names no source and no body."""
    sentence = next(s for s in reversed(passage.sentences) if s.start <= pos)
    before = passage.text[sentence.start : pos]
    count = len(text.chapter.items_of_kind(kind)) if isinstance(text, ChapterText) else 0
    is_known = all(int(number) <= count for number in re.findall(r"\d+", label))
    return before.lower().endswith("see ") or (is_known and not sentence.keys and not _OF_OTHERS.search(before))


def _caption_hint(word: str, rest: str) -> str:
    """Return where the words of a typed caption belong: "Table 1: Institutions"; empty for any other text."""
    caption = re.match(r"\s?[:.–]\s*([^.|]+)", rest)
    if caption is None or word not in ("table", "figure"):
        return ""
    if word == "table":
        return f"write it as a line of its own below the table: ': {caption[1].strip()} {{#tbl-…}}'"
    return f"write it in the brackets of the picture: ![{caption[1].strip()}](…){{#fig-…}}"


def _belongs_to_source(word: str, passage: Passage, start: int, end: int) -> bool:
    """Whether a number is a cited source's: a citation follows it, or, for a page, is in its sentence."""
    if word == "page":
        return bool(next(s for s in reversed(passage.sentences) if s.start <= start).keys)
    return bool(passage.keys_between(end, end + 3))


def _reference_hint(last_word: str, word: str) -> str:
    prefix = _PREFIX_BY_WORD.get(last_word.lower() if word == "near" else word)
    if prefix:
        return f"write '@{prefix}-…': the number, or the place, is filled in"
    return "refer to the section, the figure or the table: pages differ in every output"


_WORD_OF_NAME = r"[A-Z][\w'’/-]{1,40}"
_BODY = rf"{_WORD_OF_NAME}(?:\s(?:(?:of|for|on|and|the|de|van|ul|ur|al|&)\s){{0,2}}{_WORD_OF_NAME}){{0,7}}"
_NAME = rf"{_BODY}(?:(?:,\s{_BODY}){{1,4}},?\s(?:and|&)\s{_BODY})?"
_YEAR = rf"(?:{MONTH}\s)?(?:FY\s?)?(?:19|20)\d\d[a-z]?|n\.\s?d\.|forthcoming|in\spress|pp?\.\s?\d+(?:[–-]\d+)?"
_PAGES = r"(?:\s?[,:]\s?(?:pp?\.\s?)?\d+(?:[–-]\d+)?)"
_TYPED = (
    (
        rf"[(\[](?:(?:see|cf\.|e\.g\.)[,\s]+)?(?:[Tt]he\s)?(?P<name>{_NAME})(?P<others>,?\set\sal\.?)?(?P<comma>,)?\s"
        rf"(?P<year>{_YEAR})(?P<pages>{_PAGES})?(?P<more>(?:;|,\s(?:as\s)?(?:cited|quoted)\sin)[^()\[\]]{{3,200}})?[)\]]"
    ),
    (
        r"(?<![\w(])(?P<lead>(?:[Aa]ccording\sto|[Ss]ee|[Cc]f\.)\s(?:the\s)?)?(?:The\s)?"
        rf"(?P<name>{_NAME})(?P<others>\set\sal\.?)?\s\((?P<year>{_YEAR})(?P<pages>{_PAGES})?\)(?P<verb>\s+\w+)?"
    ),
)
_NO_AUTHOR = late_pattern(
    rf"(?:{MONTH}|Spring|Summer|Autumn|Winter"
    r"|Act|Ordinance|Rules?|Order|Bill|Constitution|Policy|Strategy|Plan|Convention|Protocol|Regulations?|Code|Report|Survey"
    r"|Amendment|Census|Agreement|Resolution|Vision|Agenda|Year|FY|Q[1-4]|Law|Treaty|Programme|Framework|Review|Part|No|Case)$"
)
_SAYING = late_pattern(r"\s+(?:found|saw|said|wrote|(?!(?:is|was|has|as|its|this|does)\b)[a-z]+(?:s|ed))\b")
"""Verb behind a source that says something: others are words of grammar."""


_SHORT_FORM = late_pattern(
    r"(?:(?<=[\w.,;”’)])|(?<=[\w.,;”’)] ))(?:\[\d{1,3}(?:\s?[,–-]\s?\d{1,3})*\])+(?![(\[])"
    r"|\((?<=[a-z%”’] \()\d{1,2}(?:\s?[,–-]\s?\d{1,2})*\)(?=[.;]|\s*\Z)"
    r"|[(\[]?\b(?:ibid|op\.\s?cit|loc\.\s?cit)\b\.?(?:,\s(?:pp?\.\s?)?\d+(?:[–-]\d+)?)?[)\]]?",
    re.IGNORECASE,
)
"""Number in brackets after a word, and Latin for a source named before."""


def typed_citation(paper: Paper, text: Texts) -> Iterator[Finding]:
    """A source is cited by its key: a citation typed by hand is missing from the list of sources."""
    for passage in text.word_index.passages:
        for match, key in find_typed_citations(paper, passage.text):
            groups = match.groupdict(default="")
            shown = match[0].removesuffix(groups.get("verb", "")).removeprefix(groups.get("lead", "")).strip()
            form = f"[@{key or 'KEY'}]" if shown[0] in "([" else f"@{key or 'KEY'}"
            hint = f"write '{form}'" if key else f"add the source to paper/registers/references/, and write {form}"
            start = match.start() + len(groups.get("lead", ""))
            yield Finding(passage.place(start), f"'{shown}' is a citation typed by hand", hint)


def find_typed_citations(paper: Paper, text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the citations typed in a text, each with the key of its source; without a source it is empty."""
    if re.search(r"[\[(]\d|[iI]bid|cit\b", text):
        yield from ((match, "") for match in _SHORT_FORM.finditer(text))
    if not re.search(r"[(\[][^)\]]*?(?:(?:19|20)\d\d|n\.\s?d\.|forthcoming|in press|pp?\.\s?\d)", text):
        return
    matches = [(match, index == 1) for index, pattern in enumerate(_TYPED) for match in re.finditer(pattern, text)]
    keys = _keys_by_author(paper) if matches else {}
    for match, is_named in matches:
        if _is_citation(match, keys, is_named=is_named):
            names, year = (match["name"], _last_word(match["name"])), re.sub(r"\D", "", match["year"])
            yield match, next((keys[name, year] for name in names if (name, year) in keys), "")


def _is_citation(match: re.Match[str], keys: dict[tuple[str, str], str], *, is_named: bool) -> bool:
    """Whether some words with a year are a citation, and not a law, a month or a place with its year."""
    name = re.sub(rf",?\s{MONTH}$", "", match["name"])
    if _NO_AUTHOR.search(name):
        return False
    is_known = any(known in (name, _last_word(name), name.split()[0]) for known, _ in keys)
    if is_known or match["others"] or match["pages"] or name.endswith(("'s", "’s")):
        return True
    if is_named:
        return bool(match["lead"] or (match["verb"] and _SAYING.fullmatch(match["verb"])))
    # A body has an abbreviation or several words; a single word before a comma may be a place.
    is_body = re.search(r"\b[A-Z]{2,}", name) or (match["comma"] and " " in name)
    is_pair = re.fullmatch(rf"(?:{_WORD_OF_NAME},\s)*{_WORD_OF_NAME},?\s(?:and|&)\s{_WORD_OF_NAME}", name)
    is_bracketed = match[0][0] == "[" or not match["year"][:1].isdigit()
    return bool(is_body or is_pair or match["more"] or is_bracketed) or (" " not in name and not match["comma"])


def _last_word(name: str) -> str:
    return name.rsplit(maxsplit=1)[-1]


def _keys_by_author(paper: Paper) -> dict[tuple[str, str], str]:
    """Return the keys of sources by the family or name of their authors, and the year."""
    keys: dict[tuple[str, str], str] = {}
    for reference in paper.references.values():
        for name in filter(None, reference.author_names):
            keys.setdefault((name, reference.year), reference.id)
    return keys


def twin_source(paper: Paper) -> Iterator[Finding]:
    """No source is listed under two keys."""
    first: dict[tuple[str, str], tuple[str, Place]] = {}
    for reference in watched_references(paper).references:
        for kind, value in _identities(reference):
            key, place = first.setdefault((kind, value), (reference.id, reference.place("id")))
            if key != reference.id:
                hint = f"keep one, and cite it everywhere; the other is in {place.seen_from(reference.place('id'))}"
                yield Finding(reference.place("id"), f"'{reference.id}' and '{key}' have the same {kind}", hint)
                break


def _identities(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield what two entries share only if they are one source."""
    doi, url = (str(reference.extra.get(name) or "").casefold() for name in ("DOI", "URL"))
    if doi:
        yield "DOI", doi
    title = " ".join(re.findall(r"\w+", reference.title.casefold()))
    if title and reference.year:
        authors = " ".join(reference.author_names).casefold()
        yield "title and year", f"{title} {reference.year} {authors}"
    address = re.sub(r"^https?://(?:www\.)?|[/#?]+$", "", url)
    if "/" in address:
        yield "address", f"{address} {'' if reference.type == 'webpage' else reference.type}".strip()
