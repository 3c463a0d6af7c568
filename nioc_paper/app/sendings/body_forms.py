"""Consult bodies: a form for each, and the register of what was asked."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from nioc_paper.app.build_request import write_files
from nioc_paper.app.command_commits import PAPER_PATHS, OwnCommits
from nioc_paper.app.errors import RequestError, require_none
from nioc_paper.app.message_drafts import Cover, find_contacts, write_covers
from nioc_paper.app.new_records import KINDS, write_records
from nioc_paper.app.preconditions import require_commit, require_committed
from nioc_paper.app.project import Project
from nioc_paper.app.sendings.send import render_docx
from nioc_paper.assemble.documents.consultation_form import build_consultation, form_words
from nioc_paper.assemble.lists import ListContext
from nioc_paper.assemble.numbered_paper import number_paper
from nioc_paper.domain.agreements import actions_by_body, actions_to_ask, hash_action, last_requests, open_clearances
from nioc_paper.model import AskedAction, Consultation, History, OutputOptions, Paper, Party, spelling_hint
from nioc_paper.model.reviews import Sensitivity
from nioc_paper.ooxml.package import Package
from nioc_paper.render.common.theme import read_theme
from nioc_paper.report.reminders import build_cover_letter
from nioc_paper.review.exchange import form_controls, ledger, sent_docx
from nioc_paper.system.command_stages import stage
from nioc_paper.system.terminal import progress_bar
from nioc_paper.wording import Wording


def ask_bodies(
    project: Project, bodies: Sequence[str], due: date | None, audience: Sensitivity, out: Path | None, *, mail: bool
) -> Iterator[str]:
    """Make the next form of some bodies, or of all that own an action or owe a clearance if none is named.

    Notes them in the register, and yields a line on each file, and on each draft of a message.

    Raises RequestError for an unknown body, AppError if the paper cannot be sent.
    """
    paper, requests = _plan_requests(project, bodies, due, audience, mail=mail)
    commits, covers = OwnCommits(project), list[Cover]()
    with progress_bar(len(requests)):
        for request in requests:
            with stage(request.body):
                files = {f"consultation-{request.body}-{request.id}.docx": make_form(project, paper, request).save(0)}
            (file,) = write_files(files, out or project.writable_path("dist", "consultation"))
            covers.append(Cover(request.body, request.due, file, [*_letter_keys(request), "consult_attached"]))
            count = len(request.actions) + len(request.clearances)
            yield f"{os.path.relpath(file)}  for {paper.display_name(request.body)}: {count}"
    yield from write_covers(project, paper, "consult", covers) if mail else ()
    names = ", ".join(paper.display_name(request.body) for request in requests)
    commits.save(write_records(project, paper.settings, KINDS["consultation"], requests), f"Consult {names}")


def _letter_keys(request: Consultation) -> list[str]:
    """Return the keys of the paragraphs of a letter."""
    return ["consult_letter"] * bool(request.actions) + ["consult_clearance"] * bool(request.clearances)


def _plan_requests(
    project: Project, bodies: Sequence[str], due: date | None, audience: Sensitivity, *, mail: bool
) -> tuple[Paper, list[Consultation]]:
    """Return the paper, and what each body is to be asked; each form is in the language of its contact."""
    loaded = project.load()
    paper, on = loaded.paper, project.today(loaded.paper)
    has_actions = actions_by_body(paper)
    owners = [o.id for o in paper.contributors.organizations if o.id in has_actions or open_clearances(paper, o.id)]
    ids = [require_body(paper, name) for name in bodies] or owners
    require_none(loaded.errors())
    if due and due < on:
        raise RequestError(f"--due {due} has passed: today is {on}")
    commit = require_commit(project.root)
    require_committed(project.root, [path for path in PAPER_PATHS if (project.root / path).exists()])
    context = number_paper(paper, History(), OutputOptions(audience=audience)).context
    contacts, requests = find_contacts(project, paper, needed=mail), list[Consultation]()
    used_ids = {each.id for each in paper.consultations_file.consultations}
    for body in dict.fromkeys(ids):
        before, contact = last_requests(paper).get(body), contacts.get(body)
        actions, clearances = _find_questions(paper, context, body)
        if actions or clearances:
            new_id = ledger.make_id((body, on, commit, before and before.id), used_ids)
            request = Consultation(id=new_id, body=body, on=on, due=due, commit=commit, audience=audience)
            language, number = contact.language if contact else None, before.round + 1 if before else 1
            questions = {"actions": actions, "clearances": clearances}
            requests.append(request.replace(round=number, language=language, **questions))
    return paper, requests


def _find_questions(paper: Paper, context: ListContext, body: str) -> tuple[tuple[AskedAction, ...], tuple[str, ...]]:
    """Return the actions and the clearances that a body is to be asked about, as far as the readers may see them."""
    visible = {chapter.id for chapter in context.chapters}
    numbers = {item.id: context.numbers[item.id] for _, item in context.items_of_kind("recommendation")}
    items = (item for item in actions_to_ask(paper, body) if item.id in numbers)
    actions = (AskedAction(id=item.id, number=numbers[item.id], words=hash_action(item)) for item in items)
    return tuple(actions), tuple(chapter for chapter in open_clearances(paper, body) if chapter in visible)


def require_body(paper: Paper, name: str) -> str:
    """Return the id of an organization by any of its names. Raises RequestError if there is none."""
    if organization := paper.organization(name):
        return organization.id
    known = [o.id for o in paper.contributors.organizations]
    raise RequestError(f"no organization in contributors.yaml is called '{name}'; {spelling_hint(name, known)}")


def make_form(project: Project, paper: Paper, request: Consultation) -> Package:
    """Return the Word file of a form, with its letter, controls, marks and instructions."""
    words = form_words(paper, request)
    document = build_consultation(paper, History(), request, _write_letter(paper, request, words))
    package = Package(render_docx(document, project.templates, project.cache))
    form_controls.add_controls(package, words)
    guidance = words["consult_choose"].format(change=words["form_change"]), words["consult_text"]
    editor = paper.settings.editor or paper.settings.publisher or ""
    lines = sent_docx.format_instructions(paper, guidance, request.body, request, editor, words)
    origin = sent_docx.Origin(paper.settings.id, request.body, request.id, request.commit)
    sent_docx.prepare_for_review(package, origin, lines, read_theme(project.templates)["accent"].lstrip("#"))
    sent_docx.note_passages(package)
    return package


def _write_letter(paper: Paper, request: Consultation, words: Wording) -> list[str]:
    """Return the paragraphs of the letter of a form: address, text, and signature in one line."""
    to = Party(request.body, paper.display_name(request.body))
    paragraphs = [words[key].format(paper=paper.settings.title) for key in _letter_keys(request)]
    letter = build_cover_letter(paper, to, "", paragraphs, words)
    return [part.replace("\n", f"{words['comma']} ") for part in letter.text.strip().split("\n\n")]
