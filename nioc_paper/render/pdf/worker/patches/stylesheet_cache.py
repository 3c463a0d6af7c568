"""Parse a style sheet once for all jobs, as long as no style sheet that it may import changes."""

from __future__ import annotations

import copy
from typing import Any

from nioc_paper.render.pdf.worker.patches.state import PatchState


def install(state: PatchState) -> None:
    """Replace `css.CSS`: `state.stylesheets` takes parsed style sheets, until it is cleared."""
    from weasyprint import css

    original = css.CSS

    def load_stylesheet(**kwargs: Any) -> Any:
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

    css.CSS = load_stylesheet


def _reuse_stylesheet(sheet: Any, rules: list[Any], styles: dict[str, Any], **kwargs: Any) -> Any:
    """A style sheet that was read for a job, for another: what it adds to others of a job is added again."""
    new = copy.copy(sheet)
    new.page_rules, new.layers = kwargs["page_rules"], kwargs["layers"]
    new.page_rules += rules
    kwargs["counter_style"].update(styles)
    return new
