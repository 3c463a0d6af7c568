"""Rules about the definitions of terms."""

from __future__ import annotations

from collections.abc import Iterator

from nioc_paper import tree
from nioc_paper.check.finding import Finding
from nioc_paper.domain.glossary import GLOSSARY_LIST, term_key, term_pattern
from nioc_paper.model import Paper


def unused_term(paper: Paper) -> Iterator[Finding]:
    """Every term that has a definition is used in a chapter.

    Bad: {use: caisson, definition: A box in which a pier is built.}, and no chapter has the word
    Good: the same, and in a chapter: The caisson is older than the pier.
    """
    if not any(term.definition for term in paper.terms):
        return
    pattern = term_pattern(term.use for term in paper.terms)
    texts = (tree.plain_text(chapter.blocks, with_notes=True) for chapter in paper.chapters)
    used = {term_key(match[1]) for text in texts for match in pattern.finditer(text)}
    for index, term in enumerate(paper.terms):
        if term.definition and term_key(term.use) not in used:
            place = paper.terms_file.place("terms", index, "use")
            yield Finding(place, f"no chapter uses the term '{term.use}'", "delete the definition, or use the term")


def unprinted_definition(paper: Paper) -> Iterator[Finding]:
    """Definitions of terms are printed: the paper has the list `glossary`.

    Bad: a term with a definition, and no list of definitions
    Good: annexes: [{title: Glossary, list: glossary}]
    """
    index = next((n for n, term in enumerate(paper.terms) if term.definition), None)
    if index is not None and not _prints_glossary(paper):
        place = paper.terms_file.place("terms", index, "definition")
        hint = "add {title: Glossary, list: glossary} to the annexes in paper/paper.yaml"
        yield Finding(place, "the paper does not print the definitions of its terms", hint)


def _prints_glossary(paper: Paper) -> bool:
    divisions = (node for chapter in paper.chapters for node in tree.walk_blocks(chapter.blocks))
    return any(annex.list == GLOSSARY_LIST for annex in paper.settings.annexes) or any(
        tree.is_div(node, "generated") and tree.attributes(node).get("list") == GLOSSARY_LIST for node in divisions
    )
