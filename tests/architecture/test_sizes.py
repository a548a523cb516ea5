"""Nothing grows beyond what one reads in one go; an exception stands here with its reason."""

import ast
from collections.abc import Callable

import pytest

from tests.architecture.source_tree import PACKAGE, Function, Place, definitions, modules
from tests.rows import each

MAX_FILE_LINES = 300
MAX_CLASS_LINES = 150
MAX_FUNCTION_LINES = 40
MAX_PARAMETERS = 8
MAX_NESTING = 3

# `file` or `file::Name`, as the failing test prints it, with the reason why it may be larger.
EXCEPTIONS: dict[str, str] = {}

Nesting = ast.If | ast.For | ast.AsyncFor | ast.While | ast.With | ast.AsyncWith | ast.Try | ast.TryStar | ast.Match


def lines_of(place: Place) -> int:
    first = min([place.node.lineno, *(decorator.lineno for decorator in place.node.decorator_list)])
    return (place.node.end_lineno or first) - first + 1


def parameters_of(place: Place) -> int:
    """All parameters but the object a method is called on."""
    assert isinstance(place.node, Function)
    given = place.node.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    bound = names[:1] in (["self"], ["cls"])
    return len(names) - bound + (given.vararg is not None) + (given.kwarg is not None)


def nesting_of(place: Place) -> int:
    return deepest_block(place.node)


def deepest_block(node: ast.AST) -> int:
    """How many blocks stand inside each other; a nested function starts anew, as a reader does."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef | ast.Lambda):
            continue
        depth = deepest_block(child)
        if isinstance(child, Nesting) and not is_elif(child, node):
            depth += 1
        deepest = max(deepest, depth)
    return deepest


def is_elif(child: ast.AST, parent: ast.AST) -> bool:
    """An `elif` is written as an If alone in the `else` of an If, in the same column."""
    return (
        isinstance(child, ast.If)
        and isinstance(parent, ast.If)
        and parent.orelse == [child]
        and child.col_offset == parent.col_offset
    )


MEASURES: list[tuple[str, type | tuple[type, ...], Callable[[Place], int], int]] = [
    ("lines", ast.ClassDef, lines_of, MAX_CLASS_LINES),
    ("lines", (ast.FunctionDef, ast.AsyncFunctionDef), lines_of, MAX_FUNCTION_LINES),
    ("parameters", (ast.FunctionDef, ast.AsyncFunctionDef), parameters_of, MAX_PARAMETERS),
    ("nested blocks", (ast.FunctionDef, ast.AsyncFunctionDef), nesting_of, MAX_NESTING),
]


def oversized_files() -> dict[str, str]:
    counted = {file: len((PACKAGE / file).read_bytes().splitlines()) for file in modules()}
    return {file: f"{lines} lines, at most {MAX_FILE_LINES}" for file, lines in counted.items() if lines > MAX_FILE_LINES}


def oversized_definitions() -> dict[str, str]:
    return {
        str(place): f"{measure(place)} {unit}, at most {limit}"
        for unit, kind, measure, limit in MEASURES
        for place in definitions()
        if isinstance(place.node, kind) and measure(place) > limit
    }


def test_nothing_exceeds_its_size() -> None:
    oversized = oversized_files() | oversized_definitions()

    assert {where: finding for where, finding in oversized.items() if where not in EXCEPTIONS} == {}


def test_every_exception_is_still_needed() -> None:
    oversized = oversized_files() | oversized_definitions()

    assert set(EXCEPTIONS) <= set(oversized)


@each(
    ("source", "depth"),
    [
        pytest.param("def f():\n    return 1", 0, id="no block"),
        pytest.param("def f():\n  if a:\n    pass\n  elif b:\n    pass\n  elif c:\n    pass", 1, id="elif is no deeper"),
        pytest.param("def f():\n  if a:\n    pass\n  else:\n    if b:\n      pass", 2, id="an if inside else is deeper"),
        pytest.param("def f():\n  for a in b:\n    try:\n      with c: pass\n    except D: pass", 3, id="three kinds"),
        pytest.param("def f():\n  match a:\n    case 1:\n      if b: pass", 2, id="a case is no block of its own"),
        pytest.param("def f():\n  if a:\n    def g():\n      if b: pass", 1, id="a nested function starts anew"),
    ],
)
def test_blocks_are_counted_as_they_are_read(source: str, depth: int) -> None:
    function = ast.parse(source).body[0]

    assert deepest_block(function) == depth
