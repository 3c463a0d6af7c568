"""Word file whose design replaces ours."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from nioc_paper.model.chapter import Asset
from nioc_paper.model.diagnostic import Place


class WordTemplateFile(Struct, frozen=True):
    """Vetted Word file whose design replaces ours."""

    asset: Asset
    place: Place
    """Place in paper.yaml that names it."""
    styles: Mapping[str, tuple[str, Place]] = field(default_factory=dict)
    """Template's style for each of our styles, with the place in paper.yaml."""
