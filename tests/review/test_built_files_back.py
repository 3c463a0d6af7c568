"""Word files that a build made, of the whole paper or of a part, merged chapter by chapter when they come back."""

from __future__ import annotations

import contextlib
import io
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import shared
import test_word_links as links
from command_kit import nioc, without_office
from office_kit import needs_office, start
from test_final_check import git
from test_papers import changed
from test_reviews import repository_of_ada
from test_word_links import replace_picture
from word_kit import Edited, element_text, light, resaved

from nioc_paper.ooxml.safety import odt_rejection_reason
from nioc_paper.ooxml.xml import iter_elements, parse_element
from nioc_paper.system import drawing

TODAY = ("--today", "2020-02-03")
BRIDGES, TUNNELS = "chapters/bridges.md", "chapters/tunnels.md"
BUILDS = {
    "whole": ((), "crossings.docx"),
    "for comments": (("--review-copy",), "crossings-review.docx"),
    "for the public": (("--audience", "public"), "crossings-public.docx"),
    "chapter": (("--chapter", "tunnels"), "crossings-tunnels.docx"),
    "brief": (("--brief", "tunnels"), "crossings-tunnels-brief.docx"),
}


@pytest.fixture(scope="module")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def build(folder: Path) -> None:
        root = repository_of_ada(folder)
        for options, name in BUILDS.values():
            with without_office() if options else contextlib.nullcontext():
                run = nioc(root, "build", "--to", "docx", *options)
            assert (run.returncode, (root / "dist" / name).exists()) == (0, True), run.stdout + run.stderr

    return shared.once(tmp_path_factory, "built-word-files", build) / "healthy"


@pytest.fixture
def paper(built_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built_once, tmp_path / "paper"))


def edited(root: Path, build: str = "whole", author: str = "") -> Edited:
    return Edited(light((root / "dist" / BUILDS[build][1]).read_bytes()), author)


def receive(root: Path, data: bytes, code: int) -> str:
    (root / "dist" / "back.docx").write_bytes(data)
    run = nioc(root, "receive", "dist/back.docx", *TODAY)
    assert run.returncode == code, run.stdout + run.stderr
    return run.stdout + run.stderr


@pytest.mark.parametrize("build", BUILDS)
def test_an_untouched_file_changes_nothing(paper: Path, build: str) -> None:
    assert "nothing changed in a chapter" in receive(paper, edited(paper, build).save(), 0)
    assert git(paper, "rev-list", "--count", "HEAD").strip() == "1"


@pytest.mark.parametrize("build", ["whole", "for comments", "for the public", "chapter"])
def test_each_chapter_is_merged_with_a_commit_for_each_reviewer(paper: Path, build: str) -> None:
    file = edited(paper, build, "Ben Lock").replace("more often", "less often", within="each year, as")
    # Three fields in a line, in another order than in the chapter; a copy for comments has a line for each.
    file.replace("Ardale Town Council", "Ferry Office", within="Owner: Ardale Town Council")
    file.replace("30\u00a0September", "31\u00a0October", within="By: 30\u00a0September 2020")
    file.replace("few announced", "none announced")
    if build != "chapter":
        file.replace("two piers", "three piers", within="A bridge stands")
        file.author = "Ada North"
        file.replace("Mill Lane", "Mill Road").comment("A bridge stands", "Twice?", by="Ada North")
    shown = receive(paper, file.save(), 0)
    assert "The tunnel was closed less often each year, as" in (paper / TUNNELS).read_text(encoding="utf-8")
    assert "- Owner: Ferry Office\n- By: 2020-10-31\n" in (paper / TUNNELS).read_text(encoding="utf-8")
    assert "- Baseline: none announced\n- Target:" in (paper / TUNNELS).read_text(encoding="utf-8")
    assert git(paper, "log", "-1", "--format=%an", "--", TUNNELS).strip() == "Ben Lock"
    if build != "chapter":
        text = (paper / BRIDGES).read_text(encoding="utf-8")
        assert ("three piers" in text, "| Mill Road " in text) == (True, True)
        assert git(paper, "log", "--format=%an", "--", BRIDGES).split("\n")[:2] in (
            ["Ada North", "Ben Lock"],
            ["Ben Lock", "Ada North"],
        )
        assert "Twice?" in (paper / "reviews/bridges.yaml").read_text(encoding="utf-8")
        assert f"{BRIDGES}: changed by" in shown
    assert "was received on" in receive(paper, file.save(), 0)


def test_changes_of_generated_parts_are_left_to_somebody(paper: Path) -> None:
    """A gap in the summary for the board, the cover, and a summary and a title in the contents."""
    file = edited(paper).replace("at the barrier", "at the gate").replace("working draft", "last draft")
    file.replace("nobody is told", "few are told").replace("Bridges", "Trestles")
    file.style("A bridge stands", "w:caps")
    shown = receive(paper, file.save(), 1)
    assert all(words in shown for words in ("at the gate", "last draft", "few are told in time", "Trestles"))
    assert "nothing changed in a chapter; capitals ignored" in shown
    assert git(paper, "rev-list", "--count", "HEAD").strip() == "1"


PARTS = {
    "whole": ("2 Tunnels", "Figure 2.1. Days", "Drivers learn", "working draft", "Survey of Crossings", "TU-1 Ann"),
    "chapter": ("2 Tunnels", "Figure 2.1. Days", "Bridge Engineer", "working draft", "Survey of Crossings"),
    "brief": ("Policy brief", "Survey of Crossings"),
}
"""Words in the contents, lists, panels, cover, notice and sources of each build."""
KINDS: Mapping[str, Callable[[Edited, str], object]] = {
    "words": lambda file, words: file.insert(words, " seen"),
    "hidden words": lambda file, words: links.put_in(file, words, links.HIDDEN.format(" unseen")),
    "words made hidden": lambda file, words: file.style(words, "w:vanish"),
    "formula": links.add_equation,
    "picture": lambda file, words: links.put_in(file, words, links.VML.format(links.new_picture(file))),
    "paragraph": lambda file, words: file.add(words, "Seen apart."),
}


@pytest.mark.parametrize("build", PARTS)
def test_words_put_into_a_generated_part_are_listed(paper: Path, build: str, request: pytest.FixtureRequest) -> None:
    """Every other kind, in a chapter the others; all under --long."""
    step = 1 if request.config.getoption("--long") else 2
    for kind, edit in [*KINDS.items()][[*PARTS].index(build) % step :: step]:
        file = edited(paper, build)
        for words in PARTS[build]:
            edit(file, words)
        shown = receive(paper, file.save(), 1)
        assert (kind, shown.count("somebody ") + shown.count(" ¶ ")) == (kind, len(PARTS[build]))
        assert kind != "words made hidden" or "[hidden " in shown


def test_other_columns_are_ignored_with_a_word(paper: Path) -> None:
    file = edited(paper)
    next(iter_elements(file.package.body, "w:sectPr")).append(parse_element('<w:cols w:num="2"/>'))
    assert "nothing changed in a chapter; the layout of pages ignored: a chapter has none" in receive(
        paper, file.save(), 0
    )


def test_words_that_a_brief_repeats_are_merged_into_its_chapter(paper: Path) -> None:
    file = edited(paper, "brief", "Ben Lock").replace("nobody is told", "few are told", within="closed more often")
    file.replace("at the barrier", "at the gate", within="learn of a closure")
    file.replace("a week ahead", "a month ahead", within="TU-1 Announce").comment(
        "Drivers learn", "Who?", by="Ben Lock"
    )
    before, shown = (paper / TUNNELS).read_text(encoding="utf-8"), receive(paper, file.save(), 0)
    for old, new in (
        ("nobody is told", "few are told"),
        ("at the barrier", "at the gate"),
        ("tunnel a week ahead", "tunnel a month ahead"),
    ):
        before = before.replace(old, new)
    assert (paper / TUNNELS).read_text(encoding="utf-8") == before
    assert "changed by Ben Lock" in shown
    assert "Who?" in (paper / "reviews/tunnels.yaml").read_text(encoding="utf-8")


def test_other_words_of_a_brief_are_left_to_somebody(paper: Path) -> None:
    file = edited(paper, "brief").replace("Recommendations", "Wishes").drop("TU-1 Announce")
    file.replace("announced a week", "announced a month", within="share of closures")
    shown = receive(paper, file.save(), 1)
    assert all(f"{TUNNELS}:1:1" in shown and words in shown for words in ("Wishes", "took out “TU-1 Announce"))
    assert git(paper, "diff", "--stat", "HEAD~2", "--", TUNNELS).count("+-") == 1
    assert "- Indicator: share of closures announced a month ahead\n" in (paper / TUNNELS).read_text(encoding="utf-8")


def test_a_file_of_text_in_no_commit_is_refused(paper: Path) -> None:
    changed(paper / TUNNELS, "a week ahead", "a day ahead")
    assert nioc(paper, "build", "--to", "docx").returncode == 0
    file = edited(paper)
    assert "-changed (" in element_text(file.package.body)
    assert "in no commit" in receive(paper, file.save(), 1)


@needs_office
def test_libreoffice_changes_nothing_else(paper: Path) -> None:
    file = edited(paper, author="Ben Lock").replace("two piers", "three piers", within="A bridge stands")
    file.replace("its traffic", "its cars", within="A closed bridge")
    (saved,) = resaved(file.save())
    before = {path: (paper / path).read_text(encoding="utf-8") for path in (BRIDGES, TUNNELS)}
    receive(paper, saved, 0)
    changed = before[BRIDGES].replace("stands on two piers", "stands on three piers").replace("its traffic", "its cars")
    assert (paper / BRIDGES).read_text(encoding="utf-8") == changed
    assert (paper / TUNNELS).read_text(encoding="utf-8") == before[TUNNELS]


@pytest.mark.usefixtures("own_cache")
def test_no_chart_is_drawn_to_receive_a_file(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawings: list[object] = []
    monkeypatch.setattr(drawing, "_ask_worker", drawings.append)
    file = edited(paper, author="Ben Lock").replace("more often", "less often", within="each year, as")
    receive(paper, file.save(), 0)
    replace_picture(file)
    assert "[picture]" in receive(paper, file.save(), 1)
    assert drawings == []


# --- texts of OpenDocument: vetted before LibreOffice reads them, then merged like Word files -------------------------

OFFICE = 'xmlns:office="o" xmlns:x="http://www.w3.org/1999/xlink" xmlns:draw="d" xmlns:text="t" xmlns:script="s"'


def text_document(body: str = "", *parts: str, kind: str = "application/vnd.oasis.opendocument.text") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", f"<office:document-content {OFFICE}>{body}</office:document-content>")
        for part in parts:
            archive.writestr(part, "<a/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (text_document('<text:a x:href="https://example.org"/><draw:image x:href="Pictures/1.png"/>'), ""),
        (text_document('<draw:image x:href="https://example.org/a.png"/>'), "would fetch"),
        (text_document('<text:section-source x:href="file:///etc/passwd"/>'), "would fetch"),
        (text_document('<text:section-source x:href="../secret.odt"/>'), "would fetch"),
        (text_document('<draw:object x:href="/etc/passwd"/>'), "would fetch"),
        (text_document('<x:any xml:base="https://example.org"/>'), "would fetch"),
        (text_document("<script:event-listener/>"), "macro"),
        (text_document("<text:dde-connection/>"), "starts a program"),
        (text_document("", "Basic/Standard/Module1.xml"), "macro"),
        (text_document("", "Object 1"), "object"),
        (text_document("<a>" * 200 + "</a>" * 200), "nested"),
        (text_document("<a> " + " " * 3_000_000 + "</a>"), "unpacks to more"),
        (text_document(kind="application/vnd.oasis.opendocument.spreadsheet"), "is not an OpenDocument text"),
        (b"PK", "damaged"),
    ],
)
def test_what_a_text_may_hold(data: bytes, reason: str) -> None:
    assert reason in odt_rejection_reason(data)
    assert bool(reason) == bool(odt_rejection_reason(data))


@pytest.mark.parametrize("suffix", ["doc", "rtf", "pdf"])
def test_other_kinds_get_a_way_on(paper: Path, suffix: str) -> None:
    (paper / f"dist/back.{suffix}").write_bytes(b"words")
    run = nioc(paper, "receive", f"dist/back.{suffix}", *TODAY)
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert "is no .docx; " in run.stderr


@needs_office
def test_a_text_is_merged_like_a_word_file(paper: Path, tmp_path: Path) -> None:
    file = edited(paper, author="Ben Lock").replace("its traffic", "its cars", within="A closed bridge")
    (tmp_path / "back.docx").write_bytes(file.save())
    start(tmp_path / "profile", "--convert-to", "odt", "--outdir", str(paper / "dist"), str(tmp_path / "back.docx"))
    nioc(paper, "receive", "dist/back.odt", *TODAY)
    assert "A closed bridge sends its cars through" in (paper / BRIDGES).read_text(encoding="utf-8")
