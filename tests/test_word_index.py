"""Words, names and abbreviations: cases that the rules must find, and cases that they must leave alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_paper import full

from nioc_paper import load
from nioc_paper.check.finding import Finding, TextRule
from nioc_paper.check.rules import names, typed, words
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.passages import Passage, sentence_starts
from nioc_paper.check.text.word_index import read_word_list
from nioc_paper.model import Chapter, Paper

Read = Callable[[str], Paper]

REGISTERS = {
    "contributors.yaml": """\
people:
  - {id: a, name: Moeed Yusuf, kind: staff}
  - {id: b, name: Sabino Sikandar Jalal, kind: staff}
  - {id: c, name: Amir Rana, kind: staff}
  - {id: d, name: Zahid Hussain, kind: staff}
  - {id: e, name: Mujeeb ur Rehman Khan, kind: staff, aka: [Mujeebur Rehman]}
  - {id: f, name: Syed Ejaz Hussain, kind: staff, aka: [Ijaz Hussain]}
organizations:
  - {id: npb, name: National Police Bureau, acronym: NPB, aka: [NPoB, National Bureau of Police]}
  - {id: npa, name: National Police Academy, acronym: NPA}
  - {id: anf, name: Anti-Narcotics Force, acronym: ANF}
  - {id: moi, name: Ministry of Interior}
  - {id: police, name: provincial police departments}
""",
    "paper/paper.yaml": "language: en-GB-oxendict\n",
    "paper/registers/acronyms.yaml": """\
acronyms:
  - {short: NPB, long: National Police Bureau}
  - {short: SPPC, long: Strategic Policy Planning Cell}
  - {short: NACTA, long: National Counter Terrorism Authority}
  - {short: SBP, long: State Bank of Pakistan}
  - {short: LEA, long: law enforcement agency, plural: law enforcement agencies}
""",
    "paper/registers/terms.yaml": """\
terms:
  - {use: people who use drugs, avoid: [drug addict, addict]}
  - {use: cryptocurrency, avoid: [crypto currency]}
  - {use: per cent, avoid: [percent], scope: prose}
  - {use: USD, avoid: [US$]}
  - {use: robust lamp}
""",
}


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A paper with one chapter that holds a text."""

    def paper(text: str) -> Paper:
        files = {**REGISTERS, "chapters/a.md": f"---\nid: a\n---\n\n{text}\n"}
        for path, content in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content, encoding="utf-8")
        return load.load(tmp_path, lambda _: None)

    return paper


FOUND: tuple[tuple[TextRule, str, int], ...] = (
    (names.misspelled_name, "Mooed Yusuf came.", 1),
    (names.misspelled_name, "Moeed Yousuf and Mooed Yusuf came.", 2),
    (names.misspelled_name, "Sabino Jalal and Zahid Husain came.", 2),
    (names.misspelled_name, "Mujeeb ur Rahman Khan came.", 1),
    (names.misspelled_name, "The National Police Buro and the National Polcie Academy met.", 2),
    (names.misspelled_name, "The Anti Narcotics Force and the Ministry of the Interior met.", 2),
    (words.avoided_word, "An addict, a drug addict and drug addicts paid US$5 in crypto currencies.", 5),
    (words.avoided_word, "It is five percent.", 1),
    (words.other_spelling, "They organise the defense of the center and recognised a judgment.", 5),
    (words.other_spelling, "A program of the licensed needs a license and the practise of years.", 3),
    (words.other_spelling, "ORGANISATION matters; Organisation helps. The Organised do it.", 2),
    (names.unexpanded_acronym, "So did Ada North (NPB).", 1),
    (names.unexpanded_acronym, "LEAs met.", 1),
    (names.unexpanded_acronym, "| A |\n|---|\n| NPB |", 1),
    (names.unknown_acronym, "In 2019 XYZ 1,086 cases were old, and by 2018 NPA 12% were.", 2),
    (names.unknown_acronym, "XYZ 2019 had the NPA 12 times.", 2),
    (typed.typed_number, "See section 4.2, Table 3, Figure 2.1 and Tables 2 and 3.", 4),
    (typed.typed_number, "See Recommendation TF-1 in chapter 3, the table below, the following page.", 4),
    (typed.typed_number, "See chapter 3 of this paper.", 1),
)
SILENT: tuple[tuple[TextRule, str], ...] = (
    (names.misspelled_name, "Moeed Yusuf, Amir Raza, Amir Khan, Zahid Hassan and Sabino came to the bureau."),
    (
        names.misspelled_name,
        "The National Police Bureau, the National Police Academy and the National Police Board met.",
    ),
    (
        names.misspelled_name,
        "The Ministry of Information and the Ministries of Interior met provincial police department staff.",
    ),
    (names.misspelled_name, "NPB and NPA; the National Board of Punjab (NBP) is another, and NPB is NPB."),
    (names.misspelled_name, '"Mooed Yusuf" is in the minutes, and “Mooed Yusuf” too.'),
    (words.avoided_word, "Addiction, the Drug Addict Board, USD 5 and “drug addict”; people who use drugs."),
    (words.avoided_word, "| Percent |\n|---------|\n| 5 percent |"),
    (
        words.other_spelling,
        "They advise, supervise, advertise, analyse, paralyse, improvise, comprise and televise it.",
    ),
    (
        words.other_spelling,
        "An otherwise precise premise promises a crisis; crises and analyses arise from expertise.",
    ),
    (words.other_spelling, "See <https://example.org/organisation> and `organise`; [organisation]{lang=fr}."),
    (words.other_spelling, "::: {lang=fr}\nUne organisation.\n:::"),
    (words.misspelled_word, "From Herat to Thar by hawala, the 2nd arbitral award; VAs, e.g. the doesn't."),
    (
        names.unexpanded_acronym,
        "## NPB\n\nThe National Police Bureau (NPB) met the law enforcement agencies (LEAs).",
    ),
    (
        names.unexpanded_acronym,
        "The NPB (National Police Bureau) met the National Counter Terrorism Authority (NACTA).",
    ),
    (names.unexpanded_acronym, "::: {#rec-a .recommendation}\nDo.\n\n- Owner: NPB\n:::"),
    (names.other_expansion, "The National Police Bureau (NPB), law enforcement agencies (LEAs), Ada North (NPB)."),
    (names.unknown_acronym, "The UK, Act XIX, section 11EE, COVID-19, TF-1 and the NPB."),
    (names.unknown_acronym, "See 2019 SCMR 1254 and PLD 2015 Supreme Court 401."),
    (names.unknown_acronym, "See 2018 PCrLJ 345 and 2016 YLR 456."),
    (names.unknown_acronym, "See [1995] 2 AC 1, (2001) 3 SCC 12 and AIR 1973 SC 1461."),
    (names.unknown_acronym, "PLD\xa02016\xa0SC\xa0570 and PLD 2016 SC\n571 agree."),
    (names.unknown_acronym, "See PLJ 2018 SC (AJK) 12."),
    (names.unknown_acronym, "See 1992 SCMR 563 (SC)."),
    (
        typed.typed_number,
        "Section 8 of the Act, section 11E, table 5 of the survey, chapter 3 of the report, FATF Recommendation 8.",
    ),
    (
        typed.typed_number,
        "## Table 3\n\nThe matrix below and @tbl-a; sections 11 to 14 apply; see section 9.",
    ),
    (typed.typed_number, "The survey says so on page 12 [@a], and in table 3 [@a]."),
)


def run_text_rule(rule: TextRule, paper: Paper) -> list[Finding]:
    return [finding for chapter in paper.chapters for finding in rule(paper, ChapterText(chapter))]


@pytest.mark.parametrize(("rule", "passage", "count"), FOUND)
def test_the_rule_reports_the_text(read: Read, rule: TextRule, passage: str, count: int) -> None:
    assert len(findings := run_text_rule(rule, read(passage))) == count, findings


@pytest.mark.parametrize(("rule", "passage"), SILENT)
def test_the_rule_ignores_the_text(read: Read, rule: TextRule, passage: str) -> None:
    assert run_text_rule(rule, read(passage)) == []


def test_a_word_is_found_at_its_place(read: Read) -> None:
    paper = read("One *organisation*\nand [another](https://example.org) organisation.")
    findings = run_text_rule(words.other_spelling, paper)
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
    assert len(list(words.avoided_word(paper, ChapterText(paper.chapters[0])))) == 2


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


def test_every_sentence_of_a_paper_begins_on_its_line() -> None:
    """One sentence a line is the house style: so each line begins a sentence, and few begin elsewhere."""
    for chapter in full().chapters:
        for passage in ChapterText(chapter).passages:
            begin = {passage.place(s.start + len(s.text) - len(s.text.lstrip())).line for s in passage.sentences}
            assert begin >= {line for line, *column in passage.positions if column} or "note" in passage.within
