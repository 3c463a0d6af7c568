"""Run git in the repository of a folder, without the configuration of that repository.

The repository may be a stranger's. Its configuration can name programs to run, hosts to ask and files to read, so git
never reads it: it gets a folder of ours with a configuration of ours and links to the objects and the refs.
Hooks, attributes and grafts are not used. Nor does git see a file of the paper, such as `.mailmap`: its work tree is an
empty folder of ours. Only with an index of ours, which says what to read, does it see the files of the paper, and then
no file of the repository but the objects.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from nioc_paper.system.git.git_process import GitRefusedError, start_git, user_environment
from nioc_paper.system.git.repository_lookup import MAX_GIT_FILE_BYTES, Repository, locate_repository
from nioc_paper.system.scratch import ScratchFolder

_STORAGE_SETTINGS = (
    "extensions.objectformat",
    "extensions.refstorage",
    "core.sharedrepository",
    "core.precomposeunicode",
)
"""Settings of the repository that are copied if their value is one word: they tell how its files are written."""
_CONVERSION_SETTINGS = "autocrlf = input\nsafecrlf = false\nfilemode = false\n"
"""Texts may have other line ends than in the commit, and files another mode."""
_WORK_TREE_NAME = "work-tree"

RepositoryState = tuple[str, int]
"""Path, size and times of each file of a repository, and the time at which one of them last changed."""


def find_repository(folder: Path) -> Repository:
    """Return the repository around a folder. Raises NoRepositoryError or GitRefusedError.

    It refuses one that leads out of its folder, or belongs to another user.
    """
    repository = locate_repository(folder)
    _require_self_contained(repository)
    _require_owner(repository)
    return repository


def read_state(folder: Path) -> RepositoryState:
    """Return the state of HEAD, the index, the refs and the settings of the repository around a folder.

    Raises NoRepositoryError or GitRefusedError.
    """
    repository = find_repository(folder)
    own_folders = {str(repository.git_folder), str(repository.common_folder)}
    pending = sorted(own_folders)
    states: list[str] = []
    changed_ns = 0
    while pending:
        parent = pending.pop()
        try:
            with os.scandir(parent) as entries:
                for entry in entries:
                    if not entry.is_dir(follow_symlinks=False):
                        state = entry.stat(follow_symlinks=False)
                        times = state.st_mtime_ns, state.st_ctime_ns  # nobody can set the second one
                        states.append(repr((entry.path, state.st_ino, state.st_size, *times)))
                        changed_ns = max(changed_ns, state.st_ctime_ns)
                    elif parent not in own_folders or entry.name in ("refs", "reftable"):
                        pending.append(entry.path)
        except OSError as error:  # a file may go while git is at work
            states.append(str(error))
    return "\n".join(sorted(states)), changed_ns


def run_git(
    folder: Path, args: Sequence[str], data: bytes = b"", env: Mapping[str, str] = {}, index: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in the repository around a folder. Raises NoRepositoryError or GitRefusedError.

    With an index of ours, it runs in the real work tree, but without the attributes there, and has no last commit.
    """
    repository = find_repository(folder)
    same_folder = _path_in(repository, folder)
    parts = tuple(name for name in LINKED_PARTS if (repository.common_folder / name).exists())
    content = repository.common_folder, same_folder, parts, _config(repository)
    # The folder is made once for all questions, and again if a part or a setting has changed, or somebody removed it.
    if not _own_folder(*content).path.is_dir():
        _own_folder.cache_clear()
    own_folder = _own_folder(*content).path
    work_tree = repository.work_tree if index else own_folder / _WORK_TREE_NAME
    own = {"GIT_DIR": str(repository.git_folder), "GIT_COMMON_DIR": str(own_folder), "GIT_WORK_TREE": str(work_tree)}
    if index:
        # Git 2.41 and newer take the attributes from this tree, older ones from the work tree.
        algorithm = repository.read_settings().get("extensions.objectformat", "sha1")
        name = "sha256" if algorithm == "sha256" else "sha1"
        attributes = hashlib.new(name, b"tree 0\0", usedforsecurity=False).hexdigest()
        own |= {"GIT_DIR": str(own_folder), "GIT_INDEX_FILE": str(index), "GIT_ATTR_SOURCE": attributes}
    return start_git(work_tree / same_folder, args, data, {**own, **env})


def find_prefix(folder: Path) -> str:
    """Return what git puts before the paths of files in a folder: "", or "papers/crossings/". Raises as `run_git`."""
    path = _path_in(find_repository(folder), folder)
    return f"{path.as_posix()}/" if path.parts else ""


def _path_in(repository: Repository, folder: Path) -> Path:
    return Path(os.path.realpath(folder)).relative_to(repository.work_tree)


@cache
def _own_folder(common_folder: Path, same_folder: Path, parts: Sequence[str], config: str) -> ScratchFolder:
    folder = ScratchFolder("git")
    (folder.path / _WORK_TREE_NAME / same_folder).mkdir(parents=True)
    (folder.path / "config").write_text(config, encoding="utf-8")
    (folder.path / "HEAD").write_text("ref: refs/none", encoding="utf-8")
    for name in parts:
        (folder.path / name).symlink_to(common_folder / name)
    return folder


def _config(repository: Repository) -> str:
    """Return our configuration for a repository."""
    settings = {name: value for name, value in repository.read_settings().items() if name in _STORAGE_SETTINGS}
    settings = {name: value for name, value in settings.items() if re.fullmatch(r"\w+", value)}
    version = int(any(name.startswith("extensions.") for name in settings))
    lines = [f"[core]\nrepositoryformatversion = {version}\nbare = false\n{_CONVERSION_SETTINGS}"]
    lines += [f"[{name.partition('.')[0]}]\n{name.partition('.')[2]} = {value}\n" for name, value in settings.items()]
    return "".join(lines)


# --- vetting of a repository ------------------------------------------------------------------------------------------


_MAX_INDEX_BYTES = 64 * 2**20
"""Limit of index, packed refs and the like: an index of 500,000 files is smaller."""
LINKED_PARTS = ("objects", "refs", "packed-refs", "shallow", "logs", "reftable")
"""Parts of a repository that git sees through our folder."""


def _require_self_contained(repository: Repository) -> None:
    """Raise GitRefusedError if the repository leads out of its folder: through links, or to objects of another one."""
    shared_parts = [repository.common_folder / name for name in LINKED_PARTS]
    parts = [*shared_parts, *(repository.git_folder / name for name in ("refs", "logs"))]
    for part in parts:
        _require_plain_path(part)
    _require_openable(repository.git_folder)
    for name in ("objects", "refs"):
        if not (repository.common_folder / name).is_dir():
            raise GitRefusedError(f"{repository.common_folder} is damaged: it has no folder '{name}'")
    alternates = repository.common_folder / "objects" / "info" / "alternates"
    if os.path.lexists(alternates):
        raise GitRefusedError(f"{alternates} leads to objects outside of the repository")
    for part in parts:
        _require_plain_files(part, MAX_GIT_FILE_BYTES if part.name == "refs" else None)


def _require_plain_path(file: Path) -> None:
    try:
        state = file.lstat()
    except OSError:
        return
    mode, size = state.st_mode, state.st_size
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise GitRefusedError(f"{file} is neither a file nor a folder")
    if stat.S_ISREG(mode) and size > _MAX_INDEX_BYTES:
        raise GitRefusedError(f"{file} has {size} bytes; {_MAX_INDEX_BYTES} are allowed")


@cache
def _require_openable(git_folder: Path) -> None:
    """Raise GitRefusedError if git could wait at a file of its folder, or read one elsewhere; once per process.

    Git opens any name there as that of a commit. A socket it cannot open, and it has one of its own.
    """
    try:
        entries = list(git_folder.iterdir())
    except OSError as error:
        raise GitRefusedError(f"{git_folder} cannot be read: {error.strerror}") from error
    for entry in entries:
        if not (entry.is_socket() or (entry.is_symlink() and entry.is_dir())):
            _require_plain_path(entry)


@cache
def _require_plain_files(folder: Path, most: int | None) -> None:
    """Raise GitRefusedError unless everything below a folder is folders and files of limited size; once per process."""
    pending = [str(folder)] if folder.is_dir() else []
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    elif not entry.is_file(follow_symlinks=False):
                        raise GitRefusedError(f"{entry.path} is neither a file nor a folder")
                    elif most and entry.stat(follow_symlinks=False).st_size > most:
                        raise GitRefusedError(f"{entry.path} has more than the {most} bytes that are allowed")
        except OSError as error:
            raise GitRefusedError(f"{error.filename} cannot be read: {error.strerror}") from error


def _require_owner(repository: Repository) -> None:
    """Raise GitRefusedError for a repository of another user, unless git's settings declare it safe."""
    owned_paths = {repository.work_tree, repository.work_tree / ".git", repository.git_folder, repository.common_folder}
    if all(path.lstat().st_uid == os.geteuid() for path in owned_paths):
        return
    # Git itself knows the directories that the user has declared safe. It reads no configuration of the repository
    # before.
    settings = {"GIT_CONFIG_GLOBAL": None, "GIT_CONFIG_NOSYSTEM": None, **user_environment()}
    ceiling = {"GIT_CEILING_DIRECTORIES": str(repository.work_tree.parent)}
    args = ["-c", "safe.bareRepository=explicit", "rev-parse", "--git-dir"]
    if start_git(repository.work_tree, args, b"", {**settings, **ceiling}).returncode:
        how = f"if you trust it: git config --global --add safe.directory {repository.work_tree}"
        raise GitRefusedError(f"the repository in {repository.work_tree} belongs to another user; {how}")
