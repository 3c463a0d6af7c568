"""Rules about personal data, people who are cited by role or not at all, and passages that are withheld."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from itertools import accumulate, chain

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.rules import audience_marks
from nioc_paper.check.rules.audience_marks import AUDIENCE_MARKS, MARKABLE_TYPES, find_strings, paper_records
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.domain.audience import for_audience, sensitivity_level
from nioc_paper.domain.link_targets import linked_id
from nioc_paper.model import (
    AUDIENCES,
    Chapter,
    Diagnostic,
    Node,
    Paper,
    Person,
    Place,
    References,
    Reviews,
    Severity,
    format_count,
)
from nioc_paper.model.characters import comparable, comparable_parts
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.model.references import IDENTIFIER_VARIABLES

PERSONAL_DATA_PATTERNS: Mapping[str, re.Pattern[str]] = {
    # Each pattern begins with a sign and looks back from it: signs are found faster than digits, or than gaps between
    # them. A group, if any, is the reported place.
    # Names that are reserved for examples and tests (RFC 2606 and 6761) are nobody's.
    "an e-mail address": late_pattern(
        r"@(?<=[\w+-]@)(?!(?:[\w-]+\.)*(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)(?!\.?[\w-]))"
        r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b",
        re.IGNORECASE,
    ),
    "an identity number": late_pattern(r"-(?<=(\d{5})-)(?<![\w-]\d{5}-)\d{7}-\d(?![\w-])"),
    # International, or national with or without brackets; nine digits or more, so that no sum matches.
    "a telephone number": late_pattern(
        r"[+(0](?<![\w.,/:=+-].)(?:(?<=0)(?=(?:\D{0,3}\d){8,14}(?!\d))|(?<=[+(])(?=(?:\D{0,3}\d){9,15}(?!\d)))"
        r"(?:(?:(?<=\+)|(?<=0)0)[1-9]\d{0,2}(?:[ .()\u00a0-]{0,3}\d{2,8}){2,5}"
        r"|(?:(?<=0)|(?<=\()0)[1-9]\d{1,3}\)?[ \u00a0-]?(?:\d{6,8}|\d{3}[ -]\d{3,4}(?:[ -]\d{3,4})?))"
        r"(?![\w/-]|[.,]\d)"
    ),
}
_TEXT_BLOCK_TYPES = ("Para", "Plain", "Header", "LineBlock", "CodeBlock")
LocatedText = tuple[str, Callable[[int], Place]]
"""A text, and a function from an offset in it to a place."""
_VALUE_SEPARATOR = "\n" * 4
"""Separator of values: longer than any gap in a number."""
_SPEECH_VERB = late_pattern(
    r"\b(?:according to|in the (?:words|view|opinion) of|says?|said|tells?|told|held|holds|thinks?|thought"
    r"|(?:argu|stat|observ|propos|believ|urg|agre|advis|quot|emphasi[sz]|underlin|reiterat)(?:ed?|es)"
    r"|(?:ask|add|suggest|offer|explain|call|claim|warn|recommend|inform|brief|highlight|mention|remark|insist|point)(?:ed|s)"
    r"|stress(?:ed|es))\b",
    re.IGNORECASE,
)


def personal_data(paper: Paper) -> Iterator[Finding]:
    """No e-mail address, telephone number or identity number is in a chapter, its data, a register or a comment."""
    written: dict[str, set[str]] = {}
    for chapter in paper.chapters:
        # The tree of a chapter is large: it is asked only about what is found in the source.
        if [*_find_data(paper, chapter.text)]:
            text = _without_code(chapter)
            yield from _find_data(paper, text, ChapterText(chapter).place_at)
            written[chapter.id] = {words for _, words, _ in _data_in(text)}
        for table in chapter.data_tables:
            values = _VALUE_SEPARATOR.join(chain.from_iterable(table.rows))
            yield from _find_data(paper, values, partial(_constant_place, table.place))
    for record in (*paper_records(paper), *paper.reviews):
        identifiers = IDENTIFIER_VARIABLES if isinstance(record, References) else frozenset[str]()
        texts = [(text, loc) for text, loc in find_strings(record) if identifiers.isdisjoint(loc[2:3])]
        # What a comment quotes from its chapter is reported there, or allowed.
        known = written.get(record.chapter, ()) if isinstance(record, Reviews) else ()
        # One search for each value takes as long as reading a chapter.
        if [*_find_data(paper, _VALUE_SEPARATOR.join(text for text, _ in texts), known=known)]:
            for text, loc in texts:
                yield from _find_data(paper, text, partial(_constant_place, record.place(*loc)), known)


def _find_data(
    paper: Paper, text: str, place: Callable[[int], Place] = lambda _: Place(""), known: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield the personal data in a text, but for what is known and the address that the paper names for its readers."""
    hint = "take it out, or allow it if it is public: readers and the history keep it"
    contact = comparable(paper.settings.site.contact or "").lower()
    for kind, words, offset in _data_in(text):
        if words != contact and words not in known:
            # Messages are copied into logs: they must not repeat the data.
            yield Finding(place(offset), f"this is {kind}", hint)


def _data_in(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield the personal data in a text: kind, words in small letters, and the offset to report."""
    compared, offset_in_text = _compared_text(text)
    for kind, pattern in PERSONAL_DATA_PATTERNS.items():
        for match in pattern.finditer(compared):
            before = re.search(r"[\w.+-]*$", compared[max(match.start() - 100, 0) : match.start()])
            words = f"{before[0] if before else ''}{match[0]}".lower()
            yield kind, words, offset_in_text(match.start(match.lastindex or 0))


def _without_code(chapter: Chapter) -> str:
    """Return the source of a chapter with blanks for its code, and for the digits in addresses of the web."""
    # By the tree: in the source, a block of a chart looks like code, and code behind four blanks like text.
    text, nodes = chapter.text, tree.group_by_type(chapter.blocks)
    codes = [n for n in (*nodes["Code"], *nodes["CodeBlock"]) if not {"chart", "table"} & {*tree.classes(n)}]
    links = [n for n in nodes["Link"] if tree.target(n).startswith(("http:", "https:"))]
    starts = [*accumulate((len(line) + 1 for line in text.split("\n")), initial=0)]
    passages = [*((n, tree.content(n), r"\S") for n in codes), *((n, tree.target(n), r"\d") for n in links)]
    for node, words, sign in passages:
        place = chapter.place(node)
        pattern = re.compile(r"[\s>]+".join(map(re.escape, words.split())))
        if written := pattern.search(text, starts[place.line - 1] + place.column - 1):
            text = f"{text[: written.start()]}{re.sub(sign, ' ', written[0])}{text[written.end() :]}"
    return text


def _compared_text(text: str) -> tuple[str, Callable[[int], int]]:
    """Return a text in comparable characters, and a function from an offset in it to one in the text."""
    if text.isascii():
        return text, int
    lines = ((line.start(), line[0]) for line in re.finditer(r"[^\n]*\n|[^\n]+", text))
    parts = [(start + offset, part) for start, line in lines for offset, part in comparable_parts(line)]
    offsets = [start + index for start, part in parts for index in range(len(part))]
    return "".join(part for _, part in parts), offsets.__getitem__


def _constant_place(place: Place, _offset: int) -> Place:
    return place


def named_speaker(paper: Paper, text: ChapterText) -> Iterator[Finding]:
    """People cited by role only are not named with their words; those who did not agree to be cited are never named."""
    people, pattern = _withheld_names(paper)
    for statement, place in _statements(text) if people else ():
        for match in pattern.finditer(statement):
            person = people[match[0]]
            if person.attribution == "none":
                yield Finding(place(match.start()), f"{person.name} has not agreed to be cited", "leave the name out")
            elif _SPEECH_VERB.search(statement):
                hint = f"write what they are: {person.post}" if person.post else "write what they are"
                yield Finding(place(match.start()), f"{person.name} may be cited by role only", hint)


def _withheld_names(paper: Paper) -> tuple[Mapping[str, Person], re.Pattern[str]]:
    """Return the people who must not be named, by each of their names, and a pattern of these."""
    unnamed = (person for person in paper.people.values() if person.attribution != "named")
    people = {comparable(name): person for person in unnamed for name in (person.name, *person.aka) if name}
    longest = "|".join(map(re.escape, sorted(people, key=len, reverse=True)))
    initials = re.escape("".join({name[0] for name in people})) or " "
    return people, re.compile(rf"(?=[{initials}])(?<!\w)(?:{longest})(?!\w)")


def _statements(text: ChapterText) -> Iterator[LocatedText]:
    """Yield sentences, and the attributions of quotations."""
    for passage in text.passages:
        for sentence in passage.sentences:
            yield sentence.text, partial(lambda p, start, offset: p.place(start + offset), passage, sentence.start)
    for node in text.nodes("Div"):
        if "pullquote" in tree.classes(node):
            place = text.chapter.place(node)
            yield comparable(f"According to {tree.attributes(node).get('by', '')}"), partial(_constant_place, place)


def find_withheld_names(paper: Paper) -> Iterator[Finding]:
    """Yield the names, in what the public would get, of people who agreed to be cited by role only, or not at all."""
    people, pattern = _withheld_names(paper)
    for text, place in _printed_texts(for_audience(paper, AUDIENCES[0])[0]) if people else ():
        for match in pattern.finditer(comparable(text)):
            person = people[match[0]]
            post = person.post if person.attribution == "role" else None
            hint = f"write what they are: {post}" if post else "leave the name out"
            yield Finding(place(match.start()), f"{match[0]} is named, and is not to be named to the public", hint)


def _printed_texts(paper: Paper) -> Iterator[LocatedText]:
    """Yield everything that outputs hold of a paper, but for names of people in lists."""
    for chapter in paper.chapters:
        front, nodes = chapter.front, tree.group_by_type(chapter.blocks)
        texts = [(front.title, front.place("title")), (front.summary or "", front.place("summary"))]
        texts += [(link.how or "", front.place("links", i, "how")) for i, link in enumerate(front.links)]
        texts += [(i.alt, i.place) for i in chapter.images]
        texts += [(f"{c.alt} {json.dumps(c.spec, ensure_ascii=False)}", c.place) for c in chapter.charts]
        texts += [(" · ".join(chain(t.heads, *t.rows)), t.place) for t in chapter.data_tables]
        texts += [(" ".join(tree.attributes(n).values()), chapter.place(n)) for n in nodes.get("Div", ())]
        yield from ((text, partial(_constant_place, place)) for text, place in texts)
        for leaf in chain.from_iterable(nodes.get(kind, ()) for kind in _TEXT_BLOCK_TYPES):
            text = comparable(tree.plain_text(leaf))
            yield text, partial(_word_place, chapter, leaf, text)
    for index, decision in enumerate(paper.decisions):
        yield decision.text, partial(_constant_place, paper.decisions_file.place("decisions", index, "text"))


def _word_place(chapter: Chapter, block: Node, text: str, offset: int) -> Place:
    """Return the place of the word at an offset of a paragraph."""
    word = text[offset:].split(maxsplit=1)[0]
    return chapter.place(next((n for n in tree.walk(block) if n["t"] == "Str" and word in comparable(n["c"])), block))


# --- withheld passages ------------------------------------------------------------------------------------------------


PUBLIC_RULES = frozenset({"personal-data"})
"""Rules whose warnings stop a copy for the public."""
_READER_NAMES: Mapping[str, str] = {"public": "the public", "limited": "a limited audience"}
_LIKELY_MARK = late_pattern(r"restricted|[.:=\"'{\s]limited")
"""Signs of a mark in lower-case text: without one the tree is not loaded."""


def withheld_passage(paper: Paper) -> Iterator[Finding]:
    """The editor knows every passage that is withheld from some readers: a plain build prints it."""
    hint = "for other readers build with --public or --audience"
    for chapter in paper.chapters:
        level: str = chapter.front.sensitivity
        if level != AUDIENCES[0]:
            message = f"the chapter is {level}: {_excluded_readers_text(level)}"
            yield Finding(chapter.front.place("sensitivity"), message, hint)
        for node in _marked_nodes(chapter):
            level = AUDIENCES[sensitivity_level(node)]
            count = format_count(tree.count_words(node), f"{level} word")
            yield Finding(chapter.place(node), f"{count}: {_excluded_readers_text(level)}", hint)
    for index, decision in enumerate(paper.decisions):
        if (level := decision.sensitivity) != AUDIENCES[0]:
            place = paper.decisions_file.place("decisions", index, "sensitivity")
            yield Finding(place, f"'{decision.id}' is {level}: {_excluded_readers_text(level)}", hint)


def _marked_nodes(chapter: Chapter) -> Iterator[Node]:
    small = chapter.text.lower()
    likely = any(mark in small for mark in AUDIENCE_MARKS) and _LIKELY_MARK.search(small)
    markable = ChapterText(chapter).nodes(*MARKABLE_TYPES) if likely else ()
    return (node for node in markable if sensitivity_level(node))


def _excluded_readers_text(level: str) -> str:
    readers = [_READER_NAMES[a] for a in AUDIENCES[: AUDIENCES.index(level)]]
    return f"withheld from copies for {' and '.join(readers)}"


def unread_marking(paper: Paper) -> Iterator[Finding]:
    """Every mark that withholds a passage is read as one: on a block between colons, or on words in brackets."""
    return audience_marks.find_marks_in_values(paper)


def reference_to_withheld(paper: Paper) -> Iterator[Finding]:
    """No passage refers to one that is withheld from its readers."""
    if not any(c.front.sensitivity != AUDIENCES[0] or next(_marked_nodes(c), None) for c in paper.chapters):
        return
    reported: set[tuple[str, Place]] = set()
    for audience in _READER_NAMES:
        for name, place in _dangling_references(paper, audience):
            if (name, place) not in reported:
                reported.add((name, place))
                yield _reference_finding(name, place, audience)


def _reference_finding(name: str, place: Place, audience: str) -> Finding:
    hint = "move the reference into the block, or its target out of it"
    return Finding(place, f"'{name}' is withheld from {_READER_NAMES[audience]}, but the reference is not", hint)


def _dangling_references(paper: Paper, audience: str) -> Iterator[tuple[str, Place]]:
    """Yield the references in an audience's copy to ids that the copy lacks, with their places."""
    visible, _ = for_audience(paper, audience)
    withheld_ids = _target_ids(paper) - _target_ids(visible)
    for chapter in visible.chapters:
        yield from (reference for reference in _references(paper, chapter) if reference[0] in withheld_ids)


def _target_ids(paper: Paper) -> set[str]:
    return {a.id for c in paper.chapters for a in c.anchors} | {f"sec-{c.id}" for c in paper.chapters}


def _references(paper: Paper, chapter: Chapter) -> Iterator[tuple[str, Place]]:
    yield from ((c.key, c.place) for c in chapter.citations)
    for link in chapter.links:
        yield linked_id(paper.chapters, chapter.path, link.target) or "", link.place
    for item in chapter.items_of_kind("recommendation"):
        yield from ((name, item.fields["closes"].place) for name in item.field_parts("closes"))


# --- a build for an audience ------------------------------------------------------------------------------------------


def find_audience_leaks(paper: Paper, audience: str) -> list[Diagnostic]:
    """Return the errors that block a copy for an audience, whatever paper.yaml sets and allows."""
    texts = [ChapterText(chapter) for chapter in paper.chapters]
    marks = (f for text in texts for f in audience_marks.unread_marking(paper, text))
    likely = (f for text in texts for f in audience_marks.likely_marking(paper, text))
    diagnostics = [_as_error("unread-mark/audience", finding) for finding in chain(marks, unread_marking(paper))]
    diagnostics += [_as_error("unread-mark/likely", finding) for finding in likely]
    dangling = _dangling_references(paper, audience)
    diagnostics += [_as_error("reference-to-withheld", _reference_finding(*each, audience)) for each in dangling]
    if audience == AUDIENCES[0]:
        diagnostics += [_as_error("withheld-name", finding) for finding in find_withheld_names(paper)]
    return sorted(diagnostics)


def _as_error(rule: str, finding: Finding) -> Diagnostic:
    return Diagnostic(finding.place, rule, finding.message, Severity.ERROR, finding.hint)
