"""Start of reading before anything else: most runs follow the edit of one chapter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from nioc_paper.system.cache import Cache
from nioc_paper.system.chapter_times import has_newer_chapter
from nioc_paper.system.files import find_root

_READING_COMMANDS = ("build", "check", "site", "status")


def start_reading(args: Sequence[str]) -> None:
    """Start to parse the chapter that was edited, for a command line that will read the paper.

    A copy of this process imports `load` and puts the chapter into the cache. Meanwhile this process looks for a last
    run without changes, and imports the commands.
    """
    root = find_root(Path.cwd()) if args[:1] and args[0] in _READING_COMMANDS and "--help" not in args else None
    if root and has_newer_chapter(root, Cache.for_paper(root)):
        # Late: a replay reads nothing.
        from nioc_paper.system.schedule import start_early

        start_early(str(root), partial(_parse_edited_chapter, root))


def _parse_edited_chapter(root: Path) -> None:
    from nioc_paper.load import parse_edited_chapter  # late: only the copy imports it here

    parse_edited_chapter(root, Cache.for_paper(root))
