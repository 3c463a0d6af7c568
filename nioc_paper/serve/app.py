"""What the browser gets: pages, what they ask for, and word of what has changed. Only this machine is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from nioc_paper.load.text import LIMIT
from nioc_paper.model import Diagnostic, Severity, TemplateError, Templates, count
from nioc_paper.render import charts, fonts
from nioc_paper.render.site import Around, Frame, meta, sheet, type_of
from nioc_paper.render.site.text import figures, picture
from nioc_paper.render.theme import theme
from nioc_paper.serve.guard import Guard
from nioc_paper.serve.printer import Printer
from nioc_paper.serve.studio import Change, State, Studio
from nioc_paper.system import confined

_ALPHABET = "".join(map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2010, 0x2044), 0x20AC, 0x2212)))
"""Letters of the typefaces, so that they need not be cut anew for every word."""
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_KINDS |= {
    ".json": "application/json",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
_SOURCES = (".md", ".yaml", ".csv")
_FRAMING = f"{meta.POLICY}; frame-src 'self'"
"""The policy of the page that shows the PDF, in the viewer of the browser."""
_FRAMED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""That of the PDF: the viewer has styles of its own."""
_BEAT = 15
"""Seconds between signs of life to a browser that waits for news."""


@dataclass
class Preview:
    """The pages of a studio as they are served, and the browsers that wait for news of them."""

    studio: Studio
    templates: Templates
    waiting: set[asyncio.Queue[str]] = field(default_factory=set)
    """An empty text tells that there will be no more news."""
    drawn: dict[str, tuple[object, bytes]] = field(default_factory=dict)

    framed: tuple[State, Frame] | None = None

    def __post_init__(self) -> None:
        self.printer = Printer(self.studio.root)

    def say(self, change: Change) -> None:
        """Tell every browser what has changed, and what is wrong."""
        self.tell(self.news(change))

    def tell(self, news: str) -> None:
        """Tell every browser something."""
        for queue in self.waiting:
            queue.put_nowait(news)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[str]]:
        """News, as they come from now on."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.waiting.add(queue)
        try:
            yield queue
        finally:
            self.waiting.discard(queue)

    def news(self, change: Change) -> str:
        """A change and the findings, as the page reads them."""
        findings = [_finding(d) for d in sorted(self.studio.findings, key=lambda d: (-d.severity, d.place))]
        return _event("message", {"pages": change.pages, "pictures": change.pictures, "findings": findings})

    def print_news(self) -> str:
        """How it is with the PDF, as the page reads it."""
        return _event("pdf", self.printer.told())

    def print(self, *, sure: bool) -> None:
        """Have the PDF made anew, if somebody has asked for it; `sure` is after a check."""
        state, printer = self.studio.state, self.printer
        errors = sum(found.severity == Severity.ERROR for found in self.studio.findings)
        if not printer.asked:
            return
        if state is None or errors:
            printer.hold(f"{count(errors, 'error')} in the paper" if errors else "the paper cannot be read yet")
        else:
            printer.offer(state.document, sure=sure)

    # --- what is asked for --------------------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """A page, or a file that pages ask for."""
        path = request.path_params["path"] or "index.html"
        state = self.studio.state
        try:
            data = await asyncio.to_thread(self.file, state, path) if state else None
        except ValueError as error:  # of the program that draws charts
            return PlainTextResponse(f"{path} cannot be made: {error}", 500)
        if data is None:
            return Response(self.missing(state), 404, media_type="text/html")
        return Response(data, media_type=_KINDS.get(Path(path).suffix, "application/octet-stream"))

    def file(self, state: State, path: str) -> bytes | None:
        """The bytes of a page, of a picture, or of what all pages share; None for what is not there."""
        if path.startswith("pictures/"):
            return self.picture(state, path)
        if path == "site.css":
            css, _ = self.faces
            live = self.templates.text("site/live.css")
            return (css + sheet(self.templates, state.texts) + live).encode()
        if path in ("site.js", "live.js", "icon.svg"):
            return self.templates.data(f"site/{path}")
        if path.startswith("type/"):
            return self.faces[1].get(path)
        if path == "charts.js":
            return charts.engine()
        return self.html(state, path.removesuffix(".html")) if path.endswith(".html") else None

    def html(self, state: State, name: str) -> bytes | None:
        """A page by its name."""
        frame, page = self.frame(state), state.plan.page(name)
        if page:
            return frame.chapter(page, state.texts[name]).encode()
        if name == "progress":
            return frame.progress(state.standing).encode()
        return frame.fill(name).encode() if name in ("index", "lists") else None

    def missing(self, state: State | None) -> bytes:
        """What is shown where nothing is."""
        return self.frame(state).fill("404").encode() if state else b"The paper cannot be read yet."

    def frame(self, state: State) -> Frame:
        """What is around the text, the same until there is another state."""
        if self.framed is None or self.framed[0] is not state:
            self.framed = state, self._frame(state)
        return self.framed[1]

    def _frame(self, state: State) -> Frame:
        around = Around(
            summary=state.paper.settings.site.summary or "",
            changed=state.read.context.history.changed,
            progress=state.standing,
            live=True,
        )
        return Frame(state.document, around, self.templates, state.plan)

    def picture(self, state: State, path: str) -> bytes | None:
        """A picture of the paper: drawn when somebody looks at it, and kept."""
        for name, asset in state.document.assets.items():
            if picture(name) == path:
                return asset.data
        drawn = state.document.charts
        if chart := next((c for name, c in drawn.items() if figures(name) == path), None):
            return charts.live(chart, theme(self.templates))
        chart = next((c for name, c in drawn.items() if picture(name) == path), None)
        if chart is None:
            return None
        if self.drawn.get(path, (None,))[0] != chart.spec:
            try:
                svg = charts.svg(chart, theme(self.templates))
            except ValueError:
                return None
            self.drawn[path] = chart.spec, fonts.dressed({path: svg})[path]
        return self.drawn[path][1]

    @cached_property
    def faces(self) -> tuple[str, dict[str, bytes]]:
        """The typefaces: their rules, and the files of them."""
        assert self.studio.state
        return type_of(self.studio.state.document, self.templates, _ALPHABET)

    def ask(self) -> None:
        """From now on there is a PDF."""
        if not self.printer.asked:
            self.printer.asked = True
            self.print(sure=True)

    async def print_page(self, _: Request) -> Response:
        """The page that shows the PDF."""
        await asyncio.to_thread(self.ask)
        if (state := self.studio.state) is None:
            return Response(self.missing(state), 404, media_type="text/html")
        file = f"~pdf/{state.document.stem}.pdf"
        html = self.frame(state).fill("pdf", file=file, policy=_FRAMING)
        policy = {"content-security-policy": f"{_FRAMING}; frame-ancestors 'none'"}
        return Response(html, media_type="text/html", headers=policy)

    async def print_file(self, request: Request) -> Response:
        """The PDF: the one that is shown for an address with its number, else that of what is written now."""
        await asyncio.to_thread(self.ask)
        with self.listening() as news:
            while self.printer.is_busy and not request.url.query and await news.get():
                pass
        if (shown := self.printer.shown) is None:
            return PlainTextResponse(self.printer.why or "the PDF is being made", 503)
        return Response(shown.data, media_type="application/pdf", headers={"content-security-policy": _FRAMED})

    async def source(self, request: Request) -> Response:
        """A file of the paper with its lines, for whoever follows a finding."""
        path, state = request.path_params["path"], self.studio.state
        lines = self.lines(path)
        if state is None or lines is None:
            return PlainTextResponse("there is no such file of the paper", 404)
        found = {d.place.line: d for d in self.studio.findings if d.place.path == path}
        html = self.frame(state).fill("source", path=path, lines=lines, found=found)
        return Response(html, media_type="text/html")

    def lines(self, path: str) -> list[str] | None:
        """The lines of a text file of the paper; None if there is none that may be shown."""
        if not path.endswith(_SOURCES) or any(part.startswith(".") for part in path.split("/")):
            return None
        try:
            return confined.read_quietly(self.studio.root, path, LIMIT).decode(errors="replace").splitlines()
        except confined.ConfinedError:
            return None

    async def events(self, _: Request) -> Response:
        """News, as they come."""

        async def stream() -> AsyncIterator[str]:
            with self.listening() as news:
                yield f"retry: 500\n\n{self.news(Change())}{self.print_news()}"
                said = ": here\n\n"
                while said:
                    yield said
                    try:
                        said = await asyncio.wait_for(news.get(), _BEAT)
                    except TimeoutError:
                        said = ": still here\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    def close(self) -> None:
        """End what runs beside the server."""
        self.printer.end()

    def app(self, hosts: Sequence[str]) -> ASGIApp:
        """All of it, for requests to these hosts."""
        routes = [
            Route("/~events", self.events),
            Route("/~pdf", self.print_page),
            Route("/~pdf/{name}.pdf", self.print_file),
            Route("/~source/{path:path}", self.source),
            Route("/{path:path}", self.page),
        ]
        return Guard(Starlette(routes=routes, exception_handlers={TemplateError: _broken}), hosts)


def _broken(_: Request, error: Exception) -> Response:
    """The answer while a template is at fault."""
    return PlainTextResponse(f"no page can be made: templates/{error}", 500)


def _event(name: str, said: object) -> str:
    return f"event: {name}\ndata: {json.dumps(said)}\n\n"


def _finding(found: Diagnostic) -> dict[str, object]:
    place = found.place
    return {
        "place": str(place),
        "address": f"~source/{place.path}#L{place.line}",
        "path": place.path,
        "severity": str(found.severity),
        "rule": found.rule,
        "message": found.message,
        "hint": found.hint,
    }
