"""Templates of the outputs, as read."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from nioc_paper.model.chapter import Asset
from nioc_paper.model.diagnostic import Place


class Templates(Struct, frozen=True):
    """Files of a folder of templates by their paths in it."""

    files: Mapping[str, bytes]
    from_paper: bool = False
    """Whether a page is rendered from a template of the paper, and so perhaps of a stranger."""

    def __contains__(self, name: str) -> bool:
        return name in self.files

    def data(self, name: str) -> bytes:
        """Return the bytes of a file. Raises MissingTemplateError."""
        try:
            return self.files[name]
        except KeyError:
            raise MissingTemplateError(name) from None

    def text(self, name: str) -> str:
        """Return the text of a file. Raises MissingTemplateError."""
        return self.data(name).decode(errors="replace")


class TemplateError(Exception):
    """Template that gives no page: its name, the line or 0, and the reason."""

    def __init__(self, name: str, line: int, reason: str) -> None:
        super().__init__(f"{name}:{line}: {reason}")
        self.name, self.line, self.reason = name, line, reason


class MissingTemplateError(TemplateError):
    """Required template that does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(name, 0, "is missing")


# --- Word template ----------------------------------------------------------------------------------------------------


class WordTemplateFile(Struct, frozen=True):
    """Vetted Word file whose design replaces ours."""

    asset: Asset
    place: Place
    """Place in paper.yaml that names it."""
    styles: Mapping[str, tuple[str, Place]] = field(default_factory=dict)
    """Template's style for each of our styles, with the place in paper.yaml."""
