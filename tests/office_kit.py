"""LibreOffice without a window: update the fields of a Word file, decide its changes, or save it again."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from test_papers import written

from nioc_paper.render.word import list_page_numbers
from nioc_paper.system import libreoffice, processes
from nioc_paper.system.libreoffice import pipe_file

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")

_MODULE = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
Sub Pass(command As String, source As String, target As String)
 Dim unseen(0) As New com.sun.star.beans.PropertyValue
 unseen(0).Name = "Hidden"
 unseen(0).Value = True
 file = StarDesktop.loadComponentFromURL(ConvertToURL(source), "_blank", 0, unseen())
 If command = "Refresh" Then
  file.TextFields.refresh()
 Else
  Dim none()
  helper = createUnoService("com.sun.star.frame.DispatchHelper")
  helper.executeDispatch(file.CurrentController.Frame, ".uno:" &amp; command, "", 0, none())
 End If
 Dim how(0) As New com.sun.star.beans.PropertyValue
 how(0).Name = "FilterName"
 how(0).Value = "MS Word 2007 XML"
 file.storeToURL(ConvertToURL(target), how())
 file.close(True)
End Sub
</script:module>
"""
_LIBRARY = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false"><library:element library:name="Module1"/></library:library>
"""
_LIBRARIES = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink">
 <library:library library:name="Standard" library:link="false"/></library:libraries>
"""
# An installed profile, of a newer LibreOffice: nothing is set up, and nothing is copied over the module.
_REGISTRY = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/Product">
<prop oor:name="ooSetupLastVersion" oor:op="fuse"><value>99.9</value></prop></item>
<item oor:path="/org.openoffice.Setup/Office">
<prop oor:name="ooSetupInstCompleted" oor:op="fuse"><value>true</value></prop></item></oor:items>
"""
_SECONDS = 120
"""Processor time that one start of LibreOffice may use."""


def refreshed(data: bytes, scratch: Path) -> bytes:
    """Return a Word file after LibreOffice has updated every field of it and saved it."""
    (out,) = _passed(("Refresh",), data, scratch)
    return out


def decided_by_office(data: bytes, scratch: Path) -> tuple[bytes, bytes]:
    """Return a Word file after LibreOffice has accepted all changes in it, and after it has rejected them."""
    accepted, rejected = _passed(("AcceptAllTrackedChanges", "RejectAllTrackedChanges"), data, scratch)
    return accepted, rejected


def resave(scratch: Path, *files: bytes) -> list[bytes]:
    """Return Word files after LibreOffice has opened and saved them; an empty one where it crashed."""
    source, target = scratch / "in", scratch / "out"
    source.mkdir()
    target.mkdir()
    for number, data in enumerate(files):
        (source / f"{number}.docx").write_bytes(data)
    left = [source / f"{number}.docx" for number in range(len(files))]
    while left:
        convert(left, target)
        # It may crash at a file: go on behind that.
        left = [file for file in left if not (target / file.name).exists()][1:]
    results = [target / f"{number}.docx" for number in range(len(files))]
    return [result.read_bytes() if result.exists() else b"" for result in results]


def convert(sources: Sequence[Path], target: Path) -> None:
    """Convert each source to a Word file in a folder, with LibreOffice."""
    start(target / "profile", "--convert-to", "docx", "--outdir", str(target), *map(str, sources))


def printed(folder: Path) -> list[Path]:
    """Return the Word files of a folder as LibreOffice prints them."""
    program = libreoffice.find_program()
    assert program
    with libreoffice.LibreOffice(program) as office:
        office.convert_to_pdf(sorted(folder.glob("*.docx")))
    return sorted(folder.glob("*.pdf"))


def laid_out(*files: bytes) -> list[list_page_numbers.BookmarkPages]:
    """Return the pages of Word files, each laid out in one piece."""
    return list_page_numbers.start_layout({f"{n}": partial(bytes, file) for n, file in enumerate(files)})()


def pages_of(*files: bytes) -> list[Mapping[str, int]]:
    """Return the page of each bookmark of Word files."""
    return [pages.by_destination for pages in laid_out(*files)]


def _passed(commands: Sequence[str], data: bytes, scratch: Path) -> list[bytes]:
    """Return the file after each command; every command begins with the file as it was."""
    profile, source = scratch / "profile", scratch / "before.docx"
    source.write_bytes(data)
    macros = profile / "user" / "basic" / "Standard"
    written(macros / "Module1.xba", _MODULE)
    (macros / "script.xlb").write_text(_LIBRARY, encoding="utf-8")
    (macros.parent / "script.xlc").write_text(_LIBRARIES, encoding="utf-8")
    targets = {command: scratch / f"{command}.docx" for command in commands}
    start(profile, *(f"macro:///Standard.Module1.Pass({name},{source},{target})" for name, target in targets.items()))
    return [target.read_bytes() for target in targets.values()]


def _has_ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.poll() is not None


def start(profile: Path, *args: str) -> None:
    """Start LibreOffice and wait until it ends. It ends with us, and after two minutes of processor time."""
    program = libreoffice.find_program()
    assert program
    libreoffice.prepare_profile(program, profile, _REGISTRY)
    build_id = profile / "user" / "extensions" / "buildid"
    prepared = build_id.read_text(encoding="utf-8")
    command = [*libreoffice.office_command(program, profile), *args]
    environment = {"PATH": os.environ["PATH"], "HOME": str(profile), "LANG": "C.UTF-8"}
    pipe = pipe_file(profile)
    with processes.start("tests", command, leftover=pipe, variables=environment) as office:
        try:
            limit = processes.ResourceLimit([office], _SECONDS)
            processes.wait_until(lambda seconds: _has_ended(office, seconds), limit)
        finally:
            processes.kill_group(office.pid)
            pipe.unlink(missing_ok=True)
    assert build_id.read_text(encoding="utf-8") == prepared  # otherwise it has set up its extensions, and started twice
