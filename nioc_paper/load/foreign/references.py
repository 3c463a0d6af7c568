"""References, citations and links of a foreign file as those of a chapter of ours."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Sequence
from urllib.parse import unquote

from nioc_paper import tree
from nioc_paper.load.foreign.chapter_nodes import code_node, markdown_node, word_nodes
from nioc_paper.load.foreign.draft import Draft, Placeholder, excerpt
from nioc_paper.load.foreign.labels import normalize_label
from nioc_paper.load.foreign.project_context import ProjectContext
from nioc_paper.load.foreign.sources import IDENTIFIER
from nioc_paper.load.foreign.words import TYPED_NUMBER
from nioc_paper.model import Node, Place

_REFERENCE_KEY = re.compile(
    r"(?:fig|tbl|tab|sec|eq|lst|thm|lem|exm|exr|def|cor|prp|rem|sol|cnj|nte|tip|wrn|imp|cau|suppfig)[-:].+"
)
_SUFFIX = re.compile(r"\.(?:qmd|rmd|md|html?|ipynb|markdown)$", re.IGNORECASE)
WEB_PREFIXES = ("http://", "https://", "mailto:")


class ReferenceConverter:
    """Converts the references of one file."""

    def __init__(self, context: ProjectContext, draft: Draft, path: str) -> None:
        self.context, self.draft, self.path = context, draft, path
        self._computed = context.computed_labels

    def convert_placeholder(self, placeholder: Placeholder) -> list[Node]:
        """Return the nodes for a placeholder."""
        if placeholder.kind == "reference":
            return self.convert_reference(placeholder)
        if placeholder.kind == "equation":
            return self._convert_equation_label(placeholder)
        if placeholder.kind == "cite":
            return self._convert_cite_placeholder(placeholder)
        return [code_node(placeholder.value)] if placeholder.kind == "include" else [markdown_node(placeholder.value)]

    def _convert_equation_label(self, placeholder: Placeholder) -> list[Node]:
        """Return the id of an equation, to be written behind its formula."""
        anchor = self.context.labels.by_file[self.path].get(normalize_label(placeholder.value))
        return [markdown_node(f"{{#{anchor}}}")] if anchor else []

    def convert_reference(self, placeholder: Placeholder) -> list[Node]:
        """Return a reference; its name as code if it leads nowhere."""
        if (anchor := self._find_id(placeholder.value)) is not None:
            self.context.counts["reference"] += 1
            return [markdown_node(f"@{anchor}")]
        word = re.match(r"[A-Za-z]+\.?(?=[ \u00a0~\n]+\\?@)", placeholder.raw)
        drawn = normalize_label(placeholder.value) in self._computed
        why = (
            "leads to what the tool draws or counts, or to a picture that is not imported"
            if drawn
            else "leads nowhere in the project"
        )
        self.draft.note(
            placeholder.place,
            f"'{excerpt(placeholder.raw)}' {why}: its name is kept",
            "write @fig-ID, @tbl-ID or @sec-ID",
        )
        words = [*tree.text_inlines(word[0]), {"t": "Space"}] if word else []
        return [*words, code_node(placeholder.value)]

    def _find_id(self, label: str) -> str | None:
        """Return the id of ours for a label, or for a file with or without a label."""
        if anchor := self.context.labels.find(label, self.path):
            return anchor
        path, _, fragment = label.partition("#")
        chapter = self._find_chapter(path) if path else self.path
        if chapter is None:
            return None
        if not fragment:
            return f"sec-{self.context.chapters[chapter]}"
        return self.context.labels.find(fragment, chapter)

    def _find_chapter(self, name: str) -> str | None:
        """Return the file of a chapter that a link names, with any ending."""
        target = _SUFFIX.sub("", unquote(name))
        starts = ("",) if target.startswith("/") else (posixpath.dirname(self.path), "")
        candidates = {posixpath.normpath(posixpath.join(start, target.lstrip("/"))) for start in starts}
        folders = {candidate.removesuffix("/index") for candidate in candidates}
        candidates |= {f"{folder}/{index}" for folder in folders for index in ("index", "README")}
        return next((path for path in self.context.chapters if _SUFFIX.sub("", path) in candidates), None)

    def _convert_cite_placeholder(self, placeholder: Placeholder) -> list[Node]:
        keys = [key.strip() for key in re.split("[;,]", placeholder.value.strip("[]"))]
        new_keys = {key: self.context.sources.find(key, self.context.tags) for key in keys}
        if missing := [key for key, new in new_keys.items() if new is None]:
            self._report_missing_sources(placeholder.raw, missing)
            return [code_node(placeholder.raw)]
        self.context.counts["citation"] += len(keys)
        names = "; ".join(f"@{new_keys[key]}" for key in keys)
        return [markdown_node(f"[{names}]" if placeholder.value.startswith("[") else names)]

    def _report_missing_sources(self, raw: str, keys: Sequence[str]) -> None:
        names = ", ".join(f"'{key}'" for key in keys)
        message = f"no bibliography of the project has {names}: the words are kept"
        self.draft.note(self.draft.locate(raw), message, "add the source to paper/references.yaml, and cite [@KEY]")

    def convert_cite(self, node: Node) -> Node | list[Node]:
        """Return citations with our keys, or references."""
        citations, words = node["c"]
        keys = [c["citationId"] for c in citations]
        raw = tree.plain_text(words)
        references = [self._find_key_id(key) for key in keys]
        if all(
            _REFERENCE_KEY.fullmatch(key) or anchor for key, anchor in zip(keys, references, strict=True)
        ) and not any(key in self.context.sources.keys for key in keys):
            return self._convert_cross_references(keys, references)
        new_keys = [self.context.sources.find(key, self.context.tags) for key in keys]
        if any(new is None for new in new_keys):
            self._report_missing_sources(keys[0], [key for key, new in zip(keys, new_keys, strict=True) if new is None])
            return [code_node(raw)] if raw.startswith("[") else word_nodes(raw)
        self.context.counts["citation"] += len(keys)
        new_citations = [{**c, "citationId": new} for c, new in zip(citations, new_keys, strict=True)]
        return {"t": "Cite", "c": [new_citations, [{"t": "Str", "c": raw}]]}

    def _find_key_id(self, key: str) -> str | None:
        if key in self.context.sources.keys or IDENTIFIER.fullmatch(key):
            return None
        return self.context.labels.find(key, self.path)

    def _convert_cross_references(self, keys: Sequence[str], ids: Sequence[str | None]) -> list[Node]:
        out: list[Node] = []
        for key, anchor in zip(keys, ids, strict=True):
            out += [{"t": "Str", "c": ","}, {"t": "Space"}] if out else []
            if anchor is None:
                out += self.convert_reference(Placeholder("reference", key, f"@{key}", self.draft.locate(f"@{key}")))
            else:
                self.context.counts["reference"] += 1
                out.append(markdown_node(f"@{anchor}"))
        return out

    def convert_link(self, node: Node) -> Node | list[Node]:
        """Return a link with our id; its words if it leads nowhere."""
        _, words, (target, title) = node["c"]
        if title and title not in tree.plain_text(words):
            message = f"the title '{title}' of a link to {target} is left out"
            self.draft.note(self.draft.locate(target), message, "write it into the words of the link")
        if target.startswith(WEB_PREFIXES) and "%7B%7B" not in target:
            return {"t": "Link", "c": [tree.attr(), words or tree.text_inlines(target), [target, ""]]}
        path, _, fragment = target.partition("#")
        anchor = self._find_id(unquote(target) if path else fragment) if "://" not in path else None
        if anchor or (anchor := self._find_page_id(path, fragment) if path else None):
            self.context.counts["reference"] += 1
            if not words or TYPED_NUMBER.fullmatch(tree.plain_text(words)):
                return markdown_node(f"@{anchor}")
            return {"t": "Link", "c": [tree.attr(), words, [f"#{anchor}", ""]]}
        message = f"a link to '{target}' leads to nothing that is imported: its words are kept"
        self.draft.note(self.draft.locate(target), message, "write [words](#id), or the address on the web")
        return list(words) or [code_node(target)]

    def _find_page_id(self, path: str, fragment: str) -> str | None:
        """Return the id for a page that bookdown or a site makes of a heading: data-types.html."""
        stem = _SUFFIX.sub("", posixpath.basename(path))
        return self.context.labels.find(fragment or stem, self.path) if _SUFFIX.search(path) else None

    def without_dead_ids(self, blocks: Sequence[Node], ids: Collection[str]) -> list[Node]:
        """Return blocks of a chapter without references to ids that the result does not have; they are reported."""

        def change(node: Node) -> Node | list[Node]:
            is_markup = node["t"] == "RawInline" and re.fullmatch(r"@(?:sec|fig|tbl|eq)-[\w-]+", node["c"][1])
            is_link = node["t"] == "Link" and node["c"][2][0].startswith("#")
            anchor = node["c"][1][1:] if is_markup else node["c"][2][0][1:] if is_link else ""
            if not anchor or anchor in ids:
                return node
            message = f"a reference to '{anchor}' leads to nothing that is imported: its words are kept"
            self.draft.note(Place(self.path), message, "write @fig-ID, @tbl-ID or @sec-ID")
            return code_node(anchor) if is_markup else list(node["c"][1])

        return tree.rewrite(change, blocks)
