"""Files of a foreign project, parsed: includes put in, captions joined to their tables, titles split off."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field

from nioc_paper import tree
from nioc_paper.load.foreign.draft import PLACEHOLDER, Draft, Placeholder
from nioc_paper.load.foreign.forms import convert_forms
from nioc_paper.load.foreign.front_matter import split_front_matter
from nioc_paper.load.foreign.notebook import notebook_text
from nioc_paper.load.foreign.project import ForeignProject, ProjectFiles, as_text, without_markup
from nioc_paper.model import Node, Place, short_slug
from nioc_paper.system import pandoc

_PANDOC = (
    "markdown-yaml_metadata_block-pandoc_title_block-mmd_title_block-latex_macros+lists_without_preceding_blankline"
)
_COMMONMARK = "commonmark_x"
_READERS = {
    **dict.fromkeys(("quarto", "bookdown", "manubot", "pandoc"), _PANDOC),
    **dict.fromkeys(("myst", "markdown"), _COMMONMARK),
}
_MAX_DEPTH, _MAX_INCLUDED = 5, 200
"""Includes in includes, and included files in a chapter: a file that includes itself twice would never end."""
_KEPT_FRONT_KEYS = frozenset(("title", "subtitle", "description", "abstract"))


class ParsedFile(Struct, dict=True):
    """A file on its way to a chapter."""

    path: str
    id: str
    part: int
    title: str
    summary: str
    draft: Draft
    drafts: list[Draft]
    """Its own draft, and those of the files that it includes."""
    blocks: list[Node] = field(default_factory=list)


def read_files(
    files: ProjectFiles, project: ForeignProject, tags: dict[str, str], show: Callable[[str], None]
) -> list[ParsedFile]:
    """Return the files of a project that can be read; the others are reported."""
    files_read: list[ParsedFile] = []
    ids: set[str] = set()
    for index, part in enumerate(project.parts):
        for path in part.files:
            show(f"reading {path}")
            if (one := _read_file(files, project, path, index, tags, ids)) is not None:
                files_read.append(one)
    return files_read


def _read_file(
    files: ProjectFiles, project: ForeignProject, path: str, part: int, tags: dict[str, str], ids: set[str]
) -> ParsedFile | None:
    """Read a file; None if it cannot be read, which is reported."""
    suffix = posixpath.splitext(path)[1].lower()
    if suffix in (".rst", ".tex", ".html", ".txt"):
        files.report_loss(Place(path), f"a chapter in {suffix[1:]} is not imported", "convert it to Markdown first")
        return None
    text = files.read_text(path)
    if text is None:
        return None
    if suffix == ".ipynb" and (text := notebook_text(text, path, files.report)) is None:
        return None
    front, body = split_front_matter(text, path, files.report)
    _report_front_matter(files, path, front)
    draft = Draft(path, body, files.report)
    one = ParsedFile(path, "", part, "", _summary(front), draft, [draft])
    blocks = _parse(files, project, one, draft, tags, 0)
    title, one.blocks = _split_title(blocks, as_text(front.get("title")))
    listed = project.titles.get(path, "")
    fallback = posixpath.splitext(posixpath.basename(path))[0].replace("-", " ").replace("_", " ").capitalize()
    one.title = " ".join((as_text(front.get("title")) or title or listed or fallback).split())
    one.title = without_markup(one.title)[:300]
    one.id = _free_id(path, one.title, ids)
    return one


def _summary(front: Mapping[str, object]) -> str:
    words = as_text(front.get("description")) or as_text(front.get("abstract")) or as_text(front.get("subtitle"))
    return words if len(words) <= 300 else ""


def _report_front_matter(files: ProjectFiles, path: str, front: Mapping[str, object]) -> None:
    """Report the keys of a front matter that our chapters do not have."""
    text = files.read_text(path) or ""
    for key, value in front.items():
        if key in _KEPT_FRONT_KEYS and (len(as_text(value)) <= 300 or key == "title"):
            continue
        line = next((n for n, line in enumerate(text.split("\n"), 1) if line.startswith(f"{key}:")), 1)
        words = " ".join(str(value).split())
        words = words if len(words) < 300 else f"{words[:299]}…"
        files.report_loss(Place(path, line), f"'{key}: {words}' of the front matter is left out", "")


def _free_id(path: str, title: str, ids: set[str]) -> str:
    """Return an id for a chapter: from the name of its file, or of its folder, or from its title."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    if stem.lower() in ("readme", "index", "_index"):
        stem = posixpath.basename(posixpath.dirname(path)) or title
    name = re.sub(r"^\d+-(?=[a-z])", "", short_slug(stem)) or short_slug(title) or "chapter"
    name = (
        f"{name}-chapter"
        if re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d|references|contents|text|footnotes", name)
        else name
    )
    candidates = (f"{name[:70]}{f'-{n}' if n > 1 else ''}" for n in range(1, len(ids) + 3))
    free = next(anchor for anchor in candidates if anchor not in ids)
    ids.add(free)
    return free


def _split_title(blocks: Sequence[Node], front_title: str) -> tuple[str, list[Node]]:
    """Return the title, and the blocks with its heading marked: the only one of the highest level, if it is first.

    If the front matter gives a title, only a heading with the same words is one.
    """
    headings = [(i, b) for i, b in enumerate(blocks) if b["t"] == "Header"]
    if not headings:
        return "", list(blocks)
    index, first = headings[0]
    level = first["c"][0]
    others = [b for _, b in headings[1:] if b["c"][0] <= level]
    if others or (level > 1 and not all(b["c"][0] > level for _, b in headings[1:])):
        return "", list(blocks)
    _, (anchor, classes, values), inlines = first["c"]
    if front_title and tree.plain_text(inlines).casefold() != without_markup(front_title).casefold():
        return "", list(blocks)
    out = list(blocks)
    out[index] = {"t": "Header", "c": [level, [anchor, [*classes, "title"], values], inlines]}
    return tree.plain_text(inlines), out


def _parse(
    files: ProjectFiles, project: ForeignProject, one: ParsedFile, draft: Draft, tags: dict[str, str], depth: int
) -> list[Node]:
    """Return the blocks of a draft, with those of the files that it includes."""
    convert_forms(draft, project.syntax, project.variables, tags)
    try:
        args = ["-f", _READERS[project.syntax], "-t", "json"]
        output = pandoc.run(args, draft.text.encode(), seconds=30, heap="1g")
        blocks = list(pandoc.read_document(output.stdout)["blocks"])
    except pandoc.PandocError as error:
        why = (error.detail or error.reason).partition("\n")[0][:200]
        files.report_loss(Place(draft.path), f"pandoc cannot read the file, and its text is kept as code: {why}", "")
        return [{"t": "CodeBlock", "c": [tree.attr(), draft.original]}]
    includer = _Includer(files, project, one, draft, tags, depth)
    return tree.rewrite(includer.resolve, _join_captions(blocks))


def _join_captions(blocks: Sequence[Node]) -> list[Node]:
    """Return blocks with the captions below tables, which CommonMark reads as paragraphs, in the tables."""
    out: list[Node] = []
    for block in blocks:
        if block["t"] in ("Div", "BlockQuote"):
            content = block["c"]
            inner = content[1] if block["t"] == "Div" else content
            joined = _join_captions(inner)
            out.append({**block, "c": [content[0], joined] if block["t"] == "Div" else joined})
        elif block["t"] == "Para" and block["c"][0] == {"t": "Str", "c": ":"} and out and out[-1]["t"] == "Table":
            caption, rest = block["c"][2:], out[-1]["c"][2:]
            # An id after the words is that of a span around a space.
            attributes = [n["c"][0] for n in caption if n["t"] == "Span" and tree.identifier(n)]
            out[-1] = {
                "t": "Table",
                "c": [attributes[0] if attributes else tree.attr(), [None, [tree.plain_block(caption)]], *rest],
            }
        else:
            out.append(block)
    return out


class _Includer(Struct, frozen=True):
    """Reads the files that a file includes."""

    files: ProjectFiles
    project: ForeignProject
    one: ParsedFile
    draft: Draft
    """The text that includes them."""
    tags: dict[str, str]
    depth: int

    def resolve(self, block: Node) -> Node | list[Node]:
        """Return the blocks of a paragraph, with those of the files that its lines include."""
        if block["t"] not in ("Para", "Plain"):
            return block
        out: list[Node] = []
        for line in _split_lines(block["c"], self.draft):
            match = PLACEHOLDER.fullmatch(tree.plain_text(line))
            placeholder = self.draft.placeholders[int(match[1])] if match else None
            is_include = placeholder is not None and placeholder.kind == "include"
            out += self._read(placeholder) if placeholder and is_include else [{**block, "c": line}]
        return out

    def _read(self, placeholder: Placeholder) -> list[Node]:
        name = placeholder.value.lstrip("/")
        folder = "" if placeholder.value.startswith("/") else posixpath.dirname(self.draft.path)
        path = posixpath.normpath(posixpath.join(folder, name))
        text = None
        if self.depth >= _MAX_DEPTH or len(self.one.drafts) > _MAX_INCLUDED:
            message = f"'{placeholder.value}' is left out: files include files too often"
            self.files.report_loss(placeholder.place, message, "")
        else:
            text = self.files.read_text(path, placeholder.place)
        if text is None:
            return [tree.para([{"t": "Code", "c": [tree.attr(), placeholder.value]}])]
        _, body = split_front_matter(text, path, self.files.report)
        below = Draft(path, body, self.files.report)
        self.one.drafts.append(below)
        parsed = _parse(self.files, self.project, self.one, below, self.tags, self.depth + 1)
        return _resolve_placeholders_of(below, self.draft, parsed)


def _split_lines(inlines: Sequence[Node], draft: Draft) -> list[list[Node]]:
    """Return the inlines of a paragraph in pieces: an include on a line of its own is one."""
    pieces: list[list[Node]] = [[]]
    lines: list[list[Node]] = [[]]
    for node in inlines:
        lines[-1].append(node)
        if node["t"] == "SoftBreak":
            lines.append([])
    for line in lines:
        match = PLACEHOLDER.fullmatch(tree.plain_text(line))
        if match and draft.placeholders[int(match[1])].kind == "include":
            pieces += [line, []]
        else:
            pieces[-1] += line
    return [piece[:-1] if piece[-1]["t"] == "SoftBreak" else piece for piece in pieces if piece]


def _resolve_placeholders_of(below: Draft, above: Draft, blocks: list[Node]) -> list[Node]:
    """Return the blocks of an included file with the placeholders of the file that includes it."""
    offset = len(above.placeholders)
    above.placeholders += below.placeholders

    def shift(node: Node) -> Node:
        if node["t"] == "Str":
            return {"t": "Str", "c": PLACEHOLDER.sub(lambda m: m[0].replace(m[1], str(int(m[1]) + offset)), node["c"])}
        return node

    return tree.rewrite(shift, blocks)
