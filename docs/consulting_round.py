"""A round with four bodies, from nothing: each command and what it says, and pages of what was made.

`.venv/bin/python docs/consulting_round.py FOLDER` needs LibreOffice and pdftoppm. The pages come into the manual, as
docs/paper/figures/consulting.png. Look at the result.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import click
from pictures import few
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from consultation_kit import fill, form_of, start_paper  # noqa: E402
from sample_history import commit, edit  # noqa: E402

SIGNED = {"Signed by": "Mina Hall", "Post": "Secretary", "Date of signature": "12 February 2020"}
AGREE = {"Action": "BR-1", "Your answer": "Agree", "Date that can be kept": "2021-03-31", "Source of funds": "Budget"}
CHANGE = {"Action": "TU-1", "Your answer": "Agree with this change", "Change or reason": "From May", "Cost": "Rs 1,200"}
SUPPORT = {"Action": "BR-1", "Your answer": "Agree"}
DECLINE = {"Action": "TU-2", "Your answer": "Decline", "Change or reason": "The harbour has no siren."}
LATER = ("--today", "2020-02-28")


def run(root: Path, *arguments: str, only: str = "") -> None:
    """Show a command, and what it says, or only the lines with some words."""
    command = [Path(sys.executable).parent / "nioc", *arguments]
    result = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)  # noqa: S603 - ours
    lines = [line for line in (result.stdout + result.stderr).splitlines() if only in line]
    click.echo("\n".join([f"$ nioc {shlex.join(arguments)}", *lines, ""]))


def convert(file: Path, form: str) -> None:
    """Let LibreOffice write a file in another form, beside it."""
    command = ["soffice", "--headless", "--convert-to", form, "--outdir", str(file.parent), str(file)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - a program of this machine


def first_page(file: Path) -> Image.Image:
    """Draw the first page of a PDF."""
    subprocess.run(["pdftoppm", "-png", "-r", "72", "-singlefile", file, file.with_suffix("")], check=True)  # noqa: S603, S607
    return Image.open(file.with_suffix(".png"))


def answer(root: Path, inbox: Path) -> None:
    """Fill in the forms: one in Word, one in LibreOffice without controls, one that declines, and a scan."""
    inbox.mkdir(parents=True)
    (inbox / "roads.docx").write_bytes(fill(form_of(root, "roads"), AGREE, SIGNED))
    (inbox / "council.docx").write_bytes(fill(form_of(root, "council"), CHANGE, SUPPORT, SIGNED, controls=False))
    convert(inbox / "council.docx", "odt")
    (inbox / "council.docx").unlink()
    (inbox / "harbour.docx").write_bytes(fill(form_of(root, "harbour"), DECLINE, SIGNED))
    (inbox / "rescue.pdf").write_bytes(b"%PDF-1.4 a scan")


def main(root: Path) -> None:
    """Hold the round in a new folder."""
    start_paper(root)
    inbox, pages = root / "dist" / "inbox", root / "dist" / "pages"
    run(root, "consult", "--all", "--due", "2020-02-28", "--today", "2020-02-10")
    answer(root, inbox)
    run(root, "receive", "dist/inbox", "--today", "2020-02-14")
    run(root, "consult")
    run(root, "status", *LATER)
    run(root, "check", *LATER, only="consultation")
    pages.mkdir()
    (pages / "1.docx").write_bytes((inbox / "harbour.docx").read_bytes())
    run(root, "board", "--to", "pdf", "--out", "dist/pages", *LATER)
    run(root, "build", "--to", "pdf", "--out", "dist/pages", *LATER, only="pdf")
    run(root, "export", "agreements", "--out", "dist/pages", only="csv")
    edit(root, "chapters/bridges.md", ("Inspect every bridge once a year", "Inspect every bridge twice a year"))
    commit(root, "2020-02-28T12:00:00Z")
    run(root, "status", *LATER)
    run(root, "consult", "roads", *LATER)
    (pages / "3.docx").write_bytes(form_of(root, "roads").read_bytes())
    edit(root, "paper/paper.yaml", ("id: crossings", "consultation: {required: true}\nid: crossings"))
    commit(root, "2020-02-28T13:00:00Z")
    run(root, "build", "--final", "--to", "html", *LATER, only="agreement")
    for body in ("roads", "council", "harbour", "rescue"):
        run(root, "add", "waiver", f"body={body}", "reason=Decided by the board.", "on=2020-02-28", "who=ben-lock")
    run(root, "build", "--final", "--to", "html", *LATER, only="agreement")
    for name in ("1.docx", "3.docx"):
        convert(pages / name, "pdf")
    (pages / "2.pdf").write_bytes(next(pages.glob("*board*.pdf")).read_bytes())
    shots = [first_page(pages / f"{number}.pdf") for number in (1, 2, 3)]
    sheet = Image.new(
        "RGB", (sum(shot.width + 12 for shot in shots) + 12, max(s.height for s in shots) + 24), "#d9dedc"
    )
    for number, shot in enumerate(shots):
        sheet.paste(shot, (12 + sum(each.width + 12 for each in shots[:number]), 12))
    few(sheet, 64).save(ROOT / "docs" / "paper" / "figures" / "consulting.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
