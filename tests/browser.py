"""The web page in a browser: the Chromium of the system."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


class Look(NamedTuple):
    """How a reader looks at a page: the width of the window in CSS pixels, and light or dark."""

    width: int
    scheme: Any


LOOKS = [Look(width, scheme) for width in (1280, 360) for scheme in ("light", "dark")]


@contextmanager
def started() -> Iterator[Browser]:
    """The browser. No other event loop can run in this process before it ends, so a module of tests has its own."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM)


@contextmanager
def opened(browser: Browser, file: Path, look: Look, *, scripts: bool = True) -> Iterator[tuple[Page, list[str]]]:
    """The page, and what it says or asks for that it should not: messages on the console, requests for other files."""
    page = browser.new_page(
        viewport={"width": look.width, "height": 900}, color_scheme=look.scheme, java_script_enabled=scripts
    )
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(error.message))
    page.on("request", lambda request: trouble.append(request.url) if request.url != file.as_uri() else None)
    page.goto(file.as_uri())
    try:
        yield page, trouble
    finally:
        page.close()


def barriers(page: Page, *standards: str) -> list[str]:
    """What axe, https://github.com/dequelabs/axe-core, finds to keep people out: rule, element, and why.

    Without standards such as `wcag21aa` it also says what is only better so, in a page that stands alone.
    """
    page.evaluate(AXE_SCRIPT)
    only = {"runOnly": standards} if standards else {}
    found = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **only})
    return [
        f"{violation['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
