"""Table of all patches; `docs/upstream.md` has the change and the gain of each.

Speed patches are for the measured versions. With others they are left out: slower, same bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pkgutil import resolve_name
from types import ModuleType
from typing import Any

from msgspec import Struct

from nioc_paper.render.pdf.worker.patches import speed, tagging
from nioc_paper.render.pdf.worker.patches.patch_state import PatchState
from nioc_paper.render.pdf.worker_messages import MEASURED_VERSION
from nioc_paper.system.concurrency import is_plain
from nioc_paper.system.requirements import installed_version

# --- library names ----------------------------------------------------------------------------------------------------
# Skip the search for WeasyPrint's libraries, as the loader finds them: 50 processes of `gcc` and `ldconfig` less.


_Search = Callable[[str], str | None]


def skip_search(original: _Search, _: PatchState) -> _Search:
    """Return the replacement of `find_library`: on Linux it finds nothing."""
    return (lambda _: None) if sys.platform == "linux" else original


# --- patch table ------------------------------------------------------------------------------------------------------

MEASURED = {"weasyprint": MEASURED_VERSION, "pyphen": "0.18.1"}
"""Versions that the patches were measured with."""


def _is_measured() -> bool:
    return all(installed_version(package) == version for package, version in MEASURED.items())


class Patch(Struct, frozen=True):
    """Replacement of one attribute of a library."""

    target: str
    """Dotted name of the attribute."""
    wrap: Callable[[Any, PatchState], object]
    """Return the replacement of the original."""
    parameters: tuple[str, ...] = ()
    """Parameters of the target, in any version; without them the patch is for the measured versions."""
    is_required: bool = False
    """Whether the output is wrong without it."""

    def is_applicable(self) -> bool:
        """Whether the target is the one that the patch was written for, and speed is wanted if it gains that."""
        if not self.is_required and is_plain():
            return False
        return _parameters(self.target) == self.parameters if self.parameters else _is_measured()

    def install(self, state: PatchState) -> Callable[[], None]:
        """Replace the attribute; return the function that puts the original back."""
        path, _, name = self.target.rpartition(".")
        owner, original = resolve_name(path), resolve_name(self.target)
        setattr(owner, name, self.wrap(original, state))
        return lambda: setattr(owner, name, original)


def _parameters(target: str) -> tuple[str, ...]:
    """Return the parameters of a function; none if there is no such function."""
    try:
        code = resolve_name(target).__code__
    except (ImportError, AttributeError):
        return ()
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return names


_TREE_PARAMETERS = ("box", "parent", "pdf", "page_number", "nums", "annotations", "tags")
_BUILDER_PARAMETERS = (
    *("element_tree", "style_for", "get_image_from_uri", "base_url", "target_collector", "counter_style"),
    "footnotes",
)
_PAGE_PARAMETERS = ("index", "context", "root_box", "html")
EARLY_PATCHES = (
    Patch("ctypes.util.find_library", skip_search, ("name",)),
    Patch("cffi.FFI", speed.use_compiled_declarations),
)
"""Patches to install before WeasyPrint is imported."""
PATCHES = (
    Patch("weasyprint.pdf.tags._build_box_tree", tagging.wrap, _TREE_PARAMETERS, is_required=True),
    Patch(
        "weasyprint.document.build_formatting_structure", tagging.wrap_builder, _BUILDER_PARAMETERS, is_required=True
    ),
    Patch("weasyprint.layout.page.remake_page", tagging.wrap_page, _PAGE_PARAMETERS, is_required=True),
    Patch("weasyprint.layout.inline.split_first_line", speed.cache_lines),
    Patch("weasyprint.pdf.build_fonts_dictionary", speed.omit_fonts),
    Patch("weasyprint.css.CSS", speed.cache_stylesheets),
    Patch("weasyprint.css.ComputedStyle.__missing__", speed.return_unset_properties),
    Patch("weasyprint.layout.inline.strut", speed.keep_by_style),
    Patch("weasyprint.text.line_break.get_font_description", speed.keep_by_style),
    Patch("weasyprint.css.find_style_attributes", speed.share_style_attributes),
    Patch("weasyprint.images.RasterImage._get_png_data", speed.copy_png_data),
    Patch("pyphen.HyphDict.__init__", speed.parse_on_demand),
)
"""Patches to install after WeasyPrint is imported."""
LATE_FUNCTIONS = {
    "fontTools.subset": ("Options", "Subsetter"),
    "fontTools.varLib.instancer": ("instantiateVariableFont",),
}
"""Functions by module that WeasyPrint needs for fonts that are not ours: 77 ms of the start to import."""


def install_early_patches(state: PatchState) -> None:
    """Install the patches of the import, and import WeasyPrint without the modules of late functions."""
    _install(EARLY_PATCHES, state)
    if is_plain() or not _is_measured():
        return
    for module, names in LATE_FUNCTIONS.items():
        sys.modules[module] = placeholder = ModuleType(module)
        vars(placeholder).update({name: _late_function(module, name) for name in names})
    import_module("weasyprint.pdf.fonts")
    for module in LATE_FUNCTIONS:
        del sys.modules[module]


def _late_function(module: str, name: str) -> Callable[..., object]:
    def import_and_call(*args: object, **kwargs: object) -> object:
        return getattr(import_module(module), name)(*args, **kwargs)

    return import_and_call


def install_patches(state: PatchState) -> Callable[[], None] | None:
    """Install the other patches; return the function that takes them back.

    Returns None, and installs nothing, if the target of a required patch is another.
    """
    if not all(patch.is_applicable() for patch in PATCHES if patch.is_required):
        return None
    undos = _install(PATCHES, state)

    def take_all_back() -> None:
        for undo in reversed(undos):
            undo()

    return take_all_back


def _install(patches: tuple[Patch, ...], state: PatchState) -> list[Callable[[], None]]:
    return [patch.install(state) for patch in patches if patch.is_applicable()]
