"""Questions of a merge on a page of the preview: asked as `merge` asks them, answered by a form."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from msgspec import Struct

from nioc_paper.app.branch_merge import Answer, MergeSide, Question, begin_merge, save_merge
from nioc_paper.app.errors import AppError
from nioc_paper.app.project import Project
from nioc_paper.model import Diagnostic
from nioc_paper.system.failure_message import describe_failure
from nioc_paper.system.files import lock_paper


class MergePage(Struct, frozen=True):
    """What the page shows: questions that are open, or what became of the merge."""

    questions: Sequence[Question] = ()
    key: str = ""
    """Hash of the questions, also of none: answers to others are not taken. Empty if there is nothing to answer."""
    notes: Sequence[str] = ()
    errors: Sequence[Diagnostic] = ()


def answer_merge(project: Project, form: bytes | None) -> MergePage:
    """Return the open questions and write nothing, or with a form merge with its answers, as `merge` does."""
    try:
        with lock_paper(project.root, lambda: None):
            return _ask(project) if form is None else _save(project, form)
    except (AppError, OSError) as error:
        return MergePage(notes=(describe_failure(error) or str(error),))


def _ask(project: Project, *notes: str) -> MergePage:
    asked = save_merge(project, None).open_questions
    return MergePage(asked, hashlib.sha256(repr(asked).encode()).hexdigest(), notes)


def _save(project: Project, form: bytes) -> MergePage:
    """Merge with the answers of a form, unless they are answers to other questions."""
    values = parse_qs(form.decode(errors="replace"), keep_blank_values=True)
    # Browsers send the line ends of a text as CRLF.
    fields = {name: texts[0].replace("\r\n", "\n") for name, texts in values.items()}
    if notice := begin_merge(project, None):
        return MergePage(notes=(notice,))
    page = _ask(project, "what is to be decided has changed since the page was loaded: no file was written")
    if fields.get("key") != page.key:
        return page
    saved = save_merge(project, [_read_answer(fields, number) for number in range(len(page.questions))])
    if saved.open_questions:
        return _ask(project)
    return MergePage(notes=(*saved.notes, saved.summary), errors=saved.errors)


def _read_answer(fields: Mapping[str, str], number: int) -> Answer:
    """Return the answer to a question; our words hold if none is marked."""
    answer = fields.get(f"answer-{number}", "")
    if answer == "words":
        return fields.get(f"words-{number}", "").strip()
    return MergeSide.THEIRS if answer == MergeSide.THEIRS.value else MergeSide.OURS
