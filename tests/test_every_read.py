"""Every place that opens, lists, changes or starts something goes through the one guard, or has a reason here.

The places are found in the source, so that a new one without a reason fails.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from code_trees import PACKAGE, package_files, package_tree
from hypothesis import given
from hypothesis import strategies as st
from sample_history import commit, edit, start_repository
from test_papers import appended, copy

from nioc_paper.app.errors import AppError
from nioc_paper.app.project import Project
from nioc_paper.system import processes

NAMES = {
    "read": "open read_text read_bytes ZipFile fdopen open_file mmap copyfile copytree copy2 move TTFont readlink",
    "list": "scandir iterdir glob rglob listdir walk",
    "write": """write_text write_bytes mkdir makedirs unlink rmtree rename symlink_to hardlink_to rmdir touch chmod
        utime truncate mkstemp mkdtemp TemporaryDirectory NamedTemporaryFile replace_file replace_folder write_folder
        remove replace""",
    "start": """Popen Process check_output check_call getoutput system execv spawn run start create_subprocess_exec Pool
        urlopen socket create_connection import_module run_module exec eval __import__""",
}
"""Calls that touch the disk or start something, by what they do."""
MODULES_OF_FUNCTIONS = {
    "os": "walk remove replace system spawn",
    "shutil": "move",
    "importlib": "import_module",
    "processes": "run start",
    "pandoc": "run",
    "subprocess": "run",
    "webbrowser": "open",
}
"""Names that mean many things: they count as calls of these modules alone."""
AMBIGUOUS = {name for names in MODULES_OF_FUNCTIONS.values() for name in names.split()} - {"open"}
GUARDED = {"files", "_files", "project", "source_text", "self"}
"""Receivers with a `read_text` or `read_bytes` of our own, which calls the guard."""

REASONS = {
    "the guard itself": {
        "read": "system/safe_read.py: read, hash_file, _open_below",
        "list": "system/safe_read.py: list_folder",
    },
    "files of the tool, of its packages or of the machine": {
        "read": """extensions.py: extension_files;
            system/files.py: read_folder; check/text/word_index.py: read_word_list, read_package_file;
            domain/style_sheets.py: known_names; domain/output_stops.py: read_stops;
            wording/__init__.py: _read_table, _read_json;
            load/charts.py: _table;
            app/rule_explanations.py: explain_rule; render/common/special_fonts.py: script_font_css.embed;
            render/common/fonts.py: font_subset;
            render/common/special_fonts.py: _write_faces; render/pdf/chapter_layout.py: layout_fingerprint;
            render/pdf/worker/patches/speed.py: parse_on_demand.read_patterns;
            render/word/empty_docx.py: _add_font;
            system/pandoc.py: _shipped_text;
            system/libreoffice.py: _version_text""",
        "list": """wording/__init__.py: ; system/files.py: read_folder;
            extensions.py: extension_files;
            render/common/special_fonts.py: _noto_files, _own_letters;
            render/common/fonts.py: bundled_fonts_key, font_face_css;
            render/pdf/font_subsets.py: _bundled_fonts; render/word/empty_docx.py: embed_fonts;
            system/files.py: _file_stamps; system/requirements.py: is_present;
            system/requirements.py: _installed_versions""",
    },
    "temporary folders and files of our own": {
        "read": """render/pdf/worker_pool.py: WorkerPool.set_fonts;
            render/word/list_page_numbers.py: _read_destinations; system/pandoc.py: _read_log;
            system/git/commits.py: locked_index_copy; system/git/uncommitted.py: _compare_with_disk;
            system/libreoffice.py: LibreOffice.prestart;
            system/scratch.py: _try_lock; app/sendings/word_reception.py: _convert_odt""",
        "list": """render/pdf/worker_pool.py: WorkerPool.set_fonts; system/files.py: write_folder;
            system/pagefind.py: build_index;
            system/scratch.py: remove_leftovers, remove_temporary_folders, _restore_replaced""",
        "write": """app/paper_at_commit.py: _write_file; render/common/special_fonts.py: _write_faces;
            render/pdf/worker_pool.py: WorkerPool.__init__, WorkerPool.set_fonts;
            render/word/list_page_numbers.py: _start_conversion;
            system/git/uncommitted.py: _compare_with_disk; system/git/isolated_git.py: _own_folder;
            system/pagefind.py: build_index;
            system/libreoffice.py: LibreOffice.__init__, prepare_profile, LibreOffice._shut_down;
            app/sendings/word_reception.py: _convert_odt;
            system/pandoc.py: run; system/scratch.py: remove_open_folders, ScratchFolder.__init__, ScratchFolder.remove,
            new_file_beside, _remove_leftover, _restore_replaced""",
    },
    "bytes in memory": {
        "read": """ooxml/package.py: write_zip; render/pdf/pdf_writer.py: _finish_pdf;
            load/source_text.py: read_text;
            render/pdf/worker/patches/speed.py: _is_whole""",
        "write": "report/status/chapter_table.py: _crop",
    },
    "standard input and output": {
        "read": """system/process_lifecycle.py: _open_missing_streams; lsp/__init__.py: serve""",
    },
    "a pipe from a copy of this process": {
        "read": "system/concurrency.py: _read_copy, _send_value",
    },
    "files that a command of the user changed, by a signed note": {
        "read": "system/undo_note.py: UndoNote.restore_files, note_commit; system/scratch.py: link_locked",
        "write": """system/undo_note.py: UndoNote.restore_files, UndoNote.close; system/transaction.py: _roll_back;
            system/scratch.py: link_locked""",
    },
    "the cache: signed entries, below no link": {
        "read": "system/cache.py: Cache.put, _load_or_create_secret",
        "list": "system/cache.py: Cache._entries",
        "write": """system/cache.py: Cache.get, Cache.put, _remove_entry, _user_secret, _load_or_create_secret""",
    },
    "git's own files: opened without links, of limited size": {
        "read": "system/git/repository_lookup.py: read_small_file",
        "list": "system/git/isolated_git.py: read_state, _require_openable, _require_plain_files",
        "write": "system/git/commits.py: locked_index_copy; system/git/merging.py: begin_merge, end_merge",
    },
    "a lock on the folder itself: nothing in it is read": {
        "read": "system/files.py: lock_paper",
    },
    "names alone, in a folder that was checked": {
        "list": """app/new_paper.py: require_new_folder; app/sendings/import_word.py: _free_names;
            app/sendings/received_batch.py: _iter_files;
            app/site.py: _require_own_folder, _write_site;
            load/bibliography/__init__.py: bibliography_paths; system/files.py: find_roots_below""",
    },
    "a path of `Project.writable_path`": {
        "write": """app/sendings/import_word.py: save_draft;
            app/safe_write.py: write_source; app/sources.py: _keep_copy;
            app/schemas.py: _write_changed; app/theme.py: eject_theme;
            app/branch_merge.py: _write_files; app/sendings/send.py: _keep_text""",
    },
    "a folder of `Project.writable_path`, or of --out": {
        "read": "render/write.py: lock_folder",
        "list": "render/write.py: lock_folder",
        "write": """app/new_paper.py: write_paper, start_lived_paper; app/build_request.py: write_files;
            app/site.py: _write_site;
            render/write.py: lock_folder, replace_outputs, _write_manifest""",
    },
    "writing beside the target, and renaming": {
        "read": "system/files.py: replace_file",
        "write": "system/files.py: replace_file, remove_file, write_folder, replace_folder",
    },
    "modules of the tool by names of its own": {
        "start": """__init__.py: __getattr__;
            cli/lazy_commands.py: _LazyCommands.__getitem__;
            render/write.py: render_format;
            render/pdf/worker/patches/patch_table.py: install_early_patches,
            _late_function.import_and_call""",
    },
    "extensions, installed where pip installs": {"start": "extensions.py: load_extensions"},
    "engines, with limits, in an environment of ours": {
        "start": """system/processes.py: start, process_tree; system/pandoc.py: _run_limited;
            system/pagefind.py: build_index; system/git/git_process.py: start_git; system/workers.py: Worker.__init__;
            system/libreoffice.py: LibreOffice._start_process;
            app/sendings/import_word.py: _read_blocks; load/bibliography/parsing.py: _run;
            load/chapter_tree.py: _is_readable; load/foreign/converted_project.py: _parse;
            render/word/reference_docx.py: build_reference_docx""",
    },
    "the browser of the user": {"start": "cli/site_and_preview.py: serve.announce"},
    "a port of this machine, or a pair of our own": {
        "start": "serve/__init__.py: serve",
    },
}
"""Functions that touch the disk or start something, by the reason why they may."""


def calls(node: ast.AST, inside: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls in a syntax tree, each with the function that it is in."""
    for child in ast.iter_child_nodes(node):
        name = inside
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{inside}.{child.name}".lstrip(".")
        if isinstance(child, ast.Call):
            yield name, child
        yield from calls(child, name)


def touches(call: ast.Call) -> str | None:
    """Return what a call does to the disk or the machine; None if nothing."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    receiver = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    kind = next((kind for kind, names in NAMES.items() if name in names.split()), None)
    is_path_replace = name == "replace" and len(call.args) == 1 and not call.keywords
    if name in AMBIGUOUS and receiver and name not in MODULES_OF_FUNCTIONS.get(receiver, "").split():
        kind = kind if is_path_replace else None
    if name in ("run", "start", "replace", "walk", "move", "remove") and not receiver:
        kind = None
    if name in ("read_text", "read_bytes") and receiver.split(".")[-1] in GUARDED:
        kind = None
    is_in_memory = call.args and ast.unparse(call.args[0]).startswith("io.BytesIO(")
    return None if is_in_memory else kind


def listed() -> Iterator[tuple[str, str, str]]:
    """Yield what REASONS allows: the kind, the module and the function."""
    for kinds in REASONS.values():
        for kind, entries in kinds.items():
            for entry in entries.split(";"):
                module, _, functions = entry.partition(":")
                yield from ((kind, module.strip(), function.strip()) for function in functions.split(","))


def test_every_place_that_touches_the_machine_has_a_reason() -> None:
    places = {
        (kind, module.relative_to(PACKAGE).as_posix(), function)
        for module in package_files()
        if "starter" not in module.parts
        for function, call in calls(package_tree(module))
        if (kind := touches(call))
    }
    allowed = set(listed())
    assert sorted(places - allowed) == []
    assert sorted(allowed - places) == []


KINDS = {
    "cli/site_and_preview.py": "browser",
    "system/git/git_process.py": "git",
    "system/libreoffice.py": "plain",
    "system/pagefind.py": "plain",
    "system/pandoc.py": "plain",
}
"""Kind of the programs that a module starts; only that of git may have a folder of the paper."""
WAYS_TO_START = re.compile(
    r"\b(?:subprocess\.(?:Popen|run|call|check_\w+|get\w+)|os\.(?:system|popen|exec\w+|posix_spawn\w*|spawn\w+|startfile)"
    r"|webbrowser\.\w+|pty\.spawn|asyncio\.create_subprocess_\w+|multiprocessing\.(?:Process|Pool)|ProcessPool\w+)\("
)


def test_every_program_is_started_by_the_launcher_with_a_named_policy() -> None:
    starting, kinds = set(), {}
    for module in package_files():
        name = module.relative_to(PACKAGE).as_posix()
        for function, call in calls(package_tree(module)):
            way = ast.unparse(call.func)
            if WAYS_TO_START.match(f"{way}("):
                starting.add((name, function))
            first = call.args[0] if call.args else None
            if way in ("processes.run", "processes.start") and isinstance(first, ast.Constant):
                kinds[name] = first.value
            named = [k.value.value for k in call.keywords if k.arg == "kind" and isinstance(k.value, ast.Constant)]
            if way == "Worker" and named:
                kinds[name] = named[0]
            assert way not in ("processes.run", "processes.start") or not {"env", "cwd", None} & {
                k.arg for k in call.keywords
            }
    assert starting == {("system/processes.py", "start")}
    assert kinds == KINDS


def test_a_policy_lets_no_other_folder_and_no_other_variable_pass(tmp_path: Path) -> None:
    for kind in {*processes.POLICIES} - {"tests"}:
        if kind != "git":
            with pytest.raises(ValueError, match="no policy"):
                processes.start(kind, ["true"], folder=tmp_path)
        with pytest.raises(ValueError, match="no policy"):
            processes.start(kind, ["true"], variables={"LD_PRELOAD": "x"})


@pytest.mark.parametrize("kind", ["plain", "worker"])
def test_a_program_has_no_variable_of_the_user_but_its_paths(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CANARY", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "HOME", "TMPDIR", "FONTCONFIG_FILE"):
        monkeypatch.setenv(name, str(Path.home() / "canary")) if name != "TMPDIR" else None
    code = "import json, os; print(json.dumps([os.getcwd(), dict(os.environ)]))"
    folder, variables = json.loads(processes.run(kind, [sys.executable, "-c", code], seconds=20).stdout)
    assert not any("canary" in value for value in variables.values())
    assert {variables[name] for name in processes._OWN_FOLDERS} == {folder}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A paper with a link to a folder outside."""
    folder = tmp_path_factory.mktemp("paths")
    paper = copy("healthy", folder)
    (folder / "outside").mkdir()
    (paper / "link").symlink_to(folder / "outside")
    return Project(paper)


PARTS = st.sampled_from(["..", ".", "", "paper", "link", "outside", "a.yaml", "/", "//", "/etc", "\\..", "..\\", "~"])


@given(st.lists(PARTS, min_size=1, max_size=5).map("/".join))
def test_a_path_to_write_is_below_the_paper(project: Project, path: str) -> None:
    try:
        target = project.writable_path(path)
    except AppError:
        return
    assert target.resolve().is_relative_to(project.root.resolve())


PROMISE = re.compile(r"^(\d+)\. \*\*", re.MULTILINE)
TESTS_OF_PROMISE = re.compile(r"^\| (\d+) \| (.*) \|$", re.MULTILINE)
ONE_TEST = re.compile(r"`(tests/[\w/]+\.py)`, `(test_\w+)`")


def test_every_promise_names_tests_that_are_there() -> None:
    page = (PACKAGE.parent / "docs" / "security.md").read_text(encoding="utf-8")
    tests = dict(TESTS_OF_PROMISE.findall(page))
    assert [*tests] == PROMISE.findall(page)
    for number, cell in tests.items():
        named = ONE_TEST.findall(cell)
        assert len(named) == cell.count("·") + 1, number
        for file, name in named:
            assert f"\ndef {name}(" in (PACKAGE.parent / file).read_text(encoding="utf-8"), (number, file, name)


# --- a command imports only what it needs -----------------------------------------------------------------------------

ROOT = Path(__file__).parents[1]

LISTED = ("-X", "importtime")
"""Options for Python: it lists on standard error the modules that it imports."""


def nioc(paper: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, which lists its imports."""
    command = [sys.executable, "-P", *LISTED, "-m", "nioc_paper", *args, "--today", "2020-01-20"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    run = subprocess.run(command, cwd=paper, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run


def imported(run: subprocess.CompletedProcess[str]) -> set[str]:
    """The modules that `-X importtime` lists."""
    return {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}


@pytest.mark.usefixtures("own_cache")
def test_what_is_unchanged_is_read_by_no_parser(paper: Path) -> None:
    """A repeated check imports no readers and engines; after an edit of a chapter, no parser of other files."""
    others = {"yaml", "defusedxml", "lxml", "PIL.Image", "jinja2", "weasyprint", "nioc_paper.render"}
    output = nioc(paper, "check").stdout
    again = nioc(paper, "check")
    assert again.stdout == output
    loaded = imported(again)
    assert "nioc_paper.load" in loaded
    assert not loaded & (others | {"rich"})
    parsers = {"bibtex", "ris", "csl", "convert", "faults", "parsing"}
    others |= {f"nioc_paper.load.bibliography.{name}" for name in parsers}
    others |= {"nioc_paper.load.image_vetting", "nioc_paper.load.image_cleaning", "urllib.request", "email.message"}
    for command in ("check", "status"):
        appended(paper / "chapters" / "bridges.md", "\nOne more sentence.\n")
        loaded = imported(nioc(paper, command))
        assert "nioc_paper.load.chapter" in loaded
        assert not loaded & others


# --- files that commands and their programs open, under strace --------------------------------------------------------

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
    start_repository(paper, "2020-01-10T12:00:00Z")
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
