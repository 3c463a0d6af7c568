"""A chapter as a Word file for reviewers, recognizable when it comes back."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import islice
from xml.sax.saxutils import escape

from lxml import etree
from msgspec import Struct
from msgspec.structs import asdict, replace

from nioc_paper import tree
from nioc_paper.model import Chapter, Consultation, Node, Paper, Sending
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
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
from nioc_paper.review.docx.bookmarks import ATOM_PREFIX, add_bookmarks
from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.tree.strategy_items import ITEM_PREFIXES, read_item
from nioc_paper.wording import Wording, format_date

ORIGIN_NAMESPACE = "urn:nioc-paper:review"
_ORIGIN_PART = "customXml/itemNioc.xml"
_PROPERTIES_PART = "customXml/itemPropsNioc.xml"
_PROPERTIES_XML = (
    '<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"'
    ' ds:itemID="{6F1E8C1A-5B1F-4C0C-9C57-0B8B7E1D2A11}"><ds:schemaRefs>'
    f'<ds:schemaRef ds:uri="{ORIGIN_NAMESPACE}"/></ds:schemaRefs></ds:datastoreItem>'
)
_PROPERTIES_TYPE = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
_LOCKED_GROUND = '<w:shd w:val="clear" w:color="auto" w:fill="EBEBEB"/>'
"""Grey ground, by which locked words look locked."""
_AFTER_SHADING = [
    qn(f"w:{name}")
    for name in ["fitText", "vertAlign", "rtl", "cs", "em", "lang", "eastAsianLayout", "specVanish", "oMath"]
]
"""Properties of a run that follow its shading in the schema (ECMA-376 part 1, 17.3.2.28)."""
_LOCKED_ATOMS = ("cite", "xref", "math")
"""Kinds of atoms that reviewers cannot edit."""
SHORT_COMMIT = 10
"""Digits of a commit in a printed reference."""
_SENDING_ID = r"[a-z0-9]{1,12}"
_REFERENCE = re.compile(rf"(?<![\w-])([a-z0-9-]+)-({_SENDING_ID})-([0-9a-f]{{{SHORT_COMMIT}}})(?![\w-])")
_PASSAGE_DIGITS = 8
_FIRST_PARAGRAPHS = 20
"""Paragraphs of a file in which its printed reference is looked for."""
_INSTRUCTIONS_STYLE = (
    '<w:style w:type="paragraph" w:customStyle="1" w:styleId="ReviewInstructions">'
    '<w:name w:val="Review Instructions"/><w:basedOn w:val="Normal"/><w:pPr>'
    '<w:pBdr><w:left w:val="single" w:sz="24" w:space="8" w:color="{accent}"/></w:pBdr>'
    '<w:spacing w:before="0" w:after="60"/><w:ind w:left="240"/></w:pPr>'
    '<w:rPr><w:color w:val="{accent}"/></w:rPr></w:style>'
)


class Origin(Struct, frozen=True):
    """Text that a file claims to be made from.

    Untrusted: values are only looked up, never used as they are.
    """

    paper: str
    """Id of the paper; empty in a printed reference."""
    chapter: str
    sending: str
    """Id of the sending."""
    commit: str
    """The commit; its first digits in a printed reference."""
    source: str = ""
    """Hash of the chapter's text."""

    def is_of(self, subject: str, sent: Sending | Consultation) -> bool:
        """Return whether it names a sending of a chapter, or a form of a body."""
        commits = sent.commit, sent.commit[:SHORT_COMMIT]
        return (self.chapter, self.sending) == (subject, sent.id) and self.commit in commits


def with_bookmarks(paper: Paper, first_numbers: Mapping[str, int]) -> Paper:
    """Return the paper with bookmarks on every paragraph and atom of some chapters, numbered from those given."""

    def with_marks(chapter: Chapter) -> Chapter:
        blocks = add_bookmarks(chapter.blocks, first_numbers[chapter.id]).blocks
        divs = (n for n in tree.walk(blocks) if n["t"] == "Div" and set(tree.classes(n)) & set(ITEM_PREFIXES))
        return replace(chapter, body=tree.as_tree(blocks), items=tuple(read_item(n, chapter.path) for n in divs))

    return replace(paper, chapters=tuple(with_marks(c) if c.id in first_numbers else c for c in paper.chapters))


def with_printed_sources(paper: Paper) -> Paper:
    """Return a paper with bookmarks whose figures have a line of sources, as built ones: no bookmark is in the way."""
    for node in (n for chapter in paper.chapters for n in tree.walk(chapter.blocks)):
        if node["t"] == "Figure" or tree.is_div(node, "figure"):
            captions = tree.caption(node) if node["t"] == "Figure" else tree.content(node)
            for paragraph in (block for block in captions if block["t"] in ("Para", "Plain")):
                *inlines, bookmark = tree.content(paragraph)
                first = len(inlines)
                while first and (_is_blank_or_stop(inlines[first - 1]) or _marked_citation(inlines[first - 1])):
                    first -= 1
                sources = [_marked_citation(inline) or inline for inline in inlines[first:]]
                paragraph["c"] = [*inlines[:first], bookmark, *sources]
    return paper


def _is_blank_or_stop(node: Node) -> bool:
    return node["t"] in ("Space", "SoftBreak") or (node["t"] == "Str" and not any(map(str.isalnum, node["c"])))


def _marked_citation(node: Node) -> Node | None:
    """Return the citation in a bookmark; None for other nodes."""
    inner = tree.content(node) if node["t"] == "Span" and tree.identifier(node).startswith(ATOM_PREFIX) else ()
    return next((each for each in inner if each["t"] == "Cite"), None)


def make_origin(paper: Paper, chapter: str, sending: Sending) -> Origin:
    """Return the origin that is written into the file of a sending."""
    text = next(c.text for c in paper.chapters if c.id == chapter)
    return Origin(paper.settings.id, chapter, sending.id, sending.commit, hash_text(text))


def hash_text(text: str) -> str:
    """Return a short hash of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def format_instructions(
    paper: Paper, guidance: Sequence[str], subject: str, sent: Sending | Consultation, editor: str, words: Wording
) -> list[str]:
    """Return the lines at the start of a file for a reviewer or a body: guidance, day, editor and reference."""
    due = words["review_due"].format(day=format_date(sent.due, words)) if sent.due else ""
    to = words["review_to"].format(name=paper.display_name(editor)) if editor else ""
    reference = f"{subject}-{sent.id}-{sent.commit[:SHORT_COMMIT]}"  # recognized without the other marks of the file
    return [line for line in (*guidance, due, to, words["review_reference"].format(reference=reference)) if line]


def prepare_for_review(package: Package, origin: Origin, instructions: Sequence[str], accent: str) -> None:
    """Prepare a chapter's file for a reviewer: track changes, lock citations, put the instructions after the title.

    `accent` is a colour as six hexadecimal digits.
    """
    package.put_setting("<w:trackRevisions/>")
    _simplify_sections(package.body)
    for name in ("word/document.xml", "word/footnotes.xml"):
        if name in package:
            _lock_atoms(package.xml_root(name))
    package.xml_root("word/styles.xml").append(parse_element(_INSTRUCTIONS_STYLE.format(accent=accent)))
    start = int(package.body[0].tag == qn("w:tbl"))  # the block of the title
    for number, line in enumerate(instructions, start=1):
        is_rtl = any(unicodedata.bidirectional(c) in ("R", "AL") for c in line)
        run, paragraph = ("<w:rPr><w:rtl/></w:rPr>", "<w:bidi/>") if is_rtl else ("", "")
        text = f'<w:r>{run}<w:t xml:space="preserve">{escape(line)}</w:t></w:r>'
        end = '<w:spacing w:before="0" w:after="240"/>' if number == len(instructions) else ""
        end = '<w:spacing w:before="240" w:after="60"/>' if number == 1 < len(instructions) else end
        style = f'<w:pPr><w:pStyle w:val="ReviewInstructions"/>{paragraph}{end}</w:pPr>'
        package.body.insert(start + number - 1, parse_element(f"<w:p>{style}{text}</w:p>"))
    root = etree.Element(f"{{{ORIGIN_NAMESPACE}}}origin", {name: str(value) for name, value in asdict(origin).items()})
    package.add_related_part(_ORIGIN_PART, "customXml", etree.tostring(root), content="application/xml")
    package.add_related_part(
        _PROPERTIES_PART, "customXmlProps", _PROPERTIES_XML.encode(), source=_ORIGIN_PART, content=_PROPERTIES_TYPE
    )
    core = package.xml_root("docProps/core.xml")
    if (identifier := next((n for n in core if str(n.tag).endswith("}identifier")), None)) is not None:
        identifier.text = f"{origin.paper}/{origin.chapter}/{origin.sending}/{origin.commit}"


def _simplify_sections(body: Element) -> None:
    """Make all pages of a section alike, and number no lines: paragraphs have numbers.

    LibreOffice would part a paragraph after a first page of its own kind.
    """
    for section in iter_elements(body, "w:sectPr"):
        is_odd = get_attribute(find_element(section, "w:type")) == "oddPage"
        for node in list(section):
            is_first = node.tag in (qn("w:titlePg"), qn("w:lnNumType")) or get_attribute(node, "w:type") == "first"
            if is_first or (is_odd and node.tag == qn("w:type")):
                remove_element(node)


def read_origin(package: Package) -> Origin | None:
    """Return the origin written in a received file, or its printed reference; None if none can be parsed."""
    for name in package.part_names("customXml/"):
        root = package.xml_root(name)
        if root.tag == f"{{{ORIGIN_NAMESPACE}}}origin":
            sending = root.get("sending", root.get("number", ""))  # files of earlier releases have a number
            paper, chapter, commit, source = (root.get(key, "") for key in ("paper", "chapter", "commit", "source"))
            return _parse_origin([paper, chapter, sending, commit, source])
    if "docProps/core.xml" in package:
        for node in package.xml_root("docProps/core.xml"):
            if str(node.tag).endswith("}identifier") and (node.text or "").count("/") == 3:
                return _parse_origin((node.text or "").split("/"))
    for paragraph in islice(iter_elements(package.body, "w:p"), _FIRST_PARAGRAPHS):
        if match := _REFERENCE.search("".join(t.text or "" for t in iter_elements(paragraph, "w:t"))):
            return Origin("", match[1], match[2], match[3])
    return None


def _parse_origin(values: Sequence[str]) -> Origin | None:
    return Origin(*values) if re.fullmatch(_SENDING_ID, values[2]) else None


def note_passages(package: Package) -> None:
    """Note in a file what it is sent with: a later release of the tool may write some of it in other words."""
    passages = docx_reader.read_docx(package).passages
    package.xml_root(_ORIGIN_PART).set("passages", " ".join(map(_hash_passage, passages)))


def drop_reworded(
    package: Package, sent: Sequence[DocxPassage], received: Sequence[DocxPassage]
) -> tuple[list[DocxPassage], list[DocxPassage]]:
    """Return the passages of a file, as it would be sent today and as it came back, without those it had otherwise."""
    roots = map(package.xml_root, package.part_names("customXml/"))
    noted = {name for root in roots for name in root.get("passages", "").split()}
    today, back = ({*map(_hash_passage, side)} for side in (sent, received))
    as_sent = [p for p in sent if (name := _hash_passage(p)) in back or name in noted or not noted]
    return as_sent, [p for p in received if (name := _hash_passage(p)) in today or name not in noted]


def _hash_passage(passage: DocxPassage) -> str:
    return hash_text(" ".join(passage.paragraph.normalized_words))[:_PASSAGE_DIGITS]


def _lock_atoms(root: Element) -> None:
    """Put every atom into a control whose content cannot be edited; it can still be deleted as a whole."""
    ends = {get_attribute(node, "w:id"): node for node in iter_elements(root, "w:bookmarkEnd")}
    for number, start in enumerate(list(iter_elements(root, "w:bookmarkStart")), start=9_000):
        name = get_attribute(start, "w:name").removeprefix(ATOM_PREFIX)
        end = ends.get(get_attribute(start, "w:id"))
        if name == get_attribute(start, "w:name") or name.partition("-")[0] not in _LOCKED_ATOMS or end is None:
            continue
        if end.getparent() is not start.getparent():
            continue
        control = parse_element(
            f'<w:sdt><w:sdtPr><w:tag w:val="{ATOM_PREFIX}{name}"/><w:id w:val="{number}"/>'
            '<w:lock w:val="contentLocked"/></w:sdtPr><w:sdtContent/></w:sdt>'
        )
        content = find_element(control, "w:sdtContent")
        assert content is not None
        start.addprevious(control)
        while (node := start.getnext()) is not None and node is not end:
            content.append(node)
        for run in iter_elements(content, "w:r"):
            _shade(run)
        for node in (start, end):
            remove_element(node)


def _shade(run: Element) -> None:
    """Give a run the ground of locked words, at its place in Word's schema."""
    properties = get_or_add_first(run, "w:rPr")
    for old in properties.findall(qn("w:shd")):
        properties.remove(old)
    place = next((n for n, node in enumerate(properties) if node.tag in _AFTER_SHADING), len(properties))
    properties.insert(place, parse_element(_LOCKED_GROUND))
