"""Glossary: the terms of the register with their definitions."""

from __future__ import annotations

from nioc_paper import tree
from nioc_paper.assemble.lists.cells import ListContext
from nioc_paper.domain.glossary import defined_terms, term_id
from nioc_paper.model import Node, Term

GLOSSARY = "list-glossary"
"""Key of the target that names the place of the printed glossary."""


def build_glossary(context: ListContext) -> list[Node]:
    """Return the defined terms in alphabetical order, each with its definition and source."""
    entries = [
        [[tree.span(tree.text_inlines(term.use), id=term_id(term))], [[tree.plain_block(_definition(context, term))]]]
        for term in sorted(defined_terms(context.paper), key=lambda term: term.use.casefold())
    ]
    return [tree.div([{"t": "DefinitionList", "c": entries}], "generated", "glossary")] if entries else []


def _definition(context: ListContext, term: Term) -> list[Node]:
    """Return a definition, with its source before the full stop."""
    text = term.definition or ""
    if not term.source or term.source not in context.paper.references:
        return tree.text_inlines(text)
    body, stop = (text[:-1], text[-1]) if text.endswith((".", "۔")) else (text, "")
    citation = context.references.resolve_citation(tree.cite(term.source))
    end = [{"t": "Str", "c": stop}] if stop else []
    return [*tree.text_inlines(body), {"t": "Space"}, *(citation if isinstance(citation, list) else [citation]), *end]
