"""The lists that nobody types: action plan, matrices, registers, contributors, abbreviations, document control."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

from nioc_paper import tree
from nioc_paper.model import Block, Chapter, History, Node, Paper

Cell = Sequence[Node]


@dataclass(frozen=True, slots=True)
class Context:
    """What lists are made of: the paper, its chapters in print order, what git knows, and what each id is called."""

    paper: Paper
    chapters: Sequence[Chapter]
    history: History
    labels: Mapping[str, str]
    numbers: Mapping[str, str]

    def blocks(self, kind: str) -> Iterator[tuple[Chapter, Block]]:
        """All blocks of a kind in print order."""
        for chapter in self.chapters:
            for block in chapter.of(kind):
                yield chapter, block


def action_plan(context: Context) -> list[Node]:
    """Every recommendation with who does what by when, and how one will know."""
    columns = (
        ("No.", 0.07),
        ("Recommendation", 0.33),
        ("Owner", 0.09),
        ("Support", 0.13),
        ("By", 0.1),
        ("Indicator", 0.2),
        ("Closes", 0.08),
    )
    rows = [
        [
            _cell(_reference(context, block.id)),
            _cell(_brief(block)),
            _cell(tree.text(_owner(context, block))),
            _cell(tree.text("; ".join(block.values("support")))),
            _cell(tree.text(_day(block.value("by")))),
            _cell(tree.text(block.value("indicator"))),
            _cell(_references(context, block.values("closes"))),
        ]
        for _, block in context.blocks("recommendation")
    ]
    return [tree.div([tree.table(columns, rows, "generated", "action-plan")], "landscape")] if rows else []


def monitoring(context: Context) -> list[Node]:
    """Every indicator with where it starts and where it is to go."""
    columns = (
        ("No.", 0.07),
        ("Indicator", 0.27),
        ("Baseline", 0.15),
        ("Target", 0.22),
        ("Source of data", 0.12),
        ("Frequency", 0.08),
        ("Responsible", 0.09),
    )
    rows = [
        [
            _cell(_reference(context, block.id)),
            *(_cell(tree.text(block.value(name) or "—")) for name in ("indicator", "baseline", "target")),
            _cell(tree.text(block.value("source of data") or _owner(context, block))),
            _cell(tree.text(block.value("frequency") or "yearly")),
            _cell(tree.text(_owner(context, block))),
        ]
        for _, block in context.blocks("recommendation")
    ]
    return [tree.div([tree.table(columns, rows, "generated", "monitoring")], "landscape")] if rows else []


def gaps(context: Context) -> list[Node]:
    """Every gap, its kind, and what closes it."""
    closed: dict[str, list[str]] = {}
    for _, block in context.blocks("recommendation"):
        for name in block.values("closes"):
            closed.setdefault(name, []).append(block.id)
    columns = (("No.", 0.1), ("Gap", 0.5), ("Type", 0.14), ("Closed by", 0.26))
    rows = [
        [
            _cell(_reference(context, block.id)),
            _cell(_brief(block)),
            _cell(tree.text(block.value("type"))),
            _cell(_references(context, closed.get(block.id, ())) or tree.text("open")),
        ]
        for _, block in context.blocks("gap")
    ]
    return [tree.table(columns, rows, "generated", "gaps")] if rows else []


def linkages(context: Context) -> list[Node]:
    """Which categories touch, as a matrix: how, and in which chapter it is said."""
    categories = context.paper.settings.categories
    by_category = {c.front.category: c for c in context.chapters}
    said = {frozenset(pair): _said(context, by_category, *pair) for pair in combinations([c.id for c in categories], 2)}
    share = 1 / (len(categories) + 1) if categories else None
    columns = [("", share), *((c.title, share) for c in categories)]
    rows = [
        [
            _cell([tree.strong(tree.text(row.title))]),
            *(
                _cell(tree.text("—")) if row is column else said[frozenset((row.id, column.id))]
                for column in categories
            ),
        ]
        for row in categories
    ]
    return [tree.table(columns, rows, "generated", "linkages")] if rows else []


def _said(context: Context, chapters: Mapping[str, Chapter], one: str, other: str) -> Cell:
    found: list[Node] = []
    for here, there in ((one, other), (other, one)):
        chapter = chapters.get(here)
        target = chapters[there].id if there in chapters else ""
        if chapter is None or not target:
            continue
        hows = [link.how or "named" for link in chapter.front.links if link.to == target]
        if hows or any(b.attributes.get("to") == target for b in chapter.of("linkage")):
            words = tree.text("; ".join(hows) or "described")
            mark = tree.link(tree.text(context.labels[f"sec-{chapter.id}"]), f"#sec-{chapter.id}", "xref")
            found.append(
                tree.plain_block([*words, {"t": "Space"}, {"t": "Str", "c": "("}, mark, {"t": "Str", "c": ")"}])
            )
    return found or _cell(tree.text("not yet described"))


def findings(context: Context) -> list[Node]:
    """The findings of the chapters, each with where it is argued."""
    items = [
        [
            *_brief(block, sources=True),
            {"t": "Space"},
            {"t": "Str", "c": "("},
            tree.link(tree.text(context.labels[f"sec-{chapter.id}"]), f"#sec-{chapter.id}", "xref"),
            {"t": "Str", "c": ")"},
        ]
        for chapter, block in context.blocks("finding")
    ]
    return [tree.bullets(items)] if items else []


def recommendations(context: Context) -> list[Node]:
    """The recommendations in a line each."""
    items = [
        [*_reference(context, block.id, short=False), {"t": "Str", "c": ":"}, {"t": "Space"}, *_brief(block)]
        for _, block in context.blocks("recommendation")
    ]
    return [tree.bullets(items)] if items else []


def contributors(context: Context) -> list[Node]:
    """Who writes what; and who else takes part in the initiative."""
    roles: dict[str, list[str]] = {}
    for chapter in context.chapters:
        for contribution in chapter.front.contributors:
            roles.setdefault(contribution.id, []).append(f"{contribution.role}, {chapter.front.title}")
    columns = (("Name", 0.26), ("Post and organization", 0.42), ("Part in this paper", 0.32))
    rows = []
    for person in sorted(context.paper.contributors.people, key=lambda p: p.id not in roles):
        name = f"{person.title} {person.name}" if person.title else person.name
        org = context.paper.organizations.get(person.org or "")
        post = ", ".join(p for p in (person.post, org.name if org else "") if p)
        mark = " (to be confirmed)" if person.verify else ""
        rows.append(
            [
                _cell(tree.text(name + mark)),
                _cell(tree.text(post)),
                _cell(tree.text("; ".join(roles.get(person.id, ())) or "—")),
            ]
        )
    return [tree.table(columns, rows, "generated", "contributors")] if rows else []


def acronyms(context: Context) -> list[Node]:
    """The abbreviations that the paper uses."""
    text = " ".join(tree.plain(c.blocks, notes=True) for c in context.chapters)
    used = [a for a in context.paper.acronyms if re.search(rf"(?<!\w){re.escape(a.short)}s?(?!\w)", text)]
    rows = [
        [_cell(tree.text(a.short)), _cell(tree.text(a.long))] for a in sorted(used, key=lambda a: a.short.casefold())
    ]
    return [tree.table((("Short", 0.2), ("In full", 0.8)), rows, "generated", "acronyms")] if rows else []


def decisions(context: Context) -> list[Node]:
    """What meetings decided, what was offered, what somebody asked for, and what became of it."""
    columns = (("No.", 0.07), ("On", 0.13), ("What", 0.4), ("Who", 0.2), ("State", 0.08), ("Taken up in", 0.12))
    rows = [
        [
            _cell(tree.text(d.id)),
            _cell(tree.text(_day(d.on.isoformat()))),
            _cell(tree.text(f"{d.kind.capitalize()}: {d.text}")),
            _cell(tree.text(", ".join(map(_attributed(context), d.who)) or "—")),
            _cell(tree.text(d.state)),
            _cell(_taken_up(context, d.link)),
        ]
        for d in context.paper.decisions
    ]
    return [tree.table(columns, rows, "generated", "decisions")] if rows else []


def history(context: Context) -> list[Node]:
    """Document control: the versions that git has tagged, and where each chapter stands."""
    versions = [
        [_cell(tree.text(v.tag)), _cell(tree.text(_day(v.on.isoformat()))), _cell(tree.text(v.subject))]
        for v in context.history.versions
    ]
    commit = context.history.commit[:10] if context.history.commit else "not under version control"
    edition = context.paper.settings.edition or "This edition"
    state = f"{edition}, with changes that are in no version yet" if context.history.dirty else edition
    on = _day(context.history.on.isoformat()) if context.history.on else "unknown"
    versions.insert(0, [_cell(tree.text(commit)), _cell(tree.text(on)), _cell(tree.text(state))])
    table = tree.table((("Version", 0.25), ("Date", 0.25), ("What it is", 0.5)), versions, "generated", "history")
    titles = {s.id: s.title for s in context.paper.settings.statuses}
    chapters = [
        [
            _cell(tree.text(c.front.title)),
            _cell(tree.text(titles.get(c.front.status, c.front.status))),
            _cell(tree.text(", ".join(map(context.paper.name, c.leads)) or "none yet")),
            _cell(
                tree.text(
                    _day(context.history.changed[c.path].isoformat())
                    if c.path in context.history.changed
                    else "unknown"
                )
            ),
        ]
        for c in context.chapters
    ]
    columns = (("Chapter", 0.4), ("Status", 0.2), ("Lead", 0.2), ("Last change", 0.2))
    return [table, tree.table(columns, chapters, "generated", "history")]


LISTS: Mapping[str, Callable[[Context], list[Node]]] = MappingProxyType(
    {
        "action-plan": action_plan,
        "monitoring": monitoring,
        "gaps": gaps,
        "linkages": linkages,
        "findings": findings,
        "recommendations": recommendations,
        "contributors": contributors,
        "acronyms": acronyms,
        "decisions": decisions,
        "history": history,
    }
)


def _cell(inlines: Sequence[Node]) -> Cell:
    return [tree.plain_block(inlines)] if inlines else []


def _brief(block: Block, *, sources: bool = False) -> list[Node]:
    """The first paragraph of a block for a list: without notes and ids, and without its sources unless asked for."""
    first: list[Node] = next((b["c"] for b in block.blocks if b["t"] in ("Para", "Plain")), [])

    def change(node: Node) -> Node | None:
        if node["t"] == "Note" or (node["t"] == "Cite" and not sources):
            return None
        return {**node, "c": [tree.attr(), *node["c"][1:]]} if node["t"] == "Span" else node

    inlines = tree.rewrite(change, first)
    while len(inlines) > 1 and inlines[-2]["t"] in ("Space", "SoftBreak") and tree.plain(inlines[-1:]) == ".":
        del inlines[-2]
    return list(inlines)


def _owner(context: Context, block: Block) -> str:
    found = context.paper.organization(block.value("owner"))
    return (found.acronym or found.name) if found else block.value("owner")


def _reference(context: Context, name: str, *, short: bool = True) -> list[Node]:
    label = (context.numbers if short else context.labels).get(name, name)
    return (
        [tree.link([{"t": "Str", "c": label.replace(" ", "\u00a0")}], f"#{name}", "xref")]
        if name in context.labels
        else tree.text(name)
    )


def _references(context: Context, names: Sequence[str]) -> list[Node]:
    out: list[Node] = []
    for name in names:
        out += [{"t": "Str", "c": ","}, {"t": "Space"}] if out else []
        out += _reference(context, name)
    return out


def _taken_up(context: Context, link: str | None) -> list[Node]:
    for name in (link, f"sec-{link}"):
        if name and name in context.labels:
            return [tree.link([{"t": "Str", "c": context.labels[name].replace(" ", "\u00a0")}], f"#{name}", "xref")]
    return tree.text("nothing yet")


def _attributed(context: Context) -> Callable[[str], str]:
    """How the paper may name somebody: by name, by post, or not at all."""

    def name(who: str) -> str:
        person = context.paper.people.get(who)
        if person is None or person.attribution == "named":
            return context.paper.name(who)
        org = context.paper.organizations.get(person.org or "")
        return (
            ", ".join(p for p in (person.post, (org.acronym or org.name) if org else "") if p)
            if person.attribution == "role"
            else "a participant"
        )

    return name


def _day(text: str) -> str:
    """22 November 2019; anything that is no ISO date as it is."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text
    year, month, day = text.split("-")
    return f"{int(day)}\u00a0{month_name[int(month)]} {year}" if 1 <= int(month) <= 12 else text
