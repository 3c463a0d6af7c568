"""Assembly of a `Paper` into a `Document`: one tree with all numbers, references and lists. Pure.

Chapters are joined as trees, never as text: joined texts would mix up their footnotes.
"""

from __future__ import annotations

from nioc_paper.assemble.chapter import rebuild_chapter
from nioc_paper.assemble.document import assemble, assemble_chapter, build_document
from nioc_paper.assemble.excerpts import extract_chapter
from nioc_paper.assemble.numbered_paper import number_paper

__all__ = ["assemble", "assemble_chapter", "build_document", "extract_chapter", "number_paper", "rebuild_chapter"]
