"""A Word file with its parts under the names that Word gives them: Word on the web and other programs give others."""

from __future__ import annotations

from nioc_paper.ooxml.graft import main_part, relations
from nioc_paper.ooxml.package import Package

_MAIN = "word/document.xml"
_PARTS = ("styles", "numbering", "settings", "footnotes", "comments", "commentsExtended")


def usual(package: Package) -> Package:
    """The same file, to be read: its text is `word/document.xml`, its comments are `word/comments.xml`."""
    main = main_part(package)
    found = {r.kind: r.target for r in relations(package, main) if r.kind in _PARTS and not r.external}
    package.rename(main, _MAIN)
    for kind, name in found.items():
        package.rename(name, f"word/{kind}.xml")
    return package
