"""Cut a source into tokens: one search for the next mark, one pattern for what stands inside of a tag.

What cannot be read becomes an ERROR token, so that a mistake that stands before it is told first. Everything is linear in the
source: each pattern reads on from where the one before it ended, and none goes back further than it has read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from martlet.templates.syntax.cures import cure_of_sign
from martlet.templates.syntax.literals import unescape
from martlet.templates.syntax.options import Syntax
from martlet.templates.syntax.patterns import Patterns
from martlet.templates.syntax.tokens import COLON, END, EOF, ERROR, FLOAT, INTEGER, NAME, OUTPUT, STRING, TAG, TEXT, Token

__all__ = ["Lexer", "lexer_for"]

_CLOSING: Final = {"(": ")", "[": "]", "{": "}"}
_KINDS: Final = {"integer": INTEGER, "float": FLOAT}


class Lexer:
    """Cuts sources of one syntax."""

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        self.patterns = Patterns(syntax)

    def tokens(self, source: str) -> list[Token]:
        """All tokens of a source in which a line feed ends each line; the last is EOF, or the ERROR that stopped the reading."""
        tokens: list[Token] = []
        position: int | None = 0
        while position is not None:
            position = self._read(source, position, tokens)
        if not tokens or tokens[-1][0] != ERROR:
            # What is missing at the end is missed where the last token begins, as Jinja2 has it.
            start = tokens[-1][2] if tokens else 0
            tokens.append((EOF, "", start, start))
        return tokens

    def _read(self, source: str, position: int, tokens: list[Token]) -> int | None:
        """Add the text up to the next mark and what the mark begins; where to go on, or None at the end."""
        found = self.patterns.find.search(source, position)
        start = len(source) if found is None else found.start()
        kind, sign = ("end", "") if found is None else self._kind(found)
        if start > position:
            self._add_text(source, position, start, sign if kind not in ("output", "end") else sign or "+", tokens)
        if found is None:
            return None
        if kind == "output":
            tokens.append((OUTPUT, found[0], start, found.end()))
            return self._read_tag(source, found.end(), self.patterns.output, tokens)
        if kind == "block":
            raw = self.patterns.raw.match(source, start)
            if raw is not None:
                return self._read_raw(source, raw, tokens)
            tokens.append((TAG, found[0], start, found.end()))
            return self._read_tag(source, found.end(), self.patterns.tag, tokens)
        if kind == "line_statement":
            tokens.append((TAG, found[0], start, found.end()))
            return self._read_tag(source, found.end(), self.patterns.line, tokens)
        return self._after_comment(source, found, kind, tokens)

    def _kind(self, found: re.Match[str]) -> tuple[str, str]:
        """What a mark begins, and the sign behind it."""
        kind = found.lastgroup
        if kind is None:
            return self.patterns.starts[found[0]]
        return kind, found[0][found.end(kind) - found.start() :]

    def _add_text(self, source: str, start: int, end: int, sign: str, tokens: list[Token]) -> None:
        """Add what stands between two tags. sign: of the tag behind it; `+` also if that one never takes white space with it."""
        text = source[start:end]
        if sign == "-":
            text = text.rstrip()
        elif not sign and self.syntax.lstrip_blocks:
            line = text.rfind("\n") + 1
            if (line or start == 0 or source[start - 1] == "\n") and text[line:].isspace():
                text = text[:line]
        if text:
            end = start + len(text)
            tokens.append((TEXT, self._written(text), start, end))

    def _read_raw(self, source: str, raw: re.Match[str], tokens: list[Token]) -> int | None:
        """Add what stands up to `endraw`, as it is."""
        start = raw.end()
        end = self.patterns.raw_end.search(source, start)
        if end is None:
            tokens.append((ERROR, "this 'raw' is not closed; 'endraw' was expected", raw.start(), start))
            return None
        if end.start() > start:
            self._add_text(source, start, end.start(), end[1], tokens)
        return end.end()

    def _after_comment(self, source: str, found: re.Match[str], kind: str, tokens: list[Token]) -> int | None:
        """Where a comment ends."""
        if kind == "line_comment":
            end = source.find("\n", found.end())
            return len(source) if end < 0 else end
        closing = self.patterns.comment_end.search(source, found.end())
        if closing is None:
            message = f"this comment is not closed; {self.syntax.comment_end!r} was expected"
            tokens.append((ERROR, message, found.start(), found.end()))
            return None
        return closing.end()

    def _read_tag(self, source: str, position: int, pattern: re.Pattern[str], tokens: list[Token]) -> int | None:
        """Add what stands in a tag and its end; where that is, or None if the source ends before or cannot be read."""
        brackets: list[str] = []
        add = tokens.append
        while True:
            for found in pattern.finditer(source, position):
                kind = found.lastgroup
                if brackets and kind == "end":
                    # Within brackets this is no end: it is read again as what it is otherwise, `%` or `}`.
                    found = self.patterns.bracketed.match(source, found.start("end")) or found  # noqa: PLW2901
                    kind = found.lastgroup
                if kind == "number":
                    found = self.patterns.number.match(source, found.start(kind)) or found  # noqa: PLW2901
                    kind = found.lastgroup
                if kind is None:
                    return None
                value = found[kind]
                token = (NAME, value, found.start(kind), found.end())
                if kind != "name" or not value.isidentifier():
                    token = self._token(kind, token, brackets)
                add(token)
                if token[0] == END:
                    return token[3]
                if token[0] == ERROR:
                    return None
                position = found.end()
                if found.re is not pattern:
                    break

    def _token(self, kind: str, token: Token, brackets: list[str]) -> Token:
        """The token of a match; ERROR if it is none. brackets: those that wait to be closed, kept up to date."""
        _, value, start, end = token
        if kind == "operator":
            return _operator(value, start, end, brackets)
        if kind == "string":
            try:
                return STRING, unescape(self._written(value[1:-1])), start, end
            except ValueError as error:
                return ERROR, str(error), start, end
        if kind == "end":
            return END, value, start, end
        if kind in _KINDS:
            return _KINDS[kind], value, start, end
        if kind == "name":
            odd = next((char for index, char in enumerate(value) if not ("a" * (index > 0) + char).isidentifier()), value)
            return ERROR, f"unexpected {odd!r}; a name is made of letters, digits and '_'", start, end
        if value in "'\"":
            return ERROR, f"the text that begins with this {value} is not closed", start, end
        return ERROR, f"unexpected {value!r}{cure_of_sign(value)}", start, end

    def _written(self, text: str) -> str:
        """A text of the template with the line ends that are asked for."""
        return text if self.syntax.newline == "\n" else text.replace("\n", self.syntax.newline)


def _operator(value: str, start: int, end: int, brackets: list[str]) -> Token:
    if value in _CLOSING:
        brackets.append(_CLOSING[value])
    elif value in (")", "]", "}"):
        if not brackets:
            return ERROR, f"unexpected {value!r}; no bracket is open here{cure_of_sign(value)}", start, end
        expected = brackets.pop()
        if expected != value:
            return ERROR, f"unexpected {value!r}; {expected!r} was expected", start, end
    elif value == ":" and not brackets:
        return COLON, value, start, end
    return value, value, start, end


@lru_cache(maxsize=50)
def lexer_for(syntax: Syntax) -> Lexer:
    """The lexer of a syntax; those in use are kept."""
    return Lexer(syntax)
