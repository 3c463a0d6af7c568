"""The Word file whose look the paper's own takes over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nioc_paper.model.chapter import Asset
from nioc_paper.model.diagnostic import Place


@dataclass(frozen=True, slots=True)
class WordTemplateFile:
    """A Word file, vetted, whose look the paper's own takes over."""

    asset: Asset
    place: Place
    """Where paper.yaml names it."""
    styles: Mapping[str, tuple[str, Place]] = field(default_factory=dict)
    """By the name of one of our styles that of the template's which stands for it, and where paper.yaml says so."""
