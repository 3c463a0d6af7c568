"""Checks what no linter knows: names, lengths of functions, and words of docstrings, comments, messages and commits.

`python tests/code_style.py` prints each fault with its place; the exit code is 1 if there is one.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("*.md", "docs/*.md", "docs/chapters/*.md", "docs/decisions/*.md", "tests/*.md")
"""Pages for people; those in tests/rules/ quote bad texts."""
MAX_LINES = 40
"""Lines of a function of the package with its signature and docstring."""
MAX_SUBJECT, SUBJECTS_SINCE = 72, "2026-11-27T04:00:00Z"
"""Characters of a commit's subject, and when the limit began."""
VAGUE_NAME = re.compile(r"_*(?:found|said|told|kept|given|at|thing|lacking|wanted|taken)_*")
"""Names of variables and parameters of the package that do not say of what."""
VAGUE_NAME_OF_TEST = re.compile(r"_*(?:found|said|told|kept|given|thing|taken)_*")
PARTICIPLE = re.compile(r"_?(?!embed$|uncommitted$)[a-z]+[^e\W]ed")
STAGES = re.compile(r"nioc_paper/(?:check|domain|model|tree|load(?!/foreign/|/bibliography/))/")
"""Packages that every command imports: `late_pattern` compiles their patterns on first use."""
FIRST_WORD = re.compile(r"\s*(?:What|Which|Whose|Stands|Have|Say|Tell)\b")
"""First words of a description that does not name the thing."""
PLAIN_WORDS: Mapping[str, str] = {
    "anew": "again",
    "apart(?! from)": "separately",
    "begun": "started",
    r"(?:or|, )\s*else": "otherwise",
    "hangs? on": "depends on",
    "lest": "so that … not",
    "stands?|stood": "is, is for",
    "thereby|thereof|therein|whereof": "by it, of it, in it",
    "whoever": "those who",
    "mend(?:s|ed|ing)?": "fix, correct",
    "misspelt": "misspelled",
    "belongs? into": "belongs in",
    "debts?": "obligations",
    "returned files?|files? that (?:came|comes) back": "received file",
    "typefaces?": "font",
    "workdays?": "working days",
    "sheet of styles": "style sheet",
}
"""Patterns of old words and of second names of things, each with the word to write: see docs/developing.md."""
_PATTERNS = {re.compile(rf"\b(?:{old})\b", re.IGNORECASE): new for old, new in PLAIN_WORDS.items()}
_CLASSES: dict[str, ast.ClassDef] = {}
_COMMENT = re.compile(r"(?m)(?:^\s*|  )#:? (?!noqa|type:)(\S.*)$")
_FENCE = re.compile(r"(?ms)^ *(`{3,}).*?^ *\1$|`[^`\n]*`")


def faults() -> Iterator[str]:
    """Yield every fault, with its place."""
    for file in _code():
        yield from _faults_of_code(file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8"))
    for page in (page for pattern in PAGES for page in ROOT.glob(pattern)):
        yield from _bad_words(page.relative_to(ROOT).as_posix(), [(_FENCE.sub("", page.read_text("utf-8")), 1)])
    command = ("git", "-C", str(ROOT), "log", "--format=%h %s", f"--since={SUBJECTS_SINCE}")
    for commit in subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines():
        if len(commit.partition(" ")[2]) > MAX_SUBJECT:
            yield f"commit {commit}: shorten the subject to {MAX_SUBJECT} characters"


def _faults_of_code(name: str, source: str) -> Iterator[str]:
    module, in_package = ast.parse(source), name.startswith("nioc_paper/")
    for line, message in (fault for node in ast.walk(module) for fault in _bad_name(node, in_package=in_package)):
        yield f"{name}:{line}: {message}"
    for statement in module.body if STAGES.match(name) else ():
        if isinstance(statement, ast.Assign | ast.AnnAssign) and "re.compile(" in ast.unparse(statement):
            yield f"{name}:{statement.lineno}: compile no pattern at import: use late_pattern"
    for line, unused in _unused_names(module, source):
        yield f"{name}:{line}: '{unused}' is not used; delete it"
    yield from _bad_words(name, _prose(module, source, in_package=in_package))


def _unused_names(module: ast.Module, source: str) -> Iterator[tuple[int, str]]:
    """Yield private names of a module that nothing in it reads."""
    for statement in module.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                pass
            case ast.FunctionDef(name=name, decorator_list=[]) | ast.ClassDef(name=name, decorator_list=[]):
                pass
            case _:
                continue
        if re.fullmatch(r"_(?!_)\w+", name) and len(re.findall(rf"\b{name}\b", source)) == 1:
            yield statement.lineno, name


def _code() -> list[Path]:
    folders = (ROOT / name for name in ("nioc_paper", "tests", "benchmarks"))
    return sorted([*ROOT.glob("*.py"), *(file for folder in folders for file in folder.rglob("*.py"))])


def _bad_name(node: ast.AST, *, in_package: bool) -> Iterator[tuple[int, str]]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            if (VAGUE_NAME if in_package else VAGUE_NAME_OF_TEST).fullmatch(name):
                yield node.lineno, f"'{name}': name the thing that it holds"
        case ast.ClassDef(name=name) if in_package:
            if _CLASSES.setdefault(name.strip("_"), node) is not node:
                yield node.lineno, f"class {name}: another class has this name"
        case ast.FunctionDef() | ast.AsyncFunctionDef() if in_package:
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_LINES:
                yield node.lineno, f"'{node.name}' has {length} lines; {MAX_LINES} are allowed"
            if not node.decorator_list and PARTICIPLE.fullmatch(node.name):
                yield node.lineno, f"'{node.name}': name a function with a verb, or with what it returns"
            if isinstance(docstring := ast.get_docstring(node), str) and FIRST_WORD.match(docstring):
                yield node.lineno, f"'{node.name}': begin the docstring with the thing, or with a verb"


def _prose(module: ast.Module, source: str, *, in_package: bool) -> Iterator[tuple[str, int]]:
    """Yield docstrings, messages of the package and comments, each with its line."""
    for node in ast.walk(module):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield text, node.lineno
            case ast.Constant(value=str(text)) if in_package and " " in text and "\\" not in text:
                yield text, node.lineno
    for comment in _COMMENT.finditer(source):
        yield comment[1], source.count("\n", 0, comment.start(1)) + 1


def _bad_words(name: str, texts: Iterator[tuple[str, int]] | list[tuple[str, int]]) -> Iterator[str]:
    for text, first in texts:
        for pattern, new in _PATTERNS.items():
            for match in pattern.finditer(text):
                line = first + text.count("\n", 0, match.start())
                yield f"{name}:{line}: '{match[0]}': write: {new}"


if __name__ == "__main__":
    lines = list(dict.fromkeys(faults()))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.exit(bool(lines))
