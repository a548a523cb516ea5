"""Filters that change text."""

from pprint import pformat
from typing import Any

import pytest
from markupsafe import Markup

from martlet.templates.errors import TemplateRuntimeError, UndefinedError
from martlet.templates.runtime import StrictUndefined, Undefined
from tests.rows import each
from tests.templates.stand_in import StandInEngine, apply


class Printable:
    def __str__(self) -> str:
        return "foo-bar"


@each(
    ("name", "value", "args", "expected"),
    [
        ("upper", "foo", (), "FOO"),
        ("upper", 1.5, (), "1.5"),
        ("lower", "FOO", (), "foo"),
        ("capitalize", "foo BAR", (), "Foo bar"),
        ("center", "foo", (9,), "   foo   "),
        ("trim", "  ..stays..", (), "..stays.."),
        ("trim", "  ..stays..", (None,), "..stays.."),
        ("trim", "  ..stays..", (".",), "  ..stays"),
        ("trim", "  ..stays..", (" .",), "stays"),
        ("title", "foo bar", (), "Foo Bar"),
        ("title", "foo's bar", (), "Foo's Bar"),
        ("title", "foo   bar", (), "Foo   Bar"),
        ("title", "f bar f", (), "F Bar F"),
        ("title", "foo-bar", (), "Foo-Bar"),
        ("title", "FOO\tBAR", (), "Foo\tBar"),
        ("title", "foo (bar) {baz} [qux] <end>", (), "Foo (Bar) {Baz} [Qux] <End>"),
        ("title", Printable(), (), "Foo-Bar"),
        ("wordcount", "foo bar baz", (), 3),
        ("wordcount", "", (), 0),
        ("string", [1, 2], (), "[1, 2]"),
        ("format", "%s|%s", ("a", "b"), "a|b"),
        ("pprint", list(range(100)), (), pformat(list(range(100)))),
        ("replace", "<foo>", ("o", 42), "<f4242>"),
        ("replace", "aaaa", ("a", "b", 2), "bbaa"),
        ("replace", "aaaa", ("a", "b", 0), "aaaa"),
    ],
)
def test_text_is_changed(name: str, value: Any, args: tuple[Any, ...], expected: Any) -> None:
    assert apply(name, value, *args) == expected


@each(
    ("value", "args", "expected"),
    [
        ("<foo>", ("o", 42), "&lt;f4242&gt;"),
        ("<foo>", ("<", 42), "42foo&gt;"),
        (Markup("foo"), ("o", ">x<"), "f&gt;x&lt;&gt;x&lt;"),
        ("<foo>", ("o", Markup("<b>")), "&lt;f<b><b>&gt;"),
        ("<foo>", (Markup("o"), "0"), "&lt;f00&gt;"),
    ],
)
def test_replace_escapes_what_meets_markup(value: str, args: tuple[Any, ...], expected: str) -> None:
    from markupsafe import escape

    assert escape(apply("replace", value, *args, autoescape=True)) == expected


@each(
    ("arguments", "expected"),
    [
        ({"width": 2}, '\n  foo bar\n  "baz"\n'),
        ({"width": 2, "blank": True}, '\n  foo bar\n  "baz"\n  '),
        ({"width": 2, "first": True}, '  \n  foo bar\n  "baz"\n'),
        ({"width": 2, "first": True, "blank": True}, '  \n  foo bar\n  "baz"\n  '),
        ({"width": "> "}, '\n> foo bar\n> "baz"\n'),
    ],
)
@each("kind", [str, Markup])
def test_lines_are_moved_to_the_right(kind: type[str], arguments: dict[str, Any], expected: str) -> None:
    indented = apply("indent", kind('\nfoo bar\n"baz"\n'), **arguments)

    assert indented == expected
    assert type(indented) is kind


@each(
    ("arguments", "expected"),
    [({}, "jinja"), ({"first": True}, "    jinja"), ({"blank": True}, "jinja"), ({"first": True, "width": ">>> "}, ">>> jinja")],
)
def test_one_line_is_moved_only_if_the_first_is_meant(arguments: dict[str, Any], expected: str) -> None:
    assert apply("indent", "jinja", **arguments) == expected


@each(
    ("value", "args", "expected"),
    [
        ("foobar baz bar" * 1000, (15, True, ">>>"), "foobar baz b>>>"),
        ("foobar baz bar" * 1000, (15, False, ">>>"), "foobar baz>>>"),
        ("foobar baz bar", (15,), "foobar baz bar"),
        ("foo bar baz", (9,), "foo bar baz"),
        ("foo bar baz", (9, True), "foo bar baz"),
        ("foo bar baz qux", (9,), "foo..."),
        ("foo bar baz qux", (9, True), "foo ba..."),
        ("foo bar baz qux", (11, False, "...", 0), "foo bar..."),
        ("Joel is a slug", (7, True), "Joel..."),
        ([1], (9,), [1]),
    ],
)
def test_long_text_is_cut(value: Any, args: tuple[Any, ...], expected: Any) -> None:
    assert apply("truncate", value, *args) == expected


def test_the_leeway_of_truncate_is_a_policy() -> None:
    engine = StandInEngine()
    engine.policies["truncate.leeway"] = 0

    assert apply("truncate", "foo bar baz", 9, engine=engine) == "foo..."


def test_truncate_leaves_what_is_undefined_as_it_is() -> None:
    assert isinstance(apply("truncate", Undefined(name="x")), Undefined)


@pytest.mark.parametrize("args", [(2,), (20, False, "...", -1)])
def test_truncate_refuses_impossible_lengths(args: tuple[Any, ...]) -> None:
    with pytest.raises(TemplateRuntimeError, match=r"length of at least 3"):
        apply("truncate", "x", *args)


@each(
    ("value", "arguments", "expected"),
    [
        ("Hello!\nThis is Jinja saying something.", {"width": 20}, "Hello!\nThis is Jinja saying\nsomething."),
        ("abcdef gh", {"width": 3}, "abc\ndef\ngh"),
        ("abcdef gh", {"width": 3, "break_long_words": False}, "abcdef\ngh"),
        ("ab-cd", {"width": 3, "break_on_hyphens": False, "break_long_words": False}, "ab-cd"),
        ("ab cd", {"width": 2, "wrapstring": "<br>"}, "ab<br>cd"),
    ],
)
def test_lines_are_wrapped(value: str, arguments: dict[str, Any], expected: str) -> None:
    assert apply("wordwrap", value, **arguments) == expected


def test_wrapped_lines_end_as_the_policy_says() -> None:
    engine = StandInEngine()
    engine.policies["newline"] = "\r\n"

    assert apply("wordwrap", "ab cd", 2, engine=engine) == "ab\r\ncd"


def test_format_takes_one_kind_of_values() -> None:
    assert apply("format", "%(a)s", a=1) == "1"
    with pytest.raises(TemplateRuntimeError, match="not both"):
        apply("format", "%s", 1, a=1)


def test_markup_stays_markup_and_values_in_it_are_escaped() -> None:
    assert apply("upper", Markup("<b>")) == Markup("<B>")
    assert apply("format", Markup("<b>%s</b>"), "<i>") == "<b>&lt;i&gt;</b>"


@each("name", ["upper", "wordcount", "trim", "title", "truncate"])
def test_a_strict_missing_value_says_so(name: str) -> None:
    with pytest.raises(UndefinedError, match="'s' is undefined"):
        apply(name, StrictUndefined(name="s"))
