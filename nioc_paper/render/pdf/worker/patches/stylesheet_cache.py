"""Parse a style sheet once for all jobs, as long as no style sheet that it may import changes."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nioc_paper.render.pdf.worker.patches.state import PatchState

if TYPE_CHECKING:
    from weasyprint.css import CSS


def wrap(original: type[CSS], state: PatchState) -> Callable[..., CSS]:
    """Return the replacement of `css.CSS`; `state.stylesheets` takes parsed style sheets, until it is cleared."""

    def load_stylesheet(**kwargs: Any) -> CSS:
        if "url" not in kwargs or "matcher" in kwargs:  # within the page, or imported by another
            return original(**kwargs)
        css_files = tuple(str(file) for kind, file in kwargs["url_fetcher"].assets.values() if kind == "text/css")
        key = (kwargs["url"], css_files)
        if key in state.stylesheets:
            return _reuse_stylesheet(*state.stylesheets[key], **kwargs)
        styles, rules = dict(kwargs["counter_style"]), len(kwargs["page_rules"])
        sheet = original(**kwargs)
        if not (kwargs["layers"] or kwargs["color_profiles"]):
            new = {name: style for name, style in kwargs["counter_style"].items() if styles.get(name) is not style}
            state.stylesheets[key] = sheet, kwargs["page_rules"][rules:], new
        return sheet

    return load_stylesheet


def _reuse_stylesheet(sheet: CSS, rules: list[object], styles: dict[str, object], **kwargs: Any) -> CSS:
    """Return a parsed style sheet for another job; what it adds to the lists of a job is added again."""
    new = copy.copy(sheet)
    new.page_rules, new.layers = kwargs["page_rules"], kwargs["layers"]
    new.page_rules += rules
    kwargs["counter_style"].update(styles)
    return new
