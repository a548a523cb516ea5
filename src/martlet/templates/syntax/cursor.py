"""A place among the tokens of a template, and the errors that are told from there."""

from __future__ import annotations

from bisect import bisect_right
from typing import NoReturn

from martlet.templates.errors import TemplateSyntaxError
from martlet.templates.syntax.cures import cure_of_sign
from martlet.templates.syntax.nodes import Span
from martlet.templates.syntax.tokens import END, EOF, ERROR, NAME, Token

__all__ = ["Cursor"]


class Cursor:
    """Goes forward through tokens. kind, value, start and end are those of the token it stands at."""

    def __init__(self, source: str, tokens: list[Token], name: str | None, filename: str | None) -> None:
        self.source = source
        self.name = name
        self.filename = filename
        self._tokens = tokens
        self._index = 0
        self.kind, self.value, self.start, self.end = tokens[0]
        self.passed = 0  # where the token before this one ends
        self._lines = _line_starts(source)
        self._line, self._line_start, self._line_end = 1, 0, self._lines[1]

    def advance(self) -> None:
        """Go to the next token."""
        self.passed = self.end
        self._index = index = self._index + 1
        self.kind, self.value, self.start, self.end = self._tokens[index]

    def following(self) -> Token:
        """The token behind this one; at the end, this one."""
        return self._tokens[min(self._index + 1, len(self._tokens) - 1)]

    def at(self, text: str) -> bool:
        """Whether this is the word or the operator `text`."""
        return self.kind == text or (self.kind == NAME and self.value == text)

    def skip(self, text: str) -> bool:
        """Go on if this is the word or the operator `text`, and tell whether it was."""
        if self.kind == text or (self.kind == NAME and self.value == text):
            self.advance()
            return True
        return False

    def expect(self, text: str) -> None:
        """Go on if this is the word or the operator `text`; raise TemplateSyntaxError if not."""
        if not self.skip(text):
            self.fail(f"{text!r} was expected, not {self.described()}")

    def expect_name(self, what: str = "a name") -> str:
        """Go on if this is a name, and return it. what: what the error says was expected."""
        name = self.value
        if self.kind != NAME:
            self.fail(f"{what} was expected, not {self.described()}{cure_of_sign(self.value) if self.kind == '|' else ''}")
        self.advance()
        return name

    def expect_end(self) -> None:
        """Go on if the tag ends here."""
        if self.kind == EOF:
            self.fail("the template ends before the end of this tag")
        if self.kind != END:
            self.fail(f"the end of the tag was expected, not {self.described()}{cure_of_sign(self.value)}")
        self.advance()

    def here(self) -> Span:
        """Where this token stands."""
        return self.span(self.start, self.end)

    def since(self, start: int) -> Span:
        """From an offset to the end of the last token that was passed."""
        return self.span(start, self.passed)

    def from_node(self, at: Span, start: int) -> Span:
        """From the beginning of a node to the last token passed; from `start` if that is on another line than the node."""
        own = self.span(start, self.passed)
        return Span(at.line, at.column, own.end_line, own.end_column) if at.line == own.line else own

    def span(self, start: int, end: int) -> Span:
        """Lines and columns of two offsets."""
        line_start = self._line_start
        if not line_start <= start < self._line_end:
            self._line = line = bisect_right(self._lines, start, 0, len(self._lines) - 1)
            self._line_start = line_start = self._lines[line - 1]
            self._line_end = self._lines[line]
        if end < self._line_end:
            return Span(self._line, start - line_start, self._line, end - line_start)
        end_line = bisect_right(self._lines, end, 0, len(self._lines) - 1)
        return Span(self._line, start - line_start, end_line, end - self._lines[end_line - 1])

    def fail(self, message: str, at: Span | None = None, kind: type[TemplateSyntaxError] = TemplateSyntaxError) -> NoReturn:
        """Raise a TemplateSyntaxError, at this token or elsewhere; a token that cannot be read is told before anything else."""
        if self.kind == ERROR:
            message, at, kind = self.value, None, TemplateSyntaxError
        raise kind.placed(message, at or self.here(), self)

    @property
    def text(self) -> str:
        """The whole template, as errors ask for it."""
        return self.source

    def described(self) -> str:
        """This token in the words of an error message."""
        match self.kind:
            case "<end>":
                return f"the end of the tag ({self.value.strip()!r})" if self.value.strip() else "the end of the line"
            case "<eof>":
                return "the end of the template"
            case "<string>":
                return f"the text {_shortened(self.value)!r}"
            case "<integer>" | "<float>":
                return f"the number {_shortened(self.value)}"
            case "<text>":
                return "text"
            case _:
                return repr(_shortened(self.value))


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def _line_starts(source: str) -> list[int]:
    """Where each line begins, and last an offset behind everything."""
    starts, position = [0], 0
    for line in source.split("\n"):
        position += len(line) + 1
        starts.append(position)
    return starts
