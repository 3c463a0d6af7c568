"""Edits of two branches are both in the merged file, or are one question: all kinds of edits at all pairs of places."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from itertools import permutations, product

import pytest
from test_papers import TESTS

from nioc_paper.review.branches.file_merge import merge_files
from nioc_paper.review.branches.merge_questions import Answer, MergeSide, Questions
from nioc_paper.review.exchange import today_merge

CHAPTER, REGISTER = ((TESTS / f"tables/branches.{end}").read_text(encoding="utf-8") for end in ("md", "yaml"))
Edit = Callable[[str, str], str | None]
"""Changes a text for a side; None if it cannot be made."""


def line_with(text: str, stem: str) -> tuple[int, int] | None:
    """The range of the line that has a word, with its line end."""
    match = re.search(rf"^[^\n]*\b{stem}\b[^\n]*\n", text, re.MULTILINE)
    return match.span() if match else None


def change(stem: str) -> Edit:
    def edit(text: str, side: str) -> str | None:
        return re.sub(rf"\b{stem}\b", f"{stem} new{side}{stem}", text, count=1) if line_with(text, stem) else None

    return edit


def insert(stem: str, new: str, *, before: bool = False) -> Edit:
    def edit(text: str, side: str) -> str | None:
        span = line_with(text, stem)
        at = span[0 if before else 1] if span else 0
        return text[:at] + new.format(f"{side}{stem}{'b' if before else 'a'}") + text[at:] if span else None

    return edit


def delete(stem: str) -> Edit:
    def edit(text: str, side: str) -> str | None:
        del side
        span = line_with(text, stem)
        if span is None:
            return None
        above, below = text[: span[0]], text[span[1] :]
        is_alone = above.endswith("\n\n") and below.startswith("\n")
        return above.removesuffix("\n" if is_alone else "") + below

    return edit


def move(stem: str, to: str) -> Edit:
    def edit(text: str, side: str) -> str | None:
        del side
        span = line_with(text, stem)
        if span is None or line_with(text, to) is None:
            return None
        rest = text[: span[0]] + text[span[1] :]
        at = line_with(rest, to)
        return rest[: at[1]] + text[slice(*span)] + rest[at[1] :] if at else None

    return edit


def split(stem: str) -> Edit:
    def edit(text: str, side: str) -> str | None:
        del side
        span = line_with(text, stem)
        return text[: span[1]] + "\n" + text[span[1] :] if span else None

    return edit


def join(stem: str) -> Edit:
    """Join a line with the next one, as with Delete at its end."""

    def edit(text: str, side: str) -> str | None:
        del side
        span = line_with(text, stem)
        return text[: span[1]].rstrip(".\n") + re.sub(r"^\n?(- |1. )?", "", text[span[1] :]) if span else None

    return edit


def replace(stem: str) -> Edit:
    """Replace a line by two paragraphs of other words."""

    def edit(text: str, side: str) -> str | None:
        span = line_with(text, stem)
        return f"{text[: span[0]]}New{side}.\n\nAll {side}.\n{text[span[1] :]}" if span else None

    return edit


MOVED_BREAKS = [
    ["move s1 after s9", "split after s0", name] for name in ("move s0 after s2", "add a paragraph after s9")
]
NEW_PARAGRAPH = "\nA {0} is new.\n\n"
NEW_LINE, NEW_BLOCK = "A line of {0} is new.\n", "\n::: {{#rec-{0} .recommendation}}\nDo {0}.\n:::\n"
LINES = ("s0", "s1", "s2", "s3", "s9")
CHAPTER_EDITS: dict[str, Edit] = {
    **{
        f"change {stem}": change(stem)
        for stem in (*LINES, "k0", "k1", "k2", "s4", "s5", "s6", "s7", "f0", "f1", "l0", "l1", "l2", "r0", "r1", "n1")
    },
    **{f"insert after {stem}": insert(stem, NEW_LINE) for stem in LINES},
    **{f"insert before {stem}": insert(stem, NEW_LINE, before=True) for stem in LINES},
    **{f"add a paragraph after {stem}": insert(stem, NEW_PARAGRAPH) for stem in LINES},
    **{f"add a block after {stem}": insert(stem, NEW_BLOCK) for stem in ("s2", "s3", "s9")},
    **{f"add a row after {stem}": insert(stem, "| {0} | 1900 |\n") for stem in ("r0", "r1")},
    **{f"add an item after {stem}": insert(stem, "- the {0} item\n") for stem in ("l0", "l1")},
    **{f"add a field after {stem}": insert(stem, "- Field {0}: new\n") for stem in ("f0", "f1")},
    **{f"add a person after {stem}": insert(stem, "  - {{id: {0}, role: author}}\n") for stem in ("k1",)},
    **{f"add a key before {stem}": insert(stem, "key{0}: new\n", before=True) for stem in ("k2",)},
    **{f"delete {stem}": delete(stem) for stem in (*LINES, "l0", "l2", "f0", "r1")},
    **{
        f"move {stem} after {to}": move(stem, to)
        for stem, to in (("s0", "s2"), ("s2", "s0"), ("s1", "s9"), ("l0", "l1"))
    },
    **{f"split after {stem}": split(stem) for stem in ("s0", "s1")},
    **{f"join {stem}": join(stem) for stem in ("s0", "s1", "s3", "l0", "l1")},
    **{f"replace {stem}": replace(stem) for stem in ("s0", "s3", "s9")},
}
RECORD = '  - id: {0}\n    value: "1"\n'
REGISTER_EDITS: dict[str, Edit] = {
    **{f"change {stem}": change(stem) for stem in ("v0", "v1", "v2", "v3", "v4", "v5", "v6")},
    **{f"add a record after {stem}": insert(stem, RECORD) for stem in ("v1", "v3", "v5", "v6")},
    **{f"add a key after {stem}": insert(stem, "    note{0}: new\n") for stem in ("v1", "v6")},
    **{f"add a conflict after {stem}": insert(stem, "      - {{value: {0}, note: new}}\n") for stem in ("v5",)},
    **{f"delete {stem}": delete(stem) for stem in ("v1", "v2")},
}
CASES: Mapping[str, tuple[str, str, Mapping[str, Edit]]] = {
    "chapter": ("chapters/a.md", CHAPTER, CHAPTER_EDITS),
    "register": ("paper/registers/a.yaml", REGISTER, REGISTER_EDITS),
}


def merged(path: str, base: str, ours: str, theirs: str, *answers: Answer) -> tuple[str, Questions]:
    """The text of a file that two sides have changed, and the questions about it."""
    questions = Questions(answers)
    (file,) = merge_files({path: base.encode()}, {path: ours.encode()}, {path: theirs.encode()}, questions)
    return (file.merged or b"").decode(), questions


def find_fault(path: str, base: str, ours: str, theirs: str, both: Collection[str | None], *, is_place: bool) -> str:
    """What is wrong with a merge: `both` has the texts with one edit after the other, in either order."""
    text, questions = merged(path, base, ours, theirs)
    mirrored, mirrored_questions = merged(path, base, theirs, ours)
    if questions.asked:
        (first,) = merged(path, base, ours, theirs, MergeSide.THEIRS)[1].asked[:1]
        is_one = len(questions.asked) == len(mirrored_questions.asked) == 1
        is_same = merged(path, base, ours, theirs, MergeSide.THEIRS)[0] == mirrored
        return "" if is_one and is_same and first.ours != first.theirs else f"questions: {questions.asked}"
    words = [sorted(each.split()) for each in both if each] if is_place else []
    if text != mirrored:
        return f"depends on the side:\n{text}\n{mirrored}"
    return "" if text in both or sorted(text.split()) in words else f"not what both wanted:\n{text}"


@pytest.mark.parametrize("kind", ["chapter", "register"])
def test_both_edits_hold_or_are_one_question(kind: str, request: pytest.FixtureRequest) -> None:
    path, base, edits = CASES[kind]
    pairs: list[tuple[str, str]] = [(one, other) for one in edits for other in edits]
    if not request.config.getoption("--long", default=False):
        pairs = random.Random(1).sample(pairs, min(len(pairs), 90))
    faults = []
    for one, other in pairs:
        ours, theirs = edits[one](base, "A"), edits[other](base, "B")
        assert ours, one
        assert theirs, other
        both = {edits[other](ours, "B"), edits[one](theirs, "A")} if ours != theirs else {ours}
        # A new line at the place of a new break may be in either paragraph.
        is_place = "move" in one + other or {"insert", "add", "join", "split"} >= {one.split()[0], other.split()[0]}
        if fault := find_fault(path, base, ours, theirs, both, is_place=is_place):
            faults.append(f"{one} | {other}: {fault}")
    assert not faults, f"{len(faults)} of {len(pairs)}: " + "\n\n".join(faults[:3])


@pytest.mark.parametrize("stem", ["s0", "s1", "s2", "s4", "s5"])
def test_a_new_block_stays_where_a_sentence_before_it_has_moved_away(stem: str) -> None:
    text = CHAPTER.replace(" It has the s5", "\nIt has the s5").replace("too. And", "too.\nAnd")
    moved, block = move(stem, "s9")(text, "") or "", insert(stem, NEW_BLOCK)(text, "A") or ""
    for sides in ((moved, block), (block, moved)):
        both, questions = merged("a.md", text, *sides)
        assert not questions.asked
        assert both.index("{#rec-A") < both.index("- the l0 item")


@pytest.mark.parametrize("stem", LINES)
def test_a_new_paragraph_brings_blank_lines_around_itself_alone(stem: str) -> None:
    new = insert(stem, NEW_PARAGRAPH)(CHAPTER, "A") or ""
    for name, to in permutations(LINES, 2):
        moved = move(name, to)(CHAPTER, "") or ""
        for text, questions in (merged("a.md", CHAPTER, moved, new), merged("a.md", CHAPTER, new, moved)):
            without = (re.sub(r"\n+A A\w+ is new\.\n+", gap, text) for gap in ("\n", "\n\n"))
            assert not questions.asked
            assert re.sub(r"\n{3,}", "\n\n", moved) in {re.sub(r"\n{3,}", "\n\n", each) for each in without}, (name, to)


PARAGRAPH = "The s3 sentence is alone.\n\n"
CHANGED = PARAGRAPH.replace("alone", "{} alone")
PLACES = ("- Type: ", "## Re", "::: {#rec-")
PARAGRAPH_EDITS: Mapping[str, tuple[str, str]] = {
    "nothing": ("", PARAGRAPH),
    "change": ("", CHANGED),
    "delete": ("", ""),
    **{f"move before {place}": (place, PARAGRAPH) for place in PLACES},
    **{f"move before {place} and change": (place, CHANGED) for place in PLACES},
}
"""What a side does to a paragraph: before which words it is then, and how."""


def edit_paragraph(text: str, edit: str, side: str) -> str:
    """A text with the paragraph as a side has it."""
    before, words = PARAGRAPH_EDITS[edit]
    new = words.format(f"new{side}")
    return text.replace(PARAGRAPH, "").replace(before, new + before) if before else text.replace(PARAGRAPH, new)


@pytest.mark.parametrize("renamed", ["", "ours", "theirs"])
def test_a_paragraph_that_both_sides_edit_is_there_once(renamed: str) -> None:
    paths = ["chapters/b.md" if renamed == side else "chapters/a.md" for side in ("base", "ours", "theirs")]
    for edits in product(PARAGRAPH_EDITS, repeat=2):
        texts = [CHAPTER, *(edit_paragraph(CHAPTER, edit, side) for edit, side in zip(edits, "AB", strict=True))]
        files = [{path: text.encode()} for path, text in zip(paths, texts, strict=True)]
        for keep in MergeSide:
            questions = Questions([keep] * 3)
            (file,) = merge_files(files[0], files[1], files[2], questions)
            states = re.findall(r"The s3 sentence is (.*)alone", (file.merged or b"").decode())
            assert file.path == ("chapters/b.md" if renamed else "chapters/a.md")
            is_gone = "delete" in (edits if not questions.asked else edits[keep is MergeSide.THEIRS :][:1])
            news = [f"new{side} " for edit, side in zip(edits, "AB", strict=True) if "change" in edit]
            assert states in ([[]] if is_gone else [[new] for new in news or [""]]), (edits, states)


def test_blocks_of_three_branches_at_one_place_have_one_order() -> None:
    line = "The s3 sentence is alone.\n"
    for names in (("ca", "b", "d"), ("db", "ac", "e"), ("e", "dc", "ba")):
        texts = [CHAPTER.replace(line, line + "".join(map(NEW_BLOCK.format, each))) for each in names]
        results = set()
        for first, second, third in permutations(texts):
            results.add(merged("a.md", CHAPTER, merged("a.md", CHAPTER, first, second)[0], third)[0])
        assert len(results) == 1, names


@pytest.mark.parametrize("attributes", ["{#fnd-x .finding}", "{#rec-x .recommendation}", "{.box}", "{.restricted}"])
@pytest.mark.parametrize("fence", [":::", ":::::"])
def test_a_clash_of_a_received_block_is_recorded_without_its_fences(attributes: str, fence: str) -> None:
    """Those of a mark stay: they tell what is withheld."""
    none, block = CHAPTER, f"{fence} {attributes}\nThe OLD words are here.\n\n- Owner: all\n{fence}\n\n## Response"
    base, ours, theirs = (none.replace("## Response", block.replace("OLD", w)) for w in ("old", "our", "their"))
    new = [(none, ours, theirs)] if "#" in attributes else []
    for versions in ((base, ours, none), (base, none, theirs), *new):
        (conflict,) = today_merge.merge_sentences(versions[1], versions[0], versions[2])[1]
        record = f"{conflict.base}\n{conflict.edited}\n{conflict.reason}"
        assert (fence in record) is ("restricted" in attributes), record
        assert all(f"The {word} words" in record for word in ("our", "their") if f"The {word} " in str(versions))


NEW = "\n\n::: {#fnd-x .finding}\nNew.\n:::\n\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "part"),
    [
        ("One.\n", "One.\n\nTwo.\n", "One.[^n]\n\n[^n]: Note.\n", "One.[^n]\n\n[^n]: Note.\n\nTwo.\n"),
        ("A.\nB.\nC.\n\n## H\n", f"A.\nC.\nB.{NEW}## H\n", "A.\nB.\nX.\nC.\n\n## H\n", NEW),
    ],
)
def test_new_paragraphs_keep_their_blank_lines(base: str, ours: str, theirs: str, part: str) -> None:
    for text, questions in (merged("a.md", base, ours, theirs), merged("a.md", base, theirs, ours)):
        assert (part in text, questions.asked) == (True, [])


@pytest.mark.parametrize("kind", ["chapter", "register"])
def test_an_answer_is_taken(kind: str) -> None:
    path, base, edits = CASES[kind]
    stem, end = ("s1", "\n") if kind == "chapter" else ("v2", ", source")
    ours, theirs = edits[f"change {stem}"](base, "A") or "", edits[f"change {stem}"](base, "B") or ""
    assert merged(path, base, ours, theirs, MergeSide.OURS)[0] == ours
    assert merged(path, base, ours, theirs, MergeSide.THEIRS)[0] == theirs
    for words in ("other words", MergeSide.OURS.value, MergeSide.THEIRS.value):
        assert f"{words}{end}" in merged(path, base, ours, theirs, words)[0]


def test_records_that_moved_take_the_changes_of_a_late_branch() -> None:
    """A register became a folder of records here; the other side changed, added and deleted records in the old file."""
    register = "paper/registers/facts.yaml"
    entries = [f'  - id: {name}\n    value: "{name}"\n' for name in ("one", "two", "three")]
    base = {register: ("facts:\n" + "".join(entries)).encode()}
    folder = {f"paper/registers/facts/{i}.yaml": f"facts:\n{entry}".encode() for i, entry in enumerate(entries)}
    late = "facts:\n" + entries[0].replace('"one"', "1") + entries[2] + "  - id: four\n    value: new\n"
    for sides in ((folder, {register: late.encode()}), ({register: late.encode()}, folder)):
        questions = Questions()
        files = {file.path: file.merged for file in merge_files(base, *sides, questions)}
        assert not questions.asked
        texts = {path: data.decode() for path, data in files.items() if data}
        assert texts == {
            register: "facts:\n  - id: four\n    value: new\n",
            "paper/registers/facts/0.yaml": "facts:\n  - id: one\n    value: 1\n",
            "paper/registers/facts/2.yaml": f"facts:\n{entries[2]}",
        }


@pytest.mark.parametrize("old", ["", "---\nid: b\n---\n\nOld.\n"])
def test_a_chapter_takes_the_changes_of_sentences_that_a_side_has_moved_there(old: str) -> None:
    split, new = CHAPTER.replace(PARAGRAPH, ""), f"{old or '---'}\n{PARAGRAPH}"
    late = CHAPTER.replace("s3 sentence", "s3 words").replace("s1 sentence", "s1 words")
    old_file = {"chapters/b.md": old.encode()} if old else {}
    moved, changed = ({"chapters/a.md": text.encode(), **old_file} for text in (split, late))
    moved["chapters/b.md"] = new.encode()
    for sides in ((moved, changed), (changed, moved)):
        questions = Questions()
        merged = merge_files({"chapters/a.md": CHAPTER.encode(), **old_file}, *sides, questions)
        texts = {file.path: file.merged for file in merged}
        assert not questions.asked
        assert texts == {path: re.sub(rb"(s[13]) sentence", rb"\1 words", data) for path, data in moved.items()}


def test_a_status_a_part_of_a_heading_and_what_is_there_twice_follow_no_move() -> None:
    a, b = (f"---\nid: {n}\nstatus: drafting\n---\n\n## Gaps\n\nUnknown.\n\nNone.\n".encode() for n in "ab")
    b = b.replace(b"## Gaps", b"### Gaps in data")
    ours = a.replace(b"drafting", b"final").replace(b"## Gaps", b"## Lacks").replace(b"Unknown.\n\n", b"")
    theirs = a.replace(b"drafting", b"review").replace(b"## Gaps", b"## Points").replace(b"Unknown", b"None")
    merged = merge_files({"a.md": a}, {"a.md": ours, "b.md": b}, {"a.md": theirs}, Questions())
    assert {file.path: file.merged for file in merged}["b.md"] == b


@pytest.mark.parametrize("is_new", [False, True])
def test_two_chapters_that_come_to_one_name_are_both_there(*, is_new: bool) -> None:
    one, other = CHAPTER.encode(), CHAPTER.replace("id: bridges", "id: tunnels").encode()
    old = {} if is_new else {"chapters/b.md": other}
    base = {"chapters/a.md": one, **old}
    moved, arrived = {"chapters/c.md": one, **old}, {"chapters/a.md": one, "chapters/c.md": other}
    for sides in ((moved, arrived), (arrived, moved)):
        files = merge_files(base, *sides, Questions())
        merged_texts = {file.path: file.merged for file in files if file.merged}
        assert sorted(merged_texts.values()) == sorted([one, other]), merged_texts.keys()


@pytest.mark.parametrize("kind", ["chapter", "register"])
def test_three_branches_give_one_text_in_any_order(kind: str, request: pytest.FixtureRequest) -> None:
    path, base, edits = CASES[kind]
    count = 400 if request.config.getoption("--long", default=False) else 8
    samples = [random.Random(n).sample([name for name in edits if "move" not in name], 3) for n in range(count)]
    for names in (*samples, *(MOVED_BREAKS if kind == "chapter" else ())):
        sides = [edits[name](base, side) or "" for name, side in zip(names, "ABC", strict=True)]
        results = set()
        for order in permutations(sides):
            text, is_clash = base, False
            for side in order:
                text, questions = merged(path, base, text, side)
                is_clash |= bool(questions.asked)
            # A break at the place of a sentence that is gone, and of a new one, may be before that or behind it.
            is_gone = {"split", "delete"} <= {name.split()[0] for name in names}
            results.add("" if is_clash else " ".join(text.split()) if is_gone else text)
        assert len(results) == 1, (names, *results)


@pytest.mark.parametrize("kind", ["chapter", "register"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_mark_and_the_line_ends_of_an_editor_are_no_change(kind: str, mark: str, end: str) -> None:
    path, base, edits = CASES[kind]
    one, other = ("change s1", "change s9") if kind == "chapter" else ("change v0", "delete v2")
    ours, theirs = edits[one](base, "A") or "", edits[other](base, "B") or ""
    text, questions = merged(path, base, ours, mark + theirs.replace("\n", end))
    assert (text, questions.asked) == (edits[other](ours, "B"), [])
    text, questions = merged(path, base, mark + theirs.replace("\n", end), ours)
    assert (text.replace("\r\n", "\n"), questions.asked) == (edits[other](ours, "B"), [])


@pytest.mark.parametrize("kind", ["chapter", "register"])
def test_a_file_that_both_sides_started_has_what_both_wrote(kind: str, request: pytest.FixtureRequest) -> None:
    path, start, edits = CASES[kind]
    additions = [name for name in edits if name.startswith(("insert", "add")) and "field" not in name]
    pairs = [(one, other) for one in additions for other in additions]
    is_long = request.config.getoption("--long", default=False)
    for one, other in pairs if is_long else random.Random(2).sample(pairs, 25):
        sides, questions = [edits[one](start, "A") or "", edits[other](start, "B") or ""], Questions()
        (file,) = merge_files({}, {path: sides[0].encode()}, {path: sides[1].encode()}, questions)
        counts = [Counter(side.split()) for side in (start, *sides)]
        assert not questions.asked, (one, other)
        assert Counter((file.merged or b"").decode().split()) == counts[1] + counts[2] - counts[0], (one, other)


@pytest.mark.parametrize("new", ["::: {{#rec-x .recommendation}}\nDo {0}.\n:::\n", "<!-- {{#rec-x}} {0} -->\n"])
def test_two_of_one_name_in_a_text_are_two(new: str) -> None:
    twice = CHAPTER.replace("## Response", f"{new.format('one')}\n{new.format('two')}\n## Response")
    other = CHAPTER.replace("s9 sentence", "s9 words")
    for sides in ((twice, other), (other, twice)):
        assert merged("chapters/a.md", CHAPTER, sides[0], sides[1])[0] == twice.replace("s9 sentence", "s9 words")


def test_other_words_are_no_answer_to_a_place_a_name_or_a_whole_file() -> None:
    base, old = CHAPTER.encode(), "chapters/a.md"
    moved = [(move("s0", to)(CHAPTER, "") or "").encode() for to in ("s2", "s9")]
    clashes = {
        "the place of": [{old: base}, *({old: text} for text in moved)],
        "the name of the file": [{old: base}, {"chapters/b.md": base}, {"chapters/c.md": base}],
        "the whole file": [{old: data} for data in (b"\xff", b"\xfe", b"\xfd")],
        "the same sentence": [{old: base}, *({old: base.replace(b"s1 sentence", word)} for word in (b"x", b"y"))],
    }
    for label, versions in clashes.items():
        questions, answered = Questions(), Questions(["chapters/words.md"])
        files, changed = (merge_files(versions[0], versions[1], versions[2], each) for each in (questions, answered))
        (question,) = questions.asked
        assert question.label.startswith(label)
        for side, version in zip(MergeSide, versions[1:], strict=True):
            (file,) = merge_files(versions[0], versions[1], versions[2], Questions([side]))
            assert label == "the place of" or {file.path: file.merged} == version, label
        assert question.takes_words is (label == "the same sentence") is (files != changed), label
