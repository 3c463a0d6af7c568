"""Approvals, and whether the approved chapter is the one printed now. Pure.

An approval has the hashes of what was read, or its commit alone. It is valid while the chapter prints the same: title,
summary, text, the facts that it quotes, its pictures, and the data of its charts and tables. Its status, and front
matter for colleagues, may change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import StrEnum

from msgspec import Struct

from nioc_paper.model import Approval, Chapter, ContentHash, Fact, Paper
from nioc_paper.model.grouping import group_pairs


class ApprovalState(StrEnum):
    """Validity of an approval."""

    HOLDS = "holds"
    VOID = "void"
    UNKNOWN = "unknown"
    """Git cannot tell: no git, or an incomplete history."""


class ApprovalStatus(Struct, frozen=True):
    """Approval with its index in the register and its validity.

    Approvals renewed by the same person are left out.
    """

    index: int
    approval: Approval
    state: ApprovalState
    reason: str = ""
    """Reason why it is not valid."""


def approval_statuses(paper: Paper, chapter: str | None = None) -> Iterator[ApprovalStatus]:
    """Return the status of each approval, or of each of one chapter, in the order of the register."""
    latest = {(a.chapter, a.who): index for index, a in enumerate(paper.approvals)}
    chapters = {c.id: c for c in paper.chapters}
    for index, approval in enumerate(paper.approvals):
        if latest[approval.chapter, approval.who] == index and chapter in (None, approval.chapter):
            yield ApprovalStatus(index, approval, *_judge(paper, chapters.get(approval.chapter), approval))


def valid_approvals(paper: Paper) -> Mapping[str, list[Approval]]:
    """Return the valid approvals by the id of the chapter."""
    valid = (each.approval for each in approval_statuses(paper) if each.state is ApprovalState.HOLDS)
    return group_pairs((approval.chapter, approval) for approval in valid)


def _judge(paper: Paper, chapter: Chapter | None, approval: Approval) -> tuple[ApprovalState, str]:
    if chapter is None:
        return ApprovalState.VOID, f"no chapter is called '{approval.chapter}'"
    if not may_approve(paper, approval.who):
        return ApprovalState.VOID, f"'{approval.who}' is not among those who may sign chapters off"
    key, short, facts = (approval.commit, chapter.id), approval.commit[:10], paper.facts
    recorded = ContentHash(approval.source, approval.content) if approval.source and approval.content else None
    known = [hashes for hashes in (recorded, paper.approved_hashes.get(key)) if hashes]
    if any(h.source == hash_source(chapter, facts) or h.parsed == hash_parsed(chapter, facts) for h in known):
        return ApprovalState.HOLDS, ""
    if known:
        return ApprovalState.VOID, f"the chapter has changed since commit {short}"
    if key not in paper.approved_hashes:
        return ApprovalState.UNKNOWN, f"git does not know the commit {short}"
    return ApprovalState.VOID, f"the chapter is in no commit {short}"


def may_approve(paper: Paper, person: str) -> bool:
    """Return whether a person may approve chapters: those that paper.yaml names, or everybody if it names nobody."""
    return person in (paper.settings.approvers or paper.people)


def hash_chapter(chapter: Chapter, facts: Mapping[str, Fact]) -> ContentHash:
    """Return the hashes of everything that a chapter prints."""
    return ContentHash(hash_source(chapter, facts), hash_parsed(chapter, facts))


def hash_source(chapter: Chapter, facts: Mapping[str, Fact]) -> str:
    """Hash a chapter's source below its front matter and everything that it uses; fast."""
    return _hash_content("\n".join(chapter.text.split("\n")[chapter.body_line - 1 :]), chapter, facts)


def hash_parsed(chapter: Chapter, facts: Mapping[str, Fact]) -> str:
    """Hash a chapter's parsed text and everything that it uses; comments and line breaks do not count."""
    return _hash_content(_normalize_tree(list(chapter.blocks)), chapter, facts)


def _hash_content(text: object, chapter: Chapter, facts: Mapping[str, Fact]) -> str:
    quoted = {c.key.removeprefix("fact-") for c in chapter.all_citations if c.key.startswith("fact-")}
    inputs = [
        [[f.id, f.value, f.unit, f.source] for f in map(facts.get, sorted(quoted)) if f],
        [hashlib.sha256(i.asset.data).hexdigest() for i in chapter.images if i.asset],
        [c.spec for c in chapter.charts],
        [[t.heads, t.rows] for t in chapter.tables],
    ]
    content = [chapter.front.title, chapter.front.summary, text, inputs]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _normalize_tree(item: object) -> object:
    """Return a tree without positions and comments, with line ends as spaces."""
    if isinstance(item, dict):
        return {k: _normalize_tree(v) for k, v in item.items() if k != "pos"}
    if not isinstance(item, list):
        return item
    out: list[object] = []
    for child in item:
        kind = child.get("t") if isinstance(child, dict) else ""
        blank = kind in ("Space", "SoftBreak")
        if kind not in ("RawBlock", "RawInline") and not (blank and out and out[-1] == {"t": "Space"}):
            out.append({"t": "Space"} if blank else _normalize_tree(child))
    return out
