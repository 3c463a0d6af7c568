"""Writer of the e-book: a file for each chapter, for any letter size and for screen readers.

Pandoc writes the book in one run (0.7 s for a paper of 80 pages): nobody waits for an e-book after each edit.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping

from nioc_paper import tree
from nioc_paper.audience import notices
from nioc_paper.cache import NO_CACHE, Cache
from nioc_paper.model import Document, Node, Report, Templates
from nioc_paper.ooxml import zips
from nioc_paper.render import body, epub_package, hands
from nioc_paper.render.embed import stood_in
from nioc_paper.render.epub_tree import chapter_blocks
from nioc_paper.render.layout import COLD, Layout
from nioc_paper.render.letters import Hold, drop
from nioc_paper.render.theme import Theme, resolve, theme
from nioc_paper.wording import day, direction, labels

_MIMETYPE = "mimetype"
_STYLES = "EPUB/styles/stylesheet1.css"


def write(
    document: Document,
    templates: Templates,
    report: Report,
    cache: Cache = NO_CACHE,
    _layout: Layout = COLD,
    _hold: Hold = drop,
) -> bytes:
    """Return the bytes of the .epub. Reports `render-failed`; raises PandocError."""
    look = theme(templates)
    pictures = body.dressed(document, look, report, cache)
    stands = stood_in(pictures)
    blocks = [*_imprint(document), *chapter_blocks(document, stands)]
    members = epub_package.pandoc_book(blocks, _metadata(document), document.language)
    inside = {stand: pictures[target][1] for target, (_, stand) in stands.items()}
    members = {name: inside.get(data, data) for name, data in members.items()}
    # The sandbox reads no style sheet, font or cover, and its clock stands at 1970: these are added afterwards.
    look = hands.with_hand(look, hands.hand(document))
    members[_STYLES], faces = _styles(document, templates, look, cache)
    cover = epub_package.drawn(document, templates, look, report, cache)
    members = epub_package.packaged(members, document, faces, cover)
    order = [_MIMETYPE, *sorted(members.keys() - {_MIMETYPE})]
    return zips.write({name: members[name] for name in order}, document.timestamp, stored=(_MIMETYPE,))


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
