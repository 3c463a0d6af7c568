"""Five months of an invented paper, from an empty folder to its second edition, told through the command line.

Usage: python examples/riverton/story.py FOLDER [BUNDLE]

Six authors write about floods in a town that does not exist. FOLDER gets the paper with its history; the tags
`week-01` to `week-12` are its Fridays. With BUNDLE, the history is also written to that file, from which
`nioc new paper --lived` makes it.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from lxml import etree

TITLE = "High Water"
PEOPLE = {  # id: name, organization, kind, post
    "gwen-reed": ("Gwen Reed", "council", "staff", "Editor"),
    "ada-marsh": ("Ada Marsh", "river-board", "official", "Engineer"),
    "bo-lind": ("Bo Lind", "roads-office", "official", "Surveyor"),
    "cleo-hart": ("Cleo Hart", "council", "staff", "Planner"),
    "dov-ellis": ("Dov Ellis", "council", "staff", "Planner"),
    "eva-stone": ("Eva Stone", "council", "staff", "Writer"),
    "finn-moor": ("Finn Moor", "fire-brigade", "official", "Watch officer"),
    "hal-brook": ("Hal Brook", "river-board", "official", "Chief engineer"),
    "ines-ford": ("Ines Ford", "roads-office", "official", "Director"),
}
PERMISSION = {"official": ", permission: {state: not-needed}", "staff": ""}
ORGANIZATIONS = {
    "council": "Riverton Town Council",
    "river-board": "River Board",
    "roads-office": "Roads Office",
    "fire-brigade": "Fire Brigade",
}
SURVEY = """@report{flood2019,
  title = {The flood of 2019},
  author = {{River Board}},
  year = {2020},
  url = {https://riverton.example/flood-2019}
}
"""
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
Run = Callable[[Path, Sequence[str], dict[str, str]], "subprocess.CompletedProcess[str]"]


def run_here(root: Path, args: Sequence[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command in this process, which is quicker."""
    from click.testing import CliRunner

    from nioc_paper.cli.lazy_commands import nioc

    with contextlib.chdir(root):
        done = CliRunner(env={"COLUMNS": "80", **env}).invoke(nioc, list(args))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(args, done.exit_code, done.stdout, done.stderr)


def run_program(root: Path, args: Sequence[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command `nioc` of this Python as a program of its own."""
    command = [sys.executable, "-m", "nioc_paper", *args]
    return subprocess.run(command, cwd=root, env={**os.environ, **env}, capture_output=True, text=True, check=False)


class Story:
    """A paper, the day on which it is, and the person at the keyboard."""

    def __init__(self, root: Path, run: Run = run_here) -> None:
        self.root, self.run, self.day, self.person = root, run, "2021-02-01", "gwen-reed"

    @property
    def dates(self) -> dict[str, str]:
        """Variables that date the commits of git."""
        moment = f"{self.day}T10:00:00Z"
        return {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}

    def on(self, day: str, person: str = "gwen-reed") -> None:
        """Go to a day, and let a person work."""
        self.day, self.person = day, person
        if (self.root / ".git").is_dir():
            self.git("config", "user.name", PEOPLE[person][0])
            self.git("config", "user.email", f"{person}@riverton.example")

    def git(self, *args: str) -> str:
        """Run git, and return what it prints."""
        env = {"PATH": os.environ["PATH"], "HOME": os.devnull, "GIT_CONFIG_GLOBAL": os.devnull, **self.dates}
        done = subprocess.run(["git", *args], cwd=self.root, env=env, capture_output=True, text=True, check=True)
        return done.stdout

    def nioc(self, *args: str, code: int = 0) -> str:
        """Run a command of the tool, which must end with a code, and return what it prints."""
        done = self.run(self.root, args, self.dates)
        if done.returncode != code:
            raise RuntimeError(f"{self.day} {self.person}: nioc {' '.join(args)}\n{done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def today(self, *args: str, code: int = 0) -> str:
        """Run a command that takes the day."""
        return self.nioc(*args, "--today", self.day, code=code)

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        """Replace words of a file, each of which is there once."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        for old, new in changes:
            if text.count(old) != 1:
                raise RuntimeError(f"{path}: {text.count(old)} times {old!r}")
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")

    def commit(self, subject: str) -> None:
        """Commit all changes."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject)

    def branch(self, name: str, day: str, person: str) -> None:
        """Begin a branch at main."""
        self.on(day, person)
        self.git("switch", "-q", "-c", name, "main")

    def merge(self, name: str, day: str) -> str:
        """Merge a branch into main, as the editor does, and delete it."""
        self.on(day)
        self.git("switch", "-q", "main")
        output = self.nioc("merge", name, "--yes")
        self.git("branch", "-q", "-D", name)
        return output

    def set_people(self, chapter: str, *, lead: str, reviewer: str) -> None:
        """Write who leads a chapter and who reviews it into its front matter."""
        file = self.root / PATHS[chapter]
        who = f"contributors:\n  - {{id: {lead}, role: lead}}\n  - {{id: {reviewer}, role: reviewer}}\nsummary:"
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"contributors:\n(  .*\n)*summary:", who, text), encoding="utf-8")

    def write_chapter(self, name: str) -> None:
        """Write the text and the summary of a chapter under its front matter."""
        file = self.root / PATHS[name]
        _, front, _ = file.read_text(encoding="utf-8").split("---\n", 2)
        front = re.sub(r"summary:.*\n", f"summary: {SUMMARIES[name]}\n{LINKS.get(name, '')}", front)
        file.write_text(f"---\n{front}---\n\n{TEXTS[name]}", encoding="utf-8")

    def comment(self, chapter: str, person: str, quote: str, text: str) -> None:
        """Note what a reviewer said on the telephone."""
        self.today("comments", "add", chapter, "--by", person, "--quote", quote, "--text", text)

    def answer(self, chapter: str, *answer: str) -> None:
        """Answer the one open comment on a chapter."""
        listed = self.nioc("comments", "--chapter", chapter, "--open")
        (number,) = re.findall(r"^\S+:\d+: (\w+) ", listed, re.MULTILINE)
        self.today("comments", "answer", number, *answer)

    def set_clearance(self, chapter: str, old: str, new: str) -> None:
        """Write what a department said about a chapter."""
        (file,) = [
            path
            for path in (self.root / "paper" / "registers" / "chapter").glob("*.yaml")
            if f"id: {chapter}\n" in path.read_text(encoding="utf-8")
        ]
        self.edit(file.relative_to(self.root).as_posix(), (f"state: {old}", f"state: {new}"))
        self.commit(f"Clearance of {chapter}: {new}")

    def move_deadline(self) -> None:
        """Move the deadline and the gates that are to come by two weeks."""
        days = ("2021-05-12", "2021-05-26"), ("2021-06-09", "2021-06-23")
        drafts = ("due: 2021-04-08, days: 24", "due: 2021-04-08, days: 34")
        launch = ("title: Launch, due: 2021-06-30", "title: Launch, due: 2021-07-14")
        self.edit("paper/timeline.yaml", *days, drafts, launch, ("deadline: 2021-06-30", "deadline: 2021-07-14"))
        self.edit("paper/paper.yaml", ("as_of: 2021-06-30", "as_of: 2021-07-14"))
        self.commit("Move the deadline by two weeks")

    def friday(self, number: int, day: str) -> None:
        """Tag the end of a week."""
        self.on(day)
        self.git("tag", f"week-{number:02}")

    def sent_file(self, chapter: str, person: str) -> Path:
        """Return the Word file that was made for a reviewer."""
        (file,) = (self.root / "dist" / "review").glob(f"*{chapter}*{person}*.docx")
        return file


def edit_word(file: Path, author: str, day: str, *changes: tuple[str, str]) -> None:
    """Change words of a Word file with tracked changes, as a reviewer does; each is within one run."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    body = etree.fromstring(parts["word/document.xml"])
    for number, (old, new) in enumerate(changes, 9000):
        (text,) = [t for t in body.iter(f"{W}t") if old in (t.text or "")]
        run = text.getparent()
        before, after = (text.text or "").split(old)
        mark = {f"{W}id": str(number), f"{W}author": author, f"{W}date": f"{day}T09:00:00Z"}
        deleted, inserted = etree.Element(f"{W}del", mark), etree.Element(f"{W}ins", mark)
        deleted.append(_run_like(run, old, "delText"))
        inserted.append(_run_like(run, new))
        for piece in (_run_like(run, before), deleted, inserted, _run_like(run, after)):
            run.addprevious(piece)
        run.getparent().remove(run)
    parts["word/document.xml"] = etree.tostring(body, xml_declaration=True, encoding="UTF-8", standalone=True)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def _run_like(run: etree._Element, words: str, tag: str = "t") -> etree._Element:
    """Return a run with the properties of another one and these words."""
    copy = etree.Element(f"{W}r")
    if (properties := run.find(f"{W}rPr")) is not None:
        copy.append(etree.fromstring(etree.tostring(properties)))
    text = etree.SubElement(copy, f"{W}{tag}")
    text.text = words
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return copy


TEXTS = {
    "levees": """## At a glance

The River Board keeps @fact-levees in repair.
In 2019 the river rose over the oldest of them [@flood2019].
[The gate at the mill does not close.]{.restricted}

::: {#fnd-le-age .finding}
The oldest levee is lower than the flood of 2019 was [@flood2019].
:::

## Gaps

::: {#gap-le-height .gap}
Nobody measures the height of the levees each year [@flood2019].

- Type: practice
- Evidence: report of the River Board
:::

## Recommendations

::: {#rec-le-measure .recommendation}
Measure the height of every levee once a year.

- Owner: River Board
- By: 2021-12-31
- Indicator: levees measured in the year
- Closes: gap-le-height
:::
""",
    "bridges": """## At a glance

The Roads Office inspects @fact-bridges.
In 2019 the flood closed two of them for a month [@flood2019].

::: {#fnd-br-closed .finding}
No bridge has a date for its next inspection [@flood2019].
:::

## Gaps

::: {#gap-br-dates .gap}
Inspections of bridges have no fixed day [@flood2019].

- Type: practice
- Evidence: report of the River Board
:::

## Recommendations

::: {#rec-br-inspect .recommendation}
Inspect every bridge in the spring.

- Owner: Roads Office
- By: 2022-04-30
- Indicator: bridges inspected in the spring
- Closes: gap-br-dates
:::
""",
    "shelters": """## At a glance

The school and the town hall are the shelters of the town.
In 2019 the school was full after two hours [@flood2019].
Half of the town had not heard the siren [@flood2019].

::: {#fnd-sh-full .finding}
In 2019 one shelter was full after two hours [@flood2019].
:::

## Gaps

::: {#gap-sh-places .gap}
Nobody knows how many people the shelters can take [@flood2019].

- Type: data
- Evidence: report of the River Board
:::

## Recommendations

::: {#rec-sh-count .recommendation}
Count the places in every shelter.

- Owner: Riverton Town Council
- By: 2021-09-30
- Indicator: shelters whose places are counted
- Closes: gap-sh-places
:::
""",
    "warnings": """## Why it matters

In 2019 the siren was heard in half of the town [@flood2019].
People in the other half learned of the flood from neighbours [@flood2019].

::: {#gap-wa-siren .gap}
Nobody tests the siren in the streets [@flood2019].

- Type: practice
- Evidence: report of the River Board
:::

## Recommendations

::: {#rec-wa-siren .recommendation}
Test the siren in every street once a year.

- Owner: Fire Brigade
- By: 2021-10-31
- Indicator: streets in which the siren was heard
- Closes: gap-wa-siren
:::
""",
    "introduction": """The river runs through the middle of the town.
In 2019 it rose higher than in any year that is remembered [@flood2019].
The council asked four bodies to say what the town should do before it rises again.
""",
}
SUMMARIES = {
    "levees": "The oldest levee is lower than the last flood was, and nobody measures it.",
    "bridges": "The bridges of the town have no day on which they are inspected.",
    "shelters": "One shelter was full after two hours, and nobody counts the places.",
    "warnings": "Half of the town does not hear the siren.",
    "introduction": "Why the town needs a plan for the next flood.",
}
LINKS = {
    "levees": "links:\n  - {to: bridges, how: a broken levee floods the roads to two bridges}\n"
    "  - {to: shelters, how: the school stands behind the oldest levee}\n",
    "bridges": "links:\n  - {to: shelters, how: the way to the town hall crosses the river}\n",
}
BODIES = {
    "levees": "river-board",
    "bridges": "roads-office",
    "shelters": "council",
    "warnings": "fire-brigade",
    "introduction": "council",
}
"""The body that clears each chapter."""
PATHS = {name: f"chapters/{name}.md" for name in TEXTS} | {"introduction": "paper/front/introduction.md"}


def start(story: Story) -> None:
    """1 to 12 February: an empty folder, people, and two authors who write on branches of their own."""
    story.root.mkdir(parents=True)
    answers = ("--title", TITLE, "--categories", "Levees,Bridges,Shelters", "--deadline", "2021-06-30")
    story.today("new", "paper", ".", *answers)
    story.on("2021-02-01")
    organizations = "".join(f"  - {{id: {name}, name: {title}}}\n" for name, title in ORGANIZATIONS.items())
    people = "".join(
        f"  - {{id: {name}, name: {title}, org: {organization}, post: {post}, kind: {kind}{PERMISSION[kind]}}}\n"
        for name, (title, organization, kind, post) in PEOPLE.items()
    )
    (story.root / "contributors.yaml").write_text(f"organizations:\n{organizations}people:\n{people}", "utf-8")
    story.edit(
        "paper/paper.yaml",
        ("# publisher:                    # ids from contributors.yaml", "publisher: council"),
        ("# editor:                       # an id from contributors.yaml", "editor: gwen-reed"),
        ("target: 3000, max: 4000", "target: 75, max: 400"),
        ("target: 1500, max: 2000", "target: 65, max: 200"),
        ("target: 750, max: 1000", "target: 40, max: 100"),
    )
    story.set_people("levees", lead="ada-marsh", reviewer="hal-brook")
    story.set_people("bridges", lead="bo-lind", reviewer="ines-ford")
    story.set_people("shelters", lead="cleo-hart", reviewer="ines-ford")
    story.set_people("introduction", lead="eva-stone", reviewer="gwen-reed")
    story.commit("Name the editor, and who writes what")
    (story.root / "flood.bib").write_text(SURVEY, encoding="utf-8")
    story.nioc("source", "add", "flood.bib")
    (story.root / "flood.bib").unlink()
    for name, day, person, value in (
        ("levees", "2021-02-04", "ada-marsh", "9 levees"),
        ("bridges", "2021-02-05", "bo-lind", "14 bridges"),
    ):
        story.branch(person, day, person)
        story.nioc("add", "fact", f"id={name}", f"value={value.split()[0]}", f"unit={name}", "source=flood2019")
        story.write_chapter(name)
        story.commit(f"Write the chapter on {name}")
    story.merge("ada-marsh", "2021-02-11")
    story.merge("bo-lind", "2021-02-11")
    story.friday(1, "2021-02-12")


def write(story: Story) -> None:
    """15 February to 12 March: drafts, the first newsletter, and the first file for a reviewer."""
    story.branch("eva-stone", "2021-02-16", "eva-stone")
    story.write_chapter("introduction")
    story.commit("Write the introduction")
    story.branch("cleo-hart", "2021-02-18", "cleo-hart")
    story.write_chapter("shelters")
    story.nioc("add", "term", "use=levee", "avoid=dyke")
    story.commit("Write the chapter on shelters")
    story.merge("eva-stone", "2021-02-24")
    story.today("move", "levees", "drafting")
    story.today("move", "bridges", "drafting")
    story.friday(2, "2021-02-26")
    story.merge("cleo-hart", "2021-03-02")
    story.today("move", "introduction", "drafting")
    story.on("2021-03-04")
    story.today("move", "shelters", "drafting")
    story.friday(3, "2021-03-05")
    story.on("2021-03-10")
    story.today("move", "levees", "review")
    story.today("send", "levees", "--due", "2021-03-17")
    story.friday(4, "2021-03-12")


def review(story: Story) -> None:
    """15 March to 23 April: two rounds through Word, a late reviewer, a lead who leaves, a chapter split in two."""
    story.on("2021-03-17")
    file = story.sent_file("levees", "hal-brook")
    edit_word(file, "Hal Brook", story.day, ("the oldest of them", "the two oldest of them"))
    story.today("receive", str(file))
    story.comment("levees", "hal-brook", "once a year", "Twice a year would show the frost.")
    story.friday(5, "2021-03-19")
    story.on("2021-03-23")
    story.answer("levees", "reject", "--because", "the board has one team")
    story.today("move", "bridges", "review")
    story.today("send", "bridges", "--due", "2021-04-01")
    story.friday(6, "2021-03-26")
    story.on("2021-04-06")
    story.set_people("shelters", lead="dov-ellis", reviewer="ines-ford")
    story.commit("Shelters: Dov Ellis leads in place of Cleo Hart")
    story.branch("finn-moor", "2021-04-07", "finn-moor")
    story.nioc("new", "chapter", "warnings", "--category", "cross-cutting", "--title", "Warnings")
    story.set_people("warnings", lead="finn-moor", reviewer="hal-brook")
    story.write_chapter("warnings")
    story.edit(PATHS["shelters"], ("Half of the town had not heard the siren [@flood2019].\n", ""))
    story.commit("Move warnings from shelters into a chapter of their own")
    story.merge("finn-moor", "2021-04-08")
    story.today("move", "warnings", "drafting")
    story.today("move", "introduction", "review")
    story.friday(7, "2021-04-09")
    story.on("2021-04-13")
    story.move_deadline()
    decision = "text=The deadline is two weeks later."
    story.nioc(
        "add", "decision", "id=d-later", "meeting=council", "on=2021-04-13", "kind=decision", "state=done", decision
    )
    story.today("move", "shelters", "review")
    story.today("move", "warnings", "review")
    story.on("2021-04-20")
    file = story.sent_file("bridges", "ines-ford")
    edit_word(file, "Ines Ford", story.day, ("in the spring.", "in April of each year."))
    story.today("receive", str(file))
    story.comment("bridges", "ines-ford", "two of them", "Name the two bridges.")
    story.friday(8, "2021-04-23")


def clear(story: Story) -> None:
    """26 April to 4 June: a second round, a refusal and a clearance."""
    story.on("2021-04-27")
    story.edit(PATHS["bridges"], ("closed two of them for", "closed Mill Bridge and Ferry Bridge for"))
    story.commit("Name the two bridges")
    story.answer("bridges", "accept")
    for chapter, person in (("shelters", "ines-ford"), ("warnings", "hal-brook"), ("introduction", "gwen-reed")):
        story.today("send", chapter, "--to", person, "--due", "2021-05-11")
    story.friday(9, "2021-05-07")
    story.on("2021-05-11")
    for chapter, person, old, new in (
        ("shelters", "ines-ford", "the shelters of the town.", "the only shelters of the town."),
        ("warnings", "hal-brook", "learned of the flood", "heard of the flood"),
        ("introduction", "gwen-reed", "that is remembered", "on record"),
    ):
        file = story.sent_file(chapter, person)
        edit_word(file, PEOPLE[person][0], story.day, (old, new))
        story.today("receive", str(file))
    for chapter, body in BODIES.items():
        story.nioc("add", "clearance", f"chapter={chapter}", f"body={body}", "state=requested")
        story.today("move", chapter, "clearance")
    story.friday(10, "2021-05-21")


def publish(story: Story) -> None:
    """7 June to 16 July: a refusal, clearances, sign-offs, the final edition, and a correction with its redline."""
    story.on("2021-05-26")
    story.set_clearance("bridges", "requested", "refused")
    story.edit(PATHS["bridges"], ("No bridge has a date", "Few bridges have a date"))
    story.commit("Bridges: the finding as the Roads Office knows it")
    story.on("2021-06-02")
    story.set_clearance("bridges", "refused", "granted")
    for chapter in BODIES:
        if chapter != "bridges":
            story.set_clearance(chapter, "requested", "granted")
    story.friday(11, "2021-06-25")
    story.on("2021-07-12")
    for chapter in TEXTS:
        story.today("move", chapter, "final")
        story.today("approve", chapter, "--by", "gwen-reed")
    story.edit("paper/paper.yaml", ("edition: Working draft", "edition: First edition"))
    story.commit("First edition")
    story.today("build", "--final", "--public", "--to", "html")
    story.git("tag", "-a", "-m", "First edition", "edition-1")
    story.on("2021-07-15")
    story.edit("paper/paper.yaml", ("edition: First edition", "edition: Second edition"))
    story.edit(PATHS["bridges"], ("for a month", "for five weeks"))
    story.commit("Second edition: the bridges were closed for five weeks")
    story.today("build", "--final", "--public", "--to", "html", code=1)  # the sign-off does not hold any more
    story.today("approve", "bridges", "--by", "gwen-reed")
    story.today("build", "--final", "--public", "--to", "html")
    story.git("tag", "-a", "-m", "Second edition", "edition-2")
    story.nioc("redline", "edition-1..edition-2", "--public", "--to", "html")
    story.friday(12, "2021-07-16")


ACTS = (start, write, review, clear, publish)


def main() -> None:
    """Tell the story in the folder that is named."""
    story = Story(Path(sys.argv[1]).resolve())
    for act in ACTS:
        act(story)
    if len(sys.argv) > 2:
        story.git("bundle", "create", str(Path(sys.argv[2]).resolve()), "--all")


if __name__ == "__main__":
    main()
