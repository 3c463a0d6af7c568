"""Merge of a branch, or of what git could not merge: started, asked, written, committed.

The index is written before the files: a merge that was ended in between goes on where it was, and can be taken back.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.app.base_ours_theirs import (
    MARK,
    Index,
    add_marked,
    find_marked,
    is_text,
    put_rebased,
    put_sides,
    read_texts,
    read_versions,
)
from nioc_paper.app.command_commits import require_open_branch
from nioc_paper.app.errors import AppError, RequestError
from nioc_paper.app.project import Project
from nioc_paper.domain.approvals import ApprovalState, approval_statuses
from nioc_paper.load import SETTINGS_PATH
from nioc_paper.model import Diagnostic, Paper, Severity
from nioc_paper.program_name import command_line
from nioc_paper.review.branches.clashing_names import Name, find_names, find_new_names, with_new_names
from nioc_paper.review.branches.file_merge import MergedFile, merge_files
from nioc_paper.review.branches.merge_questions import Answer, MergeSide, Question, Questions
from nioc_paper.review.branches.yaml_merge import find_records
from nioc_paper.system import git, safe_read
from nioc_paper.system.files import remove_file, replace_file
from nioc_paper.system.git import merging
from nioc_paper.system.git.objects import REGULAR_MODES, GitEntry, list_tree, read_blobs

__all__ = ["Answer", "MergeSide", "Question", "SavedMerge", "abort_merge", "begin_merge", "save_merge"]

_MAX_BYTES = 256 * 2**20


class SavedMerge(Struct, frozen=True):
    """Result of a merge."""

    summary: str
    """Commit, or what to do next; empty while questions are open."""
    notes: tuple[str, ...] = ()
    """What was settled without a question, and sign-offs that are void now."""
    open_questions: tuple[Question, ...] = ()
    errors: tuple[Diagnostic, ...] = ()
    """Errors in the merged files that were not in this branch before."""


@contextlib.contextmanager
def _report_refusals() -> Iterator[None]:
    try:
        yield
    except git.NoRepositoryError as error:
        raise AppError("there is no repository of git here, and nothing to merge") from error
    except git.GitRefusedError as error:
        raise AppError(f"{error}; nothing is lost; repeat the command, or see: git status") from error


def begin_merge(project: Project, branch: str | None) -> str:
    """Begin a merge with a branch, unless it is in progress. Returns a sentence if there is nothing to do.

    Raises AppError if a file has changes that are in no commit, RequestError for an unknown branch or none.
    """
    with _report_refusals():
        top = merging.find_top(project.root)
        operation, heads = merging.read_operation(top), merging.read_state(top, "MERGE_HEAD").split()
        commit = git.resolve_commit(top, branch or (heads[0] if heads else "HEAD"))
        if commit is None:
            raise RequestError(f"git has no branch or commit '{branch}'")
        if operation and branch and [commit] != heads:
            raise AppError(f"git is in the middle of a {operation}; end that first: {command_line('merge')}")
        if branch and not operation and find_marked(top, merging.read_index(top)):
            raise AppError(f"a commit here has marks of a conflict; solve them first: {command_line('merge')}")
        if operation != "merge" and not branch:
            return ""
        bases = merging.merge_bases(top, "HEAD", commit)
        if not bases:
            raise AppError(
                f"'{branch}' has no commit in common with this branch; in a shallow copy: git fetch --unshallow"
            )
        if commit in bases:
            merging.end_merge(top)
            return f"'{branch or commit[:10]}' is merged already: nothing to do"
        if not operation:
            _require_saved(top, commit)
            if project.wants_commits and bases[0] != git.resolve_commit(top, "HEAD"):
                require_open_branch(project, "go to another one: git switch -c NAME")
        if not merging.has_staged(top):
            merging.begin_merge(top, bases[0], commit, f"Merge {branch or commit[:10]}")
    return ""


def _require_saved(top: Path, commit: str) -> None:
    """Raise AppError if a merge with a commit would overwrite a file that is in no commit."""
    changed, head, theirs = git.list_changed(top), list_tree(top, "HEAD") or {}, list_tree(top, commit) or {}
    if changed is None:
        raise AppError("git does not tell which files have changed; nothing was merged")
    if unsaved := [*changed, *(path for path in theirs if path not in head and (top / path).exists())]:
        raise AppError(f"{unsaved[0]} has changes that are in no commit; commit them first")


def save_merge(project: Project, answers: Sequence[Answer] | None) -> SavedMerge:
    """Write what is merged, and commit it if all questions have an answer; until then our words are in their places.

    Without a list of answers nothing is written: the result has the questions. Raises AppError if a file that git could
    not merge was changed by hand.
    """
    with _report_refusals():
        top = merging.find_top(project.root)
        index, head = merging.read_index(top), list_tree(top, "HEAD") or {}
        marked, unmerged = find_marked(top, index), {path for path, stages in index.items() if 0 not in stages}
        versions, made = read_versions(top, index, unmerged)
        named = _separate_names(top, versions)
        put_rebased(top, versions)
        if not (unmerged or marked or merging.read_operation(top)):
            made = put_sides(top, index, versions)
        unmerged |= add_marked(top, versions, marked)
        files, questions = _merge(project, versions, answers or ())
        results = _plan_results(files, index, unmerged)
        if not results and not merging.read_operation(top):
            nothing = f"git has nothing to merge here; name a branch: {command_line('merge BRANCH')}"
            raise RequestError("; ".join(named) or nothing)
        if answers is None:
            return SavedMerge("", open_questions=tuple(questions.asked))
        drafts = {file.path: file.merged for file in _merge(project, versions, ())[0]}
        _require_known(top, index, results, (drafts, *versions))
        open_questions = tuple(questions.asked[len(answers) :])
        waiting = {p for f in files if f.questions and f.questions.stop > len(answers) for p in (f.path, *f.paths)}
        merging.write_index(top, _store(top, index, {p: data for p, data in results.items() if p not in waiting}))
        written = results | _find_stale(top, index, head, results)
        _write_files(project, top, {p: data for p, data in written.items() if p not in waiting & marked.keys()})
        if open_questions:
            return SavedMerge("", open_questions=open_questions)
        summary = _finish(top, wants_commit=project.wants_commits)
    checked = project.check()
    errors = tuple(d for d in checked.findings if d.severity == Severity.ERROR and d.place.path in results)
    settled = (f"{q.path}: {q.label}: of '{q.ours}' and '{q.theirs}' '{q.base}' holds" for q in questions.settled)
    changed = results.keys() | {path for path, stages in index.items() if stages.get(0) != head.get(path)}
    again = (f"{path} is merged again: git alone made another text of both sides" for path in sorted(made & {*results}))
    return SavedMerge(summary, (*named, *settled, *again, *_void_approvals(checked.paper, changed)), (), errors)


def _decode(files: Mapping[str, bytes]) -> dict[str, str]:
    return {path: data.decode(errors="replace") for path, data in files.items()}


def _require_known(
    top: Path, index: Index, results: Mapping[str, bytes | None], versions: Sequence[Mapping[str, bytes | None]]
) -> None:
    """Raise AppError if a file that is to be written is as no version has it."""
    for path, data in results.items():
        current, entries = _read_file(top, path), index.get(path, {}).values()
        is_known = current in (None, data, *(version.get(path) for version in versions))
        is_staged = any(entry.hash_content(current or b"") == entry.hash for entry in entries)
        if not (is_known or is_staged or MARK in (current or b"")):
            raise AppError(f"{path} was changed by hand; if it is as it should be: git add {path}")


def _separate_names(top: Path, versions: Sequence[dict[str, bytes]]) -> list[str]:
    """Give free names to what the other side has called by a name that means another thing here. Returns lines on them.

    Without an operation of git in progress, this is what a merge of git alone has brought.
    """
    if (sides := merging.find_sides(top)) is None:
        return [] if merging.read_operation(top) else [*_separate_repeated(top, versions)]
    texts = [_decode({path: version[path] for path in version if is_text(path)}) for version in versions]
    renames = find_new_names(texts, partial(_is_same, top, (sides[0], "HEAD", sides[1])))
    for path, text in texts[2].items():
        if (renamed := with_new_names(path, text, renames)) != text:
            versions[2][path] = renamed.encode()
            versions[0] |= {path: with_new_names(path, texts[0][path], renames).encode()} if path in texts[0] else {}
    if renames and merging.read_operation(top) == "rebase":
        _require_last_citations(
            renames, texts[2], read_texts(top, merging.read_state(top, "rebase-merge/orig-head").strip() or sides[1])
        )
    shown = ((_show(name), _show(new)) for (_, name), new in renames.items())
    return [f"'{name}' of the other side is '{new}' now: here it is something else" for name, new in shown]


def _is_same(top: Path, commits: Sequence[str], name: Name) -> bool:
    """Return whether both sides had the thing in the same words once: a squash has brought it here already."""
    base, *sides = commits
    past = [read_blobs(top, merging.list_versions(top, base, side)) or {} for side in sides]
    texts_of = [{data.decode(errors="replace") for data in each.values()} for each in past]
    ours, theirs = ({dict(find_names(name[0] or ".md", text)).get(name) for text in each} for each in texts_of)
    return bool(ours & theirs - {None})


def _separate_repeated(top: Path, versions: Sequence[dict[str, bytes]]) -> Iterator[str]:
    """Give free names to what the last merge of git alone has brought under a name that means another thing here.

    Its files join the versions. Yields lines on it.
    """
    head = _decode(versions[1])
    blocks = [each for path, text in head.items() for each in find_names(path, text)]
    repeated = sorted(name for name, number in Counter(name for name, _ in blocks).items() if number > 1)
    for commit in merging.list_merges(top, [name for _, name in repeated]) if repeated else ():
        ours, theirs = f"{commit}^1", f"{commit}^2"
        sides = [(merging.merge_bases(top, ours, theirs) or [ours])[0], ours, theirs]
        texts = [_decode(read_texts(top, each)) for each in sides]
        brought = {each for path, text in texts[2].items() for each in find_names(path, text)} & {*blocks}
        new_names = find_new_names(texts, partial(_is_same, top, sides), (name for name, _ in blocks))
        renames = {name: new for name, new in new_names.items() if name in {*repeated} & {name for name, _ in brought}}
        if renames:
            renamed = {path: with_new_names(path, text, renames) for path, text in texts[2].items()}
            changed = {path: text for path, text in renamed.items() if text != texts[2][path]}
            for version, files in zip(versions[::2], (texts[2], changed), strict=True):
                version.update({path: files[path].encode() for path in changed})
            yield from (
                f"'{_show(name)}', which a merge brought, is '{_show(new)}' now" for (_, name), new in renames.items()
            )
            known = {*_list_citations(_decode(read_texts(top, commit)), renames).values()}
            later = (place for place, line in _list_citations(head, renames).items() if line not in known)
            yield from (f"{place}: written later; see which of both it means" for place in later)
            return
    yield from (
        f"'{_show(name)}' is given twice, and no merge commit tells which came second; change one"
        for _, name in repeated
    )


def _list_citations(texts: Mapping[str, str], names: Mapping[Name, str]) -> dict[str, str]:
    """Return the lines that have one of these names, by place."""
    lines = ((path, n, line) for path, text in texts.items() for n, line in enumerate(text.split("\n"), 1))
    return {f"{path}:{n}": line for path, n, line in lines if with_new_names(path, line, names) != line}


def _show(name: str) -> str:
    return name.removeprefix("[^")


def _require_last_citations(renames: Mapping[Name, str], texts: Mapping[str, str], last: Mapping[str, bytes]) -> None:
    """Raise AppError if commits of a rebase that come later cite what has another name here: git applies them."""
    cited = [{*_list_citations(files, renames).values()} for files in (texts, _decode(last))]
    if cited[1] - cited[0]:
        names = ", ".join(sorted(name for _, name in renames))
        way = f"git rebase --abort; {command_line('merge BRANCH')}"
        raise AppError(f"later commits of this rebase cite {names}, which is something else here; merge instead: {way}")


def _merge(
    project: Project, versions: Sequence[dict[str, bytes]], answers: Sequence[Answer]
) -> tuple[list[MergedFile], Questions]:
    """Return the merged files, and the questions with the places where they are asked."""
    settings = (list_tree(project.root, "HEAD", (SETTINGS_PATH,)) or {}).get(SETTINGS_PATH)
    text = (read_blobs(project.root, [settings.hash]) or {})[settings.hash].decode(errors="replace") if settings else ""
    statuses = [name for key, name in find_records(text) if key == "statuses"]

    def settle(path: str, label: str, ours: str, theirs: str) -> str | None:
        is_status = label == "status" and path.endswith(".md") and {ours, theirs} <= {*statuses}
        return min(ours, theirs, key=statuses.index) if is_status else None

    questions = Questions(answers, settle)
    files = merge_files(versions[0], versions[1], versions[2], questions)
    for file in files:
        text = (file.merged or b"").decode(errors="replace")
        for number in file.questions:
            questions.asked[number] = replace(questions.asked[number], line=_find_line(text, questions.asked[number]))
    return files, questions


def _find_line(text: str, question: Question) -> int:
    """Return the line of a question in the merged text, where our words are until it is answered."""
    for words in filter(None, (question.ours, question.theirs, question.base)):
        if (place := text.find(words.strip())) >= 0:
            return text.count("\n", 0, place) + 1
    return 1


def _plan_results(files: Sequence[MergedFile], index: Index, unmerged: Collection[str]) -> dict[str, bytes | None]:
    """Return the files of the result that the index has otherwise: None for one that goes."""
    results: dict[str, bytes | None] = dict.fromkeys((*unmerged, *(path for file in files for path in file.paths)))
    results |= {file.path: file.merged for file in files}
    return {path: data for path, data in results.items() if not _is_staged(index.get(path, {}), data)}


def _store(top: Path, index: Index, files: Mapping[str, bytes | None]) -> dict[str, dict[int, GitEntry]]:
    """Put files into the repository, and return their entries for the index."""
    modes = {path: entry.mode for path, stages in index.items() for entry in stages.values()}
    return {
        path: {} if data is None else {0: GitEntry(modes.get(path, REGULAR_MODES[0]), merging.store_blob(top, data))}
        for path, data in files.items()
    }


def _is_staged(stages: Mapping[int, GitEntry], data: bytes | None) -> bool:
    """Return whether the index has a file with a content, or with None no such file."""
    if data is None:
        return not stages
    return 0 in stages and stages[0].hash == stages[0].hash_content(data)


def _find_stale(
    top: Path, index: Index, head: Mapping[str, GitEntry], results: Mapping[str, bytes | None]
) -> dict[str, bytes | None]:
    """Return the files that are in the index as merged, and in the folder as in the last commit."""
    merged = {path: stages.get(0) for path, stages in index.items() if path not in results}
    merged |= {path: None for path in head if path not in index and path not in results}
    changed = {path: entry for path, entry in merged.items() if entry != head.get(path)}
    blobs = read_blobs(top, [entry.hash for entry in changed.values() if entry]) or {}
    stale: dict[str, bytes | None] = {}
    for path, entry in changed.items():
        current, old = _read_file(top, path), head.get(path)
        is_old = current is None if old is None else current is not None and old.hash_content(current) == old.hash
        if is_old or MARK in (current or b""):
            stale[path] = blobs[entry.hash] if entry else None
    return stale


def _read_file(top: Path, path: str) -> bytes | None:
    try:
        return safe_read.read(top, path, _MAX_BYTES)
    except safe_read.ConfinedError:
        return None


def _write_files(project: Project, top: Path, files: Mapping[str, bytes | None]) -> None:
    """Write files of the repository, and delete others with the folders that they leave empty."""
    for path, data in files.items():
        file = Project(top, cache=project.cache).writable_path(path)
        if data is not None:
            replace_file(file, data)
        elif file.exists():
            remove_file(file)
            with contextlib.suppress(OSError):
                os.removedirs(file.parent)


def _finish(top: Path, *, wants_commit: bool) -> str:
    """Commit the index, or return what is to be done."""
    operation, heads = merging.read_operation(top), merging.read_state(top, "MERGE_HEAD").split()
    if not heads:
        is_plain = "squash" in operation or not operation
        return f"all is solved; go on: git {'commit' if is_plain else f'{operation} --continue'}"
    if not wants_commit:
        return "all is merged, and nothing is in a commit yet"
    summary = merging.commit_merge(top, heads)
    merging.end_merge(top)
    return summary


def _void_approvals(paper: Paper, paths: Collection[str]) -> Iterator[str]:
    """Yield the sign-offs that do not hold, of merged chapters or themselves merged."""
    chapters = {chapter.id for chapter in paper.chapters if chapter.path in paths}
    for status in approval_statuses(paper):
        approval = status.approval
        is_merged = approval.chapter in chapters or approval.place().path in paths
        if is_merged and status.state is ApprovalState.VOID:
            yield f"the sign-off of '{approval.chapter}' by {approval.who} is void: {status.reason}"


def abort_merge(project: Project) -> str:
    """Take back a merge that is in progress: files and index are again as in the last commit."""
    with _report_refusals():
        top = merging.find_top(project.root)
        operation, index, head = merging.read_operation(top), merging.read_index(top), list_tree(top, "HEAD") or {}
        if not operation and not merging.find_unmerged(top):
            raise AppError("no merge is in progress")
        if operation == "rebase":
            raise AppError("a rebase is taken back by git: git rebase --abort")
        before = {path: {0: head[path]} if path in head else {} for path in {*index, *head}}
        changed = {path: stages for path, stages in before.items() if index.get(path, {}) != stages}
        blobs = read_blobs(top, [stages[0].hash for stages in changed.values() if stages]) or {}
        _write_files(project, top, {path: blobs[s[0].hash] if s else None for path, s in changed.items()})
        merging.write_index(top, changed)
        merging.end_merge(top)
    return "the merge is taken back: everything is as before"
