"""The `Project` of the Python interface: a paper's folder that can be read, checked, measured and built."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nioc_paper.app.build import build
from nioc_paper.app.outputs import BuildRequest, BuildResult, parse_formats
from nioc_paper.app.project import Project

_WHOLE_PAPER = BuildRequest()
_FORMATS = "pdf,docx,html,epub"


class BuildableProject(Project):
    """The folder of a paper, with `build`: outputs are made of a project, so `Project` itself knows none."""

    def build(
        self,
        request: BuildRequest = _WHOLE_PAPER,
        formats: str | Sequence[str] = _FORMATS,
        out: str | Path | None = None,
    ) -> BuildResult:
        """Load and check the paper, and write the document that is requested to a folder, by default `dist`.

        `formats` is a list, or a text with commas.

        Raises RequestError for an impossible request, BlockedError if the paper has errors, AppError if the folder is
        in use or cannot be written. A format that fails is missing from the files; a finding gives the reason.
        """
        names = parse_formats(formats) if isinstance(formats, str) else formats
        return build(self, request, names, self.writable_path("dist") if out is None else Path(out))
