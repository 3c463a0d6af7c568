"""Kinds of edits in Word, each at each place of a chapter, and their effect on its words and its records."""

from __future__ import annotations

import copy
import functools
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import test_word_links as links
from word_kit import FILES, Edited, element_text, light, load_files, send

from nioc_paper import tree
from nioc_paper.load.chapter_tree import parse_nodes as parse_chapter
from nioc_paper.model import Chapter, Node
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.safety import rejection_reason
from nioc_paper.ooxml.xml import (
    NAMESPACES,
    Element,
    find_element,
    get_attribute,
    get_or_add_first,
    iter_elements,
    parse_element,
    qn,
    remove_element,
)
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.docx.docx_text import DocxText
from nioc_paper.review.exchange import today_merge
from nioc_paper.tree.strategy_items import ITEM_PREFIXES, read_item


@dataclass(frozen=True, slots=True)
class Spot:
    """Three successive words that are once in the chapter and once in its Word file."""

    words: str
    record: str = ""
    """Record and field that they are in."""
    joins: bool = True
    """Whether its paragraph can be joined with the next: in Word no cell can, and nothing before a table."""


SPOTS: Mapping[str, Spot] = {
    "paragraph": Spot("seven old bridges"),
    "emphasis": Spot("very few people"),
    "bold words": Spot("some bold words"),
    "last paragraph": Spot("paragraph closes this"),
    "heading": Spot("Those that fell"),
    "item": Spot("first item of"),
    "nested item": Spot("nested item lies"),
    "last item": Spot("third item ends"),
    "numbered item": Spot("each bridge by"),
    "quotation": Spot("quoted passage of"),
    "head of a table": Spot("Bridge name here", joins=False),
    "cell": Spot("poor and rusty", joins=False),
    "first line of a cell": Spot("rests upon stone", joins=False),
    "second line of a cell": Spot("timber beams below", joins=False),
    "caption": Spot("by their age", joins=False),
    "note": Spot("the first opening"),
    "beside a formula": Spot("in every case"),
    "title of a callout": Spot("they were counted"),
    "callout": Spot("engineer walked over"),
    "last item of a callout": Spot("lamp shows wet"),
    "callout with the word for its kind": Spot("park below loose"),
    "before an equation": Spot("a total weight"),
    "behind an equation": Spot("small letters stand"),
    "restricted passage": Spot("kept from readers"),
    "summary": Spot("hold the bridges"),
    "text of a gap": Spot("how old they", "gap-br-01.text"),
    "last field of a gap": Spot("see the survey", "gap-br-01.evidence"),
    "between boxes": Spot("boxes stands one"),
    "text of a recommendation": Spot("all bridges every", "rec-br-01.text"),
    "field": Spot("share of bridges", "rec-br-01.indicator"),
    "last field of a recommendation": Spot("number of engineers", "rec-br-02.indicator"),
}


def _word(spot: Spot) -> str:
    return spot.words.split()[1]


def _other(spot: Spot) -> str:
    first, _, last = spot.words.split()
    return f"{first} altogether {last}"


def _shorter(spot: Spot) -> str:
    first, _, last = spot.words.split()
    return f"{first} {last}"


def type_behind_number(file: Edited, spot: Spot) -> None:
    """Words typed at the start of a numbered paragraph: they get the style of the number before them."""
    paragraph = file.paragraph(spot.words)
    number = next(run for run in iter_elements(paragraph, "w:r") if element_text(run).startswith("¶"))
    run = copy.deepcopy(number)
    next(iter_elements(run, "w:t")).text = "However often,"
    first = file.runs(paragraph, element_text(paragraph)[len(element_text(number)) :][:1])[0]
    first.addprevious(file.marked("ins", run))


KINDS: Mapping[str, Callable[[Edited, Spot], object]] = {
    "word replaced": lambda e, s: e.replace(s.words, _other(s)),
    "words put in": lambda e, s: e.insert(s.words, " and much else"),
    "word taken out": lambda e, s: e.replace(s.words, _shorter(s)),
    "made bold": lambda e, s: e.style(s.words, "w:b"),
    "parted": lambda e, s: e.split(s.words),
    "joined with the next": lambda e, s: e.join(s.words),
    "taken out": lambda e, s: e.drop(s.words),
    "moved to the end": lambda e, s: e.move(s.words, "paragraph closes this"),
    "sentence behind": lambda e, s: e.add(s.words, "Nobody asked for it.", like=True),
    "plain sentence behind": lambda e, s: e.add(s.words, "Nobody asked for it.", style="BodyText"),
    "field behind": lambda e, s: e.add(s.words, "Cost: 5 million rupees", like=True),
    "unknown field behind": lambda e, s: e.add(s.words, "Lead officer: Nobody", like=True),
    "field given again behind": lambda e, s: e.add(s.words, "Owner: PWD", like=True),
    "recommendation behind": lambda e, s: recommend(e, s.words, "Recommendation"),
    "plain recommendation behind": lambda e, s: recommend(e, s.words, ""),
    "gap behind": lambda e, s: e.add(s.words, "Gap BR-9", style="GapTitle").add(
        "Gap BR-9", "Nobody counts boats.", style="Gap"
    ),
    "gap with a colon behind": lambda e, s: e.add(s.words, "Gap: Nobody counts boats."),
    "note put in": lambda e, s: e.add_note(s.words, "A note of new words."),
    "comment put in": lambda e, s: e.comment(s.words, "Why?", by="Ben"),
    "typed behind the number": type_behind_number,
    "made italic": lambda e, s: e.style(s.words, "w:i"),
    "struck through": lambda e, s: e.style(s.words, "w:strike"),
    "hidden": lambda e, s: e.style(s.words, "w:vanish"),
    "highlighted": lambda e, s: mark(e, s.words, '<w:highlight w:val="yellow"/>'),
    "underlined": lambda e, s: mark(e, s.words, '<w:u w:val="single"/>'),
    "centred": lambda e, s: lay_out(e, s.words, '<w:jc w:val="center"/>'),
    "linked": lambda e, s: links.link(e, s.words, "https://example.org/x"),
    "sign raised": lambda e, s: links.put_in(e, s.words, links.HEIGHT.format("superscript", 7)),
    "hidden words": lambda e, s: links.put_in(e, s.words, links.HIDDEN.format(" unseen")),
    "symbol": lambda e, s: links.put_in(e, s.words, links.SMILE),
    "text box": lambda e, s: links.put_in(e, s.words, links.box("Beware of ice.")),
    "drawing": lambda e, s: links.put_in(e, s.words, links.CHART),
    "object": lambda e, s: links.put_in(e, s.words, "<w:object/>"),
    "formula": lambda e, s: links.add_equation(e, s.words),
    "page break": lambda e, s: links.put_in(e, s.words, '<w:br w:type="page"/>'),
    "half a word replaced": lambda e, s: e.replace(_half(s), _half(s)[0] + "zz"),
    "space taken out": lambda e, s: e.replace(s.words, s.words.replace(" ", "", 1)),
    "quotation marks put on": lambda e, s: e.replace(_word(s), f"“{_word(s)}”", within=s.words),
    "sentence put in": lambda e, s: e.insert(s.words, ". Nobody asked for it. So", within=s.words),
    "brackets and signs": lambda e, s: e.insert(s.words, " [@x] *a* {b} <c> #d $e$ @fact-f", within=s.words),
    "typed again": lambda e, s: e.replace(s.words, s.words),
    "paragraph copied": lambda e, s: e.copy_behind(e.paragraph(s.words), "Nobody asked for it."),
    "made a heading": lambda e, s: restyle(e, s.words, "Heading2"),
    "made a quotation": lambda e, s: restyle(e, s.words, "BlockText"),
    "made a title": lambda e, s: restyle(e, s.words, "Title"),
    "list item behind": lambda e, s: links_item(e, s.words),
    "two paragraphs behind": lambda e, s: e.add(s.words, "And more.", like=True).add(
        s.words, "Nobody asked for it.", like=True
    ),
    "further in": lambda e, s: tab(e, s.words, 1),
    "further out": lambda e, s: tab(e, s.words, -1),
    "picture": lambda e, s: links.put_in(e, s.words, links.VML.format(links.new_picture(e))),
    "typed over": lambda e, s: type_over(e.paragraph(s.words), "Zebras gallop"),
    "emptied": lambda e, s: type_over(e.paragraph(s.words), ""),
    "pasted over": lambda e, s: paste_over(e, s.words, "Zebras gallop"),
    "pasted over by two": lambda e, s: paste_over(e, s.words, "Zebras gallop", "Otters swim"),
    "struck twice": lambda e, s: e.style(s.words, "w:dstrike"),
    "line break": lambda e, s: links.put_in(e, s.words, "<w:br/>"),
}
WHOLES: Mapping[str, tuple[str, str]] = {
    "section": ("Those that fell down", "What is missing"),
    "all up to a table": ("What is known", "The sum is"),
    "section with boxes": ("What is missing", "The last paragraph closes"),
    "recommendation": ("Recommendation BR-2", "The last paragraph closes"),
    "gap": ("Gap BR-G1", "Between the boxes"),
    "whole callout": ("How they were counted", "Never park"),
    "table": ("by their age", "The sum is"),
    "table without its caption": ("Bridge name here", "The sum is"),
    "row": ("West of town", "Under the town"),
    "list": ("first item of several", "Count each bridge"),
}
"""First words of what consists of several paragraphs, and of what follows it."""
SILENT = ("comment put in", "typed again")
"""Kinds that change no word: comments are read by themselves."""
NO_CHANGE = (
    *(("made italic", "emphasis"), ("made bold", "bold words"), ("parted", "head of a table"), ("parted", "cell")),
    ("parted", "first line of a cell"),
    *(("centred", place) for place in ("before an equation", "behind an equation")),  # the tool has set its own
    *(("made a heading", "heading"), ("made a quotation", "quotation"), ("moved to the end", "last paragraph")),
    ("joined with the next", "restricted passage"),  # an empty paragraph
)
"""Kinds and places of edits that change nothing: words were as they are made, or an empty line is new."""
NEW_RECORDS = {
    "field behind": "cost",
    "unknown field behind": "lead officer",
    "sentence behind": "text",
    "paragraph copied": "text",
    "two paragraphs behind": "text",
    "plain sentence behind": "text",
}
"""Fields of its record that an edit may bring beside the one that it is made in."""


def type_over(paragraph: Element, words: str) -> Element:
    """Replace all of a paragraph but its properties by words."""
    for node in [node for node in paragraph if node.tag != qn("w:pPr")]:
        remove_element(node)
    paragraph.append(parse_element(f"<w:r><w:t>{words}</w:t></w:r>"))
    return paragraph


def paste_over(file: Edited, words: str, *new: str) -> None:
    """Replace a paragraph by new ones; those outside of a cell get the properties of the old one."""
    old = file.paragraph(words)
    in_cell = next(old.iterancestors(qn("w:tc")), None) is not None
    for text in reversed(new):
        old.addnext(type_over(parse_element("<w:p/>") if in_cell else copy.deepcopy(old), text))
    remove_element(old)


def mark(file: Edited, words: str, xml: str) -> None:
    """Give words a property of runs."""
    for run in file.runs(file.paragraph(words), words):
        get_or_add_first(run, "w:rPr").append(parse_element(xml))


def lay_out(file: Edited, words: str, xml: str) -> None:
    """Give a paragraph a property."""
    get_or_add_first(file.paragraph(words), "w:pPr").append(parse_element(xml))


def restyle(file: Edited, words: str, style: str) -> None:
    """Give a paragraph another style, as with a button."""
    properties = get_or_add_first(file.paragraph(words), "w:pPr")
    for name in ("w:pStyle", "w:numPr"):
        if (old := find_element(properties, name)) is not None:
            remove_element(old)
    properties.insert(0, parse_element(f'<w:pStyle w:val="{style}"/>'))


def links_item(file: Edited, words: str) -> None:
    """Type an item of a list behind a paragraph."""
    numbers = copy.deepcopy(find_element(file.paragraph("first item of several"), "w:pPr/w:numPr"))
    assert numbers is not None
    file.add(words, "Nobody asked for it.", style="Compact")
    get_or_add_first(file.paragraph("Nobody asked for it."), "w:pPr").append(numbers)


def tab(file: Edited, words: str, step: int) -> None:
    """Press Tab in an item, or Shift and Tab."""
    level = find_element(file.paragraph(words), "w:pPr/w:numPr/w:ilvl")
    if level is None or int(get_attribute(level)) + step < 0:
        raise StopIteration
    level.set(qn("w:val"), str(int(get_attribute(level)) + step))


def _half(spot: Spot) -> str:
    """The end of a word and the whole next one, cut where no word ends."""
    first, second, _ = spot.words.split()
    return f"{first[1:]} {second}"


def recommend(file: Edited, after: str, style: str) -> Edited:
    """A whole recommendation typed behind a paragraph, in its styles or in none."""
    file.add(after, "Recommendation BR-9", style=style and f"{style}Title")
    file.add("Recommendation BR-9", "Train new divers.", style=style)
    file.add("Train new divers.", "Owner: RD", style=style and f"{style}Fields")
    owner = file.paragraph("Train new divers.").getnext()
    assert owner is not None
    return file.copy_behind(owner, "By: 30 June 2021").copy_behind(owner, "Cost: 9 million")


def take_out(file: Edited, first: str, following: str) -> Edited:
    """Mark all that lies between two places and take it out, as with Delete: paragraphs, rows and tables."""
    paragraphs = [*iter_elements(file.package.body, "w:p")]
    start = paragraphs.index(file.paragraph(first))
    for paragraph in paragraphs[start : paragraphs.index(file.paragraph(following))]:
        for run in list(iter_elements(paragraph, "w:r")):
            file.remove(run)
        row = next(paragraph.iterancestors(qn("w:tr")), None)
        if file.author:
            file.mark_end(paragraph, "del")
        elif row is None:
            remove_element(paragraph)
        if row is not None and file.author:
            properties = get_or_add_first(row, "w:trPr")
            properties.extend([file.wrapper("del")] if find_element(properties, "w:del") is None else [])
        elif row is not None and (table := row.getparent()) is not None:
            remove_element(row if len(list(iter_elements(table, "w:tr"))) > 1 else table)
    return file


def drop_cap(file: Edited, words: str) -> None:
    """Give a paragraph a large initial: Word puts the letter into a paragraph of its own, in a frame."""
    paragraph = file.paragraph(words)
    run = next(run for run in iter_elements(paragraph, "w:r") if element_text(run).strip() and not _is_number(run))
    text = next(iter_elements(run, "w:t"))
    letter, text.text = (text.text or "")[:1], (text.text or "")[1:]
    frame = '<w:pPr><w:framePr w:dropCap="drop" w:lines="3" w:wrap="around"/></w:pPr>'
    paragraph.addprevious(parse_element(f"<w:p>{frame}<w:r><w:t>{letter}</w:t></w:r></w:p>"))


def add_form_field(file: Edited, words: str) -> None:
    """Put in a control that nobody has filled in."""
    content = "<w:sdtContent><w:r><w:t>Click here.</w:t></w:r></w:sdtContent>"
    control = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr>{content}</w:sdt>"
    file.runs(file.paragraph(words), words)[-1].addnext(parse_element(control))


def hyphenate(file: Edited, _: str) -> None:
    """Put soft hyphens into all words, and no-break ones in place of others."""
    for text in (t for part in _parts(file) for t in iter_elements(part, "w:t")):
        text.text = re.sub(r"(?<=[a-z]{3})(?=[a-z]{3})", "\u00ad", text.text or "").replace("-", "\u2011")


def add_contents(file: Edited, words: str) -> None:
    """Put a list of contents before a paragraph, as a field without a style or a control."""
    field = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    code = '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-3" </w:instrText></w:r>'
    start, end = "".join(map(field.format, ("begin",))) + code + field.format("separate"), field.format("end")
    lines = [
        f"<w:p>{start}<w:r><w:t>What is known 3</w:t></w:r></w:p>",
        f"<w:p><w:r><w:t>Deep 4</w:t></w:r>{end}</w:p>",
    ]
    for line in lines:
        file.paragraph(words).addprevious(parse_element(line))


def _parts(file: Edited) -> Iterator[Element]:
    return (file.package.xml_root(name) for name in ("word/document.xml", "word/footnotes.xml") if name in file.package)


def _without(*tags: str) -> Callable[[Edited], object]:
    """Return a program that drops these elements."""

    def drop(file: Edited) -> None:
        for node in [node for part in _parts(file) for node in iter_elements(part, *tags)]:
            remove_element(node)

    return drop


def _plain_spaces(file: Edited) -> None:
    for text in (t for part in _parts(file) for t in iter_elements(part, "w:t")):
        text.text = (text.text or "").replace("\u00a0", " ").replace("\u202f", " ")


def _unlinked(file: Edited) -> None:
    for link in [link for part in _parts(file) for link in iter_elements(part, "w:hyperlink")]:
        for node in list(link):
            link.addprevious(node)
        remove_element(link)


LOSSES: Mapping[str, Callable[[Edited], object]] = {
    "bookmarks and controls": Edited.strip,
    "character styles": _without("w:rStyle"),
    "formatting": _without("w:rPr"),
    "paragraph styles": _without("w:pStyle"),
    "lists": _without("w:numPr"),
    "links": _unlinked,
    "narrow spaces": _plain_spaces,
    "pictures of fields": _without("w:fldChar", "w:instrText"),
}
"""Parts that programs lose when they save a file."""


# --- result of an edit ------------------------------------------------------------------------------------------------


@functools.cache
def parse(text: str) -> Sequence[Node]:
    return parse_chapter(text)


@functools.cache
def sent() -> tuple[Chapter, bytes, DocxText]:
    """The chapter, its Word file, and that as it is read."""
    paper = load_files(FILES)
    data = light(send(paper))
    return paper.chapters[0], data, docx_reader.read_docx(Package(data))


_GONE = (qn("w:del"), qn("w:moveFrom"))


def words_of(text: str) -> Counter[str]:
    """The words and numbers of a text: a raised number is not part of the word before it."""
    return Counter(re.findall(r"[^\W\d]+|\d+", text))


def docx_words(file: Edited) -> Counter[str]:
    """The words of a Word file with its changes accepted, without notes that nothing calls any more."""
    calls = iter_elements(file.package.body, "w:footnoteReference")
    called = {get_attribute(n, "w:id") for n in calls if next(n.iterancestors(*_GONE), None) is None}
    texts = []
    for paragraph in (
        p for p in file.paragraphs() if next(p.iterancestors(f"{{{NAMESPACES['mc']}}}Fallback"), None) is None
    ):
        note = next(paragraph.iterancestors(qn("w:footnote")), None)
        if note is not None and get_attribute(note, "w:id") not in called:
            continue
        skipped = {t for old in iter_elements(paragraph, "w:moveFrom") for t in iter_elements(old, "w:t")}
        skipped |= {t for box in iter_elements(paragraph, "w:txbxContent") for t in iter_elements(box, "w:t")}
        numbers = {t for run in iter_elements(paragraph, "w:r") if _is_number(run) for t in iter_elements(run, "w:t")}
        words = [t for t in iter_elements(paragraph, "w:t", "w:br") if t not in skipped]
        texts += [" " if t in numbers or t.tag == qn("w:br") else t.text or "" for t in words]
        end = find_element(paragraph, "w:pPr/w:rPr/w:del")
        texts.append("" if end is not None else " ")
    return words_of(_PARAGRAPH_NUMBER.sub(" ", "".join(texts)))


def _is_number(run: Element) -> bool:
    """Whether a run is the number of a paragraph, which the tool writes, and not words typed behind it."""
    is_styled = get_attribute(find_element(run, "w:rPr/w:rStyle")) == "ParagraphNumber"
    return is_styled and not re.search(r"[a-z]{2}", element_text(run))


def source_words(text: str) -> Counter[str]:
    """The words of a chapter, its notes and its summary."""
    summary = re.search(r"^summary: (.*)$", text, re.MULTILINE)
    return words_of(tree.plain_text(parse(body(text)), with_notes=True)) + words_of(summary[1] if summary else "")


def body(text: str) -> str:
    """The text with blanks for its front matter, as the merge parses it: the same text is parsed once."""
    head, mark, rest = text.partition("\n---\n")
    return re.sub(r"[^\n]", " ", head + mark) + rest


def registers(text: str) -> dict[str, str]:
    """Every field of every record of a chapter."""
    items = [
        read_item(node, "")
        for node in tree.walk(parse(body(text)))
        if node["t"] == "Div" and set(tree.classes(node)) & set(ITEM_PREFIXES)
    ]
    return {
        f"{item.id}.{name}": value
        for item in items
        for name, value in (("text", item.text), *((n, f.value) for n, f in item.fields.items()))
    }


@dataclass(frozen=True, slots=True)
class Outcome:
    """Result of an edit: `in` the text, `said`, or the words in which it is wrong."""

    verdict: str
    text: str


@functools.cache
def read_unedited(data: bytes) -> tuple[Counter[str], DocxText]:
    """The words of a file that nobody has edited, and its text."""
    return docx_words(Edited(data)), docx_reader.read_docx(Package(data))


def judge(kind: str, spot: Spot, file: Edited, saved_unedited: bytes = b"") -> Outcome:
    """Compare words and records before and after the edit in a file.

    If a program has saved it, `saved_unedited` is the chapter as it was sent after the same program has saved it.
    """
    chapter, data, base = sent()
    words, read = read_unedited(saved_unedited or data)
    edited = docx_reader.read_docx(file.package)
    merged = today_merge.merge_received(chapter, base, edited, parse_nodes)
    text, ignored = merged.apply_to(chapter.text), edited.ignored_formatting - read.ignored_formatting
    conflicts = [c for c in merged.conflicts if not saved_unedited or (c.base, c.edited) != ("[formula x2+y2]", "")]
    reported = " ".join(f"{c.base} {c.edited}" for c in conflicts)
    conflict_words = words_of(reported) | words_of(re.sub(r"\[[^\]]*\]", "", reported))
    wrong = [
        *_wrong_words(words, docx_words(file), chapter.text, text, conflict_words),
        *_wrong_records(kind, spot, text),
        *(f"two spaces: {line}" for line in text.splitlines() if re.search(r"^[^|].*\S  +\S", line)),
    ]
    if text == chapter.text and not conflicts and not ignored and not _is_no_change(kind, spot):
        wrong.append("nothing came in and nothing was said")
    return Outcome("; ".join(wrong) or ("said" if conflicts else "ignored" if ignored else "in"), text)


def judge_saved(kind: str, place: str, data: bytes, unedited: bytes) -> str:
    """Judge a file that LibreOffice has saved; `refused` if it wrote one that nobody can read, which is said.

    `unedited` is the chapter that nobody has edited, which LibreOffice has saved too.
    """
    if not data:
        return "none"  # it crashed, and there is no file
    # LibreOffice 25.2 closes a link around a locked control too late.
    if rejection_reason(data):
        return "refused"
    file = Edited(data)
    is_dropped = _shape(file) == _shape_unedited(unedited)
    return "none" if is_dropped else judge(kind, SPOTS[place], file, unedited).verdict


def _shape(file: Edited) -> list[tuple[str, str, str]]:
    """All elements and words of a file, without ids and empty runs: equal if LibreOffice has dropped an edit."""
    nodes = (node for part in _parts(file) for node in part.iter() if not str(node.tag).endswith(("Start", "End")))
    shape = ((str(node.tag), (node.text or "").strip(), get_attribute(node)) for node in nodes)
    return [each for each in shape if any(each[1:]) or each[0] not in (qn("w:r"), qn("w:rPr"), qn("w:t"))]


@functools.cache
def _shape_unedited(data: bytes) -> list[tuple[str, str, str]]:
    return _shape(Edited(data))


def _is_no_change(kind: str, spot: Spot) -> bool:
    return kind in SILENT or any(kind == name and spot is SPOTS[place] for name, place in NO_CHANGE)


def parse_nodes(text: str) -> Sequence[Node]:
    return parse(text)


_PARAGRAPH_NUMBER = re.compile(r"¶[0-9.]+")
GENERATED = words_of("Recommendation Gap Table BR 9 1 30 June 06 2021 Roads Department 2019 survey2019 x y 2")
GENERATED += words_of("equation 1 a b t eq br total")
"""Words that the tool writes itself: titles of boxes, days, citations; and the formula."""


def _wrong_words(
    docx_before: Counter[str], docx_after: Counter[str], old: str, new: str, conflict_words: Counter[str]
) -> Iterator[str]:
    source_before, source_after = source_words(old), source_words(new)
    for name, wanted, actual in (
        ("lost or not taken out", docx_after - docx_before, source_after - source_before),
        ("taken out or doubled", docx_before - docx_after, source_before - source_after),
    ):
        for word in (wanted - actual) - conflict_words:
            if word not in GENERATED:
                yield f"{name}: {word}"
        for word in (actual - wanted) - conflict_words:
            if word not in GENERATED:
                yield f"not in the Word file: {word}"


def _wrong_records(kind: str, spot: Spot, text: str) -> Iterator[str]:
    before, after = registers(sent()[0].text), registers(text)
    item = spot.record.partition(".")[0]
    allowed = {spot.record, f"{item}.{NEW_RECORDS.get(kind, '')}"}
    if kind == "field given again behind":
        allowed.add("gap-br-01.owner")  # it has none yet
    if kind == "taken out" and spot.record.endswith(".text"):
        allowed |= {name for name in before if name.startswith(f"{item}.text")}
    for name in {*before, *after}:
        is_new = name not in before and name.startswith(("rec-br-03.", "gap-br-02."))
        if before.get(name) != after.get(name) and name not in allowed and not is_new:
            yield f"record {name}: {before.get(name)!r} became {after.get(name)!r}"


def cases(kinds: Sequence[str] = ()) -> Iterator[tuple[str, str, str, bool]]:
    """Every kind of edit at every place, by an author who tracks changes or by none, with marks or without."""
    return itertools.product(kinds or KINDS, SPOTS, ("", "Ben"), (False, True))


def edits(count: int) -> Iterator[tuple[tuple[str, str, str], Edited]]:
    """Files with an edit: of each kind so many, at places of all sorts, with tracked changes and without."""
    places = list(itertools.product(SPOTS, ("", "Ben")))
    for turn, kind in enumerate(KINDS):
        # Steps without a factor in common with the places: each kind goes through all, from one of its own.
        order = (places[(39 * turn + 41 * step) % len(places)] for step in range(len(places)))
        edited_files = (((kind, *at), file) for at in order if (file := edit(kind, *at)) is not None)
        yield from itertools.islice(edited_files, count)


def edit(kind: str, place: str, author: str) -> Edited | None:
    """A file with an edit; None if it cannot be made there."""
    file = Edited(sent()[1], author)
    if kind == "joined with the next" and not SPOTS[place].joins:
        return None
    try:
        KINDS[kind](file, SPOTS[place])
    except StopIteration:
        return None
    return file


def verdict(kind: str, place: str, author: str, *, marks_lost: bool) -> str:
    """Make an edit, and judge it; `none` if the edit cannot be made there."""
    file = edit(kind, place, author)
    if file is None:
        return "none"
    if marks_lost:
        LOSSES["character styles"](file.strip())
    return judge(kind, SPOTS[place], file).verdict
