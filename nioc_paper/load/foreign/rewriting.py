"""The tree of a foreign file as that of a chapter of ours."""

from __future__ import annotations

import json
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from nioc_paper import tree
from nioc_paper.load.foreign.draft import TOKEN, Draft, Token, excerpt
from nioc_paper.load.foreign.labels import Labels, normalized
from nioc_paper.load.foreign.pictures import Pictures
from nioc_paper.load.foreign.sources import IDENTIFIER, Sources
from nioc_paper.model import Node, Place
from nioc_paper.system import pandoc
from nioc_paper.tree.chapter_markdown import as_pipe_table, break_sentences, escape_line_starts, split_for_escapes
from nioc_paper.tree.code import INLINE_CELL

_REFERENCE_KEY = re.compile(
    r"(?:fig|tbl|tab|sec|eq|lst|thm|lem|exm|exr|def|cor|prp|rem|sol|cnj|nte|tip|wrn|imp|cau|suppfig)[-:].+"
)
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][\w-]*)(?P<rest>[^<>]*?)/?>", re.DOTALL)
_MARKS: Mapping[str, str] = MappingProxyType(
    {"b": "**", "strong": "**", "i": "*", "em": "*", "sub": "~", "sup": "^", "del": "~~", "s": "~~"}
)
_WORDLESS = frozenset(
    ("br", "hr", "p", "center", "div", "span", "wbr", "u", "small", "big", "font", "mark", "ins", "kbd")
)
_DROPPED_HTML = frozenset(("script", "style", "iframe", "video", "audio", "object", "embed", "form", "svg", "canvas"))
_SUFFIX = re.compile(r"\.(?:qmd|rmd|md|html?|ipynb|markdown)$", re.IGNORECASE)
_CALLOUTS: Mapping[str, str] = MappingProxyType(
    {"note": "note", "tip": "tip", "warning": "warning", "caution": "warning", "danger": "warning"}
)
"""Our callouts by those of other tools; the others are notes with their name as the title."""
_PLAIN_DIVS = frozenset(("section", "cell", "center", "text-center"))
_NO_WORDS = re.compile(r"\\[A-Za-z]{2,}\*?[{\[]|\[\^[^\]\s]+\]|^:::")
"""Commands of TeX, notes without words, and marks of blocks: printed as they are, they would be errors here."""
_WEB = ("http://", "https://", "mailto:")


@dataclass
class Context:
    """Everything about the project that the text of a file needs."""

    labels: Labels
    chapters: Mapping[str, str]
    """Ids of chapters by file."""
    pictures: Pictures
    sources: Sources
    tags: Mapping[str, str]
    computed: Mapping[str, str]
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def computed_labels(self) -> set[str]:
        """Labels of what is drawn, printed or numbered by a run of the tool."""
        return {normalized(label) for label in self.computed}


class Rewriter:
    """Rewrites the tree of one file."""

    def __init__(self, context: Context, draft: Draft, path: str) -> None:
        self.context, self.draft, self.path = context, draft, path
        self._computed = context.computed_labels
        self._shift, self._last_level = 0, 1
        self._changes: Mapping[str, Callable[[Node], Node | list[Node]]] = {
            "Str": self._word,
            "Header": self._heading,
            "Div": self._div,
            "Span": self._span,
            "Underline": lambda node: list(node["c"]),
            "SmallCaps": lambda node: list(node["c"]),
            "RawInline": self._raw_inline,
            "RawBlock": self._raw_block,
            "Link": self._link,
            "Cite": self._cite,
            "Code": self._code,
            "CodeBlock": self._code_block,
            "Figure": self._figure,
            "Image": self._image,
            "Table": self._table,
            "Note": self._note,
            "Para": self._paragraph,
            "Plain": self._paragraph,
        }

    def rewrite(self, blocks: Sequence[Node]) -> list[Node]:
        """Return the blocks of a chapter: headings from level 2, a sentence per line, nothing of the other tool."""
        levels = [b["c"][0] for b in tree.walk(list(blocks)) if b["t"] == "Header" and "title" not in tree.classes(b)]
        self._shift = 2 - min(levels, default=2)
        return list(tree.rewrite(as_pipe_table, tree.rewrite(self._change, list(blocks))))

    def without_dead_ids(self, blocks: Sequence[Node], ids: Collection[str]) -> list[Node]:
        """Return blocks of a chapter without references to ids that the result does not have; they are reported."""

        def change(node: Node) -> Node | list[Node]:
            is_markup = node["t"] == "RawInline" and re.fullmatch(r"@(?:sec|fig|tbl)-[\w-]+", node["c"][1])
            is_link = node["t"] == "Link" and node["c"][2][0].startswith("#")
            anchor = node["c"][1][1:] if is_markup else node["c"][2][0][1:] if is_link else ""
            if not anchor or anchor in ids:
                return node
            message = f"a reference to '{anchor}' leads to nothing that is imported: its words are kept"
            self.draft.note(Place(self.path), message, "write @fig-ID, @tbl-ID or @sec-ID")
            return _code(anchor) if is_markup else list(node["c"][1])

        return list(tree.rewrite(change, list(blocks)))

    def _change(self, node: Node) -> Node | list[Node]:
        change = self._changes.get(node["t"])
        return node if change is None else change(node)

    # --- words ---

    def _word(self, node: Node) -> list[Node]:
        out: list[Node] = []
        end = 0
        for match in TOKEN.finditer(node["c"]):
            out += _words(node["c"][end : match.start()])
            out += self._token(self.draft.tokens[int(match[1])])
            end = match.end()
        return out + _words(node["c"][end:])

    def _token(self, token: Token) -> list[Node]:
        if token.kind == "reference":
            return self._reference(token)
        if token.kind == "cite":
            return self._cite_token(token)
        return [_code(token.value)] if token.kind == "include" else [_markdown(token.value)]

    def _reference(self, token: Token) -> list[Node]:
        if (anchor := self._find(token.value)) is not None:
            self.context.counts["reference"] += 1
            return [_markdown(f"@{anchor}")]
        word = re.match(r"[A-Za-z]+\.?(?=[ \u00a0~\n]+\\?@)", token.raw)
        drawn = normalized(token.value) in self._computed
        why = (
            "leads to what the tool draws or counts, or to a picture that is not imported"
            if drawn
            else "leads nowhere in the project"
        )
        self.draft.note(
            token.place, f"'{excerpt(token.raw)}' {why}: its name is kept", "write @fig-ID, @tbl-ID or @sec-ID"
        )
        words = [*tree.text_inlines(word[0]), {"t": "Space"}] if word else []
        return [*words, _code(token.value)]

    def _find(self, label: str) -> str | None:
        """Return the id of ours for a label, or for a file with or without a label."""
        if anchor := self.context.labels.find(label, self.path):
            return anchor
        path, _, fragment = label.partition("#")
        chapter = self._chapter(path) if path else self.path
        if chapter is None:
            return None
        if not fragment:
            return f"sec-{self.context.chapters[chapter]}"
        return self.context.labels.find(fragment, chapter)

    def _chapter(self, name: str) -> str | None:
        """Return the file of a chapter that a link names, with any ending."""
        wanted = _SUFFIX.sub("", unquote(name))
        starts = ("",) if wanted.startswith("/") else (posixpath.dirname(self.path), "")
        candidates = {posixpath.normpath(posixpath.join(start, wanted.lstrip("/"))) for start in starts}
        folders = {candidate.removesuffix("/index") for candidate in candidates}
        candidates |= {f"{folder}/{index}" for folder in folders for index in ("index", "README")}
        return next((path for path in self.context.chapters if _SUFFIX.sub("", path) in candidates), None)

    def _cite_token(self, token: Token) -> list[Node]:
        keys = [key.strip() for key in re.split("[;,]", token.value.strip("[]"))]
        found = {key: self.context.sources.find(key, self.context.tags) for key in keys}
        if missing := [key for key, new in found.items() if new is None]:
            self._no_source(token.raw, missing)
            return [_code(token.raw)]
        self.context.counts["citation"] += len(keys)
        names = "; ".join(f"@{found[key]}" for key in keys)
        return [_markdown(f"[{names}]" if token.value.startswith("[") else names)]

    def _no_source(self, raw: str, keys: Sequence[str]) -> None:
        names = ", ".join(f"'{key}'" for key in keys)
        message = f"no bibliography of the project has {names}: the words are kept"
        self.draft.note(self.draft.locate(raw), message, "add the source to paper/references.yaml, and cite [@KEY]")

    def _cite(self, node: Node) -> Node | list[Node]:
        citations, words = node["c"]
        keys = [c["citationId"] for c in citations]
        raw = tree.plain_text(words)
        references = [self._find_key(key) for key in keys]
        if all(
            _REFERENCE_KEY.fullmatch(key) or anchor for key, anchor in zip(keys, references, strict=True)
        ) and not any(key in self.context.sources.keys for key in keys):
            return self._cross_references(keys, references)
        found = [self.context.sources.find(key, self.context.tags) for key in keys]
        if any(new is None for new in found):
            self._no_source(keys[0], [key for key, new in zip(keys, found, strict=True) if new is None])
            return [_code(raw)] if raw.startswith("[") else _words(raw)
        self.context.counts["citation"] += len(keys)
        named = [{**c, "citationId": new} for c, new in zip(citations, found, strict=True)]
        return {"t": "Cite", "c": [named, [{"t": "Str", "c": raw}]]}

    def _find_key(self, key: str) -> str | None:
        if key in self.context.sources.keys or IDENTIFIER.fullmatch(key):
            return None
        return self.context.labels.find(key, self.path)

    def _cross_references(self, keys: Sequence[str], ids: Sequence[str | None]) -> list[Node]:
        out: list[Node] = []
        for key, anchor in zip(keys, ids, strict=True):
            out += [{"t": "Str", "c": ","}, {"t": "Space"}] if out else []
            if anchor is None:
                out += self._reference(Token("reference", key, f"@{key}", self.draft.locate(f"@{key}")))
            else:
                self.context.counts["reference"] += 1
                out.append(_markdown(f"@{anchor}"))
        return out

    def _code(self, node: Node) -> Node:
        (_, classes, values), code = node["c"]
        if INLINE_CELL.match(code) or classes[:1] == ["r"]:
            message = f"'{excerpt(code)}' is a value that the tool computes: its code is kept"
            self.draft.note(self.draft.locate(code), message, "write the value, or @fact-ID", "computed-cell")
        del values
        return {"t": "Code", "c": [tree.attr(), code]}

    def _note(self, node: Node) -> Node:
        self.context.counts["note"] += 1
        return node

    def _paragraph(self, node: Node) -> Node | list[Node]:
        inlines = node["c"]
        if inlines and all(n["t"] == "RawInline" and n["c"][1].startswith("<!--") for n in inlines):
            return [{"t": "RawBlock", "c": n["c"]} for n in inlines]
        images = [n for n in inlines if n["t"] == "Image"]
        if len(images) == 1 and all(n["t"] in ("Image", "Space", "SoftBreak", "LineBreak") for n in inlines):
            return self._as_figure(images[0])
        return {**node, "c": escape_line_starts(break_sentences(inlines))} if inlines else []

    def _as_figure(self, image: Node) -> Node:
        """Return a picture alone in its paragraph as a figure; its own id moves to the figure."""
        (anchor, _, values), caption, target = image["c"]
        return _figure_of(anchor, caption, values, target)

    # --- links and pictures ---

    def _link(self, node: Node) -> Node | list[Node]:
        _, words, (target, title) = node["c"]
        if title and title not in tree.plain_text(words):
            message = f"the title '{title}' of a link to {target} is left out"
            self.draft.note(self.draft.locate(target), message, "write it into the words of the link")
        if target.startswith(_WEB) and "%7B%7B" not in target:
            return {"t": "Link", "c": [tree.attr(), words or tree.text_inlines(target), [target, ""]]}
        path, _, fragment = target.partition("#")
        if "://" not in path and (anchor := self._find(unquote(target) if path else fragment)):
            self.context.counts["reference"] += 1
            return {"t": "Link", "c": [tree.attr(), words, [f"#{anchor}", ""]]} if words else _markdown(f"@{anchor}")
        if path and (anchor := self._find_page(path, fragment)):
            self.context.counts["reference"] += 1
            return {"t": "Link", "c": [tree.attr(), words, [f"#{anchor}", ""]]}
        message = f"a link to '{target}' leads to nothing that is imported: its words are kept"
        self.draft.note(self.draft.locate(target), message, "write [words](#id), or the address on the web")
        return list(words) or [_code(target)]

    def _find_page(self, path: str, fragment: str) -> str | None:
        """Return the id for a page that bookdown or a site makes of a heading: data-types.html."""
        stem = _SUFFIX.sub("", posixpath.basename(path))
        return self.context.labels.find(fragment or stem, self.path) if _SUFFIX.search(path) else None

    def _image(self, node: Node) -> Node | list[Node]:
        (anchor, _, values), words, (target, title) = node["c"]
        attributes = dict(values)
        if target.startswith(_WEB):
            message = f"the picture '{target}' is on the web, and is not imported: a link is kept"
            self.draft.note(self.draft.locate(target), message, "save it to paper/figures/")
            alt = words or tree.text_inlines(attributes.get("alt", "") or "picture")
            return {"t": "Link", "c": [tree.attr(), alt, [target, ""]]}
        path, problem = self.context.pictures.add(target, self.path)
        alt = attributes.get("fig-alt", "") or attributes.get("fig.alt", "") or attributes.get("alt", "")
        if problem:
            message = f"the picture '{unquote(target)}' {problem}: its name is kept"
            self.draft.note(self.draft.locate(target), message, "save it as PNG, JPEG or SVG to paper/figures/")
            return [
                *words,
                *([{"t": "Space"}] if words else []),
                *tree.text_inlines(f"[picture: {alt or unquote(target)}]"),
            ]
        self.context.counts["picture"] += 1
        values = {"alt": alt} if alt else {}
        if re.fullmatch(r"\d+(?:\.\d+)?%", attributes.get("width", "")):
            values["width"] = attributes["width"]
        if title and title not in ("fig:", ""):
            words = [*words, *([{"t": "Space"}] if words else []), *tree.text_inlines(title)]
        new_id = self.context.labels.find(anchor, self.path) if anchor else None
        label = attributes.get("label", "")
        new_id = new_id or (self.context.labels.find(label, self.path) if label else None)
        return {"t": "Image", "c": [tree.attr(new_id or "", (), values), words, [path, ""]]}

    def _figure(self, node: Node) -> Node | list[Node]:
        (anchor, _, _), caption, blocks = node["c"]
        images = [n for n in tree.walk(blocks) if n["t"] == "Image"]
        if len(images) != 1:
            is_there = tree.plain_text(caption[1]) in tree.plain_text(blocks)
            return [*blocks, *(() if is_there else caption[1])]
        (own_id, _, values), alt, target = images[0]["c"]
        words = tree.plain_text(alt)
        if words and words != tree.plain_text(caption[1]) and "alt" not in dict(values):
            values = [*values, ["alt", words]]
        new = (self.context.labels.find(anchor, self.path) if anchor else None) or own_id
        inlines = [n for b in caption[1] for n in b.get("c", ()) if isinstance(n, dict)]
        return _figure_of(new, inlines, values, target)

    def _table(self, node: Node) -> Node:
        (anchor, _, _), caption, *rest = node["c"]
        self.context.counts["table"] += 1
        new = self.context.labels.find(anchor, self.path) if anchor else None
        return {"t": "Table", "c": [tree.attr(new or ""), caption, *rest]}

    # --- blocks ---

    def _heading(self, node: Node) -> Node | list[Node]:
        level, (anchor, classes, _), inlines = node["c"]
        if "title" in classes:
            return []
        # Levels skipped in the original are not skipped here.
        self._last_level = max(2, min(level + self._shift, self._last_level + 1))
        new = self.context.labels.by_file[self.path].get(normalized(anchor), "") if anchor else ""
        inlines = [n for n in inlines if n["t"] not in ("LineBreak", "SoftBreak")] if len(inlines) > 1 else inlines
        return {"t": "Header", "c": [self._last_level, tree.attr(new if new.startswith("sec-") else ""), inlines]}

    def _div(self, node: Node) -> Node | list[Node]:
        (anchor, classes, values), blocks = node["c"]
        kind = next((name.removeprefix("callout-") for name in classes if name.startswith("callout-")), "")
        if kind:
            return _callout(kind, dict(values).get("title", ""), blocks)
        figures = [b for b in blocks if b["t"] == "Figure"]
        if anchor and (figures or any(b["t"] == "Table" for b in blocks)):
            return self._labelled(anchor, blocks)
        if names := [name for name in classes if name not in _PLAIN_DIVS]:
            title = dict(values).get("title", "")
            shown = f"'.{'.'.join(names)}'{f' with the title {title}' if title else ''}"
            message = f"a block {shown} has no counterpart here: its text is kept"
            self.draft.note(self.draft.locate(names[0]), message, "check that the text reads well without it")
        return list(blocks)

    def _labelled(self, anchor: str, blocks: Sequence[Node]) -> list[Node]:
        """Return a figure or table in a block with an id; the last paragraph is the caption."""
        new = self.context.labels.find(anchor, self.path) or ""
        out = list(blocks)
        last = out.pop() if len(out) > 1 and out[-1]["t"] in ("Para", "Plain") else None
        kept = [last] if last else []
        for index, block in enumerate(out):
            if block["t"] in ("Figure", "Table"):
                attributes, (_, caption), *rest = block["c"]
                if last and not caption:
                    caption, kept = [tree.plain_block(last["c"])], []
                if block["t"] == "Figure":
                    _, _, values, target = _image_parts(block)
                    out[index] = _figure_of(new or attributes[0], caption[0]["c"] if caption else [], values, target)
                else:
                    out[index] = {"t": "Table", "c": [tree.attr(new or attributes[0]), [None, caption], *rest]}
                break
        return [*out, *kept]

    def _span(self, node: Node) -> list[Node]:
        return list(node["c"][1])

    def _code_block(self, node: Node) -> Node:
        (_, classes, values), code = node["c"]
        attributes = dict(values)
        header = attributes.pop("cell", "")
        attributes.pop("label", "")
        if "=" in header or "," in header:
            code = f"#| {header}\n{code}"
        code = code.strip("\n")
        if words := [f"{key}={value}" for key, value in attributes.items()]:
            message = f"'{' '.join(words)}' of a block of code is left out"
            self.draft.note(self.draft.locate(words[0].partition("=")[0]), message, "write it as words above the code")
        language = [name for name in classes[:1] if re.fullmatch(r"[\w+-]+", name)]
        return {"t": "CodeBlock", "c": [tree.attr("", language), code]}

    # --- raw code ---

    def _raw_inline(self, node: Node) -> Node | list[Node]:
        form, text = node["c"]
        if form == "markdown":
            return node
        if form == "html":
            if text.startswith("<!--"):
                return _markdown(text)
            if tag := _TAG.fullmatch(text):
                return self._tag(text, tag)
        if form in ("tex", "latex") and (match := re.fullmatch(r"\\(?:ref|autoref|cref|Cref)\{([^{}]*)\}", text)):
            return self._reference(Token("reference", match[1], text, self.draft.locate(text)))
        self.draft.note(
            self.draft.locate(text), f"'{excerpt(text)}' is {_named(form)}, and is left out", "write it in Markdown"
        )
        return []

    def _tag(self, text: str, tag: re.Match[str]) -> Node | list[Node]:
        name = tag["name"].lower()
        if name == "br":
            return {"t": "LineBreak"}
        if name in _MARKS:
            return _markdown(_MARKS[name])
        attributes = dict(re.findall(r"([\w-]+)\s*=\s*[\"']([^\"']*)[\"']", tag["rest"]))
        if name == "img" and "src" in attributes:
            alt = attributes.get("alt", "")
            values = [["alt", alt]] if alt else []
            width = attributes.get("width", "")
            values += [["width", width]] if width.endswith("%") else []
            return self._image(
                {"t": "Image", "c": [[attributes.get("id", ""), [], values], [], [attributes["src"], ""]]}
            )
        words = " ".join(value for key, value in attributes.items() if key in ("href", "title", "alt", "data-cite"))
        if words or name in _DROPPED_HTML:
            message = f"the tag '{excerpt(text)}' is left out; the words around it are kept"
            self.draft.note(self.draft.locate(text), message, "write it in Markdown")
        return []

    def _raw_block(self, node: Node) -> Node | list[Node]:
        form, text = node["c"]
        if form == "markdown":
            return node
        if form == "html":
            comment = re.fullmatch(r"\s*<!--([\s\S]*?)-->\s*", text)
            if comment:
                return {"t": "RawBlock", "c": ["markdown", text.strip()]}
            return self._html(text)
        lines = text.strip()
        if re.fullmatch(r"(?:\\[A-Za-z]+\*?(?:\[[^\]]*\])?(?:\{[^{}]*\})*\s*)+", lines):
            self.draft.note(self.draft.locate(lines), f"'{excerpt(lines)}' is {_named(form)}, and is left out", "")
            return []
        message = f"a passage of {_named(form)} is kept as code"
        self.draft.note(self.draft.locate(lines), message, "write it in Markdown")
        return {"t": "CodeBlock", "c": [tree.attr("", ["latex" if "tex" in form else form]), lines]}

    def _html(self, text: str) -> list[Node]:
        """Return HTML as blocks; scripts, styles and players are left out."""
        name = m["name"].lower() if (m := _TAG.search(text)) else ""
        words = re.sub(r"<[^<>]*>", " ", text).split()
        if name in _DROPPED_HTML:
            self.draft.note(
                self.draft.locate(text[:60]), f"HTML is left out: {excerpt(text)}", "show a picture, or a link"
            )
            return []
        if not words and name != "img" and "<img" not in text:
            if any(tag in text for tag in ("href=", "<iframe", "<video", "<source")):
                self.draft.note(
                    self.draft.locate(text[:60]), f"HTML is left out: {excerpt(text)}", "write it in Markdown"
                )
            return []
        try:
            output = pandoc.run(["-f", "html", "-t", "json"], text.encode(), seconds=20, heap="1g")
            blocks = json.loads(output.stdout)["blocks"]
        except (pandoc.PandocError, ValueError):
            return [{"t": "CodeBlock", "c": [tree.attr("", ["html"]), text]}]
        return [*_listed(tree.rewrite(self._change, blocks))]


def _words(text: str) -> list[Node]:
    """Return a word; one that would be read as markup is code."""
    if not text:
        return []
    return [_code(text)] if _NO_WORDS.search(text) else split_for_escapes(text)


def _listed(value: Any) -> list[Node]:
    return list(value)


def _figure_of(anchor: str, caption: Sequence[Node], values: Sequence[Sequence[str]], target: Sequence[str]) -> Node:
    """Return a figure; its picture has the words of the caption, as pandoc's writer expects."""
    picture = {"t": "Image", "c": [["", [], list(values)], list(caption), list(target)]}
    words = [tree.plain_block(caption)] if caption else []
    return {"t": "Figure", "c": [tree.attr(anchor), [None, words], [tree.plain_block([picture])]]}


def _image_parts(figure: Node) -> tuple[str, Sequence[Node], Sequence[Sequence[str]], Sequence[str]]:
    """Return id, words, attributes and target of the picture of a figure."""
    image = next(node for node in tree.walk(figure["c"][2]) if node["t"] == "Image")
    (anchor, _, values), words, target = image["c"]
    return anchor, words, values, target


def _named(form: str) -> str:
    return {"tex": "LaTeX", "latex": "LaTeX", "html": "HTML"}.get(form, form)


def _code(text: str) -> Node:
    return {"t": "Code", "c": [tree.attr(), text]}


def _markdown(text: str) -> Node:
    return {"t": "RawInline", "c": ["markdown", text]}


def _callout(kind: str, title: str, blocks: Sequence[Node]) -> Node:
    """Return a callout of ours: a note, a tip or a warning, without headings and other callouts inside."""
    out = list(blocks)
    if not title and out and out[0]["t"] == "Header":
        title = tree.plain_text(out.pop(0)["c"][2])
    name = _CALLOUTS.get(kind, "note")
    if not title and kind not in _CALLOUTS:
        title = kind.capitalize()
    inside = [block for node in out for block in _plain_blocks(node)]
    return tree.div(inside, name, values={"title": title} if title else None)


def _plain_blocks(node: Node) -> list[Node]:
    """Return a block that a callout can hold: headings and callouts become paragraphs."""
    if node["t"] == "Header":
        return [tree.para([tree.strong(node["c"][2])])]
    if node["t"] == "Div":
        title = tree.attributes(node).get("title", "")
        head = [tree.para([tree.strong(tree.text_inlines(f"{title}"))])] if title else []
        return [*head, *node["c"][1]]
    return [node]
