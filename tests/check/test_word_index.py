"""Words, names and abbreviations: cases that the rules must find, and cases that they must leave alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from sample_paper import full
from test_papers import read_tables, written

from nioc_paper import load
from nioc_paper.check.finding import Finding, TextRule
from nioc_paper.check.rules import hand_typed_references, names, words_and_spelling
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage
from nioc_paper.check.text.word_index import read_word_list
from nioc_paper.domain.english_grammar import sentence_starts
from nioc_paper.model import Chapter, Paper

Read = Callable[[str], Paper]

TABLES = read_tables("word_index")
REGISTERS = TABLES["registers"]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A paper with one chapter that holds a text."""

    def paper(text: str) -> Paper:
        files = {**REGISTERS, "chapters/a.md": f"---\nid: a\n---\n\n{text}\n"}
        for path, content in files.items():
            written(tmp_path / path, content)
        return load.load(tmp_path, lambda _: None)

    return paper


FOUND = TABLES["found"]
SILENT = TABLES["silent"]
RULES: Mapping[str, TextRule] = {**vars(names), **vars(hand_typed_references), **vars(words_and_spelling)}


def run_text_rule(rule: TextRule, paper: Paper) -> list[Finding]:
    return [finding for chapter in paper.chapters for finding in rule(paper, ChapterText(chapter))]


@pytest.mark.parametrize(("rule", "passage", "count"), FOUND)
def test_the_rule_reports_the_text(read: Read, rule: str, passage: str, count: int) -> None:
    assert len(findings := run_text_rule(RULES[rule], read(passage))) == count, findings


@pytest.mark.parametrize(("rule", "passage"), SILENT)
def test_the_rule_ignores_the_text(read: Read, rule: str, passage: str) -> None:
    assert run_text_rule(RULES[rule], read(passage)) == []


def test_a_word_is_found_at_its_place(read: Read) -> None:
    paper = read("One *organisation*\nand [another](https://example.org) organisation.")
    findings = run_text_rule(words_and_spelling.other_spelling, paper)
    assert sorted((f.place.line, f.place.column) for f in findings) == [(5, 6), (6, 36)]
    assert {(f.fix.place == f.place, f.fix.old, f.fix.new) for f in findings if f.fix} == {
        (True, "organisation", "organization")
    }


def test_the_oxford_list_has_no_contradictions() -> None:
    pairs = [line.split() for line in read_word_list("oxford.txt")]
    assert not {right for _, right in pairs} & {wrong for wrong, _ in pairs}
    assert all(len(pair) == 2 for pair in pairs)
    right_words = (
        "advise analyse arise comprise enterprise exercise expertise improvise promise raise revise supervise surprise"
    )
    assert not {wrong for wrong, _ in pairs} & {*right_words.split()}


@pytest.mark.parametrize("avoid", ["24/7", "%", "🙂", "7 x 24", "{"])
def test_terms_without_a_word_are_found_too(read: Read, monkeypatch: pytest.MonkeyPatch, avoid: str) -> None:
    register = json.dumps({"terms": [{"use": "always", "avoid": [avoid, "", " "]}]}, ensure_ascii=False)
    monkeypatch.setitem(REGISTERS, "paper/registers/terms.yaml", register)
    paper = read(f"It is open 5 {avoid}, and 5 {avoid}.")
    assert len(list(words_and_spelling.avoided_word(paper, ChapterText(paper.chapters[0])))) == 2


@pytest.mark.parametrize(
    ("passage", "old", "new"),
    [
        ("Ijaz Hussain wrote.", "Ijaz Hussain", "Syed Ejaz Hussain"),
        ("It is by Syed Ijaz Hussain.", "Syed Ijaz Hussain", "Syed Ejaz Hussain"),
        ("Ask Mujeebur Rehman Khan.", "Mujeebur Rehman Khan", "Mujeeb ur Rehman Khan"),
        ("Ask Mujeebur Rehman Khanna.", "Mujeebur Rehman", "Mujeeb ur Rehman Khan"),
        ("The National Police Bureau (NPoB) maps.", "NPoB", "NPB"),
        ("The National Bureau of Police maps.", "National Bureau of Police", "National Police Bureau"),
    ],
)
def test_a_name_is_replaced_whole_and_an_abbreviation_by_one(read: Read, passage: str, old: str, new: str) -> None:
    (finding,) = run_text_rule(names.alias_used_as_name, read(passage))
    assert finding.fix is not None
    assert (finding.fix.old, finding.fix.new) == (old, new)
    assert finding.fix.place.column == passage.index(old) + 1


def test_a_second_abbreviation_of_a_body_is_not_for_the_register(read: Read) -> None:
    (finding,) = run_text_rule(names.unknown_acronym, read("The State Bank of Pakistan (SBOP) told banks."))
    assert finding.hint == "write 'SBP', which the register has for it, or write it out"


# --- passages and sentences -------------------------------------------------------------------------------------------


TEXTS = TABLES["texts"]


@pytest.mark.parametrize("text", TEXTS)
def test_sentences_are_split_at_their_ends(text: str) -> None:
    whole, sentences = text.replace(" | ", " "), text.split(" | ")
    ends = [*sentence_starts(whole)[1:], len(whole)]
    assert [whole[start:end].strip() for start, end in zip(sentence_starts(whole), ends, strict=True)] == sentences


def read_chapter(folder: Path, text: str) -> Chapter:
    (folder / "chapters").mkdir()
    (folder / "paper").mkdir()
    (folder / "chapters" / "a.md").write_text(f"---\nid: a\n---\n\n{text}", encoding="utf-8")
    return load.load(folder, lambda _: None).chapters[0]


def test_a_passage_has_its_context(tmp_path: Path) -> None:
    chapter = read_chapter(
        tmp_path,
        "## Head\n\n> theirs\n\nThey found:\n\n- one[^n]\n- two\n\n[^n]: a note\n\n| A |\n|---|\n| b |\n\n: Cap\n\n"
        "Term\n:   What it is\n\n::: {#gap-x .gap}\nNone.\n\n- Type: law\n:::\n\n"
        "::: {.pullquote by=x}\ntheirs\n:::\n",
    )
    passages = [(p.text, p.level, p.within, p.label) for p in ChapterText(chapter).passages]
    assert passages == [
        ("Head", 2, (), ""),
        ("They found:", 0, (), ""),
        ("one", 0, ("item",), ""),
        ("a note", 0, ("item", "note"), ""),
        ("two", 0, ("item",), ""),
        ("Cap", 0, ("caption",), ""),
        ("A", 0, ("cell",), ""),
        ("b", 0, ("cell",), ""),
        ("Term", 0, ("term",), ""),
        ("What it is", 0, ("item",), ""),
        ("None.", 0, ("gap",), ""),
        ("Type: law", 0, ("gap", "item"), "type"),
    ]
    assert [p.lead.text for p in ChapterText(chapter).passages if p.lead] == ["They found:", "They found:"]


def one(folder: Path, text: str) -> Passage:
    return ChapterText(read_chapter(folder, text)).passages[0]


def test_a_sentence_has_its_citations(tmp_path: Path) -> None:
    passage = one(
        tmp_path, 'Of @fact-a, 5.[^n] "It *is*." It had `5` [see @b; -@c]. [@d] @e says so. None\n\n[^n]: x [@f]'
    )
    assert [(s.text.strip(), s.keys) for s in passage.sentences] == [
        ("Of …, 5.", ("fact-a", "f")),
        ("….", ()),
        ("It had … .", ("b", "c", "d")),
        ("… says so.", ("e",)),
        ("None", ()),
    ]


RUNS = TABLES["runs"]


@pytest.mark.parametrize("text", RUNS)
def test_a_citation_behind_a_full_stop_is_for_the_sentences_before_it(text: str, tmp_path: Path) -> None:
    passage = one(tmp_path, f"{text}\n\n[^n]: Note [@n].")
    keys = ["".join(s.keys or passage.run_keys(s)) for s in passage.sentences]
    assert keys == RUNS[text]


def test_every_sentence_of_a_paper_begins_on_its_line() -> None:
    """One sentence a line is the house style: so each line begins a sentence, and few begin elsewhere."""
    for chapter in full().chapters:
        for passage in ChapterText(chapter).passages:
            begin = {passage.place(s.start + len(s.text) - len(s.text.lstrip())).line for s in passage.sentences}
            assert begin >= {line for line, *column in passage.positions if column} or "note" in passage.within
