"""Compute the used sizes of a box once per style and containing block: columns are laid out thirty times."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nioc_paper.render.pdf.worker.patches.state import PatchState

if TYPE_CHECKING:
    from weasyprint.formatting_structure.boxes import Box

    _Size = float | str
    _Block = Box | tuple[_Size, _Size]
    _Resolver = Callable[[Box, _Block], None]

_SIDES = ("top", "right", "bottom", "left")
_BORDERS = tuple(f"border_{side}_width" for side in _SIDES)
_SIZES = (
    *(f"{kind}{axis}" for axis in ("width", "height") for kind in ("", "min_", "max_")),
    *(f"{kind}_{side}" for kind in ("margin", "padding") for side in _SIDES),
    *_BORDERS,
)
"""Attributes that `resolve_percentages` sets."""


def wrap(original: _Resolver, _: PatchState) -> _Resolver:
    """Return the replacement of `resolve_percentages`: a style keeps the sizes that were computed from it."""
    from weasyprint.formatting_structure.boxes import PageBox

    def resolve_sizes(box: Box, containing_block: _Block) -> None:
        if isinstance(box, PageBox):  # its margins are computed in another way
            original(box, containing_block)
            return
        key: tuple[object, ...] = containing_block if isinstance(containing_block, tuple) else _size(containing_block)
        if box.style["border_collapse"] == "collapse":  # the table has decided how wide the borders are
            key += tuple(map(vars(box).get, _BORDERS))
        sizes = vars(box.style).setdefault("used_sizes", {})
        if key not in sizes:
            original(box, containing_block)
            sizes[key] = {name: getattr(box, name) for name in _SIZES}
        vars(box).update(sizes[key])

    return resolve_sizes


def _size(block: Box) -> tuple[_Size, _Size]:
    return block.width, block.height
