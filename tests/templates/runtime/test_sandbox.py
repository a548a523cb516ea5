"""What a template that is not trusted may reach: every way out that was ever found is closed."""
# ruff: noqa: S704 -- markup made of what is tried

import types
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from markupsafe import Markup

from martlet.templates.errors import BudgetError, SecurityError, UndefinedError
from martlet.templates.filters import bounded_filters
from martlet.templates.runtime import (
    Guard,
    Namespace,
    Sandbox,
    StrictUndefined,
    Undefined,
    is_safe_attribute,
    is_safe_callable,
    unsafe,
)
from tests.rows import each
from tests.templates.stand_in import StandInEngine, apply


class Private:
    open = 23

    def bar(self) -> int:
        return 23

    def _foo(self) -> int:
        return 42

    @unsafe
    def foo(self) -> int:
        return 42

    def delete(self) -> None: ...

    delete.alters_data = True  # type: ignore[attr-defined]


@unsafe
class Sealed:
    name = "x"


GUARD = Guard(Sandbox())
get, item = GUARD.get_attribute, GUARD.get_item
BOUNDS = Sandbox(output_characters=1_000, range_items=100, integer_bits=256)


def is_refused(value: Any) -> bool:
    """Whether this is an undefined value whose use raises SecurityError."""
    with pytest.raises(SecurityError, match="is unsafe"):
        value()
    return isinstance(value, Undefined)


def generator() -> Any:
    yield


async def asynchronous_generator() -> Any:
    yield


def traceback_of_an_error() -> types.TracebackType:
    with pytest.raises(RuntimeError) as raised:
        raise RuntimeError
    return raised.tb


CLOSED: list[tuple[str, Callable[[], Any], str]] = [
    ("class", lambda: 42, "__class__"),
    ("one underscore", Private, "_foo"),
    ("subclasses", lambda: int, "__subclasses__"),
    ("mro", lambda: int, "mro"),
    ("mro of an alias", lambda: list[int], "mro"),
    ("origin of an alias", lambda: list[int], "__origin__"),
    ("globals", lambda: apply, "__globals__"),
    ("code", lambda: apply, "__code__"),
    ("builtins", lambda: apply, "__builtins__"),
    ("method's function", lambda: Private().bar, "__func__"),
    ("self of a builtin", lambda: "".upper, "__self__"),
    ("frame of a generator", generator, "gi_frame"),
    ("code of a generator", generator, "gi_code"),
    ("inner generator", generator, "gi_yieldfrom"),
    ("frame of an asynchronous generator", asynchronous_generator, "ag_frame"),
    ("code object", lambda: apply.__code__, "co_consts"),
    ("traceback", traceback_of_an_error, "tb_frame"),
    ("of an undefined value", lambda: Undefined(name="x"), "__call__"),
    ("marked", Private, "foo"),
    ("marked in Django's way", Private, "delete"),
    ("of a marked class", Sealed, "name"),
]


@each(("make", "name"), [case[1:] for case in CLOSED], ids=[case[0] for case in CLOSED])
def test_ways_into_the_interpreter_are_closed(make: Callable[[], Any], name: str) -> None:
    assert is_refused(get(make(), name))
    if isinstance(make(), Undefined):
        with pytest.raises(UndefinedError):
            item(make(), name)
    else:
        assert is_refused(item(make(), name))


@each(("make", "name"), [case[1:] for case in CLOSED], ids=[case[0] for case in CLOSED])
@each("way", ["attr", "map", "sort", "selectattr", "groupby", "format", "format_map", "format of markup"])
def test_no_filter_and_no_format_goes_round_the_guard(way: str, make: Callable[[], Any], name: str) -> None:
    engine = StandInEngine(StrictUndefined, Sandbox())
    value = make()

    def printed() -> Any:
        match way:
            case "attr":
                return str(apply("attr", value, name, engine=engine))
            case "map":
                return str(next(apply("map", [value], attribute=name, engine=engine)))
            case "sort":
                return str(apply("sort", [value, value], attribute=name, engine=engine))
            case "selectattr":
                return list(apply("selectattr", [value], name, engine=engine))
            case "groupby":
                return str(apply("groupby", [value, value], name, engine=engine))
            case "format":
                return engine.get_attribute("{0." + name + "}", "format")(value)
            case "format_map":
                return engine.get_attribute("{x." + name + "}", "format_map")({"x": value})
            case _:
                return engine.get_attribute(Markup("{0." + name + "}"), "format")(value)

    with pytest.raises((SecurityError, UndefinedError)) as raised:
        printed()
    assert "unsafe" in str(raised.value) or isinstance(value, Undefined)


def test_what_is_harmless_is_read() -> None:
    assert get(Private(), "open") == item(Private(), "open") == 23
    assert get(Private(), "bar")() == 23
    assert get({"a": 1}, "a") == item({"a": 1}, "a") == 1
    assert get({"_a": 1}, "_a") == item({"_a": 1}, "_a") == 1
    assert get({"items": 1}, "items")() == {"items": 1}.items()
    assert item({"items": 1}, "items") == 1
    assert item([1, 2], 1) == 2
    assert item("abc", slice(1)) == "a"
    assert get(Namespace(a=1), "a") == 1


def test_what_is_not_there_is_undefined() -> None:
    for missing in (get(1, "a"), item(1, "a"), item([], 3), item({}, "_a"), get({}, "a")):
        assert isinstance(missing, Undefined)
    with pytest.raises(UndefinedError, match="'int object' has no attribute 'a'"):
        get(1, "a")()


def test_no_property_is_run_to_refuse_it() -> None:
    class Watched:
        @property
        def _secret(self) -> int:
            raise AssertionError

    assert is_refused(get(Watched(), "_secret"))


@pytest.mark.parametrize("name", ["_x", "__class__", "x"])
def test_an_undefined_value_says_what_it_is(name: str) -> None:
    engine = StandInEngine(StrictUndefined, Sandbox())

    with pytest.raises((UndefinedError, SecurityError)):
        engine.get_attribute(Undefined(name="user"), name)()


def test_a_text_that_plays_another_text_is_taken_as_it_is() -> None:
    class Sly(str):
        __slots__ = ()

        def startswith(self, *_: Any) -> bool:
            return False

        def __str__(self) -> str:
            return "real"

    assert is_refused(get(1, Sly("__class__")))
    assert is_refused(item(1, Sly("__class__")))


@each(
    ("obj", "names"),
    [
        ([], "append extend insert pop remove clear sort reverse"),
        ({}, "clear pop popitem setdefault update"),
        (set(), "add clear discard pop remove update difference_update intersection_update symmetric_difference_update"),
        (deque(), "append appendleft clear extend extendleft insert pop popleft remove reverse rotate"),
        (bytearray(), "append clear extend"),
    ],
    ids=["list", "dict", "set", "deque", "bytearray"],
)
def test_an_immutable_sandbox_changes_nothing(obj: Any, names: str) -> None:
    guard, open_guard = Guard(Sandbox()), Guard(Sandbox(immutable=False))

    for name in names.split():
        assert is_refused(guard.get_attribute(obj, name))
        assert not isinstance(open_guard.get_attribute(obj, name), Undefined)
    assert callable(guard.get_attribute(obj, "copy"))


def test_marked_functions_are_not_called_nor_handed_on() -> None:
    @unsafe
    def delete(*_: Any) -> None:
        raise AssertionError

    assert not is_safe_callable(delete)
    for function, args, kwargs in [(delete, (), {}), (print, (delete,), {}), ([].sort, (), {"key": delete}), (Sealed, (), {})]:
        with pytest.raises(SecurityError, match="may not be called"):
            GUARD.check_call(function, args, kwargs)
    GUARD.check_call(print, ("x",), {"end": ""})


def test_a_policy_can_be_another() -> None:
    class Strict(Sandbox):
        def is_safe_attribute(self, obj: Any, name: str, value: Any) -> bool:
            return isinstance(obj, dict) and super().is_safe_attribute(obj, name, value)

        def binary(self, symbol: str, left: Any, right: Any) -> Any:
            if symbol == "+":
                raise SecurityError("no sums")
            return super().binary(symbol, left, right)

    guard = Guard(Strict())

    assert is_refused(guard.get_attribute("", "upper"))
    assert callable(guard.get_attribute({}, "keys"))
    assert Strict().binary("-", 3, 1) == 2
    with pytest.raises(SecurityError, match="no sums"):
        Strict().binary("+", 1, 1)


def test_safe_attributes_can_be_asked_for_alone() -> None:
    assert is_safe_attribute("", "upper")
    assert is_safe_attribute([], "append")
    assert not is_safe_attribute([], "append", immutable=True)
    assert not is_safe_attribute("", "_x")


@each(
    ("text", "args", "kwargs", "expected"),
    [
        ("a{}b{}", ("foo", "42"), {}, "afoob42"),
        ("a{0.foo}b", ({"foo": 42},), {}, "a42b"),
        ("{0[foo][1]}", ({"foo": [1, 2]},), {}, "2"),
        ("{x:>5}|{y!r}", (), {"x": 1, "y": "z"}, "    1|'z'"),
        ("{:{w}}", (1,), {"w": 3}, "  1"),
        ("{{}}", (), {}, "{}"),
        ("a{0.__class__}b", (42,), {}, "ab"),
        (Markup("a{0.foo}b{1}"), ({"foo": 42}, "<foo>"), {}, Markup("a42b&lt;foo&gt;")),
        (Markup("a{}"), (Markup("<b>"),), {}, Markup("a<b>")),
        (Markup("a{0.__class__}b{1}"), (42, "<foo>"), {}, Markup("ab&lt;foo&gt;")),
    ],
)
def test_format_gives_what_it_may(text: str, args: tuple[Any, ...], kwargs: dict[str, Any], expected: str) -> None:
    for formatted in (get(text, "format")(*args, **kwargs), item(text, "format")(*args, **kwargs)):
        assert formatted == expected
        assert type(formatted) is type(expected)
    assert args or get(text, "format_map")(kwargs) == expected


def test_format_is_guarded_whoever_calls_it() -> None:
    escape = "{0.__call__.__builtins__[__import__]}"
    engine = StandInEngine(sandbox=Sandbox())
    kept = Namespace(run=get(escape, "format"))

    for run in (kept.run, apply("attr", escape, "format", engine=engine), get(str, "format"), get(Markup, "format")):
        args = (escape, Undefined(name="x")) if run.__name__ == "unbound" else (Undefined(name="x"),)
        with pytest.raises(SecurityError, match="'__call__' of 'Undefined' object is unsafe"):
            run(*args)


def test_format_map_takes_one_mapping() -> None:
    with pytest.raises(TypeError):
        get("{a}", "format_map")(a=1)
    with pytest.raises(ValueError, match="is no name of a field"):
        get("{a[]}", "format")(a=1)


@each(
    ("symbol", "left", "right", "expected"),
    [
        ("+", 1, 2, 3),
        ("+", "a", "b", "ab"),
        ("-", 3, 1, 2),
        ("*", "ab", 3, "ababab"),
        ("*", 3, [1], [1, 1, 1]),
        ("*", 2.5, 2, 5.0),
        ("/", 3, 2, 1.5),
        ("//", 3, 2, 1),
        ("%", 5, 3, 2),
        ("%", "%s-%03d", ("a", 1), "a-001"),
        ("%", "%*d", (5, 1), "    1"),
        ("**", 2, 10, 1024),
        ("**", 2, -1, 0.5),
    ],
)
def test_operators_do_what_they_do(symbol: str, left: Any, right: Any, expected: Any) -> None:
    assert BOUNDS.binary(symbol, left, right) == expected


def test_signs_do_what_they_do() -> None:
    assert (BOUNDS.unary("-", 1), BOUNDS.unary("+", 1)) == (-1, 1)


TEXT = "x" * 900


@each(
    ("symbol", "left", "right"),
    [
        ("*", TEXT, 2),
        ("*", 2, TEXT),
        ("*", "x", 10**12),
        ("*", b"bytes", 10**12),
        ("*", [1] * 99, 2),
        ("*", (1,), 10**12),
        ("*", 2**200, 2**200),
        ("+", TEXT, TEXT),
        ("+", [1] * 99, [1] * 99),
        ("**", 10, 10**9),
        ("**", 2**200, 2),
        ("%", "%1000000000d", 1),
        ("%", "%.1000000000f", 1),
        ("%", "%*d", (10**9, 1)),
        ("%", "%-*s", (-(10**9), 1)),
        ("%", "%(a)" + "9" * 5000 + "d", {"a": 1}),
        ("%", b"bytes %1000000000d", 1),
    ],
)
def test_operators_make_nothing_huge(symbol: str, left: Any, right: Any) -> None:
    with pytest.raises(BudgetError, match="at most in a sandboxed template"):
        BOUNDS.binary(symbol, left, right)


@each(
    ("text", "name", "args"),
    [
        ("x", "center", (10**12,)),
        ("x", "ljust", (10**12, "-")),
        ("x", "rjust", (10**12,)),
        ("x", "zfill", (10**12,)),
        (b"x", "zfill", (10**12,)),
        (1, "to_bytes", (10**12,)),
        ("\t\t", "expandtabs", (10**12,)),
        (b"\t\t", "expandtabs", (10**12,)),
        (TEXT, "replace", ("x", "yy")),
        (TEXT, "replace", ("", "yy")),
        (TEXT, "join", (["a", "b", "c"],)),
        ("", "join", ([TEXT, TEXT],)),
        (TEXT, "translate", ({120: "yy"},)),
        ("{:1000000000}", "format", (1,)),
        ("{:{}}", "format", (1, 10**9)),
        ("{a:.1000000000f}", "format_map", ({"a": 1.0},)),
        (Markup("x"), "center", (10**12,)),
        (Markup(TEXT), "replace", ("x", "yy")),
    ],
)
def test_methods_make_no_text_huge(text: Any, name: str, args: tuple[Any, ...]) -> None:
    guard = Guard(BOUNDS)

    with pytest.raises(BudgetError, match="at most in a sandboxed template"):
        guard.get_attribute(text, name)(*args)
    with pytest.raises(BudgetError, match="at most in a sandboxed template"):
        guard.get_attribute(type(text), name)(text, *args)


@each(
    ("text", "name", "args", "expected"),
    [
        ("x", "center", (3,), " x "),
        (258, "to_bytes", (2,), b"\x01\x02"),
        ("x", "ljust", (3, "-"), "x--"),
        ("a\tb", "expandtabs", (), "a       b"),
        ("aa", "replace", ("a", "b", 1), "ba"),
        ("-", "join", (iter("ab"),), "a-b"),
        ("ab", "translate", ({97: "x", 98: None},), "x"),
        (b"a", "translate", (bytes(range(1, 256)) + b"\0",), b"b"),
        (Markup("<"), "join", (["a", "<"],), Markup("a<&lt;")),
    ],
)
def test_methods_do_what_they_do(text: Any, name: str, args: tuple[Any, ...], expected: Any) -> None:
    done = Guard(BOUNDS).get_attribute(text, name)(*args)

    assert done == expected
    assert type(done) is type(expected)


def test_a_method_of_the_same_name_elsewhere_is_left_alone() -> None:
    class Formatted:
        def format(self, width: int) -> int:
            return width

    assert get(Formatted(), "format")(10**12) == 10**12


def doubled() -> Any:
    """A list of lists of lists: small, but huge when it is printed or compared."""
    value: Any = (1,)
    for _ in range(50):
        value = (value, value)
    return value


@each(
    "use",
    [
        lambda guard, big: guard.policy.binary("%", "%s", (big,)),
        lambda guard, big: guard.policy.binary("%", "%(a)s", {"a": big}),
        lambda guard, big: guard.get_attribute("{}", "format")(big),
        lambda guard, big: guard.get_attribute("{a}", "format_map")({"a": big}),
        lambda guard, big: guard.get_item({}, big),
        lambda guard, big: guard.check_call([].index, (big,)),
        lambda guard, big: guard.check_call([big].index, (1,)),
        lambda guard, big: guard.check_call([big, big].sort),
    ],
    ids=["printf", "printf of a mapping", "format", "format_map", "key", "index of", "index in", "sort"],
)
def test_nothing_prints_compares_or_hashes_what_is_huge(use: Callable[[Guard, Any], Any]) -> None:
    with pytest.raises(BudgetError):
        use(Guard(BOUNDS), doubled())


def test_what_would_print_huge_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    guard = Guard(BOUNDS)

    for value in (doubled(), endless, [TEXT, TEXT], {TEXT: {TEXT}}, {"a": (doubled(),)}):
        with pytest.raises(BudgetError):
            guard.printable(value)
    for value in (1, "x", [1, "a", {"b": 2}], object()):
        assert guard.printable(value) is value


@pytest.mark.parametrize(("args", "length"), [((100,), 100), ((0, 1000, 10), 100), ((5, 0), 0)])
def test_a_range_may_be_so_long(args: tuple[int, ...], length: int) -> None:
    assert len(BOUNDS.range(*args)) == length


@pytest.mark.parametrize("args", [(101,), (0, 10**30), (10**30, 0, -1)])
def test_a_longer_range_is_refused(args: tuple[int, ...]) -> None:
    with pytest.raises(BudgetError, match="100 items at most"):
        BOUNDS.range(*args)
    with pytest.raises(OverflowError):
        BOUNDS.range(*args)


def test_a_sandboxed_filter_is_called_by_name_as_any() -> None:
    engine = StandInEngine(sandbox=BOUNDS)
    engine.filters = bounded_filters(BOUNDS, engine.filters)

    assert list(apply("map", ["a"], "upper", engine=engine)) == ["A"]
    with pytest.raises(BudgetError):
        list(apply("map", ["a"], "center", 10**9, engine=engine))
