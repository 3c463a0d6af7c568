"""A paper's own templates: read once, and free of scripts and of addresses elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from nioc_paper.files import shipped_templates
from nioc_paper.model import Diagnostic, Place, Report, Templates
from nioc_paper.system import confined

FOLDER = "templates"
_LIMIT = 2 * 2**20
_MOST = 500
_KINDS = (".html", ".svg", ".css")
_SCRIPTS = re.compile(
    r"""<\s*(?P<element>script|iframe|object|embed|applet|base|portal)\b
    |[\s"'/](?P<handler>on[a-z]{3,})\s*=
    |(?P<address>(?:java|vb)script\s*:)
    |(?P<refresh>http-equiv\s*=\s*["']?\s*refresh)""",
    re.IGNORECASE | re.VERBOSE,
)
_REMOTE = re.compile(
    r"""(?:\b(?:src|srcset|data|poster|action|formaction|background|manifest|ping)\s*=\s*["']?
    |<\s*(?:link|use|image|feImage)\b[^>]*?\bhref\s*=\s*["']?
    |url\(\s*["']?|@import\s+["']?)\s*(?P<address>(?:[a-z][a-z0-9+.-]*:)?//[^\s"'()<>]*)""",
    re.IGNORECASE | re.VERBOSE,
)
_REMOTE_HINT = "outputs ask nobody for anything: put the file into the paper, or make it a link to follow"
_SCRIPT_HINT = "delete it: outputs run no scripts but the tool's own"


def read_templates(root: Path, report: Report = lambda _: None) -> Templates:
    """Return the paper's own templates if it has any, otherwise the tool's. Reports the faults of those that differ."""
    given, files = shipped_templates(), dict[str, bytes]()
    if not (root / FOLDER).is_dir():
        return given
    for path in confined.files(root, FOLDER):
        name = path.removeprefix(f"{FOLDER}/")
        if len(files) == _MOST:
            report(Diagnostic(Place(path), "unreadable-file", f"is one more than the {_MOST} that are read"))
            break
        try:
            files[name] = confined.read(root, path, _LIMIT)
        except confined.ConfinedError as error:
            report(Diagnostic(Place(path), "unreadable-file", str(error), hint="put a regular file in its place"))
    changed = {name: data for name, data in files.items() if data != given.files.get(name)}
    for name in sorted(changed):
        for diagnostic in _faults(f"{FOLDER}/{name}", changed[name]):
            report(diagnostic)
    if not changed and files.keys() == given.files.keys():
        return given
    scripts = {name: data for name, data in given.files.items() if name.endswith(".js")}
    kept = {name: data for name, data in files.items() if not name.endswith(".js")}
    return Templates(kept | scripts, is_own=True)


def _faults(path: str, data: bytes) -> Iterator[Diagnostic]:
    """The scripts and the addresses elsewhere in a template."""
    if path.endswith(".js"):
        yield Diagnostic(Place(path), "template-script", "scripts of a paper are not used", hint=_SCRIPT_HINT)
        return
    if not path.endswith(_KINDS):
        return
    text = data.decode(errors="replace")
    ours = _our_scripts(path)
    for found in () if path.endswith(".css") else _SCRIPTS.finditer(text):
        if _line(text, found.start()) not in ours:
            message = f"'{' '.join(found[0].split())}' could run a script"
            yield Diagnostic(_place(path, text, found.start()), "template-script", message, hint=_SCRIPT_HINT)
    for found in _REMOTE.finditer(text):
        message = f"'{found['address']}' is an address elsewhere"
        yield Diagnostic(_place(path, text, found.start("address")), "remote-address", message, hint=_REMOTE_HINT)


def _place(path: str, text: str, at: int) -> Place:
    return Place(path, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _line(text: str, at: int) -> str:
    """The line around a position, without the blanks around it."""
    end = text.find("\n", at)
    return text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else None].strip()


def _our_scripts(path: str) -> set[str]:
    """The lines with scripts that the tool's own template of that name has."""
    own = shipped_templates().files.get(path.removeprefix(f"{FOLDER}/"), b"").decode()
    return {line.strip() for line in own.split("\n") if "<script" in line}
