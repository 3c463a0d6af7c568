"""Texts of OpenDocument: vetted before LibreOffice reads them, then merged like Word files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from command_kit import nioc
from office_kit import needs_office, start
from test_built_files_back import BRIDGES, TODAY, built_once, edited, paper  # noqa: F401 - fixtures

from nioc_paper.ooxml.safety import odt_rejection_reason

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
def test_other_kinds_get_a_way_on(paper: Path, suffix: str) -> None:  # noqa: F811
    (paper / f"dist/back.{suffix}").write_bytes(b"words")
    run = nioc(paper, "receive", f"dist/back.{suffix}", *TODAY)
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert "is no .docx; " in run.stderr


@needs_office
def test_a_text_is_merged_like_a_word_file(paper: Path, tmp_path: Path) -> None:  # noqa: F811
    file = edited(paper, author="Ben Lock").replace("its traffic", "its cars", within="A closed bridge")
    (tmp_path / "back.docx").write_bytes(file.save())
    start(tmp_path / "profile", "--convert-to", "odt", "--outdir", str(paper / "dist"), str(tmp_path / "back.docx"))
    nioc(paper, "receive", "dist/back.odt", *TODAY)
    assert "A closed bridge sends its cars through" in (paper / BRIDGES).read_text(encoding="utf-8")
