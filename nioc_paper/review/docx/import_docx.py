"""Turn a foreign Word file into the text of a chapter: prepared for pandoc, fitted, and with a list of the losses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.model import Node, format_count
from nioc_paper.ooxml.package import Package, main_part_name, read_relationships
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_attribute,
    is_copy,
    iter_elements,
    local_name,
    paragraph_style,
    parse_element,
    qn,
    remove_element,
)
from nioc_paper.review.docx.docx_reader import read_page_margins
from nioc_paper.review.docx.docx_styles import parse_number
from nioc_paper.review.docx.inline_reader import symbol_text, text_boxes
from nioc_paper.tree.markdown_fitting import fit_to_chapter, split_for_escapes

_KEPT_SCHEMES = ("http://", "https://", "mailto:")
_TRACKED_CHANGES = ("w:ins", "w:del", "w:moveFrom", "w:moveTo")
_DIRECT_FORMATTING: Mapping[str, str] = {
    "w:color": "colours",
    "w:sz": "sizes",
    "w:rFonts": "typefaces",
    "w:highlight": "highlighting",
    "w:u": "underlining",
}
_PLAIN_FIELDS = ("HYPERLINK", "TOC", "PAGE", "PAGEREF", "NUMPAGES", "REF", "NOTEREF", "SEQ")
_UNWRAPPED = ("Div", "Span", "SmallCaps", "Underline")
"""Types of nodes replaced by their content: pandoc would drop it, for it writes no spans here."""
_TITLE_PAGE_KEYS = ("subtitle", "author", "date", "abstract")
_PLURALS: Mapping[str, str] = {"text box": "text boxes", "line of a header or footer": "lines of headers and footers"}


def split_title(blocks: Sequence[Node], metadata_title: str) -> tuple[str, list[Node]]:
    """Return the title and the blocks below it: the metadata's, or the only heading of level 1 if it is first."""
    highest = [n for n in blocks if n["t"] == "Header" and tree.level(n) == 1]
    if not metadata_title and len(highest) == 1 and blocks[0] is highest[0]:
        return tree.plain_text(tree.content(highest[0])), list(blocks[1:])
    return metadata_title, list(blocks)


def metadata_blocks(meta: Mapping[str, Node]) -> list[Node]:
    """Return the title page of a file but for its title as paragraphs: pandoc takes these styles out of the text."""
    return [block for key in _TITLE_PAGE_KEYS if key in meta for block in _metadata_blocks(meta[key])]


def _metadata_blocks(value: Node) -> list[Node]:
    kind, content = value["t"], value["c"]
    if kind == "MetaList":
        return [block for each in content for block in _metadata_blocks(each)]
    if kind == "MetaBlocks":
        return list(content)
    return [tree.para(content if kind == "MetaInlines" else tree.text_inlines(str(content)))]


def _without_word_markup(node: Node) -> Node | list[Node]:
    """Return a node, or what a chapter can have of it: the content of styles of Word, and of links into its file."""
    kind = node["t"]
    if kind in _UNWRAPPED:
        return list(tree.content(node))
    if kind in ("RawBlock", "RawInline"):
        return []
    if kind == "Str":
        return split_for_escapes(node["c"])
    return list(tree.content(node)) if kind == "Link" and not tree.target(node).startswith(_KEPT_SCHEMES) else node


def fit_blocks(blocks: Sequence[Node], pictures: Mapping[str, str] = MappingProxyType({})) -> list[Node]:
    """Return blocks that fit a chapter: headings from level 2, a sentence per line, no markup of Word.

    `pictures` has the files of pictures by the names that pandoc gives them; others become their names.
    """

    def fit_node(node: Node) -> Node | list[Node]:
        kind = node["t"]
        if kind == "Image":
            return _fit_image(node, pictures)
        if kind == "Header":
            return tree.with_attr(node, tree.attr())
        return [*tree.content(node), *tree.caption(node)] if kind == "Figure" else _without_word_markup(node)

    return fit_to_chapter(tree.rewrite(fit_node, blocks))


def _fit_image(image: Node, pictures: Mapping[str, str]) -> list[Node]:
    """Return a picture with its file in the paper; its name if it has none."""
    target, alt = tree.target(image), tree.plain_text(tree.content(image))
    if target not in pictures:
        return tree.text_inlines(f"[picture: {alt or target}]")
    return [{"t": "Image", "c": [tree.attr(values={"alt": alt} if alt else {}), [], [pictures[target], ""]]}]


def list_losses(package: Package) -> list[str]:
    """Return a line per kind of content that a chapter cannot hold or holds otherwise, with its number."""
    body = package.body
    changes = [n for n in iter_elements(body, *_TRACKED_CHANGES) if get_attribute(n, "w:author")]
    fields, charts = _count_fields(body), package.part_names("word/charts/chart")
    counts = [
        (len([*text_boxes(body)]), "text box", "its words follow the paragraph that it was beside"),
        (len(changes), "tracked change", "accepted"),
        (len(charts), "chart", "left out"),
        (len([*read_page_margins(package)]), "line of a header or footer", "left out"),
        (fields.total(), "field", f"the words that it showed are kept: {', '.join(fields)}"),
    ]
    runs = [*iter_elements(body, "w:r")]
    direct_formatting = [
        description
        for tag, description in _DIRECT_FORMATTING.items()
        if any(find_element(run, f"w:rPr/{tag}") is not None for run in runs)
    ]
    lines = [f"{format_count(n, noun, _PLURALS.get(noun, ''))}: {what}" for n, noun, what in counts if n]
    if words := drawn_words(package):
        lines.append(f"{format_count(len(words), 'word')} in drawings: left out: {', '.join(words)}")
    return lines + ([f"direct formatting: {', '.join(direct_formatting)}"] if direct_formatting else [])


def _count_fields(body: Element) -> Counter[str]:
    """Count the fields with text computed by Word, by kind."""
    codes = [(n.text or "").split()[:1] for n in iter_elements(body, "w:instrText")]
    codes += [get_attribute(n, "w:instr").split()[:1] for n in iter_elements(body, "w:fldSimple")]
    return Counter(code[0].upper() for code in codes if code and code[0].upper() not in _PLAIN_FIELDS)


def missing_words(in_file: Counter[str], title: str, blocks: Sequence[Node]) -> list[str]:
    """Return the words of a file that a chapter of a title and blocks lacks, each as often as it is missing."""
    text = tree.plain_text(tree.rewrite(_separate_definitions, list(blocks)), with_notes=True)
    return sorted((in_file - Counter(split_words(f"{title} {text}"))).elements())


def _separate_definitions(node: Node) -> Node | list[Node]:
    """Return a list of definitions as paragraphs, so that terms and definitions do not run together."""
    if node["t"] != "DefinitionList":
        return node
    return [block for term, meanings in tree.content(node) for block in (tree.para(term), *chain(*meanings))]


# --- what pandoc would lose: simple fields, text boxes, short rows ----------------------------------------------------


def prepare_for_pandoc(package: Package) -> int:
    """Rewrite the text and the notes of a file in place; returns the number of lines of contents left out."""
    left_out = 0
    for root in text_parts(package):
        for rewrite in _PASSES:
            rewrite(root)
        # The words of contents are headings, and pages that a chapter has not.
        for line in [p for p in iter_elements(root, "w:p") if is_contents_line(p)]:
            remove_element(line)
            left_out += 1
    return left_out


def _unwrap_elements(root: Element) -> None:
    """Replace custom elements and simple fields by their content, which pandoc would drop; links stay."""
    for node in list(iter_elements(root, "w:customXml", "w:fldSimple")):
        if get_attribute(node, "w:instr").split()[:1] != ["HYPERLINK"]:
            for child in list(node):
                node.addprevious(child)
            remove_element(node)


def _move_boxes(root: Element) -> None:
    """Move the paragraphs of text boxes after the paragraph that they are beside."""
    for copy in [node for node in root.iter() if local_name(node) == "Fallback"]:
        remove_element(copy)
    for box in list(iter_elements(root, "w:txbxContent")):
        # The last one is outside of all other boxes.
        for paragraph in list(box.iterancestors(qn("w:p")))[-1:]:
            for block in reversed(list(box)):
                paragraph.addnext(block)


def _fill_rows(root: Element) -> None:
    """Put an empty cell before rows that begin behind the first column of their table."""
    for row in iter_elements(root, "w:tr"):
        width, first = parse_number(get_attribute(find_element(row, "w:trPr/w:gridBefore")), 0), row.find(qn("w:tc"))
        if width and first is not None:
            first.addprevious(parse_element(f'<w:tc><w:tcPr><w:gridSpan w:val="{width}"/></w:tcPr><w:p/></w:tc>'))


_PASSES: tuple[Callable[[Element], None], ...] = (_unwrap_elements, _move_boxes, _fill_rows)


# --- words of the file, read without pandoc: the measure of what an import has lost -----------------------------------


_NOTE_KINDS = ("footnotes", "endnotes")
_CONTENTS_STYLE = re.compile(r"(toc ?\d|toc ?heading|table ?of ?figures)$", re.IGNORECASE)


_GONE = ("del", "moveFrom", "Fallback", "pPr")
"""Elements whose text is not in the file's text: deleted, there a second time, or positions of tabs."""
_SIGNS = {"noBreakHyphen": "\u2011", "softHyphen": "", **dict.fromkeys(("tab", "br", "cr", "ptab"), " ")}


def count_docx_words(package: Package) -> Counter[str]:
    """Count the words that a reader of the file sees: text, tables, text boxes and notes, without lines of contents."""
    return Counter(word for root in text_parts(package) for word in split_words(_read_text(root)))


def drawn_words(package: Package) -> list[str]:
    """Return the words of shapes, diagrams and WordArt, which are in no paragraph of Word."""
    diagrams = (package.xml_root(name) for name in package.part_names("word/diagrams/data"))
    nodes = (node for root in (*text_parts(package), *diagrams) for node in iter_elements(root, "a:t", "v:textpath"))
    texts = (node.get("string", "") or node.text or "" for node in nodes if not is_copy(node))
    return [word for text in texts for word in split_words(text)]


def _read_text(node: Element) -> str:
    """Return the text in an element; a drop cap is the first letter of the next paragraph."""
    name = local_name(node)
    is_deleted = name == "tr" and find_element(node, "w:trPr/w:del") is not None
    if name in _GONE or is_deleted or (name == "p" and is_contents_line(node)):
        return ""
    if node.tag in (qn("w:t"), qn("w:sym")):
        return symbol_text(node) if name == "sym" else node.text or ""
    text = _SIGNS.get(name, "") + "".join(map(_read_text, node))
    if name != "p":
        return text
    return f"{'' if _is_drop_cap(node.getprevious()) else ' '}{text}{'' if _is_drop_cap(node) else ' '}"


def _is_drop_cap(node: Element | None) -> bool:
    frame = None if node is None else find_element(node, "w:pPr/w:framePr")
    return get_attribute(frame, "w:dropCap") in ("drop", "margin")


def split_words(text: str) -> list[str]:
    """Return the words of a text."""
    return re.findall(r"\w+", text)


def text_parts(package: Package) -> Iterator[Element]:
    """Yield the roots of the text and the notes."""
    main = main_part_name(package)
    yield package.xml_root(main)
    for relation in read_relationships(package, main):
        if relation.kind in _NOTE_KINDS and relation.target in package:
            yield package.xml_root(relation.target)


def is_contents_line(paragraph: Element) -> bool:
    """Return whether a paragraph is a line of a table of contents or of a list of figures."""
    return bool(_CONTENTS_STYLE.match(paragraph_style(paragraph)))
