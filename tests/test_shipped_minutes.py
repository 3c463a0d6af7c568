"""The minutes of the first meeting, item by item: each is carried by the shipped paper, at its place."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INTRODUCTION, CONTEXT = "paper/front/introduction.md", "paper/front/context.md"
STRATEGY = "paper/back/strategy-and-action-plan.md"
TERROR, DRUGS = "chapters/terror-financing.md", "chapters/drug-trafficking.md"
PERSONS, CYBER = "chapters/human-trafficking.md", "chapters/cyber-crime.md"
LINKAGES, BORDERS = "chapters/linkages.md", "chapters/borders-and-cooperation.md"
CAPACITY = "chapters/capacity-and-coordination.md"
DECISIONS, PEOPLE = "paper/registers/decisions.yaml", "contributors.yaml"

ITEMS: dict[str, tuple[str, ...]] = {
    "1 first meeting of the stakeholders": (INTRODUCTION, "the first meeting of its stakeholders", "22 November 2019"),
    "2 in Islamabad Club": (INTRODUCTION, "at the Islamabad Club on 22 November 2019"),
    "3 moderated by the Director, former DG FIA": (PEOPLE, "post: Director; former Director General of FIA"),
    "4 background, goals and objectives": (INTRODUCTION, "briefed the meeting on the background, goals and objectives"),
    "5 recap of the Advisory Board": (
        INTRODUCTION,
        "recapped the first meeting of the Advisory Board of 9 November 2019",
    ),
    "6 four categories, in order": (
        INTRODUCTION,
        '"Terror Financing", "Drug Trafficking", "Human Trafficking" and "Cyber Crimes"',
    ),
    "7 champions of change": (INTRODUCTION, "a team of champions of change will be built in the coming months"),
    "8 whom NIOC will engage": (
        INTRODUCTION,
        "investigative journalists, civil society members, intellectuals and competent researchers",
    ),
    "9 long-term planning": (CONTEXT, "required to do long-term strategic policy planning for national security"),
    "10 purview of SPPC": (CONTEXT, "the four categories come under its policy purview"),
    "11 redefine security": (
        CONTEXT,
        "priority for human and financial security together with traditional security",
    ),
    "12 Council of Experts": (
        CAPACITY,
        "announced a Council of Experts",
        "The minutes do not say which areas these are",
    ),
    "13 action plans": (STRATEGY, "policies are complemented by action plans to ensure sustained change"),
    "14 expertise": (CAPACITY, "the capacity building of departments and law enforcement agencies"),
    "15 acts rather than financing": (
        TERROR,
        '"more on investigating the acts of terror rather than investigating its financing"',
    ),
    "16 channels": (TERROR, "suggested that the channels be identified"),
    "17 transit and production": (DRUGS, "Pakistan is a transit country, that synthetic drugs are also produced in it"),
    "18 young generation": (DRUGS, 'destroying the young generation "very swiftly"', "#gap-dt-05", "#rec-dt-06"),
    "19 dark web and cryptocurrencies": (DRUGS, "have complicated the job of law enforcement agencies"),
    "20 regime change": (
        DRUGS,
        '"regime change in treatment of drug addicts"',
        "A change of the law on possession would need a bill",
    ),
    "21 UNODC in all four": (PERSONS, "works extensively in all four categories"),
    "22 identifying the gaps": (
        "paper/front/executive-summary.md",
        "identifying the gaps in the system the main challenge",
    ),
    "23 low capacity, support and training": (CAPACITY, "agreed on low capacity", "technical support and training"),
    "24 grey list": (CONTEXT, "complying with the FATF recommendations to get out of the grey list"),
    "25 lack of coordination": (CAPACITY, "the lack of coordination among agencies a policy gap"),
    "26 proactive about risk": (CONTEXT, "the need to be proactive in assessing and anticipating"),
    "27 data, for terrorist financing": (
        CAPACITY,
        "data a key instrument for narrowing down the issues in terrorist financing",
    ),
    "28 lack of will": (CAPACITY, "the lack of will a major impediment in policy implementation"),
    "29 counter-terrorism expertise": (DECISIONS, "Assist the forum with expertise in counter-terrorism"),
    "30 expertise on all four": (CAPACITY, "he can share his expertise and strategic advice on all four aspects"),
    "31 NPB coordinates and trains": (CAPACITY, "a coordinating agency that is responsible for the training"),
    "32 offer of training": (CAPACITY, "offered to facilitate the forum in training"),
    "33 offer of the headquarters": (DECISIONS, "Let meetings of NIOC be held at the NPB headquarters"),
    "34 offer of a mapping": (CAPACITY, "can undertake a preliminary mapping of the four categories"),
    "35 patterns of crime": (CAPACITY, "important to understand the patterns of crime"),
    "36 cybercrime aspect": (
        CYBER,
        "that he will be looking at the cyber-crime aspect of the project",
        "{id: fasi-zaka, role: lead, proposed: true}",
    ),
    "37 tele-density": (CYBER, "tele-density, the dynamics of cryptocurrency and the analysis of data on cybercrime"),
    "38 linkages": (LINKAGES, "there are linkages among all four aspects of organized crime"),
    "39 cross-border crime": (BORDERS, "asserted the need to focus on cross-border crime"),
    "40 sources and patronage": (PERSONS, '"go for sources and patronage in human trafficking"'),
    "41 trust": (BORDERS, "the need to build trust with other countries, especially on human trafficking"),
    "42 action plans": (
        STRATEGY,
        "{id: zubair-habib, role: author, proposed: true}",
        "looks forward to working on the action plans",
    ),
    "43 border management": (BORDERS, "border management should be prioritized", "porous and poorly managed borders"),
    "44 cross-border terrorism": (BORDERS, "suggested that the forum address cross-border terrorism as well"),
    "45 invitation to contribute": (INTRODUCTION, "invited the guests to contribute to the paper"),
    "46 decision on the paper": (
        INTRODUCTION,
        "In the next five months the forum will come up with a National Strategy Paper",
    ),
    "47 decision on two officers": (
        INTRODUCTION,
        "Two police officers will be engaged for research work, with the permission of the heads of their departments",
    ),
    "48 decision on newsletter and website": (INTRODUCTION, "A monthly newsletter will be issued, and the website"),
    "49 decision on the venue": (INTRODUCTION, "The upcoming meeting of the board will be held at the headquarters"),
    "50 decision on researchers": (INTRODUCTION, "hire competent researchers and engage investigative journalists"),
    "51 seventeen people": (PEOPLE, "the 17 who attended", "the list of attendees has one of them twice"),
    "52 members of the Advisory Board": (PEOPLE, "The list of attendees gives CPLC and no post"),
    "53 former IGP KP": (
        PEOPLE,
        "post: former Inspector General of Police, Khyber Pakhtunkhwa\n    kind: former-official",
    ),
    "54 'the board' of a stakeholders' meeting": (
        INTRODUCTION,
        'speak of "the board"',
        "which body took the decisions",
    ),
}
"""Items of the minutes, with the file that carries each, and the words that do."""


@cache
def words(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("item", ITEMS)
def test_the_paper_carries_every_item_of_the_minutes(item: str) -> None:
    path, *expected = ITEMS[item]
    assert [text for text in expected if text not in words(path)] == []


def test_no_item_is_left_out() -> None:
    assert [int(item.partition(" ")[0]) for item in ITEMS] == list(range(1, 55))


NAMES = (
    *("Tariq Khosa", "Moeed Yousaf", "Syed Akhtar Ali Shah", "Sabino S Jalal", "Jeremy Milsom", "Saqib Khan"),
    *("Umar Riaz", "Farhan Zahid", "Mujeeb Ur Rahman Khan", "Syed Ejaz Hussain", "Fasih Zaka", "Zahid Hussain"),
    *("Zubair Habib", "Fiaz Khan Toru", "Amir Rana", "Ahsan Hamid Durrani", "Hassan Sardar"),
)
"""The people who attended, as the minutes spell them."""


@pytest.mark.parametrize("name", NAMES)
def test_names_are_those_of_the_minutes(name: str) -> None:
    assert f"    name: {name}\n" in words(PEOPLE)
