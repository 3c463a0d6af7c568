"""Changes of a command to a paper, as one: all of them, or none."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from nioc_paper.system import git
from nioc_paper.system.scratch import remove_leftovers
from nioc_paper.system.undo_note import UndoNote


@contextlib.contextmanager
def all_or_nothing(root: Path, *endings: type[BaseException]) -> Iterator[None]:
    """Roll back what is changed in a paper if there is an exception, other than one by which a command ends well.

    What a killed command has left is rolled back first. The paper must be locked.
    """
    note = UndoNote(root)
    _roll_back(note)
    note.begin()
    try:
        yield
    except endings:
        note.close()
        raise
    except BaseException:
        _roll_back(note)
        raise
    else:
        note.close()


def _roll_back(note: UndoNote) -> None:
    """Undo the changes in a note. If somebody has committed more since, they stay."""
    if lock := note.entries.get("lock"):
        file, inode = Path(lock[0]), lock[1]
        if file.exists() and file.stat().st_ino == inode:
            file.unlink()
    parent, commits = note.entries.get("parent", ""), note.entries.get("commits", [])
    head = git.resolve_commit(note.root) or "" if commits else ""
    if "is_over" not in note.entries and head in (*commits, parent):
        note.restore_files()
        # After the files: what they held may be the room that git needs on a full disk.
        if head != parent and not git.move_branch_back(note.root, head, parent):
            reason = git.REFUSAL_REASONS.get(note.root, "git does not answer")
            raise OSError(errno.EIO, f"a change that was not completed cannot be taken back: {reason}", str(note.root))
    if lock:
        remove_leftovers(Path(lock[0]).parent)  # after the files, of which it has the old ones
    note.close()
