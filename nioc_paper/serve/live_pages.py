"""Pages of the preview and their files, made when a browser asks for them."""

from __future__ import annotations

from msgspec import Struct, field

from nioc_paper.model import Chart, Templates
from nioc_paper.render.common import inline_charts
from nioc_paper.render.common.special_fonts import ScriptFont, script_font_of
from nioc_paper.render.common.theme import read_theme
from nioc_paper.render.site.page_text import picture_address
from nioc_paper.render.site.pages import HOME, SiteOptions
from nioc_paper.render.site.site_writer import ICON, PageFrame, font_css_and_files, render_icon, stylesheet
from nioc_paper.serve.incremental_site import SiteState


class LivePages(Struct, dict=True):
    """Pages of a state of the site, with caches that later states share."""

    templates: Templates
    chart_cache: dict[str, tuple[Chart, str]] = field(default_factory=dict)
    """Charts, and their markup, by address."""
    frame_cache: tuple[SiteState, PageFrame] | None = None
    fonts_by_script: dict[ScriptFont | None, tuple[str, dict[str, bytes]]] = field(default_factory=dict)

    def render_file(self, state: SiteState, path: str) -> bytes | None:
        """Return the bytes of a page, a picture or a shared file; None if there is no such file."""
        if path.startswith("pictures/"):
            return self.render_picture(state, path)
        if path == "site.css":
            css, _ = self.site_fonts(state)
            live = self.templates.text("site/live.css")
            return (stylesheet(self.templates, state.page_html, css) + live).encode()
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
        frame, page = self.current_frame(state), state.plan.find_page(name)
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
                changed=state.numbered.context.history.last_changes,
                progress=state.site_progress,
                paper=state.paper,
                live=True,
            )
            self.frame_cache = state, PageFrame(state.document, site_options, self.templates, state.plan)
        return self.frame_cache[1]

    def render_picture(self, state: SiteState, path: str) -> bytes | None:
        """Return an image; None if there is none at this address."""
        assets = state.document.assets.items()
        return next((asset.data for name, asset in assets if picture_address(name) == path), None)

    def with_charts(self, state: SiteState, html: str) -> str:
        """Return a page with its charts; they are drawn when a page with them is asked for, and cached."""
        addresses = {picture_address(name): chart for name, chart in state.document.charts.items()}
        shown = {address: chart for address, chart in addresses.items() if f'"{address}"' in html}
        drawn = {address: self._draw_chart(address, chart) for address, chart in shown.items()}
        return inline_charts.replace_images(html, {address: text for address, text in drawn.items() if text})

    def _draw_chart(self, address: str, chart: Chart) -> str:
        """Return a chart as part of a page, cached by its specification; empty if it cannot be drawn."""
        cached = self.chart_cache.get(address)
        if cached is None or cached[0] != chart:
            try:
                markup = inline_charts.draw_inline_chart(chart, read_theme(self.templates))
            except ValueError:
                return ""
            cached = self.chart_cache[address] = chart, markup
        return cached[1]

    def site_fonts(self, state: SiteState) -> tuple[str, dict[str, bytes]]:
        """Return the font rules as CSS, and font files by path, which have all letters: a new word needs no others."""
        script_font = script_font_of(state.document)
        if script_font not in self.fonts_by_script:
            self.fonts_by_script[script_font] = font_css_and_files(state.document, self.templates, None)
        return self.fonts_by_script[script_font]
