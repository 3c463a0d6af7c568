"""Read the style of citations that the paper names: a shipped one, or an independent CSL file inside the paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nioc_paper.load import assets
from nioc_paper.load.paper_files import PaperFiles
from nioc_paper.model import SHIPPED_STYLES, CitationStyle, Diagnostic, Reporter, Settings, spelling_hint
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS
from nioc_paper.model.late_pattern import late_pattern

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SUFFIX = ".csl"
_MAX_BYTES = 2**20
_MAX_DEPTH = 100
_MAX_EXPANDED = 20_000_000
"""Maximum number of elements, with those of the macros that each one calls: a shipped style has a million."""
_LAW_OF_UNITED_STATES = late_pattern(r"\bPub\.\s*L\.(\s*Nos?\.)?\s*")
"""Label by which a fifth of all styles call every Act a public law of the United States."""
_CSL = "{http://purl.org/net/xbiblio/csl}"
_HINT = f"write {', '.join(SHIPPED_STYLES)}, or put an independent style from citationstyles.org into the paper"


def read_citation_style(files: PaperFiles, settings: Settings, report: Reporter) -> CitationStyle:
    """Return the style that paper.yaml names. A bad one is reported, and the default takes its place."""
    name, place = settings.csl, settings.place("csl")
    if name in SHIPPED_STYLES:
        return CitationStyle(name, is_numeric=name == "numeric")
    if not name.endswith(_SUFFIX):
        hint = spelling_hint(name, SHIPPED_STYLES)
        hint = hint if hint.startswith("did") else _HINT
        report(
            Diagnostic(place, "bad-template/citation-style", f"'{name}' is neither a style nor a .csl file", hint=hint)
        )
        return CitationStyle()
    path, data, problem = assets.read_asset(files, place.path, name, _MAX_BYTES)
    style = CitationStyle()
    if not problem:
        style, problem = _read_style(path, data)
    if problem:
        report(Diagnostic(place, "bad-template/citation-style", f"'{name}' {problem}", hint=_HINT))
    return style


def _read_style(path: str, data: bytes) -> tuple[CitationStyle, str]:
    """Return a style, and its problem as the end of a sentence about it; the default style if it has one."""
    # Late: few papers have a style of their own, and XML libraries are slow to import.
    from defusedxml import DefusedXmlException, ElementTree

    try:
        text = data.decode("utf-8-sig")
        root = ElementTree.fromstring(text.encode(), forbid_dtd=True)
    except (ValueError, SyntaxError, RecursionError, DefusedXmlException) as error:
        kind = "declares a type or entities" if isinstance(error, DefusedXmlException) else "is not XML in UTF-8"
        return CitationStyle(), kind
    problem = "has characters that no text may hold" if FORBIDDEN_CHARACTERS.search(text) else _find_problem(root)
    text = _LAW_OF_UNITED_STATES.sub("", text)
    return (CitationStyle(), problem) if problem else (CitationStyle(path, text, _is_numeric(root)), "")


def _is_numeric(root: Element) -> bool:
    categories = root.iter(f"{_CSL}category")
    return any(category.get("citation-format") in ("numeric", "label") for category in categories)


def _find_problem(root: Element) -> str:
    """Return the problem of a style's content; empty if it has none."""
    from nioc_paper.load.image_vetting import nesting_depth

    if root.tag != f"{_CSL}style":
        return "is not a CSL style"
    if nesting_depth(root) > _MAX_DEPTH:
        return "is nested too deeply"
    links = [link.get("href", "") for link in root.iter(f"{_CSL}link") if link.get("rel") == "independent-parent"]
    if links:
        return f"depends on another style: {links[0].rpartition('/')[2]}"
    if root.find(f"{_CSL}citation/{_CSL}layout") is None:
        return "has no layout of citations"
    if root.find(f"{_CSL}bibliography/{_CSL}layout") is None:
        return "has no list of references, to which citations lead"
    if root.get("class") == "note" and _uses_note_numbers(root):
        return "names the numbers of notes, which differ from output to output"
    return _macro_problem(root)


def _uses_note_numbers(root: Element) -> bool:
    return any(element.get("variable") == "first-reference-note-number" for element in root.iter(f"{_CSL}text"))


def _macro_problem(root: Element) -> str:
    """Return the problem of macros that do not exist, call themselves or multiply: pandoc would not end."""
    from nioc_paper.load.image_vetting import expanded_size

    macros = {macro.get("name", ""): macro for macro in root.iter(f"{_CSL}macro")}
    if unknown := ({name for each in root.iter() if (name := each.get("macro")) is not None} - macros.keys()):
        return f"calls the macro '{min(unknown)}', which it does not have"
    size = expanded_size(root, lambda element: element.get("macro"), macros)
    return "" if size <= _MAX_EXPANDED else "has a macro that calls itself, or calls others too often"
