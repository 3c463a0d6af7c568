"""Passages and sentences: every word at its place, and no sentence cut in two."""

from __future__ import annotations

from pathlib import Path

import pytest
from sample_paper import full

from nioc_paper import load
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage, sentence_starts
from nioc_paper.model import Chapter

TEXTS = (
    "Dr. Zaka spoke first. | Mr. Khosa and Ms. Ali agreed.",
    "The number is in No. 5 of the list. | See Act No. XIX of 2013.",
    "The answer was no. | Then it changed.",
    "Funding is dealt with in s. 11 and ss. 11E–11K. | Section 6 sets up the unit.",
    "Under art. 3 and Art. 5 it is barred (cf. p. 9). | Élites know it.",
    "They earned USD 927 m. in 2013. | In 2007 it was USD 797 m. | Nobody knows why.",
    "The firm, Acme Ltd., paid Rs. 5 crore. | Acme Corp. did not. | It went to court: Khan v. The State.",
    "The share was approx. 6 per cent of est. 100 m. people. | So be it.",
    "Some means, e.g. hawala, i.e. Informal transfer, stay open. | Others do not.",
    "The U.S. Department of State rated it. | It left the U.S. | Then it came back.",
    "Syed A. H. Shah and J. Milsom wrote. | B. Khan read.",
    "They cite Schedule A. | The list is long.",
    "Col. (retd.) Khan and Prof. Dr. Ali met Gen. Raza. | Sr. officers came. | He holds a Ph.D. in law.",
    "It rose by 5.8 per cent. | 3.6 million used cannabis.",
    "The Act of 1997 applies. | 2013 was the year of the survey.",
    "It met on Fri. 22 Nov. 2019 at 10 a.m. in Islamabad. | It ended at 4 p.m. | Nobody stayed.",
    "The report (see p. 12, vol. 3, ch. 4) is old. | A new one, cf. Fig. 2, is due.",
    "People, cash, goods, etc. cross it. | They bring drugs, cash, etc. | The rest stays.",
    "(This is a whole sentence.) | So is this.",
    "He said “stop.” | Then he left. | “Why?” she asked. | “Because,” he said.",
    "He paused … and went on. | Then… | Nothing.",
    "He said …. | The … Act was passed. | … of them were fined.",
    "See https://example.org/a.b?c=1. | It is long. | Was it so? | It was!",
    "One sentence without an end",
    "",
)


@pytest.mark.parametrize("text", TEXTS)
def test_sentences_are_split_at_their_ends(text: str) -> None:
    whole, sentences = text.replace(" | ", " "), text.split(" | ")
    ends = [*sentence_starts(whole)[1:], len(whole)]
    assert [whole[start:end].strip() for start, end in zip(sentence_starts(whole), ends, strict=True)] == sentences


def read(folder: Path, text: str) -> Chapter:
    (folder / "chapters").mkdir()
    (folder / "paper").mkdir()
    (folder / "chapters" / "a.md").write_text(f"---\nid: a\n---\n\n{text}", encoding="utf-8")
    return load.load(folder, lambda _: None).chapters[0]


def test_a_passage_has_its_context(tmp_path: Path) -> None:
    chapter = read(
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
    return ChapterText(read(folder, text)).passages[0]


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


RUNS = {
    # Sentences, each with the key that supports it.
    "One. Two. [@a] Three.": ("a", "a", ""),
    "One. Two [@b]. Three. Four. [@a; @c]": ("", "b", "ac", "ac"),
    "One. Two [@b] more.": ("", "b"),
    "One. Two.[^n] Three.": ("", "n", ""),
    "“One.” Two! [@a] Three. [@b]": ("a", "a", "b"),
    "One. @a says two.": ("", "a"),
    "One. Two etc. [@a]": ("a", "a"),
}


@pytest.mark.parametrize("text", RUNS)
def test_a_citation_behind_a_full_stop_is_for_the_sentences_before_it(text: str, tmp_path: Path) -> None:
    passage = one(tmp_path, f"{text}\n\n[^n]: Note [@n].")
    keys = tuple("".join(s.keys or passage.run_keys(s)) for s in passage.sentences)
    assert keys == RUNS[text]


def test_words_of_a_passage_have_their_source_places(tmp_path: Path) -> None:
    passage = one(tmp_path, "He said “no” to *all*\nof [@x] them and\n@y.\n")
    where = [passage.place(passage.text.index(word)) for word in ("said", "all", "them")]
    assert [(p.line, p.column) for p in where] == [(5, 4), (5, 18), (6, 9)]


def test_every_sentence_of_a_paper_begins_on_its_line() -> None:
    """One sentence a line is the house style: so each line begins a sentence, and few begin elsewhere."""
    for chapter in full().chapters:
        for passage in ChapterText(chapter).passages:
            begin = {passage.place(s.start + len(s.text) - len(s.text.lstrip())).line for s in passage.sentences}
            assert begin >= {line for line, *column in passage.positions if column} or "note" in passage.within
