"""The other tools: the input that each gets, its command, and the content that it leaves out or is spared.

A tool is run when its programs are on PATH. None is given a look of its own: each prints as it does by itself, with
contents, numbered headings and numbers of pages where it can.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CITED = "pandoc meta.yaml c*.md --citeproc --bibliography=refs.json"
_PRINTED = f"{CITED} --toc --number-sections"
TITLE, AUTHOR = "Safe crossings", "The council"


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool, or several that are used one after the other."""

    name: str
    programs: tuple[str, ...]
    """Programs that must be on PATH."""
    folder: str
    """Where its input is, beside the plain paper."""
    command: str
    """For a shell, in that folder."""
    made: str
    """The file that it makes, in that folder."""
    convert: Callable[[Path, Path], None]
    """Writes the plain paper of the first folder into the second in the tool's own form."""
    lacks: str
    """Content that it leaves out, or is spared because it cannot print it."""
    keeps: str = ""
    """Folder with its intermediate results; a tool without one makes everything again after an edit."""


def copied(plain: Path, folder: Path) -> None:
    """Pandoc's Markdown as it is."""
    shutil.copytree(plain, folder)


def styled(plain: Path, folder: Path) -> None:
    """Pandoc's Markdown, with a style sheet that prints the same as ours: numbers of pages, contents with them."""
    copied(plain, folder)
    _put(folder / "page.css", _STYLE)


def _bibliography(plain: Path, folder: Path) -> None:
    """The sources as BibTeX. Pandoc calls a publisher of a report so, BibTeX an institution."""
    command = ["pandoc", "-f", "csljson", "-t", "bibtex", str(plain / "refs.json")]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    _put(folder / "refs.bib", re.sub(r"(@techreport[^@]*?)\bpublisher =", r"\1institution =", text))


def directives(text: str) -> str:
    """A chapter in MyST: targets, figures and tables as directives; citations stay as pandoc has them."""
    text = re.sub(r"^(#+ .*) \{#(\S+)\}$", r"(\2)=\n\1", text, flags=re.MULTILINE)
    figure = r'^!\[(.*)\]\((\S+)\)\{#(\S+) width=(\S+) alt="(.*)"\}$'
    directive = r":::{figure} \2\n:name: \3\n:width: \4\n:alt: \5\n\n\1\n:::"
    text = re.sub(figure, directive, text, flags=re.MULTILINE)
    table = r"^((?:\|.*\n)+)\n: (.*) \{#(\S+)\}$"
    return re.sub(table, r":::{table} \2\n:name: \3\n\n\1:::", text, flags=re.MULTILINE)


def roles(text: str) -> str:
    """The citations of a chapter as sphinxcontrib-bibtex has them: [@one, p. 2; @two] is {cite:p}`one{p. 2},two`."""

    def role(match: re.Match[str]) -> str:
        cited = (part.removeprefix("@").partition(", ") for part in match[1].split("; "))
        return "{cite:p}`" + ",".join(key + (f"{{{place}}}" if place else "") for key, _, place in cited) + "`"

    return re.sub(r"\[(@[^\]]+)\]", role, text)


def _in_myst(plain: Path, folder: Path, written: Callable[[str], str]) -> list[str]:
    """The chapters in MyST with figures and sources; their names."""
    shutil.copytree(plain / "figures", folder / "figures")
    _bibliography(plain, folder)
    chapters = sorted(plain.glob("c*.md"))
    for file in chapters:
        _put(folder / file.name, written(file.read_text(encoding="utf-8")))
    return [file.name for file in chapters]


def mystmd(plain: Path, folder: Path) -> None:
    """A project of MyST with a template of its own: those of its site come from the network."""
    names = _in_myst(plain, folder, directives)
    _put(folder / "myst.yml", _MYST + "".join(f"        - {name}\n" for name in names))
    (folder / "template").mkdir()
    _put(folder / "template" / "template.yml", _MYST_TEMPLATE)
    _put(folder / "template" / "template.typ", _MYST_TYPST)


def sphinx(plain: Path, folder: Path) -> None:
    """A project of Sphinx in MyST."""
    names = _in_myst(plain, folder, lambda text: roles(directives(text)))
    _put(folder / "conf.py", _SPHINX)
    listed = "\n".join(names)
    tree = f"```{{toctree}}\n:numbered:\n:maxdepth: 3\n\n{listed}\n```\n\n```{{bibliography}}\n```\n"
    _put(folder / "index.md", f"# {TITLE}\n\n{tree}")


def asciidoc(plain: Path, folder: Path) -> None:
    """A book in AsciiDoc, by pandoc, which sets its citations too, for nothing in AsciiDoc does."""
    shutil.copytree(plain / "figures", folder / "figures")
    chapters = [str(file) for file in sorted(plain.glob("c*.md"))]
    command = ["pandoc", *chapters, "--citeproc", f"--bibliography={plain / 'refs.json'}", "-t", "asciidoc"]
    text = subprocess.run([*command, "--wrap=none"], capture_output=True, text=True, check=True).stdout
    _put(folder / "book.adoc", f"= {TITLE}\n{AUTHOR}\n:doctype: book\n:toc:\n:toclevels: 3\n:sectnums:\n\n{text}")


def _put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


_STYLE = """\
@page { size: A4; margin: 25mm; @bottom-center { content: counter(page) } }
html { font-family: "Source Serif 4", serif; font-size: 10.5pt; line-height: 1.4; hyphens: auto }
body { max-width: none; margin: 0; padding: 0; text-align: justify }
h1 { break-before: page }
img { max-width: 100% }
#TOC a::after { content: " " target-counter(attr(href), page) }
"""
_MYST = f"""\
version: 1
project:
  title: {TITLE}
  bibliography: [refs.bib]
  exports:
    - format: typst
      template: ./template
      output: out.pdf
      articles:
"""
_MYST_TEMPLATE = """\
jtex: v1
kind: typst
title: Plain
version: 1.0.0
license: MIT
template: template.typ
files: [template.typ]
doc:
  - id: title
parts: []
"""
_MYST_TYPST = """\
#set page(paper: "a4", numbering: "1")
#set heading(numbering: "1.1")
#set par(justify: true)
#show link: set text(fill: blue)
#align(center, text(2em)[[-doc.title-]])
#outline()
[-IMPORTS-]

[-CONTENT-]

[# if doc.bibtex #]
#bibliography("[-doc.bibtex-]", style: "chicago-author-date")
[# endif #]
"""
_SPHINX = f"""\
project = "{TITLE}"
author = "{AUTHOR}"
language = "en"
extensions = ["myst_parser", "sphinxcontrib.bibtex", "sphinx_simplepdf"]
myst_enable_extensions = ["colon_fence"]
bibtex_bibfiles = ["refs.bib"]
bibtex_reference_style = "author_year"
exclude_patterns = ["_build"]
numfig = True
simplepdf_file_name = "out.pdf"
"""

PEERS = (
    Peer(
        "pandoc and Typst",
        ("typst",),
        "typst",
        f"{_PRINTED} --pdf-engine=typst -o out.pdf",
        "out.pdf",
        copied,
        "running heads",
    ),
    Peer(
        "pandoc and XeLaTeX",
        ("xelatex", "rsvg-convert"),
        "xelatex",
        f"{_PRINTED} --pdf-engine=xelatex -o out.pdf",
        "out.pdf",
        copied,
        "tags, running heads",
    ),
    Peer(
        "MyST",
        ("myst", "typst"),
        "myst",
        "myst build --typst",
        "out.pdf",
        mystmd,
        "running heads; its template is six lines, not one of its own",
        keeps="_build",
    ),
    Peer(
        "Sphinx and simplepdf",
        ("sphinx-build",),
        "sphinx",
        "sphinx-build -b simplepdf . _build",
        "_build/out.pdf",
        sphinx,
        "tags, hyphens, notes at the foot of the page, links from citations",
        keeps="_build",
    ),
    Peer(
        "Asciidoctor PDF",
        ("asciidoctor-pdf",),
        "asciidoc",
        "asciidoctor-pdf book.adoc -o out.pdf",
        "out.pdf",
        asciidoc,
        "tags, hyphens, notes at the foot of the page; citations, which pandoc has set before it starts",
    ),
    Peer(
        "pandoc and WeasyPrint in one piece",
        ("weasyprint",),
        "weasyprint",
        f"{_PRINTED} -s --css=page.css -t html5 -o out.html && weasyprint --pdf-variant=pdf/ua-1 out.html out.pdf",
        "out.pdf",
        styled,
        "running heads, notes at the foot of the page, numbers of figures and tables",
    ),
)
