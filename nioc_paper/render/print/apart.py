"""The paper laid out chapter by chapter, so that only what has changed is laid out again.

A chapter's page does not know where in the paper it stands. What depends on that is added when the pieces are joined:
running heads, numbers of pages, the side of the sheet, and the page beside a reference that leads far. Of that number
the page knows how many digits it has; so the pieces are laid out until no number has more or fewer than was thought.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from markupsafe import Markup

from nioc_paper import pandoc, tree
from nioc_paper.cache import Cache, key
from nioc_paper.files import code
from nioc_paper.model import Node
from nioc_paper.render import body, notes
from nioc_paper.render.print.child import Press, Printed
from nioc_paper.render.print.job import Ready
from nioc_paper.render.print.tagging import AWAY, BLANK
from nioc_paper.render.print.tree import parts_inside
from nioc_paper.threads import cores
from nioc_paper.wording import digits, labels, primary, roman

_ROUNDS = 6
_FULL = 2400
"""Letters on a page, for a first guess."""
_LINK = re.compile(r'<a href="#([^"]*)"([^>]*)>')
_ID = re.compile(r' id="([^"]*)"')
_OTHER_DIGITS = ("ur", "fa")
"""Languages for which the style sheet prints the number of a page in digits of their own."""


@dataclass(frozen=True)
class Piece:
    """The front of the paper, or one chapter, as HTML whose links lead where they did."""

    name: str
    html: str
    title: str = ""
    """What stands over its pages."""
    front: bool = False
    """Its pages are counted with those before the text."""
    lists: bool = False
    """Every link out of it may say a page, and not only those that lead far."""
    language: str = ""

    @cached_property
    def ids(self) -> Sequence[str]:
        """All ids in it, in the order of the text."""
        return [html.unescape(name) for name in _ID.findall(self.html)]

    @property
    def guess(self) -> int:
        """How many pages it may have."""
        return 1 + len(re.sub(r"<[^>]*>", "", self.html)) // _FULL


@dataclass(frozen=True, slots=True)
class Pages:
    """On which page each id is, from 0, and which page is the first of the text."""

    of: Mapping[str, int]
    main: int


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The pieces in their order, with what is known of each and its pages as PDF, and where everything is."""

    pieces: Sequence[Piece]
    printed: Sequence[Printed]
    pages: Pages


def pieces(given: Ready, cache: Cache) -> list[Piece]:
    """The pieces of a paper, the front of it first."""
    front = given.html("print.html", front=Markup(), main=Markup())
    setting = key("html", pandoc.version(), code(), given.setting.key)
    chapters = [
        *((True, [block]) for block in given.front),
        *((False, blocks) for blocks in body.with_parts(given.main)),
    ]
    with ThreadPoolExecutor(cores()) as pool:  # pandoc takes its time
        texts = pool.map(lambda chapter: _text(chapter[1], given, setting, cache), chapters)
        found = [Piece("front", front, front=True, lists=True)]
        for number, ((is_front, blocks), (title, html)) in enumerate(zip(chapters, texts, strict=True)):
            language = tree.values(blocks[-1]).get("lang", given.setting.document.language)
            text = Markup(html)  # noqa: S704 - pandoc's
            page = given.html("print/chapter.html", front=is_front, text=text, language=language)
            name = tree.identifier(blocks[-1]).removeprefix("chapter-") or str(number)
            found.append(Piece(name, page, title, is_front, language=language))
    return found


def _text(blocks: Sequence[Node], given: Ready, setting: str, cache: Cache) -> tuple[str, str]:
    """What stands over a chapter's pages, and its HTML, made anew when anything has changed that it hangs on."""
    name = key(setting, json.dumps(blocks))
    kept = cache.get(name)
    if kept is None:
        (block,) = parts_inside(notes.at_foot(map(given.setting.printed, blocks)))
        kept = json.dumps([_title(block), body.html([block])]).encode()
        cache.put(name, kept)
    title, html = json.loads(kept)
    return title, html


def _title(block: Node) -> str:
    heads = (node for node in block["c"][1] if node["t"] == "Header") if block["t"] == "Div" else ()
    return next((tree.values(head).get("data-title", "") for head in heads), "")


def laid_out(found: Sequence[Piece], given: Ready, press: Press, cache: Cache, state: str) -> LaidOut | None:
    """The pieces on their pages. None when the numbers of pages never agree with what was thought.

    `state` stands for the engines and our code.
    """
    hint = key("pages", given.context["document"].stem)
    pages = _remembered(cache.get(hint), found) or _guessed(found)
    printed: dict[str, Printed] = {}
    for _ in range(_ROUNDS):
        filled: dict[str, str] = {}
        # The front is full of numbers, and few depend on how long it is: it waits for those of the text.
        for some in (found[1:], found[:1]):
            filled |= {piece.name: _filled(piece, pages) for piece in some}
            jobs = {piece.name: given.job(filled[piece.name]) | {"piece": piece.name} for piece in some}
            printed |= printed_or_kept(jobs, press, cache, state)
            if not all(data for _, data in printed.values()):
                return LaidOut(found, [printed.get(piece.name, ({}, b"")) for piece in found], pages)
            pages = _counted(found, printed, pages)
        if all(filled[piece.name] == _filled(piece, pages) for piece in found):
            cache.put(hint, json.dumps([pages.of, pages.main]).encode())
            return LaidOut(found, [printed[piece.name] for piece in found], pages)
    return None


def found(laid: LaidOut) -> dict[str, Any]:
    """What was found in all pieces, as if they had been laid out in one."""
    told = [each for each, _ in laid.printed]
    lists = ("lost_text", "denied", "log")
    out: dict[str, Any] = {name: [one for each in told for one in each.get(name, ())] for name in lists}
    firsts = starts(laid.pieces, [each.get("pages", 0) for each in told], laid.pages.main)
    out["outside"] = [
        _outside(line, first) for each, first in zip(told, firsts, strict=True) for line in each.get("outside", ())
    ]
    for name in ("missing", "failed"):
        out |= next(({name: each[name]} for each in told if name in each), {})
    if all("pages" in each for each in told):
        out["pages"] = laid.pages.main + sum(
            each["pages"] for each, piece in zip(told, laid.pieces, strict=True) if not piece.front
        )
    return out


def held(laid: LaidOut) -> dict[str, list[str]]:
    """What the pieces hold by kind, as it was read back from each."""
    out: dict[str, list[str]] = {}
    for told, _ in laid.printed:
        for kind, texts in told["held"].items():
            out.setdefault(kind, []).extend(texts)
    return out


def _outside(line: str, first: int) -> str:
    """Text beyond the edge of a page of a piece, by the page of the paper."""
    number, _, text = line.removeprefix("page ").partition(": ")
    return f"page {int(number) + first}: {text}"


def printed_or_kept(jobs: Mapping[str, Any], press: Press, cache: Cache, state: str) -> dict[str, Printed]:
    """What each job gives, taken from the cache where it can be."""
    names = {name: _key(job, state) for name, job in jobs.items()}
    kept = {name: entry for name in jobs if (entry := _taken(cache.get(names[name])))}

    def keep(name: str, printed: Printed) -> None:
        found, data = printed
        if data:
            head = json.dumps(found).encode()
            cache.put(names[name], len(head).to_bytes(8, "big") + head + data)

    # Each as soon as it is there: when something newer comes, what is laid out is not to be lost.
    new = press.run({name: job for name, job in jobs.items() if name not in kept}, keep)
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


# --- numbers of pages -------------------------------------------------------------------------------------------------


def _guessed(found: Sequence[Piece]) -> Pages:
    """Where everything may be, as far as the text tells."""
    counts = [piece.guess for piece in found]
    main = _main(found, counts)
    of: dict[str, int] = {}
    for piece, start, count in zip(found, starts(found, counts, main), counts, strict=True):
        for place, name in enumerate(piece.ids):
            of[name] = start + place * count // len(piece.ids)
    return Pages(of, main)


def _remembered(kept: bytes | None, found: Sequence[Piece]) -> Pages | None:
    """Where everything was in the last build; what is new is where the guess has it."""
    if kept is None:
        return None
    of, main = json.loads(kept)
    return Pages({**_guessed(found).of, **of}, main)


def _counted(found: Sequence[Piece], printed: Mapping[str, Printed], before: Pages) -> Pages:
    """Where everything is; what is not yet laid out is where it was thought to be."""
    counts = [printed[piece.name][0]["pages"] if piece.name in printed else piece.guess for piece in found]
    main = _main(found, counts)
    of: dict[str, int] = {}
    for piece, start in zip(found, starts(found, counts, main), strict=True):
        if piece.name in printed:
            for name, page, *_ in printed[piece.name][0]["anchors"]:
                of.setdefault(name, start + page)
    return Pages({**before.of, **of}, main)


def _main(found: Sequence[Piece], counts: Sequence[int]) -> int:
    """The first page of the text: one of the right hand."""
    before = sum(count for piece, count in zip(found, counts, strict=True) if piece.front)
    return before + before % 2


def starts(found: Sequence[Piece], counts: Sequence[int], main: int) -> Iterator[int]:
    """The first page of each piece."""
    front, text = 0, main
    for piece, count in zip(found, counts, strict=True):
        yield front if piece.front else text
        if piece.front:
            front += count
        else:
            text += count


def _filled(piece: Piece, pages: Pages) -> str:
    """The HTML of a piece whose links out of it lead away, and say as many digits as the page that they lead to."""
    here = set(piece.ids)

    def link(found: re.Match[str]) -> str:
        name, rest = unquote(html.unescape(found[1])), found[2]
        if name in here:
            return found[0]
        said = _said(piece, name, pages) if piece.lists or 'class="xref far"' in rest else ""
        return f'<a href="{AWAY}{found[1]}"{rest}{said}>'

    return _LINK.sub(link, piece.html)


def _said(piece: Piece, name: str, pages: Pages) -> str:
    """The attributes with the number of a page: the number, or zeros to be filled in."""
    page = pages.of.get(name, 0)
    if page < pages.main:
        return f' data-at="{roman(page + 1) if piece.lists else page + 1}"'
    own = str(page - pages.main + 1)
    if not piece.lists and primary(piece.language) in _OTHER_DIGITS:
        return f' data-at="{digits(own, labels(piece.language))}"'
    return f' data-at="{"0" * len(own)}" {BLANK}="{html.escape(name)}"'
