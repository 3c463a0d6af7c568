"""State of this machine: everything that the tool uses, and how to install what is missing."""

from __future__ import annotations

import contextlib
import platform
import sys
from collections.abc import Iterator

from nioc_paper.app.errors import AppError
from nioc_paper.system import requirements

_THERE, _OPTIONAL, _MISSING = "✓", "!", "✗"


def examine_machine(release: str) -> tuple[str, bool]:
    """Look for everything that this release of the tool uses; return a line on each, and if all outputs can be made.

    The commands that install what is missing come last.
    """
    missing = [r for r in requirements.SYSTEM_REQUIREMENTS if not requirements.is_present(r)]
    packages = requirements.missing_packages()
    commands = [requirements.install_command(r.package for r in missing)] if missing else []
    commands += [requirements.pip_command(packages)] if packages else []
    lines = [*_describe_packages(release, packages)]
    for requirement in requirements.SYSTEM_REQUIREMENTS:
        sign = _THERE if requirement not in missing else _OPTIONAL if requirement.is_optional else _MISSING
        lines.append(f"{sign} {requirements.local_name(requirement.package):<25} for {requirement.purpose}")
    advice = "\n  ".join(["To install what is missing:", *commands]) if commands else "nothing is missing"
    return "\n".join([*lines, "", advice]), not packages and all(r.is_optional for r in missing)


@contextlib.contextmanager
def require_extra(extra: str, user: str) -> Iterator[None]:
    """Raise AppError, with the command that installs it, if a package of an extra is missing for its user."""
    try:
        yield
    except ModuleNotFoundError as error:
        hint = f"install it: {requirements.install_extra_command(extra)}"
        raise AppError(f"{user} needs {error.name}; {hint}") from error


def _describe_packages(release: str, missing: list[str]) -> Iterator[str]:
    """Yield a line for Python, one for its packages, and one for each package that is missing or untested."""
    yield f"{_THERE} nioc_paper {release} on Python {platform.python_version()} ({sys.prefix})"
    untested = requirements.untested_packages()
    if not missing and not untested:
        yield f"{_THERE} Python packages"
    for name in missing:
        yield f"{_MISSING} {name:<25} a Python package"
    for name, (installed, tested) in untested.items():
        yield f"{_OPTIONAL} {name:<25} {installed} is installed; {tested} was tested"
