"""Table of all patches: target, parameters, supported version and gain. `docs/upstream.md` has the changes.

Speed patches are for one version of WeasyPrint. One that does not match its target is left out: slower, same bytes.
Gains are CPU time, or instructions, of a chapter of 12 to 16 pages, a sheet with 64 page numbers, or a start.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

from msgspec import Struct

from nioc_paper.render.pdf.results import MEASURED_VERSION
from nioc_paper.render.pdf.worker.patches import speed, tagging
from nioc_paper.render.pdf.worker.patches.state import PatchState
from nioc_paper.system.schedule import is_plain
from nioc_paper.system.versions import installed_version

# --- library names ----------------------------------------------------------------------------------------------------
# Skip the search for WeasyPrint's libraries, as the loader finds them: 50 processes of `gcc` and `ldconfig` less.


_Search = Callable[[str], str | None]


def skip_search(original: _Search, _: PatchState) -> _Search:
    """Return the replacement of `find_library`: on Linux it finds nothing."""
    return (lambda _: None) if sys.platform == "linux" else original


# --- patch table ------------------------------------------------------------------------------------------------------


class Patch(Struct, frozen=True):
    """Replacement of one attribute of a library."""

    module: str
    attribute: str
    parameters: tuple[str, ...]
    """Parameters of the target; of its `__init__`, if it is a class."""
    wrap: Callable[[Any, PatchState], object]
    """Return the replacement of the original."""
    gain: str
    version: str = MEASURED_VERSION
    """Version that the patch was measured with; empty if any version will do."""
    is_required: bool = False
    """Whether the output is wrong without it."""

    @property
    def target(self) -> str:
        """Dotted name of the attribute."""
        return f"{self.module}.{self.attribute}"

    def is_applicable(self) -> bool:
        """Whether version and target are those that the patch was written for, and speed is wanted if it gains that."""
        if not self.is_required and is_plain():
            return False
        is_measured = self.version in ("", installed_version("weasyprint"))
        try:
            target = getattr(*self._find_owner(), None)
        except ImportError:
            return False
        return is_measured and _parameters(target) == self.parameters

    def install(self, state: PatchState) -> Callable[[], None]:
        """Replace the attribute; return the function that puts the original back."""
        owner, name = self._find_owner()
        original = getattr(owner, name)
        setattr(owner, name, self.wrap(original, state))
        return lambda: setattr(owner, name, original)

    def _find_owner(self) -> tuple[object, str]:
        """Return the module or class with the attribute, and its name there."""
        owner: object = import_module(self.module)
        *classes, name = self.attribute.split(".")
        for class_name in classes:
            owner = getattr(owner, class_name, None)
        return owner, name


def _parameters(target: object) -> tuple[str, ...] | None:
    """Return the parameters of a function, or of the `__init__` of a class. Returns None for other values."""
    function = vars(target).get("__init__") if isinstance(target, type) else target
    if not isinstance(function, FunctionType):
        return None
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


EARLY_PATCHES = (
    Patch(
        "ctypes.util",
        "find_library",
        ("name",),
        skip_search,
        gain="54 processes and 0.18 s of an import of 0.56 s",
        version="",
    ),
    Patch(
        "cffi",
        "FFI",
        ("self", "backend"),
        speed.use_compiled_declarations,
        gain="68 of 345 ms of the start, 3 % of a chapter",
    ),
)
"""Patches to install before WeasyPrint is imported."""
PATCHES = (
    Patch(
        "weasyprint.pdf.tags",
        "_build_box_tree",
        ("box", "parent", "pdf", "page_number", "nums", "annotations", "tags"),
        tagging.wrap,
        gain="correctness: PDF/UA, and page numbers filled in later",
        version="",
        is_required=True,
    ),
    Patch(
        "weasyprint.document",
        "build_formatting_structure",
        (
            *("element_tree", "style_for", "get_image_from_uri", "base_url", "target_collector", "counter_style"),
            "footnotes",
        ),
        tagging.wrap_builder,
        gain="29 % of six chapters with notes that move, with the next",
        version="",
        is_required=True,
    ),
    Patch(
        "weasyprint.layout.page",
        "remake_page",
        ("index", "context", "root_box", "html"),
        tagging.wrap_page,
        gain="29 % of six chapters with notes that move, with the one before",
        version="",
        is_required=True,
    ),
    Patch(
        "weasyprint.layout.inline",
        "split_first_line",
        ("text", "style", "context", "max_width", "justification_spacing", "is_line_start", "minimum"),
        speed.cache_lines,
        gain="7 % of chapters with notes that move, 41 % of a page with columns",
    ),
    Patch(
        "weasyprint.pdf",
        "build_fonts_dictionary",
        ("pdf", "fonts", "compress", "subset", "options"),
        speed.omit_fonts,
        gain="34 ms, 5 % of a chapter, 8 % of a front",
    ),
    Patch(
        "weasyprint.css",
        "CSS",
        (
            *("self", "guess", "filename", "url", "file_obj", "string", "encoding", "base_url", "url_fetcher"),
            *("_check_mime_type", "media_type", "font_config", "counter_style", "color_profiles", "matcher"),
            *("page_rules", "layers", "layer"),
        ),
        speed.cache_stylesheets,
        gain="43 ms from the second job, 4 % of a chapter, 15 % of a sheet",
    ),
    Patch(
        "weasyprint.css",
        "ComputedStyle.__missing__",
        ("self", "key"),
        speed.return_unset_properties,
        gain="4 % of a chapter",
    ),
    Patch(
        "weasyprint.layout.inline",
        "strut",
        ("style",),
        speed.keep_by_style,
        gain="2 % of a chapter",
    ),
    Patch(
        "weasyprint.text.line_break",
        "get_font_description",
        ("style",),
        speed.keep_by_style,
        gain="2 % of a chapter",
    ),
    Patch(
        "weasyprint.css",
        "find_style_attributes",
        ("tree", "presentational_hints", "base_url"),
        speed.share_style_attributes,
        gain="3 % of a chapter with tables",
    ),
    Patch(
        "weasyprint.images",
        "RasterImage._get_png_data",
        ("pillow_image",),
        speed.copy_png_data,
        gain="4 % of a chapter with a chart",
    ),
    Patch(
        "pyphen",
        "HyphDict.__init__",
        ("self", "path"),
        speed.parse_on_demand,
        gain="57 ms of the first chapter of a process",
    ),
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
    if is_plain() or installed_version("weasyprint") != MEASURED_VERSION:
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
