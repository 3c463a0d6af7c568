"""Three-way merge of texts."""

from __future__ import annotations

from nioc_paper.system.git.process import GitRefusedError, NoRepositoryError, run_git_outside
from nioc_paper.system.scratch import ScratchFolder

CONFLICT_MARKERS = tuple(sign * 41 for sign in "<|=>")
"""Start of the lines before ours, before the base, before theirs, and after them."""


def merge_texts(ours: str, base: str, theirs: str) -> str | None:
    """Return git's three-way merge, with conflict markers and all three sides of clashes; None if git cannot."""
    with ScratchFolder("merge") as folder:
        for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
            (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        args = ["merge-file", "-p", "--diff3", f"--marker-size={len(CONFLICT_MARKERS[0])}", "ours", "base", "theirs"]
        try:
            completed = run_git_outside(folder, args)
        except (NoRepositoryError, GitRefusedError):
            return None
    # The exit code is the number of clashes, up to 127; a real failure is 255.
    return None if completed.returncode > 127 else completed.stdout.decode("utf-8", "surrogateescape")
