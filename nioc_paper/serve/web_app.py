"""Web application of the preview: pages, answers to requests, and events of changes. For this machine only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nioc_paper.model import Diagnostic, Severity, TemplateError, Templates, format_count
from nioc_paper.model.grouping import group_pairs
from nioc_paper.program_name import command_line
from nioc_paper.render.common import inline_charts
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.site.page_html import picture_address
from nioc_paper.render.site.page_plan import HOME, SiteOptions
from nioc_paper.render.site.site_writer import ICON, POLICY, PageFrame, font_css_and_files, render_icon, stylesheet
from nioc_paper.report.findings.line_formats import format_tally
from nioc_paper.serve.incremental_site import IncrementalSite, SiteState
from nioc_paper.serve.merge_page import answer_merge
from nioc_paper.serve.pdf_preview import PdfPreview
from nioc_paper.system.cache import Cache
from nioc_paper.system.concurrency import noop

# --- pages, made when a browser asks for them ------------------------------------------------------------------------


class LivePages(Struct, dict=True):
    """Pages of a state of the site."""

    templates: Templates
    cache: Cache
    """Cache of charts and fonts."""
    frame_cache: tuple[SiteState, PageFrame] | None = None

    def render_file(self, state: SiteState, path: str) -> bytes | None:
        """Return the bytes of a page, a picture or a shared file; None if there is no such file."""
        if path.startswith("pictures/"):
            assets = state.document.assets.items()
            return next((asset.data for name, asset in assets if picture_address(name) == path), None)
        if path == "site.css":
            css, _ = self.site_fonts(state)
            return (stylesheet(self.templates, state.page_html, css) + self.templates.text("site/live.css")).encode()
        if path == ICON:
            return render_icon(self.templates)
        if path in ("site.js", "live.js"):
            return self.templates.data(f"site/{path}")
        if path.startswith("type/"):
            return self.site_fonts(state)[1].get(path)
        return self.render_html(state, path.removesuffix(".html")) if path.endswith(".html") else None

    def render_html(self, state: SiteState, name: str) -> bytes | None:
        """Return a page by its name, with its charts; None if there is no such page."""
        html = self._frame_page(state, name)
        return None if html is None else self.with_charts(state, html).encode()

    def _frame_page(self, state: SiteState, name: str) -> str | None:
        frame, page = self.current_frame(state), next((p for p in state.plan.pages if p.name == name), None)
        if page:
            return frame.render_chapter(page, state.page_html[name])
        if name == "progress":
            return frame.render_progress(state.site_progress)
        if name == HOME:
            return frame.render_home(state.page_html)
        return frame.render_page(name) if name == "lists" else None

    def render_missing(self, state: SiteState | None) -> bytes:
        """Return the page for a missing address."""
        return self.current_frame(state).render_page("404").encode() if state else b"The paper cannot be read yet."

    def current_frame(self, state: SiteState) -> PageFrame:
        """Return the frame around the text of pages, cached by state."""
        if self.frame_cache is None or self.frame_cache[0] is not state:
            site_options = SiteOptions(
                summary=state.paper.settings.site.summary or "",
                changed=state.history.last_changes,
                progress=state.site_progress,
                paper=state.paper,
                live=True,
            )
            self.frame_cache = state, PageFrame(state.document, site_options, self.templates, state.plan)
        return self.frame_cache[1]

    def with_charts(self, state: SiteState, html: str) -> str:
        """Return a page with its charts; they are drawn when a page with them is asked for, and cached."""
        document, theme = state.document, read_theme(self.templates)
        shown = {name: chart for name, chart in document.charts.items() if f'"{picture_address(name)}"' in html}
        # One that cannot be drawn is a finding of a build.
        drawn = inline_charts.draw_inline_charts(replace(document, charts=shown), theme, noop, self.cache)
        return inline_charts.replace_images(html, {picture_address(name): text for name, text in drawn.items()})

    def site_fonts(self, state: SiteState) -> tuple[str, dict[str, bytes]]:
        """Return the font rules as CSS, and font files by path, which have all letters: a new word needs no others."""
        return font_css_and_files(state.document, self.templates, None, self.cache)


# --- access control: only pages of the preview itself are answered ----------------------------------------------------


_HEADERS = (
    (b"content-security-policy", f"{POLICY}; frame-ancestors 'none'".encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


class SameOriginMiddleware(Struct, frozen=True, dict=True):
    """Rejects requests for other host names and from pages of other origins."""

    app: ASGIApp
    hosts: Sequence[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or reject it with 403."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if not _is_same_origin(dict(scope["headers"]), self.hosts):
            await PlainTextResponse("only pages of this preview are answered", 403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                header_names = dict(message["headers"])
                message["headers"] = [*message["headers"], *(pair for pair in _HEADERS if pair[0] not in header_names)]
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _is_same_origin(headers: Mapping[bytes, bytes], hosts: Sequence[str]) -> bool:
    host, origin = headers.get(b"host", b"").decode("latin-1"), headers.get(b"origin")
    is_cross_site = headers.get(b"sec-fetch-site") == b"cross-site" and headers.get(b"sec-fetch-mode") != b"navigate"
    has_own_origin = origin is None or origin.decode("latin-1") == f"http://{host}"
    return host in hosts and has_own_origin and not is_cross_site


# --- web app ----------------------------------------------------------------------------------------------------------


_CONTENT_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_CONTENT_TYPES |= {
    ".json": "application/json",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
}
_PDF_PAGE_POLICY = f"{POLICY}; frame-src 'self'"
"""Policy of the page that embeds the PDF in the browser's viewer."""
_PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
"""Content security policy of the PDF: the viewer has styles of its own."""


class Preview(Struct, dict=True):
    """Request handlers of the preview, and the event streams of its browsers."""

    site: IncrementalSite
    templates: Templates
    queues: set[asyncio.Queue[str]] = field(default_factory=set)
    """One for each event stream or waiting PDF request; an empty text ends it."""
    updating: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the one task that checks or updates the whole site."""

    def __post_init__(self) -> None:
        self.pdf = PdfPreview(self.site.project.root, self.templates)
        self.pages = LivePages(self.templates, self.site.project.cache)

    def broadcast(self, event: str) -> None:
        """Send an event to every browser."""
        for queue in self.queues:
            queue.put_nowait(event)

    @contextmanager
    def subscribe(self) -> Iterator[asyncio.Queue[str]]:
        """Provide a queue of the events from now on."""
        queue: asyncio.Queue[str] = asyncio.Queue()
        self.queues.add(queue)
        try:
            yield queue
        finally:
            self.queues.discard(queue)

    def format_findings(self, pictures: Sequence[str] | None = None) -> str:
        """Return the findings as an event; after an update of the site with the pictures that have changed."""
        findings = [_finding_event(d) for d in sorted(self.site.findings, key=lambda d: (-d.severity, d.place))]
        event: dict[str, object] = {"pictures": pictures, "findings": findings}
        event |= {"tally": format_tally(self.site.findings), "broken": self.broken_pages()}
        return _format_event("message", event | {"command": command_line("serve")})

    def broken_pages(self) -> list[str]:
        """Return the titles of the chapters with errors, and the paths of other files with some."""
        chapters = self.site.state.paper.chapters if self.site.state else ()
        titles = {chapter.path: chapter.front.title for chapter in chapters}
        paths = dict.fromkeys(d.place.path for d in self.site.findings if d.severity == Severity.ERROR)
        return [titles.get(path) or path for path in paths]

    def format_pdf_status(self) -> str:
        """Return the status of the PDF as an event."""
        return _format_event("pdf", self.pdf.status())

    def update_pdf(self) -> None:
        """Request a PDF of the present state if the PDF is enabled and no finding is an error."""
        errors = sum(finding.severity == Severity.ERROR for finding in self.site.findings)
        if not self.pdf.is_enabled:
            return
        if self.site.state is None or errors:
            self.pdf.pause(
                f"{format_count(errors, 'error')} in the paper" if errors else "the paper cannot be read yet"
            )
        else:
            self.pdf.request(self.site.state.document)

    # --- requests -----------------------------------------------------------------------------------------------------

    async def serve_page(self, request: Request) -> Response:
        """Answer with a page, or a file of pages."""
        path = request.path_params["path"] or "index.html"
        state = self.site.state
        data = await asyncio.to_thread(self.pages.render_file, state, path) if state else None
        if data is None:
            return Response(self.pages.render_missing(state), 404, media_type="text/html")
        return Response(data, media_type=_CONTENT_TYPES.get(Path(path).suffix, "application/octet-stream"))

    def enable_pdf(self) -> None:
        """Start to make PDFs."""
        if not self.pdf.is_enabled:
            self.pdf.is_enabled = True
            self.update_pdf()

    async def serve_pdf_page(self, _: Request) -> Response:
        """Answer with the page that embeds the PDF."""
        await asyncio.to_thread(self.enable_pdf)
        if (state := self.site.state) is None:
            return Response(self.pages.render_missing(state), 404, media_type="text/html")
        file = f"~pdf/{state.document.stem}.pdf"
        html = self.pages.current_frame(state).render_page("pdf", file=file, policy=_PDF_PAGE_POLICY)
        policy = {"content-security-policy": f"{_PDF_PAGE_POLICY}; frame-ancestors 'none'"}
        return Response(html, media_type="text/html", headers=policy)

    async def serve_pdf(self, request: Request) -> Response:
        """Answer with the PDF: the one shown if the address has a query, otherwise the next one finished."""
        await asyncio.to_thread(self.enable_pdf)
        with self.subscribe() as queue:
            while self.pdf.is_busy and not request.url.query and await queue.get():
                pass
        if (shown := self.pdf.shown) is None:
            return PlainTextResponse(self.pdf.reason or "the PDF is being made", 503)
        return Response(shown.data, media_type="application/pdf", headers={"content-security-policy": _PDF_POLICY})

    async def serve_merge(self, request: Request) -> Response:
        """Answer with the questions of a merge, or with what a form with their answers led to."""
        form = await request.body() if request.method == "POST" else None
        merge = await asyncio.to_thread(answer_merge, self.site.project, form)
        if form is not None:  # our words may have been there before, and no file has changed
            async with self.updating:
                await asyncio.to_thread(self.site.check_paper)
            self.broadcast(self.format_findings())
        if (state := self.site.state) is None:
            return Response(self.pages.render_missing(state), 404, media_type="text/html")
        return Response(self.pages.current_frame(state).render_page("merge", merge=merge), media_type="text/html")

    async def serve_source(self, request: Request) -> Response:
        """Answer with a source file and its findings, as the target of their links."""
        path, state = request.path_params["path"], self.site.state
        is_shown = path.endswith((".md", ".yaml", ".csv")) and not any(part.startswith(".") for part in path.split("/"))
        lines = self.site.project.read_lines(path) if is_shown else None
        if state is None or lines is None:
            return PlainTextResponse("the paper has no such file", 404)
        by_line = group_pairs((each.place.line, each) for each in self.site.findings if each.place.path == path)
        html = self.pages.current_frame(state).render_page("source", path=path, lines=lines, found=by_line)
        return Response(html, media_type="text/html")

    async def serve_events(self, _: Request) -> Response:
        """Answer with the event stream."""

        async def stream() -> AsyncIterator[str]:
            with self.subscribe() as queue:
                yield f"retry: 500\n\n{self.format_findings()}{self.format_pdf_status()}"
                message = ": here\n\n"
                while message:
                    yield message
                    try:
                        message = await asyncio.wait_for(queue.get(), 15)
                    except TimeoutError:
                        message = ": still here\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    def asgi_app(self, hosts: Sequence[str]) -> ASGIApp:
        """Return the application for requests to these hosts."""
        routes = [
            Route("/~events", self.serve_events),
            Route("/~pdf", self.serve_pdf_page),
            Route("/~pdf/{name}.pdf", self.serve_pdf),
            Route("/~merge", self.serve_merge, methods=["GET", "POST"]),
            Route("/~source/{path:path}", self.serve_source),
            Route("/{path:path}", self.serve_page),
        ]

        def answer_template_error(_: Request, error: Exception) -> Response:
            return PlainTextResponse(f"no page can be made: templates/{error}", 500)

        handlers = {TemplateError: answer_template_error}
        return SameOriginMiddleware(Starlette(routes=routes, exception_handlers=handlers), hosts)


def _format_event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def _finding_event(finding: Diagnostic) -> dict[str, str]:
    """Return a finding for an event, with a link to its line. The keys are those of live.js."""
    place = finding.place
    return {
        "place": str(place),
        "address": "~merge" if finding.rule == "merge-conflict" else f"~source/{place.path}#L{place.line}",
        "path": place.path,
        "severity": str(finding.severity),
        "rule": finding.rule,
        "message": finding.message,
        "hint": finding.hint,
    }
