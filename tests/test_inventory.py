"""Nothing lost: each kind of thing is missed in each format, at its place, and the former file stays."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
import sample_document
from test_papers import copy

from nioc_paper import load, pandoc, tree
from nioc_paper.assemble import assemble, only
from nioc_paper.cache import Cache
from nioc_paper.files import shipped_templates
from nioc_paper.model import Diagnostic, Document, History, Node, Place, Severity
from nioc_paper.render import WRITERS, inventory
from nioc_paper.render.write import cited, render, written

TEMPLATES = shipped_templates()
CHAPTER = "chapters/bridges.md"
NOWHERE = Place("nowhere")


def _careless(node: Node) -> Node | list[Node] | None:
    """A paragraph, the notes, the picture, a cell, the references, and the place of a source are lost."""
    kind, content = node["t"], node.get("c", [])
    if kind in ("Note", "Image") or content == "1934":
        return None
    if kind == "Para" and tree.plain(node).startswith("A closed bridge"):
        return None
    if kind == "Link" and content[2][0].startswith("#"):
        return list(content[1])
    if tree.is_div(node, "csl-entry"):
        return tree.div(content[1], "csl-entry", id="elsewhere")
    return node


LOST = {
    # How each is shown, and where it stands.
    "lost-text": ("“A closed bridge sends its traffic", f"{CHAPTER}:48:1"),
    "lost-note": ("“The year is that of the deck, not of the piers", f"{CHAPTER}:29:47"),
    "lost-picture": ("“A horizontal deck rests on two upright piers.”", f"{CHAPTER}:21:1"),
    "lost-cell": ("“1934”", f"{CHAPTER}:34:16"),
    "lost-reference": ("“Figure 1.1”", f"{CHAPTER}:19:34"),
    "lost-source": ("Survey", "paper/references.yaml:1:1"),
}


@pytest.fixture(scope="module")
def bridges(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """A chapter with one of everything, and where each stands."""
    folder = copy("healthy", tmp_path_factory.mktemp("bridges"))
    paper = load.load(folder, lambda _: None, Cache.of(folder))
    return only(assemble(paper, History()), paper, "bridges")


@pytest.mark.parametrize("form", WRITERS)
def test_whatever_a_writer_loses_is_missed_at_its_place(
    form: str, bridges: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, findings = import_module(WRITERS[form]), list[Diagnostic]()
    write, file = module.write, tmp_path / f"{bridges.stem}.{form}"
    file.write_bytes(b"the former file")

    def careless(document: Document, *rest: object, **more: object) -> bytes:
        data: bytes = write(replace(document, blocks=tuple(tree.rewrite(_careless, document.blocks))), *rest, **more)
        return data

    monkeypatch.setattr(module, "write", careless)
    assert render(bridges, [form], tmp_path, TEMPLATES, findings.append, lambda _: None, Cache.of(tmp_path)) == []
    lost = {(d.rule, str(d.place)): d.message for d in findings if d.severity is Severity.ERROR}
    assert [r for r, (shown, place) in LOST.items() if shown not in lost.get((r, place), "")] == [], [*lost.items()]
    assert file.read_bytes() == b"the former file"


@pytest.mark.parametrize("form", WRITERS)
def test_a_document_with_one_of_everything_loses_nothing(form: str) -> None:
    findings: list[Diagnostic] = []
    cache = Cache.of(Path())
    assert written(form, cited(sample_document.document(), findings.append, cache), TEMPLATES, findings.append, cache)
    assert [d for d in reversed(findings) if d.rule.startswith("lost")] == []


def test_a_thing_is_wanted_as_often_as_it_is_said() -> None:
    twice = list(inventory.things((tree.para(tree.text("Again.")),) * 2, NOWHERE))
    assert inventory.lacking(twice, ["again"]) == twice[1:]
    assert inventory.lacking(twice, ["again", "again", "more"]) == []


def test_a_fuller_file_may_say_more_in_a_passage_but_not_less() -> None:
    wanted = list(inventory.things((tree.para(tree.text("See Table 2.1, which says so.")),), NOWHERE))
    assert inventory.lacking(wanted, ["seetable21onpage9whichsaysso"]) == wanted
    assert inventory.lacking(wanted, ["seetable21onpage9whichsaysso"], fuller=True) == []
    assert inventory.lacking(wanted, ["seetable21onpage9whichsays"], fuller=True) == wanted


def test_each_word_is_of_one_kind() -> None:
    text = "One.[^a]\n\n[^a]: Two.\n\n|A|B|\n|-|-|\n|Three|Four[^b]|\n\n: Five.\n\n[^b]: Six.\n\nterm\n: meaning\n"
    kinds: dict[str, list[str]] = {}
    for thing in inventory.things(pandoc.parse(text)[0], NOWHERE):
        kinds.setdefault(thing.kind, []).append(thing.key)
    assert kinds == {
        "text": ["one", "five", "term", "meaning"],
        "note": ["two", "six"],
        "cell": ["a", "b", "three", "four"],
    }
