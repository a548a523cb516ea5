"""What a tag's function is given: the tokens behind its name, and ways to parse expressions, targets and bodies.

A tag is a function `(parser, at) -> statements`. It is called when its name has been read, takes the rest of the tag but for its
end, and parses bodies up to the tags that close them. The language's own tags (tags/) are made of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from martlet.templates.errors import UnknownNameError, did_you_mean
from martlet.templates.syntax.cures import cure_of_tag
from martlet.templates.syntax.nodes import Body, Print, Span, Statement, Text
from martlet.templates.syntax.options import Syntax
from martlet.templates.syntax.targets import TargetParser
from martlet.templates.syntax.tokens import COLON, END, EOF, ERROR, NAME, OUTPUT, TEXT, Token

__all__ = ["OpenTag", "Tag", "TagParser"]


@dataclass(slots=True)
class OpenTag:
    """A tag whose end has not been read yet. until: the tags that its body waits for now. is_loop: `break` leaves its body."""

    name: str
    at: Span
    until: tuple[str, ...] = ()
    is_loop: bool = False


class TagParser(TargetParser):
    """Parses a template, tag by tag.

    For the function of a tag:
    - `parse_expression()`, `parse_tuple()`, `parse_target()`, `parse_assigned_name()`, `parse_filter(None)` read what they say;
    - `skip(text)` goes on if this is the word or operator `text`, `expect(text)` raises if it is not, `at(text)` only looks;
      `expect_name()` reads a name, and `at_end()` tells whether the tag is over;
    - `parse_body(until=("else", "endfor"))` ends the tag and reads up to one of these tags, whose name it gives back too;
    - `since(start)`, with the parser's `start` read before, is the place of what was read; `fail(message)` raises
      TemplateSyntaxError.

    >>> from martlet.templates.syntax import parse
    >>> from martlet.templates.syntax.nodes import Arguments, Call, For, Name
    >>> def parse_repeat(parser: TagParser, at: Span) -> tuple[Statement, ...]:
    ...     times = parser.parse_expression()
    ...     body, _ = parser.parse_body(until=("endrepeat",))
    ...     return (For(at, Name(at, "_"), Call(at, Name(at, "range"), Arguments((times,))), None, body, (), False),)
    >>> parse("{% repeat 3 %}*{% endrepeat %}", tags={"repeat": parse_repeat}).body[0].body
    (Text(at=Span(line=1, column=14, end_line=1, end_column=15), text='*'),)
    """

    def __init__(
        self,
        source: str,
        tokens: list[Token],
        tags: Mapping[str, Tag],
        syntax: Syntax,
        *,
        name: str | None = None,
        filename: str | None = None,
    ) -> None:
        super().__init__(source, tokens, name, filename)
        self.syntax = syntax
        self.open: list[OpenTag] = []
        self.blocks: dict[str, Span] = {}
        self._tags = tags

    def tags_around(self) -> int:
        """How many tags are open around this place."""
        return len(self.open)

    def at_end(self) -> bool:
        """Whether the tag ends here."""
        return self.kind in (END, EOF)

    def parse_template(self) -> Body:
        """Parse everything."""
        body, _ = self._parse_until(())
        return body

    def parse_body(self, *, until: tuple[str, ...]) -> tuple[Body, str]:
        """Parse from the end of this tag up to one of the tags `until`: what was read, and the name of that tag."""
        if self.kind == COLON:
            self.advance()
        self.expect_end()
        self.open[-1].until = until
        return self._parse_until(until)

    def _parse_until(self, until: tuple[str, ...]) -> tuple[Body, str]:
        body: list[Statement] = []
        while True:
            kind, value, start = self.kind, self.value, self.start
            if kind == TEXT:
                self.advance()
                body.append(Text(self.span(start, self.passed), value))
            elif kind == OUTPUT:
                self.advance()
                node = self.parse_tuple()
                self.expect_end()
                body.append(Print(self.span(start, self.passed), node))
            elif kind in (EOF, ERROR):
                if until or kind == ERROR:
                    self.fail(f"the template ends, but {self._waiting()}")
                return tuple(body), ""
            else:
                self.advance()
                if self.kind == NAME and self.value in until:
                    ended_by = self.value
                    self.advance()
                    return tuple(body), ended_by
                body.extend(self._parse_tag())

    def _parse_tag(self) -> tuple[Statement, ...]:
        """Parse one tag, from its name to its end, with all that belongs to it."""
        name, at = self.value, self.here()
        if self.kind != NAME:
            self.fail(f"a tag's name was expected, not {self.described()}")
        tag = self._tags.get(name)
        if tag is None:
            self._fail_unknown(name)
        self.advance()
        self.open.append(OpenTag(name, at))
        self.check_depth()
        statements = tag(self, at)
        self.open.pop()
        self.expect_end()
        return statements

    def _waiting(self) -> str:
        """What the innermost open tag waits for."""
        if not self.open:
            return "no tag is open"
        tag = self.open[-1]
        return f"{tag.name!r}, opened on line {tag.at.line}, is still open and waits for {listed(tag.until)}"

    def _fail_unknown(self, name: str) -> NoReturn:
        """Tell why a tag of this name cannot stand here."""
        if name == "raw":
            self.fail("'raw' has nothing behind its name, and no '+' at its end")
        outer = [tag for tag in self.open[:-1] if name in tag.until]
        if outer:
            self.fail(f"{name!r} belongs to the {outer[-1].name!r} of line {outer[-1].at.line}, but {self._waiting()}")
        hint = f"; {self._waiting()}" if self.open else ""
        closed = name.removeprefix("end")
        if closed != name and (closed in self._tags or closed == "raw"):
            self.fail(f"{name!r} closes nothing here" + (hint or f"; no {closed!r} is open"))
        if name in ("else", "elif", "pluralize"):
            self.fail(f"{name!r} stands outside of the tag it is a part of{hint}")
        awaited = self.open[-1].until if self.open else ()
        cure = cure_of_tag(name) or did_you_mean(name, [*awaited, *self._tags, "raw"])
        self.fail(f"there is no tag {name!r}{hint}{cure}", kind=UnknownNameError)


def listed(names: tuple[str, ...]) -> str:
    """Names as a sentence has them.

    >>> listed(("elif", "else", "endif"))
    "'elif', 'else' or 'endif'"
    """
    *first, last = map(repr, names)
    return f"{', '.join(first)} or {last}" if first else last


# Parses what follows a tag's name: the parser stands behind it, `at` is where the name stands.
Tag: TypeAlias = Callable[[TagParser, Span], tuple[Statement, ...]]
