"""Alternative texts of pictures and charts that were changed in Word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from nioc_paper import tree
from nioc_paper.model import Node
from nioc_paper.review.docx.bookmarks import add_bookmarks
from nioc_paper.review.docx.docx_text import DocxPassage
from nioc_paper.review.docx.paragraph import Token
from nioc_paper.review.merge.alignment import AlignedPassage
from nioc_paper.review.merge.edits import Edit, apply_edits
from nioc_paper.review.merge.markdown_source import MarkdownSource
from nioc_paper.review.merge.source_alt_texts import find_alt_texts, normalize_space, read_description


class AltTextChange(NamedTuple):
    """Change of an alternative text, made in Word, and its edit of the source."""

    old: str
    new: str
    edit: Edit


class _Picture(NamedTuple):
    """Picture of a Word file: its passage, and its token in that."""

    passage: int
    position: int
    token: Token


def take_alt_changes(
    base: Sequence[AlignedPassage], edited: Sequence[DocxPassage], source: MarkdownSource, divs: Mapping[int, Node]
) -> tuple[list[DocxPassage], list[AltTextChange]]:
    """Return the received passages with alternative texts as they were sent, and the changes that can be made."""
    passages, changes = list(edited), list[AltTextChange]()
    for sent, received in _pair_pictures(base, edited):
        if change := _find_change(base, sent, received.token, source, divs):
            changes.append(change)
            paragraph = passages[received.passage].paragraph
            tokens = list(paragraph.tokens)
            tokens[received.position] = received.token._replace(text=sent.token.text)
            paragraph = replace(paragraph, tokens=tuple(tokens))
            passages[received.passage] = replace(passages[received.passage], paragraph=paragraph)
    return passages, changes


def find_safe_changes(
    text: str, edits: Sequence[Edit], changes: Sequence[AltTextChange], parse: Callable[[str], Sequence[Node]]
) -> list[AltTextChange]:
    """Return the changes that can be added to these edits: all other text reads as it does without them."""
    if not changes:
        return []
    before = _read_content(parse(apply_edits(text, edits)))
    if _are_safe(before, text, edits, changes, parse):
        return list(changes)
    safe: list[AltTextChange] = []
    for change in changes:
        if _are_safe(before, text, edits, [*safe, change], parse):
            safe.append(change)
    return safe


class _Content(NamedTuple):
    """Content of a text that an alternative text is compared with."""

    words: list[tuple[str, ...]]
    """Words of each paragraph."""
    alt_texts: Counter[str]


def _are_safe(
    before: _Content,
    text: str,
    edits: Sequence[Edit],
    changes: Sequence[AltTextChange],
    parse: Callable[[str], Sequence[Node]],
) -> bool:
    try:
        after = _read_content(parse(apply_edits(text, [*edits, *(change.edit for change in changes)])))
    except ValueError:
        return False
    old, new = (Counter(getattr(change, name) for change in changes) for name in ("old", "new"))
    return after.words == before.words and after.alt_texts == before.alt_texts - old + new


def _read_content(blocks: Sequence[Node]) -> _Content:
    alt_texts = Counter[str]()
    for node in tree.walk(blocks):
        if node["t"] == "Image":
            alt_texts[normalize_space(tree.alternative_text(node))] += 1
        elif node["t"] == "CodeBlock" and "chart" in tree.classes(node):
            alt_texts[read_description(node["c"][1])] += 1
    return _Content([p.normalized_words for p in add_bookmarks(blocks).paragraphs], alt_texts)


def _pair_pictures(
    base: Sequence[AlignedPassage], edited: Sequence[DocxPassage]
) -> Iterator[tuple[_Picture, _Picture]]:
    """Yield the pictures of the same file whose alternative texts differ; none if it is not certain which is which."""
    sent = _pictures_by_file(each.tokens for each in base)
    received = _pictures_by_file(each.paragraph.tokens for each in edited)
    for file in sent:
        old, new = sent[file], received.get(file, [])
        unchanged_texts = Counter(p.token.text for p in old) & Counter(p.token.text for p in new)
        changed_old, changed_new = _without(old, unchanged_texts), _without(new, unchanged_texts)
        if len(changed_old) == len(changed_new):
            yield from zip(changed_old, changed_new, strict=True)


def _pictures_by_file(passages: Iterator[Sequence[Token]] | Sequence[Sequence[Token]]) -> dict[str, list[_Picture]]:
    pictures: dict[str, list[_Picture]] = {}
    for passage, tokens in enumerate(passages):
        for position in [n for n, token in enumerate(tokens) if token.is_picture]:
            token = tokens[position]
            pictures.setdefault(token.text.partition(" ")[0], []).append(_Picture(passage, position, token))
    return pictures


def _without(pictures: Sequence[_Picture], counts: Counter[str]) -> list[_Picture]:
    """Return the pictures that remain when as many of each text are left out as counted."""
    left, out = Counter(counts), []
    for picture in pictures:
        if left[picture.token.text] > 0:
            left[picture.token.text] -= 1
        else:
            out.append(picture)
    return out


def _find_change(
    base: Sequence[AlignedPassage], sent: _Picture, received: Token, source: MarkdownSource, divs: Mapping[int, Node]
) -> AltTextChange | None:
    """Return the change of a picture's alternative text; None if the source does not have the old one just once."""
    old_text = sent.token.alt_text
    candidates = find_alt_texts(base, sent.passage, sent.token, source, divs)
    source_texts = [text for text in candidates if text.words and old_text.endswith(text.words)]
    if len(source_texts) != 1:
        return None
    label = old_text.removesuffix(source_texts[0].words)
    new = received.alt_text.removeprefix(label)
    if not new or not received.alt_text.startswith(label):
        return None
    edit = source_texts[0].write(new)
    return AltTextChange(source_texts[0].words, new, edit) if edit else None
