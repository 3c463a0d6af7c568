"""Merge of our styles and the template's: the template's by name or by the table in paper.yaml, ours for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy

from lxml import etree
from msgspec import Struct

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.xml import (
    Element,
    find_element,
    get_attribute,
    insert_property,
    iter_elements,
    number_attribute,
    parse_element,
    qn,
    remove_element,
)
from nioc_paper.render.word.styles import STYLES
from nioc_paper.render.word.template.template_file import TemplateFile

STYLES_PART = "word/styles.xml"
TABLE_STYLE = "Table"
OWN_STYLE_NAMES = (*(style.name for style in STYLES), TABLE_STYLE)
"""Names of all our styles."""
KIND_BY_NAME = {style.name.casefold(): style.kind for style in STYLES} | {TABLE_STYLE.casefold(): "table"}
"""By name in lower case: `paragraph`, `character` or `table`."""
_STYLE_LINKS = ("w:basedOn", "w:next", "w:link")
_STYLE_USES = ("w:pStyle", "w:rStyle", "w:tblStyle")
_UNNUMBERED = "<w:numPr><w:numId w:val='0'/></w:numPr>"


class MergedStyles(Struct, frozen=True):
    """Result of the merge of our styles."""

    ids: Mapping[str, str]
    """New ids by ours, for styles with another id."""
    names: Mapping[str, str]
    """New names by ours in lower case, for styles with another name."""
    added: Sequence[str]
    """Names of ours that the template lacks."""


def merge_styles(package: Package, template: TemplateFile, template_names: Mapping[str, str]) -> MergedStyles:
    """Put the template's styles into the file, and those of ours that it lacks beside them.

    `template_names` are names of the template's styles by ours in lower case. Uses of styles are renamed later.
    """
    root = deepcopy(template.root("styles"))
    own_styles = {
        get_attribute(style, "w:styleId"): style for style in iter_elements(package.xml_root(STYLES_PART), "w:style")
    }
    twins = {
        own: twin
        for own, style in own_styles.items()
        if (twin := _template_twin(style, template, template_names)) is not None
    }
    missing = _styles_in_use({own: style for own, style in own_styles.items() if own not in twins}, package)
    ids = {own: get_attribute(twin, "w:styleId") for own, twin in twins.items()} | _unused_ids(missing, template)
    copy_lists(package, template, root)
    _remove_numbering(root, {get_attribute(twin, "w:styleId") for twin in twins.values()})
    root.extend(_adapt_style(style, ids, root) for style in missing.values())
    if TABLE_STYLE in twins:
        _remove_heading_colour(root)
    package.set_part(STYLES_PART, etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True))
    names = {_style_name(own_styles[own]).casefold(): _style_name(twin) for own, twin in twins.items()}
    return MergedStyles(
        ids, names, [name for name in OWN_STYLE_NAMES if name in {_style_name(style) for style in missing.values()}]
    )


def _style_name(style: Element) -> str:
    return get_attribute(find_element(style, "w:name"))


def _template_twin(style: Element, template: TemplateFile, template_names: Mapping[str, str]) -> Element | None:
    name = _style_name(style).casefold()
    return template.styles.get((get_attribute(style, "w:type"), template_names.get(name, name).casefold()))


def _styles_in_use(missing: Mapping[str, Element], package: Package) -> dict[str, Element]:
    """Return our styles, and those of pandoc that something uses or that others are based on."""
    used = {
        get_attribute(node)
        for part in parts_with_own_styles(package)
        for node in iter_elements(package.xml_root(part), *_STYLE_USES)
    }
    needed = {
        own
        for own, style in missing.items()
        if own in used or _style_name(style) in OWN_STYLE_NAMES or get_attribute(style, "w:default")
    }
    while (
        more := {get_attribute(find_element(missing[own], link)) for own in needed for link in _STYLE_LINKS}
        & missing.keys() - needed
    ):
        needed |= more
    return {own: style for own, style in missing.items() if own in needed}


def parts_with_own_styles(package: Package) -> Iterator[str]:
    """Yield the parts that refer to our styles: text, notes, headers and footers."""
    yield "word/document.xml"
    for kind in ("footnotes", "header", "footer"):
        yield from sorted(name for _, name in package.related_parts(kind) if "/template/" not in name)


def _unused_ids(missing: Iterable[str], template: TemplateFile) -> dict[str, str]:
    """Return our ids that no style of the template has."""
    used_ids = {get_attribute(style, "w:styleId").casefold() for style in template.styles.values()}
    return {own: f"{own}Own" if own.casefold() in used_ids else own for own in missing}


def _adapt_style(style: Element, ids: Mapping[str, str], root: Element) -> Element:
    """Return one of our styles in the template's form."""
    new = deepcopy(style)
    new.set(qn("w:styleId"), ids[get_attribute(style, "w:styleId")])
    kind = get_attribute(style, "w:type")
    if any(get_attribute(other, "w:default") and get_attribute(other, "w:type") == kind for other in root):
        new.attrib.pop(qn("w:default"), "")
    for link in [node for name in _STYLE_LINKS for node in new.findall(qn(name))]:
        if get_attribute(link) in ids:
            link.set(qn("w:val"), ids[get_attribute(link)])
        else:
            remove_element(link)
    return new


def _remove_numbering(root: Element, used: set[str]) -> None:
    """Remove numbering from the template's styles: our numbers are in the text, the same in every format."""
    styles = {get_attribute(style, "w:styleId"): style for style in iter_elements(root, "w:style")}
    for style in (styles[own] for own in used):
        base: Element | None = style
        while base is not None and find_element(base, "w:pPr/w:numPr") is None:
            base = styles.get(get_attribute(find_element(base, "w:basedOn")))
        if base is not None:
            for old in style.findall(f"{qn('w:pPr')}/{qn('w:numPr')}"):
                remove_element(old)
            _ensure_paragraph_props(style)
            insert_property(style, parse_element(_UNNUMBERED))


def _ensure_paragraph_props(style: Element) -> None:
    """Insert paragraph properties after the names of a style, before its character properties."""
    if find_element(style, "w:pPr") is None:
        runs = find_element(style, "w:rPr")
        place = len(style) if runs is None else style.index(runs)
        style.insert(place, parse_element("<w:pPr/>"))


def _remove_heading_colour(root: Element) -> None:
    """White is for heads on our own dark background."""
    for style in iter_elements(root, "w:style"):
        colour = find_element(style, "w:rPr/w:color")
        if _style_name(style) == "Table Heading" and colour is not None:
            remove_element(colour)


def rename_styles(package: Package, merged: MergedStyles) -> None:
    """Rename every use of our styles, in fields too."""
    for part in parts_with_own_styles(package):
        for node in iter_elements(package.xml_root(part), *_STYLE_USES):
            node.set(qn("w:val"), merged.ids.get(get_attribute(node), get_attribute(node)))
        for node in iter_elements(package.xml_root(part), "w:instrText"):
            node.text = _rename_in_field(node.text or "", merged.names)


def _rename_in_field(code: str, names: Mapping[str, str]) -> str:
    r"""Rename the styles in a field's code: `STYLEREF "Heading 1"`, `TOC \t "Part,1,Heading 1,2"`."""
    if not code.lstrip().startswith(("STYLEREF", "TOC")) or '"' not in code:
        return code
    before, quoted, after = code.split('"', 2)
    return '"'.join((before, ",".join(names.get(word.casefold(), word) for word in quoted.split(",")), after))


# --- lists of the template's styles, beside those of the text ---------------------------------------------------------


_PART = "word/numbering.xml"
_NUMBER_OFFSET = 5000
"""Pandoc numbers its lists from about 1000."""


def copy_lists(package: Package, template: TemplateFile, styles: Element) -> None:
    """Copy the template's lists under new numbers, and let its styles use them."""
    ours, theirs = package.xml_root(_PART), deepcopy(template.root("numbering"))
    for picture in list(iter_elements(theirs, "w:lvlPicBulletId")):
        remove_element(picture)
    for node in [*iter_elements(theirs, "w:abstractNumId", "w:numId"), *iter_elements(styles, "w:numId")]:
        if get_attribute(node) != "0":
            _shift_number(node, "w:val")
    first = next((index for index, node in enumerate(ours) if node.tag == qn("w:num")), len(ours))
    for index, pattern in enumerate(theirs.findall(qn("w:abstractNum"))):
        _shift_number(pattern, "w:abstractNumId")
        ours.insert(first + index, pattern)
    for list_ in theirs.findall(qn("w:num")):
        _shift_number(list_, "w:numId")
        ours.append(list_)


def _shift_number(node: Element, attribute: str) -> None:
    node.set(qn(attribute), str(number_attribute(node, attribute, 0) + _NUMBER_OFFSET))
