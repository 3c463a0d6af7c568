"""Compute the style of a pseudo-element when a box asks for it: each element has six, for notes and lists, in vain."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from nioc_paper.render.pdf.worker.patches.state import PatchState

if TYPE_CHECKING:
    from weasyprint.css import Style, StyleFor

    _Setter = Callable[..., None]
    _Getter = Callable[[StyleFor, object, str | None], Style | None]


def wrap_setter(original: _Setter, _: PatchState) -> _Setter:
    """Return the replacement of `set_computed_styles`, which keeps the declarations of pseudo-elements for later.

    Those that may be the target of a link are computed at once, and so are those of pages.
    """

    def set_styles(style_for: StyleFor, element: object, parent: object, **others: object) -> None:
        key = element, others.get("pseudo_type")
        cascaded = style_for.get_cascaded_styles().get(key, {})
        if key[1] and others.get("target_collector") and "anchor" not in cascaded:
            later = vars(style_for).setdefault("later", {})
            later[key] = cascaded, partial(original, style_for, element, parent, **others)
        else:
            original(style_for, element, parent, **others)

    return set_styles


def wrap_getter(original: _Getter, _: PatchState) -> _Getter:
    """Return the replacement of `StyleFor.__call__`, which computes the style of a pseudo-element first."""

    def get_style(style_for: StyleFor, element: object, pseudo_type: str | None = None) -> Style | None:
        cascaded, compute = vars(style_for).get("later", {}).pop((element, pseudo_type), (None, None))
        if compute:
            style_for.get_cascaded_styles()[element, pseudo_type] = cascaded
            compute()
            del style_for.get_cascaded_styles()[element, pseudo_type]
        return original(style_for, element, pseudo_type)

    return get_style
