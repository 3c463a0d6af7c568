"""Branches of a team are merged by the command, with real repositories."""

from __future__ import annotations

import contextlib
import random
import re
import subprocess
from itertools import pairwise, product
from pathlib import Path
from unittest import mock

import pytest
from command_kit import nioc, sample_names, succeed
from sample_history import commit, edit, git, start_history
from test_branches import PARAGRAPH, PARAGRAPH_EDITS, edit_paragraph
from test_papers import appended, written

from nioc_paper.app import branch_merge as command
from nioc_paper.system.git import merging

CHAPTER, TUNNELS, ACRONYMS = "chapters/bridges.md", "chapters/tunnels.md", "paper/registers/acronyms.yaml"
ENTRY = "long: Roads Department of Ardale}\n"
HERE, THERE = "Each bridge stands", "One bridge stands"


@pytest.fixture(scope="module")
def team_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper with a branch that meets the changes of `main` everywhere, and one that clashes with them."""
    root = start_history(tmp_path_factory.mktemp("team"))
    for branch, words, entry, status in (
        ("near", "cares for @fact", "XYZ", "review"),
        ("clash", THERE, "ABC", "final"),
    ):
        git(root, "checkout", "-q", "-b", branch, "main")
        old = "looks after @fact" if branch == "near" else "A bridge stands"
        edit(root, CHAPTER, (old, words), ("status: drafting", f"status: {status}"))
        edit(root, ACRONYMS, (ENTRY, f"{ENTRY}  - {{short: {entry}, long: {entry} {branch}}}\n"))
        (root / "chapters" / f"{branch}.txt").write_text(branch, encoding="utf-8")
        commit(root, "2020-01-08T12:00:00Z")
        git(root, "checkout", "-q", "main")
    edit(root, CHAPTER, ("A bridge stands", HERE), ("status: drafting", "status: clearance"))
    edit(root, ACRONYMS, (ENTRY, f"{ENTRY}  - {{short: MNO, long: M n o}}\n"))
    commit(root, "2020-01-09T12:00:00Z")
    return root


@pytest.fixture
def team(team_once: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "-q", "--no-hardlinks", str(team_once), "team")
    for branch in ("near", "clash"):
        git(tmp_path / "team", "branch", "-q", branch, f"origin/{branch}")
    return tmp_path / "team"


def read(root: Path, path: str) -> str:
    return (root / path).read_text(encoding="utf-8")


def is_clean(root: Path) -> bool:
    return not git(root, "status", "--porcelain") and not (root / ".git" / "MERGE_HEAD").exists()


def test_what_git_cannot_merge_is_joined_without_a_question(team: Path) -> None:
    run = succeed(team, "merge", "near")
    assert "of 'clearance' and 'review' 'review' holds" in run.stderr
    assert is_clean(team)
    assert HERE in read(team, CHAPTER)
    assert "cares for @fact" in read(team, CHAPTER)
    assert "status: review" in read(team, CHAPTER)
    assert read(team, ACRONYMS).index("MNO") < read(team, ACRONYMS).index("XYZ")
    assert read(team, "chapters/near.txt") == "near"
    assert git(team, "rev-parse", "HEAD^2") == git(team, "rev-parse", "near")
    assert "nothing to do" in nioc(team, "merge", "near").stdout


def test_a_clash_is_listed_goes_on_and_is_taken_back(team: Path) -> None:
    head = git(team, "rev-parse", "HEAD")
    run = nioc(team, "merge", "clash")
    assert run.returncode == 1
    assert f"{CHAPTER}:19: both sides changed the same sentence" in run.stdout
    assert HERE in run.stdout
    assert THERE in run.stdout
    check = nioc(team, "check")
    assert check.stdout.count("error[") == 1
    assert "hint: answer what both sides changed: nioc merge" in check.stdout
    assert "<<<<" not in read(team, CHAPTER)
    assert nioc(team, "merge", "--abort").returncode == 0
    assert (is_clean(team), git(team, "rev-parse", "HEAD")) == (True, head)
    assert nioc(team, "merge", "clash").returncode == 1
    assert nioc(team, "merge", "--keep", "theirs").returncode == 0
    assert (is_clean(team), THERE in read(team, CHAPTER)) == (True, True)


@pytest.mark.parametrize("operation", ["merge", "rebase", "cherry-pick", "squash"])
def test_conflicts_of_git_are_solved(team: Path, operation: str) -> None:
    args = {"rebase": ("rebase", "main", "clash"), "squash": ("merge", "--squash", "clash")}
    with pytest.raises(Exception, match="exit status 1"):
        git(team, *args.get(operation, (operation, "clash")))
    assert "<<<<<<<" in read(team, CHAPTER)
    run = succeed(team, "merge", "--keep", "theirs")
    assert THERE in read(team, CHAPTER)
    assert "<<<<<<<" not in read(team, CHAPTER) + read(team, ACRONYMS)
    assert not git(team, "ls-files", "--unmerged")
    how = {"rebase": "git rebase --continue", "cherry-pick": "git cherry-pick --continue", "squash": "git commit"}
    assert how.get(operation, "Merge branch 'clash'") in run.stderr


@pytest.mark.parametrize("way", ["nioc", "rebase"])
@pytest.mark.parametrize("steps", [("final", "drafting"), ("final", "review"), ("outline", "drafting")])
def test_only_the_last_status_of_a_branch_counts(team: Path, way: str, steps: tuple[str, str]) -> None:
    """A rebase applies the commits one by one; main is at clearance. A copy that was sent has the chapter's id."""
    git(team, "checkout", "-q", "-b", "side", "main~1")
    written(team / "reviews" / "a" / "sent-0123456789ab.md", read(team, CHAPTER).replace("drafting", "outline"))
    for status, new in pairwise(("drafting", *steps)):
        edit(team, CHAPTER, (f"status: {status}", f"status: {new}"))
        commit(team, "2020-01-10T12:00:00Z")
    merge_in(team, way)
    assert f"status: {'clearance' if steps[1] == 'drafting' else steps[1]}" in read(team, CHAPTER)


@pytest.mark.parametrize("is_edited", [False, True])
def test_what_git_alone_put_at_two_places_is_one_unless_a_person_changed_it(team: Path, *, is_edited: bool) -> None:
    lines = [f"The {word} sentence.\n" for word in ("first", "second", "third", "fourth", "fifth", "sixth", "last")]
    text = "".join(lines)
    edit(team, TUNNELS, ("## Gaps\n", f"{text}\n## Gaps\n"))
    commit(team, "2020-01-10T12:00:00Z")
    for branch, place in (("one", 3), ("two", 6)):
        git(team, "checkout", "-q", "-b", branch, "main")
        edit(team, TUNNELS, (text, "".join([*lines[1:place], lines[0], *lines[place:]])))
        edit(team, ACRONYMS, (ENTRY, f"{ENTRY}  - {{short: {branch.upper()}, long: {branch}}}\n"))
        commit(team, "2020-01-11T12:00:00Z")
    with pytest.raises(subprocess.CalledProcessError):
        git(team, "merge", "--squash", "one")
    assert read(team, TUNNELS).count(lines[0]) == 2
    if is_edited:
        edit(team, TUNNELS, (lines[6], "By hand.\n"))
        git(team, "add", TUNNELS)
    assert (lines[0].strip() in nioc(team, "merge").stdout) is not is_edited
    if not is_edited:
        succeed(team, "merge", "--keep", "ours")
    assert (read(team, TUNNELS).count(lines[0]), "By hand." in read(team, TUNNELS)) == (1 + is_edited, is_edited)


@pytest.mark.parametrize("way", ["squash", "solved", "rebase"])
@pytest.mark.parametrize("is_alone", [False, True])
def test_a_branch_that_goes_on_after_a_squash_or_rebase_doubles_nothing(
    team: Path, way: str, *, is_alone: bool
) -> None:
    git(team, "checkout", "-q", "-b", "side")
    for old, words in (("Drivers learn", "Each driver hears"), ("Each driver hears", "All drivers hear")):
        edit(team, TUNNELS, (old, words), ("## Gaps\n", f"A sentence is as new as {words[:3]}.\n\n## Gaps\n"))
        commit(team, "2020-01-10T12:00:00Z")
    git(team, "branch", "pushed")
    git(team, "checkout", "-q", "main")
    edit(team, *((TUNNELS, ("## Gaps\n", "Main.\n\n## Gaps\n")) if way == "solved" else (ACRONYMS, ("MNO", "MNOP"))))
    commit(team, "2020-01-11T12:00:00Z")
    if way == "rebase":
        git(team, "rebase", "main", "side")
        git(team, "checkout", "-q", "main")
    with contextlib.suppress(subprocess.CalledProcessError):
        git(team, "merge", *(["--squash"] if way != "rebase" else []), "side")
    if way == "solved":
        succeed(team, "merge")
    git(team, "commit", "-q", "--allow-empty", "--no-edit", *([] if way == "solved" else ["-m", "Words"]))
    edit(team, TUNNELS, ("as new as All.", "as new as any."))
    commit(team, "2020-01-12T12:00:00Z")
    git(team, "checkout", "-q", "pushed")
    edit(team, TUNNELS, ("All drivers hear of", "Drivers and cyclists hear of"))
    commit(team, "2020-01-13T12:00:00Z")
    git(team, "checkout", "-q", "main")
    if is_alone:
        with contextlib.suppress(subprocess.CalledProcessError):
            git(team, "merge", "pushed")
    if not is_alone or not is_clean(team):
        succeed(team, "merge", *([] if is_alone else ["pushed"]))
    text = read(team, TUNNELS)
    parts = ("Drivers and cyclists hear", "drivers hear of", "as new as any.", "as new as All", "as new as Eac")
    assert [text.count(part) for part in parts] == [1, 0, 1, 0, 1]


@pytest.mark.parametrize("is_edit_here", [False, True])
def test_a_sign_off_and_an_edit_of_two_branches_are_said(team: Path, *, is_edit_here: bool) -> None:
    edit(team, TUNNELS, ("status: drafting", "status: final"))
    commit(team, "2020-01-10T12:00:00Z")
    git(team, "branch", "side")
    for is_edit in (is_edit_here, not is_edit_here):
        if is_edit:
            edit(team, TUNNELS, ("Drivers learn of a closure", "All drivers learn of a closure"))
            commit(team, "2020-01-11T12:00:00Z")
        else:
            succeed(team, "approve", "tunnels", "--by", "ben-lock", "--today", "2020-01-11")
        git(team, "switch", "-q", "side" if git(team, "branch", "--show-current") == "main" else "main")
    assert "the sign-off of 'tunnels' by ben-lock is void" in succeed(team, "merge", "side").stderr


def test_a_paragraph_that_both_sides_edit_is_there_once_after_any_merge(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """By the command, or by git alone and the command after it, while the branch is known; all under --long."""
    cases = [*product(PARAGRAPH_EDITS, PARAGRAPH_EDITS, ("main", "side", "-"), ("nioc", "merge", "squash", "rebase"))]
    moves = [case for case in cases if case[0].startswith("move") and case[1].startswith("move")]
    root = start_history(tmp_path)
    edit(root, TUNNELS, ("## Gaps\n", f"{PARAGRAPH}## Gaps\n"))
    commit(root, "2020-01-07T12:00:00Z")
    start = git(root, "rev-parse", "HEAD")
    for case in cases if request.config.getoption("--long") else random.Random(1).sample(moves, 6):
        for edit_of_side, side in zip(case[:2], ("main", "side"), strict=True):
            git(root, "checkout", "-q", "-B", side, start)
            text = edit_paragraph(read(root, TUNNELS), edit_of_side, side)
            (root / TUNNELS).write_text(text, encoding="utf-8")
            commit(root, f"2020-01-0{len(side)}T12:00:00Z")
            if case[2] == side:
                git(root, "mv", TUNNELS, "chapters/tubes.md")
                edit(root, "paper/paper.yaml", (TUNNELS, "chapters/tubes.md"))
                commit(root, f"2020-01-1{len(side)}T12:00:00Z")
        git(root, "branch", "-f", "pushed", "side")
        merge_in(root, case[3])
        nioc(root, "merge", "--keep", "ours")
        commit(root, "2020-01-20T12:00:00Z")
        (chapter,) = (file for file in (root / "chapters").glob("tu*.md"))
        assert read(root, f"chapters/{chapter.name}").count("The s3 sentence is") <= 1, case
        assert is_clean(root), case


def merge_in(root: Path, way: str) -> None:
    """Merge a branch into main, and commit what git alone can merge."""
    if way == "rebase":
        with contextlib.suppress(subprocess.CalledProcessError):
            git(root, "rebase", "main", "side")
        while (root / ".git" / "rebase-merge").exists():
            nioc(root, "merge", "--keep", "ours")
            with contextlib.suppress(subprocess.CalledProcessError):
                git(root, "-c", "core.editor=true", "rebase", "--continue")
        git(root, "checkout", "-q", "-B", "main")
    else:
        git(root, "checkout", "-q", "main")
        if way == "nioc":
            nioc(root, "merge", "side", "--keep", "ours")
        with contextlib.suppress(subprocess.CalledProcessError):
            git(root, "merge", "-q", *(["--squash"] if way == "squash" else []), "side")
            commit(root, "2020-01-19T12:00:00Z")


def test_a_rebase_gives_what_a_squash_does_in_whatever_order_its_commits_came(tmp_path: Path, stem: str) -> None:
    """A branch moves a sentence and adds a paragraph, in this order or the other one; main has another paragraph."""
    lines = [f"The {word} sentence.\n" for word in ("first", "second", "third", "fourth")]
    root = start_history(tmp_path)
    edit(root, TUNNELS, ("## Gaps\n", f"{''.join(lines)}\n## Gaps\n"))
    commit(root, "2020-01-07T12:00:00Z")
    start = git(root, "rev-parse", "HEAD")
    edit(root, TUNNELS, (f"The {stem} sentence.\n", f"The {stem} sentence.\n\nThe z is new.\n\n"))
    commit(root, "2020-01-08T12:00:00Z")
    main, texts = git(root, "rev-parse", "HEAD"), set[str]()
    whole, moved = "".join(lines), "".join((lines[0], lines[2], lines[1], lines[3]))
    new = f"\nThe a is new.\n\n{lines[3]}"
    for middle in (moved, whole.replace(lines[3], new)):
        git(root, "checkout", "-q", "-B", "side", start)
        for old, text in ((whole, middle), (middle, moved.replace(lines[3], new))):
            edit(root, TUNNELS, (old, text))
            commit(root, "2020-01-10T12:00:00Z")
        for way in ("squash", "rebase"):
            git(root, "branch", "-f", "tip", "side")
            git(root, "checkout", "-q", "-B", "main", main)
            merge_in(root, way)
            nioc(root, "merge", "--keep", "ours")
            commit(root, "2020-01-20T12:00:00Z")
            texts.add(read(root, TUNNELS))
            git(root, "checkout", "-q", "-B", "side", "tip")
    assert len(texts) == 1, [each[each.index("The first") :][:200] for each in texts]


@pytest.mark.parametrize("is_committed", [False, True])
def test_marks_that_somebody_added_or_committed_are_solved(team: Path, *, is_committed: bool) -> None:
    with pytest.raises(Exception, match="exit status 1"):
        git(team, "merge", "clash")
    git(team, "add", "-A")
    if is_committed:
        commit(team, "2020-01-10T12:00:00Z")
        edit(team, CHAPTER, ("Half of the bridges", "Most of the bridges"))
        (team / CHAPTER).write_bytes((team / CHAPTER).read_bytes().replace(b"\n", b"\r\n"))
        commit(team, "2020-01-11T12:00:00Z")
    assert "hint: answer what both sides changed: nioc merge" in nioc(team, "check").stdout
    run = nioc(team, "merge", "--yes")
    assert "both sides changed the same sentence" in run.stdout
    assert "hint: answer what both sides changed: nioc merge" in nioc(team, "check").stdout
    run = succeed(team, "merge", "--keep", "theirs")
    text = read(team, CHAPTER) + read(team, ACRONYMS)
    assert [words in text for words in ("<<<<", HERE, THERE, "MNO", "ABC")] == [False, False, True, True, True]
    if is_committed:
        assert "go on: git commit" in run.stderr
        assert "Most of the bridges" in text
        git(team, "commit", "-q", "-m", "words")
    assert is_clean(team)


def test_marks_that_came_by_no_merge_are_said_with_their_place(team: Path) -> None:
    edit(team, CHAPTER, (HERE, f"<<<<<<< ours\n{HERE}\n=======\n{THERE}\n>>>>>>> theirs\nAnd it stands"))
    commit(team, "2020-01-10T12:00:00Z")
    assert f"{CHAPTER}:19: the marks came by no merge" in nioc(team, "merge").stderr
    assert "marks of a conflict; solve them first" in nioc(team, "merge", "near").stderr


def test_a_page_that_shows_marks_stops_no_merge(team: Path) -> None:
    (team / "notes.md").write_text("A conflict:\n\n<<<<<<< ours\none\n=======\ntwo\n>>>>>>> theirs\n", encoding="utf-8")
    commit(team, "2020-01-10T12:00:00Z")
    assert "Merge near" in succeed(team, "merge", "near").stderr


def test_a_chapter_that_both_sides_renamed_and_changed_has_one_name_and_no_mark(team: Path) -> None:
    for branch, name, words in (("near", "near", "cares for"), ("main", "here", "looks to")):
        git(team, "checkout", "-q", branch)
        git(team, "mv", CHAPTER, f"chapters/{name}.md")
        edit(team, "paper/paper.yaml", (CHAPTER, f"chapters/{name}.md"))
        edit(team, f"chapters/{name}.md", ("Half of the bridges", f"Half {words} of the bridges"))
        commit(team, "2020-01-10T12:00:00Z")
    with pytest.raises(Exception, match="exit status 1"):
        git(team, "merge", "--squash", "near")
    assert nioc(team, "merge", "--keep", "ours").returncode == 0
    assert not (team / "chapters" / "near.md").exists()
    text = read(team, "chapters/here.md")
    assert "<<<<" not in text
    assert text.count("Half looks to of the bridges") == 1
    assert HERE in text


def test_work_that_is_not_saved_is_not_overwritten(team: Path) -> None:
    edit(team, TUNNELS, ("tunnel", "tube"))
    assert TUNNELS in nioc(team, "merge", "near").stderr
    git(team, "checkout", "-q", TUNNELS)
    (team / "chapters" / "near.txt").write_text("mine", encoding="utf-8")
    assert "chapters/near.txt has changes that are in no commit" in nioc(team, "merge", "near").stderr
    (team / "chapters" / "near.txt").unlink()
    assert nioc(team, "merge", "clash").returncode == 1
    edit(team, CHAPTER, (HERE, "By hand a bridge stands"))
    assert f"git add {CHAPTER}" in nioc(team, "merge", "--keep", "ours").stderr
    git(team, "add", CHAPTER)
    assert nioc(team, "merge").returncode == 0
    assert "By hand" in git(team, "show", f"HEAD:{CHAPTER}")


def test_the_status_counts_what_is_on_branches(team: Path) -> None:
    status = " ".join(nioc(team, "status", "--today", "2020-01-14").stdout.split())
    for branch in ("near", "clash"):
        assert f"bridges: 2 sentences on branch {branch}, not merged for 6 days" in status
    with contextlib.suppress(subprocess.CalledProcessError):
        git(team, "merge", "--squash", "near")
    nioc(team, "merge")
    commit(team, "2020-01-13T12:00:00Z")
    edit(team, CHAPTER, ("Half of the bridges", "Most of the bridges"))
    commit(team, "2020-01-13T12:00:00Z")
    status = nioc(team, "status", "--today", "2020-01-14").stdout
    assert [f"branch {name}" in status for name in ("near", "clash")] == [False, True]
    git(team, "branch", "-q", "-D", "clash", "near")
    git(team, "remote", "remove", "origin")
    assert "branch" not in nioc(team, "status", "--today", "2020-01-14").stdout


class Killed(BaseException):
    """End of the process."""


STEPS = dict.fromkeys(("begin_merge", "write_index", "commit_merge", "end_merge"), merging)
STEPS |= {"_write_files": command, "after end_merge": merging}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, cases in (("step", STEPS), ("stem", ("first", "second", "third"))):
        if name in metafunc.fixturenames:
            sample_names(metafunc, cases, 1, name)


def test_a_merge_that_was_killed_is_repeated_or_taken_back(team: Path, step: str) -> None:
    module, name = STEPS[step], step.removeprefix("after ")
    function = getattr(module, name)

    def end(*args: object, **options: object) -> None:
        if step != name:
            function(*args, **options)
        raise Killed

    head = git(team, "rev-parse", "HEAD")
    with mock.patch.object(module, name, end), pytest.raises(Killed):
        nioc(team, "merge", "clash", "--keep", "theirs")
    is_committed = git(team, "rev-parse", "HEAD") != head
    if not is_committed:
        nioc(team, "merge", "--abort")
        assert (is_clean(team), git(team, "rev-parse", "HEAD")) == (True, head)
        with mock.patch.object(module, name, end), pytest.raises(Killed):
            nioc(team, "merge", "clash", "--keep", "theirs")
    assert nioc(team, "merge", "clash", "--keep", "theirs").returncode == 0
    assert (is_clean(team), THERE in git(team, "show", f"HEAD:{CHAPTER}")) == (True, True)
    assert git(team, "rev-parse", "HEAD^2") == git(team, "rev-parse", "clash")


# --- ids and notes that two people gave to different things -----------------------------------------------------------


CHAPTERS = ("bridges", "tunnels")
KINDS = {
    "rec": "::: {{#rec-new .recommendation}}\nDo {word} at once.\n\n- Owner: RDA\n- Closes: gap-new\n:::\n",
    "gap": "::: {{#gap-new .gap}}\nNobody knows {word} here.\n\n- Type: policy\n:::\n",
    "fnd": "::: {{#fnd-new .finding}}\nAll of {word} is old [@survey2019].\n:::\n",
    "fig": '![A {word}.](../paper/figures/span.svg){{#fig-new alt="A {word}."}}\n',
    "tbl": "| {word} | Built |\n|---|---|\n| a | 1 |\n\n: The {word} by age {{#tbl-new}}\n",
    "note": "See the note on {word}.[^new]\n\n[^new]: The note on {word}.\n",
}
PLACES = [(ours, theirs, other) for ours in CHAPTERS for theirs in CHAPTERS for other in ("", "## Recommendations\n")]
DECISION = (
    "  - {{id: d-{word}, meeting: m, on: 2020-01-0{day}, kind: decision, text: Do @{id} with {word}., who: [RDA]}}\n"
)


def write(root: Path, kind: str, chapter: str, before: str, word: str) -> None:
    """Add a thing of a kind to a chapter, and references to it at two other places."""
    heading = before or "## Gaps\n"
    edit(root, f"chapters/{chapter}.md", (heading, f"{KINDS[kind].format(word=word)}\n{heading}"))
    if kind != "note":
        for name in CHAPTERS:
            edit(root, f"chapters/{name}.md", ("## Gaps\n", f"In {name}, {word} is in @{kind}-new.\n\n## Gaps\n"))
        appended(root / "paper/registers/decisions.yaml", DECISION.format(word=word, day=len(word), id=f"{kind}-new"))


def names_by_word(root: Path, kind: str) -> dict[str, set[str]]:
    """The names beside each word, where it is defined and in references."""
    names = dict[str, set[str]]()
    files = [*root.glob("chapters/*.md"), root / "paper/registers/decisions.yaml"]
    passages = [p for file in files for p in re.split(r"\n\n(?=:::|[A-Z!#|[])|\n(?=\[|  - |In )", file.read_text())]
    for word in ("apples", "plums"):
        pattern = r"\[\^(new[\w-]*)" if kind == "note" else rf"[#@]({kind}-new[\w-]*)"
        names[word] = {name for passage in passages if word in passage for name in re.findall(pattern, passage)}
    return names


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_given_twice_is_two_names_and_references_follow(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A sixth of the places, each kind at others; all under --long."""
    root = start_history(tmp_path)
    start = git(root, "rev-parse", "HEAD")
    step = 1 if request.config.getoption("--long") else 6
    places = [place for place in PLACES if kind != "note" or place[0] == place[1]]
    for ours, theirs, before in places[[*KINDS].index(kind) % step :: step]:
        git(root, "checkout", "-q", "-B", "main", start)
        git(root, "checkout", "-q", "-B", "side")
        write(root, kind, theirs, before, "plums")
        commit(root, "2020-01-07T12:00:00Z")
        git(root, "checkout", "-q", "main")
        write(root, kind, ours, "", "apples")
        commit(root, "2020-01-07T12:00:00Z")
        run = succeed(root, "merge", "side")
        names = names_by_word(root, kind)
        new = f"{'' if kind == 'note' else kind + '-'}new"
        assert names == {"apples": {new}, "plums": {f"{new}-2"}}, (ours, theirs, before)
        assert f"'{new}' of the other side is '{new}-2' now" in run.stderr
        assert "same-id" not in nioc(root, "check", "--format", "short").stdout


@pytest.mark.parametrize(
    ("kind", "way"), [*((kind, "merge") for kind in [*KINDS][::2]), ("rec", "squash"), ("note", "merge")]
)
def test_a_name_that_git_alone_has_merged_is_two_names(kind: str, way: str, tmp_path: Path) -> None:
    root = start_history(tmp_path)
    git(root, "checkout", "-q", "-b", "side")
    write_in(root, kind, "bridges" if kind == "note" else "tunnels", "## Recommendations\n", "plums")
    with (root / "paper/registers/decisions.yaml").open("a", encoding="utf-8") as file:
        file.write(DECISION.format(word="plums", day=5, id=f"{kind}-new"))
    commit(root, "2020-01-07T12:00:00Z")
    git(root, "checkout", "-q", "main")
    write_in(root, kind, "bridges", "## Gaps\n", "apples")
    commit(root, "2020-01-07T12:00:00Z")
    git(root, "merge", "-q", *(["--squash"] if way == "squash" else ["--no-edit"]), "side")
    commit(root, "2020-01-08T12:00:00Z")
    git(root, "branch", "-q", "-D", "side")
    edit(root, "chapters/tunnels.md", ("## Gaps\n", f"One is in @{kind}-new.\n\n## Gaps\n"))
    commit(root, "2020-01-09T12:00:00Z")
    assert "if a merge brought it: nioc merge" in nioc(root, "check").stdout
    run, new = nioc(root, "merge"), f"{'' if kind == 'note' else kind + '-'}new"
    if way != "merge":
        assert f"'{new}' is given twice, and no merge commit tells" in run.stderr
        return
    assert (run.returncode, "go on: git commit" in run.stderr) == (0, True), run.stderr
    assert names_by_word(root, kind) == {"apples": {new}, "plums": {f"{new}-2"}}
    assert f"'{new}', which a merge brought, is '{new}-2' now" in run.stderr
    assert ("written later" in run.stderr) is (kind != "note")
    assert "duplicate" not in nioc(root, "check", "--format", "short").stdout
    commit(root, "2020-01-10T12:00:00Z")
    assert "nothing to merge here" in nioc(root, "merge").stderr
    with (root / "chapters/tunnels.md").open("a", encoding="utf-8") as file:
        file.write(f"\n{KINDS[kind].format(word='pears')}" * 2)
    commit(root, "2020-01-11T12:00:00Z")
    assert f"'{new}' is given twice, and no merge commit tells" in nioc(root, "merge").stderr


def write_in(root: Path, kind: str, chapter: str, heading: str, word: str) -> None:
    """Add a thing and a reference to one chapter."""
    cites = "" if kind == "note" else f"In {chapter}, {word} is in @{kind}-new.\n\n"
    edit(root, f"chapters/{chapter}.md", (heading, f"{KINDS[kind].format(word=word)}\n{cites}{heading}"))


@pytest.mark.parametrize("way", ["merge", "squash", "rebase"])
def test_conflicts_of_git_follow_too_or_a_rebase_is_refused(way: str, tmp_path: Path) -> None:
    root = start_history(tmp_path)
    for branch, word in (("side", "plums"), ("main", "apples")):
        git(root, "checkout", "-q", "-B", branch, "main")
        write(root, "rec", "bridges", "", word)
        commit(root, "2020-01-07T12:00:00Z")
        edit(root, "chapters/bridges.md", ("## Gaps\n", f"Again {word} of @rec-new.\n\n## Gaps\n"))
        commit(root, "2020-01-08T12:00:00Z")
    git(root, "checkout", "-q", "main")
    args = {"merge": ("merge", "side"), "squash": ("merge", "--squash", "side"), "rebase": ("rebase", "main", "side")}
    with contextlib.suppress(subprocess.CalledProcessError):
        git(root, *args[way])
    run = nioc(root, "merge")
    if way == "rebase":  # git applies the second commit by itself, and its citation would name the other thing
        assert "later commits of this rebase cite rec-new" in run.stderr
        git(root, "rebase", "--abort")
        git(root, "checkout", "-q", "main")
        run = nioc(root, "merge", "side")
    assert run.returncode == 0, run.stdout + run.stderr
    assert names_by_word(root, "rec") == {"apples": {"rec-new"}, "plums": {"rec-new-2"}}


def test_what_a_squash_has_brought_already_is_not_doubled(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    git(root, "checkout", "-q", "-b", "side")
    write(root, "rec", "bridges", "", "plums")
    commit(root, "2020-01-07T12:00:00Z")
    git(root, "checkout", "-q", "main")
    git(root, "merge", "--squash", "side")
    commit(root, "2020-01-08T12:00:00Z")
    edit(root, "chapters/bridges.md", ("Do plums at once", "Never do any of it, and sell all the plums"))
    commit(root, "2020-01-09T12:00:00Z")
    assert nioc(root, "merge", "side", "--keep", "ours").returncode == 0
    text = (root / "chapters/bridges.md").read_text(encoding="utf-8")
    assert (text.count("{#rec-new"), "Never do any of it" in text) == (1, True)
