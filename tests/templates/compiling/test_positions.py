"""Compiled code says of each of its lines that it is from its place in the template."""

from collections.abc import Iterator
from random import Random
from types import CodeType

from martlet.templates.compiling.positions import Place, relocated
from tests.rows import each

LONG = " + ".join(["rows"] * 50)
LINES = f"""def outer(rows):
    total = 0
    for row in rows:
        total += row
    def inner(a, b=total):
        try: return a[b]
        except Exception: return -1
    return inner({LONG})
outer([1])""".split("\n")


def some_places(seed: int) -> list[Place]:
    random = Random(seed)
    starts = [(random.randrange(1, 9_999), random.randrange(5_000)) for _ in LINES]
    return [(line, column, line + random.choice((0, 1, 70)), random.randrange(5_000)) for line, column in starts]


def codes_of(code: CodeType) -> Iterator[CodeType]:
    yield code
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from codes_of(part)


@each("seed", range(20))
def test_each_instruction_is_from_the_place_of_its_line(seed: int) -> None:
    plain, places = compile("\n".join(LINES), "page", "exec"), some_places(seed)

    moved = relocated(plain, places, {})

    for before, after in zip(codes_of(plain), codes_of(moved), strict=True):
        lines = [line for line, *_ in before.co_positions()]
        wanted = [None if line is None else places[max(line, 1) - 1] for line in lines]
        found = [None if at[0] is None else (at[0], at[2], at[1], at[3]) for at in after.co_positions()]
        assert found == wanted
        assert after.co_firstlineno == places[before.co_firstlineno - 1][0]


def test_functions_are_called_as_they_are_shown() -> None:
    code = compile("def block_title(): pass", "page", "exec")

    moved = relocated(code, [(1, 0, 1, 5)], {"block_title": "block 'title'"})

    assert [part.co_qualname for part in codes_of(moved)] == ["<module>", "block 'title'"]
