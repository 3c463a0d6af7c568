"""Sign-offs: whether the chapter that somebody signed is the one that is printed now. Pure.

A sign-off names a commit. It holds as long as what the chapter prints is what it printed then: title, summary, text,
the facts that it quotes, its pictures and the data of its charts and tables. Its status, and what its front matter says
to colleagues, may change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nioc_paper.model import Approval, Chapter, Fact, Paper, Seal


class State(StrEnum):
    """What a sign-off is worth."""

    HOLDS = "holds"
    VOID = "void"
    UNKNOWN = "unknown"
    """Git cannot tell: there is none, or it has not the whole history."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A sign-off, its index in the register, and what it is worth. Those that the same person renewed are left out."""

    index: int
    approval: Approval
    state: State
    why: str = ""
    """Why it does not hold."""


def standings(paper: Paper, chapter: str | None = None) -> Iterator[Standing]:
    """What each sign-off is worth, or each of one chapter, in the order of the register."""
    last = {(a.chapter, a.who): index for index, a in enumerate(paper.approvals)}
    chapters = {c.id: c for c in paper.chapters}
    for index, approval in enumerate(paper.approvals):
        if last[approval.chapter, approval.who] == index and chapter in (None, approval.chapter):
            yield Standing(index, approval, *_worth(paper, chapters.get(approval.chapter), approval))


def holding(paper: Paper) -> Mapping[str, list[Approval]]:
    """The sign-offs that hold, by the id of the chapter."""
    held: dict[str, list[Approval]] = {}
    for standing in standings(paper):
        if standing.state is State.HOLDS:
            held.setdefault(standing.approval.chapter, []).append(standing.approval)
    return held


def _worth(paper: Paper, chapter: Chapter | None, approval: Approval) -> tuple[State, str]:
    if chapter is None:
        return State.VOID, f"no chapter is called '{approval.chapter}'"
    if not may_approve(paper, approval.who):
        return State.VOID, f"'{approval.who}' is not among those who may sign chapters off"
    key, short = (approval.commit, chapter.id), approval.commit[:10]
    if key not in paper.signed:
        return State.UNKNOWN, f"git cannot tell what commit {short} holds"
    signed = paper.signed[key]
    if signed is None:
        return State.VOID, f"the chapter is in no commit {short}"
    if signed.source == source(chapter, paper.facts) or signed.printed == printed(chapter, paper.facts):
        return State.HOLDS, ""
    return State.VOID, f"the chapter has changed since commit {short}"


def may_approve(paper: Paper, who: str) -> bool:
    """Whether somebody may sign chapters off: those whom paper.yaml names, or, where it names nobody, everybody."""
    return who in (paper.settings.approvers or paper.people)


def seal(chapter: Chapter, facts: Mapping[str, Fact]) -> Seal:
    """What stands for all that a chapter prints."""
    return Seal(source(chapter, facts), printed(chapter, facts))


def source(chapter: Chapter, facts: Mapping[str, Fact]) -> str:
    """Stands for a chapter's text as it is written, below its front matter, and for what it draws on: quick to make."""
    body = "\n".join(chapter.text.split("\n")[chapter.body_line - 1 :])
    return _digest(body, chapter, facts)


def printed(chapter: Chapter, facts: Mapping[str, Fact]) -> str:
    """The same for the text as it is read, without comments and however its lines are broken."""
    return _digest(_bare(list(chapter.blocks)), chapter, facts)


def _digest(text: Any, chapter: Chapter, facts: Mapping[str, Fact]) -> str:
    quoted = {c.key.removeprefix("fact-") for c in chapter.citations if c.key.startswith("fact-")}
    drawn = [
        [[f.id, f.value, f.unit, f.source] for f in map(facts.get, sorted(quoted)) if f],
        [hashlib.sha256(i.asset.data).hexdigest() for i in chapter.images if i.asset],
        [c.spec for c in chapter.charts],
        [[t.heads, t.rows] for t in chapter.tables],
    ]
    whole = [chapter.front.title, chapter.front.summary, text, drawn]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()


def _bare(item: Any) -> Any:
    """A tree without places and comments, in which the end of a line is a blank."""
    if isinstance(item, dict):
        return {k: _bare(v) for k, v in item.items() if k != "at"}
    if not isinstance(item, list):
        return item
    out: list[Any] = []
    for child in item:
        kind = child.get("t") if isinstance(child, dict) else ""
        blank = kind in ("Space", "SoftBreak")
        if kind not in ("RawBlock", "RawInline") and not (blank and out and out[-1] == {"t": "Space"}):
            out.append({"t": "Space"} if blank else _bare(child))
    return out
