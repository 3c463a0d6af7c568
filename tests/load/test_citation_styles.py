"""Styles of citations: shipped ones and the paper's own, in every format, and nothing lost or unsafe in any."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sample_document
from command_kit import hide_office, sample_names
from msgspec.structs import replace
from test_papers import appended, copy
from word_kit import Edited

from nioc_paper import load, tree
from nioc_paper.app.sendings.send import export_sending
from nioc_paper.assemble import assemble, extract_chapter
from nioc_paper.domain.citations_as_text import REPORT_MARK
from nioc_paper.load.load_context import PaperFiles
from nioc_paper.load.templates import read_citation_style
from nioc_paper.model import (
    SHIPPED_STYLES,
    CitationStyle,
    Diagnostic,
    Document,
    History,
    Paper,
    Reference,
    Sending,
    Settings,
)
from nioc_paper.model.record import RecordSource
from nioc_paper.ooxml.package import Package
from nioc_paper.render import DOCUMENT_WRITERS
from nioc_paper.render.common.citation_extraction import unnest_brackets
from nioc_paper.render.context import RenderContext
from nioc_paper.render.write import render_format, resolve_citations
from nioc_paper.review.docx import docx_reader
from nioc_paper.review.exchange import today_merge
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates
from nioc_paper.system.pandoc import csl_text

NUMERIC = csl_text(CitationStyle("numeric"))
RAISED_NUMERIC = NUMERIC.replace('prefix="[" suffix="]">', 'vertical-align="sup">').replace(
    'hanging-indent="true"', 'second-field-align="flush"'
)
RAISED = CitationStyle("raised.csl", RAISED_NUMERIC, is_numeric=True)
STYLES = {**{name: CitationStyle(name, is_numeric=name == "numeric") for name in SHIPPED_STYLES}, "raised": RAISED}


TEXT = """
## Citations everywhere [@oak1987] {#sec-citations-everywhere}

Section [@ata, s. 6], then [@ata, s. 7]. Two at once [see @council2019, p. 3; @ash2018, ch. 2, for more].
@ash2018 says so, and @council2019 [p. 4] too; so does the author [-@ash2018]. *All of it [@ash2018].*
Heard [@oak1987, p. 5; @ash2018].[^cited]

One sentence. Another one, and more. [@ash2018]

[^cited]: See @council2019, and [@ata, s. 8].

| Tree [@ash2018] | Height     |
|-----------------|------------|
| Elm [@ata]      | 3 m [@ash2018] |

: Heights of trees [@council2019]. {#tbl-heights}

- An item [@ash2018];
- another [@oak1987].

> Quoted [@ash2018, p. 9].
"""
SOURCES = """
  - {id: ata, type: legislation, title: "Avenue Trees Act, 1997", number: Act XXVII of 1997, short: ATA, issued: "1997"}
  - {id: council2019, type: report, title: Trees Counted, author: [{literal: Council of the Old Town of Linden}],
     short: COTL, issued: "2019"}
  - {id: ash2018, type: book, title: The Tree, author: [{family: Ash, given: Ada}], publisher: Wood, issued: "2018"}
  - {id: oak1987, type: book, title: Roots, author: [{family: Oak, given: Ben}], issued: "1987", seen-through: ash2018}
"""


DOCUMENT = replace(
    sample_document.document(), blocks=(tree.para([tree.cite("a")]), tree.div([tree.div([], id="refs")], "references"))
)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Paper:
    """A paper that cites in every place that a text has."""
    folder = copy("healthy", tmp_path_factory.mktemp("styles"))
    for path, more in (("chapters/bridges.md", TEXT), ("paper/references.yaml", SOURCES)):
        appended(folder / path, more)
    return load.load(folder, lambda _: None, Cache.for_paper(folder))


def cited_chapter(paper: Paper, style: CitationStyle) -> Document:
    styled = replace(paper, style=style)
    return resolve_citations(extract_chapter(assemble(styled, History()), styled, "bridges"), print)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "form" in metafunc.fixturenames:
        sample_names(metafunc, product([*STYLES][1:], DOCUMENT_WRITERS), 0, "style,form")


def test_formats_lose_nothing_of_styles(style: str, form: str, paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Citations, notes and sources, in a third of the pairs with each style and format; all under --long."""
    hide_office(monkeypatch)
    document, findings = cited_chapter(paper, STYLES[style]), list[Diagnostic]()
    links = {node["c"][2][0] for node in tree.walk(document.blocks) if node["t"] == "Link"}
    entries = [tree.identifier(node) for node in tree.walk(document.blocks) if node["t"] == "Div"]
    sources = [f"#{name}" for name in entries if name.startswith("ref-")]
    assert len(sources) > 1
    assert [name for name in sources if name not in links] == []
    context = RenderContext(default_templates(), findings.append, Cache.for_paper(Path()))
    assert render_format(form, document, context)
    assert [each.message for each in findings if "lacks page numbers" not in each.message] == []


PHRASES: Mapping[str, tuple[str, ...]] = {
    "author-date": (
        "(Avenue Trees Act, 1997 [ATA], s. 6), then (ATA, s. 7)",
        "(see COTL 2019, 3; Ash 2018, ch. 2, for more)",
        "Ash (2018) says so, and COTL (2019, 4) too; so does the author (2018)",
        "(Ash 2018; Oak 1987, 5, as reported by Ash 2018)",
        "more. (Ash 2018)",
        "COTL (Council of the Old Town of Linden). 2019. Trees Counted.",
        "Avenue Trees Act, 1997 (Act XXVII of 1997) [ATA].",
    ),
    "note": (
        "Avenue Trees Act, 1997 (Act XXVII of 1997) [ATA], s. 6.",
        "ATA, s. 7.",
        "See COTL, Trees Counted (2019), 3; Ash, The Tree, ch. 2, for more.",
        "Ash, The Tree; Oak, Roots, 5, as reported by Ash, The Tree.",
        "COTL (Council of the Old Town of Linden). Trees Counted. 2019.",
    ),
    "numeric": (
        "Section [4, s. 6], then [4, s. 7]. Two at once [see 5, p. 3; 3, ch. 2, for more]",
        "Ash [3] says so, and COTL [5, p. 4] too; so does the author [3]",
        "Heard [3; 2, p. 5, as reported by 3].",
        "[5] COTL (Council of the Old Town of Linden). 2019. Trees Counted.",
    ),
}


@pytest.mark.parametrize("name", SHIPPED_STYLES)
def test_laws_short_names_and_second_hand_sources_have_their_words(name: str, paper: Paper) -> None:
    text = pandoc.write(cited_chapter(paper, STYLES[name]).blocks, "plain", args=["--wrap=none"]).decode()
    assert [phrase for phrase in PHRASES[name] if phrase not in text] == [], text
    assert REPORT_MARK not in text
    assert "; as reported" not in text


SHORT: Mapping[str, Mapping[str, Any]] = {
    "a": {"author": [{"literal": "Council of the Old Town"}], "short": "COT", "title": "Trees", "issued": "2016"},
    "b": {"author": [{"literal": "Council of the Hill"}], "short": "Old Council", "title": "Trees", "issued": "2017"},
    "c": {"author": [{"literal": "Council"}, {"literal": "Town"}], "short": "C&T", "title": "Trees", "issued": "2018"},
    "d": {"author": [{"literal": "Council"}], "short": "CON", "title": "CON in Brief", "issued": "2019"},
}


@pytest.mark.parametrize("name", STYLES)
def test_a_short_name_is_cited_and_explained_once_in_the_list(name: str) -> None:
    references = [
        Reference.from_source(
            RecordSource("references.yaml", {}),
            {"id": key, "type": "report", "title": source["title"], "short": source["short"]},
            {"author": source["author"], "issued": source["issued"]},
        )
        for key, source in SHORT.items()
    ]
    blocks = (*(tree.para([tree.cite(key)]) for key in SHORT), DOCUMENT.blocks[-1])
    csl = tuple(reference.csl() for reference in references)
    document = resolve_citations(replace(DOCUMENT, blocks=blocks, references=csl, style=STYLES[name]), print)
    entries = {
        tree.identifier(node): tree.plain_text(node) for node in tree.walk(document.blocks) if node["t"] == "Div"
    }
    for (key, source), cited in zip(SHORT.items(), document.blocks, strict=False):
        in_full = ", ".join(author["literal"] for author in source["author"])
        entry = entries[f"ref-{key}"]
        assert f"{source['short']} ({in_full}). " in entry
        assert entry.count(in_full) == 1
        assert in_full not in tree.plain_text(cited)


def test_sources_that_nothing_cites_are_in_the_list_if_the_paper_says_so(paper: Paper) -> None:
    for keys, listed in (((), 0), (("ash2018",), 1), (("nobody",), 0), (("*",), len(paper.references))):
        settings = paper.settings.replace(nocite=keys, parts=())
        document = resolve_citations(assemble(replace(paper, settings=settings), History()), print)
        entries = [node for node in tree.walk(document.blocks) if node["t"] == "Div" and tree.is_div(node, "csl-entry")]
        assert len(entries) == listed


@pytest.mark.parametrize("name", [name for name in STYLES if name != "numeric"])  # "raised" is a numeric one
def test_a_chapter_comes_back_from_word_in_every_style(name: str, paper: Paper) -> None:
    styled = replace(paper, style=STYLES[name])
    chapter = next(c for c in styled.chapters if c.id == "bridges")
    sending = Sending(id="1", to="ben-lock", on=date(2020, 2, 18), commit="0" * 40)
    sent = export_sending(styled, "bridges", sending, default_templates(), for_reader=False).data

    def merge(received: bytes) -> tuple[list[str], list[str]]:
        base, returned = (docx_reader.read_docx(Package(data)) for data in (sent, received))
        merged = today_merge.merge_received(chapter, base, returned, lambda text: pandoc.parse_markdown(text)[0])
        new_lines = set(merged.apply_to(chapter.text).splitlines()) - set(chapter.text.splitlines())
        return sorted(new_lines), [conflict.reason for conflict in merged.conflicts]

    assert merge(sent) == ([], [])
    changed = Edited(sent).replace("Another one", "A further one").save()
    assert merge(changed) == (["One sentence. A further one, and more. [@ash2018]"], [])
    lines, (conflict,) = merge(Edited(sent).replace("s. 6", "s. 9").save())
    assert lines == []
    assert "citation" in conflict


# --- the paper's own file ---------------------------------------------------------------------------------------------

HEAD = '<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" class="in-text"><info><title>T</title></info>'
LAYOUT = '<citation><layout><text variable="title"/></layout></citation><bibliography><layout/></bibliography></style>'
BAD_STYLES: Mapping[str, tuple[str, str]] = {
    "empty": ("", "is not XML"),
    "no XML": ("author-date", "is not XML"),
    "a page": ("<html/>", "is not a CSL style"),
    "entities": (f'<!DOCTYPE style [<!ENTITY a "b">]>{HEAD}{LAYOUT}', "entities"),
    "a type": (f'<!DOCTYPE style SYSTEM "https://example.org/x.dtd">{HEAD}{LAYOUT}', "entities"),
    "dependent": (
        f'{HEAD.replace("</info>", "")}<link href="http://zotero.org/apa" rel="independent-parent"/></info></style>',
        "depends on another style: apa",
    ),
    "dependent with a layout": (
        HEAD.replace("</info>", '<link href="https://example.org/x" rel="independent-parent"/></info>') + LAYOUT,
        "depends on another style: x",
    ),
    "no layout": (f"{HEAD}</style>", "no layout"),
    "no list": (f"{HEAD}<citation><layout/></citation></style>", "no list of references"),
    "unknown macro": (HEAD + LAYOUT.replace("<layout/>", '<layout><text macro="m"/></layout>'), "calls the macro 'm'"),
    "endless macro": (f'{HEAD}<macro name="m"><text macro="m"/></macro>{LAYOUT}', "calls itself"),
    "circle": (
        f'{HEAD}<macro name="m"><text macro="n"/></macro><macro name="n"><text macro="m"/></macro>{LAYOUT}',
        "calls itself",
    ),
    "multiplied": (
        HEAD
        + "".join(f'<macro name="m{n}">{f"""<text macro="m{n + 1}"/>""" * 2}</macro>' for n in range(40))
        + f'<macro name="m40"/>{LAYOUT.replace("<layout/>", """<layout><text macro="m0"/></layout>""")}',
        "too often",
    ),
    "multiplied by its layout": (
        f'{HEAD}<macro name="m">{"<group/>" * 5000}</macro>'
        + LAYOUT.replace("<layout/>", f"""<layout>{'<text macro="m"/>' * 5000}</layout>"""),
        "too often",
    ),
    "numbers of notes": (
        HEAD.replace("in-text", "note") + LAYOUT.replace('"title"', '"first-reference-note-number"'),
        "numbers of notes",
    ),
    "reordered letters": (HEAD.replace(">T<", ">\u202eT<") + LAYOUT, "characters"),
    "deep": (HEAD + "<group>" * 200 + "</group>" * 200 + LAYOUT, "too deeply"),
    "large": (HEAD + " " * 2**20 + LAYOUT, "bytes"),
}


def read_style(root: Path, name: str) -> tuple[CitationStyle, list[Diagnostic]]:
    findings: list[Diagnostic] = []
    return read_citation_style(PaperFiles(root), Settings(csl=name), findings.append), findings


@pytest.mark.parametrize("name", BAD_STYLES)
def test_a_bad_style_is_reported_and_the_default_is_used(name: str, tmp_path: Path) -> None:
    text, message = BAD_STYLES[name]
    (tmp_path / "own.csl").write_text(text, encoding="utf-8")
    style, (finding,) = read_style(tmp_path, "own.csl")
    assert style == CitationStyle()
    assert finding.rule == "bad-template/citation-style"
    assert message in finding.message
    assert "author-date, note, numeric" in finding.hint


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("notes", "'note'"),
        ("https://www.zotero.org/styles/apa", "author-date"),
        ("https://example.org/apa.csl", "is not a file of this paper"),
        ("own.csl", "does not exist"),
        ("../own.csl", "outside the paper"),
        ("/etc/own.csl", "not a file of this paper"),
        ("link.csl", "symbolic link"),
        ("folder.csl", "not a regular file"),
        ("", "author-date"),
    ],
)
def test_a_style_that_is_no_file_of_the_paper_is_reported(name: str, word: str, tmp_path: Path) -> None:
    (tmp_path / "folder.csl").mkdir()
    (tmp_path / "link.csl").symlink_to("/etc/passwd")
    style, (finding,) = read_style(tmp_path, name)
    assert (style, finding.rule) == (CitationStyle(), "bad-template/citation-style")
    assert word in finding.message + finding.hint


def test_no_style_prints_an_act_as_a_public_law_of_the_united_states(tmp_path: Path) -> None:
    label = (
        '<text value="Pub. L."/><text variable="number" prefix="Pub. L. No. "/><text term="legislation" form="short"/>'
    )
    locale = '<locale><terms><term name="legislation" form="short">Pub. L.</term></terms></locale>'
    text = HEAD + locale + LAYOUT.replace("<layout/>", f"<layout>{label}</layout>")
    (tmp_path / "own.csl").write_text(text, encoding="utf-8")
    style, findings = read_style(tmp_path, "own.csl")
    assert findings == []
    act = {"id": "a", "type": "legislation", "title": "Trees Act", "number": "Act IV of 1997"}
    blocks = resolve_citations(replace(DOCUMENT, references=(act,), style=style), print).blocks
    assert "Pub" not in tree.plain_text(blocks)
    assert "Act IV of 1997" in tree.plain_text(blocks)


@pytest.mark.parametrize("name", SHIPPED_STYLES)
def test_a_copy_of_a_shipped_style_is_a_style_of_the_paper(name: str, tmp_path: Path) -> None:
    text = csl_text(CitationStyle(name))
    (tmp_path / "own.csl").write_text("\ufeff" + text, encoding="utf-8")
    assert read_style(tmp_path, "own.csl") == (CitationStyle("own.csl", text, name == "numeric"), [])
    assert read_style(tmp_path, name) == (CitationStyle(name, "", name == "numeric"), [])


# --- citations without the text around them --------------------------------------------------------------------------

BOOKS = tuple(
    {"id": name, "type": "book", "title": title, "issued": "2019", "author": [{"family": "Ash", "given": given_name}]}
    for name, title, given_name in (
        ("a", "Arches", "A."),
        ("b", "Beams", "A."),
        ("c", "Cables", "Zoe"),
        ("d", "n.d.", "Z."),
    )
)
CITING = """
Early [@b], and @a. In a note.[^n] Two at once [see @a, p. 3; @b, ch. 2]. *Within @c*. All this. More of it. [@a]

So [@b; @c]: and *[@d]*, "quoted [@a]" -- [@c], and so on [@b]. [Linked [@d].](https://example.org)

| Head [@c] |
|-----------|
| Cell [-@d]. |

: Caption [@a]. {#tbl-x}

[^n]: Said by @b; and so on [@c].
"""


def written() -> Document:
    blocks, _ = pandoc.parse_markdown(CITING)
    chapter = tree.div([tree.header(1, tree.text_inlines("One"), id="sec-one"), *blocks], "chapter", id="chapter-one")
    sources = tree.div([tree.div([], id="refs")], "references", id="chapter-references")
    return replace(sample_document.document(), blocks=(chapter, sources), references=BOOKS)


def plain(value: Any) -> str:
    """A tree without places, which pandoc drops."""
    return json.dumps(json.loads(json.dumps(value)), sort_keys=True)


def printed(blocks: Any) -> Any:
    """A tree with the words of citations in their place."""
    opened = tree.rewrite(lambda node: node["c"][1] if node["t"] == "Cite" else node, list(blocks))
    return tree.merge_words(opened)


APART = {
    **{name: CitationStyle(name) for name in SHIPPED_STYLES},
    "raised numbers": CitationStyle("raised.csl", NUMERIC.replace('prefix="[" suffix="]">', 'vertical-align="sup">')),
    "brief notes": CitationStyle("brief.csl", NUMERIC.replace('class="in-text"', 'class="note"')),
}


@pytest.mark.parametrize("style", APART)
def test_they_read_as_if_set_in_their_place(style: str) -> None:
    document = replace(written(), style=APART[style])
    whole, _ = pandoc.run_citeproc(document.blocks, document.references, language=document.language, style=APART[style])
    apart = resolve_citations(document, print).blocks
    assert plain(printed(apart)) == plain(printed(unnest_brackets(whole)))


def test_a_note_in_brackets_stays_in_them() -> None:
    blocks, _ = pandoc.parse_markdown("It is so (as some say [@a]).")
    document = replace(written(), blocks=(*blocks, written().blocks[1]), style=CitationStyle("note"))
    first, *_ = resolve_citations(document, print).blocks
    assert [node["t"] for node in first["c"]][-2:] == ["Cite", "Str"]
    assert tree.plain_text([first]).endswith("say).")


@pytest.mark.parametrize("style", APART)
def test_no_round_brackets_are_in_round_ones(style: str) -> None:
    titles = enumerate(("Levies (Repeal (in Part)) Act", "Levies Rules", "Plain Act"))
    laws = [{"id": f"a{n}", "type": "legislation", "title": title, "number": "S.R.O. 1(I)/2016"} for n, title in titles]
    blocks, _ = pandoc.parse_markdown("@a0 says [@a0; @a1] so [@a1, s. 6(2); @a0]. [@a2] *[@a2, sch. (1)]*, as @a0.")
    document = replace(written(), blocks=(*blocks, written().blocks[1]), references=laws, style=APART[style])
    text = tree.plain_text(resolve_citations(document, print).blocks, with_notes=True)
    assert "[S.R.O. 1(I)/2016]" in text
    assert not re.search(r"\([^()]*\(", text)


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("So [@a] [@b].", "So [@a; @b]."),
        ("So [@a]\n[@b, p. 3] [@a].", "So [@a; @b, p. 3]."),
        ("So [@a, p. 1] [@a, p. 2].", "So [@a, p. 1; @a, p. 2]."),
        ("So [@a] @b.", ""),
        ("So @a [@b].", ""),
        ("So [@a] and [@b].", ""),
    ],
)
def test_neighbouring_citations_are_one(text: str, joined: str) -> None:
    def shown(source: str) -> str:
        blocks, _ = pandoc.parse_markdown(source)
        document = replace(written(), blocks=(*tree.merge_words(blocks), written().blocks[1]), style=APART["numeric"])
        return tree.plain_text(resolve_citations(document, print).blocks[:1])

    blocks, _ = pandoc.parse_markdown(joined or text)
    whole, _ = pandoc.run_citeproc(blocks, BOOKS, language="en-GB", style=APART["numeric"])
    assert shown(text) == tree.plain_text(whole[:1])


def test_works_of_one_year_are_told_apart() -> None:
    assert "2019b, ch. 2" in tree.plain_text(resolve_citations(written(), print).blocks)
