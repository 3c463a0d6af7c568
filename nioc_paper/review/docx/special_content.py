"""Content of a Word file other than words: signs of symbol fonts, text boxes, pictures, drawings, formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from nioc_paper.ooxml.xml import Element, get_attribute, is_copy, iter_elements, local_name, text_content

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_PRIVATE_USE = range(0xF000, 0xF100)
"""Characters of symbol fonts in Word: the code in the font, with F0 before it."""
_SYMBOL_FONT: Mapping[int, str] = {
    **dict(zip(b"abgdezhqiklmnxoprstufcyw", "αβγδεζηθικλμνξοπρστυφχψω", strict=True)),
    **dict(zip(b"ABGDEZHQIKLMNXOPRSTUFCYW", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ", strict=True)),
    **dict(zip(b"0123456789()+.,%/=<>", "0123456789()+.,%/=<>", strict=True)),
    0x2D: "−", 0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±",
    0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xBC: "…", 0xCE: "∈", 0xD6: "√",
    0xDB: "⇔", 0xDC: "⇐", 0xDE: "⇒", 0xE5: "∑",
}  # fmt: skip
"""Characters by their code in the font Symbol (Adobe's encoding)."""


class SpecialContent(NamedTuple):
    """Kind of content, and a value that is equal for equal content."""

    kind: str
    value: str


def symbol_text(node: Element) -> str:
    """Return the character of a `w:sym`; empty if its font alone gives it a meaning."""
    try:
        code = int(get_attribute(node, "w:char"), 16)
    except ValueError:
        return ""
    if code not in _PRIVATE_USE:
        return chr(code) if 0x20 < code < 0xD800 else ""
    is_symbol = get_attribute(node, "w:font").casefold() == "symbol"
    return _SYMBOL_FONT.get(code - _PRIVATE_USE.start, "") if is_symbol else ""


def symbol_name(node: Element) -> str:
    """Return the font and code of a `w:sym`."""
    return f"{get_attribute(node, 'w:font')} {get_attribute(node, 'w:char').upper()}"


def drawn_content(node: Element, image_hashes: Mapping[str, str]) -> Iterator[SpecialContent]:
    """Yield the text boxes and pictures of a drawing; a drawing of neither as one."""
    boxes = [" ".join(text_content(p) for p in iter_elements(box, "w:p")) for box in text_boxes(node)]
    yield from (SpecialContent("box", words) for words in boxes)
    names = [get_attribute(blip, "r:embed") for blip in iter_elements(node, "a:blip")]
    names += [get_attribute(data, "r:id") for data in iter_elements(node, "v:imagedata")]
    picture = next(filter(None, names), "")
    if picture:
        yield SpecialContent("image", f"{image_hashes.get(picture, '')} {_alt_text(node)}")
    elif not boxes:
        yield SpecialContent("drawing", "")


def _alt_text(node: Element) -> str:
    """Return the alternative text of a picture: its title and its description."""
    picture = next(iter_elements(node, "wp:docPr"), None)
    names = ("title", "descr") if picture is not None else ("title", "alt")
    shape = next(iter_elements(node, "v:shape"), None) if picture is None else picture
    return " ".join(" ".join(shape.get(name, "") for name in names).split()) if shape is not None else ""


def text_boxes(node: Element) -> Iterator[Element]:
    """Yield the text boxes in an element, without the copies for old programs."""
    return (box for box in iter_elements(node, "w:txbxContent") if not is_copy(box))


def formula_text(node: Element) -> str:
    """Return the letters and signs of a formula that are not deleted."""
    letters = (t for t in node.iter(f"{MATH}t") if not any(local_name(outer) == "del" for outer in t.iterancestors()))
    return "".join(t.text or "" for t in letters)
