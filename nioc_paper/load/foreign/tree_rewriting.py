"""The tree of a foreign file as that of a chapter of ours."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from html import unescape
from urllib.parse import unquote

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.load.foreign.pandoc_input import LABEL_WORD, PLACEHOLDER, TAG, TYPED_NUMBER, Draft, excerpt
from nioc_paper.load.foreign.project import ProjectFiles
from nioc_paper.model import Node, free_name, short_slug
from nioc_paper.tree.foreign_markup import TEX
from nioc_paper.tree.markdown_fitting import fit_to_chapter, split_for_escapes
from nioc_paper.tree.own_markdown import CALLOUT_CLASSES, CALLOUTS_OF_OTHERS

_CALLOUTS = {**{name: name for name in CALLOUT_CLASSES}, **CALLOUTS_OF_OTHERS}
_KEPT: Mapping[str, Sequence[str]] = {
    "Header": ("unnumbered", "unlisted"),
    "Div": ("lang", "dir"),
    "Span": ("lang", "dir"),
    "Image": ("alt", "fig-alt", "fig.alt", "width"),
}
"""Classes and attributes that have a counterpart, by type of node. Ids are labels."""
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "sub": "~", "sup": "^", "del": "~~", "s": "~~", "br": ""}
_SILENT = re.compile(r"<(?:script|style|iframe|video|audio|object|embed|form|svg|canvas)\b", re.IGNORECASE)
"""Tags of HTML whose content is no text."""
_TEX_COMMANDS = re.compile(r"(?:\\[A-Za-z]+\*?(?:\[[^\]]*\])?(?:\{[^{}]*\})*\s*)+")
_REFERENCE_KEY = re.compile(
    r"(?:fig|tbl|tab|sec|eq|lst|thm|lem|exm|exr|def|cor|prp|rem|sol|cnj|nte|tip|wrn|imp|cau|suppfig)[-:].+"
)
_SUFFIX = re.compile(r"\.(?:qmd|rmd|md|html?|ipynb|markdown)$", re.IGNORECASE)
_UNREADABLE = re.compile(rf"{TEX}|\[\^[^\]\s]+\]|^:::")
"""Commands of TeX, notes without words, and marks of blocks: printed as they are, they would be errors here."""
_KINDS = {"Header": "sec", "Image": "fig", "Table": "tbl", "Str": "eq"}
_PREFIX = re.compile(r"(?:fig|tbl|tab|sec|eq|table|figure|equation)[-:]")
_EQUATION_ID = re.compile(r"\{#(eq[-:][\w:.-]+)\}")
"""Id that Quarto writes behind a formula."""
_WEB_PREFIXES = ("http://", "https://", "mailto:")


class ProjectContext(Struct):
    """Everything about the project that the text of a file needs, with the ids of ours by the labels of all files."""

    files: ProjectFiles
    chapters: Mapping[str, str]
    """Ids of the sections that chapters are, by file."""
    keys: Collection[str]
    """Keys of the sources."""
    counts: Counter[str] = field(default_factory=Counter)
    _ids: set[str] = field(default_factory=set)
    _used: set[str] = field(default_factory=set)
    """Ids that something refers to."""
    _printed_ids: set[str] = field(default_factory=lambda: {""})
    _by_label: dict[tuple[str, str], str] = field(default_factory=dict)
    """Ids by file and label; the first of each label is also under an empty file."""

    def add_labels(self, path: str, blocks: Sequence[Node]) -> None:
        """Note the labels in a file, but not those of pictures that are not shown.

        A label of anything but a heading, picture, table or equation leads to the heading above.
        """
        above = self.chapters[path]
        self._ids.update(self.chapters.values())
        for node in tree.walk(blocks):
            equation = _EQUATION_ID.match(node["c"]) if node["t"] == "Str" else None
            label = tree.identifier(node) if node["t"] in tree.TYPES_WITH_ATTR else equation[1] if equation else ""
            kind = _KINDS.get(node["t"], "")
            if not label or (kind == "fig" and not self.files.add_picture(tree.target(node), path)[0]):
                continue
            name = short_slug(_PREFIX.sub("", label))[:60].strip("-") or "part"
            new = free_name(f"{kind}-{name}", self._ids) if kind else above
            self._ids.add(new)
            above = new if kind == "sec" else above
            for place in (path, ""):
                self._by_label.setdefault((place, _normalize(label)), new)

    def own_id(self, label: str, path: str) -> str:
        """Return the id for the thing itself that has a label. Empty for a second thing with it."""
        anchor = self._by_label.get((path, _normalize(label)), "")
        if anchor in self._printed_ids:
            return ""
        self._printed_ids.add(anchor)
        return anchor

    def find(self, label: str, path: str) -> str:
        """Return the id of ours for a label in a file, and note that it is used. Empty if there is none."""
        forms = (_normalize(label), f"sec-{_normalize(label)}", _normalize(label).removeprefix("sec-"))
        places = [(place, form) for form in forms if form for place in (path, "")]
        anchor = next((self._by_label[place] for place in places if place in self._by_label), "")
        self._used.add(anchor)
        return anchor

    def without_unused_id(self, node: Node) -> Node:
        """Return a node; a heading without its id if nothing refers to it."""
        return node if node["t"] != "Header" or tree.identifier(node) in self._used else tree.without_id(node)


class Rewriter:
    """Rewrites the tree of one file."""

    def __init__(self, context: ProjectContext, draft: Draft) -> None:
        self._context, self._draft = context, draft
        self._changes: Mapping[str, Callable[[Node], Node | list[Node]]] = {
            "Str": self._word,
            "Header": self._heading,
            "Div": self._div,
            "Span": lambda node: tree.with_attr(node, _language(node)) if _language(node)[2] else tree.content(node),
            **dict.fromkeys(("Underline", "SmallCaps"), tree.content),
            **dict.fromkeys(("RawInline", "RawBlock"), self._raw),
            "Link": self._link,
            "Cite": self._cite,
            "Code": lambda node: _code(tree.content(node)),
            "CodeBlock": self._code_block,
            "Figure": lambda node: [*tree.content(node), *tree.caption(node)],  # of HTML
            "Image": self._image,
            "Table": self._table,
            **dict.fromkeys(("Para", "Plain"), self._paragraph),
        }

    def rewrite(self, blocks: Sequence[Node]) -> list[Node]:
        """Return the blocks of a chapter, with nothing of the other tool."""
        self._context.counts["note"] += sum(node["t"] == "Note" for node in tree.walk(blocks))
        return fit_to_chapter(tree.rewrite(self._change, blocks))

    def _change(self, node: Node) -> Node | list[Node]:
        names = [node["t"]] if node["t"] in ("Underline", "SmallCaps") else []
        if node["t"] in tree.TYPES_WITH_ATTR:
            kind = _callout(node)
            known = [*_KEPT.get(node["t"], ()), *((kind, f"callout-{kind}", "title") if kind else ())]
            is_language = node["t"] in ("Code", "CodeBlock", "Link")  # or the kind of an address
            names = [f".{name}" for name in tree.classes(node) if name not in known and not is_language]
            pairs = tree.attributes(node).items()
            names += [f'{k}="{v}"' for k, v in pairs if k not in known or (k == "width" and not v.endswith("%"))]
        if names:
            place = self._draft.locate(names[0].lstrip(".").partition("=")[0], tree.plain_text(node)[:20])
            self._draft.note(place, f"'{' '.join(names)}' has no counterpart here", "check that it reads well without")
        change = self._changes.get(node["t"])
        return node if change is None else change(node)

    def _word(self, node: Node) -> list[Node]:
        """Return a word with the forms in it as code; the id behind a formula with that of ours."""
        text = tree.content(node)
        out: list[Node] = []
        if equation := _EQUATION_ID.match(text):
            anchor = self._context.own_id(equation[1], self._draft.path)
            out, text = [_markdown(f"{{#{anchor}}}")] if anchor else [], text[equation.end() :]
        for number, part in enumerate(PLACEHOLDER.split(text)):
            out += [_code(self._draft.kept_forms[int(part)])] if number % 2 else _words(part)
        return out

    def _paragraph(self, node: Node) -> Node | list[Node]:
        """Return a paragraph; comments alone in it as blocks."""
        inlines = tree.content(node)
        is_comment = inlines and all(n["t"] == "RawInline" and tree.content(n).startswith("<!--") for n in inlines)
        return [{"t": "RawBlock", "c": n["c"]} for n in inlines] if is_comment else node if inlines else []

    def _heading(self, node: Node) -> Node | list[Node]:
        inlines = [n for n in tree.content(node) if n["t"] not in ("LineBreak", "SoftBreak")]
        names = filter(_KEPT["Header"].__contains__, tree.classes(node))
        anchor = self._context.own_id(tree.identifier(node), self._draft.path)
        return tree.header(tree.level(node), inlines, *names, id=anchor)

    def _div(self, node: Node) -> Node | list[Node]:
        """Return a callout of ours for one of another tool; the blocks in any other."""
        kind, title, blocks = _callout(node), tree.attributes(node).get("title", ""), list(tree.content(node))
        if not kind:
            return tree.with_attr(node, _language(node)) if _language(node)[2] else blocks
        if blocks and blocks[0]["t"] == "Header":
            title = title or tree.plain_text(tree.content(blocks.pop(0)))
        title = title or ("Important" if kind == "important" else "")
        inside = [block for inner in blocks for block in _plain_blocks(inner)]
        return tree.div(inside, _CALLOUTS[kind], values={"title": title} if title else None)

    def _image(self, node: Node) -> Node | list[Node]:
        """Return a picture with its file in the result; a link or words if it has none."""
        (anchor, _, values), words, (target, _) = node["c"]
        attributes = dict(values)
        alt = next((attributes[key] for key in ("fig-alt", "fig.alt", "alt") if attributes.get(key)), "")
        if target.startswith(_WEB_PREFIXES):
            message = f"the picture '{target}' is on the web, and is not imported: a link is kept"
            self._draft.note(self._draft.locate(target), message, "save it to paper/figures/")
            return tree.link(words or tree.text_inlines(alt or "picture"), target)
        name = unquote(target)[:200]
        path, problem = self._context.files.add_picture(target, self._draft.path)
        if problem:
            message = f"the picture '{name}' {problem}: its name is kept"
            self._draft.note(self._draft.locate(target), message, "save it as PNG, JPEG or SVG to paper/figures/")
            return [*words, *([{"t": "Space"}] if words else []), *tree.text_inlines(f"[picture: {alt or name}]")]
        self._context.counts["picture"] += 1
        looks = {"alt": alt} if alt else {}
        if (width := attributes.get("width", "")).endswith("%"):
            looks["width"] = width
        new = self._context.own_id(anchor, self._draft.path)
        return {"t": "Image", "c": [tree.attr(new, (), looks), words, [path, ""]]}

    def _code_block(self, node: Node) -> Node:
        language = [name for name in tree.classes(node)[:1] if re.fullmatch(r"[\w+-]+", name)]
        return {"t": "CodeBlock", "c": [tree.attr("", language or ["text"]), tree.content(node).strip("\n")]}

    def _table(self, node: Node) -> Node:
        self._context.counts["table"] += 1
        new = self._context.own_id(tree.identifier(node), self._draft.path)
        return tree.with_attr(node, tree.attr(new))

    def _reference(self, label: str, raw: str, before: Sequence[Node] = ()) -> list[Node]:
        """Return a reference; its name as code if it leads nowhere.

        A word before it that names its kind, such as "Figure", is printed by the reference.
        """
        words = [*before, {"t": "Space"}] if before else []
        if anchor := self._find_id(label):
            self._context.counts["reference"] += 1
            is_kind = re.fullmatch(LABEL_WORD, tree.plain_text(words))
            return [*([] if is_kind else words), _markdown(f"@{anchor}")]
        message = f"'{excerpt(raw)}' leads to nothing that is imported: its name is kept"
        self._draft.note(self._draft.locate(raw), message, "write @fig-ID, @tbl-ID or @sec-ID")
        return [*words, _code(label)]

    def _find_id(self, label: str) -> str:
        """Return the id of ours for a label, or for a file with or without a label."""
        if anchor := self._context.find(label, self._draft.path):
            return anchor
        path, _, fragment = label.partition("#")
        target = _SUFFIX.sub("", path)
        starts = ("",) if target.startswith("/") else (posixpath.dirname(self._draft.path), "")
        names = {posixpath.normpath(posixpath.join(start, target.lstrip("/"))) for start in starts}
        names |= {f"{name.removesuffix('/index')}/{index}" for name in names for index in ("index", "README")}
        chapter = next((one for one in self._context.chapters if path and _SUFFIX.sub("", one) in names), "")
        if chapter and not fragment:
            return self._context.chapters[chapter]
        return self._context.find(fragment, chapter or self._draft.path)

    def _cite(self, node: Node) -> Node | list[Node]:
        """Return citations, or references; the words if no bibliography has a key."""
        citations, words = node["c"]
        raw, keys = tree.plain_text(words), [citation["citationId"] for citation in citations]
        unknown = [key for key in keys if key not in self._context.keys]
        if len(unknown) == len(keys) and all(
            _REFERENCE_KEY.fullmatch(key) or self._context.find(key, self._draft.path) for key in keys
        ):
            each = [self._reference(c["citationId"], c["citationId"], c["citationPrefix"]) for c in citations]
            return [*tree.join_inlines(each), *citations[-1]["citationSuffix"]]
        if unknown:
            message = f"no bibliography of the project has {', '.join(map(repr, unknown))}: the words are kept"
            hint = "add the source to paper/registers/references/, and cite [@KEY]"
            self._draft.note(self._draft.locate(keys[0]), message, hint)
            return [_code(raw)] if raw.startswith("[") else _words(raw)
        self._context.counts["citation"] += len(keys)
        return {"t": "Cite", "c": [citations, [{"t": "Str", "c": raw}]]}

    def _link(self, node: Node) -> Node | list[Node]:
        """Return a link with our id; its words if it leads nowhere."""
        words, target = tree.content(node), tree.target(node)
        if target.startswith(_WEB_PREFIXES):
            return tree.link(words or tree.text_inlines(target), target)
        if anchor := self._find_id(unquote(target)):
            self._context.counts["reference"] += 1
            if not words or TYPED_NUMBER.fullmatch(tree.plain_text(words)):
                return _markdown(f"@{anchor}")
            return tree.link(words, f"#{anchor}")
        message = f"a link to '{target}' leads to nothing that is imported: its words are kept"
        self._draft.note(self._draft.locate(target), message, "write [words](#id), or the address on the web")
        return list(words) or [_code(target)]

    def _raw(self, node: Node) -> Node | list[Node]:
        """Return nodes for a passage of HTML, TeX or another format; what is left out or kept as code is reported."""
        form, text = node["c"]
        if text.strip().startswith("<!--") and text.strip().endswith("-->"):
            return {"t": node["t"], "c": ["markdown", text.strip()]}
        if form == "html":
            return self._html(text, is_block=node["t"] == "RawBlock")
        language = {"tex": "LaTeX", "latex": "LaTeX"}.get(form, form)
        if _TEX_COMMANDS.fullmatch(text.strip()):
            return self._leave_out(text, f"is {language}, and is left out")
        self._leave_out(text, f"is {language}, and is kept as code")
        block = {"t": "CodeBlock", "c": [tree.attr("", [language.lower()]), text.strip()]}
        return block if node["t"] == "RawBlock" else _code(text)

    def _leave_out(self, text: str, why: str) -> list[Node]:
        self._draft.note(self._draft.locate(text.strip()[:60]), f"'{excerpt(text)}' {why}", "write it in Markdown")
        return []

    def _html(self, text: str, *, is_block: bool) -> Node | list[Node]:
        """Return the words of HTML, and its marks in a line; tags, scripts, styles and players are left out."""
        seen = re.sub(r"<!--[\s\S]*?-->", "", text)
        name = re.sub(r"</?([A-Za-z]*)[\s\S]*", r"\1", text).lower()
        if not is_block and name in _MARKS:
            return {"t": "LineBreak"} if name == "br" else _markdown(_MARKS[name])
        if _SILENT.search(seen):
            return self._leave_out(text, "is HTML, and is left out")
        if tags := [tag for tag in re.findall(TAG, seen) if not tag.startswith("</")]:
            message = f"'{excerpt(' '.join(tags))}' is HTML, and is left out, but for the words in it"
            self._draft.note(self._draft.locate(tags[0]), message, "write it in Markdown")
        inlines = tree.text_inlines(unescape(re.sub(TAG, " ", seen)).strip())
        words = [part for n in inlines for part in (_words(n["c"]) if n["t"] == "Str" else [n])]
        return [tree.para(words)] if is_block and words else words


def _normalize(label: str) -> str:
    """Return a label as all tools write it: fig:a and fig-a are one, and so are tab-a and tbl-a."""
    return re.sub(r"^tab-", "tbl-", re.sub(r"[^\w]+", "-", label.strip().lstrip("#")).strip("-").lower())


def _code(text: str) -> Node:
    return {"t": "Code", "c": [tree.attr(), text]}


def _markdown(text: str) -> Node:
    """Return Markdown that is written as it is."""
    return {"t": "RawInline", "c": ["markdown", text]}


def _words(text: str) -> list[Node]:
    """Return a word; one that would be read as markup is code."""
    return [_code(text)] if _UNREADABLE.search(text) else split_for_escapes(text) if text else []


def _callout(node: Node) -> str:
    """Return the name that another tool gives a callout; empty for any other node."""
    names = (name.removeprefix("callout-") for name in tree.classes(node)) if node["t"] == "Div" else ()
    return next((name for name in names if name in _CALLOUTS), "")


def _language(node: Node) -> tree.Attr:
    """Return the language and direction of a node."""
    return tree.attr(values={key: value for key, value in tree.attributes(node).items() if key in ("lang", "dir")})


def _plain_blocks(node: Node) -> list[Node]:
    """Return a block that a callout can hold: headings and callouts become paragraphs."""
    if node["t"] == "Header":
        return [tree.para([tree.strong(tree.content(node))])]
    if node["t"] == "Div":
        title = tree.attributes(node).get("title", "")
        return [*([tree.para([tree.strong(tree.text_inlines(title))])] if title else []), *tree.content(node)]
    return [node]
