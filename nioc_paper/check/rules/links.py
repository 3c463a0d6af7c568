"""Rules about links: their words, their marks, and those that lead to their own chapter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.domain.links import linked_chapter
from nioc_paper.model import Paper
from nioc_paper.model.late_pattern import late_pattern

_VAGUE = late_pattern(
    r"(?:(?:click|see|read|look)\s+)?(?:here|this|that|more|it)|(?:this|the|a)?\s*(?:link|page|site|website|url|source)"
    r"|(?:read|see|learn|find out)\s+more|more\s+information|details|https?",
    re.IGNORECASE,
)
_BROKEN = late_pattern(
    r"\[[^\[\]]*\]\s+\((?:https?://|www\.)[^\s)]*\)|\[[^\[\]]*\]\((?:https?://|www\.)\S*|\([^()]*\)\[(?:https?://|www\.)[^\]\s]*\]"
)


def vague_link(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """The words of a link say where it leads: many readers hear or see the links alone.

    Bad: The survey is [here](https://example.org).
    Good: The [survey of 2019](https://example.org) counts them.
    """
    for node in text.nodes("Link"):
        words = tree.plain_text(node["c"][1]).strip()
        if not words or _VAGUE.fullmatch(words):
            message = f"the words '{words}' do not say where the link leads" if words else "the link has no words"
            yield Finding(text.chapter.place(node), message, "write what readers find there: [survey of 2019](…)")


def broken_link(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A link is words in square brackets, then the address in round ones, with nothing between.

    Bad: (the survey)[https://example.org], or [the survey] (https://example.org)
    Good: [the survey](https://example.org)
    """
    for passage in text.texts:
        for match in _BROKEN.finditer(passage.text):
            shown = match[0] if len(match[0]) <= 60 else f"{match[0][:59]}…"
            yield Finding(passage.place(match.start()), f"'{shown}' is not a link", "write [words](https://…)")


def self_link(paper: Paper) -> Iterator[Finding]:
    """No chapter links or refers to itself as a whole.

    Bad: links: [{to: bridges}], in the chapter bridges
    Good: links: [{to: tunnels}]
    """
    chapters = {chapter.path: chapter for chapter in paper.chapters}
    counts = Counter(chapter.id for chapter in paper.chapters)
    for chapter in paper.chapters if max(counts.values(), default=0) == 1 else ():
        places = [
            chapter.front.place("links", index, "to")
            for index, link in enumerate(chapter.front.links)
            if link.to == chapter.id
        ]
        places += [b.place for b in chapter.items_of_kind("linkage") if b.attributes.get("to") == chapter.id]
        places += [c.place for c in chapter.citations if c.key == f"sec-{chapter.id}"]
        for link in chapter.links:
            if "#" not in link.target and linked_chapter(chapters, chapter.path, link.target) is chapter:
                places.append(link.place)
        for place in places:
            hint = "name another chapter, or a section of this one: @sec-ID"
            yield Finding(place, "this leads to its own chapter", hint)


def _is_of_own_network(host: str) -> bool:
    """Whether an address is of one machine or one network: readers elsewhere cannot reach it."""
    if re.fullmatch(r"[\d.]+|[\da-f:]*:[\da-f:]*", host):
        from ipaddress import ip_address  # late: few links have a number

        try:
            return not ip_address(host).is_global
        except ValueError:
            return True
    return "." not in host.rstrip(".") or host.endswith((".local", ".lan", ".internal", ".localhost", ".test"))


_ADDRESS = late_pattern(r"https?://[^\s<>()\[\]“”\"]+", re.IGNORECASE)


def unsafe_link(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A link leads to the web, to an e-mail address, or into the paper.

    Bad: [here](file:///etc/passwd)
    Good: [here](https://example.org)
    """
    for link in text.chapter.links:
        if problem := _address_problem(link.target):
            yield Finding(link.place, *problem)
    for passage in text.texts:
        for match in _ADDRESS.finditer(passage.text):
            if problem := _address_problem(match[0].rstrip(".,;:!?")):
                yield Finding(passage.place(match.start()), *problem)


def _address_problem(address: str) -> tuple[str, str] | None:
    """Return what is wrong with an address, and what to do; None if readers can follow it."""
    target = "".join(c for c in unquote(address) if c.isprintable()).strip()
    try:
        parts = urlsplit(target)
    except ValueError:
        return f"'{address[:60]}' is not an address", "correct it"
    scheme = parts.scheme.lower()
    if scheme not in ("", "http", "https", "mailto") or "@" in parts.netloc:
        return f"a link may not lead to '{address[:60]}'", "use https://, mailto: or #id"
    if scheme in ("http", "https") and _is_of_own_network(parts.hostname or ""):
        message = f"readers cannot reach '{address[:60]}': it is an address of one machine or network"
        return message, "write the public address"
    return None
