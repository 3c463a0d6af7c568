"""Words of a foreign Word file, read without pandoc: the measure of what an import has lost."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from nioc_paper.ooxml.package import Package, main_part_name, read_relationships
from nioc_paper.ooxml.xml import Element, find_element, get_attribute, is_copy, iter_elements, local_name, qn
from nioc_paper.review.docx.special_content import symbol_text

_NOTE_KINDS = ("footnotes", "endnotes")
_CONTENTS_STYLE = re.compile(r"(toc ?\d|toc ?heading|table ?of ?figures)$", re.IGNORECASE)
_GONE = ("del", "moveFrom", "Fallback")
"""Elements whose text is not in the file's text: deleted, or there a second time."""
_SPACES = ("w:tab", "w:br", "w:cr", "w:ptab")
_SIGNS = {"w:noBreakHyphen": "\u2011", "w:softHyphen": ""}


def count_docx_words(package: Package) -> Counter[str]:
    """Count the words that a reader of the file sees: text, tables, text boxes and notes, without lines of contents."""
    return Counter(
        word for root in text_parts(package) for text in _paragraph_texts(root) for word in split_words(text)
    )


def drawn_words(package: Package) -> list[str]:
    """Return the words of shapes, diagrams and WordArt, which are in no paragraph of Word."""
    diagrams = (package.xml_root(name) for name in package.part_names("word/diagrams/data"))
    nodes = (node for root in (*text_parts(package), *diagrams) for node in iter_elements(root, "a:t", "v:textpath"))
    texts = (node.get("string", "") or node.text or "" for node in nodes if not is_copy(node))
    return [word for text in texts for word in split_words(text)]


def _paragraph_texts(root: Element) -> Iterator[str]:
    """Yield the text of each paragraph, and what is in none; a drop cap is the first letter of the next one."""
    yield from (t.text or "" for t in iter_elements(root, "w:t") if next(t.iterancestors(qn("w:p")), None) is None)
    drop_cap = ""
    for paragraph in iter_elements(root, "w:p"):
        text = "" if _is_left_out(paragraph) else drop_cap + "".join(_texts(paragraph))
        is_drop_cap = get_attribute(find_element(paragraph, "w:pPr/w:framePr"), "w:dropCap") in ("drop", "margin")
        drop_cap = text if is_drop_cap else ""
        if not is_drop_cap:
            yield text


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
    return bool(_CONTENTS_STYLE.match(get_attribute(find_element(paragraph, "w:pPr/w:pStyle"))))


def _is_left_out(paragraph: Element) -> bool:
    rows = (outer for outer in paragraph.iterancestors() if local_name(outer) == "tr")
    is_row_deleted = any(find_element(row, "w:trPr/w:del") is not None for row in rows)
    return is_row_deleted or is_contents_line(paragraph)


def _texts(paragraph: Element) -> Iterator[str]:
    """Yield the texts of a paragraph; those of paragraphs inside, such as in text boxes, are their own."""
    for node in iter_elements(paragraph, "w:t", "w:sym", *_SPACES, *_SIGNS):
        if not _is_text_of(node, paragraph):
            continue
        if node.tag == qn("w:t"):
            yield node.text or ""
        elif node.tag == qn("w:sym"):
            yield symbol_text(node)
        else:
            yield _SIGNS.get(f"w:{local_name(node)}", " ")


def _is_text_of(node: Element, paragraph: Element) -> bool:
    for outer in node.iterancestors():
        if outer is paragraph:
            return not any(local_name(above) in _GONE for above in paragraph.iterancestors())
        if local_name(outer) in (*_GONE, "p", "tabs"):
            return False
    return False
