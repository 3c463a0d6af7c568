"""Annexes made of the registers: people, abbreviations, decisions, document control."""

from __future__ import annotations

import re
from collections.abc import Callable

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import Context, cell, columns, day
from nioc_paper.assemble.lists.people import known_as
from nioc_paper.assemble.markings import bracketed
from nioc_paper.model import AUDIENCES, Decision, Node
from nioc_paper.wording import Words


def contributors(context: Context) -> list[Node]:
    """Who writes what; and who else takes part in the initiative."""
    roles, people = _roles(context), context.paper.contributors.people
    lines = [
        (*known_as(context, person), f"{context.words['semicolon']} ".join(roles.get(person.id, ())))
        for person in sorted(people, key=lambda p: p.id not in roles)
    ]
    heads: list[tuple[str, float | None]] = [("name", 0.26), ("post", 0.42), ("part_in_paper", 0.32)]
    if not any(name for name, *_ in lines):
        # In a copy that names nobody a column of dashes would say nothing.
        heads = [("post", 0.55), ("part_in_paper", 0.45)]
    rows = [[cell(tree.text(text or "—")) for text in line[-len(heads) :]] for line in lines]
    return [tree.table(columns(context, *heads), rows, "generated", "contributors")] if rows else []


def _roles(context: Context) -> dict[str, list[str]]:
    """What everybody does in which chapter, by the ids of people."""
    words, roles = context.words, dict[str, list[str]]()
    for chapter in context.chapters:
        for contribution in chapter.front.contributors:
            role = f"{words[f'role_{contribution.role}']}{words['comma']} {chapter.front.title}"
            roles.setdefault(contribution.id, []).append(role)
    return roles


def acronyms(context: Context) -> list[Node]:
    """The abbreviations that the paper uses."""
    text = " ".join(tree.plain(c.blocks, notes=True) for c in context.chapters)
    used = [a for a in context.paper.acronyms if re.search(rf"(?<!\w){re.escape(a.short)}s?(?!\w)", text)]
    rows = [[cell(tree.text(a.short)), cell(tree.text(a.long))] for a in sorted(used, key=lambda a: a.short.casefold())]
    heads = columns(context, ("short", 0.2), ("in_full", 0.8))
    return [tree.table(heads, rows, "generated", "acronyms")] if rows else []


def decisions(context: Context) -> list[Node]:
    """What meetings decided, what was offered, what somebody asked for, and what became of it."""
    words, comma = context.words, f"{context.words['comma']} "
    heads = columns(
        context, ("no", 0.06), ("on", 0.13), ("what", 0.38), ("who", 0.21), ("state", 0.07), ("taken_up_in", 0.15)
    )
    rows = [
        [
            cell(tree.text(d.id)),
            cell(tree.text(day(d.on.isoformat(), words))),
            cell(_for(d, f"{words[f'kind_{d.kind}']}: {d.text}", words)),
            cell(tree.text(comma.join(map(_attributed(context), d.who)) or "—")),
            cell(tree.text(words[f"state_{d.state}"])),
            cell(_taken_up(context, d.link)),
        ]
        for d in context.paper.decisions
    ]
    return [tree.table(heads, rows, "generated", "decisions")] if rows else []


def history(context: Context) -> list[Node]:
    """Document control: the versions that git has tagged, and where each chapter stands."""
    return [_versions(context), _standing(context)]


def _versions(context: Context) -> Node:
    history, words = context.history, context.words
    edition = context.paper.settings.edition or words["this_edition"]
    state = f"{edition}{words['comma']} {words['unrecorded_changes']}" if history.dirty else edition
    lines = [
        (history.commit[:10] if history.commit else words["unversioned"], history.on, state),
        *((version.tag, version.on, version.subject) for version in history.versions),
    ]
    rows = [
        [cell(tree.text(text)) for text in (name, day(on.isoformat(), words) if on else words["unknown"], what)]
        for name, on, what in lines
    ]
    heads = columns(context, ("version", 0.25), ("date", 0.25), ("what_it_is", 0.5))
    return tree.table(heads, rows, "generated", "history")


def _standing(context: Context) -> Node:
    words = context.words
    titles = {s.id: s.title for s in context.paper.settings.statuses}
    lines = [
        (
            c.front.title,
            titles.get(c.front.status, c.front.status),
            f"{words['comma']} ".join(filter(None, map(context.paper.name, c.leads))) or words["none_yet"],
            _changed(context, c.path),
            _signed_off(context, c.id),
        )
        for c in context.chapters
    ]
    heads: list[tuple[str, float | None]] = [("chapter", 0.4), ("status", 0.2), ("lead", 0.2), ("last_change", 0.2)]
    if any(line[-1] for line in lines):
        heads = [("chapter", 0.32), ("status", 0.13), ("lead", 0.17), ("last_change", 0.16), ("signed_off", 0.22)]
    rows = [[cell(tree.text(text or "—")) for text in line[: len(heads)]] for line in lines]
    return tree.table(columns(context, *heads), rows, "generated", "history")


def _signed_off(context: Context, chapter: str) -> str:
    """Who signed a chapter off and when, as far as the copy may name them; empty where nobody did, or not as it is."""
    words, people = context.words, context.paper.people
    said = [
        f"{words['comma']} ".join(
            filter(None, (context.paper.name(a.who) if a.who in people else "", day(a.on.isoformat(), words)))
        )
        for a in context.approvals.get(chapter, ())
    ]
    return f"{words['semicolon']} ".join(said)


def _changed(context: Context, path: str) -> str:
    on = context.history.changed.get(path)
    return day(on.isoformat(), context.words) if on else context.words["unknown"]


def _taken_up(context: Context, link: str | None) -> list[Node]:
    for name in (link, f"sec-{link}"):
        if name and name in context.labels:
            return [tree.xref(context.labels[name], name)]
    return tree.text(context.missing("nothing_yet"))


def _for(decision: Decision, text: str, words: Words) -> list[Node]:
    """A text with a mark where not everybody may read of the decision."""
    level: str = decision.sensitivity
    return [bracketed(tree.text(text), level, words)] if level != AUDIENCES[0] else tree.text(text)


def _attributed(context: Context) -> Callable[[str], str]:
    """How the paper may name somebody: by name, by post, or not at all."""
    comma = f"{context.words['comma']} "

    def name(who: str) -> str:
        person = context.paper.people.get(who)
        if person is None or person.attribution == "named":
            return context.paper.name(who)
        org = context.paper.organizations.get(person.org or "")
        return (
            comma.join(p for p in (person.post, (org.acronym or org.name) if org else "") if p)
            if person.attribution == "role"
            else context.words["participant"]
        )

    return name
