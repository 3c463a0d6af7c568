"""WordprocessingML: elements, runs and fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from types import MappingProxyType

from lxml import etree

from nioc_paper.model import Node

Element = etree._Element  # noqa: SLF001 - lxml has no public name for the type of its elements

NAMESPACES = MappingProxyType(
    {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "w10": "urn:schemas-microsoft-com:office:word",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    }
)
W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
DECLARATIONS = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
BOOKMARK_TAGS = tuple(f"{{{NAMESPACES['w']}}}{name}" for name in ("bookmarkStart", "bookmarkEnd"))
_MAX_DIGITS = 6
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True)


@cache
def qn(name: str) -> str:
    """Return a prefixed name as lxml spells it: `w:p` becomes `{http://…}p`."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def parse(data: bytes) -> Element:
    """Return the root of a part's XML; entities stay unresolved and nothing is fetched."""
    return etree.fromstring(data, _PARSER)


def parse_element(xml: str) -> Element:
    """Return one element of Word's XML, with the prefixes of NAMESPACES."""
    return parse(f"<_ {DECLARATIONS}>{xml}</_>".encode())[0]


def find_element(node: Element, path: str) -> Element | None:
    """Return the first element at a path of prefixed names."""
    return _find_below(node, _qualified_steps(path))


@cache
def _qualified_steps(path: str) -> tuple[str, ...]:
    return tuple(map(qn, path.split("/")))


def _find_below(node: Element, steps: tuple[str, ...]) -> Element | None:
    # Reading a Word file spends most of its time here: `find`, which reads paths of its own, takes twice as long.
    for child in node.iterchildren(steps[0]):
        element = child if len(steps) == 1 else _find_below(child, steps[1:])
        if element is not None:
            return element
    return None


def first_children(node: Element | None) -> Mapping[str, Element]:
    """Return the first child of each name, by its name as lxml spells it; none if the element is missing."""
    return {} if node is None else {str(child.tag): child for child in node.iterchildren(reversed=True)}


def iter_elements(node: Element, *names: str) -> Iterator[Element]:
    """Yield every element with one of these prefixed names, in document order."""
    return node.iter(*(qn(name) for name in names))


def get_attribute(node: Element | None, name: str = "w:val") -> str:
    """Return an attribute by its prefixed name; empty if it, or the element, is missing."""
    return "" if node is None else str(node.get(qn(name), ""))


def local_name(node: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(node.tag).rpartition("}")[2]


def is_copy(node: Element) -> bool:
    """Return whether an element is in a copy for old programs, which repeats what is beside it."""
    return any(local_name(outer) == "Fallback" for outer in node.iterancestors())


def text_content(node: Element) -> str:
    """Return the text of an element's `w:t` elements, without separators."""
    return "".join(t.text or "" for t in iter_elements(node, "w:t"))


def number_attribute(node: Element | None, name: str, default: int) -> int:
    """Return an attribute that is a number from 0 to what Word can lay out; otherwise the default."""
    text = get_attribute(node, name)
    return int(text) if text.isdecimal() and len(text) <= _MAX_DIGITS else default


def get_or_add_first(node: Element, name: str) -> Element:
    """Return the first child of this name, such as a paragraph's properties; adds it if it is missing."""
    if (first := node.find(qn(name))) is None:
        first = parse_element(f"<{name}/>")
        node.insert(0, first)
    return first


def adjacent_sibling(node: Element, *, before: bool = False) -> Element | None:
    """Return the next sibling that is not a bookmark, or the one `before`."""
    return next((n for n in node.itersiblings(preceding=before) if n.tag not in BOOKMARK_TAGS), None)


def remove_element(node: Element) -> None:
    """Remove an element from its parent, if it has one."""
    if (parent := node.getparent()) is not None:
        parent.remove(node)


def paragraph_style(node: Element | None) -> str:
    """Return the id of a paragraph's style; empty if it, or the paragraph, is missing."""
    return "" if node is None else get_attribute(find_element(node, "w:pPr/w:pStyle"))


def insert_property(paragraph: Element, new: Element) -> Element:
    """Add a paragraph property at its place in Word's schema; returns the existing one if there is one."""
    properties = get_or_add_first(paragraph, "w:pPr")
    if (old := properties.find(new.tag)) is not None:
        return old
    before = _PROPERTY_ORDER[: _PROPERTY_ORDER.index(new.tag)]
    properties.insert(sum(node.tag in before for node in properties), new)
    return new


# --- markers in pandoc's tree ----------------------------------------------------------------------------------------


def raw_node(xml: str, *, block: bool = False) -> Node:
    """Return Word's own XML as a node of the tree: paragraphs if `block`, otherwise runs."""
    return {"t": "RawBlock" if block else "RawInline", "c": ["openxml", xml]}


def run_xml(text: str, style: str = "") -> str:
    """Return a run of text, in a character style if one is named."""
    return f'<w:r>{_run_properties_xml(style)}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def tab_xml() -> str:
    """Return a run with one tab."""
    return "<w:r><w:tab/></w:r>"


def field_xml(code: str, cached: str, style: str = "") -> str:
    """Return the runs of a field with the text it shows until it is updated."""
    return f"{field_begin_xml(code, style)}{run_xml(cached, style)}{field_end_xml(style)}"


def field_begin_xml(code: str, style: str = "") -> str:
    """Return the runs that open a field; its cached text follows, up to `field_end_xml`."""
    look = _run_properties_xml(style)
    return _field_mark_xml("begin", look) + _instruction_xml(code, look) + _field_mark_xml("separate", look)


def field_end_xml(style: str = "") -> str:
    """Return the run that closes a field."""
    return _field_mark_xml("end", _run_properties_xml(style))


def hidden_field_xml(code: str) -> str:
    """Return the runs of a field that only marks a place: hidden, never printed."""
    vanish = "<w:rPr><w:vanish/></w:rPr>"
    return _field_mark_xml("begin", vanish) + _instruction_xml(code, vanish) + _field_mark_xml("end", vanish)


def bookmark_start_xml(name: str) -> str:
    """Return the start of a bookmark. Its name is also its id until all bookmarks of the file are numbered."""
    return f'<w:bookmarkStart w:id="{name}" w:name="{name}"/>'


def bookmark_end_xml(name: str) -> str:
    """Return the end of the bookmark of this name."""
    return f'<w:bookmarkEnd w:id="{name}"/>'


def _field_mark_xml(kind: str, properties: str) -> str:
    return f'<w:r>{properties}<w:fldChar w:fldCharType="{kind}"/></w:r>'


def _instruction_xml(code: str, properties: str) -> str:
    return f'<w:r>{properties}<w:instrText xml:space="preserve"> {escape(code)} </w:instrText></w:r>'


def _run_properties_xml(style: str) -> str:
    return f'<w:rPr><w:rStyle w:val="{style}"/></w:rPr>' if style else ""


_PROPERTY_ORDER = tuple(map(qn, (
    "w:pStyle", "w:keepNext", "w:keepLines", "w:pageBreakBefore", "w:framePr", "w:widowControl", "w:numPr",
    "w:suppressLineNumbers", "w:pBdr", "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:kinsoku", "w:wordWrap",
    "w:overflowPunct", "w:topLinePunct", "w:autoSpaceDE", "w:autoSpaceDN", "w:bidi", "w:adjustRightInd",
    "w:snapToGrid", "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:suppressOverlap", "w:jc",
    "w:textDirection", "w:textAlignment", "w:textboxTightWrap", "w:outlineLvl", "w:divId", "w:cnfStyle", "w:rPr",
    "w:sectPr", "w:pPrChange",
)))  # fmt: skip
"""Properties of a paragraph in the order of the schema (ECMA-376 part 1, 17.3.1.26); Word refuses some others."""
