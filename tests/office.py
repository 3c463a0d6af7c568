"""LibreOffice without a window: what becomes of a Word file whose fields it has worked out anew."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from nioc_paper.render.word import pagination

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


def refreshed(data: bytes, scratch: Path) -> bytes:
    """A Word file after LibreOffice has updated every field of it and written it anew."""
    return _through("Refresh", data, scratch)


def decided_by_office(data: bytes, scratch: Path, *, accept: bool) -> bytes:
    """A Word file after LibreOffice has accepted all changes in it, or rejected them."""
    return _through(f"{'Accept' if accept else 'Reject'}AllTrackedChanges", data, scratch)


def pages_of(data: bytes) -> Mapping[str, int]:
    """The page of each bookmark of a Word file that is laid out in one piece."""
    (pages,) = pagination.laid_out({"file": lambda: data})
    return pages.of


def _through(command: str, data: bytes, scratch: Path) -> bytes:
    profile, source, target = scratch / "profile", scratch / "before.docx", scratch / "after.docx"
    source.write_bytes(data)
    _office(profile, "--convert-to", "txt", "--outdir", str(scratch), str(source))  # the first start makes the profile
    macros = profile / "user" / "basic" / "Standard"
    (macros / "Module1.xba").write_text(_MODULE, encoding="utf-8")
    (macros / "script.xlb").write_text(dedent(_LIBRARY), encoding="utf-8")
    _office(profile, f"macro:///Standard.Module1.Pass({command},{source},{target})")
    return target.read_bytes()


def _office(profile: Path, *args: str) -> None:
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", *args]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
