"""Consult bodies: a form for each, the register of what was asked, and the records of what came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from nioc_paper.app.contacts import require_contacts, write_drafts
from nioc_paper.app.errors import RequestError, require_none
from nioc_paper.app.gates import require_commit, require_committed
from nioc_paper.app.outputs import write_files
from nioc_paper.app.own_commits import PAPER_PATHS, OwnCommits
from nioc_paper.app.project import Project
from nioc_paper.app.records import RecordKind, write_records
from nioc_paper.app.sendings.send import render_docx
from nioc_paper.app.sendings.word_files import read_word_file
from nioc_paper.assemble.documents.consultation import FORMS, build_consultation, form_words
from nioc_paper.assemble.lists import ListContext
from nioc_paper.assemble.numbered_paper import number_paper
from nioc_paper.domain.consultations import (
    actions_by_body,
    actions_to_ask,
    hash_action,
    last_requests,
    open_clearances,
)
from nioc_paper.model import (
    Agreement,
    AskedAction,
    Consultation,
    History,
    OutputOptions,
    Paper,
    Party,
    Record,
    spelling_hint,
    to_dict,
)
from nioc_paper.model.reviews import Sensitivity
from nioc_paper.ooxml.package import Package
from nioc_paper.render.common.theme import read_theme
from nioc_paper.report.reminders import build_cover_letter
from nioc_paper.review.exchange import form, ledger, outgoing
from nioc_paper.system.stages import stage
from nioc_paper.wording import Wording, format_date

_KINDS: Mapping[str, RecordKind] = {
    key: RecordKind("consultations", key, cls) for key, cls in (("consultations", Consultation), ("answers", Agreement))
}


def save_records(
    project: Project,
    paper: Paper,
    commits: OwnCommits,
    subject: str,
    more: Sequence[str] = (),
    **lists: Sequence[Record],
) -> str:
    """Write records of the register, each list under its key, and commit them with more files.

    Returns the line of the commit.
    """
    paths = [*more]
    for key, records in lists.items():
        paths += write_records(project, paper.settings, _KINDS[key], [_as_texts(record) for record in records])
    return commits.commit([*dict.fromkeys(paths)], subject)


def _as_texts(record: Record) -> dict[str, Any]:
    """Return a record as texts, and lists of texts or of records of texts."""

    def as_text(value: object) -> object:
        if isinstance(value, list):
            return [as_text(item) for item in value]
        return {k: str(v) for k, v in value.items()} if isinstance(value, dict) else str(value)

    return {key: as_text(value) for key, value in to_dict(record).items()}


# --- what a body is asked ---------------------------------------------------------------------------------------------


class PlannedConsultations(Struct, frozen=True):
    """Forms that may be sent; nothing is written yet."""

    project: Project
    paper: Paper
    commits: OwnCommits
    requests: Sequence[Consultation]

    def write_files(self, folder: Path) -> Iterator[tuple[Path, Consultation]]:
        """Write the form of each body, and yield it."""
        for request in self.requests:
            with stage(request.body):
                data = make_form(self.project, self.paper, request).save(0)
            for file in write_files({f"consultation-{request.body}-{request.id}.docx": data}, folder):
                yield file, request

    def save(self) -> str:
        """Write and commit who was asked what. Returns the line of `OwnCommits.commit`."""
        names = ", ".join(self.paper.display_name(request.body) for request in self.requests)
        return save_records(self.project, self.paper, self.commits, f"Consult {names}", consultations=self.requests)


def plan_consultations(
    project: Project,
    bodies: Sequence[str],
    due: date | None,
    audience: Sensitivity,
    *,
    with_languages: bool = False,
) -> PlannedConsultations:
    """Plan the next form of some bodies, or of all that own an action or owe a clearance if none is named.

    `with_languages`, each is in the language of its contact.

    Raises RequestError for an unknown body, AppError if the paper cannot be sent.
    """
    loaded = project.load()
    paper, on = loaded.paper, project.today(loaded.paper)
    ids = [require_body(paper, name) for name in bodies] or _bodies_to_ask(paper)
    require_none(loaded.errors())
    if due and due < on:
        raise RequestError(f"--due {due} has passed: today is {on}")
    commit = require_commit(project.root)
    require_committed(project.root, [path for path in PAPER_PATHS if (project.root / path).exists()])
    context = number_paper(paper, History(), OutputOptions(audience=audience)).context
    contacts = require_contacts(project, paper) if with_languages else {}
    requests, used_ids = list[Consultation](), {each.id for each in paper.consultations_file.consultations}
    blank = Consultation(id="", body="", on=on, due=due, commit=commit, audience=audience)
    for body in dict.fromkeys(ids):
        before, contact = last_requests(paper).get(body), contacts.get(body)
        actions, clearances = _find_questions(paper, context, body)
        if actions or clearances:
            new_id = ledger.make_id((body, on, commit, before and before.id), used_ids)
            number, language = before.round + 1 if before else 1, contact.language if contact else None
            asked = blank.replace(id=new_id, body=body, round=number, language=language)
            requests.append(asked.replace(actions=actions, clearances=clearances))
    return PlannedConsultations(project, paper, OwnCommits(project), requests)


def write_consultation_drafts(
    planned: PlannedConsultations, written: Sequence[tuple[Path, Consultation]]
) -> Iterator[str]:
    """Write the draft of a message for each form, and yield the lines of `write_drafts`."""
    project, paper = planned.project, planned.paper
    letters = []
    for file, request in written:
        words, body = form_words(paper, request), paper.display_name(request.body)
        due = words["review_due"].format(day=format_date(request.due, words)) if request.due else ""
        letter = words["consult_letter"].format(paper=paper.settings.title, body=body)
        lines, subject = (letter, words["consult_attached"], due), words["consult_title"].format(body)
        attachment = (file.name, read_word_file(project, file))
        letters.append(build_cover_letter(paper, Party(request.body, body), subject, lines, attachment, words))
    yield from write_drafts(project, "consult", letters, require_contacts(project, paper))


def _find_questions(paper: Paper, context: ListContext, body: str) -> tuple[tuple[AskedAction, ...], tuple[str, ...]]:
    """Return the actions and the clearances that a body is to be asked about, as far as the readers may see them."""
    visible = {chapter.id for chapter in context.chapters}
    numbers = {item.id: context.numbers[item.id] for _, item in context.items_of_kind("recommendation")}
    actions = (
        AskedAction(id=item.id, number=numbers[item.id], words=hash_action(item))
        for item in actions_to_ask(paper, body)
        if item.id in numbers
    )
    return tuple(actions), tuple(chapter for chapter in open_clearances(paper, body) if chapter in visible)


def require_body(paper: Paper, name: str) -> str:
    """Return the id of an organization by any of its names. Raises RequestError if there is none."""
    organization = paper.organization(name)
    if organization is None:
        known = [o.id for o in paper.contributors.organizations]
        raise RequestError(f"no organization in contributors.yaml is called '{name}'; {spelling_hint(name, known)}")
    return organization.id


def _bodies_to_ask(paper: Paper) -> list[str]:
    bodies = actions_by_body(paper)
    return [o.id for o in paper.contributors.organizations if o.id in bodies or open_clearances(paper, o.id)]


def make_form(project: Project, paper: Paper, request: Consultation) -> Package:
    """Return the Word file of a form, with its controls, marks and instructions."""
    words = form_words(paper, request)
    package = Package(render_docx(build_consultation(paper, History(), request), project.templates, project.cache))
    form.add_controls(package, FORMS, words)
    origin = outgoing.Origin(paper.settings.id, request.body, request.id, request.commit)
    accent = read_theme(project.templates)["accent"].lstrip("#")
    outgoing.prepare_for_review(package, origin, instructions(paper, request, words), accent)
    return package


def instructions(paper: Paper, request: Consultation, words: Wording) -> list[str]:
    """Return the lines at the start of a form."""
    editor = paper.settings.editor
    reference = f"{request.body}-{request.id}-{request.commit[: outgoing.SHORT_COMMIT]}"
    lines = (
        words["consult_choose"].format(change=words["form_change"]),
        words["consult_text"],
        words["review_due"].format(day=format_date(request.due, words)) if request.due else "",
        words["review_to"].format(name=paper.display_name(editor)) if editor else "",
        words["review_reference"].format(reference=reference),
    )
    return [line for line in lines if line]
