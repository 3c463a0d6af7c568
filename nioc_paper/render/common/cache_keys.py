"""Cache keys of rendered chapters: the fields of a document that a chapter depends on."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

from nioc_paper.model import ENTRY_LISTS, Document
from nioc_paper.system import pandoc
from nioc_paper.system.cache import cache_key
from nioc_paper.system.files import source_hash


def chapter_settings(document: Document) -> Document:
    """Return the document without its blocks and all fields that no chapter shows: for cache keys."""
    empty: dict[str, Any] = dict.fromkeys((*ENTRY_LISTS, "blocks", "credits", "versions", "references", "nocite"), ())
    empty |= dict.fromkeys(("standing", "charts", "assets", "fonts"), MappingProxyType({}))
    empty |= {"date": None, "timestamp": 0, "version": "", "commit": "", "template": None}
    return replace(document, **empty, described=True, withheld=0)


def chapter_cache_key(kind: str, document: Document, *more: str) -> str:
    """Return the part of a cache key that all chapters of a document share, for one kind of output."""
    return cache_key(kind, source_hash(), pandoc.version(), repr(chapter_settings(document)), *more)
