"""Outputs and letters in the language of the paper: a probe replaces every word of the tool, and none is left."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from command_kit import nioc, without_office
from probe_kit import texts_of
from sample_history import commit, start_repository
from test_papers import changed

from nioc_paper import Project, wording
from nioc_paper.app.new_paper import PaperRequest, start_paper
from nioc_paper.app.wording_file import write_missing_words
from nioc_paper.cli.lazy_commands import nioc as commands
from nioc_paper.render import DOCUMENT_WRITERS, MAIL_WRITERS
from nioc_paper.report.reminders import LETTER_FORMATS
from nioc_paper.wording import ENGLISH, wording_for

FULL = Path(__file__).parents[1] / "papers" / "full"
STARTER_WORDS = Path(wording.__file__).with_name("starter.json")
SIGNS = {"digits", "decimal", "thousands", "letters", "counter", "front_counter", "date_form", "day_form"}
"""Keys whose values are signs, forms and names of counters."""
NAMES = {*re.findall(r"\w+", "Word PDF EPUB HTML JavaScript DOCX Juni Source Sans Serif Pro Noto Nastaliq MB")}
"""Names of formats and fonts, which are the same in every language, and a month in a source, as its style has it."""
AUTHORS = {*re.findall(r"\w+", "State Two boats")}
"""Words of the paper that its sources have in another form, as that of a name of a column in a chart."""
IDS = {*re.findall(r"\w+", "accept administrative critical defer major needed part public reject role substantive")}
"""Values of YAML files, which the workbook of registers has as they are written."""
OUTPUTS = (
    # Every command that writes an output, with all of its formats and options that change the text.
    ("send", "ferries", "--to", "di-sand", "--due", "2020-02-20", "--mail"),
    ("consult", "ask", "--all", "--due", "2020-03-31", "--mail"),
    ("build", "--to", "html,docx,epub,pdf"),
    ("build", "--to", "html,pdf", "--chapter", "ferries", "--print-edition"),
    ("build", "--to", "html,docx", "--public"),
    ("build", "--to", "html,docx", "--audience", "limited", "--chapter", "lights"),
    ("build", "--to", "html,docx", "--brief", "ferries"),
    ("build", "--to", "html,pdf", "--chapter", "ferries", "--review-copy"),
    ("build", "--to", "html,docx", "--comments"),
    ("site", "--downloads", "none", "--redline", "dist/coast-ferries-redline-public.html"),
    ("board", "--to", "html,docx,epub,pdf"),
    ("newsletter", "--month", "2020-01", "--audience", "restricted", "--to", "html,md,txt,docx"),
    ("newsletter", "--month", "2019-12", "--to", "md", "--mail"),
    ("remind", "--to", "txt,eml", "--out", "dist/letters"),
    ("remind", "--mail"),
    ("calendar", "--out", "dist"),
    ("export", "--to", "xlsx"),
    ("redline", "HEAD~1..HEAD", "--to", "html,docx"),
)
FIRST = ("redline", "HEAD~1..HEAD", "--chapter", "ferries", "--public", "--to", "html,epub,pdf")
"""Redline that the site offers."""
NO_WORDS = {
    "--out",
    "--today",
    "--branch",
    "--no-commit",
    "--whole",
    "--who",
    "--timings",
    "--month",
    "--final",
    "--audience",
    "--public",
}
"""Options that change no words of an output by themselves."""
REVIEWS = "chapter: ferries\ncomments:\n" + "".join(
    f"- {{number: {n}, by: di-sand, on: 2020-01-20, kind: {kind}, text: Two boats{answer}}}\n"
    for n, (kind, answer) in enumerate(
        [
            *((kind, "") for kind in ("critical", "major", "substantive", "administrative")),
            *(
                ("major", f", answer: {{disposition: {name}, reason: Two boats, by: cy-pier, on: 2020-01-27}}")
                for name in ("accept", "accept-in-part", "reject", "defer")
            ),
        ],
        1,
    )
)
_TEXT_ATTRIBUTES = re.compile(r' (?:alt|title|aria-label|placeholder)="([^"]*)"')
_TEXT_PARTS = re.compile(r"(?:document|notes|comments|header\d*|footer\d*|sheet\d+)\.xml$|\.xhtml$")
_MARKUP = re.compile(r"<(style|script|w:instrText)\b.*?</\1>|<[^>]*>|<!--.*?-->", re.DOTALL)
_ENGLISH = re.compile(r"\b(?<!-)(?!coast-|[ivxl]+\b)[A-Za-z]{2,}\b(?!-\w*\d)")
"""Words, without Roman numbers and the parts of a reference such as coast-ferries-brief-1a2b."""


def probe(text: str) -> str:
    """A text whose words are in a script that the paper does not have; braces stay."""
    return re.sub(r"\{\w*\}|[A-Za-z]+", lambda m: m[0] if m[0][0] == "{" else "ж" * len(m[0]), text)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> dict[str, str]:
    """Texts of the outputs and letters of a German paper by file. Of PDFs and e-books that of a chapter alone is made.

    Under --long all are: their words are those of the pages, and the running heads of that chapter.
    """
    root = Path(shutil.copytree(FULL, tmp_path_factory.mktemp("german") / "paper"))
    changed(root / "paper" / "paper.yaml", "language: en-GB-oxendict", "language: de")
    words = root / "paper" / "wording" / "de.yaml"
    words.parent.mkdir()
    lines = (f'"{key}": {json.dumps(probe(text))}\n' for key, text in ENGLISH.items() if key not in SIGNS)
    words.write_text("".join(lines), encoding="utf-8")
    (root / "reviews").mkdir()
    (root / "reviews" / "ferries.yaml").write_text(REVIEWS, encoding="utf-8")
    (root / ".gitignore").write_text("dist/\n.cache/\n", encoding="utf-8")
    start_repository(root, "2020-01-06T12:00:00Z")
    changed(root / "chapters" / "ferries.md", "status: drafting", "status: review")
    changed(root / "chapters" / "ferries.md", "Keep one ferry", "Keep the ferry")
    changed(root / "paper" / "front" / "introduction.md", "status: drafting", "status: outline")
    commit(root, "2020-01-28T12:00:00Z")
    with without_office():
        for command in (FIRST, *OUTPUTS):
            day = () if command[0] in ("redline", "export") else ("--today", "2020-02-07")
            is_whole = "--print-edition" in command or request.config.getoption("--long")
            args = [word if is_whole else re.sub(",(?:epub|pdf)", "", word) for word in command]
            done = nioc(root, *args, *day)
            assert done.returncode in (0, 1), (command, done.stderr)
    return {file.relative_to(root).as_posix(): text for file in root.glob("dist/**/*") for text in [*texts_in(file)]}


def texts_in(file: Path) -> Iterator[str]:
    """The words of a file that a reader meets."""
    if file.suffix in (".docx", ".epub", ".xlsx"):
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if _TEXT_PARTS.search(name)]
            yield " ".join(plain(archive.read(name).decode()) for name in names)
    elif file.suffix == ".html":
        yield plain(file.read_text(encoding="utf-8"))
    elif file.suffix == ".ics":
        text = file.read_text(encoding="utf-8").replace("\n ", "")
        yield " ".join(re.findall(r"^(?:SUMMARY|DESCRIPTION|X-WR-CALNAME)[^:]*:(.*)$", text, re.MULTILINE))
    elif file.suffix == ".pdf":
        yield subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True).stdout
    elif file.suffix in (".md", ".txt", ".eml"):
        yield from texts_of(file)


def plain(markup: str) -> str:
    attributes = " ".join(_TEXT_ATTRIBUTES.findall(markup))
    return html.unescape(f"{_MARKUP.sub(' ', markup)} {attributes}")


def test_the_probe_is_of_every_command_that_writes_an_output() -> None:
    """Those are the commands with a place for their files; formats and options are those that they have."""
    formats = {"newsletter": {*MAIL_WRITERS}, "export": {"xlsx"}, "remind": {*LETTER_FORMATS}}
    for words, command in commands_in(commands):
        options = {option.opts[-1] for option in command.params if isinstance(option, click.Option)}
        if "--out" in options:
            runs = [run for run in (FIRST, *OUTPUTS) if run[: len(words)] == words]
            assert options - NO_WORDS - {word for run in runs for word in run} == set(), words
            if "--to" in options and words != ("send",):
                made = {form for run in runs if "--to" in run for form in run[run.index("--to") + 1].split(",")}
                assert made == formats.get(words[0], {*DOCUMENT_WRITERS}), words


def commands_in(group: click.Group, *words: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command of a group and of the groups in it, with the words by which it is called."""
    context = click.Context(group)
    for name in group.list_commands(context):
        if command := group.get_command(context, name):
            yield (*words, name), command
            yield from commands_in(command, *words, name) if isinstance(command, click.Group) else ()


def test_no_word_of_the_tool_is_left(outputs: dict[str, str]) -> None:
    """Names of fields and keys are no words of the paper: a printed one is the tool's."""
    sources = " ".join(f.read_text(encoding="utf-8") for f in FULL.rglob("*") if f.suffix in (".md", ".yaml", ".csv"))
    own = {*re.findall(r"[A-Za-z]+", re.sub(r"[\w-]+:(?=\s)|^- [A-Z][\w ]*:", " ", sources, flags=re.MULTILINE))}
    own |= {*NAMES, *AUTHORS, *(word.upper() for word in own)}
    left = {
        name: sorted({*_ENGLISH.findall(text)} - own - (IDS if name.endswith("xlsx") else set()))
        for name, text in outputs.items()
    }
    assert len(outputs) > 45
    # In the PDF of a redline a new word is directly behind the old one.
    left = {
        name: [w for w in unknown if not any({w[:n], w[n:]} <= own for n in range(1, len(w)))]
        for name, unknown in left.items()
    }
    left_words = [f"{name}: {' '.join(words)}" for name, words in left.items() if words]
    assert left_words == [], "\n".join(left_words)


def test_a_new_paper_lists_the_words_that_its_language_lacks_and_makes_ids_as_it_does(tmp_path: Path) -> None:
    german = tmp_path / "de"
    request = PaperRequest("Klima", "de", categories=["Gebäude", "Straße"])
    assert [note for note in start_paper(german, request, None, wants_commit=False).notes if "wording" in note] == []
    assert {"gebaeude", "strasse"} <= {file.stem for file in (german / "chapters").iterdir()}
    assert not (german / "paper" / "wording").exists()
    paper = Project(german).load().paper
    titled = (*paper.settings.annexes, *paper.settings.parts, *paper.settings.statuses, *paper.timeline.gates)
    printed = {vars(each).get("title", "") for each in (*titled, *(chapter.front for chapter in paper.chapters))}
    printed |= {paper.settings.edition, *(name for kind in paper.settings.kinds.values() for name in kind.sections)}
    assert printed & {*ENGLISH.values(), *json.loads(STARTER_WORDS.read_text(encoding="utf-8"))} == set()
    french = tmp_path / "fr"
    notes = start_paper(french, PaperRequest("Climat", "fr"), None, wants_commit=False).notes
    file = french / "paper" / "wording" / "fr.yaml"
    text = file.read_text(encoding="utf-8")
    assert "paper/wording/fr.yaml" in notes[-1]
    assert ('# contents: "Contents"\n' in text, "# months:" in text) == (True, False)
    text = text.replace('# contents: "Contents"', 'contents: "Sommaire"')
    file.write_text(f'{text}cited_in: 3\nread_as: "sans"\nfigur: "Fig."\n', encoding="utf-8")
    project, line = Project(french), text.count("\n") + 1
    loaded = project.load()
    faults = [(d.rule, d.place.line) for d in loaded.findings if d.place.path.endswith("fr.yaml")]
    assert faults == [("bad-value/type", line + 1), ("unknown-key", line + 2)]
    assert wording_for("fr", loaded.paper.settings.own_words)["contents"] == "Sommaire"
    write_missing_words(project, "")
    again = file.read_text(encoding="utf-8")
    assert again.startswith('contents: "Sommaire"\n')
    assert again.count("contents:") == 1


SENTENCES = {
    "de": "Am 22.11.2019 sagte sie „nein“ und ‚ja‘, an a und die die das wissen: 3,5 Meter, color.",
    "fr": "Il a dit « oui » ; pourquoi ? Le 22/11/2019, “vraiment” : 3,5 mètres !",
    "sv": "Han sade ”nej” den 3 mars och ”ja” den 4 mars.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_rules_on_english_forms_are_off_in_other_languages(language: str, tmp_path: Path) -> None:
    root = Path(shutil.copytree(FULL.with_name("healthy"), tmp_path / "paper"))
    chapter = root / "chapters" / "tunnels.md"
    cost = "Cost: 40 Mio. EUR im Jahr (2026)\n- Funding: Haushalt"
    text = (
        chapter.read_text(encoding="utf-8").replace("- Owner:", f"- {cost}\n- Owner:", 1) + f"\n{SENTENCES[language]}\n"
    )
    chapter.write_text(text.replace("status:", f"language: {language}\nstatus:", 1), encoding="utf-8")
    last = text.count("\n") + 1
    findings = Project(root).check().findings
    assert [str(d) for d in findings if d.place.line == last or d.rule == "bad-value/cost"] == []
