"""Copies for an audience: what is withheld is in none of their bytes, and what is not withheld is all there."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import click
import crowd_kit
import pikepdf
import pytest
import shared
from command_kit import nioc, succeed
from PIL import Image
from sample_history import commit, edit, git
from test_papers import appended, changed, copy, read_tables, written

from nioc_paper.cli.lazy_commands import nioc as commands
from nioc_paper.domain.audience import sensitivity_level
from nioc_paper.render import DOCUMENT_WRITERS
from nioc_paper.system.pandoc import parse_markdown, write
from nioc_paper.tree.prune import Pruner

FORMATS = tuple(DOCUMENT_WRITERS)
RESTRICTED = (
    *("Adamantine", "Basilisk", "Cinnabar", "Dodecagon", "Eiderdown", "Filigree", "Gossamer", "Halcyon", "Ibexhorn"),
    *("Jacaranda", "Kaleidic", "Labradorite", "Myrrhine", "Nacreous", "Obsidian", "Palimpsest", "Quicksilver"),
    *("Rhodonite", "Sarcenet", "Tourmaline", "Umbrageous", "Verdigris", "Wolframite", "Xylograph", "Zeppelina"),
)
"""A word for each place in passages, a chapter, a source and a decision that the public is not to get."""
COMMENT, NOTE, EXIF, BLOCKED = "Yttriumed", "Araucaria", "Brocadeer", "Chrysolite"
"""Words that no copy may hold: of a comment, a note to colleagues, a camera, a reason why a chapter waits."""
NAMES = ("Ysolde Quackenbush", "Quackenbush", "Ottokar Vanderbloom", "Vanderbloom")
"""The names of people whom the public is not to know."""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The crowded paper with all of its outputs."""
    return crowd_kit.outputs(tmp_path_factory)


# --- looking into files -----------------------------------------------------------------------------------------------


@cache
def forms(word: str) -> tuple[set[bytes], set[bytes]]:
    """Return a word as a file may have it: in lower case if case does not matter, and in Base64."""
    texts = (word, word.lower())
    plain = [text.encode(encoding) for text in texts for encoding in ("utf-8", "utf-16-le", "utf-16-be")]
    # Base64 of a word depends on where in three bytes it begins; what its neighbours decide is cut off.
    coded = {base64.b64encode(b"\0" * i + text.encode())[3 if i else 0 : -4] for text in texts for i in range(3)}
    return {data.lower() for data in plain} | {data.hex().encode() for data in plain}, coded


def held(parts: Iterable[bytes], words: Iterable[str]) -> set[str]:
    """Return the words that any part holds in any form."""
    data = b"\n\0\n".join(dict.fromkeys(parts))  # searched at once: a file has many small parts
    lower = data.lower()
    searched = {word: forms(word) for word in words}
    return {
        word
        for word, (plain, coded) in searched.items()
        if any(form in lower for form in plain) or any(form in data for form in coded)
    }


def unpacked(name: str, data: bytes) -> Iterator[bytes]:
    """Everything in a file, and in the files that it contains."""
    yield from (name.encode(), data)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                yield member.comment + member.extra
                yield from unpacked(member.filename, archive.read(member))
    elif data.startswith(b"%PDF"):
        yield from pdf(data)
    elif data.startswith(b"\x1f\x8b"):
        yield gzip.decompress(data)
    elif data.startswith(b"\x89PNG"):
        yield from (str(Image.open(io.BytesIO(data)).info).encode(),)
    for kind, encoded in re.findall(rb"data:([\w/+.-]+);base64,([\w+/=]+)", data):
        yield from unpacked(kind.decode(), base64.b64decode(encoded))


def pdf(data: bytes) -> Iterator[bytes]:
    """The text of the pages, every string and name, and every stream with its filters undone."""
    yield subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True).stdout
    with pikepdf.open(io.BytesIO(data)) as file:
        for pdf_object in file.objects:
            yield from strings(pdf_object)
            if isinstance(pdf_object, pikepdf.Stream):
                with_filters_undone = (
                    pdf_object.read_raw_bytes()
                    if "/DCTDecode" in str(pdf_object.get("/Filter"))
                    else pdf_object.read_bytes()
                )
                yield with_filters_undone


def strings(pdf_object: Any) -> Iterator[bytes]:
    if isinstance(pdf_object, pikepdf.String):
        yield from (bytes(pdf_object), str(pdf_object).encode())
    elif isinstance(pdf_object, pikepdf.Dictionary | pikepdf.Stream):
        for key, value in pdf_object.items():
            yield key.encode()
            if not getattr(value, "is_indirect", False):
                yield from strings(value)
    elif isinstance(pdf_object, pikepdf.Array):
        for value in pdf_object:
            if not getattr(value, "is_indirect", False):
                yield from strings(value)
    elif isinstance(pdf_object, pikepdf.Name):
        yield str(pdf_object).encode()


def words_in(paper: Path, name: str, words: tuple[str, ...]) -> set[str]:
    """Return the words that are in a file, in whatever form."""
    return held(unpacked(name, (paper / "dist" / name).read_bytes()), words)


# --- content of copies ------------------------------------------------------------------------------------------------


def test_withheld_text_is_not_on_the_site(planted: Path) -> None:
    files = [f for f in (planted / "dist" / "site").rglob("*") if f.is_file()]
    parts = [part for file in files for part in unpacked(str(file.relative_to(planted)), file.read_bytes())]
    assert any(b"The tunnel was closed" in part for part in parts)
    words = (*RESTRICTED, *NAMES, COMMENT, NOTE, EXIF, BLOCKED)
    assert held(parts, words) == set()


@pytest.mark.parametrize("form", FORMATS)
def test_withheld_text_is_not_in_a_public_copy(planted: Path, form: str) -> None:
    assert words_in(planted, f"crossings-public.{form}", (*RESTRICTED, *NAMES, COMMENT, NOTE, EXIF, BLOCKED)) == set()


def test_withheld_text_is_not_in_public_registers_or_briefs(planted: Path) -> None:
    files = [
        *(planted / "dist" / "registers-public").iterdir(),
        *(planted / "dist").glob("*-brief-public.*"),
    ]
    assert len(files) > len(FORMATS)
    hidden_words = (*RESTRICTED, *NAMES, COMMENT, NOTE, EXIF, BLOCKED)
    assert {
        word for file in files for word in words_in(planted, str(file.relative_to(planted / "dist")), hidden_words)
    } == set()


@pytest.mark.parametrize("form", FORMATS)
def test_a_restricted_copy_holds_everything(planted: Path, form: str) -> None:
    drawn = {"Filigree", "Gossamer"}  # in Word a chart is a picture
    missing = drawn if form == "docx" else set()
    assert {*RESTRICTED, *NAMES} - words_in(planted, f"crossings.{form}", (*RESTRICTED, *NAMES)) == missing
    assert words_in(planted, f"crossings.{form}", (COMMENT, NOTE, BLOCKED)) == set()


def test_a_limited_copy_holds_limited_text_and_marks_it(planted: Path) -> None:
    limited = {"Sarcenet", "Umbrageous", "Verdigris", "Wolframite", "Xylograph", *NAMES}
    assert words_in(planted, "crossings-limited.html", (*RESTRICTED, *NAMES)) == limited
    page = (planted / "dist" / "crossings-limited.html").read_text(encoding="utf-8")
    assert "[Limited: , and its Sarcenet is torn]" in squeezed(page)
    assert "This copy contains passages for a limited audience." in page
    assert "3 passages withheld" in page  # a block, an item of a list, a decision


@pytest.mark.parametrize("form", FORMATS)
def test_a_copy_states_withheld_and_restricted_passages(planted: Path, form: str) -> None:
    public, everything = planted / "dist" / f"crossings-public.{form}", planted / "dist" / f"crossings.{form}"
    for file, words in ((public, b"6 passages withheld"), (everything, b"This copy contains restricted passages")):
        parts = list(unpacked(file.name, file.read_bytes()))
        assert any(words in part for part in parts)
    assert not any(b"withheld" in part for part in parts)


def test_withheld_passages_leave_no_trace(planted: Path) -> None:
    page = squeezed((planted / "dist" / "crossings-public.html").read_text(encoding="utf-8"))
    assert "The barrier is old." in page
    assert "Restricted" not in page
    assert page.count("<li>the barrier") == 1
    assert "<li></li>" not in page
    assert "Recommendation TU-2" not in page
    assert "What is under" not in page


def test_people_are_printed_by_organization_or_not_at_all(planted: Path) -> None:
    page = squeezed((planted / "dist" / "crossings-public.html").read_text(encoding="utf-8"))
    assert "Lead: RDA" in page
    assert "Inspector" not in page
    assert "Offer: Lend a ladder." in page
    assert "Umbrageous" not in page


def test_the_manifest_names_the_audience_of_each_copy(planted: Path) -> None:
    manifest = json.loads((planted / "dist" / "manifest.json").read_text(encoding="utf-8"))
    audiences = {name: entry["audience"] for name, entry in manifest.items() if name.endswith("html")}
    assert audiences.keys() > {"crossings.html", "crossings-limited.html", "crossings-public.html"}
    inside = {"crossings.html": "restricted", "crossings-limited.html": "limited"}
    assert audiences == {name: inside.get(name, "public" if "-public" in name else "") for name in audiences}


def squeezed(text: str) -> str:
    return " ".join(text.split())


# --- blocked builds ---------------------------------------------------------------------------------------------------

TABLES = read_tables("audience")
CLOSED = TABLES["closed"]
LEAKS = {
    "reference": (
        "As @sec-tu-lock says.\n\n::: {.restricted}\n### Lock {#sec-tu-lock}\n\nOld.\n:::\n",
        "reference-to-withheld",
    ),
    "closed gap": (CLOSED, "reference-to-withheld"),
    "name": ("The council met Ada North there.\n", "withheld-name"),
    "block that ends early": ("::: {.restricted}\nOld.\n:::\n\nThe lock too.\n\n:::\n", "unread-mark/audience"),
}


@pytest.mark.parametrize("case", LEAKS)
def test_a_public_build_stops_at_a_leaking_line(case: str, tmp_path: Path) -> None:
    text, rule = LEAKS[case]
    paper = copy("healthy", tmp_path)
    appended(paper / "chapters" / "tunnels.md", f"\n{text}")
    appended(paper / "paper" / "paper.yaml", f'rules: {{{rule}: "off"}}\n')
    run = nioc(paper, "build", "--public", "--today", "2020-01-30", "--to", "html")
    assert run.returncode == 1
    assert re.search(rf"^chapters/tunnels.md:\d+:\d+: error\[{rule}\]", run.stderr, re.MULTILINE)
    assert not (paper / "dist").exists()


def test_a_chapter_cannot_be_built_for_an_excluded_audience(paper: Path) -> None:
    changed(paper / "chapters" / "tunnels.md", "status:", "sensitivity: limited\nstatus:")
    run = nioc(paper, "build", "--public", "--chapter", "tunnels", "--today", "2020-01-30", "--to", "html")
    assert (run.returncode, "is not for the audience 'public'" in run.stderr) == (2, True)


def test_a_chapter_counts_its_own_withheld_passages(paper: Path) -> None:
    appended(paper / "chapters" / "tunnels.md", "\n[One]{.restricted} two [three]{.limited}.\n")
    for chapter, notices in (("tunnels", ["2 passages withheld"]), ("bridges", [])):
        run = nioc(paper, "build", "--public", "--chapter", chapter, "--today", "2020-01-30", "--to", "html")
        assert [line for line in run.stderr.splitlines() if "withheld" in line] == notices
        assert (paper / "dist" / f"crossings-{chapter}-public.html").exists()


# --- taking passages out ----------------------------------------------------------------------------------------------

PRUNED = TABLES["pruned"]


@pytest.mark.parametrize("case", PRUNED)
def test_containers_emptied_by_a_passage_are_removed(case: str) -> None:
    text, left = PRUNED[case]
    pruner = Pruner(lambda node: sensitivity_level(node) > 0)
    assert write(pruner.prune_blocks(parse_markdown(text)[0]), "html5") == write(parse_markdown(left)[0], "html5")
    assert pruner.removed_count == text.count("restricted") - (case == "nested")


def test_a_withheld_prefix_leaves_the_citation_source_too() -> None:
    blocks = Pruner(lambda node: sensitivity_level(node) > 0).prune_blocks(
        parse_markdown("One [see [two]{.restricted} @a].")[0]
    )
    text = json.dumps(blocks)
    assert ('"a"' in text, "see" in text, "two" in text) == (True, True, False)


# --- every command with an audience refuses what is not for it --------------------------------------------------------

CHAPTER = "chapters/bridges.md"
CALLS: Mapping[str, tuple[str, ...]] = {
    "build": ("build", "--to", "html"),
    "build --chapter": ("build", "--to", "html", "--chapter", "tunnels"),
    "build --brief": ("build", "--to", "html", "--brief", "tunnels"),
    "build --comments": ("build", "--to", "html", "--comments"),
    "site": ("site", "--downloads", "none"),
    "newsletter": ("newsletter", "--month", "2020-01", "--today", "2020-01-30", "--to", "txt"),
    "redline": ("redline", "HEAD~1..HEAD", "--to", "html"),
    "export": ("export", "acronyms", "--to", "csv"),
    "calendar": ("calendar", "--today", "2020-01-30"),
}
"""Calls of each command that takes an audience."""
ADDRESS = "comment.person@mail-host.pk"
LEDGER = 'chapter: bridges\ncomments:\n  - {{id: a1, by: ben-lock, text: "{}"{}}}\n'
COMMENTS = {
    "comment": (ADDRESS, ""),
    "reply": ("Yes.", f', replies: [{{by: ben-lock, text: "Ask {ADDRESS}"}}]'),
    "answer": ("Yes.", f', answer: {{disposition: reject, by: ada-north, reason: "Ask {ADDRESS}"}}'),
}
PLACES = ("chapter", "item", "register", *COMMENTS)
PAIRS = [(PLACES[number % len(PLACES)], call) for number, call in enumerate(CALLS)]
"""Each call with a place; every place has a call."""


def put(root: Path, place: str) -> None:
    """Put the address of a person into a paper."""
    if place in COMMENTS:
        written(root / "reviews" / "bridges.yaml", LEDGER.format(*COMMENTS[place]))
        return
    path, before, after = {
        "chapter": (CHAPTER, "## Gaps\n", f"Ask {ADDRESS}.\n\n## Gaps\n"),
        "item": (CHAPTER, ".gap}\n", f".gap}}\nAsk {ADDRESS}.\n"),
        "register": ("paper/registers/acronyms.yaml", "long: ", f"long: {ADDRESS} "),
    }[place]
    changed(root / path, before, after)


@pytest.fixture(scope="module")
def planted_place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The paper with an address at a place, since its last commit."""

    def make(folder: Path) -> None:
        root = copy("healthy", folder)
        git(root, "init", "-q")
        commit(root, "2020-01-06T12:00:00Z")
        put(root, request.param)
        commit(root, "2020-01-20T12:00:00Z")

    folder = shared.once(tmp_path_factory, f"gates-{request.param}", make)
    return Path(shutil.copytree(folder / "healthy", tmp_path_factory.mktemp("gates") / "paper"))


@pytest.mark.parametrize(("planted_place", "call"), PAIRS, indirect=["planted_place"])
def test_nothing_is_written_for_the_public_with_personal_data(planted_place: Path, call: str) -> None:
    shutil.rmtree(planted_place / "dist", ignore_errors=True)
    public = ("--audience", "public") if call in ("site", "newsletter") else ("--public",)
    run = nioc(planted_place, *CALLS[call], *public)
    assert (run.returncode, "error[personal-data]" in run.stderr) == (1, True), run.stderr
    assert "nothing was written" in run.stderr
    assert [file for file in (planted_place / "dist").rglob("*") if file.is_file() and file.name != ".lock"] == []
    assert ADDRESS not in run.stdout + run.stderr


def test_the_table_has_every_command_with_an_audience() -> None:
    assert {call.split()[0] for call in CALLS} == {*commands_with_audience()}


def commands_with_audience(group: click.Group = commands) -> Iterator[str]:
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if command and any(parameter.name in ("audience", "public") for parameter in command.params):
            yield name


def test_what_a_comment_quotes_from_its_chapter_is_allowed_there(root: Path) -> None:
    put(root, "comment")
    put(root, "chapter")
    chapter = root / CHAPTER
    allowed = "<!-- allow: personal-data because it is public -->\n\nAsk "
    changed(chapter, "Ask ", allowed)
    assert nioc(root, "export", "acronyms", "--public").returncode == 0
    changed(root / "reviews" / "bridges.yaml", "comment.", "other.")
    assert nioc(root, "export", "acronyms", "--public").returncode == 1


def test_a_file_with_personal_data_in_the_past_is_no_news_of_a_newsletter(root: Path) -> None:
    decisions = root / "paper" / "registers" / "decisions.yaml"
    text = decisions.read_text(encoding="utf-8")
    git(root, "init", "-q")
    commit(root, "2020-01-06T12:00:00Z")
    decisions.write_text(text.replace("text: ", f"text: Ask {ADDRESS}, ", 1), encoding="utf-8")
    edit(root, CHAPTER, ("status: drafting", "status: review"))
    commit(root, "2020-02-10T12:00:00Z")
    decisions.write_text(text, encoding="utf-8")
    commit(root, "2020-03-10T12:00:00Z")
    succeed(root, "newsletter", "--month", "2020-02", "--today", "2020-03-12", "--to", "txt")
    (letter,) = (root / "dist").glob("*.txt")
    text = letter.read_text(encoding="utf-8")
    assert (ADDRESS in text, "Review" in text) == (False, True)
