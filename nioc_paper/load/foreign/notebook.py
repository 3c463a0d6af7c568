"""Notebooks of Jupyter as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nioc_paper.load.json_text import read_json
from nioc_paper.model import Diagnostic, Place, Reporter, Severity, format_count
from nioc_paper.model.characters import FORBIDDEN_CHARACTERS


def notebook_text(text: str, path: str, report: Reporter) -> str | None:
    """Return a notebook as Markdown with cells of code. Returns None if it is none, which is reported.

    The output of cells is left out, and reported.
    """
    try:
        notebook = read_json(text)
        cells = notebook["cells"]
        language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
        parts = [*_read_cells(cells, str(language))]
    except (ValueError, KeyError, TypeError, AttributeError):
        report(Diagnostic(Place(path), "not-imported", "the file is not a Jupyter notebook", Severity.WARNING))
        return None
    if outputs := sum(bool(cell.get("outputs")) for cell in cells):
        message = f"the output of {format_count(outputs, 'cell')} of the notebook is left out"
        report(Diagnostic(Place(path), "computed-cell", message, Severity.WARNING, "save pictures and tables as files"))
    words = "\n\n".join(parts).encode(errors="replace").decode()
    return FORBIDDEN_CHARACTERS.sub("\ufffd", words) + "\n"


def _read_cells(cells: list[Mapping[str, object]], language: str) -> Iterator[str]:
    for cell in cells:
        source = cell.get("source", "")
        words = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if cell.get("cell_type") == "code" and words.strip():
            yield f"```{{code-cell}} {language}\n{words.rstrip()}\n```"
        elif cell.get("cell_type") == "markdown":
            yield words
        elif words.strip():
            yield f"```\n{words.rstrip()}\n```"
