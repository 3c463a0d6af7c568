"""The PDF: one render by WeasyPrint in a child process, then checked word by word against the tree, then finished."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nioc_paper import tree
from nioc_paper.model import Diagnostic, Document, Node, Report, Severity
from nioc_paper.render import body, fonts, notes
from nioc_paper.render.embed import Picture
from nioc_paper.render.theme import resolve, theme

SECONDS = 600
_NO_GLYPH = re.compile(r"^\.notdef glyph rendered.*(U\+[0-9A-F]+)")
PANGO = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def write(document: Document, templates: Path, report: Report) -> bytes:
    """The document as a PDF/A-3a and PDF/UA-1 file; empty when none could be made, and then the report says why."""
    from nioc_paper.render.finish import finish, foreign_fonts

    values = theme(templates)
    job = _job(document, templates, values, body.pictures(document, values, report))
    with tempfile.TemporaryDirectory(prefix="nioc-pdf-") as scratch:
        found, data = _run(job, Path(scratch))
    for finding in (*_findings(found, document), *_counts(document, job["html"], found)):
        report(finding)
    if not data:
        return b""
    if foreign := foreign_fonts(data, fonts.FAMILIES):
        report(Diagnostic(body.output(document, "pdf"), "foreign-resource", f"fonts of the machine: {foreign}"))
    return finish(data, found["main"])


# --- the page as HTML -------------------------------------------------------------------------------------------------


def _job(
    document: Document, templates: Path, values: Mapping[str, str], pictures: Mapping[str, Picture]
) -> dict[str, Any]:
    """What the child is given: HTML, CSS, and every byte that they may refer to."""
    names = {target: f"picture-{number}" for number, target in enumerate(sorted(pictures))}
    blocks = notes.at_foot(tree.rewrite(lambda node: _printed(node, document, names), body.prepare(document)))
    front = list(takewhile(lambda block: tree.is_div(block, "front"), blocks))
    jinja = body.environment(templates)
    context = (
        body.context(document)
        | {
            "front": Markup(body.html(front)),  # noqa: S704 - written by pandoc from a tree without raw passages
            "main": Markup(body.html(_parts_inside(blocks[len(front) :]))),  # noqa: S704
            "roman": {tree.identifier(node) for node in tree.walk(front) if node["t"] == "Header"},
            "written": datetime.fromtimestamp(document.timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )
    path, width = fonts.outline(context["words"]["draft"].upper())
    draft = resolve(jinja.get_template("draft.svg").render(path=path, width=width), values)
    css = resolve((templates / "print.css").read_text(encoding="utf-8"), values)
    assets = {names[target]: picture for target, picture in pictures.items()}
    return {
        "html": jinja.get_template("print.html").render(context),
        "assets": assets | {"draft.svg": ("image/svg+xml", draft.encode()), "print.css": ("text/css", css.encode())},
    }


def _printed(node: Node, document: Document, names: Mapping[str, str]) -> Node:
    """A node with what print needs: the running heads on a title, the name of a picture's file in the job."""
    if node["t"] == "Image" and node["c"][2][0] in names:
        attr, alt, (target, title) = node["c"]
        return {"t": "Image", "c": [attr, alt, [names[target], title]]}
    if node["t"] == "Header":
        level, (name, classes, pairs), inlines = node["c"]
        words = tree.plain(inlines)
        title = words.removeprefix(_number(inlines)).strip()
        return {"t": "Header", "c": [level, [name, classes, [*pairs, *_heads(level, title, words, document)]], inlines]}
    return node


def _parts_inside(blocks: Iterable[Node]) -> Iterator[Node]:
    """Each part's title within the first chapter of the part: one element for the page that they share."""
    titles: list[Node] = []
    for block in blocks:
        if tree.is_div(block, "part"):
            titles.append(block)
        else:
            attr, own = block["c"]
            yield {"t": "Div", "c": [attr, [*titles, *own]]} if titles else block
            titles = []
    yield from titles


def _number(inlines: list[Node]) -> str:
    first = inlines[0] if inlines else None
    return tree.plain(first) if first and "number" in tree.classes(first) else ""


def _heads(level: int, title: str, words: str, document: Document) -> list[list[str]]:
    running = [["data-title", title], ["data-paper", document.title]] if level == 1 else []
    return [["data-bookmark", words], *running]


# --- the child --------------------------------------------------------------------------------------------------------


def _run(job: Mapping[str, Any], scratch: Path) -> tuple[dict[str, Any], bytes]:
    """What the child found, and its PDF; an empty one when it wrote none."""
    files = {}
    for number, (name, (mime, data)) in enumerate(job["assets"].items()):
        (scratch / f"asset-{number}").write_bytes(data)
        files[name] = (mime, f"asset-{number}")
    (scratch / "job.json").write_text(json.dumps({**job, "assets": files}), encoding="utf-8")
    (scratch / "fonts.conf").write_text(fonts.fontconfig(scratch / "cache"), encoding="utf-8")
    command = [sys.executable, "-m", "nioc_paper.render.weasy", str(scratch)]
    root = Path(__file__).parents[2]
    try:
        run = subprocess.run(  # noqa: S603 - our own module, from an argument list
            command, cwd=root, env=_environment(scratch), capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"more than {SECONDS} s"}, b""
    found, pdf = scratch / "found.json", scratch / "paper.pdf"
    if not found.exists():
        last = run.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return {"failed": last[0] if last else f"exit code {run.returncode}"}, b""
    return json.loads(found.read_text(encoding="utf-8")), pdf.read_bytes() if pdf.exists() else b""


def _environment(scratch: Path) -> dict[str, str]:
    """Nothing of the user's environment but what a process needs to start."""
    kept = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "DYLD_FALLBACK_LIBRARY_PATH") if name in os.environ
    }
    own = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(scratch))
    return {**kept, **own, "FONTCONFIG_FILE": str(scratch / "fonts.conf"), "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}


# --- what it found ----------------------------------------------------------------------------------------------------


def _findings(found: Mapping[str, Any], document: Document) -> Iterator[Diagnostic]:
    place = body.output(document, "pdf")
    if missing := found.get("missing"):
        first = missing.splitlines()[0]
        yield Diagnostic(place, "missing-tool", f"WeasyPrint finds no Pango: {first}", hint=PANGO)
    if failed := found.get("failed"):
        hint = "a table, picture or note asks for more than a page can hold"
        yield Diagnostic(place, "render-failed", f"WeasyPrint gave no PDF: {failed}", hint=hint)
    for url in found.get("denied", ()):
        yield Diagnostic(place, "foreign-resource", f"'{url}' is not part of this paper")
    for note in found.get("lost_notes", ()):
        yield Diagnostic(place, "lost-note", f"a note is on no page: '{_start(note)}'", hint="shorten its paragraph")
    for rule_text, passages in (("not printed", found.get("lost_text")), ("beyond the page", found.get("outside"))):
        if passages:
            more = f" and {len(passages) - 1} more passages" if len(passages) > 1 else ""
            yield Diagnostic(place, "lost-text", f"{rule_text}: '{_start(passages[0])}'{more}")
    yield from _logged(found.get("log", ()), document)


def _logged(log: Iterable[tuple[str, str]], document: Document) -> Iterator[Diagnostic]:
    """WeasyPrint's log; characters without a shape in one finding, and nothing said twice."""
    place = body.output(document, "pdf")
    lines = [(level, message) for level, message in log if "not part of this paper" not in message]
    unknown = [found[1] for _, message in lines if (found := _NO_GLYPH.search(message))]
    if unknown:
        message = f"no typeface of ours has {' '.join(unknown)}"
        yield Diagnostic(place, "lost-text", message, Severity.WARNING, "write it in Latin letters, or as a picture")
    for level, message in lines:
        if not _NO_GLYPH.search(message):
            severity = Severity.ERROR if level == "ERROR" else Severity.WARNING
            yield Diagnostic(place, "render-failed", f"WeasyPrint: {message}", severity)


def _counts(document: Document, html: str, found: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """What went missing between the tree and the page that WeasyPrint was given, or between its notes and the paper."""
    place = body.output(document, "pdf")
    if passage := body.first_missing(document.blocks, Markup(html).striptags(), notes=True):  # noqa: S704 - to text
        yield Diagnostic(place, "lost-text", f"not in the page: '{_start(passage)}'")
    if "notes" in found:
        written, printed = notes.count(document.blocks), found["notes"]
        if written != printed + len(found["lost_notes"]):
            yield Diagnostic(place, "lost-note", f"{written} notes in the text, {printed} on the pages")


def _start(text: str) -> str:
    return text if len(text) <= 70 else text[:70].rsplit(" ", 1)[0] + " …"
