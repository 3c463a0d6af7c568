"""Word file whose design replaces ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nioc_paper.model.chapter import Asset
from nioc_paper.model.diagnostic import Place


@dataclass(frozen=True, slots=True)
class WordTemplateFile:
    """Vetted Word file whose design replaces ours."""

    asset: Asset
    place: Place
    """Place in paper.yaml that names it."""
    styles: Mapping[str, tuple[str, Place]] = field(default_factory=dict)
    """Template's style for each of our styles, with the place in paper.yaml."""
