"""What stands between cover and text in Word: imprint, contributors, contents, and lists of what is in the text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from nioc_paper import tree
from nioc_paper.audience import notices
from nioc_paper.model import Credit, Document, Entry, Node
from nioc_paper.ooxml.xml import begin, bookmark, end, field, raw, run, tab
from nioc_paper.render import imprint as said
from nioc_paper.render.theme import Theme
from nioc_paper.render.word.join import UNKNOWN_PAGE
from nioc_paper.render.word.tree import named, numbered
from nioc_paper.wording import Words, day

_PARTS = 'TOC \\h \\z \\t "Part,1,Heading 1,2,Heading 2,3"'


def imprint(document: Document, words: Words, theme: Theme) -> list[Node]:
    """What stands behind the cover: about this document."""
    faces = "" if document.template else ", ".join(dict.fromkeys((theme["font-text"], theme["font-head"])))
    facts = (
        ("title", document.title),
        ("whole_paper", document.part_of),
        ("publisher", document.publisher),
        ("edition", document.edition),
        ("date", day(document.date, words)),
        ("version", document.version),
        ("standing", said.standing(document, words)),
        ("how_to_cite", said.citation(document, words)),
        ("rights", document.rights),
        ("typefaces", faces),
    )
    notes = [*([words["draft_note"]] if document.draft else []), *notices(document, words)]
    versions = [(tag, f"{on} · {what}") for tag, on, what in said.versions(document, words)]
    told = [(words[name], text) for name, text in facts if text]
    return [
        *_lines(("Imprint Title", words["imprint"])),
        *(_pair(*line) for line in (*told, *versions)),
        *_lines(*(("Imprint Note", note) for note in notes)),
    ]


def contributors(document: Document, words: Words) -> list[Node]:
    """Who works on which chapter, as a table."""
    rows = [
        [_chapter(entry) if first else [], _person(person), tree.text(person.role)]
        for entry, people in document.credits
        for first, person in zip((True, *[False] * len(people)), people, strict=False)
    ]
    heads = [(words["chapter"].capitalize(), 0.3), (words["name"], 0.5), (words["part_in_paper"], 0.2)]
    cells = [[[tree.plain_block(cell)] if cell else [] for cell in row] for row in rows]
    return [raw(_heading("TOCHeading", words["credits"]), block=True), tree.table(heads, cells)] if rows else []


def _chapter(entry: Entry) -> list[Node]:
    return [tree.link(tree.text(" ".join(filter(None, (entry.number, entry.title)))), f"#{entry.id}")]


def _person(person: Credit) -> list[Node]:
    """The name, and below it the post."""
    lines = [[tree.strong(tree.text(person.name))] if person.name else [], tree.text(person.post)]
    return [node for line in lines if line for node in ({"t": "LineBreak"}, *line)][1:]


def _lines(*lines: tuple[str, str]) -> list[Node]:
    """A paragraph in its style for every line that says something."""
    return [_line(style, tree.text(text)) for style, text in lines if text]


def _pair(name: str, text: str) -> Node:
    return _line("Imprint", [raw(run(name, "FieldName") + tab()), *tree.text(text)])


def _line(style: str, inlines: Sequence[Node]) -> Node:
    return named(style, [tree.para(inlines)])


def lists(document: Document, words: Words) -> list[Node]:
    """Contents and lists as Word's own fields, each entry cached with a link; page numbers are filled in later."""
    out = [raw(_contents(document, words["contents"]), block=True)] if document.contents else []
    for title, code, style, entries in (
        ("figures", 'TOC \\h \\z \\c "Figure"', "TableOfFigures", document.figures),
        ("tables", 'TOC \\h \\z \\c "Table"', "TableOfFigures", document.tables),
        ("recommendations", "TOC \\h \\z \\f r \\l 4-4", "TOC4", document.recommendations),
    ):
        if entries:
            called = numbered if title == "recommendations" else _captioned
            lines = [(style, entry.id, called(entry)) for entry in entries]
            # The first of the short lists starts a page: after the long contents of a paper it would stand alone.
            head = _heading("ListHeading", words[title], page=len(out) == 1 and not document.part_of)
            out.append(raw(head + _entries(code, lines), block=True))
    return out


def _contents(document: Document, title: str) -> str:
    lines = [(f"TOC{entry.level + 1}", entry.id, numbered(entry)) for entry in document.contents]
    return (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
        f"</w:sdtPr><w:sdtContent>{_heading('TOCHeading', title)}{_entries(_PARTS, lines)}</w:sdtContent></w:sdt>"
    )


def _captioned(entry: Entry) -> str:
    return f"{entry.label}. {entry.title}"


def _heading(style: str, title: str, *, page: bool = False) -> str:
    start = "<w:pageBreakBefore/>" if page else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{start}</w:pPr>{run(title)}</w:p>'


def _entries(code: str, lines: Sequence[tuple[str, str, str]]) -> str:
    """A field whose cached text is one paragraph a line; a line is (style, id, text)."""
    out = [_entry(*line) for line in lines]
    out[0] = out[0].replace("</w:pPr>", "</w:pPr>" + begin(code), 1)
    out[-1] = out[-1].removesuffix("</w:p>") + end() + "</w:p>"
    return "".join(out)


def _entry(style: str, id: str, text: str) -> str:
    anchor = bookmark(id)
    page = field(f"PAGEREF {anchor} \\h", UNKNOWN_PAGE)
    link = f'<w:hyperlink w:anchor="{escape(anchor)}" w:history="1">{run(text)}{tab()}{page}</w:hyperlink>'
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{link}</w:p>'
