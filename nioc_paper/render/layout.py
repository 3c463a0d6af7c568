"""How pages are laid out, and engines for it that get ready while the paper is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nioc_paper.render.print.child import Press
    from nioc_paper.render.word.office import Office


@dataclass(frozen=True, slots=True)
class Layout:
    """How pages are laid out. Its engines have been started already, and somebody else ends them."""

    in_one: bool = False
    """A PDF of a paper in one piece: only to compare with."""
    press: Press | None = None
    """For a PDF."""
    office: Office | None = None
    """For the pages of a Word file."""


COLD = Layout()
"""With engines that start when they are needed, and end with what they made."""


@contextmanager
def warmed_up(names: Collection[str], *, in_one: bool, listed: bool) -> Iterator[Layout]:
    """How to lay these formats out, with engines that start now. Without pages to list Word files need none."""
    # Late, and each only where it is needed: nothing is to be imported before they start.
    from nioc_paper.render.print.child import Press
    from nioc_paper.render.word import office

    with ExitStack() as running:
        press = running.enter_context(Press().warmed_up()) if "pdf" in names else None
        found = office.program() if "docx" in names and listed else None
        word = running.enter_context(office.Office(found)).warmed_up() if found else None
        yield Layout(in_one, press, word)
