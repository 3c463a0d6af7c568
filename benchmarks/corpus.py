"""Papers to measure with: the same text as a paper of ours and as plain pandoc Markdown, from a seed.

    python benchmarks/corpus.py --size S|M|P|L --out FOLDER

FOLDER/ours is a paper for nioc, FOLDER/plain one for any tool that reads pandoc's Markdown. S has 6 chapters (about 60
pages), M has 24 (about 300), L has 120 (about 1,500); P has 60 short ones and 60 people. The same seed gives the same
bytes. Nothing in it is true.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

SIZES = {"S": (6, 2700, 90), "M": (24, 3400, 240), "P": (60, 1700, 240), "L": (120, 3400, 800)}
"""Chapters, words in each, sources."""
WITH_PEOPLE = "P"
"""Size whose chapters have a lead and a reviewer each, of as many people as chapters."""
SEED = 20191122


def _list(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("|")]


WHO = _list("""the harbour office|the council of the district|an inspector of bridges|the ministry|the ferry company
    |the committee on tunnels|the owners of the quay|the road authority|the union of pilots|the court of audit
    |the survey of the coast|the working group|each local board|the insurers|the engineers of the province""")
DOES = _list("""has documented|should put first|continues to underestimate|has repeatedly recommended
    |is required to inspect|cannot at its present strength repair|has partly rebuilt|must put on a regular footing
    |exchanges records of|has yet to open|coordinates|was expected to strengthen|supervises|needs trained people for
    |would gain considerably from|has commissioned an independent evaluation of""")
WHICH = _list("""long-distance|informal|systematic|well-documented|neighbouring|carefully supervised|under-reported
    |seasonal|comprehensive|institutional|proportionate|jointly administered|unregistered|privately operated
    |technically demanding|poorly lit|internationally coordinated|inadequately funded|time-bound|weather-dependent""")
WHAT = _list("""bridges and causeways|registers of ownership|shipping corridors|controls of load|databases of incidents
    |requests for assistance|reports of damage|training workshops|proceedings for compensation|signalling systems
    |laboratories for materials|programmes of renewal|procedures of inspection|guidelines for contractors
    |curricula for pilots|voluntary contributions|provisions on liability|providers of dredging|maritime routes
    |arrangements for witnesses|treaties on navigation|public-private partnerships|communication networks""")
WHERE = _list("""in the outer districts|during the five months of drafting|across all four kinds of crossing
    |in line with the convention|without prejudice to local autonomy|since the adoption of the plan
    |at the level of the district|in coordination with neighbouring ports|before the end of the year
    |in spite of a lasting shortage of trained personnel|under the supervision of the steering committee
    |in both old and new terminals|along the western shore|on the basis of comparable statistics""")
FIRST = _list("Moreover,|At the same time,|Consequently,|In practice,|By contrast,|For this reason,|||")
HEADS = _list("""Background and scope|Nature and extent|The legal framework|What is done now|Gaps|Experience elsewhere
    |Options|Plan and indicators|Costs and risks""")
UNDER = _list("""Patterns and trends|Bodies and networks|Flows of money|The region|Capacity|Quality of the data
    |Prevention|Cooperation|Lessons|Priorities|Sequence|Responsibilities""")
NAMES = _list("Ash|Birch|Cedar|Dale|Elm|Fern|Grove|Hazel|Iris|Larch|Maple|Oak|Pine|Reed|Sorrel|Thorn|Vale|Willow")
SECTIONS, TABLES, FIGURES = 6, {2: 1, 3: 2, 5: 3, 6: 4}, {2: 1, 4: 2, 6: 3}
"""In how many sections a chapter has which table and figure."""


class Writer:
    """Writes the chapters of one paper, with references to sections and tables as <Kind|id>."""

    def __init__(self, size: str, figures: Path) -> None:
        self.chapters, self.words, self.sources = SIZES[size]
        self.figures = figures
        self.chance = random.Random(SEED)
        self.notes: list[str] = []

    def sentence(self) -> str:
        """A sentence without its full stop."""
        pick, kind = self.chance.choice, self.chance.random()
        body = f"{pick(WHO)} {pick(DOES)} {pick(WHICH)} {pick(WHAT)} {pick(WHERE)}"
        if kind < 0.3:
            body = f"{body}, although {pick(WHO)} {pick(DOES)} {pick(WHAT)} {pick(WHERE)}"
        elif kind < 0.5:
            share = f"{self.chance.randint(11, 97)} per cent involved {pick(WHICH)} {pick(WHAT)}"
            body = f"of {self.chance.randint(120, 980)} cases {share}, and {body}"
        text = f"{pick(FIRST)} {body}".strip()
        return text[0].upper() + text[1:]

    def summary(self) -> str:
        """A sentence that is short enough for a summary, which may have 300 characters with its full stop."""
        return next(text for text in iter(self.sentence, None) if len(text) < 300)

    def cite(self) -> str:
        """A citation of one source or two."""
        one, two = (f"@ref{self.chance.randint(1, self.sources):04d}" for _ in range(2))
        return f" [{one}]" if self.chance.random() < 0.7 else f" [{one}, p. {self.chance.randint(2, 300)}; {two}]"

    def refer(self, here: int) -> str:
        """A reference to a section or a table, of this chapter or another."""
        there = self.chance.randint(1, self.chapters) if self.chance.random() < 0.5 else here
        section, table = self.chance.randint(1, SECTIONS), self.chance.randint(1, len(TABLES))
        return self.chance.choice(
            (f" (see <Section|sec-{there:03d}-{section}>)", f" (see <Table|tbl-{there:03d}-{table}>)")
        )

    def paragraph(self, here: int) -> str:
        """Four to seven sentences with citations and references."""
        out = []
        for _ in range(self.chance.randint(4, 7)):
            words = self.sentence().split(" ")
            if self.chance.random() < 0.1:
                words[1] = f"*{words[1]}*"
            text = " ".join(words) + (self.cite() if self.chance.random() < 0.14 else "")
            if self.chance.random() < 0.06:
                call = f"[^{here:03d}-{len(self.notes)}]"
                self.notes.append(f"{call}: {self.sentence()}{self.cite() if self.chance.random() < 0.4 else ''}.")
                text += call
            out.append(text + (self.refer(here) if self.chance.random() < 0.04 else "") + ".")
        return " ".join(out)

    def chapter(self, here: int) -> str:
        """The body of a chapter."""
        self.chance, self.notes = random.Random(f"{SEED}-{here}"), []
        out: list[str] = []
        for number, head in enumerate(self.chance.sample(HEADS, SECTIONS), 1):
            out += [f"## {head} {{#sec-{here:03d}-{number}}}", "", *self.section(here, number)]
            out += [*self.table(here, TABLES.get(number, 0)), *self.figure(here, FIGURES.get(number, 0))]
        return "\n".join([*out, *self.notes, ""])

    def section(self, here: int, number: int) -> list[str]:
        """Paragraphs under three headings, with a list now and then."""
        out, done, under = list[str](), 0, 0
        while done < self.words / SECTIONS:
            if done >= under * self.words / SECTIONS / 3 and under < 3:
                under += 1
                out += [f"### {self.chance.choice(UNDER)} {{#sec-{here:03d}-{number}-{under}}}", ""]
            out += [self.paragraph(here), ""]
            done += len(out[-2].split())
            if self.chance.random() < 0.1:
                out += [*(f"- {self.sentence()};" for _ in range(self.chance.randint(3, 6))), ""]
        return out

    def table(self, here: int, number: int) -> list[str]:
        """A table of counts by year; nothing for number 0."""
        if not number:
            return []
        years = range(2019 - self.chance.choice((3, 4)) + 1, 2020)
        rows = [
            [f"{self.chance.choice(WHICH).capitalize()} {self.chance.choice(WHAT)}"]
            + [f"{self.chance.randint(3, 9999):,}" for _ in years]
            for _ in range(self.chance.randint(5, 10))
        ]
        lines = (f"| {' | '.join(row)} |" for row in [["Indicator", *map(str, years)], *rows])
        head, *others = lines
        rule = "|:------------------|" + "-----:|" * len(years)
        return [head, rule, *others, "", f": Indicators by year {{#tbl-{here:03d}-{number}}}", ""]

    def figure(self, here: int, number: int) -> list[str]:
        """A drawing, or a picture; nothing for number 0."""
        if not number:
            return []
        name = f"figure-{here:03d}-{number}.{'png' if number == 3 else 'svg'}"
        (_picture if number == 3 else _drawing)(self.chance, self.figures / name)
        more = f'{{#fig-{here:03d}-{number} width=85% alt="Bars of different height."}}'
        return [f"![{self.chance.choice(WHAT).capitalize()} over time.](figures/{name}){more}", ""]


def _drawing(chance: random.Random, file: Path) -> None:
    bars = "".join(
        f'<rect x="{50 + i * 40}" y="{200 - h}" width="26" height="{h}" fill="#2e6f5e"/>'
        f'<text x="{63 + i * 40}" y="216" font-size="11" text-anchor="middle">{2010 + i}</text>'
        for i, h in enumerate(chance.randint(20, 180) for _ in range(9))
    )
    line = " ".join(f"{50 + i * 4},{chance.randint(20, 190)}" for i in range(90))
    file.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 230" width="480" height="230" '
        f'font-family="Source Sans Pro">{bars}<polyline points="{line}" fill="none" stroke="#a0552d"/></svg>',
        encoding="utf-8",
    )


def _picture(chance: random.Random, file: Path) -> None:
    picture = Image.new("RGB", (1200, 700), (248, 246, 240))
    draw = ImageDraw.Draw(picture)
    for _ in range(120):
        x, y = chance.randint(0, 1150), chance.randint(0, 650)
        far = (x + chance.randint(-60, 90), y + chance.randint(30, 160))
        corners = [(x, y), (x + chance.randint(20, 160), y + chance.randint(-40, 90)), far]
        red, green, blue = (chance.randint(90, 220) for _ in range(3))
        draw.polygon(corners, fill=(red, green, blue), outline=(60, 60, 60))
    picture.save(file, "PNG", dpi=(150, 150))


def sources(count: int) -> list[dict[str, Any]]:
    """So many sources as CSL items."""
    chance, out = random.Random(SEED), []
    for number in range(1, count + 1):
        kind = chance.choice(("article-journal", "book", "report", "webpage"))
        about = f"{chance.choice(WHAT)} and {chance.choice(WHAT)} {chance.choice(WHERE)}"
        item: dict[str, Any] = {
            "id": f"ref{number:04d}",
            "type": kind,
            "title": f"{chance.choice(WHICH).capitalize()} {about}",
            "author": [
                {"family": chance.choice(NAMES), "given": chance.choice("ABCDEFGH") + "."}
                for _ in range(chance.randint(1, 4))
            ],
            "issued": str(chance.randint(1996, 2019)),
        }
        journal = {"container-title": "Journal of Crossings", "page": f"{number}-{number + 17}"}
        more = {"article-journal": journal, "webpage": {"URL": f"https://example.org/reports/{number}"}}
        out.append(item | more.get(kind, {"publisher": "Harbour Press"}))
    return out


def write(size: str, out: Path) -> None:
    """Both papers of a size into a folder."""
    ours, plain = out / "ours", out / "plain"
    for folder in (ours / "paper", ours / "chapters" / "figures", plain / "figures"):
        folder.mkdir(parents=True, exist_ok=True)
    writer = Writer(size, plain / "figures")
    for number in range(1, writer.chapters + 1):
        body, title = writer.chapter(number), f"{random.Random(number).choice(WHAT).capitalize()} {number}"
        front_matter = f"category: cross-cutting\nstatus: drafting\nsummary: {writer.summary()}."
        about = f"id: c{number:03d}\ntitle: {title}\n{front_matter}{_contributors(size, number)}"
        _put(ours / "chapters" / f"c{number:03d}.md", f"---\n{about}\n---\n\n{_spelt(body, '@{1}')}")
        _put(plain / f"c{number:03d}.md", f"# {title} {{#sec-c{number:03d}}}\n\n{_spelt(body, '[{0}](#{1})')}")
    for file in (plain / "figures").iterdir():
        (ours / "chapters" / "figures" / file.name).write_bytes(file.read_bytes())
    items = sources(writer.sources)
    _put(ours / "paper" / "references.yaml", "references:\n" + "".join(f"  - {json.dumps(item)}\n" for item in items))
    dated = [item | {"issued": {"date-parts": [[int(item["issued"])]]}} for item in items]
    _put(plain / "refs.json", json.dumps(dated))
    _put(plain / "meta.yaml", '---\ntitle: "Safe crossings"\nauthor: The council\nlang: en-GB\npapersize: a4\n---\n')
    names = [f"{{id: p{n:03d}, name: {_person(n)}, kind: official}}" for n in range(1, writer.chapters + 1)]
    people = "".join(f"  - {name}\n" for name in names) if size == WITH_PEOPLE else "  []\n"
    _put(ours / "contributors.yaml", f"people:\n{people}")
    listed = "".join(f"      - chapters/c{number:03d}.md\n" for number in range(1, writer.chapters + 1))
    _put(ours / "paper" / "paper.yaml", f"{_SETTINGS}{listed}")


def _person(number: int) -> str:
    return f"{NAMES[number % len(NAMES)]} {NAMES[number // len(NAMES)]}"


def _contributors(size: str, number: int) -> str:
    """The front matter of a chapter with a lead and a reviewer; nothing for papers without people."""
    if size != WITH_PEOPLE:
        return ""
    reviewer = number % SIZES[size][0] + 1
    return f"\ncontributors:\n  - {{id: p{number:03d}, role: lead}}\n  - {{id: p{reviewer:03d}, role: reviewer}}"


_SETTINGS = """\
id: crossings
title: Safe crossings
language: en-GB
statuses:
  - {id: drafting, title: Drafting}
  - {id: final, title: Final, owes: nobody}
kinds: {cross-cutting: {}}
parts:
  - title: The crossings
    chapters:
"""


def _put(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def _spelt(body: str, form: str) -> str:
    """A body with its references in a dialect."""
    parts = body.replace("<", "\0").replace(">", "\0").split("\0")
    return "".join(form.format(*part.split("|")) if n % 2 else part for n, part in enumerate(parts))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=SIZES, default="S")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    write(options.size, options.out)
