"""Papers of any size, written from numbers: chapters, people, sources, items, and the lists made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nioc_paper.model.paper import LIST_NAMES

LISTS = tuple(name for name in LIST_NAMES if name != "timeline")
"""All lists that need no timeline."""


@dataclass(frozen=True)
class Size:
    """Number of everything in a paper; each thing has a name of its own."""

    chapters: int = 1
    people: int = 1
    leads: int = 1
    """People who lead every chapter; the others write one chapter each."""
    sources: int = 0
    items: int = 0
    """Recommendations, gaps and findings, of each as many."""
    terms: int = 0
    """Abbreviations."""
    decisions: int = 0
    links: bool = False
    """Whether each chapter links to the next, and refers to its first recommendation."""
    lists: Sequence[str] = LISTS
    settings: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


def word(number: int) -> str:
    """Return a word of its own for each number: Baba, Babe, …, never a digit, and none within another."""
    sounds = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    return (sounds[number // len(sounds) % len(sounds)] + sounds[number % len(sounds)]).capitalize()


def write_paper(root: Path, size: Size) -> Path:
    """Write a paper of this size, and return its folder."""
    for folder in ("chapters", "paper/registers"):
        (root / folder).mkdir(parents=True)
    for name, data in _records(size).items():
        (root / name).write_text(json.dumps(data), encoding="utf-8")
    for number in range(size.chapters):
        (root / f"chapters/c{number}.md").write_text("\n".join(_chapter(size, number)), encoding="utf-8")
    return root


def _records(size: Size) -> dict[str, dict[str, Any]]:
    """Return the YAML files by path; JSON is YAML."""
    number_of = range(size.chapters)
    settings = {
        "id": "sizes",
        "title": "A Paper of Some Size",
        "statuses": [
            {"id": "drafting", "title": "Drafting", "strictness": 0},
            {"id": "final", "title": "Final", "owes": "nobody"},
        ],
        "kinds": {"category": {}},
        "categories": [{"id": f"c{n}", "title": f"Subject {word(n)}", "letters": letters(n)[1:]} for n in number_of],
        "parts": [{"title": "Subjects", "chapters": [f"chapters/c{n}.md" for n in number_of]}] if number_of else [],
        "annexes": [{"title": f"Annex of {name}", "list": name} for name in size.lists],
        **size.settings,
    }
    people = [{"id": f"p{n}", "name": f"Ada {word(n)}", "kind": "staff"} for n in range(size.people)]
    sources = [
        {"id": f"s{n}", "type": "report", "title": f"Report {word(n)}", "issued": {"date-parts": [[2000]]}}
        for n in range(size.sources)
    ]
    terms = [{"short": f"Q{letters(n)}", "long": f"Office {word(n)}"} for n in range(size.terms)]
    decision = {"meeting": "first meeting", "on": "2020-01-06", "kind": "decision"}
    decisions = [{"id": f"d{n}", "text": f"Decision {word(n)}.", **decision} for n in range(size.decisions)]
    records: dict[str, dict[str, Any]] = {
        "paper/paper.yaml": settings,
        "contributors.yaml": {"people": people},
        "paper/references.yaml": {"references": sources},
        "paper/registers/acronyms.yaml": {"acronyms": terms},
        "paper/registers/decisions.yaml": {"decisions": decisions},
    }
    return {name: data for name, data in records.items() if name == "paper/paper.yaml" or any(data.values())}


def letters(number: int) -> str:
    """Return three capital letters."""
    return "".join(chr(65 + number // 26**power % 26) for power in (2, 1, 0))


def _chapter(size: Size, number: int) -> Iterator[str]:
    def own(count: int) -> range:
        return range(count)[number :: size.chapters]

    following = (number + 1) % size.chapters
    front = {
        "id": f"c{number}",
        "title": f"Subject {word(number)}",
        "category": f"c{number}",
        "status": "drafting",
        "summary": f"Summary {word(number)}.",
        "contributors": [
            *({"id": f"p{n}", "role": "lead"} for n in range(size.leads)),
            *({"id": f"p{n}", "role": "author"} for n in own(size.people) if n >= size.leads),
        ],
        "links": [{"to": f"c{following}", "how": f"link {word(number)}"}] if size.links else [],
    }
    yield f"---\n{json.dumps(front)}\n---\n\nSentence {word(number)}.\n"
    yield from (f"A source is read [@s{n}].\n" for n in own(size.sources))
    yield from (f"The Office {word(n)} (Q{letters(n)}) meets.\n" for n in own(size.terms))
    for n in own(size.items):
        yield f"::: {{#gap-c{number}-{n} .gap}}\nGap {word(n)} is open.\n\n- Type: policy\n:::\n"
        yield f"::: {{#fnd-c{number}-{n} .finding}}\nFinding {word(n)} is plain.\n:::\n"
        fields = f"- Owner: council\n- By: 2020-09-30\n- Indicator: count {word(n)}\n- Closes: gap-c{number}-{n}"
        yield f"::: {{#rec-c{number}-{n} .recommendation}}\nDo {word(n)} soon.\n\n{fields}\n:::\n"
    if size.links and following < size.items:
        yield f"It needs @rec-c{following}-{following} and @sec-c{following}.\n"
