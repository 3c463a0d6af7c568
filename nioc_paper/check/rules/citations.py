"""Rules about citations that are typed, and sources that are listed under two keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import Texts
from nioc_paper.domain.sources import watched_references
from nioc_paper.model import Paper, Place, Reference
from nioc_paper.model.late_pattern import late_pattern

_NAME = r"[A-Z][\w'’-]{1,40}(?:\s(?:(?:of|for|on|and|the|de|van|ul|ur|al|&)\s)?[A-Z][\w'’-]{1,40}){0,7}"
_YEAR = r"(?:FY\s?)?(?:19|20)\d\d[a-z]?"
_PAGES = r"(?:\s?[,:]\s?(?:pp?\.\s?)?\d+(?:[–-]\d+)?)"
_TYPED = (
    (
        rf"[(\[](?:(?:see|cf\.|e\.g\.)[,\s]+)?(?P<name>{_NAME})(?P<others>,?\set\sal\.?)?(?P<comma>,)?\s(?P<year>{_YEAR})(?P<pages>{_PAGES})?"
        r"(?P<more>;[^()\[\]]{3,200})?[)\]]"
    ),
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


def typed_citation(paper: Paper, text: Texts) -> Iterator[Finding]:
    """A source is cited by its key: a citation typed by hand is missing from the list of sources.

    Bad: The deck is sound (Khan 2018), and long (RDA, 2019).
    Good: The deck is sound [@khan2018], and long [@rda2019].
    """
    for passage in text.word_index.passages:
        for match, key in find_typed_citations(paper, passage.text):
            shown = match[0].removesuffix(match.groupdict().get("verb") or "").strip()
            form = f"[@{key or 'KEY'}]" if shown[0] in "([" else f"@{key or 'KEY'}"
            hint = f"write '{form}'" if key else f"add the source to paper/references.yaml, and write {form}"
            yield Finding(passage.place(match.start()), f"'{shown}' is a citation typed by hand", hint)


def find_typed_citations(paper: Paper, text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the citations typed in a text, each with the key of its source; without a source it is empty."""
    if not re.search(r"(?:19|20)\d\d", text):
        return
    matches = [(match, index == 1) for index, pattern in enumerate(_TYPED) for match in re.finditer(pattern, text)]
    keys = _keys_by_author(paper) if matches else {}
    for match, is_named in matches:
        if _is_citation(match, keys, is_named=is_named):
            names, year = (match["name"], _last_word(match["name"])), match["year"].removeprefix("FY").strip()[:4]
            yield match, next((keys[name, year] for name in names if (name, year) in keys), "")


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
    # A body has an abbreviation or several words; a single word before a comma may be a place.
    is_body = re.search(r"\b[A-Z]{2,}", name) or (match["comma"] and " " in name)
    is_pair = re.fullmatch(r"[A-Z][\w'’-]+\s(?:and|&)\s[A-Z][\w'’-]+", name)
    return bool(is_body or is_pair or match["more"]) or (" " not in name and (not match["comma"] or match[0][0] == "["))


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
