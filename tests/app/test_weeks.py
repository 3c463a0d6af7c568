"""Weeks of a team: authors work on branches, which are merged in any order and by any way of git.

Every sentence and record has a word of its own, so that a lost or doubled one is noticed.
"""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command_kit import kept_word_files, nioc, seeds, succeed
from sample_history import commit, edit, git, start_history
from test_papers import appended
from word_kit import Edited, paragraph_texts

from nioc_paper.app.project import Project
from nioc_paper.system.cache import FOLDER_VARIABLE

MOMENT = "2020-01-{:02}T12:00:00Z"
CHAPTERS = ("bridges", "tunnels")
WORD = re.compile(r"\bw\d+x\b")


class Team:
    """A paper, and what its authors do at random."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random, self.count, self.questions, self.merges, self.solved = random.Random(seed), 0, 0, 0, 0
        self.sent: list[tuple[str, Path]] = []
        """Word files, each with the branch on which it was sent."""
        self.root = start_history(folder)
        for name in CHAPTERS:
            lines = "".join(f"The word {self.word()} is in this sentence.\n" for _ in range(4))
            edit(self.root, self.chapter(name), ("## Gaps\n", f"{lines}\n## Gaps\n"))
        settings = self.root / "paper" / "paper.yaml"
        text = settings.read_text(encoding="utf-8").replace("max: 180", "max: 9000").replace("max: 60", "max: 9000")
        settings.write_text(f"{text}\nrules: {{not-one-lead: 'off'}}\nrecord_files: true\n", encoding="utf-8")
        self.has_old_layout = seed % 10 == 0
        if not self.has_old_layout:  # as `nioc new` writes papers and chapters
            succeed(self.root, "upgrade", "--records")
            listed = "".join(f"      - chapters/{name}.md\n" for name in CHAPTERS)
            edit(self.root, "paper/paper.yaml", (f"    chapters:\n{listed}", ""))
            for name in CHAPTERS:
                edit(self.root, self.chapter(name), (f"id: {name}\n", f"id: {name}\npart: The crossings\n"))
        commit(self.root, MOMENT.format(6))

    def word(self) -> str:
        self.count += 1
        return f"w{self.count}x"

    def chapter(self, name: str) -> str:
        """The path of a chapter, which authors rename."""
        (path,) = [
            p for p in (self.root / "chapters").glob("*.md") if f"\nid: {name}\n" in p.read_text(encoding="utf-8")
        ]
        return path.relative_to(self.root).as_posix()

    def pick(self, text: str) -> str:
        """A line with a word of its own."""
        return self.random.choice(
            [line for line in text.splitlines(keepends=True) if WORD.search(line) and line.endswith(".\n")]
        )

    def act(self) -> str:
        """Do one thing, and return what."""
        kind = self.random.choice([*self.ACTS])
        self.ACTS[kind](self)
        return kind

    def in_chapter(self, change: Callable[[str, str], str]) -> None:
        file = self.root / self.chapter(self.random.choice(CHAPTERS))
        text = file.read_text(encoding="utf-8")
        file.write_text(change(text, self.pick(text)), encoding="utf-8")

    def change_sentence(self) -> None:
        self.in_chapter(lambda text, line: text.replace(line, WORD.sub(self.word(), line)))

    def add_sentence(self) -> None:
        self.in_chapter(lambda text, line: text.replace(line, f"{line}A new {self.word()} is here.\n"))

    def add_paragraph(self) -> None:
        self.in_chapter(lambda text, line: text.replace(line, f"{line}\nA paragraph of {self.word()}.\n\n", 1))

    def move_sentence(self) -> None:
        def change(text: str, line: str) -> str:
            rest = text.replace(line, "", 1)
            to = self.pick(rest)
            return rest.replace(to, to + line, 1)

        self.in_chapter(change)

    def add_block(self) -> None:
        word = self.word()
        block = f"::: {{#fnd-{word} .finding}}\nThe finding {word} is new [@survey2019].\n:::\n"
        self.in_chapter(lambda text, _: text.replace("## Gaps\n", f"{block}\n## Gaps\n", 1))

    def add_record(self) -> None:
        """Write a fact by hand: into a file of its own, or at the start or the end of the old register."""
        word, old = self.word(), self.root / "paper/registers/facts.yaml"
        record = f"  - id: f-{word}\n    value: {word}\n    source: survey2019\n"
        if not self.has_old_layout:
            (self.root / f"paper/registers/facts/f-{word}.yaml").write_text(f"facts:\n{record}", encoding="utf-8")
        elif self.random.random() < 0.5:
            appended(old, record)
        else:
            edit(self.root, "paper/registers/facts.yaml", ("facts:\n", f"facts:\n{record}"))

    def change_record(self) -> None:
        texts = {p: p.read_text(encoding="utf-8") for p in sorted(self.root.glob("paper/registers/**/*.yaml"))}
        if values := [(p, value) for p, text in texts.items() for value in re.findall(r"value: (w\d+x)", text)]:
            path, value = self.random.choice(values)
            path.write_text(texts[path].replace(f"value: {value}", f"value: {self.word()}"), encoding="utf-8")

    def add_by_command(self) -> None:
        word = self.word()
        if self.random.random() < 0.5:
            succeed(self.root, "add", "fact", f"id=f-{word}", f"value={word}", "source=survey2019")
        else:
            succeed(self.root, "add", "acronym", f"short=W{word[1:-1]}X", f"long=Words of {word}", "exempt=true")

    def move_status(self) -> None:
        status = self.random.choice(["outline", "drafting", "review"])
        path = self.chapter(self.random.choice(CHAPTERS))
        text = (self.root / path).read_text(encoding="utf-8")
        (self.root / path).write_text(re.sub(r"status: \S+", f"status: {status}", text, count=1), encoding="utf-8")

    def rename_chapter(self) -> None:
        old = self.chapter(self.random.choice(CHAPTERS))
        new = f"chapters/{self.word()}.md"
        git(self.root, "mv", old, new)
        if self.has_old_layout:
            edit(self.root, "paper/paper.yaml", (old, new))

    def run(self, *args: str, codes: tuple[int, ...] = (0,)) -> None:
        run = nioc(self.root, *args)
        assert run.returncode in codes, (args, run.stdout + run.stderr)

    def send(self) -> None:
        out = self.root.parent / f"{self.root.parent.name}-{self.word()}"
        self.run("send", self.random.choice(CHAPTERS), "--to", "ben-lock", "--out", str(out))
        self.sent += [(git(self.root, "branch", "--show-current"), file) for file in out.iterdir()]

    def receive(self) -> None:
        """Receive a file that the branch knows: its own, or one that is merged; two may receive one file."""
        here, others = git(self.root, "branch", "--show-current"), git(self.root, "branch", "--format=%(refname:short)")
        known = [each for each in self.sent if each[0] == here or each[0] not in others.split()]
        if known and self.random.random() < 0.6:
            self.sent.remove(known[0])
        for _, file in known[:1]:
            edited = Edited(file.read_bytes(), "Ben Lock")
            words = WORD.findall(" ".join(paragraph_texts(edited.package)))
            if words:  # not in a chapter that lost all of them
                edited.replace(self.random.choice(words), self.word())
            file.write_bytes(edited.save())
            self.run("receive", str(file), codes=(0, 1))

    def comment(self) -> None:
        chapter = self.random.choice(CHAPTERS)
        self.run("comments", "add", chapter, "--by", "ben-lock", "--text", f"Is {self.word()} right?")

    def answer(self) -> None:
        points = [p for ledger in Project(self.root).load().paper.reviews for p in ledger.open_points]
        for point in sorted(points, key=lambda point: point.id)[:1]:
            decision = self.random.choice(["accept", "defer"])
            self.run("comments", "answer", point.id, decision, "--by", "ada-north", "--because", "We say so.")

    def approve(self) -> None:
        name = self.random.choice(CHAPTERS)
        file = self.root / self.chapter(name)
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"status: \S+", "status: final", text, count=1), encoding="utf-8")
        commit(self.root, MOMENT.format(10))
        self.run("approve", name, "--by", "ada-north")
        file.write_text(text, encoding="utf-8")

    ACTS: Mapping[str, Callable[[Team], None]] = {
        "change a sentence": change_sentence,
        "add a sentence": add_sentence,
        "add a paragraph": add_paragraph,
        "move a sentence": move_sentence,
        "add a block": add_block,
        "add a record": add_record,
        "change a record": change_record,
        "add by command": add_by_command,
        "move a status": move_status,
        "rename a chapter": rename_chapter,
        "send": send,
        "receive": receive,
        "comment": comment,
        "answer": answer,
        "approve": approve,
    }

    def words_at(self, commit: str) -> Counter[str]:
        """The words of all files but those of names of files, and of reviews."""
        paths = ("*.md", "paper/registers", "contributors.yaml", ":!reviews")
        args = ("grep", "-hoE", r"\bw[0-9]+x\b", commit, "--", *paths)
        return Counter(git(self.root, *args).split())

    def records_at(self, commit: str) -> set[str]:
        """The files of records, which nobody deletes."""
        names = git(self.root, "ls-tree", "-r", "--name-only", commit, "reviews/", "paper/registers/").split()
        return {name for name in names if name.count("/") > 2 or name.startswith("reviews/")}

    def join(self, branch: str, way: str) -> None:
        """Merge a branch into main in a way of git, and compare the words."""
        base = git(self.root, "merge-base", "main", branch)
        before, ours, theirs = (self.words_at(c) for c in (base, "main", branch))
        records = self.records_at("main") | self.records_at(branch)
        solved = self.solved
        # Of a file that two branches received, main may have the words, and other ones since: those hold.
        replaced = {w for c in git(self.root, "rev-list", f"{base}..main").split() for w in self.words_at(c)} - {*ours}
        texts = " ".join(replaced)
        if way == "merge":
            git(self.root, "checkout", "-q", "main")
            texts += self.solve("merge", branch)
        elif way == "squash":
            git(self.root, "checkout", "-q", "main")
            if not self.attempt("merge", "--squash", branch):
                texts += self.solve("merge")
            commit(self.root, MOMENT.format(20))
        else:
            done = self.attempt("rebase", "main", branch)
            while not done:
                texts += self.solve("merge")
                done = self.attempt("-c", "core.editor=true", "rebase", "--continue")
            git(self.root, "checkout", "-q", "main")
            git(self.root, "merge", "-q", "--ff-only", branch)
        git(self.root, "branch", "-q", "-D", branch)
        assert self.records_at("main") == records, (way, branch, self.records_at("main") ^ records)
        self.merges += 1
        wanted = {w for w in ours | theirs if (w in before) <= (w in ours and w in theirs)}
        # Of a sentence that both sides have moved, git alone makes two, which `check` finds; so in commits of a rebase.
        most = ours | theirs if self.solved > solved and way != "rebase" else self.words_at("main")
        self.compare(wanted, most, texts, f"{way} {branch}")

    def solve(self, *args: str) -> str:
        """Run the command, and answer what it asks; returns the texts of the questions."""
        run = nioc(self.root, *args)
        self.solved += 1
        if "to decide" not in run.stderr:
            assert run.returncode == 0, run.stdout + run.stderr
            return ""
        self.questions += run.stdout.count("both sides changed")
        succeed(self.root, "merge", "--keep", self.random.choice(["ours", "theirs"]))
        return run.stdout

    def attempt(self, *args: str) -> bool:
        """Run git, and return whether it could merge."""
        with contextlib.suppress(subprocess.CalledProcessError):
            git(self.root, *args)
            return True
        return False

    def compare(self, expected: set[str], most: Counter[str], texts: str, what: str) -> None:
        """Compare the words of main with those that both sides wanted, but for those that were asked about."""
        words = self.words_at("main")
        asked = set(WORD.findall(texts))
        assert not git(self.root, "status", "--porcelain"), what
        assert set(words) - asked == expected - asked, (what, set(words) ^ expected, texts)
        doubled = words - most - Counter(asked)
        assert not doubled, (what, doubled)
        assert "<<<<<<<" not in self.all_text()

    def all_text(self) -> str:
        files = [*self.root.glob("chapters/*.md"), *self.root.glob("paper/**/*.yaml")]
        return "".join(file.read_text(encoding="utf-8") for file in files)

    def week(self) -> None:
        """Let authors work, and merge what they have done; some branches are merged a week later."""
        late = [b for b in git(self.root, "branch", "--format=%(refname:short)").split() if b != "main"]
        for _ in range(self.random.randint(2, 6)):
            branch = self.word()
            git(self.root, "checkout", "-q", "-b", branch, "main")
            for _ in range(self.random.randint(1, 3)):
                self.act()
                commit(self.root, MOMENT.format(10))
            if self.random.random() < 0.8:
                late.append(branch)
        git(self.root, "checkout", "-q", "main")
        self.random.shuffle(late)
        for branch in late:
            self.join(branch, self.random.choice(["merge", "squash", "rebase"]))
        check = nioc(self.root, "check", "--format", "short")
        assert " error[" not in check.stdout, check.stdout


def test_nothing_is_lost_or_doubled_in_weeks_of_a_team(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand weeks under --long."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))  # what all teams have in common is made once
    for seed in seeds(pytestconfig, 1, 125):
        team = Team(tmp_path / str(seed), seed)
        for number in range(8 if pytestconfig.getoption("--long") else 2):
            try:
                with kept_word_files(team.root):
                    team.week()
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, week {number + 1}: {error}") from error
        shutil.rmtree(tmp_path / str(seed))
