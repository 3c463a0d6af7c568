"""The templates of the outputs, as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Templates:
    """The files of a folder of templates, by their paths in it."""

    files: Mapping[str, bytes]
    from_paper: bool = False
    """Whether they come from the paper, and so perhaps from a stranger."""

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
    """A template that gives no page: its name, the line or 0, and the reason."""

    def __init__(self, name: str, line: int, reason: str) -> None:
        super().__init__(f"{name}:{line}: {reason}")
        self.name, self.line, self.reason = name, line, reason


class MissingTemplateError(TemplateError):
    """A template that is needed and not there."""

    def __init__(self, name: str) -> None:
        super().__init__(name, 0, "is missing")
