"""Answers of bodies: read from a form that came back, noted by hand, and written into their actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from msgspec.structs import replace

from nioc_paper.app.chapter_edits import plan_fixes
from nioc_paper.app.command_commits import OwnCommits
from nioc_paper.app.errors import AppError, RequestError
from nioc_paper.app.new_records import KINDS, write_records
from nioc_paper.app.project import Project
from nioc_paper.app.safe_write import write_source
from nioc_paper.app.sendings.body_forms import make_form
from nioc_paper.app.sendings.receive import ReceivedFile, find_work_left, summarize_return
from nioc_paper.app.sendings.received_build import Outcome, merge_excerpt, receive_file, save_returns
from nioc_paper.app.sendings.review_points import NewComment, add_comment
from nioc_paper.app.sendings.word_reception import Reception
from nioc_paper.check.rules.audience_marks import find_unread_attributes
from nioc_paper.check.rules.privacy import PERSONAL_DATA_PATTERNS
from nioc_paper.domain.agreements import find_body, hash_action, last_answers
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.domain.quoted_words import Quotations
from nioc_paper.model import (
    CLEARANCE_STATES,
    Agreement,
    Comment,
    Consultation,
    Diagnostic,
    Fix,
    Item,
    Paper,
    Place,
    Severity,
    format_count,
)
from nioc_paper.model.characters import comparable
from nioc_paper.model.consultations import FREE_TEXTS, AnswerState
from nioc_paper.program_name import command_line
from nioc_paper.review.docx import docx_comments, docx_reader
from nioc_paper.review.docx.docx_text import DocxText
from nioc_paper.review.exchange import form_controls, ledger, sent_docx
from nioc_paper.wording import LANGUAGES, Wording, wording_for

_MAX_LETTERS = 2_000
"""Letters of an answer."""
_NOTE = "add agreement id=ID body=BODY action=ID state=agree on=DAY"
"""Arguments by which an answer is noted that came in another way."""
_ASCII_SIGN, _ESCAPED = re.compile(r"[!-'*+<-@\[-`{-~]"), r"\\\g<0>"
"""Signs that may have a meaning in Markdown, and how they are written without one."""


class ReceivedForm(Outcome, frozen=True, kw_only=True):
    """Form that came back; nothing is written yet."""

    request: Consultation
    answers: Sequence[Agreement]
    comments: Sequence[Comment]


def receive_any(reception: Reception, sending: str = "", *, rewritten: bool = False) -> Outcome:
    """Read a form that came back, or merge any other file as `receive_file` does. Raises AppError as that.

    Raises AppError for a form that belongs to no consultation of the register, or is not as it was sent.
    """
    paper, package = reception.paper, reception.word_file.package
    register, origin = paper.consultations_file, sent_docx.read_origin(package)
    if sending or (origin and origin.chapter in {chapter.id for chapter in paper.chapters}):
        return receive_file(reception, sending, rewritten=rewritten)
    text = form_controls.read_form_text(package)
    parts, passages = form_controls.split_forms(text.passages, _languages(paper))
    request = next((each for each in register.consultations if origin and origin.is_of(each.body, each)), None)
    if request is None and not any("form_answer" in values for _, values in parts):
        return receive_file(reception, rewritten=rewritten)
    if request is None:
        note = command_line(_NOTE)
        raise AppError(f"{reception.name} is a form of no consultation of this paper; note what it says: {note}")
    if any(answer.file == reception.word_file.hash for answer in register.answers):
        return Outcome(reception.name, "seen", f"{reception.name} was received before")
    comments = docx_comments.read_comments(package, text, lambda _: "restricted")
    return read_form(reception, request, parts, replace(text, passages=passages), comments)


def save_outcome(reception: Reception, outcome: Outcome) -> Iterator[str]:
    """Write and commit what a file changes, unless nothing is to be written. Yields as `OwnCommits.commit`."""
    yield from save_returns(reception, outcome)
    if reception.commits and isinstance(outcome, ReceivedForm):
        yield from save_form(reception, reception.commits, outcome)


def _languages(paper: Paper) -> tuple[Wording, ...]:
    own = paper.settings.own_words
    return (wording_for(paper.settings.language, own), *(wording_for(language, own) for language in LANGUAGES))


def read_form(
    reception: Reception,
    request: Consultation,
    parts: Sequence[form_controls.FormPart],
    text: DocxText,
    comments: Sequence[Comment],
) -> ReceivedForm:
    """Read the tables of a form that came back, and the text around them. Raises AppError if it is another form."""
    longest = max((len(words) for _, values in parts for words in values.values()), default=0)
    if longest > _MAX_LETTERS:
        long = f"an answer has {longest:,} letters; {_MAX_LETTERS:,} are read"
        raise AppError(f"{reception.name}: {long}: have it shortened; nothing was changed")
    reader = _AnswerReader(reception, request, parts)
    sent_paper = reader.find_sent_paper()
    tables = ((start, values) for start, values in parts if start != "form_signatory")
    answers = [answer for each in tables if (answer := reader.read_answer(sent_paper, *each))]
    returns, findings = _merge_passages(reception, request, text, sent_paper)
    findings += [finding for each in returns for finding in find_work_left(reception, each)]
    states = [answer.state for answer in answers]
    counts = ", ".join(f"{state} {states.count(state)}" for state in dict.fromkeys(states)) or "no answer"
    asked = len(request.actions) + len(request.clearances)
    more = f"; {format_count(len(comments), 'comment')}" if comments else ""
    line = f"{reception.paper.display_name(request.body)}: {counts} ({len(states)} of {asked}){more}"
    findings = [*reader.findings, *findings]
    return ReceivedForm(
        name=reception.name,
        state="open" if findings else "merged",
        text="\n".join([line, *(summarize_return(reception.paper, each) for each in returns)]),
        findings=findings,
        returns=returns,
        request=request,
        answers=answers,
        comments=comments,
    )


def _merge_passages(
    reception: Reception, request: Consultation, text: DocxText, sent_paper: Paper
) -> tuple[list[ReceivedFile], list[Diagnostic]]:
    """Merge what a form changes in passages of the paper, and return findings on its other changes.

    A paper without chapters is one that git does not have: what is not as it was sent is a finding.
    """
    sent_file = make_form(reception.project, sent_paper, request) if sent_paper.chapters else None
    sent = docx_reader.read_docx(sent_file) if sent_file else DocxText()
    _, passages = form_controls.split_forms(sent.passages, _languages(reception.paper))
    as_sent, received = sent_docx.drop_reworded(reception.word_file.package, passages, text.passages)
    sides = replace(sent, passages=as_sent), replace(text, passages=received)
    returns, findings = merge_excerpt(reception, *sides, request, sent_paper)
    return [each for each in returns if each.result.steps or each.result.conflicts], findings


class _AnswerReader:
    """Reads the answers of a form."""

    def __init__(self, reception: Reception, request: Consultation, parts: Sequence[form_controls.FormPart]) -> None:
        self.reception, self.request = reception, request
        self.paper, self.languages = reception.paper, _languages(reception.paper)
        self.findings = list[Diagnostic]()
        self.used_ids = {answer.id for answer in self.paper.consultations_file.answers}
        signature = next((values for start, values in parts if start == "form_signatory"), {})
        self.signatory = " ".join(filter(None, (signature.get("form_signatory"), signature.get("form_post"))))
        today = reception.project.today(self.paper)
        signed_on = form_controls.read_day(signature.get("form_date", ""), self.languages)
        self.on = signed_on if signed_on and request.on <= signed_on <= today else today
        if not self.signatory:
            self.report("nobody has signed the form")

    def report(self, message: str) -> None:
        """Add a finding about the form."""
        hint = f"ask the body, or note its answer: {command_line(_NOTE)}"
        place = Place(self.reception.name)
        self.findings.append(Diagnostic(place, "open-consultation/form", message, Severity.WARNING, hint))

    def find_sent_paper(self) -> Paper:
        """Return the paper as it was sent; if git does not have it, today's without chapters, which is reported."""
        try:
            return self.reception.project.at(self.request.commit).paper
        except AppError as error:
            self.report(f"changes of its text are not merged: {error}")
            return replace(self.paper, chapters=())

    def find_subject(self, sent_paper: Paper, start: str, text: str) -> str:
        """Return the id of the action or chapter that a table is about."""
        titles = {each.id: each.front.title for paper in (self.paper, sent_paper) for each in paper.chapters}
        subjects = {action.number: action.id for action in self.request.actions}
        if start != "form_action":
            subjects = {titles.get(name, name): name for name in self.request.clearances}
        if text not in subjects:
            body = self.paper.display_name(self.request.body)
            raise AppError(f"{self.reception.name}: “{text[:80]}” is not in the form of {body}; nothing was changed")
        return subjects[text]

    def read_answer(self, sent_paper: Paper, start: str, values: Mapping[str, str]) -> Agreement | None:
        """Return the answer in a table; None if none was chosen: words without one are reported."""
        name, chosen = self.find_subject(sent_paper, start, values[start]), values.get("form_answer", "")
        state = cast(AnswerState, form_controls.read_choice(chosen, start, self.languages).removeprefix("form_"))
        keys = {key.removeprefix("form_"): key for key in values}
        texts = {key: clean_words(values[keys[key]]) or None for key in FREE_TEXTS if key in keys}
        by = form_controls.read_day(day_text := values.get("form_by", ""), self.languages)
        if day_text and by is None:
            self.report(f"'{day_text[:60]}' about {name} is not a day")
        if not state:
            if chosen or any(texts.values()):
                self.report(f"'{chosen[:60]}' about {name} is none of the answers")
            return None
        if state not in ("agree", "granted") and not (by or any(texts.values())):
            self.report(f"'{chosen}' about {name} has no reason")
        file = self.reception.word_file.hash
        return Agreement(
            id=ledger.make_id((self.request.id, name, file), self.used_ids),
            body=self.request.body,
            action=name,
            round=self.request.round,
            on=self.on,
            file=file,
            state=state,
            words=next((action.words for action in self.request.actions if action.id == name), None),
            by=by,
            **{**texts, "signatory": clean_words(self.signatory) or None},
        )


def clean_words(text: str) -> str:
    """Return words of a body without addresses and telephone numbers, which would stay in the history, and marks."""
    text = re.sub(r"\S*@\S*", "…", text)
    for pattern in PERSONAL_DATA_PATTERNS.values():
        text = pattern.sub("…", text)
    while mark := find_unread_attributes(text):
        text = text.replace(mark, "…") if mark in text else "…"
    return text.strip()


def save_form(reception: Reception, commits: OwnCommits, received: ReceivedForm) -> Iterator[str]:
    """Write and commit the answers and comments of a form. Yields the lines of the commits."""
    project, paper, body = reception.project, reception.paper, received.request.body
    if received.answers:
        paths = [*_set_clearances(project, paper, received.answers)]
        paths += write_records(project, paper.settings, KINDS["agreement"], received.answers)
        yield commits.commit([*dict.fromkeys(paths)], f"Note the answers of {paper.display_name(body)}")
    asked = {action.id for action in received.request.actions}
    first = next((c for c in paper.chapters if asked & {item.id for item in c.items}), paper.chapters[0])
    for comment in received.comments:
        quoting = (c for c in paper.chapters if comment.quote and Quotations(c, sensitivity_level).locate(comment))
        chapter = next(quoting, None)
        text = f"{comment.kind}: {comment.text}" if comment.is_blocking else comment.text
        quote = comment.quote if chapter else ""
        add_comment(project, NewComment((chapter or first).id, comment.by or body, text, quote))
        yield project.commit_lines.pop()


def _set_clearances(project: Project, paper: Paper, answers: Sequence[Agreement]) -> list[str]:
    """Write the states of clearances into the chapters, and return the paths of the changed files."""
    fixes: list[Fix] = []
    chapters = {chapter.id: chapter for chapter in paper.chapters}
    for answer in (answer for answer in answers if answer.state in CLEARANCE_STATES):
        for clearance in chapters[answer.action].front.clearances:
            if find_body(paper, clearance.body) == answer.body:
                day, place = answer.on.isoformat(), clearance.place("state")
                before = (project.read_lines(place.path) or [])[place.line - 1][: place.column - 1]
                line = ", " if "{" in before else f"\n{' ' * len(before.removesuffix('state: '))}"
                state = answer.state if clearance.on else f"{answer.state}{line}on: {day}"
                fixes.append(Fix(place, clearance.state, state))
                fixes += [Fix(clearance.place("on"), clearance.on.isoformat(), day)] if clearance.on else []
    return _apply_fixes(project, fixes)


def _apply_fixes(project: Project, fixes: Sequence[Fix]) -> list[str]:
    changed = [fixed for fixed in plan_fixes(project, fixes) if fixed.count]
    for fixed in changed:
        write_source(project, fixed.path, fixed.after)
    return [fixed.path for fixed in changed]


# --- answers by hand, and what they change ----------------------------------------------------------------------------


def apply_answer(project: Project, reference: str) -> str:
    """Write the cost and the date of an answer into its action, and return a line on it.

    Raises RequestError if there is no such answer, or nothing in it that can be written.
    """
    paper = project.load().paper
    answer, fixes = _find_proposal(paper, reference)
    commits, action = OwnCommits(project), answer.action
    paths = _apply_fixes(project, fixes)
    after = next(each for each in project.load().paper.items_of_kind("recommendation") if each.id == action)
    if [*propose_edits(after, answer)]:
        raise AppError(f"{after.place}: the lines of '{action}' cannot be changed safely; change them by hand")
    words, used_ids = hash_action(after), {each.id for each in paper.consultations_file.answers}
    taken_up = answer.replace(
        id=ledger.make_id((answer.id, words), used_ids),
        on=project.today(paper),
        file=None,
        state="agree" if answer.state == "change" and not answer.reason else answer.state,
        words=words,
    )
    paths += write_records(project, paper.settings, KINDS["agreement"], [taken_up])
    commits.save([*dict.fromkeys(paths)], f"Take up the answer of {paper.display_name(answer.body)} on '{action}'")
    return "\n".join(f"{fix.place}: '{fix.old}' is '{fix.new}' now" for fix in fixes)


def _find_proposal(paper: Paper, reference: str) -> tuple[Agreement, list[Fix]]:
    """Return an answer by its id, and the edits that it asks for. Raises RequestError if there are none."""
    matches = [answer for answer in paper.consultations_file.answers if answer.id.startswith(reference)]
    if len(matches) != 1:
        raise RequestError(f"'{reference}' is not the id of one answer; see: {command_line('consult')}")
    items = (item for item in paper.items_of_kind("recommendation") if item.id == matches[0].action)
    fixes = [fix for item in items for fix in propose_edits(item, matches[0])]
    if not fixes:
        raise RequestError(f"the answer {matches[0].id} has no other cost or date than the paper")
    return matches[0], fixes


def propose_edits(item: Item, answer: Agreement) -> Iterator[Fix]:
    """Yield the edits of an action's date, cost and funds that an answer asks for; new lines come after its date."""
    values = {"by": answer.by and answer.by.isoformat(), "cost": answer.cost, "funding": answer.funding}
    asked = {name: value for name, value in values.items() if value}
    lines = {name: f"{name.capitalize()}: {_ASCII_SIGN.sub(_ESCAPED, value)}" for name, value in asked.items()}
    new = "".join(f"\n- {line}" for name, line in lines.items() if name not in item.fields)
    for name, field in item.fields.items():
        old, added = f"{name.capitalize()}: {field.value}", new if name == "by" else ""
        is_same = name not in asked or comparable(field.value) == comparable(asked[name])
        if added or not is_same:
            yield Fix(field.place, old, f"{old if is_same else lines[name]}{added}")


def list_answers(project: Project) -> str:
    """Return the answers that count, a line each, with the edits that they propose."""
    paper = project.load().paper
    items = {item.id: item for item in paper.items_of_kind("recommendation")}
    lines = []
    for answer in last_answers(paper).values():
        texts = [answer.state, *(f"{key} {text}" for key in (*FREE_TEXTS, "by") if (text := getattr(answer, key)))]
        lines.append(f"{answer.id}  {paper.display_name(answer.body)}, {answer.action}: {'; '.join(texts)}")
        for edit in propose_edits(items[answer.action], answer) if answer.action in items else ():
            text = edit.new.replace("\n- ", ", ")
            lines.append(f"  proposed: {text}, not {edit.old}; {command_line(f'consult apply {answer.id}')}")
    return "\n".join(lines) or "no body has answered"
