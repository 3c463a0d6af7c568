"""What the browser gets: pages, what they ask for, and word of what has changed. Only this machine is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from nioc_paper.model import Diagnostic
from nioc_paper.render import body, charts, fonts
from nioc_paper.render.site import Around, Frame, sheet, type_of
from nioc_paper.render.site.text import figures, picture
from nioc_paper.render.theme import theme
from nioc_paper.serve.guard import Guard
from nioc_paper.serve.studio import Change, State, Studio

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
_BEAT = 15
"""Seconds between signs of life to a browser that waits for news."""


@dataclass
class Preview:
    """The pages of a studio as they are served, and the browsers that wait for news of them."""

    studio: Studio
    templates: Path
    waiting: set[asyncio.Queue[str]] = field(default_factory=set)
    drawn: dict[str, tuple[object, bytes]] = field(default_factory=dict)

    def say(self, change: Change) -> None:
        """Tell every browser what has changed, and what is wrong."""
        for queue in self.waiting:
            queue.put_nowait(self.news(change))

    def news(self, change: Change) -> str:
        """A change and the findings, as the page reads them."""
        findings = [_finding(d) for d in sorted(self.studio.findings, key=lambda d: (-d.severity, d.place))]
        return json.dumps({"pages": change.pages, "pictures": change.pictures, "findings": findings})

    # --- what is asked for --------------------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """A page, or a file that pages ask for."""
        path = request.path_params["path"] or "index.html"
        state = self.studio.state
        data = await asyncio.to_thread(self.file, state, path) if state else None
        if data is None:
            return Response(self.missing(state), 404, media_type="text/html")
        return Response(data, media_type=_KINDS.get(Path(path).suffix, "application/octet-stream"))

    def file(self, state: State, path: str) -> bytes | None:
        """The bytes of a page, of a picture, or of what all pages share; None for what is not there."""
        if path.startswith("pictures/"):
            return self.picture(state, path)
        if path == "site.css":
            css, _ = self.faces
            live = (self.templates / "site" / "live.css").read_text(encoding="utf-8")
            return (css + sheet(self.templates, state.texts) + live).encode()
        if path in ("site.js", "live.js", "icon.svg"):
            return (self.templates / "site" / path).read_bytes()
        if path.startswith("type/"):
            return self.faces[1].get(path)
        if path == "charts.js":
            return charts.engine()
        return self.html(state, path.removesuffix(".html")) if path.endswith(".html") else None

    def html(self, state: State, name: str) -> bytes | None:
        """A page by its name."""
        frame, page = self.frame(state), state.plan.page(name)
        if page:
            return frame.chapter(self.environment, page, state.texts[name]).encode()
        if name == "progress":
            return frame.progress(self.environment, state.standing).encode()
        return frame.fill(self.environment, name).encode() if name in ("index", "lists") else None

    def missing(self, state: State | None) -> bytes:
        """What is shown where nothing is."""
        return self.frame(state).fill(self.environment, "404").encode() if state else b"The paper cannot be read yet."

    def frame(self, state: State) -> Frame:
        """What is around the text."""
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
    def environment(self) -> Environment:
        """The templates."""
        return body.environment(self.templates)

    @cached_property
    def faces(self) -> tuple[str, dict[str, bytes]]:
        """The typefaces: their rules, and the files of them."""
        assert self.studio.state
        return type_of(self.studio.state.document, self.templates, _ALPHABET)

    async def source(self, request: Request) -> Response:
        """A file of the paper with its lines, for whoever follows a finding."""
        path, state = request.path_params["path"], self.studio.state
        root = self.studio.root.resolve()
        file = (root / path).resolve()
        hidden = any(part.startswith(".") for part in Path(path).parts)
        if state is None or hidden or not file.is_relative_to(root) or file.suffix not in _SOURCES:
            return PlainTextResponse("there is no such file of the paper", 404)
        try:
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return PlainTextResponse("there is no such file of the paper", 404)
        found = {d.place.line: d for d in self.studio.findings if d.place.path == path}
        html = self.frame(state).fill(self.environment, "source", path=path, lines=lines, found=found)
        return Response(html, media_type="text/html")

    async def events(self, _: Request) -> Response:
        """News, as they come."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        queue.put_nowait(self.news(Change()))
        self.waiting.add(queue)

        async def stream() -> AsyncIterator[str]:
            try:
                yield "retry: 500\n\n"
                while True:
                    try:
                        yield f"data: {await asyncio.wait_for(queue.get(), _BEAT)}\n\n"
                    except TimeoutError:
                        yield ": still here\n\n"
            finally:
                self.waiting.discard(queue)

        return StreamingResponse(stream(), media_type="text/event-stream")

    def app(self, hosts: Sequence[str]) -> ASGIApp:
        """All of it, for requests to these hosts."""
        routes = [
            Route("/~events", self.events),
            Route("/~source/{path:path}", self.source),
            Route("/{path:path}", self.page),
        ]
        return Guard(Starlette(routes=routes), hosts)


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
