"""Nothing lost: each kind of thing is missed in each format, at its place, and the former file stays."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import sample_document
from command_kit import hide_office
from msgspec.structs import replace
from test_papers import copy

from nioc_paper import load, tree
from nioc_paper.app.build import write_formats
from nioc_paper.assemble import assemble, extract_chapter
from nioc_paper.model import Diagnostic, Document, History, Node, OutputOptions, Place, Severity
from nioc_paper.render import DOCUMENT_WRITERS
from nioc_paper.render.context import RenderContext
from nioc_paper.render.verify import inventory
from nioc_paper.render.write import render_format, resolve_citations
from nioc_paper.system import pandoc
from nioc_paper.system.cache import Cache
from nioc_paper.system.files import default_templates

TEMPLATES = default_templates()
CHAPTER = "chapters/bridges.md"
NOWHERE = Place("nowhere")


def _careless(node: Node) -> Node | list[Node] | None:
    """A paragraph, the notes, the picture, a cell, the references, and the place of a source are lost."""
    kind, content = node["t"], node.get("c", [])
    if kind in ("Note", "Image") or content == "1934":
        return None
    if kind == "Para" and tree.plain_text(node).startswith("A closed bridge"):
        return None
    if kind == "Link" and content[2][0].startswith("#"):
        return list(content[1])
    if tree.is_div(node, "csl-entry"):
        return tree.div(content[1], "csl-entry", id="elsewhere")
    return node


LOST = {
    # Form and place of each.
    "lost-content/text": ("“A closed bridge sends its traffic", f"{CHAPTER}:48:1"),
    "lost-content/note": ("“The year is that of the deck, not of the piers", f"{CHAPTER}:29:47"),
    "lost-content/picture": ("“A horizontal deck rests on two upright piers.”", f"{CHAPTER}:21:1"),
    "lost-content/cell": ("“1934”", f"{CHAPTER}:34:16"),
    "lost-content/reference": ("“Figure 1.1”", f"{CHAPTER}:19:34"),
    "lost-content/source": ("Survey", "paper/references.yaml:1:1"),
}


@pytest.fixture(scope="module")
def bridges(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """A chapter with one of everything, each with its place."""
    folder = copy("healthy", tmp_path_factory.mktemp("bridges"))
    paper = load.load(folder, lambda _: None, Cache.for_paper(folder))
    return extract_chapter(assemble(paper, History()), paper, "bridges")


@pytest.mark.parametrize("form", DOCUMENT_WRITERS)
def test_content_lost_by_a_writer_is_reported_at_its_place(
    form: str, bridges: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, findings = import_module(DOCUMENT_WRITERS[form]), list[Diagnostic]()
    write, file = module.write, tmp_path / f"{bridges.stem}.{form}"
    file.write_bytes(b"the former file")

    def careless(document: Document, *rest: object, **more: object) -> bytes:
        data: bytes = write(replace(document, blocks=tuple(tree.rewrite(_careless, document.blocks))), *rest, **more)
        return data

    monkeypatch.setattr(module, "write", careless)
    hide_office(monkeypatch)
    context = RenderContext(TEMPLATES, findings.append, Cache.for_paper(tmp_path))
    assert write_formats(replace(bridges, copy=OutputOptions(audience="public")), [form], tmp_path, context) == []
    lost = {(d.rule, str(d.place)): d.message for d in findings if d.severity is Severity.ERROR}
    assert [r for r, (shown, place) in LOST.items() if shown not in lost.get((r, place), "")] == [], [*lost.items()]
    assert file.read_bytes() == b"the former file"


@pytest.mark.parametrize("form", DOCUMENT_WRITERS)
def test_no_writer_loses_any_kind_of_content(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hide_office(monkeypatch)
    findings: list[Diagnostic] = []
    cache = Cache.for_paper(Path())
    assert render_format(
        form,
        resolve_citations(sample_document.document(), findings.append, cache),
        RenderContext(TEMPLATES, findings.append, cache),
    )
    assert [d for d in reversed(findings) if d.rule.startswith("lost")] == []


def test_repeated_content_is_counted() -> None:
    twice = list(inventory.content_items((tree.para(tree.text_inlines("Again.")),) * 2))
    assert inventory.find_missing(twice, ["again"]) == twice[1:]
    assert inventory.find_missing(twice, ["again", "again", "more"]) == []


def test_a_fuller_file_may_say_more_in_a_passage_but_not_less() -> None:
    wanted = list(inventory.content_items((tree.para(tree.text_inlines("See Table 2.1, which says so.")),)))
    assert inventory.find_missing(wanted, ["seetable21onpage9whichsaysso"]) == wanted
    assert inventory.find_missing(wanted, ["seetable21onpage9whichsaysso"], allow_extra=True) == []
    assert inventory.find_missing(wanted, ["seetable21onpage9whichsays"], allow_extra=True) == wanted


def test_a_formula_that_is_none_is_printed_as_it_is_written() -> None:
    wanted = list(inventory.content_items(pandoc.parse_markdown("See $NAME) x_{y$ here.")[0]))
    assert inventory.find_missing(wanted, ["seenamexyhere"]) == []
    assert inventory.find_missing(wanted, ["seenamexyher"]) == wanted


def test_a_page_number_behind_a_passage_is_not_taken_for_another_passage() -> None:
    keys = ("closesone1", "closesone3")
    wanted = [inventory.ContentItem("text", key, key, NOWHERE) for key in keys]
    assert inventory.find_missing(wanted, ["closesone3page41", "closesone1page412"], allow_extra=True) == []


def test_each_word_is_of_one_kind() -> None:
    text = "One.[^a]\n\n[^a]: Two.\n\n|A|B|\n|-|-|\n|Three|Four[^b]|\n\n: Five.\n\n[^b]: Six.\n\nterm\n: meaning\n"
    kinds: dict[str, list[str]] = {}
    for item in inventory.content_items(pandoc.parse_markdown(text)[0]):
        kinds.setdefault(item.kind, []).append(item.key)
    assert kinds == {
        "text": ["one", "five", "term", "meaning"],
        "note": ["two", "six"],
        "cell": ["a", "b", "three", "four"],
    }
