"""The paper as an e-book: a chapter a file, read with any letter size and by a screen reader.

Each is made for itself, and what has not changed is taken from the cache.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nioc_paper import pandoc, tree
from nioc_paper.audience import notices
from nioc_paper.cache import NO_CACHE, Cache, key
from nioc_paper.files import code
from nioc_paper.model import Document, Node, Report, Templates
from nioc_paper.ooxml import zips
from nioc_paper.render import body, epub_package, hands
from nioc_paper.render.embed import Picture, shown, stood_in
from nioc_paper.render.epub_pieces import Piece, book, joined
from nioc_paper.render.epub_tree import dressed, groups
from nioc_paper.render.layout import COLD, Layout
from nioc_paper.render.letters import Hold, drop, merged
from nioc_paper.render.theme import Theme, resolve, theme
from nioc_paper.threads import mapped
from nioc_paper.wording import day, direction, labels

_MIMETYPE = "mimetype"
_STYLES = "EPUB/styles/stylesheet1.css"


def write(
    document: Document,
    templates: Templates,
    report: Report,
    cache: Cache = NO_CACHE,
    _layout: Layout = COLD,
    hold: Hold = drop,
) -> bytes:
    """The bytes of the .epub. `hold` is told what its chapters hold. Reports `render-failed`; raises PandocError."""
    look = theme(templates)
    pictures = body.dressed(document, look, report, cache)
    stands = stood_in(pictures)
    opening, *chapters = groups(document)
    shell = book([*_imprint(document), *dressed(opening, document, stands)], _metadata(document))
    pieces = [Piece.of(shell, document.language), *_pieces(chapters, document, stands, cache)]
    members = joined(shell, pieces)
    inside = {stand: pictures[target][1] for target, (_, stand) in stands.items()}
    members = {name: inside.get(data, data) for name, data in members.items()}
    # The sandbox reads no style sheet, typeface or cover, and has no clock but 1970: these are put in afterwards.
    look = hands.with_hand(look, hands.hand(document))
    members[_STYLES], faces = _styles(document, templates, look, cache)
    cover = epub_package.drawn(document, templates, look, report, cache)
    members = epub_package.packaged(members, document, faces, cover)
    order = [_MIMETYPE, *sorted(members.keys() - {_MIMETYPE})]
    hold(merged(piece.held for piece in pieces))
    return zips.write({name: members[name] for name in order}, document.timestamp, stored=(_MIMETYPE,))


def _pieces(
    chapters: Iterable[Sequence[Node]], document: Document, stands: Mapping[str, Picture], cache: Cache
) -> list[Piece]:
    """The pieces of the chapters, each made anew when anything has changed that it hangs on."""
    setting = key("e-book", code(), pandoc.version(), repr(body.shared(document)))

    def made(blocks: Sequence[Node]) -> Piece:
        name = key(setting, tree.digest(blocks), repr(shown(blocks, stands)))
        return Piece.read(cache.made(name, lambda: _piece(blocks, document, stands).written()))

    return mapped(made, chapters)


def _piece(blocks: Sequence[Node], document: Document, stands: Mapping[str, Picture]) -> Piece:
    alone = book(dressed(blocks, document, stands), {"lang": document.language})
    return Piece.of(alone, document.language)


def _imprint(document: Document) -> Iterator[Node]:
    said = labels(document.language)
    fields = (
        ("whole_paper", document.part_of),
        ("keywords", "; ".join(document.keywords)),
        ("publisher", document.publisher),
        ("edition", document.edition),
        ("date", day(document.date, said)),
        ("version", document.version),
        ("rights", document.rights),
    )
    yield tree.header(1, tree.text(said["imprint"]), "unnumbered", id="imprint")
    if document.copy.review:
        lines = (said["review_copy"], *said["review_how"].splitlines())
        yield tree.div([tree.para(tree.text(line)) for line in lines], "draft-note")
    elif document.draft:
        yield tree.div([tree.para(tree.text(said["draft_note"]))], "draft-note")
    if told := notices(document, said):
        yield tree.div([tree.para(tree.text(line)) for line in told], "notice")
    terms = [[tree.text(said[name]), [[tree.plain_block(tree.text(text))]]] for name, text in fields if text]
    yield {"t": "DefinitionList", "c": terms}


def _metadata(document: Document) -> dict[str, object]:
    """What is known of the book; what is empty is left out, for an empty element is against the standard."""
    said = labels(document.language)
    kind = said["review_copy" if document.copy.review else "draft"]
    draft = f" ({kind.lower()})" if document.draft else ""
    known = {
        "title": document.name + draft,
        "subtitle": document.subtitle,
        "author": list(document.authors),
        "publisher": document.publisher,
        "rights": document.rights,
        "subject": list(document.keywords),
        "lang": document.language,
        "toc-title": said["contents"],
        "page-progression-direction": "rtl" if direction(document.language) == "rtl" else "",
        "accessModes": ["textual", "visual"],
        "accessibilitySummary": said["accessibility"],
        "date": document.date.isoformat() if document.date else "",
        "identifier": uuid.uuid5(uuid.NAMESPACE_URL, f"urn:{document.stem}").urn,
    }
    return {name: value for name, value in known.items() if value}


def _styles(document: Document, templates: Templates, look: Theme, cache: Cache) -> tuple[bytes, Mapping[str, bytes]]:
    """The style sheet, and the typefaces that it asks for by their files."""
    faces: dict[str, bytes] = {}

    def face(name: str, data: bytes) -> str:
        faces[f"fonts/{name}.woff2"] = data
        return f"../fonts/{name}.woff2"

    hand, css = hands.hand(document), templates.text("epub.css")
    if hand:
        css = resolve(css, {**look, "hand-leading": str(hand.screen_leading)}) + hands.faces(hand, face, cache)
    else:
        css = resolve(css, look)
    return css.encode(), faces
