"""Rules about citations that are typed, and sources that are listed under two keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.domain.sources import watched_references
from nioc_paper.model import Paper, Place, Reference
from nioc_paper.model.late_pattern import late_pattern

_NAME = r"[A-Z][\w'’-]{1,40}(?:\s(?:(?:of|for|on|and|the|de|van|ul|ur|al|&)\s)?[A-Z][\w'’-]{1,40}){0,7}"
_YEAR = r"(?:19|20)\d\d[a-z]?"
_PAGES = r"(?:\s?[,:]\s?(?:pp?\.\s?)?\d+(?:[–-]\d+)?)"
_TYPED = (
    rf"[(\[](?:(?:see|cf\.|e\.g\.)[,\s]+)?(?P<name>{_NAME})(?P<others>,?\set\sal\.?)?(?P<comma>,)?\s(?P<year>{_YEAR})(?P<pages>{_PAGES})?[)\]]",
    rf"(?<![\w(])(?P<name>{_NAME})(?P<others>\set\sal\.?)?\s\((?P<year>{_YEAR})(?P<pages>{_PAGES})?\)(?P<verb>\s+\w+)?",
)
_NO_AUTHOR = late_pattern(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Spring|Summer|Autumn|Winter"
    r"|Act|Ordinance|Rules?|Order|Bill|Constitution|Policy|Strategy|Plan|Convention|Protocol|Regulations?|Code|Report|Survey"
    r"|Amendment|Census|Agreement|Resolution|Vision|Agenda|Year|FY|Q[1-4]|Law|Treaty|Programme|Framework|Review|Part|No|Case)$"
)
_SAYING = late_pattern(
    r"\s+(?:saw|sees|f(?:ou|i)nds?|argue[sd]?|not(?:es|ed)|show(?:s|ed)|estimate[sd]|report(?:s|ed)|writes?|wrote|state[sd]|claim(?:s|ed)"
    r"|suggest(?:s|ed)|conclude[sd]|describe[sd]|observe[sd]|point(?:s|ed)|call(?:s|ed)|says?|said|counts?|counted)\b"
)


def typed_citation(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A source is cited by its key: a citation typed by hand is missing from the list of sources.

    Bad: The deck is sound (Khan 2018).
    Good: The deck is sound [@khan2018].
    """
    typed = [
        (passage, match, index == 1)
        for passage in text.passages
        if re.search(_YEAR, passage.text)
        for index, pattern in enumerate(_TYPED)
        for match in re.finditer(pattern, passage.text)
    ]
    keys = _keys_by_author(paper) if typed else {}
    for passage, match, is_named in typed:
        if _is_citation(match, keys, is_named=is_named):
            names, year = (match["name"], _last_word(match["name"])), match["year"][:4]
            key = next((keys[name, year] for name in names if (name, year) in keys), "")
            hint = f"write [@{key}]" if key else "add the source to paper/references.yaml, and write [@KEY]"
            yield Finding(passage.place(match.start()), f"'{match[0].strip()}' is typed by hand", hint)


def _is_citation(match: re.Match[str], keys: dict[tuple[str, str], str], *, is_named: bool) -> bool:
    """Whether some words with a year are a citation, and not a law, a month or a place with its year."""
    name = match["name"]
    if _NO_AUTHOR.search(name):
        return False
    is_known = any(known in (name, _last_word(name), name.split()[0]) for known, _ in keys)
    if is_known or match["others"] or match["pages"]:
        return True
    if is_named:
        return bool(match["verb"] and _SAYING.fullmatch(match["verb"])) and " " not in name
    is_pair = re.fullmatch(r"[A-Z][\w'’-]+\s(?:and|&)\s[A-Z][\w'’-]+", name)
    return bool(is_pair) or (" " not in name and (not match["comma"] or match[0][0] == "["))


def _last_word(name: str) -> str:
    return name.rsplit(maxsplit=1)[-1]


def _keys_by_author(paper: Paper) -> dict[tuple[str, str], str]:
    """Return the keys of sources by the family or name of their authors, and the year."""
    keys: dict[tuple[str, str], str] = {}
    for reference in paper.references.values():
        for name in _author_names(reference):
            keys.setdefault((name, reference.year), reference.id)
    return keys


def _author_names(reference: Reference) -> Iterator[str]:
    authors: object = reference.extra.get("author")
    for author in authors if isinstance(authors, list) else ():
        if isinstance(author, dict):
            yield from (str(author[key]) for key in ("family", "literal") if author.get(key))


def twin_source(paper: Paper) -> Iterator[Finding]:
    """No source is listed under two keys.

    Bad: ash2018 and roads2018, two entries for one report
    Good: one entry, cited everywhere by its key
    """
    first: dict[tuple[str, str], tuple[str, Place]] = {}
    for reference in watched_references(paper).references:
        for kind, value in _identities(reference):
            key, place = first.setdefault((kind, value), (reference.id, reference.place("id")))
            if key != reference.id:
                line = f"line {place.line}" + (f" of {place.path}" if place.path != reference.place("id").path else "")
                hint = f"keep one, and cite it everywhere; the other is in {line}"
                yield Finding(reference.place("id"), f"'{reference.id}' and '{key}' have the same {kind}", hint)
                break


def _identities(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield what two entries share only if they are one source."""
    doi, url = (str(reference.extra.get(name) or "").casefold() for name in ("DOI", "URL"))
    if doi:
        yield "DOI", doi
    title = " ".join(re.findall(r"\w+", reference.title.casefold()))
    if title and reference.year:
        authors = " ".join(_author_names(reference)).casefold()
        yield "title and year", f"{title} {reference.year} {authors}"
    address = re.sub(r"^https?://(?:www\.)?|[/#?]+$", "", url)
    if "/" in address:
        yield "address", f"{address} {'' if reference.type == 'webpage' else reference.type}".strip()
