"""A paper's folder as a `Project`: read, check and measure the paper in it.

The one module that reads the clock. Imports of `load`, `check` and `progress` are late, because the first imports
run while pandoc reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct, field
from msgspec.structs import replace

from nioc_paper.app.errors import AppError, NoPaperError, require_known
from nioc_paper.model import Diagnostic, History, OpenBranch, Paper, Place, Progress, Severity, Status, Templates
from nioc_paper.model.register_files import CONTACTS_PATH, main_path
from nioc_paper.program_name import command_line
from nioc_paper.system import git, safe_read
from nioc_paper.system.cache import Cache
from nioc_paper.system.command_stages import stage
from nioc_paper.system.concurrency import import_soon, start_process
from nioc_paper.system.files import find_root, find_roots_below

if TYPE_CHECKING:
    from nioc_paper.check.findings_cache import NamedFinding

T = TypeVar("T")
_MAX_EDITED_BYTES = 256 * 2**20
"""Size of the largest file that is read before it is replaced: a kept copy of a source."""


class LoadedPaper(Struct, frozen=True):
    """The paper and the findings of reading it."""

    paper: Paper
    findings: tuple[Diagnostic, ...] = ()

    def errors(self, path: str = "") -> list[Diagnostic]:
        """Return the errors in files whose path starts with `path`; by default all errors."""
        return [d for d in self.findings if d.severity == Severity.ERROR and main_path(d.place.path).startswith(path)]


class CheckedPaper(Struct, frozen=True):
    """The paper, all its findings, and the editor buffers that replaced files, by path."""

    paper: Paper
    findings: tuple[Diagnostic, ...]
    buffers: Mapping[str, str] = field(default_factory=dict)


class PaperStatus(Struct, frozen=True):
    """The paper, its history in git, and its progress on a day."""

    paper: Paper
    history: History
    progress: Progress
    findings: tuple[Diagnostic, ...] = ()
    """Findings of reading."""
    wait_for_errors: Callable[[], Sequence[tuple[Status, int]]] = tuple
    """Returns the errors by status, when they are counted; none if nobody asked for them."""
    branches: tuple[OpenBranch, ...] = ()
    """Branches that are not merged; none if nobody asked for them."""


class Project:
    """The folder of a paper.

    Args:
        root: The folder that holds `paper/paper.yaml`.
        today: The day to act on; by default the current day in the paper's time zone.
        cache: Where derived data is kept; by default `.cache/nioc` in the folder, or `NIOC_CACHE_DIR`.
        wants_commits: Whether commands commit what they change; the lines on commits are in `commit_lines`.
    """

    def __init__(
        self, root: str | Path, *, today: date | None = None, cache: Cache | None = None, wants_commits: bool = True
    ) -> None:
        self.root, self.wants_commits = Path(root), wants_commits
        self.branch = ""
        """Branch to begin for the commits of a command; empty for the one that is there."""
        self.commit_lines: list[str] = []
        self.cache = Cache.for_paper(self.root) if cache is None else cache
        self.fixed_today = today

    @classmethod
    def find(cls, start: Path, *, today: date | None = None, wants_commits: bool = True) -> Self:
        """Return the project that a folder is in. Raises NoPaperError if there is none."""
        if root := find_root(start):
            return cls(root, today=today, wants_commits=wants_commits)
        raise NoPaperError(
            "no paper here: there is no paper/paper.yaml in this folder or above "
            f"(start one: {command_line('new paper DIR')})"
        )

    @classmethod
    def find_all(cls, start: Path, *, today: date | None = None, wants_commits: bool = True) -> list[Self]:
        """Return the project that a folder is in, or those in the folders below. Raises NoPaperError for none."""
        roots = [] if find_root(start) else find_roots_below(start)
        return [cls.find(root, today=today, wants_commits=wants_commits) for root in roots or [start]]

    @cached_property
    def templates(self) -> Templates:
        """The paper's templates, and the tool's own where the paper has none; read once."""
        from nioc_paper.load.templates import read_templates

        return read_templates(self.root)

    def time_zone(self, paper: Paper) -> ZoneInfo:
        """Return the paper's time zone; UTC if its name is unknown."""
        try:
            return ZoneInfo(paper.settings.timezone)
        except (ZoneInfoNotFoundError, OSError, ValueError):
            return ZoneInfo("UTC")

    def today(self, paper: Paper) -> date:
        """Return the day that the project was given, or the current day in the paper's time zone."""
        return self.fixed_today or datetime.now(self.time_zone(paper)).date()

    def load(self) -> LoadedPaper:
        """Read the paper. Never fails: what cannot be read is a finding."""
        from nioc_paper.load import load

        findings: list[Diagnostic] = []
        with stage("load"):
            paper = load(self.root, findings.append, self.cache)
        if paper.approvals:
            # Late: git is asked only in papers with approvals.
            from nioc_paper.app.paper_at_commit import load_approved_hashes

            paper = replace(paper, approved_hashes=load_approved_hashes(self.root, self.cache, paper))
        if (self.root / CONTACTS_PATH).exists():
            from nioc_paper.load.contacts import read_contacts

            contacts, faults = read_contacts(self.root, {*paper.people, *paper.organizations})
            paper, findings = replace(paper, reachable=frozenset(contacts)), [*findings, *faults]
        return LoadedPaper(paper, tuple(findings))

    def check(self, loaded: LoadedPaper | None = None, *, as_status: str | None = None) -> CheckedPaper:
        """Check a loaded paper, or load it first. Findings of unchanged texts come from the cache.

        With `as_status`, chapters are checked as if they had come at least so far. Raises RequestError if no status has
        this id.
        """
        if loaded is None:
            import_soon("nioc_paper.check", "nioc_paper.report.findings")
            loaded = self.load()
        if conflicts := self.find_conflicts(loaded):
            return CheckedPaper(loaded.paper, tuple(conflicts))
        from nioc_paper.check import weigh
        from nioc_paper.check.blocking_findings import with_least_status
        from nioc_paper.check.shared_causes import merge_causes

        paper = loaded.paper
        if as_status is not None:
            require_known(as_status, [status.id for status in paper.settings.statuses], "status")
            paper = with_least_status(paper, as_status)
        with stage("check"):
            findings = weigh(paper, self._find(paper), self.today(paper), self._load_findings(loaded))
        return CheckedPaper(loaded.paper, tuple(merge_causes(findings)))

    def find_conflicts(self, loaded: LoadedPaper) -> list[Diagnostic]:
        """Return the first mark of each file that git could not merge: until it is merged, nothing else counts."""
        marks = {d.place.path: d for d in reversed(loaded.findings) if d.rule == "merge-conflict"}
        hint = f"answer what both sides changed: {command_line('merge')}"
        known = git.find_unmerged(self.root, self.cache)
        if marks and (uncommitted := git.list_uncommitted(self.root, [*marks])) is not None:
            known += marks.keys() if git.operation_under_way(self.root) else marks.keys() - uncommitted
        for path in known:
            mark = marks.get(path) or Diagnostic(Place(path), "merge-conflict", "two sides have changed the file")
            marks[path] = replace(mark, hint=hint)
        return sorted(marks.values(), key=lambda mark: mark.place)

    def _find(self, paper: Paper) -> Sequence[NamedFinding]:
        """Return the findings of all rules; half of them run on another core if there is one."""
        from nioc_paper.check import find_in_paper, find_in_texts
        from nioc_paper.load import toolchain_hash

        wait_for_paper = start_process(partial(find_in_paper, paper))
        return [*find_in_texts(paper, self.cache, toolchain_hash()), *wait_for_paper()]

    def start_check(self, loaded: LoadedPaper) -> Callable[[], CheckedPaper]:
        """Start to check a loaded paper on another core; call the result to wait for the findings."""
        wait_for_findings = _start_in_copy(lambda: self.check(loaded).findings)
        return lambda: CheckedPaper(loaded.paper, wait_for_findings())

    def errors_by_status(self, loaded: LoadedPaper) -> list[tuple[Status, int]]:
        """Return each status from the least advanced on, with the errors that wait for the chapters there."""
        return self._count_errors(loaded.paper, self._load_findings(loaded))

    def _count_errors(self, paper: Paper, load_findings: Sequence[Diagnostic]) -> list[tuple[Status, int]]:
        from nioc_paper.check.blocking_findings import errors_by_status

        return errors_by_status(paper, self._find(paper), self.today(paper), load_findings)

    def _load_findings(self, loaded: LoadedPaper) -> list[Diagnostic]:
        """Return the findings of reading, and those in git's tags, which outputs list as versions."""
        from nioc_paper.check.rules.audience_marks import in_tags

        return [*loaded.findings, *in_tags(git.read_versions(self.root, cache=self.cache))]

    def history(self, paper: Paper, last_commit: str | None = None) -> History:
        """Return the paper's history in git, up to a commit if one is given."""
        folders = sorted({str(PurePosixPath(chapter.path).parent) for chapter in paper.chapters}) or ["."]
        return git.read_history(self.root, self.time_zone(paper), cache=self.cache, last=last_commit, folders=folders)

    def status(self, *, in_paper_language: bool = False, with_errors: bool = False) -> PaperStatus:
        """Load the paper and measure its progress, with tasks in English or in the paper's language.

        Errors by status, on another core, and branches are counted only if wanted.
        """
        import_soon(*(["nioc_paper.check.blocking_findings"] if with_errors else []), "nioc_paper.progress")
        loaded = self.load()
        paper, known = loaded.paper, self.without_later_records(loaded.paper)
        wait_for_errors: Callable[[], Sequence[tuple[Status, int]]] = tuple
        if with_errors:
            findings = self._load_findings(loaded)  # here: what may change is read before the record of a run is made
            wait_for_errors = _start_in_copy(lambda: self._count_errors(known, findings))
        from nioc_paper.progress import measure_progress
        from nioc_paper.wording import ENGLISH, wording_for

        history, settings = self.history(paper), paper.settings
        words = wording_for(settings.language, settings.own_words) if in_paper_language else ENGLISH
        progress = measure_progress(paper, history, self.today(paper), words)
        branches = tuple(self._read_branches(paper)) if with_errors else ()
        return PaperStatus(known, history, progress, loaded.findings, wait_for_errors, branches)

    def _read_branches(self, paper: Paper) -> Iterator[OpenBranch]:
        """Yield the branches of today that change chapters, and are not merged."""
        folders = {PurePosixPath(chapter.path).parent for chapter in paper.chapters}
        for branch in git.read_open_branches(self.root, self.time_zone(paper), self.cache):
            sentences = {path: n for path, n in branch.sentences.items() if PurePosixPath(path).parent in folders}
            if sentences and branch.changed_on <= self.today(paper):
                yield replace(branch, sentences=sentences)

    def without_later_records(self, paper: Paper) -> Paper:
        """Return the paper without the records of days after today."""
        from nioc_paper.domain.paper_on_day import known_on

        return known_on(paper, self.today(paper))

    def at(self, commit: str) -> LoadedPaper:
        """Load the paper as it was in a commit. Raises AppError if git has no such commit."""
        from nioc_paper.app.paper_at_commit import load_snapshot

        findings: list[Diagnostic] = []
        return LoadedPaper(load_snapshot(self.root, self.cache, commit, findings.append), tuple(findings))

    def writable_path(self, *names: str) -> Path:
        """Return a path below the root for writing. Raises AppError if it leads elsewhere, or through a link."""
        path, whole = self.root, "/".join(names)
        if PurePosixPath(whole).is_absolute() or ".." in whole.split("/"):
            raise AppError(f"{whole} is outside the paper: nothing is written there")
        for part in whole.split("/"):
            path /= part
            if path.is_symlink():
                problem = f"{path.relative_to(self.root)} is a symbolic link: nothing is written there"
                raise AppError(f"{problem}; put a folder in its place")
        return path

    def read_given(self, file: Path, limit: int) -> bytes:
        """Return a file that the user names. Raises AppError if it cannot be read; it may be a pipe or a device."""
        try:
            return safe_read.read_given(self.root, file, limit)
        except safe_read.ConfinedError as error:
            raise AppError(f"{file} {error}; nothing was changed") from error

    def read_for_edit(self, path: str) -> bytes | None:
        """Return a file of the paper that is about to be edited; None if there is none.

        Raises AppError if it cannot be read.
        """
        file = self.writable_path(path)
        if not file.exists():
            return None
        try:
            return safe_read.read(self.root, path, _MAX_EDITED_BYTES)
        except safe_read.ConfinedError as error:
            raise AppError(f"{path} {error}; nothing was changed") from error

    def read_text(self, path: str) -> str | None:
        """Return the text of a file of the paper; None if it cannot be read."""
        from nioc_paper.load.source_text import MAX_TEXT_BYTES

        try:
            return safe_read.read(self.root, path, MAX_TEXT_BYTES).decode(errors="replace")
        except safe_read.ConfinedError:
            return None

    def read_lines(self, path: str) -> Sequence[str] | None:
        """Return the lines of a file of the paper; None if it cannot be read."""
        text = self.read_text(path)
        return None if text is None else text.splitlines()


def _start_in_copy(work: Callable[[], T]) -> Callable[[], T]:
    """Start work in a copy of the process; reasons why git did not answer there are recorded here."""
    wait_for_result = start_process(lambda: (work(), git.REFUSAL_REASONS))

    def wait() -> T:
        result, reasons = wait_for_result()
        git.REFUSAL_REASONS.update(reasons | git.REFUSAL_REASONS)
        return result

    return wait
