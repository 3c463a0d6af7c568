"""Registers in files of single records: read as one, and written so that additions on two branches never meet."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import shared
import yaml
from command_kit import nioc, succeed
from sample_history import commit, edit, git, start_history
from test_papers import absent, changed, written
from test_reviews import _kept_word_files
from word_kit import Edited

from nioc_paper.app.new_records import KINDS, SOURCE
from nioc_paper.app.project import Project
from nioc_paper.domain.approvals import ApprovalState, approval_statuses
from nioc_paper.domain.audience import for_audience
from nioc_paper.load import load
from nioc_paper.model import Diagnostic, Paper
from nioc_paper.model.register_files import RECORDS, record_lists

__all__ = ["_kept_word_files"]
FULL = Path(__file__).parents[1] / "papers" / "full"
REGISTERS = {name: (record, path) for name, (record, path) in RECORDS.items() if name not in ("chapter", "paper")}


def split(root: Path, name: str) -> int:
    """Move every record of a register into a file of its own; return their number."""
    record, path = REGISTERS[name]
    if not (root / path).exists():
        return 0
    data, count = yaml.load((root / path).read_text(), yaml.BaseLoader), 0  # noqa: S506 - texts only
    for key, _ in record_lists(record):
        for item in data.pop(key, []):
            file = root / f"paper/registers/{name}/{count:04}.yaml"
            written(file, yaml.dump({key: [item]}, sort_keys=False))
            count += 1
    (root / path).write_text(yaml.dump(data, sort_keys=False) if data else "")
    return count


def refuse(diagnostic: Diagnostic) -> None:
    """Fail for a finding of reading."""
    raise AssertionError(str(diagnostic))


def registers(paper: Paper) -> Mapping[str, object]:
    """The registers of a paper as they were read."""
    files = (
        f"{name}_file"
        for name in ("references", "facts", "decisions", "approvals", "consultations", "acronyms", "terms")
    )
    names = (*files, "contributors", "timeline", "reviews", "listed_paths")
    fronts = [(chapter.path, chapter.front) for chapter in paper.chapters]
    return {name: getattr(paper, name) for name in names} | {"chapters": fronts}


def test_a_register_in_many_files_is_the_same_register(tmp_path: Path) -> None:
    shutil.copytree(FULL, tmp_path, dirs_exist_ok=True)
    before = load(tmp_path, refuse)
    counts = {name: split(tmp_path, name) for name in REGISTERS}
    after = load(tmp_path, refuse)
    assert min(counts["facts"], counts["references"], counts["timeline"]) > 2
    assert registers(after) == registers(before)
    assert {place.path.rpartition("/")[0] for place in (fact.place("id") for fact in after.facts.values())} == {
        "paper/registers/facts"
    }


def test_a_fault_in_a_file_of_one_record_is_found_there(tmp_path: Path) -> None:
    shutil.copytree(FULL, tmp_path, dirs_exist_ok=True)
    folder = tmp_path / "paper/registers/timeline"
    written(folder / "a.yaml", "holidays:\n  - on: 2021-05-0\n    name: A\ndeadline: 2022-01-01\n")
    findings: list[Diagnostic] = []
    load(tmp_path, findings.append)
    assert [(str(d.place), d.rule) for d in findings] == [
        ("paper/registers/timeline/a.yaml:2:9", "bad-value/type"),
        ("paper/registers/timeline/a.yaml:4:11", "unknown-key"),
    ]


# --- two branches -----------------------------------------------------------------------------------------------------


def run(root: Path, *args: str) -> str:
    """Run a command of ours that must succeed."""
    result = succeed(root, *args)
    return result.stdout


def add_source(root: Path, side: str) -> None:
    """Add a source with its copy; both sides give the copy the same name."""
    file = root.parent / f"{side}.bib"
    author = f"author={{Oak, {side}}}, institution={{The Council}}, date={{2019}}"
    file.write_text(f"@report{{oaks-{side}, title={{Oaks {side}}}, {author}}}")
    run(root, "source", "add", str(file), "--copy", str(file))


OWN = {
    "clearance": {"1": "council", "2": "parks-office"},
    "allowance": {"1": "missing-section", "2": "short-chapter"},
}
"""Values that the two sides have in common with nobody, where a number will not do."""


def add(kind: str, *values: str) -> Callable[[Path, str], None]:
    """Return the addition of a record: all values but the name are the same on both sides."""
    return lambda root, side: void(
        run(root, "add", kind, *(value.format(OWN[kind][side] if kind in OWN else side) for value in values))
    )


def send(root: Path, side: str) -> None:
    """Send a chapter with a sentence of its own, which the branch changes afterwards."""
    chapter = root / "chapters/street-trees.md"
    if side == "1":
        changed(chapter, "year to year", "spring to spring")
        git(root, "commit", "-qam", "Date the survey")
    run(root, "send", "street-trees", "--to", f"Guest {side}", "--out", f"{root.parent}/sent")
    if side == "1":
        changed(chapter, "spring to spring", "May to May")
        git(root, "commit", "-qam", "Date the survey again")


def receive(root: Path, side: str) -> None:
    """Bring in the comment of a reader who got the chapter before the branch began."""
    (file,) = (root.parent / "sent").glob(f"parks-reader-{side}-*")
    edited = Edited(file.read_bytes(), f"Reader {side}")
    edited.comment("the nursery lacks", f"Say more on {side}.", by=f"Reader {side}")
    back = root.parent / f"{side}.docx"
    back.write_bytes(edited.save())
    run(root, "receive", str(back))


def answer(root: Path, side: str) -> None:
    """Answer the comment that the branch received."""
    points = [point for ledger in Project(root).load().paper.reviews for point in ledger.points]
    (point,) = (point for point in points if point.by == f"Reader {side}")
    run(root, "comments", "answer", point.id, "reject", "--because", "It is enough.")


def void(_: object) -> None:
    """Drop a result."""


SIGNERS = {"1": "ann-alder", "2": "ben-birch"}
ADDITIONS: Mapping[str, Callable[[Path, str], None]] = {
    "source": add_source,
    "fact": add("fact", "id=oaks-{}", "value=12", "unit=oaks", "source=survey2019", "as_of=2019"),
    "abbreviation": add("acronym", "short=OA{}", "long=Oaks"),
    "term": add("term", "use=oak {}", "avoid=big oak {}"),
    "person": add("person", "id=oak-{}", "name=Oak {}", "kind=staff", "post=Forester"),
    "decision": add("decision", "id=d-{}", "meeting=Council", "on=2020-03-01", "kind=decision", "text=Yes"),
    "holiday": add("holiday", "on=2020-05-0{}", "name=Day of oaks"),
    "clearance": add("clearance", "chapter=parks", "body={}", "state=requested"),
    "allowance": add("allowance", "chapter=parks", "rule={}", "reason=Later", "until=2020-06-01"),
    "chapter": lambda root, side: void(run(root, "new", "chapter", f"oaks-{side}", "--category", "cross-cutting")),
    "sending": send,
    "comment": receive,
    "answer": answer,
    "sign-off": lambda root, side: void(run(root, "approve", "parks", "--by", SIGNERS[side])),
}
"""Everything that people add independently, by the command that adds it; sides are called 1 and 2."""


@pytest.fixture
def branches(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository whose branches 1 and 2 have one addition of each kind."""
    return shared.once(tmp_path_factory, "team", lambda folder: make_branches(folder / "paper")) / "paper"


def make_branches(root: Path) -> None:
    """Start a paper, and add something of each kind on each of two branches."""
    run(root.parent, "new", "paper", str(root))
    for chapter in (root / "chapters").iterdir():
        chapter.write_text(re.sub("status: .*", "status: final", chapter.read_text()))
    git(root, "commit", "-qam", "Finish")
    run(root, "send", "parks", "--to", "Reader 1", "--to", "Reader 2", "--out", f"{root.parent}/sent")
    for side in "12":
        git(root, "checkout", "-qb", side, "main")
        for addition in ADDITIONS.values():
            addition(root, side)
        assert not git(root, "status", "--porcelain")
        git(root, "checkout", "-q", "main")


def merge(root: Path, branch: str, how: str) -> None:
    """Bring a branch to main as a code host does, and delete it."""
    if how == "merge":
        git(root, "merge", "-q", "--no-ff", "-m", f"Merge {branch}", branch)
    elif how == "squash":
        git(root, "merge", "-q", "--squash", branch)
        git(root, "commit", "-qm", f"Squash {branch}")
    else:
        git(root, "checkout", "-q", branch)
        git(root, "rebase", "-q", "--no-ff", "main")
        git(root, "checkout", "-q", "main")
        git(root, "merge", "-q", "--ff-only", branch)
    git(root, "branch", "-qD", branch)


def records(root: Path) -> tuple[Mapping[str, object], set[str]]:
    """The registers of the paper in a folder, and its errors; every sign-off holds."""
    checked = Project(root).check()
    assert {sign_off.state for sign_off in approval_statuses(checked.paper)} <= {ApprovalState.HOLDS}
    return registers(checked.paper), {f"{d.rule} {d.message}" for d in checked.findings if d.severity.name == "ERROR"}


def receive_from_guest(root: Path, sent: Path) -> None:
    """Receive a file that was sent from a branch: its text is merged with that of today."""
    (file,) = sent.glob("street-trees-guest-1-*")
    back = root.parent / f"{root.name}.docx"
    back.write_bytes(Edited(file.read_bytes(), "Guest 1").replace("almost three trees", "almost four trees").save())
    run(root, "receive", str(back))
    text = (root / "chapters/street-trees.md").read_text()
    assert absent(text, "May to May", "almost four trees") == []


@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
def test_additions_on_two_branches_never_meet(branches: Path, tmp_path: Path, how: str) -> None:
    results = []
    for order in itertools.permutations("12") if how == "merge" else ("21",):
        root = tmp_path / f"{how}-{'-'.join(order)}"
        git(tmp_path, "clone", "-q", str(branches), str(root))
        for side in order:
            git(root, "branch", "-q", side, f"origin/{side}")
        for side in order:
            merge(root, side, how)
        merged = {*git(root, "ls-tree", "-r", "HEAD", "paper", "reviews").splitlines()}
        for side in order:
            assert not {*git(root, "ls-tree", "-r", f"origin/{side}", "paper", "reviews").splitlines()} - merged
        git(tmp_path, "clone", "-q", "--single-branch", root.as_uri(), f"{root}-again")  # has no commit of a branch
        results.append(records(Path(f"{root}-again")))
    receive_from_guest(Path(f"{root}-again"), branches.parent / "sent")
    assert results[0] == results[-1]
    assert results[0][1] == records(branches)[1]


def test_the_same_addition_on_two_branches_is_one(branches: Path, tmp_path: Path) -> None:
    root = tmp_path / "paper"
    git(tmp_path, "clone", "-q", "-b", "main", str(branches), str(root))
    shutil.copytree(branches.parent / "sent", tmp_path / "sent")
    names = ("source", "fact", "decision", "clearance", "allowance", "chapter", "comment", "answer")
    for number, branch in enumerate(("one", "two")):
        git(root, "checkout", "-qb", branch, "main")
        for name in names:
            ADDITIONS[name](root, "1")
        git(root, "commit", "-q", "--allow-empty", "-m", f"{number}")
    alone = registers(Project(root).load().paper)
    git(root, "merge", "-q", "--no-edit", "one")
    assert registers(Project(root).load().paper) == alone


def test_an_answer_in_a_file_of_its_own_is_withheld_with_its_comment(branches: Path, tmp_path: Path) -> None:
    root = tmp_path / "paper"
    git(tmp_path, "clone", "-q", "-b", "1", str(branches), str(root))
    chapter = root / "chapters/parks.md"
    changed(chapter, "status:", "sensitivity: restricted\nstatus:")
    paper = Project(root).load().paper
    assert "It is enough." in repr(paper.reviews)
    assert "It is enough." not in repr(for_audience(paper, "public")[0].reviews)
    changed(chapter, "sensitivity: restricted\n", "")
    for file in (root / "reviews/parks").glob("returned-*"):
        changed(file, "  text: Say", "  sensitivity: restricted\n  text: Say")
    paper = Project(root).load().paper
    assert "It is enough." not in repr(for_audience(paper, "public")[0].reviews)


def test_two_answers_to_one_comment_are_found_if_they_differ(branches: Path, tmp_path: Path) -> None:
    root = tmp_path / "paper"
    git(tmp_path, "clone", "-q", "-b", "1", str(branches), str(root))
    (point,) = [point for ledger in Project(root).load().paper.reviews for point in ledger.points]
    (first,) = root.glob("reviews/*/answer-*")
    text = first.read_text()
    git(root, "checkout", "-qb", "other")
    run(root, "comments", "answer", point.id, "defer", "--because", "We say so.")
    (other,) = {*root.glob("reviews/*/answer-*")} - {first}
    run(root, "comments", "answer", point.id, "defer", "--because", "We say so.", "--by", "ben-birch")
    assert first.read_text() == text
    (finding,) = [d for d in Project(root).check().findings if d.rule == "duplicate/comment"]
    assert f"two answers to '{point.id}' differ" in finding.message
    assert all(file.name in f"{finding.place} {finding.hint}" for file in (first, other))
    first.unlink()
    assert not [d for d in Project(root).check().findings if d.rule == "duplicate/comment"]


def test_the_copy_of_a_sent_chapter_takes_no_change_of_a_branch(tmp_path: Path) -> None:
    """Git alone follows the chapter to its new name, and not to the copy, which has the same words."""
    root = tmp_path / "paper"
    run(tmp_path, "new", "paper", "paper")
    git(root, "checkout", "-qb", "late")
    chapter = root / "chapters/parks.md"
    chapter.write_text(f"{chapter.read_text()}\nA late sentence.\n")
    git(root, "commit", "-qam", "Write late")
    git(root, "checkout", "-q", "main")
    run(root, "send", "parks", "--to", "ben-birch", "--out", str(tmp_path))
    (copy,) = root.glob("reviews/parks/sent-*.md")
    git(root, "mv", str(chapter), "chapters/green.md")
    renamed = root / "chapters/green.md"
    changed(renamed, "## Gaps", "More words here.\n\n## Gaps")
    git(root, "commit", "-qam", "Rename the chapter")
    before = copy.read_text()
    git(root, "merge", "--squash", "late")
    assert "A late sentence." in renamed.read_text()
    assert copy.read_text() == before


def test_a_correction_does_not_go_into_a_similar_record(tmp_path: Path) -> None:
    root = tmp_path / "paper"
    run(tmp_path, "new", "paper", "paper")
    kinds = ("source", "fact", "term", "decision", "clearance")
    before = {*(root / "paper/registers").rglob("*.yaml")}
    for name in kinds:
        ADDITIONS[name](root, "1")
    old = {*(root / "paper/registers").rglob("*.yaml")} - before
    git(root, "checkout", "-qb", "corrected")
    for file in old:
        file.write_text(f"{file.read_text()}# corrected\n")
    git(root, "commit", "-qam", "Correct each record")
    git(root, "checkout", "-q", "main")
    for file in old:
        git(root, "rm", "-q", str(file))
    git(root, "commit", "-qm", "Take each record out")
    for name in kinds:
        ADDITIONS[name](root, "2")
    new = {file: file.read_text() for file in {*(root / "paper/registers").rglob("*.yaml")} - before}
    assert len(new) == len(old) == len(kinds)
    subprocess.run(("git", "merge", "-q", "corrected"), cwd=root, capture_output=True, check=False)
    assert {file: file.read_text() for file in new} == new


def test_a_branch_that_began_before_the_paper_was_moved_still_merges(tmp_path: Path) -> None:
    root, settings = tmp_path / "paper", tmp_path / "paper/paper/paper.yaml"
    run(tmp_path, "new", "paper", "paper")
    moved = settings.read_text()
    settings.write_text(moved.replace("record_files: true", "record_files: false"))
    git(root, "commit", "-qam", "As an earlier release had it")
    names = ("source", "fact", "person", "chapter", "sending")
    git(root, "checkout", "-qb", "late")
    for name in names:
        ADDITIONS[name](root, "1")
    git(root, "checkout", "-q", "main")
    settings.write_text(moved)
    git(root, "commit", "-qam", "Move the paper")
    for name in names:
        ADDITIONS[name](root, "2")
    git(root, "merge", "-q", "--no-edit", "late")
    paper = Project(root).load().paper
    assert {"oaks-1", "oaks-2"} <= {*paper.references} & {*paper.facts}
    assert {"oak-1", "oak-2"} <= {*paper.people}
    assert {"chapters/oaks-1.md", "chapters/oaks-2.md"} <= {*paper.listed_paths}
    assert [{sending.to for sending in ledger.sendings} for ledger in paper.reviews] == [{"Guest 1", "Guest 2"}]


# --- one thing that two people entered --------------------------------------------------------------------------------


TWICE: Mapping[str, tuple[tuple[str, str], str]] = {
    "source": (("oak", "oaks"), "id: {}\n    type: report\n    title: Oaks\n    issued: 2019-01-02\n    publisher: {}"),
    "fact": (("oaks", "trees-old"), "id: {}\n    value: 12\n    source: survey2019\n    unit: {}"),
    "person": (("ann", "ann-ash"), "id: {}\n    name: Ann Ash\n    kind: staff\n    post: {}"),
    "acronym": (("OA", "OA"), "short: {}\n    long: Oaks\n    plural: {}"),
}
_REVIEW = """chapter: parks
sendings: [{id: abc, to: ann-ash, on: 2020-03-02, commit: 0123456789012345678901234567890123456789}]
comments: [{id: abd, by: ann-ash, text: Good, answer: {disposition: accept, by: ann-ash}}]
"""
NAMED_IN = {
    "source": ("paper/registers/facts/q.yaml", 'facts:\n  - {id: q, value: "1", source: "oaks"}\n'),
    "person": ("reviews/parks/q.yaml", _REVIEW),
}
"""A file that names the second record, by kind."""
REFERENCES = {
    "source": "Oaks grow [@oaks]. They grow [see @oaks, p. 3].\n",
    "fact": "The town has @fact-trees-old.\n",
    "person": "",
    "acronym": "",
}


@pytest.mark.parametrize("name", TWICE)
@pytest.mark.parametrize("in_one_file", [True, False])
def test_two_records_for_one_thing_are_found_and_unified(tmp_path: Path, name: str, in_one_file: bool) -> None:
    run(tmp_path, "new", "paper", "paper", "--no-commit")
    root = tmp_path / "paper"
    (keep, drop), form = TWICE[name]
    register, key, _, *_ = SOURCE if name == "source" else KINDS[name]
    texts = [f"  - {form.format(title, value)}\n" for title, value in ((keep, "first"), (drop, "second"))]
    folder = root / "paper/registers" / register
    folder.mkdir(parents=True, exist_ok=True)
    example_files = {*folder.iterdir()}
    for number, text in enumerate(["".join(texts)] if in_one_file else texts):
        (folder / f"{number}.yaml").write_text(f"{key}:\n{text}")
    chapter = root / "chapters/parks.md"
    lead = chapter.read_text().replace("ben-birch", drop if name == "person" else "ben-birch")
    chapter.write_text(f"{lead}\n{REFERENCES[name]}")
    path, more = NAMED_IN.get(name, ("notes.txt", ""))
    written(root / path, more)
    if name != "fact":  # the same number may be of two things
        assert "duplicate/" in nioc(root, "check").stdout
    before = records(root)[1]
    output = run(root, "unify", name, keep, drop)
    assert output.count("left out") == 1
    assert (root / path).read_text() == more.replace(drop, keep)
    (text,) = [file.read_text() for file in folder.iterdir() if file not in example_files]
    assert keep in text
    assert "first" in text
    assert records(root)[1] <= before
    assert not re.search(rf"[@-]{drop}\b|id: {drop}\b", chapter.read_text()) or drop == keep
    assert "duplicate/" not in nioc(root, "check").stdout


@pytest.mark.parametrize(
    ("values", "message"),
    {
        "unknown kind": (("facts", "id=a"), "did you mean 'fact'?"),
        "unknown key": (("fact", "idd=a"), "did you mean 'id'?"),
        "list of records": (("fact", "conflicts=a"), "not a value that this command writes"),
        "record": (("person", "permission=granted"), "not a value that this command writes"),
        "twice": (("fact", "id=a", "id=b"), "given twice"),
        "missing": (("fact", "id=a"), "add 'value: …'"),
        "wrong": (("holiday", "on=May", "name=A"), "is not a date"),
        "known": (("fact", "id=trees", "value=1", "source=survey2019"), "already: paper/registers/facts/trees.yaml:"),
        "known day": (("gate", "id=kick-off", "title=A", "due=2020-03-02"), "is there already"),
        "no chapter": (("clearance", "body=council"), "no chapter is called ''"),
    }.values(),
)
def test_a_wrong_record_is_not_written(branches: Path, values: tuple[str, ...], message: str) -> None:
    output = nioc(branches, "add", *values)
    assert output.returncode == 2
    assert message in output.stderr
    assert not git(branches, "status", "--porcelain")


def test_an_editor_moves_all_records_and_a_late_branch_merges(tmp_path: Path) -> None:
    root = start_history(tmp_path)
    facts = "paper/registers/facts.yaml"
    (root / facts).write_text(f"# Counted by us.\n{(root / facts).read_text()}")
    commit(root, "2020-01-07T12:00:00Z")
    git(root, "checkout", "-q", "-b", "late")
    edit(
        root,
        facts,
        ('value: "12"', 'value: "13"'),
        ("facts:\n", "facts:\n  - {id: new, value: 7, source: survey2019}\n"),
    )
    commit(root, "2020-01-07T12:00:00Z")
    git(root, "checkout", "-q", "main")
    assert "record_files: true" in nioc(root, "upgrade", "--records").stderr
    edit(root, "paper/paper.yaml", ("id: crossings", "id: crossings\nrecord_files: true"))
    commit(root, "2020-01-08T12:00:00Z")
    before, findings = registers(Project(root).load().paper), nioc(root, "check", "--format", "short").stdout
    moved = succeed(root, "upgrade", "--records").stderr
    assert (moved.count("moved"), (root / facts).read_text()) == (1, "# Counted by us.\nfacts:\n")
    assert registers(Project(root).load().paper) == before
    assert nioc(root, "check", "--format", "short").stdout == findings
    succeed(root, "merge", "late")
    values = {fact.id: fact.value for fact in Project(root).load().paper.facts.values()}
    assert (values["bridges"], values["new"]) == ("13", "7")
