"""Files that commands and their programs open, under strace: no settings of the paper, its parents or the home."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_history import commit, edit, git
from test_papers import copy

ROOT = Path(__file__).parents[1]
SETTINGS = {
    "pandoc": """.pandoc/defaults.yaml .pandoc/abbreviations .pandoc/templates/default.html5 .pandoc/reference.docx
        .pandoc/init.lua .local/share/pandoc/init.lua .local/share/pandoc/abbreviations .local/share/pandoc/epub.css
        .local/share/pandoc/templates/default.html5 .local/share/pandoc/filters/citeproc
        .csl/chicago.csl default.csl""",
    "git": """.gitconfig .config/git/config .config/git/attributes .config/git/ignore .gitattributes .gitignore
        .gitmodules .mailmap .git-blame-ignore-revs .git-credentials .gitmessage .netrc .git/info/attributes
        .git/info/exclude .git/info/grafts .git/hooks/post-commit .git/config.worktree""",
    "LibreOffice": """.config/libreoffice/4/user/registrymodifications.xcu .libreoffice/4/user/basic/script.xlc
        .config/gtk-3.0/settings.ini .config/dconf/user .config/kdeglobals .config/user-dirs.dirs .sversionrc
        bootstraprc fundamentalrc sofficerc .Xdefaults .gnupg/gpg.conf""",
    "pagefind": "pagefind.toml pagefind.yml pagefind.yaml pagefind.json",
    "vl-convert": "vlc-config.jsonc .config/vl-convert/vlc-config.jsonc deno.json package.json .npmrc",
    "fontconfig": """.fonts.conf .fonts.conf.d/10-a.conf .config/fontconfig/fonts.conf fonts.conf .fonts/a.ttf
        .config/fontconfig/conf.d/10-a.conf .local/share/fonts/a.ttf .config/pango/pangorc""",
    "Python": """sitecustomize.py usercustomize.py pyvenv.cfg .pythonrc.py .pdbrc pip.conf .config/pip/pip.conf
        python311._pth jinja2.py weasyprint.py yaml.py .config/matplotlib/matplotlibrc""",
    "sh": ".profile .bashrc .bash_profile .shrc .env .inputrc",
    "libraries": "openssl.cnf .terminfo/x/xterm .i18n .config/enchant/enchant.ordering .aspell.conf .editorconfig",
}
"""Files by program in which it looks for settings, by its documentation; below its home or its working folder."""
FONTS = (".local/share/fonts/", ".fonts/")
"""Folders of the home with fonts of the user, which outputs may have; their names are listed in any case."""
OWN = (".gitconfig", ".config/git/config", ".local/state")
"""Files of the home that are read: the name of the user for git, and the secret of the cache."""
MACHINE = ("/usr", "/lib", "/lib64", "/bin", "/opt", "/etc", "/proc", "/sys", "/dev", "/var/cache", "/var/tmp")  # noqa: S108
"""Folders of the machine with programs, libraries and fonts."""
OFFICE_PIPE = "/tmp/OSL_PIPE_"  # noqa: S108 - built into LibreOffice
WRITTEN_BY_PROGRAMS = ("/dev/null", "/dev/tty", "/dev/shm", "/var/spool/libreoffice", "/usr/lib/libreoffice")  # noqa: S108
"""Files outside that programs write: LibreOffice tries, as root, whether its own folders can be written."""
COMMANDS = (
    "check",
    "build --to pdf,docx,html,epub --today 2020-04-06",
    "site --today 2020-04-06 --downloads none",
    "redline HEAD~1..HEAD --to docx",
    "send ferries --to Cara --due 2020-05-20 --today 2020-04-06",
    "source add good.bib",
    "export",
    "status",
)
CHANGING = re.compile(r"^\d+ +(?:unlink|rename|mkdir|rmdir|symlink|link|chmod|truncate|creat)\w*\(.*")
OPENED = re.compile(r"= \d+<(/[^>]*)>")


def plant(folder: Path) -> set[str]:
    """Plant every settings file in a folder, and return their paths. One that is obeyed is found by its opening."""
    planted = {folder / name for names in SETTINGS.values() for name in names.split()}
    for file in planted:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_text("\n", encoding="utf-8")
    return {str(file) for file in planted}


def traced(paper: Path, command: str, trace: Path, home: Path, temporary: Path) -> list[str]:
    """Run a command under strace, and return the calls that named a file and succeeded."""
    strace = ["strace", "--seccomp-bpf", "-f", "-qq", "-y", "-z", "-s", "4096", "-e", "trace=%file", "-o", str(trace)]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
    }
    python = [sys.executable, "-P", "-m", "nioc_paper", *command.split()]
    run = subprocess.run([*strace, *python], cwd=paper, env=environment, capture_output=True, text=True, check=False)
    if "ptrace" in run.stderr and "not permitted" in run.stderr:
        pytest.skip("strace may trace nothing here")
    assert run.returncode in (0, 1), run.stderr
    return trace.read_text(encoding="utf-8", errors="replace").splitlines()


def is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def changed_outside(calls: list[str], inside: tuple[str, ...]) -> Iterator[str]:
    """Yield the calls that open a file for writing, or change one by its name, outside of some folders."""
    for call in calls:
        opened = OPENED.findall(call) if re.search(r"O_(?:WRONLY|RDWR|CREAT)", call) else []
        named = re.findall(r'"(/[^"]*)"', call) if CHANGING.match(call) else []
        if any(
            not (is_below(path, inside) or "__pycache__" in path or path.startswith(OFFICE_PIPE))
            for path in (*opened, *named)
        ):
            yield call


def test_no_settings_are_read_and_nothing_outside_is_written(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    parent, home, temporary = tmp_path / "above", tmp_path / "home", tmp_path / "temporary"
    for folder in (parent, home, temporary):
        folder.mkdir()
    paper = copy("full", parent)
    git(paper, "init", "-q", "-b", "main")
    commit(paper, "2020-01-10T12:00:00Z")
    edit(paper, "chapters/ferries.md", ("the", "all the"))
    commit(paper, "2020-01-20T12:00:00Z")
    (paper / "good.bib").write_text("@book{good, title={Roads}, author={North, Ada}, date={2019}}", encoding="utf-8")
    planted = {path for folder in (paper, parent, tmp_path, home) for path in plant(folder)}
    own = {str(home / name) for name in OWN}
    commands = COMMANDS if request.config.getoption("--long") else COMMANDS[:1]
    inside = tuple(map(str, (paper, temporary, home / OWN[-1])))
    fonts = [str(home / name.rstrip("/")) for name in FONTS]
    readable = (*inside, *fonts, *own, *MACHINE, "/var/spool/libreoffice", sys.prefix, sys.base_prefix, str(ROOT))
    for command in commands:
        calls = traced(paper, command, tmp_path / "trace", home, temporary)
        opened = {path.removesuffix(" (deleted)") for call in calls for path in OPENED.findall(call)}
        opened.discard("/tmp")  # noqa: S108 - LibreOffice looks whether its pipe can be there
        assert len(opened) > 100
        assert sorted(path for path in opened & planted - own if not is_below(path, tuple(fonts))) == []
        assert sorted(path for path in opened if not is_below(path, readable)) == [], command
        assert [*changed_outside(calls, (*inside, *WRITTEN_BY_PROGRAMS))] == [], command
