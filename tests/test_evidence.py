"""Quantities, words that only look like them, and personal data."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from nioc_paper.check import check
from nioc_paper.check.rules.evidence import uncited_number
from nioc_paper.check.rules.privacy import PERSONAL_DATA_PATTERNS
from nioc_paper.check.text.chapter_text import ChapterText
from nioc_paper.check.text.numbers import find_chapter_numbers
from nioc_paper.check.text.passages import Passage
from nioc_paper.check.text.quantities import find_quantities
from nioc_paper.load import load
from nioc_paper.model import Chapter, FrontMatter, Paper

HEALTHY = Path(__file__).parent / "papers" / "healthy"

QUANTITIES = {
    "The agency received 56,696 complaints.": ["56,696"],
    "Of 1,086 cases 45 ended.": ["1,086", "45"],
    "It rose by 5.8 per cent, then by 12%.": ["5.8 per cent", "12%"],
    "They earned USD 927 million in 2013, or $1.25 each.": ["USD 927 million", "$1.25"],
    "It cost PKR 2000, and Rs. 5 crore later.": ["PKR 2000", "Rs. 5 crore"],
    "1,00,000 rupees": ["1,00,000"],
    "Some 2,611 km are fenced, 10–20 per cent well.": ["2,611", "10–20 per cent"],
    "In 2019 Sindh registered 45 cases.": ["45"],
    "More than 250 people died in 2018–19.": ["250"],
    "From 2007 to 2013 it rose from 797 to 927.": ["797", "927"],
    "two million people and twenty-five per cent": ["two million", "twenty-five per cent"],
    "Two thirds of users, half of the rest, a quarter of them": ["Two thirds of", "half of ", "a quarter of"],
    "Half the population; one in five; nine out of ten": ["Half the ", "one in five", "nine out of ten"],
    "Traffic doubled, and twice as many came.": ["doubled", "twice as"],
    "It covers 142 countries; 978 million users in 20 countries.": ["142", "978 million", "20"],
    "Within 90 days of the arrest, up to 14 years": ["90", "14"],
    "Eleven clubs have branches; one adult in twenty-five, six in every thousand": [
        "Eleven",
        "one adult in twenty-five",
        "six in every thousand",
    ],
    "It took fourteen months, nine hours on average, ten months longer.": [
        "fourteen months",
        "nine hours on average",
        "ten months longer",
    ],
    "Nine of the thirteen piers, fewer than ten masons, barely a dozen of the towns": [
        "Nine of the thirteen",
        "fewer than ten",
        "barely a dozen",
    ],
    "A thousand lamps, three quarters of piers, half the masons, six out of ten villages": [
        "A thousand lamps",
        "three quarters of",
        "half the ",
        "six out of ten",
    ],
    "In the last quarter 45 lamps failed; call 40 masons; of workers over 60 per cent came.": [
        "45",
        "40",
        "60 per cent",
    ],
    "They need an average of six hours.": ["average of six"],
    "A repair takes two and a half days on average.": ["two and a half days on average"],
    "The average mast is 31 years old.": ["average mast is 31 years old"],
    "The border is 2,611 km long, and 900,000 web pages were blocked.": ["2,611", "900,000"],
    "The form has 18 questions; guards retire at 60; the law was amended 9 times.": ["18", "60", "9"],
    "There were 230,845 in 2013/2014, more than 630 a day, an 89% increase.": ["230,845", "630", "89%"],
}
NONE = (
    "On 22 November 2019 they met, from 18 to 23 August 2019, and on November 22, 2019.",
    "Reports date it to 27 June, to 29 June or to the month only; in June 2018.",
    "The Act of 1997, amended in 2010, 2015 and 2020; between 2014 and 2018; 1999/2000; 2018–19; 2018–2023.",
    "sections 11E to 11K and 11N, section 29 and section 53, ss. 11E–11K, s. 11, Articles 3, 5 and 7",
    "section 9(c), Article 10-A, Paragraph 12(3)(b), rule 12, Act No. 5 of 1997, Act XIX of 2013",
    "Resolution 1373 (2001), UNSCR 1373, ISO 27001:2013, SRO 378(I)/2001, target 16.4, Goal 16, Tier 2",
    "COVID-19, G-20, F-16, G7, PC-1, BPS-17, 9/11, 26/11, 24/7, 24 hours, 10:30, 5 p.m., 1990s, the 21st century",
    "Khan v. State, 429 U.S. 97 (1976)",
    "3. It rains, as formula (2.1) shows.",
    "see table 4.2, figure 3, chapter 6 and p. 34",
    "a lost note [^2], and width=10 px of an attribute; a message to 8787",
    "Dial 17 for the guard; the hotline is 0700 54321; ring +44 20 7946 0000",
    "encrypted with SSH 2.0; Fedora 38 was installed; classified by Rev. 3; error 502; quarter 2",
    "The office at 88 Mill Lane, a 50-50 chance, in Room 14; counter 7 was shut, as gate 3 had been",
    "workers over 60; the tram 14; the gate shuts at 8.15",
    "a hundred and one ways; three quarters later; four times out of five",
    "The 12 recommendations, 30 findings and 5 sections; a 20-point plan; a 2,430-km border",
    "those aged 15 to 64, children under 18; per 100,000 people; version 2.0; (1) first and (2) second",
    "Three laws apply, and one of them left; two in Sindh and one in Punjab; a third country.",
    "It can be reached on 02 6268 7000; ports 443 and 8080; twelve months later; more than ten days",
    "Twelve recommendations follow. Eleven months later it fell.",
    "the first half of 2019, half of 2019, half-yearly, the second half of the year",
    "https://cgr.com.pk/article/319, dated 5.3.2019, 2020-12-31, 0300-1234567",
)
PEOPLE = {
    "an e-mail address": ("ada.north@roads.ardale", "<a@b.co.uk>", "mailto:x-y@z.org"),
    "an identity number": ("35202-1234567-1",),
    "a telephone number": (
        *("+92 300 1234567", "+92-51-9212345.", "0300-1234567", "0300 1234567", "03001234567", "0345 123 4567"),
        *(
            "(051) 9212345",
            "051-9212345",
            "021 111 222 333",
            "0092 51 9212345",
            "+44 20 7946 0958",
            "+1 (202) 555-0143",
        ),
    ),
}
NOBODY = (
    "[@fatf2018; @apg2019], see [-@fact-drug-users], @rec-tf-01. [@a]@b.cd",
    "56,696 complaints, 93 000 people, 1 000 000 000, USD 927 million in 2013, +5 per cent, 0.1234567",
    "2018-06-22, 01 January 2019 and 2020, (2018) 12 (2019) 13, Rs. 0512 and 123456",
    "0000-0002-1825-0097, ISBN 978-92-1-130361-2, 0-19-852663-6, 10.1017/0512345678901",
    "https://www.scribd.com/document/433987606, https://a.org/0300-1234567",
    "ada.north@example.org, ada@mail.example.com, ada@host.test.",
)


@pytest.mark.parametrize("text", QUANTITIES)
def test_a_quantity_is_found(text: str) -> None:
    assert [quantity.text for quantity in find_quantities(text) if not quantity.is_of_parts] == QUANTITIES[text]


UNSOURCED = (
    "In this report, a large bridge is one above 10 million rupees.",
    "The shares may not add up to 100 per cent because of rounding.",
    "Under article 18, paragraph 3, towns report within 90 days.",
    "The order lapsed after 120 days, as article 89 provides.",
    "A share is not shown where it rests on fewer than 50 interviews.",
    "Some 300 lamps are to be replaced by 2023.",
    "By then half of all lamps should be mended.",
    "The town promised to hire 40 guards.",
    "A charge of up to 700 rupees may be levied.",
    "A fee of 30 rupees is proposed.",
    "Let us say that a mason lays 400 bricks.",
    "The town called for 40 lamps.",
    "A pass expires after 18 months.",
    "Reply within 20 days.",
    "A cart may not carry more than 40 sacks.",
    "The law prescribes a fee of 40 rupees.",
    "Wait for 20 minutes before the gate opens.",
    "Imagine that a mason lays 400 bricks.",
    "For example, say a town has 40 lamps.",
    "And say this town lights 40 lamps.",
    "January would have 40 nights without a lamp.",
    "If the one big lamp fails, then we will say that 90 per cent are lit.",
    "If a town mends 30 lamps a week, it needs a van.",
    "Carts wider than 2.5 metres need a permit.",
    "The maximum penalty is a fine of 9,000 rupees.",
    "The charge is limited to 40 rupees by statute.",
)
"""Sentences whose numbers the paper or a law sets."""


def test_what_the_paper_or_a_law_sets_needs_no_source(tmp_path: Path) -> None:
    shutil.copytree(HEALTHY, tmp_path / "paper")
    file = tmp_path / "paper/chapters/bridges.md"
    text = file.read_text().replace("status: drafting", "status: review") + "\n"
    claim = "A survey of 300 lamps took 90 days, and 50 failed."
    for sentence in (claim, *UNSOURCED, claim):
        text += f"{sentence}\n\n"
    file.write_text(text)
    findings = check(load(tmp_path / "paper", lambda _: None), date(2020, 1, 30))
    claims = {number for number, line in enumerate(text.splitlines(), 1) if line == claim}
    assert {d.place.line for d in findings if d.rule == "evidence/number"} == claims


def test_numbers_without_a_source_are_found_and_hardly_others() -> None:
    text = (Path(__file__).parent / "stated_numbers.txt").read_text(encoding="utf-8")
    sentences = [(line[0] == "+", line[2:]) for line in text.splitlines()[1:]]
    answers = [(needs_source, _is_uncited(sentence)) for needs_source, sentence in sentences]
    right = answers.count((True, True))
    assert right / (right + answers.count((False, True))) >= 0.95
    assert right / (right + answers.count((True, False))) >= 0.95


def _is_uncited(sentence: str) -> bool:
    text = ChapterText(Chapter("a.md", FrontMatter(title="A", status="", category=""), ""))
    vars(text)["passages"] = (Passage("a.md", sentence),)
    return any(True for _ in uncited_number(Paper(), text))


@pytest.mark.parametrize("mark", ["^", "~"])
@pytest.mark.parametrize("form", ["Since {} they fall.\n", "*Since {}* they fall.\n", "| Year |\n|---|\n| {} [@a] |\n"])
def test_a_raised_or_lowered_digit_is_not_part_of_the_number_before_it(mark: str, form: str, tmp_path: Path) -> None:
    shutil.copytree(HEALTHY, tmp_path / "paper")
    with (tmp_path / "paper/chapters/bridges.md").open("a") as file:
        file.write(f"\n{form.format(f'2017{mark}3{mark}')}\n{form.format('20174')}")
    paper = load(tmp_path / "paper", lambda _: None)
    (chapter,) = (chapter for chapter in paper.chapters if chapter.id == "bridges")
    values = {number.value for number in find_chapter_numbers(ChapterText(chapter), {})}
    assert values & {"20173", "20174"} == {"20174"}


@pytest.mark.parametrize("text", NONE)
def test_another_number_is_no_quantity(text: str) -> None:
    assert [quantity.text for quantity in find_quantities(text) if not quantity.is_of_parts] == []


@pytest.mark.parametrize(("what", "text"), [(what, text) for what, texts in PEOPLE.items() for text in texts])
def test_personal_data_is_found(what: str, text: str) -> None:
    assert [name for name, pattern in PERSONAL_DATA_PATTERNS.items() if pattern.search(f"Ask {text} today.")] == [what]


@pytest.mark.parametrize("text", NOBODY)
def test_other_data_is_not_personal(text: str) -> None:
    assert [name for name, pattern in PERSONAL_DATA_PATTERNS.items() if pattern.search(text)] == []
