"""The PDF: laid out by WeasyPrint in processes of its own, a paper chapter by chapter; then finished and checked."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import Any

from nioc_paper.cache import NO_CACHE, Cache
from nioc_paper.model import Diagnostic, Document, Report, Severity, Templates, count
from nioc_paper.render import body, charts, fonts, hands
from nioc_paper.render.hands import Hand
from nioc_paper.render.inventory import is_joined
from nioc_paper.render.layout import COLD, Layout
from nioc_paper.render.letters import Hold, drop, merged
from nioc_paper.render.print.child import Press, Printed
from nioc_paper.render.print.job import Ready, ready
from nioc_paper.render.theme import Theme, theme
from nioc_paper.wording import direction, labels

_NO_GLYPH = re.compile(r"^\.notdef glyph rendered.*(U\+[0-9A-F]+)")
_MOST: Mapping[str, tuple[int, str]] = {
    "brief": (2, "shorten the findings and the recommendations of the chapter"),
    "sheet": (1, "shorten the titles of chapters and gates"),
}
"""Pages that a document may have, by its form, and what to do when it has more."""
PANGO = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def write(
    document: Document,
    templates: Templates,
    report: Report,
    cache: Cache = NO_CACHE,
    layout: Layout = COLD,
    hold: Hold = drop,
) -> bytes:
    """The document as a PDF/A-3a and PDF/UA-1 file; empty when none could be made, and then the report says why.

    A paper is laid out chapter by chapter, and what has not changed is taken from the cache. `hold` is told what the
    chapters hold, each read back when it was finished. Raises StoppedError when the press is told to stop.
    """
    with contextlib.nullcontext(layout.press) if layout.press else Press().warmed_up() as press:
        given, hand = _ready(document, templates, report, cache)
        press.take(given.faces)
        apart = not layout.in_one and _is_joinable(document, templates)
        joined = _joined(document, given, press, theme(templates), cache) if apart else None
        found, data = joined or _in_one(given, press, NO_CACHE if layout.in_one else cache)
    hold(found.get("held", {}))
    return _checked(document, found, data, hand, report)


def _ready(document: Document, templates: Templates, report: Report, cache: Cache) -> tuple[Ready, Hand | None]:
    hand = hands.hand(document)
    values = hands.with_hand(theme(templates), hand)
    pictures = charts.joined(body.pictures(document, values, report, cache), values, cache)
    return ready(document, templates, values, pictures, hand), hand


def _is_joinable(document: Document, templates: Templates) -> bool:
    """Whether a paper is laid out in pieces: one that has chapters, reads from the left and counts as we do."""
    words = labels(document.language)
    counts = (words["counter"], words["front_counter"]) == ("decimal", "lower-roman")
    there = "print/chapter.html" in templates
    return (
        document.form == "paper" and not document.part_of and counts and there and direction(document.language) == "ltr"
    )


def _in_one(given: Ready, press: Press, cache: Cache) -> Printed:
    from nioc_paper.render.print import apart, state
    from nioc_paper.render.print.finish import finish

    found, data = apart.printed_or_kept({"paper": given.whole()}, press, cache, state.state(*given.faces))["paper"]
    if not data:
        return found, data
    names, data = finish(data, found["main"])
    return found | {"fonts": names}, data


def _joined(document: Document, given: Ready, press: Press, values: Theme, cache: Cache) -> Printed | None:
    """The paper joined of its pieces; None where that cannot be done."""
    from nioc_paper.render.print import apart, running, state

    now = state.state(*given.faces)
    # What joins them is read while they are laid out.
    get_ready = partial(import_module, "nioc_paper.render.print.stitch")
    laid = apart.laid_out(apart.pieces(given, cache), given, press, cache, now, get_ready)
    if laid is None:
        return None
    press.go_on()
    found = apart.found(laid)
    if not all(data for _, data in laid.printed):
        return found, b""
    from nioc_paper.render.print.stitch import Stitch, UnfilledError
    from nioc_paper.render.print.typefaces import UnknownFaceError

    jobs, under = running.plan(laid, given, running.issue(document, given))
    sheets = apart.printed_or_kept(jobs, press, cache, now)
    try:
        data = Stitch(laid, under, sheets, running.inside_margins(values), given.faces, cache).made()
    except (UnknownFaceError, UnfilledError):
        return None
    # Each piece was read back when it was finished: to read them all would take longer than to lay out what is new.
    names = [name for told, _ in (*laid.printed, *sheets.values()) for name in told["fonts"]]
    return found | {"held": merged(told["held"] for told, _ in laid.printed), "fonts": names}, data


def _checked(document: Document, found: Mapping[str, Any], data: bytes, hand: Hand | None, report: Report) -> bytes:
    """The file, if nothing is wrong with it that its reader would miss; whatever is wrong is reported."""
    from nioc_paper.render.print.finish import foreign_fonts

    for finding in (*_findings(found, document), *_length(document, found)):
        report(finding)
    families = (*fonts.FAMILIES, *([hand.family] if hand else []))
    if foreign := foreign_fonts(found.get("fonts", ()), families):
        report(Diagnostic(body.output(document, "pdf"), "foreign-resource", f"fonts of the machine: {foreign}"))
    return data


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
    # What is in letters that a PDF gives back is looked for in the finished file, which knows nothing of edges.
    unread = [passage for passage in found.get("lost_text", ()) if is_joined(passage)]
    for rule_text, passages in (("not printed", unread), ("beyond the page", found.get("outside"))):
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


def _length(document: Document, found: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """More pages than a document of this form may have."""
    pages = found.get("pages", 0)
    most, hint = _MOST.get(document.form, (pages, ""))
    if pages > most:
        message = f"a {document.form} has at most {count(most, 'page')}, and this one has {pages}"
        yield Diagnostic(body.output(document, "pdf"), "too-many-pages", message, Severity.WARNING, hint)


def _start(text: str) -> str:
    return text if len(text) <= 70 else text[:70].rsplit(" ", 1)[0] + " …"
