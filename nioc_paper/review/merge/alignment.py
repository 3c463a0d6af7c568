"""A chapter as it reads in Word, each word tied to where it stands in the Markdown.

A word of the Word file is one of the source's words; or a word of an atom, which stands for a passage of the source and
is changed as a whole or not at all; or made by the tool, and then nothing of the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby

from nioc_paper.review.docx.docx_text import DocxPassage, DocxText
from nioc_paper.review.docx.paragraph import Paragraph, Token
from nioc_paper.review.merge.source import MarkdownSource


@dataclass(frozen=True, slots=True)
class AlignedPassage:
    """A passage of the file as it was sent, with the leaf of the source that it prints; None when the tool made it."""

    passage: DocxPassage
    source_paragraph: Paragraph | None
    tokens: tuple[Token, ...]
    """Of the passage, with their atoms, and the places in the source that they or their atoms have."""
    source_formatting: tuple[frozenset[str], ...] = ()
    """How the source sets each token: a style may set it otherwise in Word."""

    @property
    def is_generated(self) -> bool:
        """Whether nothing of it stands in the source."""
        return self.source_paragraph is None


def align_passages(docx_text: DocxText, source: MarkdownSource) -> tuple[AlignedPassage, ...]:
    """The passages of a file as it was sent. Calls of notes get the names of the source's atoms in their texts."""
    paragraphs = {paragraph.bookmark: paragraph for paragraph in source.paragraphs}
    note_names: dict[str, str] = {}
    out = []
    for passage in docx_text.passages:
        docx_paragraph = passage.paragraph
        leaf = next((paragraphs[bookmark] for bookmark in passage.bookmarks if bookmark in paragraphs), None)
        if leaf is None:
            out.append(
                AlignedPassage(passage, None, docx_paragraph.tokens, (frozenset(),) * len(docx_paragraph.tokens))
            )
            continue
        renamed = replace(
            docx_paragraph,
            note=note_names.get(docx_paragraph.note, docx_paragraph.note),
            tokens=_with_source_atoms(docx_paragraph.tokens, leaf, note_names),
        )
        out.append(_align_tokens(replace(passage, paragraph=renamed), leaf))
    return tuple(out)


def _with_source_atoms(tokens: Sequence[Token], paragraph: Paragraph, note_names: dict[str, str]) -> tuple[Token, ...]:
    """The tokens with notes and pictures called by the source's names: both stand in the same order."""
    names = {kind: iter([t.atom for t in paragraph.tokens if t.atom.startswith(kind)]) for kind in ("note", "image")}

    def rename_atom(token: Token) -> Token:
        kind = token.atom.partition(":")[0]
        name = next(names[kind], "") if token.text.startswith("\1") and kind in names else ""
        if name and kind == "note":
            note_names[token.atom] = name
            return replace(token, text=f"\1{name}", atom=name)
        return replace(token, atom=name) if name else token

    return tuple(map(rename_atom, tokens))


def _align_tokens(passage: DocxPassage, paragraph: Paragraph) -> AlignedPassage:
    """A passage's tokens with the places of the leaf's."""
    tokens = list(passage.paragraph.tokens)
    formatting = [frozenset[str]()] * len(tokens)
    groups = [list(group) for _, group in groupby(range(len(tokens)), lambda n: tokens[n].atom or n)]
    docx_words = [tokens[g[0]].atom or tokens[g[0]].normalized for g in groups]
    source_words = [t.atom or t.normalized for t in paragraph.tokens]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, docx_words, source_words, autojunk=False).get_opcodes():
        if tag == "equal":
            for group, source_token in zip(groups[i1:i2], paragraph.tokens[j1:j2], strict=True):
                for n in group:
                    tokens[n] = replace(tokens[n], span=source_token.span, atom=source_token.atom)
                    formatting[n] = source_token.formatting
        elif tag == "replace":
            # The tool writes it otherwise than the source does: a date, a title for an id.
            spans = [k.span for k in paragraph.tokens[j1:j2] if k.span]
            span = (spans[0][0], spans[-1][1]) if len(spans) == j2 - j1 else None
            for n in (n for group in groups[i1:i2] for n in group):
                tokens[n] = replace(tokens[n], span=span, atom=f"value-{paragraph.bookmark}-{j1}")
    return AlignedPassage(passage, paragraph, tuple(tokens), tuple(formatting))


def collect_rendered_atoms(passages: Sequence[AlignedPassage]) -> Mapping[str, tuple[str, ...]]:
    """What each atom reads like in Word: the keys of its words."""
    forms: dict[str, tuple[str, ...]] = {}
    for name, words in _iter_atom_runs(passages):
        forms.setdefault(name, words)
    return forms


def _iter_atom_runs(passages: Sequence[AlignedPassage]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for passage in passages:
        for name, group in groupby(passage.tokens, lambda t: t.atom):
            if name:
                yield name, tuple(t.normalized for t in group)
