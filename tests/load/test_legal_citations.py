"""Laws, judgments and gazettes are cited as in the Commonwealth, and nothing as a statute of the United States."""

from __future__ import annotations

import json
import re
from itertools import product
from typing import Any

from test_papers import absent, read_tables

from nioc_paper import tree
from nioc_paper.model import SHIPPED_STYLES, CitationStyle, Reference
from nioc_paper.model.record import RecordSource
from nioc_paper.system import pandoc
from nioc_paper.system.pandoc import csl_text

TABLES = read_tables("legal_citations")
FULL = TABLES["full"]
ISSUED: dict[str, dict[str, Any]] = {"": {}, "year": {"issued": "2019"}, "day": {"issued": "2019-02-05"}}
OTHERS = TABLES["others"]


def listed(*sources: dict[str, Any], style: bool = True) -> tuple[list[str], list[str]]:
    """Citations and entries of the list of references, in the order of the sources."""
    names = [f"s{place:03}" for place in range(len(sources))]
    markdown = "".join(f"[@{name}, s. 6]\n\n" for name in names)
    blocks, _ = pandoc.parse_markdown(markdown)
    references = [_reference(name, source) for name, source in zip(names, sources, strict=True)]
    if style:
        cited, log = pandoc.run_citeproc(blocks, references, language="en-GB")
        assert [entry for entry in log if entry.get("verbosity") == "WARNING"] == []
    else:
        files = {"all.json": json.dumps(references).encode()}
        args = ["-f", "json", "-t", "json", "--citeproc", "--bibliography=all.json"]
        document = pandoc.to_json_document(blocks, {"lang": "en-GB"})
        cited = json.loads(pandoc.run(args, document, files=files).stdout)["blocks"]
    entries = {tree.identifier(node): tree.plain_text([node]) for node in tree.walk(cited) if _is_entry(node)}
    return [tree.plain_text([block]) for block in cited[: len(names)]], [entries[f"ref-{name}"] for name in names]


def _reference(name: str, source: dict[str, Any]) -> dict[str, Any]:
    own = {key: source[key] for key in ("type", "title")}
    extra = {key: value for key, value in source.items() if key not in own and value is not None}
    return Reference.from_source(RecordSource("references.yaml", {}), {"id": name, **own}, extra).csl()


def _is_entry(node: Any) -> bool:
    return node["t"] == "Div" and tree.is_div(node, "csl-entry")


def every_kind() -> list[dict[str, Any]]:
    """Each legal type with all fields, with each field alone, and with none but its title; with and without a date."""
    sources = []
    for kind, fields in FULL.items():
        rest = {"genre": "Kind", "status": "as amended", "chapter-number": "12th session", "URL": "https://example.org"}
        whole = {**rest, **fields, "author": [{"family": "Ash", "given": "Ann"}]}
        chosen = [fields, whole, *({"title": fields["title"], key: whole[key]} for key in whole)]
        sources += [{"type": kind, **some, **issued} for some in chosen for issued in ISSUED.values()]
    return sources


def test_no_source_is_printed_as_a_law_of_the_united_states() -> None:
    sources = every_kind()
    for texts in listed(*sources):
        for source, text in zip(sources, texts, strict=True):
            assert not re.search(r"Pub\. ?L|\bStat\.|Cong\.|§|___|Nos\b|\(\)|, ,|\( | ,|, \(", text), (source, text)
            assert source["title"] in text, (source, text)


def test_an_entry_holds_all_that_identifies_a_law() -> None:
    _, entries = listed(*({"type": kind, **fields, "issued": "2019-02-05"} for kind, fields in FULL.items()))
    for fields, entry in zip(FULL.values(), entries, strict=True):
        assert [value for value in fields.values() if value not in entry] == [], entry


CASES = TABLES["cases"]


def test_laws_are_cited_as_in_the_commonwealth() -> None:
    cited, entries = listed(*(source for source, _, _ in CASES))
    assert [*zip(cited, entries, strict=True)] == [(citation, entry) for _, citation, entry in CASES]


def test_an_entry_repeats_no_year() -> None:
    combinations = product(
        ("legislation", "regulation", "bill", "legal_case"),
        ("Trees", "Trees Act, 1997", "Act IV of 1997", "Trees Act 1997 (IV of 1997)", "Trees (1997 Levy) Act"),
        (None, "IV of 1997", "12"),
        ("1997", "1997-02-05"),
        (None, "Gazette"),
    )
    names = ("type", "title", "number", "issued", "container-title")
    sources: list[dict[str, Any]] = [dict(zip(names, values, strict=True)) for values in combinations]
    sources = [source for source in sources if source["type"] != "legal_case" or source["title"] == "Trees"]
    for source, entry in zip(sources, listed(*sources)[1], strict=True):
        own = re.sub(r"\(IV of 1997\)$", "", source["title"]) if source["number"] == "IV of 1997" else source["title"]
        parts = max(own.count("1997"), 1) + (source["number"] or "").count("1997") + ("-" in source["issued"])
        assert 1 <= entry.count("1997") <= parts, (source, entry)


def test_two_laws_of_one_name_and_year_have_letters() -> None:
    act = {"type": "legislation", "title": "Trees Act", "issued": "2019"}
    cited, entries = listed({**act, "number": "Act I"}, {**act, "number": "Act II"})
    assert cited == ["(Trees Act, 2019a, s. 6)", "(Trees Act, 2019b, s. 6)"]
    assert entries == ["Trees Act, 2019a (Act I).", "Trees Act, 2019b (Act II)."]


def test_other_sources_are_listed_as_pandoc_lists_them() -> None:
    sources = [{**source, **issued} for source in OTHERS for issued in ISSUED.values()]
    assert listed(*sources)[1] == listed(*sources, style=False)[1]


def test_the_styles_name_their_authors_and_their_licence() -> None:
    for name in SHIPPED_STYLES:
        text = csl_text(CitationStyle(name))
        assert absent(text, "Andrew Dunning", 'license="http://creativecommons.org/licenses/by-sa/3.0/"') == []
        assert "Pub. L." not in text
