"""Three-way merge of the files that two sides have changed, with chapters that were renamed and records that moved."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, count
from typing import Final

import yaml
from msgspec import Struct
from msgspec.structs import replace

from nioc_paper.domain.english_grammar import sentence_starts
from nioc_paper.edit.yaml import FRONT_MATTER
from nioc_paper.review.branches.merge_questions import Questions
from nioc_paper.review.branches.sequence_merge import RENAMED, Unit, likeness, match_units, merge_units
from nioc_paper.review.branches.yaml_merge import find_records, merge_yaml, replace_records
from nioc_paper.tree.code_blocks import COMMENT, find_code_blocks
from nioc_paper.tree.markdown_scan import find_divs, find_note_definitions

Files = dict[str, bytes]
_YAML = (".yaml", ".yml")
_ENCODING = "utf-8-sig"
"""UTF-8; an editor of one side may have put its mark at the start."""
_SHOWN = 400
_MergeTexts = Callable[[str, str, str, Questions], str]


class MergedFile(Struct, frozen=True):
    """File of the result; None for one that goes."""

    path: str
    paths: frozenset[str]
    """Its paths in the versions."""
    merged: bytes | None
    questions: range
    """Numbers of its questions."""


def merge_files(base: Files, ours: Files, theirs: Files, questions: Questions) -> list[MergedFile]:
    """Return the merged files, by path. A file that a version lacks was deleted there, or never made."""
    versions = [dict(base), dict(ours), dict(theirs)]
    for side, other in ((versions[1], versions[2]), (versions[2], versions[1])):
        _follow_records(versions[0], side, other)
        _follow_sentences(versions[0], side, other)
    out = list[MergedFile]()
    for names in _group_paths(versions):
        data = [None if name is None else version.get(name) for version, name in zip(versions, names, strict=True)]
        first = len(questions.asked)
        paths = frozenset(filter(None, names))
        questions.path = next(name for name in (*names[1:], names[0]) if name)
        questions.path = _find_free(_merge_path(names, questions), names, {file.path for file in out if file.merged})
        merged = _merge_file(questions.path, data[0], data[1], data[2], questions)
        out.append(MergedFile(questions.path, paths, merged, range(first, len(questions.asked))))
    return out


def _group_paths(versions: Sequence[Files]) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Yield the paths of each file in base, ours and theirs; a chapter that a side has renamed keeps its id."""
    renames = [_find_renames(versions[0], version) for version in versions[1:]]
    for path in sorted({path for version in versions for path in version}):
        ours, theirs = (
            renamed.get(path, path if path in version and path not in renamed.values() else None)
            for renamed, version in zip(renames, versions[1:], strict=True)
        )
        if path in versions[0] or ours or theirs:
            yield path if path in versions[0] else None, ours, theirs


def _find_renames(base: Files, side: Files) -> dict[str, str]:
    """Return the new path of each chapter that a side has renamed."""
    new = {chapter_id(side[path]): path for path in side if path not in base and is_chapter(path)}
    gone = {path: chapter_id(base[path]) for path in base if path not in side and is_chapter(path)}
    return {path: new[name] for path, name in gone.items() if name and name in new}


def is_chapter(path: str) -> bool:
    """Return whether a file may be a chapter, and not the copy of one as it was sent."""
    return path.endswith(".md") and "reviews" not in path.split("/")


def chapter_id(data: bytes) -> str:
    """Return the id of a chapter; empty for a file without one."""
    return front_value(data, "id")


def front_value(data: bytes, key: str) -> str:
    """Return the value of a key of the front matter, one word; empty without it."""
    head = FRONT_MATTER.match(data.decode(errors="replace"))
    match = re.search(rf"^{key}:[ \t]*(\S+)", head[1], re.MULTILINE) if head else None
    return match[1] if match else ""


def _merge_path(names: Sequence[str | None], questions: Questions) -> str:
    base, ours, theirs = names
    if ours is None or theirs is None or ours == theirs:
        return ours or theirs or str(base)
    if base in (ours, theirs):
        return theirs if ours == base else ours
    return questions.ask("the name of the file", base, ours, theirs, takes_words=False) or ours


def _find_free(path: str, names: Sequence[str | None], used_paths: Collection[str]) -> str:
    """Return the path of a file, or another one if a second file has come there."""
    stem, dot, end = path.rpartition(".")
    numbered = (f"{stem}-{number}{dot}{end}" for number in count(2))
    return next(each for each in chain((path, *names[::-1]), numbered) if each and each not in used_paths)


def _merge_file(
    path: str, base: bytes | None, ours: bytes | None, theirs: bytes | None, questions: Questions
) -> bytes | None:
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    first = len(questions.asked)
    if ours is not None and theirs is not None and (base is not None or path.endswith(_YAML) or is_chapter(path)):
        try:
            texts = [(data or b"").decode(_ENCODING).replace("\r\n", "\n") for data in (base, ours, theirs)]
            merged = _merge_texts(path, texts[0], texts[1], texts[2], questions)
            return merged.replace("\n", "\r\n" if b"\r\n" in ours else "\n").encode()
        except ValueError:  # no text, or a result that cannot be read
            del questions.asked[first:]
    shown = [_describe(data) for data in (base, ours, theirs)]
    return theirs if questions.ask("the whole file", *shown, takes_words=False) == shown[2] else ours


def _merge_texts(path: str, base: str, ours: str, theirs: str, questions: Questions) -> str:
    first = len(questions.asked)
    merge: _MergeTexts = merge_chapter_text if path.endswith(".md") else merge_yaml
    try:
        if path.endswith((".md", *_YAML)):
            return merge(base, ours, theirs, questions)
    except yaml.YAMLError:  # a version has faults already
        del questions.asked[first:]
    return (merge_markdown if path.endswith(".md") else merge_lines)(base, ours, theirs, questions)


def _describe(data: bytes | None) -> str | None:
    """Return the beginning of a file, or what tells it from others."""
    if data is None:
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = ""
    words = text[:_SHOWN]
    return (
        words if words and words == text else f"{words}… ({len(data)} bytes, {hashlib.sha256(data).hexdigest()[:10]})"
    )


def _follow_records(base: Files, side: Files, other: Files) -> None:
    """Put records of the base and of the other side where a side has moved them: from a register to files of records.

    Changes of both versions in place.
    """
    new = {key: path for path in side if path not in base for key in _records(side, path)}
    for path in [path for path in base if path.endswith(_YAML) and base[path] != side.get(path)]:
        gone = _records(base, path).keys() - _records(side, path).keys()
        moved = {key: new[key] for key in gone if key in new}
        for version in (base, other) if moved else ():
            _move_records(version, path, moved, side)
            if path not in side and path in version and not _records(version, path):
                del version[path]


def _follow_sentences(base: Files, side: Files, other: Files) -> None:
    """Put what the other side changed of sentences where a side has moved them: from one chapter to another.

    Changes of both sides in place. What is in more places than one is left to the merge of each chapter.
    """
    whole = [b"\0".join(each[p] for p in each if is_chapter(p)) for each in (base, side, other)]
    for path in [path for path in {*base}.intersection(side, other) if is_chapter(path)]:
        if base[path] not in (side[path], other[path]):
            texts = (FRONT_MATTER.sub("", version[path].decode(errors="replace")) for version in (base, other))
            old, changed = ([*_text_units(text)] for text in texts)
            for j, i in match_units(old, changed).items():
                before, after = old[i].text.encode(), changed[j].text.encode()
                is_moved = before != after and before not in side[path] and _RUNNING.match(old[i].text)
                if is_moved and [*map(bytes.count, whole, (before, before, after))] == [1, 1, 1]:
                    target = next(p for p in side if is_chapter(p) and before in side[p])
                    side[target] = side[target].replace(before, after)
                    other[path] = other[path].replace(after, before)


def _move_records(version: Files, path: str, moved: Mapping[tuple[str, str], str], side: Files) -> None:
    """Move records of a version from a register to the files that a side has made of them."""
    records = _records(version, path)
    if path in version:
        version[path] = replace_records(version[path].decode(_ENCODING), dict.fromkeys(moved)).encode()
    for target in dict.fromkeys(moved.values()):
        own = {key: records.get(key) for key in moved if moved[key] == target}
        text = replace_records(version.get(target, side[target]).decode(_ENCODING), own)
        if _records({target: text.encode()}, target):
            version[target] = text.encode()


def _records(files: Mapping[str, bytes], path: str) -> dict[tuple[str, str], str]:
    """Return the records of a file; none if it is no register, or has faults."""
    try:
        return find_records(files[path].decode(_ENCODING)) if path.endswith(_YAML) and path in files else {}
    except (ValueError, yaml.YAMLError):
        return {}


# --- chapters: front matter by fields, text by blocks and sentences ---------------------------------------------------


_COMMENT: Final = re.compile(COMMENT)
_LINE: Final = re.compile(r"^[^\n]*\S", re.MULTILINE)
_PROSE: Final = re.compile(r"(?![ \t]*(?:[|+#:<]|\[\^|!\[))")
"""Start of a line with sentences; others are one unit: rows, headings, fences, notes, pictures."""
_NAME: Final = re.compile(r"[^\n]*\{[^}\n]*(#[\w:.-]+)|[ ]{0,3}(\[\^[^\]\s]+\]:)")
_MARKER: Final = re.compile(r"[ \t>]*(?:[-*+]|\d+[.)])[ \t]+")
_RUNNING: Final = re.compile(rf"{_PROSE.pattern}(?!{_MARKER.pattern})")
"""Start of words that may go on with a paragraph: they begin no item of a list."""
_CALL: Final = re.compile(r"\[\^([^\]\s]+)\](?!:)")
_FIELD: Final = re.compile(r"[-*+][ \t]+\w[\w -]*:(?=\s)")
_CELL_END: Final = re.compile(r"(?<!\\)\|")
_FENCES: Final = (":::", "```", "~~~")
_HEAD, _END = "\0head", "\0end"


def merge_chapter_text(base: str, ours: str, theirs: str, questions: Questions) -> str:
    """Return the merged text of a chapter. Raises yaml.YAMLError if its front matter is not YAML."""
    matches = [FRONT_MATTER.match(text) for text in (base, ours, theirs)]
    bodies = [text[match.end(1) if match else 0 :] for text, match in zip((base, ours, theirs), matches, strict=True)]
    heads = [match[1] if match else "" for match in matches]
    fence = next((match.string[: match.start(1)] for match in matches if match), "")
    return (
        fence
        + merge_yaml(heads[0], heads[1], heads[2], questions)
        + merge_markdown(bodies[0], bodies[1], bodies[2], questions)
    )


def merge_markdown(base: str, ours: str, theirs: str, questions: Questions) -> str:
    """Return the merged Markdown of three versions."""
    opened = _find_opened(base, ours) | _find_opened(base, theirs)
    units = [
        [Unit("", text[: len(text) - len(text.lstrip())], _HEAD), *_text_units(text, opened)]
        for text in (base, ours, theirs)
    ]
    return _with_called_notes(merge_units(units[0], units[1], units[2], _TextJudge(questions)), base, ours, theirs)


def _find_opened(base: str, side: str) -> set[str]:
    """Return the blocks whose words are merged with those around them: a side has moved some in or out."""
    old, new = [*_list_blocks(base)], [*_list_blocks(side)]
    match = match_units([unit for unit, _ in old], [unit for unit, _ in new])
    pairs = [(old[i], new[j]) for j, i in match.items() if old[i][1] != new[j][1]]
    moved = [(a, b) for (one, a), (other, b) in pairs if likeness(one.text, other.text) >= RENAMED]
    return {block for before, after in moved for block in before + after}


def _list_blocks(text: str, around: tuple[str, ...] = ()) -> Iterator[tuple[Unit, tuple[str, ...]]]:
    """Yield the sentences with the blocks around them."""
    for unit in _text_units(text):
        if _is_block(unit.text) and unit.text.startswith(":::"):
            yield from _list_blocks(unit.text[unit.text.index("\n") : unit.text.rindex("\n")], (*around, _key(unit)))
        elif _RUNNING.match(unit.text):
            yield unit, around


def _key(unit: Unit) -> str:
    return unit.name or unit.text.partition("\n")[0]


def _with_called_notes(merged: str, base: str, ours: str, theirs: str) -> str:
    """Return a merged text in which a called note is defined, and a new one that is not called is gone.

    An answer may have taken the call of one side alone. A note that a side calls and does not define stays so.
    """
    notes, base_notes, our_notes, their_notes = map(find_note_definitions, (merged, base, ours, theirs))
    calls, our_calls, their_calls = ({*_CALL.findall(text)} for text in (merged, ours, theirs))
    undefined = (our_calls - our_notes.keys()) | (their_calls - their_notes.keys())
    known = base_notes | their_notes | our_notes
    missing = [known[label][0].strip() for label in sorted((calls - notes.keys() - undefined) & known.keys())]
    uncalled = notes.keys() - base_notes.keys() - calls & (our_calls | their_calls)
    for label in sorted(uncalled, key=lambda each: -notes[each].start()):
        start, end = notes[label].span()
        before, after = merged[:start].rstrip("\n"), merged[end:].lstrip("\n")
        merged = f"{before}\n\n{after}" if after else f"{before}\n"
    return "\n\n".join([merged.rstrip("\n"), *missing]) + "\n" if missing else merged


def merge_lines(base: str, ours: str, theirs: str, questions: Questions) -> str:
    """Return the merged text of three versions that are no Markdown."""
    units = [[Unit(line, "\n") for line in text.removesuffix("\n").split("\n")] for text in (base, ours, theirs)]
    return merge_units(units[0], units[1], units[2], _TextJudge(questions))


class _TextJudge:
    """Judge that merges a block by its lines if both sides have changed it."""

    def __init__(self, questions: Questions) -> None:
        self.is_ours = questions.is_ours
        self._questions = questions

    def choose(self, base: str | None, ours: str | None, theirs: str | None) -> str | None:
        if base is None or ours is None or theirs is None:
            return self._ask(base, ours, theirs)
        cells = [_CELL_END.split(text) for text in (base, ours, theirs)]
        if base.startswith("|") and len({*map(len, cells)}) == 1:
            return "|".join(self._merge_cell(*each) for each in zip(*cells, strict=True))
        if not _is_block(base, ours, theirs):
            return self._ask(base, ours, theirs)
        units = [_block_units(text) for text in (base, ours, theirs)]
        return merge_units(units[0], units[1], units[2], self)

    def _ask(self, base: str | None, ours: str | None, theirs: str | None) -> str | None:
        label = "the same block" if _is_block(ours or theirs or "") else "the same sentence"
        return self._questions.ask(label, base, ours, theirs)

    def _merge_cell(self, base: str, ours: str, theirs: str) -> str:
        """Return a cell of a table, which one side has changed, or the answer."""
        if base in (ours, theirs) or ours == theirs:
            return ours if theirs == base else theirs
        return self._questions.ask("the same cell", base, ours, theirs) or ""


def _is_block(*texts: str) -> bool:
    return all(text.lstrip(" >").startswith(_FENCES) and text.count("\n") > 1 for text in texts)


def _block_units(text: str, opened: AbstractSet[str] = frozenset(), key: str = "") -> list[Unit]:
    """Return the lines of a block between its fences, and both fences."""
    start, end = text.index("\n"), text.rindex("\n")
    inner = text[start:end].strip("\n")
    above = text[start : len(text) - len(text[start:].lstrip("\n"))]
    below = text[len(text[:end].rstrip("\n")) : end + 1]
    is_code = not text.lstrip(" >").startswith(":::")
    lines = [Unit(line, "\n") for line in inner.split("\n")] if is_code else []
    units = lines or [*_text_units(inner, opened, in_block=True)]
    units[-1:] = [Unit(last.text, below, last.name) for last in units[-1:]]
    return [Unit(text[:start], above, key + _HEAD), *units, Unit(text[end + 1 :], "", key + _END)]


def _text_units(text: str, opened: AbstractSet[str] = frozenset(), *, in_block: bool = False) -> Iterator[Unit]:
    """Yield the blocks, the sentences, and the other lines of a text, and instead of opened blocks what is in them."""
    spans, table, previous = [*_find_spans(text)], "", 0
    for number, ((start, end), (following, _)) in enumerate(zip(spans, [*spans[1:], (len(text), 0)], strict=False)):
        words = text[start:end]
        if not words.startswith("|"):
            table = ""
        elif not table:
            behind = next((text[a:b] for a, b in spans[number:] if text[a] != "|"), "")
            table = words + (behind if behind[:2] == ": " else "")
        named, field = _NAME.match(words), _FIELD.match(words) if in_block else None
        name = (named[1] or named[2]) if named else field[0] if field else ""
        continues = text.count("\n", previous, start) < 2 and bool(number and _RUNNING.match(words))
        unit = Unit(words, text[end:following], name, name if named else "", table, continues)
        if _is_block(words) and _key(unit) in opened:
            *inner, fence = _block_units(words, opened, _key(unit))
            yield from (*inner, replace(fence, gap=unit.gap))
        else:
            yield unit
        previous = end


def _find_spans(text: str) -> Iterator[tuple[int, int]]:
    blocks = [*_find_blocks(text)]
    done = 0
    for line in _LINE.finditer(text):
        if line.start() < done:
            continue
        end = max((end for start, end in blocks if line.start() <= start < line.end()), default=0)
        if end > line.end() or (end and line[0].lstrip(" >").startswith(_FENCES)):
            done = max(end, line.end())
            yield line.start(), done
        elif _PROSE.match(line[0]):
            inner = (start for start in sentence_starts(line[0]) if not _MARKER.fullmatch(line[0], 0, start))
            starts = [line.start() + start for start in inner]
            for start, following in zip(starts, [*starts[1:], line.end()], strict=True):
                yield start, start + len(text[start:following].rstrip())
        else:
            yield line.span()


def _find_blocks(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges that are units of their own: blocks between colons, code, comments over lines."""
    yield from find_divs(text).values()
    yield from (block.span for block in find_code_blocks(text))
    yield from (comment.span() for comment in _COMMENT.finditer(text))
