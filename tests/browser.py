"""The web page in a browser: the Chromium of the system."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE = 120_000
"""Milliseconds to wait for an event, on a machine that has much to do."""


BLANK = "about:blank"
_OPTIONS = ["--js-flags=--no-turbofan,--no-maglev"]
"""Scripts of a page end before it pays to compile them well: a ninth less processor time."""


class Look(NamedTuple):
    """How a reader looks at a page: the width of the window in CSS pixels, and light or dark."""

    width: int
    scheme: Any


LOOKS = [Look(width, scheme) for width in (1280, 360) for scheme in ("light", "dark")]

PLACES = ("target-size", "scrollable-region-focusable")
"""Rules of axe about the places of elements, which depend on the width."""
COLOURS = ("color-contrast", "link-in-text-block")
"""Rules of axe about colours: the others see no difference between light and dark, for the elements are the same."""


@contextmanager
def started() -> Iterator[Callable[[], AbstractContextManager[Browser]]]:
    """The browser, for each module of tests to borrow: its event loop lets no other run in this thread meanwhile."""
    from playwright.sync_api import sync_playwright  # late: collecting the tests starts no engine

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=_OPTIONS, timeout=PATIENCE)
        loop = asyncio.get_running_loop()  # Playwright marks its own so between calls

        @contextmanager
        def lend() -> Iterator[Browser]:
            asyncio._set_running_loop(loop)
            yield running
            asyncio._set_running_loop(None)

        asyncio._set_running_loop(None)
        yield lend
        asyncio._set_running_loop(loop)


def expect(locator: Locator) -> Any:
    """Playwright's own, imported when it is asked for: it waits until the page is as expected."""
    from playwright.sync_api import expect  # late

    expect.set_options(timeout=PATIENCE)
    return expect(locator)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which the files of a folder are served, on this machine."""
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files, and tells nobody."""

    def log_message(self, format: str, *args: object) -> None:
        """Write no log."""


@contextmanager
def opened(
    browser: Browser, file: Path | str, look: Look, *, scripts: bool = True, under: str = ""
) -> Iterator[tuple[Page, list[str]]]:
    """The page, with the faults that it reports: messages on the console, requests for other files.

    A page at an address may ask for addresses that begin with `under`, if they exist.
    """
    address = file.as_uri() if isinstance(file, Path) else file
    trouble: list[str] = []
    handlers: dict[Any, Callable[[Any], None]] = {
        "console": lambda message: trouble.append(message.text),
        "pageerror": lambda error: trouble.append(error.message),
        "request": lambda sent: None if sent.url.startswith(under or address) else trouble.append(sent.url),
        "response": lambda response: trouble.append(response.url) if response.status >= 400 else None,
    }
    with _blank(browser, scripts=scripts) as page:
        page.set_viewport_size({"width": look.width, "height": 900})
        page.emulate_media(color_scheme=look.scheme, media="null")
        for event, handler in handlers.items():
            page.on(event, handler)
        try:
            page.goto(address)
            yield page, trouble
        finally:
            for event, handler in handlers.items():
                page.remove_listener(event, handler)


@contextmanager
def _blank(browser: Browser, *, scripts: bool) -> Iterator[Page]:
    """An empty page. One with scripts is left empty for the next test: a new one takes half a second to start."""
    blank_pages = (page for context in browser.contexts for page in context.pages if page.url == BLANK)
    page = next(blank_pages, None) if scripts else None
    if page is None:
        page = browser.new_page(java_script_enabled=scripts)
        page.context.set_default_timeout(PATIENCE)  # for pages that it opens, too
    try:
        yield page
        if scripts:
            _clear(page)
    finally:
        if page.url != BLANK:
            page.close()


def _clear(page: Page) -> None:
    """Leave nothing of a test to the next: pages that it opened, stored data, the place of the mouse."""
    for other in page.context.pages:
        if other != page:
            other.close()
    page.evaluate("try { localStorage.clear(); sessionStorage.clear() } catch {}")  # data: and blank pages have none
    page.context.clear_cookies()
    page.goto(BLANK)
    page.mouse.move(-1, -1)


def barriers(page: Page, *standards: str) -> list[str]:
    """Return the barriers that axe, https://github.com/dequelabs/axe-core, finds: rule, element, and reason.

    Without standards such as `wcag21aa`, or rules such as COLOURS, it also reports
    recommendations, which need not hold in a page of its own.
    """
    only = {"runOnly": standards} if standards else {}
    return _barriers(page, "options => axe.run(options)", only)


ONE_OF_EACH = """options => {
    const seen = new Set(), look = (element) => {
        const {color, fontSize, fontWeight, textDecorationLine} = getComputedStyle(element);
        return [color, fontSize, fontWeight, textDecorationLine];
    };
    const behind = (element) => {
        const {backgroundColor, backgroundImage, opacity, display, visibility} = getComputedStyle(element);
        return [backgroundColor, backgroundImage, opacity, display == "none", visibility].join();
    };
    const include = [...document.body.querySelectorAll("*")].filter(element => {
        if (![...element.childNodes].some(node => node.nodeType == Node.TEXT_NODE && node.data.trim())) return false;
        const layers = new Set();
        for (let outer = element; outer; outer = outer.parentElement) layers.add(behind(outer));
        const kind = JSON.stringify([element.tagName, look(element), look(element.parentElement), [...layers]]);
        return !seen.has(kind) && seen.add(kind);
    });
    return axe.run({include}, options);
}"""
"""Runs axe on one of the elements that look alike, before a like background."""


def barriers_of_a_long_page(page: Page, *rules: str) -> list[str]:
    """Return the same of a page with thousands of elements: the contrast of those that look alike is computed once."""
    chosen = {"runOnly": rules} if rules else {"rules": {rule: {"enabled": False} for rule in COLOURS}}
    everywhere = _barriers(page, "options => axe.run(options)", chosen)
    return everywhere + _barriers(page, ONE_OF_EACH, {"runOnly": COLOURS})


def _barriers(page: Page, run: str, options: dict[str, Any]) -> list[str]:
    from axe_playwright_python.base import AXE_SCRIPT  # late: it imports playwright

    if page.evaluate("!window.axe"):
        page.evaluate(AXE_SCRIPT)
    axe_result = page.evaluate(run, {"resultTypes": ["violations"], **options})
    return [
        f"{violation['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for violation in axe_result["violations"]
        for node in violation["nodes"]
    ]
