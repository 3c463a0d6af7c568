"""Merges in progress: the index of a merge, its versions of files, and its commit.

Nothing here runs `git merge`, which would check files out with filters and drivers: the index is made by `read-tree`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from nioc_paper.system.cache import NO_CACHE, Cache
from nioc_paper.system.files import replace_file
from nioc_paper.system.git import isolated_git
from nioc_paper.system.git.commits import commit_tree, locked_index_copy, move_branch
from nioc_paper.system.git.git_answers import answer_or_none, ask, run_text
from nioc_paper.system.git.objects import GitEntry, list_tree, resolve_commit, split_entries
from nioc_paper.system.git.repository_lookup import read_small_file
from nioc_paper.system.scratch import ScratchFolder

_OPERATIONS: Final[Mapping[str, tuple[Sequence[str], str]]] = {
    "merge": (("MERGE_HEAD",), "MERGE_HEAD"),
    "rebase": (("rebase-merge", "rebase-apply"), "REBASE_HEAD"),
    "cherry-pick": (("CHERRY_PICK_HEAD",), "CHERRY_PICK_HEAD"),
    "revert": (("REVERT_HEAD",), "REVERT_HEAD"),
    "merge --squash": (("SQUASH_MSG",), "SQUASH_MSG"),
}
"""Operations of git: what is there while they are in progress, and the file that names the commit which they bring."""
_STATE_FILES: Final = ("MERGE_MSG", "MERGE_MODE", "AUTO_MERGE", *(commit for _, commit in _OPERATIONS.values()))
Stages = Mapping[int, GitEntry]
"""Entries of a file in the index: 0 for one without a conflict, otherwise 1 base, 2 ours, 3 theirs."""


def find_top(root: Path) -> Path:
    """Return the work tree of the repository around a folder. Raises NoRepositoryError or GitRefusedError."""
    return isolated_git.find_repository(root).work_tree


def read_operation(top: Path) -> str:
    """Return the operation of git that is in progress, such as `rebase`; empty if there is none."""
    folder = isolated_git.find_repository(top).git_folder
    files = ((name, file) for name, (marks, _) in _OPERATIONS.items() for file in marks)
    return next((name for name, file in files if os.path.lexists(folder / file)), "")


def operation_under_way(root: Path) -> str:
    """Return the operation of git that is in progress around a folder, a bisect too; empty if none is known."""

    def find() -> str:
        repository = isolated_git.find_repository(root)
        is_bisecting = os.path.lexists(repository.git_folder / "BISECT_LOG")
        return read_operation(repository.work_tree) or ("bisect" if is_bisecting else "")

    return answer_or_none(root, find) or ""


def current_branch(root: Path) -> str:
    """Return the branch that is checked out; empty for none, as after `git checkout TAG`."""
    repository = answer_or_none(root, lambda: isolated_git.find_repository(root))
    head = read_small_file(repository.git_folder / "HEAD") if repository else ""
    return head.strip().removeprefix("ref: refs/heads/") if head.startswith("ref:") else ""


def begin_branch(root: Path, name: str) -> None:
    """Begin a branch at the last commit, and check it out. Raises GitRefusedError for one that is there already."""
    ref = f"refs/heads/{name}"
    run_text(root, "update-ref", ref, "HEAD", "0" * len(run_text(root, "rev-parse", "HEAD").strip()))
    run_text(root, "symbolic-ref", "-m", f"checkout: moving to {name}", "HEAD", ref)


def find_unmerged(root: Path, cache: Cache = NO_CACHE) -> list[str]:
    """Return the paths below a folder that git could not merge."""
    output = ask(root, "ls-files", "--unmerged", "-z", "--", ".", cache=cache) or ""
    return sorted({path for _, path in split_entries(output)})


def read_index(top: Path) -> dict[str, dict[int, GitEntry]]:
    """Return the entries of the index by path and stage."""
    index: dict[str, dict[int, GitEntry]] = {}
    for (mode, name, stage), path in split_entries(run_text(top, "ls-files", "--stage", "-z")):
        index.setdefault(path, {})[int(stage)] = GitEntry(mode, name)
    return index


def has_staged(top: Path) -> bool:
    """Return whether the index differs from the last commit."""
    return bool(run_text(top, "diff-index", "--cached", "--name-only", "HEAD"))


def merge_bases(top: Path, one: str, other: str) -> list[str]:
    """Return the last commits that two commits have in common."""
    return (answer_or_none(top, lambda: run_text(top, "merge-base", "--all", one, other)) or "").split()


def find_sides(top: Path) -> tuple[str, str] | None:
    """Return the commits whose difference an operation in progress brings: base, theirs. None if git names none."""
    operation = read_operation(top)
    named = re.search(r"\b[0-9a-f]{40,64}\b", read_state(top, _OPERATIONS[operation][1]) if operation else "")
    if named is None:
        return None
    if "merge" in operation:
        return find_base(top, "HEAD", named[0])
    parent = resolve_commit(top, f"{named[0]}^")
    return ((named[0], parent) if operation == "revert" else (parent, named[0])) if parent else None


def find_base(top: Path, commit: str, other: str) -> tuple[str, str] | None:
    """Return the last commit that two commits have in common, and the second of them."""
    bases = merge_bases(top, commit, other)
    return (bases[0], other) if bases else None


def find_brought(top: Path, base: str, ours: str, theirs: str) -> str:
    """Return the last commit of theirs that a squash or a rebase has brought to ours already, or the base."""
    counts = ("--no-renames", "--numstat")
    log = run_text(top, "log", "--first-parent", "-m", *counts, "--format=%x00%H", f"{base}..{ours}")
    here = [each.partition("\n")[::2] for each in log.split("\0")[1:]]
    again = {line[2:] for line in run_text(top, "cherry", ours, theirs, base).splitlines() if line.startswith("-")}
    # The message that git proposes for a squash names its commits, also if there were conflicts.
    again |= {*re.findall(r"^    commit ([0-9a-f]{40,})$", run_text(top, "log", f"{base}..{ours}"), re.MULTILINE)}
    brought, is_rebased = base, True
    for commit in run_text(top, "rev-list", "--first-parent", "--reverse", f"{base}..{theirs}").split():
        is_rebased = is_rebased and commit in again
        lines = run_text(top, "diff-tree", "-r", *counts, base, commit).strip()
        # Equal counts of lines first: few merges are tried.
        squashes = (name for name, changed in here if changed.strip() == lines)
        if is_rebased or any(merge_trees(top, base, f"{n}^", commit) == list_tree(top, n) for n in squashes):
            brought = commit
    return brought


def merge_trees(top: Path, base: str, ours: str, theirs: str) -> Mapping[str, GitEntry]:
    """Return the files of two commits as git merges them; none if this git does not tell.

    The merge is written into a temporary folder.
    """
    objects = isolated_git.find_repository(top).common_folder / "objects"
    with ScratchFolder("objects") as folder:
        env = {"GIT_OBJECT_DIRECTORY": str(folder), "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects)}
        args = ("merge-tree", "--write-tree", f"--merge-base={base}", ours, theirs)
        tree = isolated_git.run_git(top, args, env=env).stdout.decode().partition("\n")[0]
        output = os.fsdecode(isolated_git.run_git(top, ("ls-tree", "-r", "-z", tree), env=env).stdout)
    return {path: GitEntry(mode, name) for (mode, _, name), path in split_entries(output)}


def list_sides(top: Path, paths: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Yield base, ours and theirs of which git may have made the last version of files here.

    Those of a squash or a rebase are known as long as its branch is.
    """
    form = "--format=%an %at %s%x00%P%x00%H"
    refs = ("refs/heads", "refs/remotes", "--no-merged=HEAD", "--format=%(objectname)")
    tips = {*run_text(top, "for-each-ref", *refs).split()}
    brought = [line.split("\0") for tip in tips for line in run_text(top, "log", form, f"HEAD..{tip}").splitlines()]
    last = {run_text(top, "log", "-1", "--first-parent", "-m", "-s", form, "HEAD", "--", path) for path in paths}
    for author, parents, _ in (line.strip().split("\0") for line in last if line):
        for ours, *theirs in [parents.split()] if parents else ():
            for base in (find_base(top, ours, tip) for tip in theirs or tips):
                yield from [(base[0], ours, base[1])] if base else ()
            yield from ((old.split()[0], ours, new) for written, old, new in brought if written == author)


def find_origin(top: Path, path: str, words: str) -> tuple[str, str] | None:
    """Return base and theirs of the merge that brought words into a file; None if no merge did."""
    args = ("log", "-1", "--first-parent", "-m", "--format=%P", "-s", f"-S{words}", "HEAD", "--", path)
    parents = run_text(top, *args).split()
    return find_base(top, parents[0], parents[1]) if len(parents) == 2 else None


def list_merges(top: Path, names: Iterable[str]) -> list[str]:
    """Return the merges of this branch after which names are there more or less often, the last one first."""
    pattern = f"({'|'.join(re.sub(r'[^a-zA-Z0-9-]', '.{1,4}', each) for each in names)})([^-[:alnum:]]|$)"
    args = ("log", "--first-parent", "--merges", "-m", "--format=%H", "-s", "--pickaxe-regex", f"-S{pattern}", "HEAD")
    return run_text(top, *args).split()


def list_versions(top: Path, base: str, commit: str) -> list[str]:
    """Return the hashes of the chapters that commits between two have written."""
    args = ("log", "--format=", "--raw", "--no-abbrev", "--no-renames", f"{base}..{commit}")
    return [line.split()[3] for line in run_text(top, *args).splitlines() if line.endswith(".md")]


def begin_merge(top: Path, base: str, commit: str, message: str) -> None:
    """Begin a merge with a commit as git does: what both sides have changed is in the index three times."""
    folder = isolated_git.find_repository(top).git_folder
    replace_file(folder / "MERGE_MSG", f"{message}\n".encode())
    replace_file(folder / "MERGE_MODE", b"no-ff")
    replace_file(folder / "MERGE_HEAD", f"{commit}\n".encode())
    with locked_index_copy(top) as index:
        run_text(top, "read-tree", "-i", "-m", base, "HEAD", commit, env={"GIT_INDEX_FILE": str(index)})


def write_index(top: Path, files: Mapping[str, Stages]) -> None:
    """Replace the entries of files in the index; a file without entries is taken out."""
    none = "0" * len(run_text(top, "rev-parse", "HEAD").strip())
    lines = [f"0 {none}\t{path}\0" for path in files]
    lines += [f"{e.mode} {e.hash} {stage}\t{path}\0" for path, stages in files.items() for stage, e in stages.items()]
    with locked_index_copy(top) as index:
        data = os.fsencode("".join(lines))
        run_text(top, "update-index", "-z", "--index-info", data=data, env={"GIT_INDEX_FILE": str(index)})


def store_blob(top: Path, data: bytes) -> str:
    """Put the content of a file into the repository, and return its hash."""
    return run_text(top, "hash-object", "-w", "--stdin", data=data).strip()


def read_state(top: Path, name: str) -> str:
    """Return a file in which git notes an operation in progress; empty if there is none."""
    return read_small_file(isolated_git.find_repository(top).git_folder / name)


def end_merge(top: Path) -> None:
    """Remove what git notes on an operation in progress."""
    folder = isolated_git.find_repository(top).git_folder
    for name in _STATE_FILES:
        (folder / name).unlink(missing_ok=True)


def commit_merge(top: Path, heads: Sequence[str]) -> str:
    """Commit the index as a merge of the last commit with others. Returns the start of its name, and its subject.

    If the last commit is a part of the other one, the branch moves there.
    """
    head = run_text(top, "rev-parse", "HEAD").strip()
    if merge_bases(top, head, heads[0]) == [head]:
        move_branch(top, heads[0], head, f"merge {heads[0]}: Fast-forward")
        return f"{heads[0][:10]} is the last commit here, too"
    lines = [line for line in read_state(top, "MERGE_MSG").splitlines() if not line.startswith("#")]
    commit = commit_tree(top, run_text(top, "write-tree").strip(), (head, *heads), "\n".join(lines))
    return f"{commit[:10]} {lines[0]}"
