"""Requirements outside the package: Python packages, system libraries, programs, a font; and how to install them."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from nioc_paper.system.files import FONT_FOLDERS
from nioc_paper.system.processes import find_program, library_path


def installed_version(package: str) -> str:
    """Return the version of a package; empty if it is not installed."""
    return _installed_versions().get(normalize_name(package), "")


@cache
def _installed_versions() -> Mapping[str, str]:
    """Return versions from the names of pip's metadata folders: importing importlib.metadata takes 30 ms."""
    versions: dict[str, str] = {}
    for folder in reversed(sys.path):  # the first one is imported
        with contextlib.suppress(OSError):  # an archive, or a missing folder
            for entry in os.scandir(folder or "."):
                base, dot, kind = entry.name.rpartition(".")
                if dot and kind in ("dist-info", "egg-info"):
                    package, _, version = base.partition("-")
                    versions[normalize_name(package)] = version
    return versions


def normalize_name(name: str) -> str:
    """Return the name by which a package is known, however it is spelled."""
    return name.lower().replace("-", "_").replace(".", "_")


_DISTRIBUTION: Final = "nioc_paper"
_EXTRA: Final = re.compile(r"""extra == ["'](\w+)["']""")
_NAME: Final = re.compile(r"[\w.-]+")


class SystemRequirement(NamedTuple):
    """Something that a package of Debian and Ubuntu holds."""

    file: str
    """Name of a library or a program, or the path of a file."""
    package: str
    purpose: str
    is_optional: bool = False
    """Whether all outputs are made without it."""


OFFICE_PACKAGE: Final = "libreoffice-writer-nogui"
SYSTEM_REQUIREMENTS: Final = (
    SystemRequirement("libpango-1.0.so.0", "libpango-1.0-0", "the PDF"),
    SystemRequirement("libpangoft2-1.0.so.0", "libpangoft2-1.0-0", "the PDF"),
    SystemRequirement("libharfbuzz-subset.so.0", "libharfbuzz-subset0", "the fonts in the PDF"),
    SystemRequirement(
        "/usr/share/fonts/truetype/noto/NotoNastaliqUrdu-Regular.ttf", "fonts-noto-core", "Urdu in the PDF"
    ),
    SystemRequirement("git", "git", "versions, dates, review rounds", is_optional=True),
    SystemRequirement("soffice", OFFICE_PACKAGE, "page numbers in the Word file", is_optional=True),
)
PDF_PACKAGES: Final = tuple(r.package for r in SYSTEM_REQUIREMENTS if ".so" in r.file)
FONT_PACKAGE: Final = "fonts-noto-core"
CJK_FONT_PACKAGE: Final = "fonts-noto-cjk"
_HOMEBREW: Final = MappingProxyType(
    {"libpango-1.0-0": "pango", "libpangoft2-1.0-0": "pango", "libharfbuzz-subset0": "harfbuzz"}
    | {FONT_PACKAGE: "font-noto-nastaliq-urdu", CJK_FONT_PACKAGE: "font-noto-sans-cjk", OFFICE_PACKAGE: "libreoffice"}
)
"""Names at Homebrew, by that of Debian, where they differ."""


def is_present(requirement: SystemRequirement) -> bool:
    """Return whether this machine has the library, the program or the file."""
    name, is_library, _ = Path(requirement.file).name.partition(".so.")
    if name.endswith(".ttf"):
        return any(any(Path(folder).expanduser().rglob(name)) for folder in FONT_FOLDERS)
    if not is_library:
        return find_program(name) is not None
    if sys.platform == "darwin":
        return any(Path(folder, f"{name}.dylib").exists() for folder in library_path().split(os.pathsep))
    import ctypes  # late: every command imports this module, and few ask for a library

    try:
        ctypes.CDLL(requirement.file)
    except OSError:
        return False
    return True


def local_name(package: str) -> str:
    """Return the name of a package of Debian on this system."""
    return _HOMEBREW.get(package, package) if sys.platform == "darwin" else package


def install_command(packages: Iterable[str]) -> str:
    """Return the command that installs packages of Debian and Ubuntu, or on macOS those of Homebrew in their place."""
    if sys.platform == "darwin":
        return f"brew install {' '.join(dict.fromkeys(map(local_name, packages)))}"
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get install --no-install-recommends {' '.join(packages)}"


def pip_command(packages: Iterable[str]) -> str:
    """Return the command that installs Python packages beside this one, in the versions that were tested with it."""
    versions = _exact_versions()
    pins = {name: versions.get(normalize_name(name)) for name in packages}
    exact = [f"{name}=={pin}" if pin else name for name, pin in pins.items()]
    installer = [sys.executable, "-m", "pip", "install"]
    if not find_spec("pip"):
        installer = ["uv", "pip", "install", "--python", sys.executable]
    return shlex.join([*installer, *exact])


def install_extra_command(extra: str) -> str:
    """Return the command that installs the packages of an extra: "lsp", "serve" or "site"."""
    return pip_command(_packages_by_extra().get(extra) or [f"{_DISTRIBUTION}[{extra}]"])


def missing_packages() -> list[str]:
    """Return the Python packages that the tool or one of its extras needs and that are not installed."""
    by_extra = _packages_by_extra()
    needed = dict.fromkeys(name for extra in ("", "lsp", "serve", "site") for name in by_extra.get(extra, []))
    return [name for name in needed if not installed_version(name)]


def untested_packages() -> Mapping[str, tuple[str, str]]:
    """Return packages that are installed in another version: the installed and the tested one by name."""
    installed = {name: (installed_version(name), version) for name, version in _exact_versions().items()}
    return {name: pair for name, pair in installed.items() if pair[0] and pair[0] != pair[1]}


def _packages_by_extra() -> Mapping[str, list[str]]:
    """Return the names of the required packages; those without an extra under an empty one."""
    packages: dict[str, list[str]] = {}
    for requirement in _requirements():
        extra, name = _EXTRA.search(requirement), _NAME.match(requirement)
        assert name
        packages.setdefault(extra[1] if extra else "", []).append(name[0])
    return MappingProxyType(packages)


def _exact_versions() -> Mapping[str, str]:
    """Return the tested versions by normalized name, from the extra "all"."""
    pins = (re.match(r"([\w.-]+)==([^\s;]+).*extra == .all.", requirement) for requirement in _requirements())
    return MappingProxyType({normalize_name(pin[1]): pin[2] for pin in pins if pin})


def _requirements() -> Iterator[str]:
    from importlib.metadata import PackageNotFoundError, requires  # late: it takes 30 ms, and most runs install nothing

    try:
        yield from requires(_DISTRIBUTION) or ()
    except PackageNotFoundError:  # a copy of the source on the path
        return
