"""Name of the tool's command: as this process was started, by build.py or by itself.

The one place for it. Nothing else in the package writes a command for users to type.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Final

_VARIABLE: Final = "NIOC_COMMAND"
"""Environment variable in which build.py hands over how it was called: `python3 build.py`."""
_OWN_NAME: Final = "nioc"
_COMMAND_IN_TEXT: Final = re.compile(rf"\b{_OWN_NAME}(?= -{{0,2}}[a-z])")


def program() -> str:
    """Return how users start the tool: "nioc", or "python3 build.py" with the path that they typed."""
    return os.environ.get(_VARIABLE) or _OWN_NAME


def program_file() -> str:
    """Return the last word of it, for the beginning of messages: "nioc" or "build.py"."""
    return Path(shlex.split(program())[-1]).name


def command_line(arguments: str) -> str:
    """Return a command for users to type: `nioc check`, or `python3 build.py check`."""
    return f"{program()} {arguments}"


def with_program(text: str, folder: Path | None = None) -> str:
    """Return a text of the tool, such as a page of help, with each `nioc COMMAND` in it as users start the tool.

    With a folder, as they start it there.
    """
    name = program() if folder is None else program_in(folder)
    return _COMMAND_IN_TEXT.sub(lambda _: name, text)


def program_in(folder: Path) -> str:
    """Return how users start the tool in a folder: the path of build.py is relative to it."""
    *interpreter, file = shlex.split(program())
    if not interpreter or Path(file).is_absolute():
        return program()
    return shlex.join([*interpreter, os.path.relpath(file, folder)])
