"""Questions about a new paper, asked again until it can be started with the answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

from nioc_paper.app.command_values import parse_day
from nioc_paper.app.errors import RequestError
from nioc_paper.app.new_paper import PaperRequest, StartedPaper, require_new_folder, split_titles, start_paper
from nioc_paper.model.forms import language_problem

T = TypeVar("T")


class Respondent(Protocol):
    """Somebody who answers, at a terminal."""

    def ask(self, question: str, default: str, empty: str, parse: Callable[[str], T]) -> T:
        """Return the answer, which is asked again while `parse` raises RequestError.

        Without a default, `empty` describes an empty answer.
        """

    def tell(self, error: RequestError) -> None:
        """Show why the answers cannot be met together."""


def ask_and_start(
    person: Respondent, folder: Path, answers: PaperRequest, today: date | None, *, wants_commit: bool
) -> StartedPaper:
    """Start a paper with the answers of a person, who is asked again, with these as defaults, if they cannot be met."""
    require_new_folder(folder)
    request = ask_for_answers(person, answers, PaperRequest())
    while True:
        try:
            return start_paper(folder, request, today, wants_commit=wants_commit)
        except RequestError as error:
            person.tell(error)
            request = ask_for_answers(person, PaperRequest(), request)


def ask_for_answers(person: Respondent, answers: PaperRequest, defaults: PaperRequest) -> PaperRequest:
    """Ask a person for the answers that are not given. An empty title means the example."""
    empty = "A new paper" if answers.categories else "an example to change"
    title = answers.title or person.ask("Title", defaults.title, empty, str.strip)
    language = answers.language or person.ask("Language", defaults.language or "en-GB", "", _parse_language)
    day = defaults.deadline.isoformat() if defaults.deadline else ""
    deadline = answers.deadline or person.ask("Day of publication, YYYY-MM-DD", day, "in five months", _parse_deadline)
    categories = answers.categories
    if title and not categories:
        subjects = ", ".join(defaults.categories) or "First subject"
        categories = split_titles(person.ask("Subjects, with commas between", subjects, "", str.strip))
    return PaperRequest(title, language, deadline, categories)


def _parse_language(text: str) -> str:
    """Return a language tag. Raises RequestError for another text."""
    if problem := language_problem(text.strip()):
        raise RequestError(f"'{text}' {problem}")
    return text.strip()


def _parse_deadline(text: str) -> date | None:
    """Return the day in a text, None for an empty one. Raises RequestError for another text."""
    return parse_day(text.strip()) if text.strip() else None
