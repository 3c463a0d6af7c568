"""Registers of a paper as files for spreadsheets, its plan as a calendar, and letters to those who owe something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nioc_paper.app.build_request import BuildRequest, assemble_document, read_source_date_epoch
from nioc_paper.app.errors import RequestError, require_known
from nioc_paper.app.preconditions import require_unblocked
from nioc_paper.app.project import LoadedPaper, Project
from nioc_paper.domain.audience import for_audience
from nioc_paper.export import REGISTERS, WRITERS, ExportSource, build_tables
from nioc_paper.export.register_table import MAX_CELL_UNITS, find_truncated_registers
from nioc_paper.model import (
    AUDIENCES,
    Contact,
    History,
    OutputOptions,
    Paper,
    Progress,
    Severity,
    format_count,
    slugify,
    spelling_hint,
)
from nioc_paper.program_name import command_line
from nioc_paper.progress import measure_progress
from nioc_paper.report.reminders import Letter, build_letters
from nioc_paper.wording import wording_for


def registers_folder(audience: str) -> str:
    """Return the name of the folder for registers: copies for some readers get one of their own."""
    return "registers" if audience == AUDIENCES[-1] else f"registers-{audience}"


def parse_registers(names: Sequence[str]) -> list[str]:
    """Return the registers to export; all of them by default. Raises RequestError for an unknown one."""
    return list(dict.fromkeys(require_known(name, REGISTERS, "register") for name in names)) or list(REGISTERS)


def export_registers(
    project: Project, options: OutputOptions, names: Sequence[str], writers: Sequence[str]
) -> tuple[dict[str, bytes], list[str]]:
    """Render registers as far as the audience may read them, whatever errors the paper has; return files, and notes.

    Raises BlockedError if something is not for the audience.
    """
    loaded = project.load()
    require_unblocked(project, loaded, (), options)
    errors = sum(d.severity == Severity.ERROR for d in project.check(loaded).findings)
    paper = loaded.paper
    document = assemble_document(project, paper, BuildRequest(options=options))
    visible, _ = for_audience(paper, options.audience)
    tables = build_tables(ExportSource(visible, document, project.history(paper)), names)
    limit = f"a text is cut to the {MAX_CELL_UNITS:,} characters that a cell can hold"
    notes = [f"{name}: {limit}" for name in find_truncated_registers(tables)]
    if errors:
        notes.append(f"the paper has {format_count(errors, 'error')}; see them with: {command_line('check')}")
    return {name: data for writer in writers for name, data in WRITERS[writer](tables, document).items()}, notes


# --- obligations of people --------------------------------------------------------------------------------------------


def make_calendar(project: Project, who: str | None, *, public: bool) -> tuple[str, bytes, list[str]]:
    """Make the calendar of the paper, of one person, or for the public.

    Returns its name, its bytes, and sentences on entries that it lacks, or that programs cannot update. Raises
    RequestError for an unknown person, BlockedError if something in the paper is not for the public.
    """
    from nioc_paper.report.calendar import build_calendar  # late: icalendar takes a tenth of a second

    if who is not None and public:
        raise RequestError("the obligations of a person are not for the public; give --who or --public")
    status = project.status(in_paper_language=True)
    paper, history, progress = status.paper, status.history, status.progress
    options = OutputOptions(audience=AUDIENCES[0 if public else -1])
    require_unblocked(project, LoadedPaper(paper, status.findings), (), options)
    _require_known_person(paper, progress, who)
    obligations = () if public else progress.obligations  # of everybody only the reviews
    owed = [o for o in obligations if (who == (o.who.id or o.who.name) if who is not None else o.kind == "review")]
    moment = history.output_timestamp(read_source_date_epoch())
    name = "-".join(filter(None, (paper.settings.id, "public" if public else slugify(who or ""), "calendar")))
    data = build_calendar(paper, progress, owed, moment, gates=who is None)
    return f"{name}.ics", data, list(_omissions(history, sum(o.by is None for o in owed)))


def write_letters(project: Project, who: str | None, contacts: Mapping[str, Contact] = {}) -> tuple[list[Letter], str]:
    """Return the letters to all who owe something, or to `who`, and the name for the message that there are none.

    Each is in the language of its contact, by default in that of the paper. Raises RequestError for an unknown person.
    """
    status = project.status(in_paper_language=True)
    paper, own = status.paper, status.paper.settings.own_words
    _require_known_person(paper, status.progress, who)
    letters = {letter.to.id or letter.to.name: letter for letter in build_letters(paper, status.progress, who)}
    languages = {name: contact.language for name, contact in contacts.items() if contact.language and name in letters}
    for name, language in languages.items():
        progress = measure_progress(paper, status.history, project.today(paper), wording_for(language, own))
        (letters[name],) = build_letters(paper, progress, name, language)
    return [*letters.values()], paper.display_name(who) if who else "nobody"


def _require_known_person(paper: Paper, progress: Progress, who: str | None) -> None:
    """Raise RequestError for a person unknown to the paper: by id, or by name for those without one."""
    names = {*paper.people, *paper.organizations, *(o.who.name for o in progress.obligations if o.who.id is None)}
    if who is not None and who not in names:
        hint = spelling_hint(who, names) or f"see: {command_line('status --who')}"
        raise RequestError(f"nobody is called '{who}'; {hint}")


def _omissions(history: History, undated: int) -> Iterator[str]:
    if undated:
        yield f"{format_count(undated, 'thing')} without a date left out; see: {command_line('status --who')}"
    if history.has_uncommitted or history.commit is None:
        why = "changes that are in no commit" if history.has_uncommitted else "no commit"
        yield f"the paper has {why}: calendar programs update an event only after a new commit"
