"""Turn a foreign Word file, as read by pandoc, into the text of a chapter, and list the losses. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.model import Node, format_count
from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import Element, find_element, get_attribute, iter_elements, text_content
from nioc_paper.review.docx.special_content import text_boxes
from nioc_paper.review.docx.word_count import drawn_words, split_words
from nioc_paper.tree.chapter_markdown import fit_to_chapter, split_for_escapes

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
_PLURALS: Mapping[str, str] = {"text box": "text boxes", "header or footer": "headers and footers"}


def split_title(blocks: Sequence[Node], metadata_title: str) -> tuple[str, list[Node]]:
    """Return the title and the blocks below it: the metadata's, or the only heading of level 1 if it is first."""
    highest = [n for n in blocks if n["t"] == "Header" and n["c"][0] == 1]
    if not metadata_title and len(highest) == 1 and blocks[0] is highest[0]:
        return tree.plain_text(highest[0]["c"][2]), list(blocks[1:])
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
        return list(node["c"][1] if kind in tree.TYPES_WITH_ATTR else node["c"])
    if kind in ("RawBlock", "RawInline"):
        return []
    if kind == "Str":
        return split_for_escapes(node["c"])
    if kind == "Link" and not node["c"][2][0].startswith(_KEPT_SCHEMES):
        return list(node["c"][1])
    return node


def fit_blocks(blocks: Sequence[Node], pictures: Mapping[str, str] = MappingProxyType({})) -> list[Node]:
    """Return blocks that fit a chapter: headings from level 2, a sentence per line, no markup of Word.

    `pictures` has the files of pictures by the names that pandoc gives them; others become their names.
    """

    def fit_node(node: Node) -> Node | list[Node]:
        kind = node["t"]
        if kind == "Image":
            return _fit_image(node, pictures)
        if kind == "Header":
            return {**node, "c": [node["c"][0], tree.attr(), node["c"][2]]}
        if kind == "Figure":
            return [*node["c"][2], *node["c"][1][1]]
        return _without_word_markup(node)

    return fit_to_chapter(tree.rewrite(fit_node, blocks))


def _fit_image(image: Node, pictures: Mapping[str, str]) -> list[Node]:
    """Return a picture with its file in the paper; its name if it has none."""
    _, inlines, (target, _) = image["c"]
    alt = tree.plain_text(inlines)
    if target not in pictures:
        return tree.text_inlines(f"[picture: {alt or target}]")
    return [{"t": "Image", "c": [["", [], [["alt", alt]] if alt else []], [], [pictures[target], ""]]}]


def list_losses(package: Package) -> list[str]:
    """Return a line per kind of content that a chapter cannot hold or holds otherwise, with its number."""
    body = package.body
    names = package.part_names("word/")
    counts = [
        (sum(1 for _ in text_boxes(body)), "text box", "its words follow the paragraph that it was beside"),
        (
            sum(1 for n in iter_elements(body, *_TRACKED_CHANGES) if get_attribute(n, "w:author")),
            "tracked change",
            "accepted",
        ),
        (sum(name.startswith("word/charts/chart") for name in names), "chart", "left out"),
        (sum(1 for _ in _headers_footers(package, names)), "header or footer", "left out"),
        (
            sum(_count_fields(body).values()),
            "field",
            f"the words that it showed are kept: {', '.join(_count_fields(body))}",
        ),
    ]
    direct_formatting = [
        description
        for tag, description in _DIRECT_FORMATTING.items()
        if any(find_element(run, f"w:rPr/{tag}") is not None for run in iter_elements(body, "w:r"))
    ]
    lines = [f"{format_count(n, noun, _PLURALS.get(noun, ''))}: {what}" for n, noun, what in counts if n]
    if words := drawn_words(package):
        lines.append(f"{format_count(len(words), 'word')} in drawings: left out: {', '.join(words)}")
    return lines + ([f"direct formatting: {', '.join(direct_formatting)}"] if direct_formatting else [])


def _headers_footers(package: Package, names: Sequence[str]) -> Iterator[str]:
    """Yield the texts of headers and footers that are not empty."""
    for name in names:
        if re.match(r"word/(header|footer)\d*\.xml", name):
            root = package.xml_root(name)
            watermarks = (node.get("string", "") for node in iter_elements(root, "v:textpath"))
            if text := "".join((text_content(root), *watermarks)).strip():
                yield text


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
    return [block for term, meanings in node["c"] for block in (tree.para(term), *chain(*meanings))]
