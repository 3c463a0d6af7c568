"""Questions of a merge on a page of the preview: asked as `merge` asks them, answered by a form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from msgspec import Struct

from nioc_paper.app.errors import AppError
from nioc_paper.app.merging import OURS, THEIRS, Question, begin_merge, save_merge
from nioc_paper.app.project import Project
from nioc_paper.model import Diagnostic
from nioc_paper.system.files import lock_paper

_OWN_WORDS = "words"
"""Answer of a question whose text is written by hand."""


class MergePage(Struct, frozen=True):
    """What the page shows: questions that are open, or what became of the merge."""

    questions: Sequence[Question] = ()
    key: str = ""
    """Hash of the questions: answers to others are not taken."""
    notes: Sequence[str] = ()
    errors: Sequence[Diagnostic] = ()


def answer_merge(project: Project, form: bytes = b"") -> MergePage:
    """Merge what git could not, with the answers of a form if there are any, as `merge` does."""
    fields = {name: values[0] for name, values in parse_qs(form.decode(), keep_blank_values=True).items()}
    with lock_paper(project.root, lambda: None):
        try:
            if notice := begin_merge(project, None):
                return MergePage(notes=(notice,))
            saved = save_merge(project, ())
            asked, notes = saved.open_questions, list[str]()
            key = hashlib.sha256(repr(asked).encode()).hexdigest()
            if asked and fields.get("key") == key:
                saved = save_merge(project, [_read_answer(fields, number) for number in range(len(asked))])
            elif fields:
                notes.append("what is to be decided has changed since the page was loaded: nothing was written")
        except AppError as error:
            return MergePage(notes=(str(error),))
    if saved.open_questions:
        return MergePage(saved.open_questions, key, notes)
    return MergePage(notes=(*saved.notes, saved.summary), errors=saved.errors)


def _read_answer(fields: Mapping[str, str], number: int) -> str:
    """Return the answer to a question; our words hold if none is marked."""
    answer = fields.get(f"answer-{number}", OURS)
    return fields.get(f"words-{number}", "").strip() if answer == _OWN_WORDS else {THEIRS: THEIRS}.get(answer, OURS)
