"""Base, ours and theirs of the files of a merge: from the index, from commits, or from the marks of git."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from nioc_paper.app.errors import AppError
from nioc_paper.review.branches.file_merge import chapter_id, front_value, is_chapter, merge_files
from nioc_paper.review.branches.merge_questions import Questions
from nioc_paper.system.git import merging
from nioc_paper.system.git.objects import REGULAR_MODES, GitEntry, list_tree, read_blobs

Index = Mapping[str, Mapping[int, GitEntry]]
"""Entries of the index by path and stage."""
MARK: Final = b"<<<<<<< "
_TEXTS = (".md", ".yaml", ".yml")
_MARKED = re.compile(
    rb"^<{7,}[^\n]*\n(.*?)(?:^\|{7,}[^\n]*\n.*?)?^={7,}\r?\n(.*?)^>{7,}[^\n]*\n?", re.DOTALL | re.MULTILINE
)
"""Passage between the marks of git, with the words of both sides."""


def read_versions(top: Path, index: Index, unmerged: Collection[str]) -> tuple[list[dict[str, bytes]], set[str]]:
    """Return base, ours and theirs of what is to be merged, and the paths of texts that git alone has merged.

    Raises AppError for an unmerged file that is no regular one.
    """
    versions: list[dict[str, GitEntry]] = [{}, {}, {}]
    for path in unmerged:
        for stage, entry in index[path].items():
            versions[stage - 1][path] = entry
            if entry.mode not in REGULAR_MODES:
                raise AppError(f"{path} is a link or a repository of its own; merge it with git")
    staged = _list_staged(index)
    if sides := merging.find_sides(top):
        return _read_sides(top, (sides[0], "HEAD", sides[1]), staged, versions)
    head = list_tree(top, "HEAD") or {}
    for path, entry in staged.items():  # a side may have moved there what is not merged
        versions[2 if unmerged and head.get(path) != entry else 1][path] = entry
    return [_read_blobs(top, version) for version in versions], set()


def _read_sides(
    top: Path, commits: tuple[str, str, str], staged: Mapping[str, GitEntry], unmerged: Sequence[Mapping[str, GitEntry]]
) -> tuple[list[dict[str, bytes]], set[str]]:
    """Return the texts of base, ours and theirs with other unmerged files, and what git alone has merged of them.

    What a person has put into the index is on both sides, and no other text of that chapter is there.
    """
    as_git = merging.merge_trees(top, *commits)
    commits = (merging.find_brought(top, *commits), *commits[1:])
    trees = [_list_texts(list_tree(top, commit) or {}) for commit in commits]
    made, by_hand = set[str](), dict[str, GitEntry | None]()
    for path in {*staged, *trees[0], *trees[1], *trees[2]}.difference(*unmerged):
        base, *sides = (tree.get(path) for tree in trees)
        entry = staged.get(path)
        if entry == as_git.get(path):
            made |= {path} if entry not in sides else set()
        elif base not in sides or entry != sides[sides[0] == base]:
            by_hand[path] = entry
    own_texts = _read_blobs(top, {path: entry for path, entry in by_hand.items() if entry})
    files = [_read_blobs(top, {path: each[path] for path in each.keys() - _list_texts(each)}) for each in unmerged]
    for version, tree in zip(files, trees, strict=True):
        version.update(_read_blobs(top, tree))
        for path in _list_same(version, by_hand, own_texts.values()):
            del version[path]
    return [files[0], files[1] | own_texts, files[2] | own_texts], made


def put_sides(top: Path, index: Index, versions: Sequence[dict[str, bytes]]) -> set[str]:
    """Put the sides in place of texts that the last commits on them have merged as git alone does. Returns those."""
    staged, done = _list_staged(index), set[str]()
    for commits in merging.list_sides(top, filter(is_chapter, staged)):
        sides, again = _read_sides(top, commits, staged, ({}, {}, {}))
        made = again - versions[2].keys()
        names = [versions[1][path] for path in made]
        for version, texts in zip(versions, sides, strict=True) if made else ():
            for path in _list_same(version, made, names):
                del version[path]
            version.update({path: texts[path] for path in _list_same(texts, made, names)})
        done |= made
    return done


def put_rebased(top: Path, versions: Sequence[dict[str, bytes]]) -> None:
    """Put chapters as the branch that is rebased gives them up to this commit, merged at once, in place of theirs.

    So no place depends on which of its commits came first. A chapter stays if its words would not be the same, or if
    the commits before have made another one here. A changed status is that of the whole branch: what one commit did,
    and another took back, is none.
    """
    onto, last = (merging.read_state(top, f"rebase-merge/{name}").strip() for name in ("onto", "orig-head"))
    start, sides = merging.find_base(top, onto, last) if onto and last else None, merging.find_sides(top)
    if not (start and sides):
        return
    base, ours, before, theirs, end = (read_texts(top, commit) for commit in (start[0], onto, *sides, last))
    paths = filter(is_chapter, {*base}.intersection(ours, before, theirs, *versions))
    for path in [path for path in paths if before[path] != theirs[path] == versions[2][path]]:
        triples, questions = ((base, ours, before), (base, ours, theirs), versions), Questions()
        texts = [[{path: each[path]} for each in triple] for triple in triples]
        here, at_once, step = (merge_files(a, b, c, questions)[0].merged or b"" for a, b, c in texts)
        if here == versions[1][path] and sorted(at_once.split()) == sorted(step.split()) and not questions.asked:
            versions[0][path], versions[2][path] = versions[1][path], at_once
    old, new, at_start, at_end = (
        {chapter_id(t): status for p, t in each.items() if is_chapter(p) and (status := front_value(t, "status"))}
        for each in (versions[0], versions[2], base, end)
    )
    changed = {name for name in at_start.keys() & at_end.keys() if old.get(name) != new.get(name)}
    for version, statuses in ((versions[0], at_start), (versions[2], at_end)):
        for path, name in [(path, chapter_id(data)) for path, data in version.items()]:
            if name in changed and is_chapter(path) and front_value(version[path], "status"):
                value = rf"\g<1>{statuses[name]}".encode()
                version[path] = re.sub(rb"(?m)^(status:[ \t]*)\S+", value, version[path], count=1)


def _list_same(files: Mapping[str, bytes], paths: Collection[str], texts: Iterable[bytes]) -> list[str]:
    """Return the paths of files that are at some paths, or have the ids of some chapters."""
    names = {*map(chapter_id, texts)} - {""}
    return [path for path, data in files.items() if path in paths or (names and chapter_id(data) in names)]


def find_marked(top: Path, index: Index) -> dict[str, bytes]:
    """Return the texts with the marks of git that somebody has added to the index, or put into a commit.

    A page without an id, such as an instruction that shows marks, is no chapter.
    """
    entries = {path: stages[0] for path, stages in index.items() if 0 in stages and path.endswith(_TEXTS)}
    marked = {path: data for path, data in _read_blobs(top, entries).items() if _MARKED.search(data)}
    return {p: data for p, data in marked.items() if p.endswith(_TEXTS[1:]) or chapter_id(_MARKED.sub(rb"\1", data))}


def add_marked(top: Path, versions: Sequence[dict[str, bytes]], marked: Mapping[str, bytes]) -> set[str]:
    """Add what is between marks to the versions. Raises AppError if git does not know what was there before."""
    for path, text in marked.items():
        sides = merging.find_sides(top) or merging.find_origin(top, path, MARK.decode())
        if sides is None:
            line = text.count(b"\n", 0, text.index(MARK)) + 1
            raise AppError(f"{path}:{line}: the marks came by no merge; write what holds there, and take them out")
        base = read_texts(top, sides[0])
        versions[0].update({path: base[path]} if path in base else {})
        versions[1][path], versions[2][path] = _MARKED.sub(rb"\1", text), _MARKED.sub(rb"\2", text)
    return {*marked}


def read_texts(top: Path, commit: str) -> dict[str, bytes]:
    """Return chapters, registers and ledgers of a commit."""
    return _read_blobs(top, _list_texts(list_tree(top, commit) or {}))


def _list_staged(index: Index) -> dict[str, GitEntry]:
    return _list_texts({path: stages[0] for path, stages in index.items() if 0 in stages})


def _list_texts(entries: Mapping[str, GitEntry]) -> dict[str, GitEntry]:
    return {path: entry for path, entry in entries.items() if is_text(path) and entry.mode in REGULAR_MODES}


def is_text(path: str) -> bool:
    """Return whether a file may be a chapter, a register or a ledger."""
    return is_chapter(path) or path.endswith(_TEXTS[1:])


def _read_blobs(top: Path, entries: Mapping[str, GitEntry]) -> dict[str, bytes]:
    blobs = read_blobs(top, sorted({entry.hash for entry in entries.values()})) or {}
    return {path: blobs[entry.hash] for path, entry in entries.items()}
