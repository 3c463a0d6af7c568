"""Rules about citations, cross-references, links, pictures and ids."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.rules.audience_marks import find_strings
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.domain.link_targets import linked_chapter, linked_id
from nioc_paper.model import TARGET_KINDS, Anchor, Chapter, Chart, Citation, Link, Paper, Place, slugify, spelling_hint
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.program_name import command_line

_FACT_HINT = "add it to paper/registers/facts/"
_RESERVED_ID = late_pattern(
    r"refs|references|contents|text|footnotes|fn(ref)?[0-9]+|(chapter|part|annex|para|data|ref|term|fn)-.*"
)
_UNREAD_REFERENCE = late_pattern(rf"(?<![\w.@-])-?@(?:{'|'.join(TARGET_KINDS)})-\w[\w-]*|\[-?@\w[\w:.-]*")


def _prefixed_citations(paper: Paper) -> Iterator[tuple[str, Citation]]:
    """Yield every `@key` with the prefix of our own targets, or an empty prefix if it is a source."""
    for chapter in paper.chapters:
        for citation in chapter.body_citations:
            prefix = citation.key.partition("-")[0]
            yield prefix if prefix in TARGET_KINDS and citation.key not in paper.references else "", citation


def undefined_citation(paper: Paper) -> Iterator[Finding]:
    """Every source that is cited is in a file of sources."""
    for prefix, citation in _prefixed_citations(paper):
        key = citation.key
        if not prefix and key not in paper.references:
            kind, _, name = key.partition(":")
            target_hint = f"write '@{kind}-{name}'" if kind in TARGET_KINDS and name else ""
            if any(anchor.id == key for chapter in paper.chapters for anchor in chapter.anchors):
                target_hint = f"begin this id with its kind: {', '.join(f'{prefix}-' for prefix in TARGET_KINDS)}"
            near = [*paper.references, *(f"fact-{fact}" for fact in paper.facts)]
            hint = target_hint or spelling_hint(key, near, "add it to paper/registers/references/")
            yield Finding(citation.place, f"no source is called '{key}'", hint)


def dead_reference(paper: Paper) -> Iterator[Finding]:
    """Every cross-reference leads to something in the paper, also in charts, data files and alternative texts."""
    target_ids = {a.id for c in paper.chapters for a in c.anchors} | {f"fact-{f}" for f in paper.facts}
    target_ids |= {f"sec-{c.id}" for c in paper.chapters}
    # Two charts may read one file of data: its faults are reported once.
    for prefix, citation in dict.fromkeys(_prefixed_citations(paper)):
        if prefix and citation.key not in target_ids:
            near = (i for i in target_ids if i.startswith(f"{prefix}-"))
            act = f"give the {TARGET_KINDS[prefix]} the id '#{citation.key}', or change the reference"
            hint = spelling_hint(citation.key, near, _FACT_HINT if prefix == "fact" else act)
            hint = _heading_hint(paper.chapters, citation.key.removeprefix("sec-")) or hint
            yield Finding(citation.place, f"'@{citation.key}' leads nowhere", hint)


def _heading_hint(chapters: Iterable[Chapter], slug: str) -> str:
    """Return how a heading without an id gets one, if other tools would find it by these words; else an empty text."""
    headings = (heading for chapter in chapters for heading in chapter.headings)
    title = next((heading.title for heading in headings if slugify(heading.title) == slug), "")
    return f"write '{title} {{#sec-{slug}}}' in the heading, and refer to sec-{slug}" if title else ""


def unread_reference(paper: Paper) -> Iterator[Finding]:
    """A text in YAML holds no reference or citation: it is printed as it is written there."""
    records = (*paper.registers, *(chapter.front for chapter in paper.chapters))
    own = (record for record in records if record is not paper.references_file)
    texts = ((record, text, keys) for record in own for text, keys in find_strings(record))
    for record, text, keys in texts:
        for match in _UNREAD_REFERENCE.finditer(text) if "@" in text else ():
            hint = "write the words themselves, or put it into the text of a chapter"
            yield Finding(record.place(*keys), f"'{match[0].strip('[')}' is printed as it is", hint)


def dead_link(paper: Paper) -> Iterator[Finding]:
    """Every link leads to the web, to a chapter's file, or to an id of the paper: readers have no other files."""
    by_path = {c.path: c for c in paper.chapters}
    ids_by_path = {c.path: {f"sec-{c.id}", *(a.id for a in c.anchors)} for c in paper.chapters}
    all_ids = {name for ids in ids_by_path.values() for name in ids}
    for chapter in paper.chapters:
        for link in chapter.links:
            linked = linked_chapter(by_path, chapter.path, link.target)
            name = linked_id(paper.chapters, chapter.path, link.target)
            if name is not None and name not in (ids_by_path[linked.path] if linked else all_ids):
                near = spelling_hint(name, ids_by_path[linked.path] if linked else all_ids)
                hint = _heading_hint([linked or chapter], name) or near
                yield Finding(link.place, f"'{link.target}' leads nowhere", hint)
            elif name is None and link.exists is not None:
                yield _file_link_finding(by_path, link)


def _file_link_finding(chapters: Mapping[str, Chapter], link: Link) -> Finding:
    if link.exists:
        hint = "link to its address on the web, or to a chapter; cite a source as [@KEY]"
        return Finding(link.place, f"readers do not have the file '{link.target}'", hint)
    name = PurePosixPath(link.target.partition("#")[0]).name
    near = spelling_hint(name, (PurePosixPath(path).name for path in chapters)) if name.endswith(".md") else ""
    hint = near if near.startswith("did") else ""
    return Finding(
        link.place,
        f"the file '{link.target}' does not exist",
        hint or "write the file of a chapter, from the chapter's folder or the root of the paper, or an address",
    )


_SVG_PART = late_pattern(r"has an? <(\w+)>.*")
_SVG_HINT = "save it as plain SVG, or as a PNG of twice the printed size"
_SVG_HINTS = {
    "foreignObject": "draw.io: turn off 'Formatted Text' of the labels and export it again; or save it as a PNG",
    "image": "put the photograph or bitmap into the chapter as a picture of its own, or save all as a PNG",
    "a": "remove the links in the drawing, or save it as a PNG",
}
"""Hints by the element that is not allowed in a drawing."""


def missing_image(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """Every picture is a PNG, JPEG or SVG file of the paper."""
    for image in chapter.images:
        if image.asset is None:
            target = unquote(image.target)
            name = re.split(r"[/\\]", target)[-1] or "NAME"
            hint = f"put the file into paper/figures and write 'paper/figures/{name}'; capitals count"
            if "SVG" in image.problem or "in a picture" in image.problem:
                hint = _SVG_HINTS.get(_SVG_PART.sub(r"\1", image.problem), _SVG_HINT)
            yield Finding(image.place, f"the picture '{target[:80]}' {image.problem}", hint)


def image_without_alt(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """Every picture and chart is described for those who cannot see it; the name of a file is no description."""
    for picture in chapter.undescribed_pictures:
        if isinstance(picture, Chart):
            yield Finding(picture.place, "the chart has no description", "add 'description: …' to it")
        else:
            name = picture.alt.strip()[:60] if re.search(r"\w", picture.alt) else ""
            missing = f"the picture '{picture.target[:80]}' has no alternative text"
            message = f"the alternative text, '{name}', is the name of a file" if name else missing
            yield Finding(picture.place, message, "write ![what it shows](…)")


def duplicate_id(paper: Paper) -> Iterator[Finding]:
    """Every id in the paper is unique."""
    first: dict[str, Anchor] = {}
    for anchor in (anchor for chapter in paper.chapters for anchor in chapter.anchors):
        if (other := first.setdefault(anchor.id, anchor)) is not anchor:
            hint = f"the other is at {other.place}; change one; if a merge brought it: {command_line('merge')}"
            yield Finding(anchor.place, f"'#{anchor.id}' is given twice", hint)


def reserved_id(_paper: Paper, chapter: Chapter) -> Iterator[Finding]:
    """No id is one that the toolchain uses itself, and a prefix is followed by a dash."""
    for anchor in chapter.anchors:
        if _RESERVED_ID.fullmatch(anchor.id) or anchor.id == f"sec-{chapter.id}":
            message = f"'#{anchor.id}' is an id of the toolchain"
            yield Finding(anchor.place, message, f"write another, such as '#sec-{anchor.id}-text'")
        prefix, colon, name = anchor.id.partition(":")
        if colon and prefix in TARGET_KINDS:
            yield Finding(anchor.place, f"nothing can refer to '#{anchor.id}'", f"write '#{prefix}-{name}'")


_VAGUE = late_pattern(
    r"(?:(?:click|see|read|look)\s+)?(?:here|this|that|more|it)|(?:this|the|a)?\s*(?:link|page|site|website|url|source)"
    r"|(?:read|see|learn|find out)\s+more|more\s+information|details|https?",
    re.IGNORECASE,
)
_BROKEN = late_pattern(
    r"\[[^\[\]]*\]\s+\((?:https?://|www\.)[^\s)]*\)|\[[^\[\]]*\]\((?:https?://|www\.)\S*|\([^()]*\)\[(?:https?://|www\.)[^\]\s]*\]"
)


def vague_link(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """The words of a link say where it leads: many readers hear or see the links alone."""
    for node in text.nodes("Link"):
        words = tree.plain_text(tree.content(node)).strip()
        if not words or _VAGUE.fullmatch(words):
            message = f"the words '{words}' do not say where the link leads" if words else "the link has no words"
            yield Finding(text.chapter.place(node), message, "write what readers find there: [survey of 2019](…)")


def broken_link(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """A link is words in square brackets, then the address in round ones, with nothing between."""
    for passage in text.texts:
        for match in _BROKEN.finditer(passage.text):
            shown = match[0] if len(match[0]) <= 60 else f"{match[0][:59]}…"
            yield Finding(passage.place(match.start()), f"'{shown}' is not a link", "write [words](https://…)")


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
    """A link leads to the web, to an e-mail address, or into the paper."""
    for place, address in _addresses(text):
        if problem := _address_problem(address):
            yield Finding(place, *problem)


def private_link(_paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """Readers can reach the address of every link: it is not of one machine or network."""
    for place, address in _addresses(text):
        with contextlib.suppress(ValueError):
            parts = urlsplit(_printable(address))
            if parts.scheme.lower() in ("http", "https") and _is_of_own_network(parts.hostname or ""):
                message = f"readers cannot reach '{address[:60]}': it is an address of one machine or network"
                yield Finding(place, message, "write the public address")


def _addresses(text: ChapterText) -> Iterator[tuple[Place, str]]:
    """Yield the addresses of links, and those that are typed in a text."""
    for link in text.chapter.links:
        yield link.place, link.target
    for passage in text.texts:
        for match in _ADDRESS.finditer(passage.text):
            yield passage.place(match.start()), match[0].rstrip(".,;:!?")


def _printable(address: str) -> str:
    return "".join(c for c in unquote(address) if c.isprintable()).strip()


def _address_problem(address: str) -> tuple[str, str] | None:
    """Return what is wrong with an address, and what to do; None if a link may lead there."""
    try:
        parts = urlsplit(_printable(address))
    except ValueError:
        return f"'{address[:60]}' is not an address", "correct it"
    scheme = parts.scheme.lower()
    if scheme not in ("", "http", "https", "mailto") or "@" in parts.netloc:
        return f"a link may not lead to '{address[:60]}'", "use https://, mailto: or #id"
    if scheme == "mailto" and re.search(r"(?i)[\x00-\x1f]|%0[ad]|[?&]b?cc=|[?&]to=", unquote(address) + address):
        return f"'{address[:60]}' would write to more people than it shows", "leave out cc, bcc and line breaks"
    return None
