"""The paper laid out chapter by chapter, so that only what has changed is laid out again.

A chapter's page does not know where in the paper it stands. What depends on that is added when the pieces are joined:
running heads, numbers of pages, the side of the sheet, and the page beside a reference that leads far. Of that number
the page knows how many digits it has; so the pieces are laid out until no number has more or fewer than was thought.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from nioc_paper import pandoc, tree
from nioc_paper.cache import Cache, key
from nioc_paper.files import code
from nioc_paper.model import Node
from nioc_paper.render import body, notes
from nioc_paper.render.print.child import Press, Printed
from nioc_paper.render.print.job import Ready
from nioc_paper.render.print.paging import Pages, Piece, counted, filled_in, guessed, remembered, starts
from nioc_paper.render.print.tree import parts_inside
from nioc_paper.threads import mapped, nothing

_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The pieces in their order, with what is known of each and its pages as PDF, and where everything is."""

    pieces: Sequence[Piece]
    printed: Sequence[Printed]
    pages: Pages

    @property
    def firsts(self) -> list[int]:
        """The first page of each piece, from 0."""
        return list(starts(self.pieces, [told.get("pages", 0) for told, _ in self.printed], self.pages.main))


def pieces(given: Ready, cache: Cache) -> list[Piece]:
    """The pieces of a paper, the front of it first."""
    front = given.html("print.html", front=Markup(), main=Markup())
    setting = key("html", pandoc.version(), code(), given.setting.key)
    chapters = [
        *((True, [block]) for block in given.front),
        *((False, blocks) for blocks in body.with_parts(given.main)),
    ]
    texts = mapped(lambda chapter: _text(chapter[1], given, setting, cache), chapters)
    made = [Piece("front", front, front=True, lists=True)]
    for number, ((is_front, blocks), (title, html)) in enumerate(zip(chapters, texts, strict=True)):
        language = tree.values(blocks[-1]).get("lang", given.setting.document.language)
        text = Markup(html)  # noqa: S704 - pandoc's
        page = given.html("print/chapter.html", front=is_front, text=text, language=language)
        name = tree.identifier(blocks[-1]) or str(number)
        made.append(Piece(name, page, title, is_front, language=language))
    return made


def _text(blocks: Sequence[Node], given: Ready, setting: str, cache: Cache) -> tuple[str, str]:
    """What stands over a chapter's pages, and its HTML, made anew when anything has changed that it hangs on."""

    def made() -> bytes:
        (block,) = parts_inside(notes.at_foot(map(given.setting.printed, blocks)))
        return json.dumps([_title(block), body.html([block])]).encode()

    title, html = json.loads(cache.made(key(setting, *map(tree.digest, blocks)), made))
    return title, html


def _title(block: Node) -> str:
    heads = (node for node in block["c"][1] if node["t"] == "Header") if block["t"] == "Div" else ()
    return next((tree.values(head).get("data-title", "") for head in heads), "")


def laid_out(
    found: Sequence[Piece], given: Ready, press: Press, cache: Cache, state: str, meanwhile: Callable[[], object]
) -> LaidOut | None:
    """The pieces on their pages. None when the numbers of pages never agree with what was thought.

    `state` stands for the engines and our code. `meanwhile` is done while they are laid out.
    """
    hint = key("pages", given.stem)
    pages = remembered(cache.get(hint), found) or guessed(found)
    printed: dict[str, Printed] = {}
    filled: dict[str, str] = {}
    for _ in range(_ROUNDS):
        # The front is full of numbers, and few depend on how long it is: it waits for those of the text.
        for some in (found[1:], found[:1]):
            now = {piece.name: filled_in(piece, pages) for piece in some}
            new = {name: html for name, html in now.items() if html != filled.get(name)}
            jobs = {name: given.job(html) | {"piece": name} for name, html in new.items()}
            filled |= new
            printed |= printed_or_kept(jobs, press, cache, state, meanwhile)
            if not all(data for _, data in printed.values()):
                return LaidOut(found, [printed.get(piece.name, ({}, b"")) for piece in found], pages)
            pages = counted(found, printed, pages)
        if all(filled[piece.name] == filled_in(piece, pages) for piece in found):
            cache.put(hint, json.dumps([pages.of, pages.main]).encode())
            return LaidOut(found, [printed[piece.name] for piece in found], pages)
    return None


def found(laid: LaidOut) -> dict[str, Any]:
    """What was found in all pieces, as if they had been laid out in one."""
    told = [each for each, _ in laid.printed]
    lists = ("lost_text", "denied", "log")
    out: dict[str, Any] = {name: [one for each in told for one in each.get(name, ())] for name in lists}
    out["outside"] = [
        _outside(line, first) for each, first in zip(told, laid.firsts, strict=True) for line in each.get("outside", ())
    ]
    for name in ("missing", "failed"):
        out |= next(({name: each[name]} for each in told if name in each), {})
    if all("pages" in each for each in told):
        out["pages"] = laid.pages.main + sum(
            each["pages"] for each, piece in zip(told, laid.pieces, strict=True) if not piece.front
        )
    return out


def _outside(line: str, first: int) -> str:
    """Text beyond the edge of a page of a piece, by the page of the paper."""
    number, _, text = line.removeprefix("page ").partition(": ")
    return f"page {int(number) + first}: {text}"


def printed_or_kept(
    jobs: Mapping[str, Any], press: Press, cache: Cache, state: str, meanwhile: Callable[[], object] = nothing
) -> dict[str, Printed]:
    """What each job gives, taken from the cache where it can be."""
    names = {name: _key(job, state) for name, job in jobs.items()}
    kept = {name: entry for name in jobs if (entry := _taken(cache.get(names[name])))}

    def keep(name: str, printed: Printed) -> None:
        found, data = printed
        if data:
            head = json.dumps(found).encode()
            cache.put(names[name], len(head).to_bytes(8, "big") + head + data)

    # Each as soon as it is there: when something newer comes, what is laid out is not to be lost.
    new = press.run({name: job for name, job in jobs.items() if name not in kept}, keep, meanwhile)
    return kept | new


def _taken(entry: bytes | None) -> Printed | None:
    if entry is None:
        return None
    end = 8 + int.from_bytes(entry[:8], "big")
    return json.loads(entry[8:end]), entry[end:]


def _key(job: Mapping[str, Any], state: str) -> str:
    plain = json.dumps({name: value for name, value in job.items() if name != "assets"}, sort_keys=True)
    assets = (part for name, (kind, data) in sorted(job["assets"].items()) for part in (name, kind, data))
    return key("print", state, plain, *assets)
