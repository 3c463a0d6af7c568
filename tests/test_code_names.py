"""Names of the code say what they name, and functions are short."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from code_trees import PACKAGE, package_files, package_nodes, package_tree

VAGUE_NAMES = frozenset(("found", "said", "told", "kept", "given", "at", "thing", "lacking", "wanted", "taken"))
"""Names of variables and parameters that do not say of what; a position is `pos`, a match `match`."""
MAX_LINES = 40
"""Lines of a function with its signature and docstring."""


@cache
def nodes_by_type() -> Mapping[type[ast.AST], list[tuple[str, ast.AST]]]:
    """Return the named nodes of all modules with their places."""
    groups: dict[type[ast.AST], list[tuple[str, ast.AST]]] = defaultdict(list)
    for file in package_files():
        name = file.relative_to(PACKAGE.parent)
        for node in package_nodes(file):
            if isinstance(node, ast.Name | ast.arg | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                groups[type(node)].append((f"{name}:{node.lineno}", node))
    return groups


def nodes_of(*types: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Yield the nodes of some types in all modules with their places."""
    for each in types:
        yield from nodes_by_type()[each]


def test_variables_say_what_they_hold() -> None:
    stored = [(p, n.id) for p, n in nodes_of(ast.Name) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    parameters = [(place, node.arg) for place, node in nodes_of(ast.arg) if isinstance(node, ast.arg)]
    assert [f"{place} {name}" for place, name in stored + parameters if name.strip("_") in VAGUE_NAMES] == []


def test_variables_of_tests_say_what_they_hold() -> None:
    names = "found|said|told|kept|given|taken|thing"
    pattern = re.compile(
        rf"^ *(?:def |for (?:\w+, )*|(?:\w+, )*)(?:{names})(?:, \w+)*(?: [+|]?= | in |\(|: \w)", re.MULTILINE
    )
    root = PACKAGE.parent
    files = (root / "build.py", *sorted(root.glob("tests/*.py")), *sorted(root.glob("benchmarks/*.py")))
    assert [(file.name, match[0]) for file in files for match in pattern.finditer(file.read_text("utf-8"))] == []


def test_functions_are_verbs() -> None:
    participle = re.compile(r"_?(?!embed$)[a-z]+[^e\W]ed")
    functions = [(p, n) for p, n in nodes_of(ast.FunctionDef) if isinstance(n, ast.FunctionDef)]
    names = [
        f"{place} {node.name}"
        for place, node in functions
        if not node.decorator_list and participle.fullmatch(node.name)
    ]
    assert [name for name in names if not name.endswith(" uncommitted")] == []


def test_a_class_name_means_one_thing() -> None:
    counts = Counter(getattr(node, "name", "").strip("_") for _, node in nodes_of(ast.ClassDef))
    assert [name for name, count in counts.items() if count > 1] == []


def test_functions_are_short() -> None:
    functions = list(nodes_of(ast.FunctionDef, ast.AsyncFunctionDef))
    lines = {place: (getattr(node, "end_lineno", 0) or 0) - getattr(node, "lineno", 0) + 1 for place, node in functions}
    assert {place: count for place, count in lines.items() if count > MAX_LINES} == {}


def test_stages_that_every_command_imports_compile_no_pattern_at_import() -> None:
    """They have hundreds, and a command uses few: `late_pattern` compiles on first use."""
    parsers = ("load/foreign/", "load/bibliography/")  # imported only for a file that has changed
    compiled = [
        f"{name}:{call.lineno}"
        for stage in ("check", "domain", "load", "model", "tree")
        for file in package_files()
        if (name := file.relative_to(PACKAGE).as_posix()).startswith(f"{stage}/") and not name.startswith(parsers)
        for statement in package_tree(file).body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for call in ast.walk(statement)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "re.compile"
    ]
    assert compiled == []
