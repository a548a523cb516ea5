"""What is known while one function of a page is written: its scope, where its output goes, how it runs.

Facts are what the engine knows before: its filters and tests, what stands for a missing value, whether it guards attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

from martlet.templates.compiling.scopes import FunctionNames, Scope, is_read_early, stored_names
from martlet.templates.compiling.writer import Writer
from martlet.templates.errors import TemplateSyntaxError
from martlet.templates.syntax.nodes import Body, Expression, Hole, If, Node, Print, Span, Text

PRINTED = frozenset({Text, Print, Hole})
_CONSTANTS = frozenset({"True", "False", "None"})

__all__ = ["ExpressionWriters", "Facts", "LoopState", "Mode", "Source", "StatementWriters", "UnitWriter"]


@dataclass(frozen=True, slots=True)
class Mode:
    """How a page runs; one is compiled for each way in which it is asked for."""

    is_async: bool = False
    streams: bool = False
    fragments: bool = False  # only the blocks, each by itself

    @property
    def define(self) -> str:
        """The word that begins a function."""
        return "async def" if self.is_async else "def"

    @property
    def wait(self) -> str:
        """What stands before a call of a function of the page."""
        return "await " if self.is_async else ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text comes from: its name for a loader, its file for a traceback, itself."""

    name: str | None
    filename: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the engine knows before a page is compiled."""

    filters: Mapping[str, Callable[..., Any]]
    tests: Mapping[str, Callable[..., Any]]
    plain_filters: frozenset[str] = frozenset()  # those that are still ours, and that code may do itself
    plain_tests: frozenset[str] = frozenset()
    sandboxed: bool = False
    reads_private: bool = False  # whether `a._b` may be written
    finalizes: bool = False
    native: bool = False


@dataclass(slots=True)
class LoopState:
    """What the code of a loop keeps, so that `loop.index` is a variable and no object is made."""

    counter: str | None = None  # the variable that counts from 0
    length: str | None = None  # the variable that holds the number of items
    may_leave: bool = True  # whether `break` stands in it; in a macro that the loop's body defines it does not


StatementWriters: TypeAlias = "Mapping[type[Node], Callable[[UnitWriter, Any], None]]"
ExpressionWriters: TypeAlias = "Mapping[type[Node], Callable[[UnitWriter, Any], str]]"


@dataclass(slots=True)
class UnitWriter:
    """Writes one function; passed to all that write a part of it."""

    facts: Facts
    source: Source
    mode: Mode
    writer: Writer
    scope: Scope
    write: str = "w"  # the name of the function that takes output here
    escapes: str = "True"  # whether values are escaped here, as an expression
    loop_state: LoopState | None = None  # of the loop around, if there is one
    at_top: bool = True  # what is set here is also put into the context
    may_extend: bool = False  # a parent may be known only while rendering
    captures: bool = False  # output goes to a variable here, and cannot be handed over
    guarded: bool = False  # behind a test, where an unknown filter is an error only if it is reached
    exports: set[str] = field(default_factory=set[str])  # what is set at the top, for those that import the template
    statements: StatementWriters = field(default_factory=dict[type[Node], Callable[..., None]])
    expressions: ExpressionWriters = field(default_factory=dict[type[Node], Callable[..., str]])
    asked_by: Mapping[str, frozenset[str] | None] = field(
        default_factory=dict[str, frozenset[str] | None]
    )  # the names that other functions ask for
    shown: dict[str, str] = field(default_factory=dict[str, str])  # what a traceback calls the functions inside of this one
    needed: set[str] = field(default_factory=set[str])  # "filter upper", "test even": what the code asks the engine for

    @classmethod
    def begin(
        cls, facts: Facts, source: Source, mode: Mode, statements: StatementWriters, expressions: ExpressionWriters
    ) -> UnitWriter:
        """An empty function; its body stands one deep."""
        return cls(facts, source, mode, Writer(1), Scope(FunctionNames()), statements=statements, expressions=expressions)

    def line(self, text: str, at: Span) -> None:
        """Write one line."""
        self.writer.line(text, at)

    def expression(self, node: Expression) -> str:
        """Write what a value needs; gives a Python expression for it, which is to be used once."""
        return self.expressions[type(node)](self, node)

    def value(self, text: str, at: Span) -> str:
        """Put a value into a new variable."""
        name = self.scope.function.value()
        self.line(f"{name} = {text}", at)
        return name

    def named(self, text: str, at: Span) -> str:
        """A variable that holds this value: the text itself, if it is one. No constant is: Python warns of `None.a`."""
        return text if text.isidentifier() and text not in _CONSTANTS else self.value(text, at)

    def refuse(self, message: str, at: Span, kind: type[TemplateSyntaxError] = TemplateSyntaxError) -> NoReturn:
        """Raise TemplateSyntaxError for this place."""
        raise kind.placed(message, at, self.source)

    def body(self, body: Body) -> None:
        """Write these statements; runs of output are one."""
        writers = self.statements
        run: list[Node] = []
        for node in body:
            if type(node) in PRINTED:
                run.append(node)
                continue
            if run:
                writers[Text](self, run)
                run = []
            writers[type(node)](self, node)
        if run:
            writers[Text](self, run)

    @contextmanager
    def inner_scope(self, body: Body, at: Span, given: Mapping[str, str] | None = None) -> Generator[None, None, None]:
        """A new scope for this body; what it may read before it sets it begins with the value from around.

        given: names that have a variable already, such as a loop's target.
        """
        around, top = self.scope, self.at_top
        self.scope, self.at_top = Scope(around.function, around, given), False
        self.begin_names(body, around, at)
        yield
        self.scope, self.at_top = around, top

    def begin_names(self, body: Body, around: Scope, at: Span) -> None:
        """Give what a body may read before it sets it, or may not set at all, the value from around.

        All else is declared where it is set, so that what stands before it sees the name from around.
        """
        always = set(stored_names(node for node in body if not isinstance(node, If)))
        for name in dict.fromkeys(stored_names(body)):
            if self.scope.has(name) or (name in always and not is_read_early(name, body)):
                continue
            outside = around.read(name)
            variable = self.scope.declare(name, outside if around is self.scope else "")
            if variable != outside:
                self.line(f"{variable} = {outside}", at)

    @contextmanager
    def loop(self, state: LoopState) -> Generator[None, None, None]:
        """The body of a loop, which `break` and `continue` may leave."""
        before, self.loop_state = self.loop_state, state
        yield
        self.loop_state = before

    @contextmanager
    def captured(self, at: Span) -> Generator[str, None, None]:
        """Output inside goes to a list; yields the name of that list."""
        pieces = self.scope.function.value()
        write, captures = self.write, self.captures
        self.line(f"{pieces} = []", at)
        self.write, self.captures = f"{pieces}.append", True
        if self.facts.sandboxed:
            self.write = self.value(f"spending({pieces}.append)", at)
        yield pieces
        self.write, self.captures = write, captures

    @contextmanager
    def aside(self) -> Generator[Writer, None, None]:
        """What is written inside goes to a writer of its own, one deeper."""
        writer = self.writer
        self.writer = Writer(writer.depth + 1)
        yield self.writer
        self.writer = writer

    def joined(self, pieces: str) -> str:
        """The text of captured output: markup where values are escaped."""
        if self.facts.native:
            return f"native({pieces})"
        if self.escapes == "True":
            return f'Markup("".join({pieces}))'
        if self.escapes == "False":
            return f'"".join({pieces})'
        return f'(Markup if {self.escapes} else str)("".join({pieces}))'
