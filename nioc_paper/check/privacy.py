"""What may not be printed: personal data, the names of those who are cited by role, what is kept from the public."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.prose import Passage, passages
from nioc_paper.model import Chapter, Loc, Node, Paper, Place, Record, count

PERSONAL: Mapping[str, re.Pattern[str]] = {
    "an e-mail address": re.compile(r"(?<=[\w+-])@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b", re.IGNORECASE),
    "an identity number": re.compile(r"(?<![\w-])\d{5}-\d{7}-\d(?![\w-])"),
    # International, or national with the area in brackets or not; of nine digits or more, so that no sum is one.
    "a telephone number": re.compile(
        r"(?=[+(0])(?<![\w.,/:=+-])(?=(?:\D{0,3}\d){9,15}(?!\d))"
        r"(?:(?:\+|00)[1-9]\d{0,2}(?:[ .()\u00a0-]{0,3}\d{2,8}){2,5}"
        r"|\(?0[1-9]\d{1,3}\)?[ \u00a0-]?(?:\d{6,8}|\d{3}[ -]\d{3,4}(?:[ -]\d{3,4})?))(?![\w/-]|[.,]\d)"
    ),
}
Text = tuple[str, Callable[[int], Place]]
"""A text, and the place of the character at an offset in it."""
_SAYING = re.compile(
    r"\b(?:according to|in the (?:words|view|opinion) of|says?|said|tells?|told|held|holds|thinks?|thought"
    r"|(?:argu|stat|observ|propos|believ|urg|agre|advis|quot|emphasi[sz]|underlin|reiterat)(?:ed?|es)"
    r"|(?:ask|add|suggest|offer|explain|call|claim|warn|recommend|inform|brief|highlight|mention|remark|insist|point)(?:ed|s)"
    r"|stress(?:ed|es))\b",
    re.IGNORECASE,
)


def personal_data(paper: Paper) -> Iterator[Finding]:
    """No e-mail address, telephone number or identity number stands in a chapter or a register.

    Bad: Write to ada.north@example.org.
    Good: Write to the Roads Department.
    """
    hint = "take it out: whoever gets the paper keeps it, and so does git"
    for text, place in _written(paper):
        for what, pattern in PERSONAL.items():
            for found in pattern.finditer(text):
                # The message is copied into logs: it does not repeat what was found.
                yield Finding(place(found.start()), f"this is {what}", hint)


def _written(paper: Paper) -> Iterator[Text]:
    """Everything that people write: chapters as they are, and each value of the YAML files."""
    for chapter in paper.chapters:
        yield chapter.text, partial(_at, chapter)
    files = (paper.settings, paper.timeline, paper.contributors, paper.references_file, paper.decisions_file)
    for record in (*files, paper.facts_file, paper.acronyms_file, paper.terms_file):
        for text, loc in _strings(record, ()):
            yield text, partial(_same, record.place(*loc))


def _same(place: Place, _offset: int) -> Place:
    return place


def _at(chapter: Chapter, offset: int) -> Place:
    line_start = chapter.text.rfind("\n", 0, offset) + 1
    return Place(chapter.path, chapter.text.count("\n", 0, offset) + 1, offset - line_start + 1)


def _strings(value: Any, loc: Loc) -> Iterator[tuple[str, Loc]]:
    if isinstance(value, str):
        yield value, loc
    elif isinstance(value, Record | dict):
        for name, inner in value if isinstance(value, Record) else value.items():
            yield from _strings(inner, (*loc, name))
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _strings(inner, (*loc, index))


def named_speaker(paper: Paper) -> Iterator[Finding]:
    """Nobody is named with what they said who agreed to be cited by role only; nobody at all who did not agree.

    Bad: Ada North said that the bridges are old, when her attribution in contributors.yaml is role
    Good: An engineer of the Roads Department said that the bridges are old
    """
    names = {n: p for p in paper.people.values() if p.attribution != "named" for n in (p.name, *p.aka)}
    if not names:
        return
    longest = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    initials = re.escape("".join({n[0] for n in names}))
    pattern = re.compile(rf"(?=[{initials}])(?<!\w)(?:{longest})(?!\w)")
    for chapter in paper.chapters:
        for text, place in _statements(chapter):
            for found in pattern.finditer(text):
                person = names[found[0]]
                if person.attribution == "none":
                    yield Finding(
                        place(found.start()), f"{person.name} has not agreed to be cited", "leave the name out"
                    )
                elif _SAYING.search(text):
                    hint = f"write what they are: {person.post}" if person.post else "write what they are"
                    yield Finding(place(found.start()), f"{person.name} may be cited by role only", hint)


def _statements(chapter: Chapter) -> Iterator[Text]:
    """Sentences, and the names under quotations."""
    for passage in passages(chapter):
        for sentence in passage.sentences:
            yield sentence.text, partial(_within, passage, sentence.start)
    for node in _divs(chapter.blocks):
        if "pullquote" in tree.classes(node):
            yield f"According to {tree.values(node).get('by', '')}", partial(_same, chapter.place(node))


def _within(passage: Passage, start: int, offset: int) -> Place:
    return passage.place(start + offset)


def _divs(blocks: Iterable[Node]) -> Iterator[Node]:
    for node in blocks:
        if node["t"] == "Div":
            yield node
            yield from _divs(node["c"][1])


# --- public builds ----------------------------------------------------------------------------------------------------


def withheld_passage(paper: Paper) -> Iterator[Finding]:
    """What is to be kept from the public is known to the editor: every build prints it.

    Bad: ::: {.restricted}, or sensitivity: restricted
    Good: a text that can be published
    """
    for chapter in paper.chapters:
        if chapter.front.sensitivity != "public":
            message = f"the chapter is '{chapter.front.sensitivity}', and every build prints it"
            yield Finding(
                chapter.front.place("sensitivity"),
                message,
                "keep the outputs from the public, or take it off the list of chapters",
            )
        for node in _restricted(chapter):
            message = f"{count(tree.words(node), 'restricted word')}, and every build prints them"
            yield Finding(chapter.place(node), message, "keep the outputs from the public, or take the passage out")


def _restricted(chapter: Chapter) -> list[Node]:
    # The tree is opened only for a text that has the word.
    divs = _divs(chapter.blocks) if "restricted" in chapter.text else ()
    return [node for node in divs if "restricted" in tree.classes(node)]


def reference_to_withheld(paper: Paper) -> Iterator[Finding]:
    """What the public gets does not refer to what it does not get.

    Bad: as @tbl-br-age shows, when the table is in a ::: {.restricted} block
    Good: the reference in the block as well, or the table outside
    """
    withheld = {name for chapter in paper.chapters for name in _withheld(chapter)}
    for chapter in paper.chapters:
        if withheld and chapter.front.sensitivity == "public":
            inside = {id(n) for div in _restricted(chapter) for n in tree.walk(div)}
            for node in tree.walk(chapter.blocks):
                for name, place in () if id(node) in inside else _references(chapter, node):
                    if name in withheld:
                        hint = "move the reference into the block, or what it leads to out of it"
                        yield Finding(place, f"'{name}' is kept from the public, and this is not", hint)


def _withheld(chapter: Chapter) -> Iterator[str]:
    """The ids of a chapter that the public is not to get."""
    if chapter.front.sensitivity != "public":
        yield f"sec-{chapter.id}"
        yield from (anchor.id for anchor in chapter.anchors)
    for div in _restricted(chapter):
        yield from filter(None, map(tree.identifier, tree.walk(div)))


def _references(chapter: Chapter, node: Node) -> Iterator[tuple[str, Place]]:
    if node["t"] == "Cite":
        yield from ((c["citationId"], chapter.place(c)) for c in node["c"][0])
    elif node["t"] == "Link" and node["c"][2][0].startswith("#"):
        yield node["c"][2][0][1:], chapter.place(node)
