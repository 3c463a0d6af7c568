"""Directives of MyST: blocks between fences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from nioc_paper.load.foreign.draft import Draft, callout_opening, excerpt
from nioc_paper.model import Place

_OPEN = re.compile(
    r"^(?P<lead>[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?)(?P<fence>`{3,}|~{3,}|:{3,})"
    r"[ \t]*\{(?P<name>[\w:+.-]+)\}[ \t]*(?P<title>.*)$"
)
_CLOSING = re.compile(r"^[ \t>]*(?:`{3,}|~{3,}|:{3,})[ \t]*$")
_MAX_DEPTH, _MAX_LINES = 12, 2000
"""Directives in directives, and lines of one, that are converted."""
_OPTION = re.compile(r"^[ \t]*:([\w-]+):[ \t]*(.*)$")
_CALLOUTS: Mapping[str, str] = MappingProxyType(
    {name: name for name in ("note", "tip", "warning", "important", "caution")}
    | {"hint": "tip", "attention": "warning", "danger": "warning", "error": "warning", "seealso": "note"}
    | {"admonition": "note", "dropdown": "note", "topic": "note", "sidebar": "note", "margin": "note", "aside": "note"}
    | {"exercise": "note", "solution": "note", "proof": "note", "todo": "note", "deprecated": "note"}
    | {"versionadded": "note", "versionchanged": "note", "details": "note"}
)
_CODE = frozenset(
    ("code", "code-block", "code-tab", "code-cell", "sourcecode", "literalinclude", "myst", "mermaid", "graphviz")
)
_PROCESSED = frozenset(("code-cell", "mermaid", "graphviz"))
_DROPPED = frozenset(("tableofcontents", "toctree", "bibliography", "contents", "index", "raw", "list-of-figures"))
_LISTS = ("bibliography", "tableofcontents", "toctree", "contents")
_CONTAINERS = frozenset(
    (
        *("grid", "grid-item", "grid-item-card", "card", "card-carousel", "tab-set", "tab-item", "tabs", "tab"),
        *("group-tab", "container", "div", "embed", "figure-md", "subfigure", "button", "carousel", "pull-quote"),
        *("epigraph", "blockquote", "highlights", "glossary", "csv-table"),
    )
)
"""Directives whose text is all that is printed."""


class _Directive(NamedTuple):
    lead: str
    fence: str
    name: str
    title: str
    options: Mapping[str, str]
    body: list[str]
    place: Place


def convert_directives(draft: Draft) -> None:
    """Convert directives to figures, callouts, code, tables and plain text."""
    draft.text = "\n".join(_convert_lines(draft, draft.text.split("\n"), 1))


def _convert_lines(draft: Draft, lines: list[str], first: int) -> list[str]:
    """Return as many lines, with directives converted; `first` is the number of the first line."""
    if draft.depth == _MAX_DEPTH:
        return lines
    draft.depth += 1
    out = _convert_each(draft, lines, first)
    draft.depth -= 1
    return out


def _convert_each(draft: Draft, lines: list[str], first: int) -> list[str]:
    out: list[str] = []
    index = 0
    # Without it, openings that nothing closes would each be compared with all lines below.
    last = max((i for i, line in enumerate(lines) if _CLOSING.match(line)), default=-1)
    while index < len(lines):
        match = _OPEN.match(lines[index])
        fence = match or re.match(r"^(?P<lead>[ \t>]*)(?P<fence>`{3,}|~{3,})", lines[index])
        end = _find_end(lines, index, fence["fence"]) if fence and index < last else None
        if fence is None or end is None:
            out.append(lines[index])
        elif match is None:
            out += lines[index : end + 1]
            index = end
        else:
            out += _convert_directive(draft, _read(draft, match, lines[index + 1 : end], first + index), first + index)
            index = end
        index += 1
    return out


def _find_end(lines: list[str], start: int, fence: str) -> int | None:
    closing = re.compile(rf"^[ \t>]*{re.escape(fence)}{re.escape(fence[0])}*[ \t]*$")
    depth, code = 0, ""
    for index in range(start + 1, min(len(lines), start + _MAX_LINES)):
        inner = re.match(r"^[ \t>]*(`{3,}|~{3,})", lines[index]) if fence[0] == ":" else None
        if inner and (not code or inner[1].startswith(code)):
            code = "" if code else inner[1]
        elif code:
            continue
        elif closing.match(lines[index]):
            if depth == 0:
                return index
            depth -= 1
        elif fence[0] == ":" and re.match(rf"^[ \t>]*{re.escape(fence)}[ \t]*\{{", lines[index]):
            depth += 1
    return None


def _read(draft: Draft, match: re.Match[str], body: list[str], line: int) -> _Directive:
    """Return a directive: its options are lines of colons, or YAML between lines of dashes, at its beginning."""
    options: dict[str, str] = {}
    body = list(body)
    if body and body[0].strip() == "---" and "---" in (row.strip() for row in body[1:]):
        end = next(i for i, row in enumerate(body[1:], 1) if row.strip() == "---")
        for row in body[1:end]:
            key, _, value = row.partition(":")
            options[key.strip()] = value.strip().strip("\"'")
        body[: end + 1] = [""] * (end + 1)
        draft.syntax_lines |= set(range(line + 1, line + end + 2))
    else:
        for index, row in enumerate(body):
            if not (option := _OPTION.match(row)):
                break
            options[option[1]] = option[2].strip()
            body[index] = ""
            draft.syntax_lines.add(line + 1 + index)
    place = Place(draft.path, line, len(match["lead"]) + 1)
    return _Directive(match["lead"], match["fence"], match["name"], match["title"].strip(), options, body, place)


def _convert_directive(draft: Draft, block: _Directive, line: int) -> list[str]:
    """Return the lines for a directive: one for each of its own."""
    return _HANDLERS.get(block.name.split(":")[-1], _as_container)(draft, block, line)


def _drop(draft: Draft, block: _Directive, line: int) -> list[str]:
    draft.syntax_lines.add(line)
    words = excerpt(" ".join([block.title, *block.body]))
    hint = (
        "the lists of contents and sources are made automatically" if block.name in _LISTS else "write it in Markdown"
    )
    draft.note(block.place, f"the directive '{block.name}' is left out{f': {words}' if words else ''}", hint)
    return [""] * (len(block.body) + 2)


def _as_formula(draft: Draft, block: _Directive, line: int) -> list[str]:
    draft.syntax_lines |= set() if block.title else {line}
    label = block.options.get("label") or block.options.get("name", "")
    anchor = f" {draft.add_placeholder('equation', label, label, block.place)}" if label else ""
    text = "\n".join(filter(str.strip, [block.title, *block.body]))
    return _fill(f"$$\n{text}\n$${anchor}", len(block.body) + 2)


def _as_include(draft: Draft, block: _Directive, line: int) -> list[str]:
    draft.syntax_lines.add(line)
    return _fill(draft.add_placeholder("include", block.title, block.title, block.place), len(block.body) + 2)


def _as_table(draft: Draft, block: _Directive, line: int) -> list[str]:
    body = _convert_lines(draft, block.body, line + 1)
    caption = f"\n: {block.title}{_id(block, 'tbl')}" if block.title else ""
    return _fill("\n".join([*body, caption]), len(block.body) + 2)


def _as_callout(draft: Draft, block: _Directive, line: int) -> list[str]:
    kind = _CALLOUTS[block.name.split(":")[-1]]
    opening = f"{block.lead}{_colons(block)} {callout_opening(kind, block.title, block.options.get('name', ''))}"
    return [
        opening,
        *_convert_lines(draft, block.body, line + 1),
        f"{block.lead and ' ' * len(block.lead)}{_colons(block)}",
    ]


def _as_container(draft: Draft, block: _Directive, line: int) -> list[str]:
    """Return the text of a directive, below its title; one that no table knows is reported."""
    if block.name not in _CONTAINERS:
        options = "".join(f" :{k}: {v}" for k, v in block.options.items())
        message = f"'{{{block.name}}}{options}' is a directive that has no counterpart here: its text is kept"
        draft.note(block.place, message, "check that it reads well, or write it in another way")
    is_titled = block.title and block.name not in ("grid", "div", "container", "glossary")
    title = f"{block.lead}**{block.title}**" if is_titled else block.lead
    return [title, *_convert_lines(draft, block.body, line + 1), ""]


def _colons(block: _Directive) -> str:
    return ":" * max(3, len(block.fence))


def _fill(text: str, count: int) -> list[str]:
    """Return a text as lines: as many as there were, or more if it needs them."""
    lines = text.split("\n")
    return lines + [""] * (count - len(lines))


def _id(block: _Directive, prefix: str) -> str:
    label = block.options.get("name") or block.options.get("label", "")
    name = re.sub(r"[^\w-]+", "-", label)
    return f' {{#{name if name.startswith(f"{prefix}-") else f"{prefix}-{name}"} label="{label}"}}' if label else ""


def _as_figure(draft: Draft, block: _Directive, line: int) -> list[str]:
    draft.syntax_lines.add(line)
    body = _convert_lines(draft, block.body, line + 1)
    label = _id(block, "fig").strip(" {}")
    alt = block.options.get("alt", "").replace('"', "”")
    width = block.options.get("width", "")
    size = f"width={width}" if re.fullmatch(r"\d+%", width) else ""
    attributes = " ".join(filter(None, (label, size, f'alt="{alt}"' if alt else "")))
    paragraphs = [" ".join(p.split()) for p in "\n".join(body).split("\n\n") if p.strip()]
    caption, *legend = paragraphs or [""]
    image = f"![{caption}]({block.title.replace(' ', '%20')}){f'{{{attributes}}}' if attributes else ''}"
    return _fill(block.lead + "\n\n".join([image, *legend]), len(block.body) + 2)


def _as_code(draft: Draft, block: _Directive, line: int) -> list[str]:
    draft.syntax_lines.add(line)
    name = block.name
    if name == "literalinclude":
        draft.note(
            block.place, f"the code in '{block.title}' is not shown: its file is named", "put the code into the text"
        )
        return _fill(f"{block.lead}`{block.title}`", len(block.body) + 2)
    if name in _PROCESSED:
        caption = block.options.get("caption", "")
        caption_note = f"; its caption is '{caption}'" if caption else ""
        message = f"a cell of {block.title or name}: its code is kept, and what it prints or draws is not{caption_note}"
        draft.note(
            block.place, message, "save what it makes as a picture or a CSV file, and show that", "computed-cell"
        )
    elif caption := block.options.get("caption", ""):
        draft.note(block.place, f"the caption of code is left out: '{caption}'", "write it as a paragraph")
    for label in filter(None, (block.options.get("name"), block.options.get("label"))):
        draft.computed[label] = ""
    language = re.sub(
        r"[^\w+-]", "", block.title.partition(" ")[0] or (name if name in ("mermaid", "graphviz") else "")
    )
    fence = block.fence if block.fence[0] in "`~" else "`" * max(3, len(block.fence))
    code = f'{{.{language} cell=""}}' if name in _PROCESSED and language else language
    return [
        f"{block.lead}{fence}{code}",
        *block.body,
        f"{' ' * len(block.lead) if block.lead.strip() else block.lead}{fence}",
    ]


def _as_list_table(draft: Draft, block: _Directive, line: int) -> list[str]:
    """Return a pipe table for a list of lists."""
    count = len(block.body) + 2
    rows: list[list[str]] = []
    for text in _convert_lines(draft, block.body, line + 1):
        row = re.match(r"^\s*[*-]\s+[*-]\s?(.*)$", text)
        if row:
            rows.append([row[1]])
        elif (cell := re.match(r"^\s+[*-](?:\s(.*))?$", text)) and rows:
            rows[-1].append(cell[1] or "")
        elif rows and text.strip():
            rows[-1][-1] += f" {text.strip()}"
    width = max(map(len, rows), default=0)
    if not width:
        return _fill(block.title, count)
    cells = [[cell.strip().replace("|", r"\|") for cell in row] + [""] * (width - len(row)) for row in rows]
    head = int(block.options.get("header-rows", "0") or 0) if block.options.get("header-rows", "0").isdigit() else 0
    cells = cells if head else [[""] * width, *cells]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    lines.insert(1, "|" + "---|" * width)
    return _fill("\n".join([*lines, "", f": {block.title}{_id(block, 'tbl')}" if block.title else ""]), count)


_HANDLERS: Mapping[str, Callable[[Draft, _Directive, int], list[str]]] = MappingProxyType(
    {
        **dict.fromkeys(_CODE, _as_code),
        **dict.fromkeys(_DROPPED, _drop),
        **dict.fromkeys(("figure", "image"), _as_figure),
        **dict.fromkeys(_CALLOUTS, _as_callout),
        "math": _as_formula,
        "include": _as_include,
        "list-table": _as_list_table,
        "table": _as_table,
    }
)
