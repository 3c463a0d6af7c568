"""Whether the parts of the paper keep the measure: lengths, sources, recommendations, links, and what was promised."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.check.prose import passages
from nioc_paper.model import Chapter, Heading, Paper, Words, count, nearest

_LEAST, _MOST = 80, 110
"""Per cent of the target between which a length is right."""
_CITATIONS, _SHORT = 5, 300
"""Citations that a thousand words have at least, and the number of words up to which a text need have none."""
_POINTS = {
    "owner": ("owner",),
    "date": ("by",),
    "cost": ("cost",),
    "indicator": ("indicator",),
    "baseline and target": ("baseline", "target"),
}
"""What makes a recommendation complete, with its fields."""


def over_length(paper: Paper) -> Iterator[Finding]:
    """No chapter has more words than its maximum.

    Bad: 5,321 words, with words: {max: 5000}
    Good: 4,876 words, or a higher maximum in the front matter
    """
    for chapter in paper.chapters:
        most = _asked(paper, chapter).max
        if most and chapter.words > most:
            message = f"the chapter has {count(chapter.words, 'word')}; its maximum is {most:,}"
            yield Finding(chapter.front.place("words"), message, f"cut {count(chapter.words - most, 'word')}")


def wrong_length(paper: Paper) -> Iterator[Finding]:
    """A chapter has between 80 and 110 per cent of the words that are its target.

    Bad: 1,200 words, with words: {target: 4500}
    Good: 4,200 words
    """
    for chapter in paper.chapters:
        asked = _asked(paper, chapter)
        if chapter.words and asked.target and not (asked.max and chapter.words > asked.max):
            share = 100 * chapter.words / asked.target
            # A chapter that is made of lists has few words of its own.
            made = "generated" in chapter.text and any(tree.is_div(b, "generated") for b in chapter.blocks)
            least = 0 if made else _LEAST
            if not least <= share <= _MOST:
                said = (
                    f"the chapter has {count(chapter.words, 'word')}, {share:.0f} % of its target of {asked.target:,}"
                )
                apart = count(abs(chapter.words - asked.target), "word")
                hint = f"write {apart} more" if share < _LEAST else f"cut {apart}"
                yield Finding(chapter.front.place("words"), said, f"{hint}, or give it another target with 'words:'")


def _asked(paper: Paper, chapter: Chapter) -> Words:
    """The length asked of a chapter: its own where it gives one, otherwise that of its kind."""
    own, kind = chapter.front.words, paper.settings.kind(chapter.front.category).words
    return Words(
        target=kind.target if own.target is None else own.target,
        max=kind.max if own.max is None else own.max,
    )


# --- sources ----------------------------------------------------------------------------------------------------------


def _main(paper: Paper) -> Iterator[Chapter]:
    """The chapters of the main matter: a foreword need cite nothing."""
    main = {path for part in paper.settings.parts if part.matter == "main" for path in part.chapters}
    return (c for c in paper.chapters if c.path in main)


def _sources(paper: Paper, keys: tuple[tuple[int, str], ...]) -> int:
    return sum(key in paper.references or key.startswith("fact-") for _, key in keys)


def thin_evidence(paper: Paper) -> Iterator[Finding]:
    """A chapter cites a source at least five times in a thousand words.

    Bad: 2,000 words with 6 citations
    Good: 2,000 words with 10 citations or more
    """
    for chapter in _main(paper):
        cited = sum(_sources(paper, p.keys) for p in passages(chapter) if "note" not in p.within)
        if chapter.words > _SHORT and 1000 * cited < _CITATIONS * chapter.words:
            message = f"{count(cited, 'citation')} in {count(chapter.words, 'word')}: fewer than five in a thousand"
            yield Finding(chapter.front.place(), message, "say where what the chapter states was read")


def unsourced_section(paper: Paper) -> Iterator[Finding]:
    """A section of more than 300 words cites a source; recommendations are not counted.

    Bad: '## At a glance' with 800 words and no citation
    Good: '## At a glance' with 800 words and [@survey2019]
    """
    for chapter in _main(paper):
        for heading, words, sources in _sections(paper, chapter):
            if words > _SHORT and not sources:
                message = f"the section '{heading.title}' has {count(words, 'word')} and no source"
                yield Finding(heading.place, message, "say where what it states was read")


def _sections(paper: Paper, chapter: Chapter) -> Iterator[tuple[Heading, int, int]]:
    """Each section of level 2 with its words outside recommendations, and its citations."""
    headings = [h for h in chapter.headings if h.level == 2]
    words, sources, index = [0] * len(headings), [0] * len(headings), -1
    for passage in passages(chapter):
        if passage.level == 2:
            index = min(index + 1, len(headings) - 1)
        if index >= 0:
            sources[index] += _sources(paper, passage.keys)
            words[index] += 0 if passage.heading or "recommendation" in passage.within else len(passage.text.split())
    yield from zip(headings, words, sources, strict=True)


# --- recommendations, links, decisions --------------------------------------------------------------------------------


def thin_recommendation(paper: Paper) -> Iterator[Finding]:
    """Recommendations have what makes an action plan: owner, date, cost, indicator, and a baseline with a target.

    Bad: a recommendation without '- Cost: …'
    Good: - Cost: 40 million a year, from the budget of the ministry
    """
    for chapter in paper.chapters:
        blocks = chapter.of("recommendation")
        lacks = {name: [b for b in blocks if not all(map(b.value, fields))] for name, fields in _POINTS.items()}
        if any(lacks.values()):
            met = len(_POINTS) - sum(map(len, lacks.values())) / len(blocks)
            who = {n: "all" if bs == [*blocks] else ", ".join(b.id for b in bs) for n, bs in lacks.items() if bs}
            message = f"the recommendations meet {met:.3g} of OECD/SIGMA's {len(_POINTS)} points"
            hint = "; ".join(f"no {name}: {ids}" for name, ids in who.items())
            yield Finding(next(b for b in blocks if any(b in bs for bs in lacks.values())).place, message, hint)


def unlinked_categories(paper: Paper) -> Iterator[Finding]:
    """Of every two categories one chapter says how they touch.

    Bad: two categories whose chapters do not name each other
    Good: links: [{to: tunnels, how: one road leads through both}], or ::: {.linkage to=tunnels}
    """
    chapters = {c.front.category: c for c in paper.chapters}
    for (i, one), (_, other) in combinations(enumerate(paper.settings.categories), 2):
        if one.id in chapters and other.id in chapters:
            here, there = chapters[one.id], chapters[other.id]
            if there.id not in _linked(here) and here.id not in _linked(there):
                message = f"no chapter says how '{one.title}' and '{other.title}' touch"
                hint = f"add '- {{to: {there.id}, how: …}}' to the links of {here.path}, or say there that they do not"
                yield Finding(paper.settings.place("categories", i, "id"), message, hint)


def _linked(chapter: Chapter) -> set[str]:
    return {link.to for link in chapter.front.links} | {b.attributes.get("to", "") for b in chapter.of("linkage")}


def forgotten_decision(paper: Paper) -> Iterator[Finding]:
    """What a meeting decided, was offered or was asked is taken up in the paper until it is done or dropped.

    Bad: state: open, and no link
    Good: link: rec-tu-notice, or state: dropped with a note that says why
    """
    for index, decision in enumerate(paper.decisions):
        if decision.state == "open" and not decision.link:
            what = {"decision": "decision", "offer": "offer", "scope": "request"}[decision.kind]
            place = paper.decisions_file.place("decisions", index, "id")
            hint = "add 'link:' with a chapter or a recommendation, or set its state to done or dropped"
            yield Finding(place, f"nothing in the paper takes up the {what} '{decision.id}'", hint)


def dead_decision_link(paper: Paper) -> Iterator[Finding]:
    """What takes up a decision or an offer is a chapter, or something with an id in one.

    Bad: link: rec-tu-notices
    Good: link: rec-tu-notice
    """
    there = {a.id for c in paper.chapters for a in c.anchors} | {c.id for c in paper.chapters}
    for index, decision in enumerate(paper.decisions):
        if decision.link and decision.link not in there:
            place = paper.decisions_file.place("decisions", index, "link")
            yield Finding(place, f"'{decision.link}' leads nowhere", nearest(decision.link, there))
