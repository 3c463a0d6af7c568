"""Read a paper's own templates: they must be free of scripts and of remote addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nioc_paper.domain.style_sheets import StyleFault, find_theme_faults, rewrite_sheet
from nioc_paper.load import assets
from nioc_paper.load.assets import vet_picture
from nioc_paper.load.load_context import PaperFiles
from nioc_paper.model import (
    SHIPPED_STYLES,
    Asset,
    CitationStyle,
    Diagnostic,
    Place,
    Reporter,
    Settings,
    Severity,
    Templates,
    WordTemplateFile,
    report_all,
    spelling_hint,
)
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS
from nioc_paper.model.lazy_regex import late_pattern
from nioc_paper.system import safe_read
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TEMPLATES_FOLDER = "templates"
_THEME = "theme.css"
_MAX_BYTES = 2 * 2**20
_MAX_FILES = 500
_DRAWN_TEMPLATE = f"{TEMPLATES_FOLDER}/cover.svg"
"""Template of a drawing, which is only ever shown as a PNG; the other drawings are copied as they are."""
_SCRIPTS = late_pattern(
    r"""<\s*(?P<element>script|iframe|object|embed|applet|base|portal)\b
    |[\s"'/](?P<handler>on[a-z]{3,})\s*=
    |(?P<address>(?:java|vb)script\s*:)
    |(?P<refresh>http-equiv\s*=\s*["']?\s*refresh)""",
    re.IGNORECASE | re.VERBOSE,
)
_REMOTE = late_pattern(
    r"""(?:\b(?:src|srcset|data|poster|action|formaction|background|manifest|ping)\s*=\s*["']?
    |<\s*(?:link|use|image|feImage)\b[^>]*?\bhref\s*=\s*["']?
    |url\(\s*["']?|@import\s+["']?)\s*(?P<address>(?:[a-z][a-z0-9+.-]*:)?//[^\s"'()<>]*)""",
    re.IGNORECASE | re.VERBOSE,
)
_VARIABLE_USE = late_pattern(r"var\(\s*--([\w-]+)")
_REMOTE_HINT = "outputs load nothing from other places: put the file into the paper, or make it a link"
_DRAWING_HINT = "draw it as any other picture of a paper: it is copied as it is"
_SCRIPT_HINT = "delete it: outputs run no scripts but the tool's own"


def read_templates(root: Path) -> Templates:
    """Return the paper's own templates, and the tool's for all others; `report_templates` reports their faults.

    Scripts are always the tool's. A theme is read after the tool's, so it needs to set only what differs.
    """
    shipped = default_templates()
    own = {name: data for name, data in _read_changed(root, lambda _: None).items() if not name.endswith(".js")}
    if not own:
        return shipped
    for name, data in own.items():
        if name.endswith(".css"):
            own[name] = rewrite_sheet(data.decode(errors="replace"), _file_names(own)).encode()
    if _THEME in own:
        own[_THEME] = shipped.files[_THEME] + b"\n" + own[_THEME]
    is_rendered = any(name.endswith(".html") or name == "cover.svg" for name in own)
    return Templates({**shipped.files, **own}, from_paper=is_rendered)


def report_templates(root: Path, report: Reporter, cache: Cache) -> None:
    """Report the faults of the templates that differ from the tool's; drawings are vetted once, by content."""
    changed = _read_changed(root, report)
    for name in sorted(changed):
        path = f"{TEMPLATES_FOLDER}/{name}"
        faults = _style_faults(path, changed) if name.endswith(".css") else _template_faults(path, changed[name], cache)
        report_all(faults, report)


def _file_names(own: Iterable[str]) -> set[str]:
    """Return the names by which style sheets may call the files of the templates."""
    return {name for file in (*default_templates().files, *own) for name in (file, file.rpartition("/")[2])}


def _style_faults(path: str, changed: Mapping[str, bytes]) -> Iterator[Diagnostic]:
    """Yield what is left out of a style sheet, and the values of a theme that are not used or hard to read."""
    shipped, name = default_templates(), path.removeprefix(f"{TEMPLATES_FOLDER}/")
    text, faults = changed[name].decode(errors="replace"), list[StyleFault]()
    rewritten = rewrite_sheet(text, _file_names(changed), report=faults.append)
    if name == _THEME:
        templates = (data.decode(errors="replace") for data in {**shipped.files, **changed}.values())
        used_names = {name for template in templates for name in _VARIABLE_USE.findall(template)}
        faults += find_theme_faults(shipped.text(_THEME), rewritten, used_names)
    for fault in sorted(faults):
        rule, severity = ("remote-address", Severity.ERROR) if fault.is_address else ("style", Severity.WARNING)
        hint = _REMOTE_HINT if fault.is_address else fault.hint
        yield Diagnostic(Place(path, fault.line, fault.column), f"bad-template/{rule}", fault.message, severity, hint)


def _read_changed(root: Path, report: Reporter) -> dict[str, bytes]:
    shipped = default_templates().files
    return {name: data for name, data in read_templates_folder(root, report).items() if data != shipped.get(name)}


def read_templates_folder(root: Path, report: Reporter = lambda _: None) -> dict[str, bytes]:
    """Return the files below templates/ by name. Those that cannot be read are reported."""
    files: dict[str, bytes] = {}
    for path in safe_read.walk_files(root, TEMPLATES_FOLDER):
        name = path.removeprefix(f"{TEMPLATES_FOLDER}/")
        if len(files) == _MAX_FILES:
            report(Diagnostic(Place(path), "unreadable-file", f"is one more than the {_MAX_FILES} that are read"))
            break
        try:
            files[name] = safe_read.read(root, path, _MAX_BYTES)
        except safe_read.ConfinedError as error:
            report(Diagnostic(Place(path), "unreadable-file", str(error), hint="put a regular file in its place"))
    return files


def _template_faults(path: str, data: bytes, cache: Cache) -> Iterator[Diagnostic]:
    """Yield the scripts and remote addresses in a template."""
    if path.endswith(".js"):
        yield Diagnostic(Place(path), "bad-template/script", "scripts of a paper are not used", hint=_SCRIPT_HINT)
        return
    is_drawing = path.endswith(".svg") and path != _DRAWN_TEMPLATE
    if is_drawing and (problem := vet_picture(data, ".svg", cache)[0]):
        yield Diagnostic(Place(path), "bad-template/script", f"the drawing {problem}", hint=_DRAWING_HINT)
    elif path.endswith((".html", ".svg")):
        yield from _pattern_faults(path, data.decode(errors="replace"))


def _pattern_faults(path: str, text: str) -> Iterator[Diagnostic]:
    """Yield the scripts in a template that it does not share with ours, and its remote addresses."""
    # The script lines of the tool's own template of the same name
    shipped_text = default_templates().files.get(path.removeprefix(f"{TEMPLATES_FOLDER}/"), b"").decode()
    shipped_lines = {line.strip() for line in shipped_text.split("\n") if "<script" in line}
    for match in _SCRIPTS.finditer(text):
        place = _place_at(path, text, match.start())
        if text.split("\n")[place.line - 1].strip() not in shipped_lines:
            message = f"'{' '.join(match[0].split())}' could run a script"
            yield Diagnostic(place, "bad-template/script", message, hint=_SCRIPT_HINT)
    for match in _REMOTE.finditer(text):
        place = _place_at(path, text, match.start("address"))
        message = f"'{match['address']}' is an address outside of the paper"
        yield Diagnostic(place, "bad-template/remote-address", message, hint=_REMOTE_HINT)


def _place_at(path: str, text: str, pos: int) -> Place:
    return Place(path, text.count("\n", 0, pos) + 1, pos - text.rfind("\n", 0, pos))


# --- Word template that the paper names -------------------------------------------------------------------------------


_SUFFIXES = (".docx", ".dotx")
_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HINT = "save it in Word as a .dotx without macros, linked files and password, and put it into the paper"


def read_word_template(files: PaperFiles, settings: Settings, report: Reporter) -> WordTemplateFile | None:
    """Return the template that paper.yaml names. Returns None if it names none, or a bad one, which is reported."""
    name, place = settings.word.template, settings.place("word", "template")
    if not name:
        return None
    # Late: few papers have a template, and XML libraries are slow to import.
    from nioc_paper.ooxml import safety
    from nioc_paper.ooxml.attachment_removal import drop_attachments
    from nioc_paper.ooxml.safety import live_content

    path, data, problem = assets.read_asset(files, place.path, name, safety.MAX_BYTES)
    if not problem and not path.lower().endswith(_SUFFIXES):
        problem = "is not a .docx or .dotx file"
    data, attachments = drop_attachments(data)
    if problem := problem or safety.rejection_reason(data) or live_content(data):
        report(Diagnostic(place, "bad-template/word", f"'{name}' {problem}", hint=_HINT))
        return None
    if attachments:
        message = f"'{name}' is used without what it links or embeds: {', '.join(attachments)}"
        report(Diagnostic(place, "bad-template/word", message, Severity.INFO, _HINT))
    styles = {ours: (theirs, settings.place("word", "styles", ours)) for ours, theirs in settings.word.styles.items()}
    return WordTemplateFile(Asset(path, _MIME, data), place, styles)


# --- style of citations that the paper names --------------------------------------------------------------------------


_SUFFIX = ".csl"
_MAX_BYTES_OfStyle = 2**20
_MAX_DEPTH = 100
_MAX_EXPANDED = 20_000_000
"""Maximum number of elements, with those of the macros that each one calls: a shipped style has a million."""
_LAW_OF_UNITED_STATES = late_pattern(r"\bPub\.\s*L\.(\s*Nos?\.)?\s*")
"""Label by which a fifth of all styles call every Act a public law of the United States."""
_CSL = "{http://purl.org/net/xbiblio/csl}"
_HINT_OfStyle = f"write {', '.join(SHIPPED_STYLES)}, or put an independent style from citationstyles.org into the paper"


def read_citation_style(files: PaperFiles, settings: Settings, report: Reporter) -> CitationStyle:
    """Return the style that paper.yaml names. A bad one is reported, and the default takes its place."""
    name, place = settings.csl, settings.place("csl")
    if name in SHIPPED_STYLES:
        return CitationStyle(name, is_numeric=name == "numeric")
    style, problem, near = CitationStyle(), "is neither a style nor a .csl file", spelling_hint(name, SHIPPED_STYLES)
    hint = near if near.startswith("did") else _HINT_OfStyle
    if name.endswith(_SUFFIX):
        path, data, problem = assets.read_asset(files, place.path, name, _MAX_BYTES_OfStyle)
        style, problem, hint = (*((style, problem) if problem else _read_style(path, data)), _HINT_OfStyle)
    if problem:
        report(Diagnostic(place, "bad-template/citation-style", f"'{name}' {problem}", hint=hint))
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
    formats = {category.get("citation-format") for category in root.iter(f"{_CSL}category")}
    is_numeric = not formats.isdisjoint(("numeric", "label"))
    return (CitationStyle(), problem) if problem else (CitationStyle(path, text, is_numeric), "")


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
    variables = {element.get("variable") for element in root.iter(f"{_CSL}text")}
    if root.get("class") == "note" and "first-reference-note-number" in variables:
        return "names the numbers of notes, which differ from output to output"
    from nioc_paper.load.image_vetting import expanded_size

    macros = {macro.get("name", ""): macro for macro in root.iter(f"{_CSL}macro")}
    if unknown := ({name for each in root.iter() if (name := each.get("macro")) is not None} - macros.keys()):
        return f"calls the macro '{min(unknown)}', which it does not have"
    size = expanded_size(root, lambda element: element.get("macro"), macros)
    return "" if size <= _MAX_EXPANDED else "has a macro that calls itself, or calls others too often"
