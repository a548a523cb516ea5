"""What is wrong with a template: where, what was expected, and what may have been meant.

TemplateError
 ├── TemplateSyntaxError         it cannot be read, or cannot be compiled; found before anything is rendered
 │    ├── UnknownNameError       no filter, test, tag, block, macro or template has this name
 │    └── EscapingError          no escaping makes a value safe where it stands
 ├── TemplateNotFoundError       no loader has it (also a LookupError)
 ├── TemplateRuntimeError        found while rendering
 │    ├── UndefinedError         a value that is not there was used
 │    └── BudgetError            a sandboxed template takes too long, too deep or too much
 └── SecurityError               a sandboxed template reached for what it may not have
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Protocol, Self

__all__ = [
    "BudgetError",
    "EscapingError",
    "SecurityError",
    "SourceLike",
    "SpanLike",
    "TemplateError",
    "TemplateNotFoundError",
    "TemplateRuntimeError",
    "TemplateSyntaxError",
    "UndefinedError",
    "UnknownNameError",
    "did_you_mean",
    "line_of",
]


class TemplateError(Exception):
    """Something is wrong with a template; the base of all errors here.

    template, line: where it was when this was raised, None for what no template did. `str()` gives them behind the message.
    """

    template: str | None = None
    line: Any = None  # from 1; always a number in a TemplateSyntaxError

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message

    @property
    def place(self) -> str:
        """As `str()` writes it, ` (page.html, line 3)`; nothing if it is not known."""
        if self.line is None:
            return ""
        return f" (line {self.line})" if self.template is None else f" ({self.template}, line {self.line})"

    def __str__(self) -> str:
        return self.message + self.place


class SpanLike(Protocol):
    """From where to where something stands, see syntax.nodes.Span."""

    @property
    def line(self) -> int:
        """From 1."""
        ...

    @property
    def column(self) -> int:
        """From 0."""
        ...

    @property
    def end_line(self) -> int:
        """Where it ends."""
        ...

    @property
    def end_column(self) -> int:
        """Exclusive."""
        ...


class SourceLike(Protocol):
    """Where something was read."""

    @property
    def text(self) -> str:
        """The whole template."""
        ...

    @property
    def name(self) -> str | None:
        """By which it was loaded."""
        ...

    @property
    def filename(self) -> str | None:
        """Where it lies."""
        ...


def line_of(source: str, line: int) -> str | None:
    r"""One line of a template, counted from 1; None if it has no such line.

    Only these end a line: str.splitlines knows others, such as a form feed.

    >>> line_of("a\r\nb\fc", 2)
    'b\x0cc'
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[line - 1] if 0 < line <= len(lines) else None


class TemplateSyntaxError(TemplateError):
    """A template that cannot be read or compiled.

    line: from 1; column: from 0, None if only the line is known. source: the whole template, for the excerpt.
    `str()` gives the message, the place, the line and a caret.

    >>> print(TemplateSyntaxError("unexpected '}'", 1, column=3, source="{{ } }}", name="page.html"))
    unexpected '}'
      page.html, line 1, column 4
        {{ } }}
           ^
    """

    def __init__(
        self,
        message: str,
        line: int,
        *,
        column: int | None = None,
        end_column: int | None = None,
        source: str | None = None,
        name: str | None = None,
        filename: str | None = None,
    ) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.end_column = end_column
        self.source = source
        self.name = name
        self.filename = filename

    @classmethod
    def placed(cls, message: str, at: SpanLike, source: SourceLike | None) -> Self:
        """The error of a place of a source, with what it needs to show the line; no source, if it is not known."""
        error = cls(message, at.line, column=at.column, end_column=at.end_column if at.end_line == at.line else None)
        if source is not None:
            error.source, error.name, error.filename = source.text, source.name, source.filename
        return error

    @property
    def lineno(self) -> int:
        """The same as `line`, under the name that tools look for."""
        return int(self.line)

    def __reduce__(self) -> tuple[object, ...]:
        # An exception is made again from its `args`, and these are the message alone.
        return _remade, (type(self), self.message, self.line), self.__dict__

    def __str__(self) -> str:
        where = self.name or self.filename or "<template>"
        lines = [self.message, f"  {where}, line {self.line}" + ("" if self.column is None else f", column {self.column + 1}")]
        written = line_of(self.source or "", self.line)
        if written is not None:
            lines.append(f"    {written}")
            if self.column is not None:
                width = max(1, (self.end_column or 0) - self.column)
                lines.append(f"    {' ' * self.column}{'^' * width}")
        return "\n".join(lines)


def _remade(kind: type[TemplateSyntaxError], message: str, line: int) -> TemplateSyntaxError:
    return kind(message, line)


class UnknownNameError(TemplateSyntaxError):
    """No filter, test, tag, block, macro or template has this name."""


class EscapingError(TemplateSyntaxError):
    """No escaping makes a value safe where it stands, or two branches end in different places."""


class TemplateNotFoundError(TemplateError, LookupError):
    """No loader has a template of this name. names: all that were looked for, in their order."""

    def __init__(self, *names: str, reason: str = "") -> None:
        self.names = names
        self.name = names[-1] if names else None
        listed = ", ".join(repr(name) for name in names)
        found = "there is no template " + listed if len(names) == 1 else "none of these templates is there: " + listed
        super().__init__(reason or found)


class TemplateRuntimeError(TemplateError):
    """Something that is found while a template is rendered."""


class UndefinedError(TemplateRuntimeError):
    """A value that is not there was used as if it were."""


class BudgetError(TemplateRuntimeError):
    """A sandboxed template takes more iterations, output or depth than it may."""


class SecurityError(TemplateError):
    """A sandboxed template reached for what it may not have."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of an error message: the nearest of the known names, or nothing.

    >>> did_you_mean("uper", ["upper", "lower"])
    "; did you mean 'upper'?"
    """
    found = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""
