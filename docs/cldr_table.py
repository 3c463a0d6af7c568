"""Make the table of dates, numbers and quotation marks by language, from CLDR and the locales of CSL.

    python3 -m venv /tmp/cldr && /tmp/cldr/bin/pip install babel citeproc-py
    /tmp/cldr/bin/python docs/cldr_table.py

The table is `nioc_paper/wording/cldr.json`: for each language the keys of `nioc_paper/wording/en.yaml` that need no
translator. A name of several words has no-break spaces, as names in a list are divided by blanks.
"""  # noqa: INP001 - a script, no package

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import citeproc  # type: ignore[import-not-found]
from babel import Locale, localedata  # type: ignore[import-not-found]

TABLE = Path(__file__).parents[1] / "nioc_paper" / "wording" / "cldr.json"
_CSL = Path(citeproc.__file__).parent / "data" / "locales"
_FIELDS = re.compile(r"'([^']*)'|M月|d+|M+|y+|[^'dMy]+")


def _quotation_marks(language: str) -> dict[str, str]:
    """Return the marks of a language, if CSL has them."""
    files = sorted(_CSL.glob(f"locales-{language}*.xml"), key=lambda file: language.upper() not in file.stem)
    file = files[0] if files else None
    terms = {}
    if file:  # a file of a package that was just installed
        terms = {t.get("name", ""): t.text or "" for t in ET.parse(file).iterfind(".//{*}term")}  # noqa: S314
    pairs = {"quoted": "quote", "quoted_inside": "inner-quote"}
    marks = {key: (terms.get(f"open-{name}", ""), terms.get(f"close-{name}", "")) for key, name in pairs.items()}
    return {key: f"{before}{{}}{after}" for key, (before, after) in marks.items() if before and after}


def _date_form(pattern: str) -> str:
    """Return a pattern of CLDR, such as d. MMMM y, with braces."""
    names = {"d": "{day}", "M": "{month}", "y": "{year}"}
    return "".join(m[1] if m[1] is not None else names.get(m[0][0], m[0]) for m in _FIELDS.finditer(pattern))


def _names(values: Mapping[int, str]) -> str:
    return " ".join(values[number].replace(" ", "\u00a0") for number in sorted(values))


def words(language: str) -> dict[str, str]:
    """Return the words of a language that CLDR has."""
    locale = Locale.parse(language)
    numbers = locale.number_symbols.get("latn", {})
    both = locale.list_patterns["standard"]["2"]
    forms = {
        "date_form": _date_form(locale.date_formats["long"].pattern),
        "day_form": _date_form(locale.datetime_skeletons["MMMd"].pattern),
    }
    return {
        "months": _names(locale.months["format"]["wide"]),
        "months_short": _names(locale.months["format"]["abbreviated"]),
        "weekdays": _names(locale.days["format"]["wide"]),
        **{key: form for key, form in forms.items() if "{day}" in form and "{month}" in form},
        "decimal": numbers.get("decimal", "."),
        "thousands": numbers.get("group", ","),
        "and": both.replace("{0}", "").replace("{1}", "").strip(),
        **_quotation_marks(language),
    }


if __name__ == "__main__":
    known = [name for name in sorted(localedata.locale_identifiers()) if len(name) == 2 and name not in ("en", "ur")]
    lines = (f"{json.dumps(name)}: {json.dumps(words(name), ensure_ascii=False)}" for name in known)
    TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
