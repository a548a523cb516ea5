"""Writes Python text line by line, and remembers for each line which part of a template it stands for.

A traceback through compiled text then shows the template's own file, line and caret, and costs nothing while rendering. Texts of
templates get into the text as constants only (`quoted`).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from types import CodeType
from typing import Final

from martlet.templates.compiling.positions import Place, relocated
from martlet.templates.syntax.nodes import Span

__all__ = ["Writer", "compile_text", "format_literal", "quoted"]

INDENT: Final = "    "


class Writer:
    """The text of one function, or of several.

    >>> writer = Writer()
    >>> writer.line("if ready:", Span(1, 0, 1, 12))
    >>> with writer.indented():
    ...     writer.line("go()", Span(2, 0, 2, 4))
    >>> print(writer.text)
    if ready:
        go()
    """

    def __init__(self, depth: int = 0) -> None:
        self.lines: list[str] = []
        self.spans: list[Span] = []
        self.depth = depth

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)

    def line(self, text: str, at: Span) -> None:
        """Write one line, at the depth that it is at."""
        self.lines.append(INDENT * self.depth + text)
        self.spans.append(at)

    @contextmanager
    def indented(self) -> Generator[None, None, None]:
        """What is written inside stands one deeper; `pass`, where nothing is."""
        before = len(self.lines)
        self.depth += 1
        yield
        if len(self.lines) == before:
            self.line("pass", self.spans[-1])
        self.depth -= 1

    @contextmanager
    def deeper(self) -> Generator[None, None, None]:
        """What is written inside stands one deeper, and may be nothing."""
        self.depth += 1
        yield
        self.depth -= 1

    def take_over(self, other: Writer) -> None:
        """Append what another writer has, which was told its depth when it was made."""
        self.lines += other.lines
        self.spans += other.spans


def quoted(text: str) -> str:
    r"""A text as a Python constant in double quotes, which a constant of an f-string may end with or begin with.

    >>> print(quoted('a "b" \n'))
    "a \"b\" \n"
    """
    return '"' + _quotable(text) + '"'


def format_literal(text: str) -> str:
    r"""A text as it stands inside the double quotes of an f-string.

    >>> print(format_literal('{"a"}'))
    {{\"a\"}}
    """
    return _quotable(text).replace("{", "{{").replace("}", "}}")


def _quotable(text: str) -> str:
    written = repr(text)
    inside = written[1:-1]
    return inside if written[0] == '"' else inside.replace('"', '\\"').replace("\\'", "'")


def compile_text(
    text: str, spans: Sequence[Span], source: str, filename: str, shown: Mapping[str, str] | None = None
) -> CodeType:
    """Compile Python text so that every line of it stands at its place in the template.

    source: the template's, for a place counts bytes there and characters here. shown: what a traceback calls a function.
    Source: the positions of PEP 657.
    """
    lines = source.split("\n")
    placed = {span: _in_bytes(span, lines) for span in set(spans)}
    try:
        code = compile(text, filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        error.lineno = spans[(error.lineno or 1) - 1].line
        raise
    return relocated(code, [placed[span] for span in spans], shown or {})


def _in_bytes(span: Span, lines: Sequence[str]) -> Place:
    def count(line: int, column: int) -> int:
        return len(lines[line - 1][:column].encode("utf-8", "surrogatepass")) if line <= len(lines) else column

    return span.line, count(span.line, span.column), span.end_line, count(span.end_line, span.end_column)
