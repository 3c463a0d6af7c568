"""Style sheets: parsed, and written again with the rules, properties and functions that are known. Pure."""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from colorsys import hls_to_rgb, rgb_to_hls
from functools import cache, partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from nioc_paper.model import spelling_hint
from nioc_paper.model.lazy_regex import late_pattern

FONT_FAMILIES = ("Source Serif Pro", "Source Sans Pro", "Source Code Pro")
"""Families that every output has."""
_NUMBER = r"\d{1,4}(?:\.\d{1,4})?"
_FAMILIES = r"[^\W\d_][\w.-]*(?:,? [\w.-]+)*"
_FORMS: Mapping[str, str] = {
    rf"(?![0.]+pt){_NUMBER}pt": "a length in pt",
    f"{_NUMBER}(?:mm|pt)": "a length in mm or pt",
    _NUMBER: "a number",
    "#[0-9a-fA-F]{6}": "a colour as #rrggbb",
    _FAMILIES: "the name of a font",
}
"""Forms of the values of a theme, as Word and charts can hold them too."""
_SHORT_COLOUR = late_pattern("#([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])")
_LONG_NUMBER = late_pattern(r"\d{1000,}")
_KEYWORDS = ("inherit", "initial", "unset", "revert", "none", "auto", "context-fill", "context-stroke")
"""Values of a property of colours that are no colours."""
_MIN_CONTRAST = 4.5
_INKS = ("ink", "muted", "accent", "accent-strong", "alert", "put-in", "taken-out", "moved")
_WITH_MEANING = late_pattern(r"(?:dark-)?(?:alert.*|put-in|taken-out|moved|series-[2-9])|accent")
"""Colours that do not follow the accent."""
_SAME_HUE = 1 / 12
_GROUNDS = ("cover-ink", "cover"), *product(_INKS, ["paper"])
"""Colours of words, each with the colour behind them."""


@cache
def known_names(kind: str) -> frozenset[str]:
    """Return the known at-rules, properties, functions, or elements or attributes of drawings, in small letters."""
    text = Path(__file__).with_name("style-names.txt").read_text(encoding="utf-8")
    return frozenset(re.search(rf"^{kind}:([^:]*)$", text, re.MULTILINE)[1].split())  # type: ignore[index]


class StyleFault(NamedTuple):
    """Part of a style sheet that is left out."""

    line: int
    column: int
    message: str
    hint: str = ""
    is_address: bool = False


Report = Callable[[StyleFault], None]


def with_short_numbers(text: str) -> str:
    """Return a text without numbers that Python refuses to read: no value has so many digits."""
    return _LONG_NUMBER.sub("999999", text)


def rewrite_sheet(text: str, files: Collection[str] = (), *, report: Report = lambda _: None) -> str:
    """Return a style sheet without what is unknown. An address in it is that of a part of a drawing, or of a file."""
    import tinycss2  # type: ignore[import-untyped] # late, here as below: few papers have a style sheet of their own

    text = with_short_numbers(text)
    try:
        if tinycss2.parse_component_value_list(f"{text}\n}}")[-1].type != "error":
            last = [rule for rule in tinycss2.parse_stylesheet(text, True, True) if rule.type != "error"][-1:]
            line = last[0].source_line if last else 1
            report(StyleFault(line, 1, "a bracket, a quotation mark or a comment is never closed", "close it"))
        return str(tinycss2.serialize(_SheetFilter(files, report).keep(tinycss2.parse_stylesheet(text))))
    except RecursionError:
        report(StyleFault(1, 1, "brackets are nested too deeply", "nest them less"))
        return ""


@cache
def rewrite_style(text: str) -> str:
    """Return declarations of an element without what is unknown, vendors' properties and comments."""
    import tinycss2

    with contextlib.suppress(RecursionError):
        parsed = tinycss2.parse_blocks_contents(with_short_numbers(text), True, True)
        nodes = _SheetFilter((), lambda _: None).keep(parsed)
        known = (node for node in nodes if node.type == "declaration" and not node.name.startswith("-"))
        return ";".join(tinycss2.serialize([node]).strip(";") for node in known)
    return ""


def declarations_of(text: str) -> dict[str, str]:
    """Return the properties that the declarations of an element set, in small letters, with their values."""
    import tinycss2

    with contextlib.suppress(RecursionError):
        parsed = tinycss2.parse_blocks_contents(with_short_numbers(text), True, True) if text else ()
        nodes = sorted((node for node in parsed if node.type == "declaration"), key=lambda node: bool(node.important))
        return {node.lower_name: tinycss2.serialize(node.value).strip() for node in nodes}
    return {}


def has_address(text: str) -> bool:
    """Return whether a value or declarations of a drawing have an address that is not that of a part of it."""
    import tinycss2

    if "(" not in text and "\\" not in text:
        return False
    with contextlib.suppress(RecursionError):
        fault = _value_fault(tinycss2.parse_component_value_list(with_short_numbers(text)), ())
        return fault is not None and fault.is_address
    return True


class _SheetFilter:
    def __init__(self, files: Collection[str], report: Report) -> None:
        self.files, self.report = files, report

    def keep(self, nodes: Sequence[Any]) -> list[Any]:
        """Return the nodes that are known, with what is known in them."""
        return [node for node in nodes if node.type in ("whitespace", "comment") or self._is_kept(node)]

    def _is_kept(self, node: Any) -> bool:
        import tinycss2

        if fault := self._fault(node):
            self.report(fault)
        elif node.type != "declaration" and node.content is not None:
            node.content = self.keep(tinycss2.parse_blocks_contents(node.content))
        elif node.type == "declaration" and node.lower_name == "font-family":
            first = tinycss2.serialize(node.value).partition(",")[0].strip(" \"'")
            if first not in FONT_FAMILIES and not re.fullmatch(r"[a-z-]+|var\(.*", first):
                self.report(_missing_font(first, node.source_line, node.source_column))
        return not fault

    def _fault(self, node: Any) -> StyleFault | None:
        place = (node.source_line, node.source_column)
        if node.type == "error":
            return StyleFault(*place, f"the style sheet cannot be read here: {node.message}")
        if node.type == "at-rule" and node.lower_at_keyword not in known_names("at-rules"):
            hint = f"outputs have {' and '.join(FONT_FAMILIES)}" if node.lower_at_keyword == "font-face" else ""
            loads = node.lower_at_keyword == "import"
            message = f"'@{node.lower_at_keyword}' loads something" if loads else f"'@{node.at_keyword}' is not used"
            return StyleFault(*place, message, hint, loads)
        if node.type != "declaration":
            # For another program it may be a declaration.
            return _value_fault(node.prelude, (), known_names("selectors") | known_names("functions"))
        if not node.name.startswith("--") and node.lower_name not in known_names("properties"):
            hint, message = spelling_hint(node.name, known_names("properties")), "is no property that is used"
            # An address is the graver fault.
            return _value_fault(node.value, self.files) or StyleFault(*place, f"'{node.name}' {message}", hint)
        return _value_fault(node.value, self.files) or _colour_fault(node)


def _colour_fault(node: Any) -> StyleFault | None:
    """Return the fault of a colour that no program knows. A name that is not that of a colour has one part."""
    from tinycss2.color4 import parse_color  # type: ignore[import-untyped]

    parts = [token for token in node.value if token.type not in ("whitespace", "comment")]
    is_colour = node.lower_name.endswith("color") or node.lower_name in ("fill", "stroke")
    if not is_colour or len(parts) != 1 or parts[0].type not in ("ident", "hash", "string") or parse_color(parts[0]):
        return None
    if parts[0].type == "ident" and parts[0].lower_value in _KEYWORDS:
        return None
    place, value = (node.source_line, node.source_column), parts[0].serialize()[:40]
    return StyleFault(*place, f"'{value}' is no colour", "write the name of a colour, or #rrggbb")


def _missing_font(name: str, line: int, column: int = 1) -> StyleFault:
    hint = f"every output has {', '.join(FONT_FAMILIES)}"
    return StyleFault(line, column, f"not every output has the font '{name[:40]}'", hint)


def _value_fault(tokens: Sequence[Any], files: Collection[str], functions: Collection[str] = ()) -> StyleFault | None:
    """Return the first fault in a value: an address elsewhere, an unknown function, signs that cannot be read."""
    for token in tokens:
        inner = getattr(token, "arguments", None) or getattr(token, "content", None) or ()
        place = (token.source_line, token.source_column)
        fault = _value_fault(inner, files, functions)
        if token.type == "url" and not (re.fullmatch(r"#[^()'\"\s\\]+", token.value) or token.value in files):
            fault = StyleFault(*place, f"'{token.value[:60]}' is an address outside of the paper", is_address=True)
        elif token.type == "function" and token.lower_name not in (functions or known_names("functions")):
            names_address = any(part.type in ("string", "url", "function") for part in inner)
            fault = StyleFault(*place, f"'{token.name}()' is not used", is_address=names_address)
        elif token.type == "error":
            fault = StyleFault(*place, f"a value cannot be read: {token.message}", is_address=token.kind == "bad-url")
        if fault:
            return fault
    return None


# --- the theme --------------------------------------------------------------------------------------------------------


def _custom_properties(css: str) -> Iterator[tuple[str, str, int]]:
    """Yield the names, values and lines of custom properties: no dashes or quotation marks, colours with six digits."""
    import tinycss2

    for rule in tinycss2.parse_stylesheet(css, True, True):
        for node in tinycss2.parse_blocks_contents(rule.content, True, True) if rule.type == "qualified-rule" else ():
            if node.type == "declaration" and node.name.startswith("--"):
                plain = tinycss2.serialize(node.value).strip().replace('"', "").replace("'", "")
                short = _SHORT_COLOUR.fullmatch(plain)
                colour = "#" + "".join(2 * digit for digit in short.groups()) if short else plain
                yield node.name[2:], colour, node.source_line


def theme_values(shipped_css: str, css: str) -> dict[str, str]:
    """Return the custom properties of a theme; the last of a name counts.

    A missing one is the tool's, and so is one that has not the form of the tool's; a colour follows the own accent.
    """
    shipped = {name: value for name, value, _ in _custom_properties(shipped_css)}
    values = [(n, value) for n, value, _ in _custom_properties(css) if not _missed_form(value, _usual(n, shipped))]
    own = {n: value for n, value in values if value != shipped.get(n)}  # the sheet may begin with that of the tool
    return {**shipped, **(_colours_of_accent(shipped, own["accent"]) if "accent" in own else {}), **own}


def _colours_of_accent(shipped: Mapping[str, str], accent: str) -> dict[str, str]:
    """Return the colours that have the hue of the tool's accent in another hue: each keeps its luminance."""
    old, new = (rgb_to_hls(*_channels(colour)) for colour in (shipped["accent"], accent))
    colours: dict[str, str] = {}
    for name, value in shipped.items():
        if value.startswith("#") and not _WITH_MEANING.fullmatch(name):
            hue, _, saturation = rgb_to_hls(*_channels(value))
            if abs(hue - old[0]) < _SAME_HUE:
                shades = partial(_shade, new[0], min(1.0, saturation * new[2] / old[2]))
                colours[name] = shades(bisect_left(range(255), luminance(value), key=lambda n: luminance(shades(n))))
    return colours


def _shade(hue: float, saturation: float, lightness: int) -> str:
    """Return a colour as #rrggbb; the lightness is up to 255."""
    return "#" + "".join(f"{round(part * 255):02x}" for part in hls_to_rgb(hue, lightness / 255, saturation))


def _usual(name: str, shipped: Mapping[str, str]) -> str:
    return shipped.get(name) or (shipped.get("size-text", "") if name.startswith("size-") else "")


def _missed_form(value: str, usual: str) -> str:
    """Return the form that the tool's value has and this one has not; empty if there is none."""
    form = next((form for form in _FORMS if re.fullmatch(form, usual)), "")
    return _FORMS[form] if form and not re.fullmatch(form, value) else ""


def find_theme_faults(shipped_css: str, css: str, used_names: Collection[str]) -> Iterator[StyleFault]:
    """Yield the values of a theme that no output, or not every output, can use, and colours that are hard to read."""
    shipped = theme_values(shipped_css, "")
    values, lines = theme_values(shipped_css, css), dict[str, int]()
    for name, value, line in _custom_properties(css):
        lines[name] = line
        if name not in shipped and name not in used_names:
            yield StyleFault(line, 1, f"'--{name}' is used by no template", spelling_hint(name, shipped))
        elif form := _missed_form(value, _usual(name, shipped)):
            yield StyleFault(line, 1, f"'--{name}: {value[:40]}' is not used", f"write {form}")
        elif shipped.get(name) in FONT_FAMILIES and not {*FONT_FAMILIES}.issuperset(value.split(", ")):
            yield _missing_font(value, line)
    for prefix, (ink, ground) in product(("", "dark-"), _GROUNDS):
        names = (prefix + ink, prefix + ground)
        line = max(lines.get(name, 0) for name in names)
        if line and values.keys() >= {*names} and (contrast := _contrast(*map(values.get, names))) < _MIN_CONTRAST:
            message = f"words in '--{names[0]}' on '--{names[1]}' have a contrast of {contrast:.1f}"
            yield StyleFault(line, 1, message, f"{_MIN_CONTRAST} can be read: choose a darker or lighter colour")


def _contrast(*colours: str | None) -> float:
    """Return the contrast of two colours, as WCAG defines it."""
    dark, light = sorted(luminance(str(colour)) for colour in colours)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb, as WCAG 2.2 defines it."""
    parts = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _channels(colour))
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255
