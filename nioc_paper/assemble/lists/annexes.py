"""Annexes made of the registers: people, abbreviations, decisions, document control."""

from __future__ import annotations

import re
from collections.abc import Callable

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Context, cell, day
from nioc_paper.model import Node


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
                cell(tree.text(name + mark)),
                cell(tree.text(post)),
                cell(tree.text("; ".join(roles.get(person.id, ())) or "—")),
            ]
        )
    return [tree.table(columns, rows, "generated", "contributors")] if rows else []


def acronyms(context: Context) -> list[Node]:
    """The abbreviations that the paper uses."""
    text = " ".join(tree.plain(c.blocks, notes=True) for c in context.chapters)
    used = [a for a in context.paper.acronyms if re.search(rf"(?<!\w){re.escape(a.short)}s?(?!\w)", text)]
    rows = [[cell(tree.text(a.short)), cell(tree.text(a.long))] for a in sorted(used, key=lambda a: a.short.casefold())]
    return [tree.table((("Short", 0.2), ("In full", 0.8)), rows, "generated", "acronyms")] if rows else []


def decisions(context: Context) -> list[Node]:
    """What meetings decided, what was offered, what somebody asked for, and what became of it."""
    columns = (("No.", 0.07), ("On", 0.13), ("What", 0.4), ("Who", 0.2), ("State", 0.08), ("Taken up in", 0.12))
    rows = [
        [
            cell(tree.text(d.id)),
            cell(tree.text(day(d.on.isoformat()))),
            cell(tree.text(f"{d.kind.capitalize()}: {d.text}")),
            cell(tree.text(", ".join(map(_attributed(context), d.who)) or "—")),
            cell(tree.text(d.state)),
            cell(_taken_up(context, d.link)),
        ]
        for d in context.paper.decisions
    ]
    return [tree.table(columns, rows, "generated", "decisions")] if rows else []


def history(context: Context) -> list[Node]:
    """Document control: the versions that git has tagged, and where each chapter stands."""
    versions = [
        [cell(tree.text(v.tag)), cell(tree.text(day(v.on.isoformat()))), cell(tree.text(v.subject))]
        for v in context.history.versions
    ]
    commit = context.history.commit[:10] if context.history.commit else "not under version control"
    edition = context.paper.settings.edition or "This edition"
    state = f"{edition}, with changes that are in no version yet" if context.history.dirty else edition
    on = day(context.history.on.isoformat()) if context.history.on else "unknown"
    versions.insert(0, [cell(tree.text(commit)), cell(tree.text(on)), cell(tree.text(state))])
    table = tree.table((("Version", 0.25), ("Date", 0.25), ("What it is", 0.5)), versions, "generated", "history")
    titles = {s.id: s.title for s in context.paper.settings.statuses}
    chapters = [
        [
            cell(tree.text(c.front.title)),
            cell(tree.text(titles.get(c.front.status, c.front.status))),
            cell(tree.text(", ".join(map(context.paper.name, c.leads)) or "none yet")),
            cell(tree.text(_changed(context, c.path))),
        ]
        for c in context.chapters
    ]
    columns = (("Chapter", 0.4), ("Status", 0.2), ("Lead", 0.2), ("Last change", 0.2))
    return [table, tree.table(columns, chapters, "generated", "history")]


def _changed(context: Context, path: str) -> str:
    on = context.history.changed.get(path)
    return day(on.isoformat()) if on else "unknown"


def _taken_up(context: Context, link: str | None) -> list[Node]:
    for name in (link, f"sec-{link}"):
        if name and name in context.labels:
            return [tree.xref(context.labels[name], name)]
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
