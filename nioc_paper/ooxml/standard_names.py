"""Rename a Word file's parts to Word's standard names: Word on the web and other programs use others."""

from __future__ import annotations

from nioc_paper.ooxml.package import Package
from nioc_paper.ooxml.part_copy import main_part_name, read_relationships

_MAIN_PART = "word/document.xml"
_STANDARD_PARTS = ("styles", "numbering", "settings", "footnotes", "endnotes", "comments", "commentsExtended")


def with_standard_names(package: Package) -> Package:
    """Return the file for reading: its text is `word/document.xml`, its comments are `word/comments.xml`."""
    main = main_part_name(package)
    part_names = {
        r.kind: r.target for r in read_relationships(package, main) if r.kind in _STANDARD_PARTS and not r.external
    }
    package.rename_part(main, _MAIN_PART)
    for kind, name in part_names.items():
        package.rename_part(name, f"word/{kind}.xml")
    return package
