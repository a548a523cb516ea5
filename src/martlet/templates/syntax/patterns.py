"""The patterns that a syntax is read with: one for the next mark, one for the tokens of each kind of tag."""

from __future__ import annotations

import re
from functools import cached_property

from martlet.templates.syntax.options import Syntax

__all__ = ["Patterns"]

# Only single characters are repeated possessively: of a repeated group, some Pythons 3.11 lose a character then.
_NUMBER = r"""
    (?P<float> (?<!\.) [0-9]++(?:_[0-9]++)*
        (?: \.[0-9]++(?:_[0-9]++)* (?:[eE][+-]?[0-9]++(?:_[0-9]++)*)? | [eE][+-]?[0-9]++(?:_[0-9]++)* ) )
  | (?P<integer> 0[bB](?:_?[01])+ | 0[oO](?:_?[0-7])+ | 0[xX](?:_?[0-9a-fA-F])+ | [1-9](?:_?[0-9])* | 0(?:_?0)* )
"""
_REST = r"""
  | (?P<string> '[^'\\]*+(?:\\.[^'\\]*+)*' | "[^"\\]*+(?:\\.[^"\\]*+)*" )
  | (?P<operator> \*\* | // | [=!<>]= | [-+*/%~()\[\]{}<>=.:|,;] )
  | (?P<bad> . )
  | \Z
"""


class Patterns:
    """What a syntax's marks and tags look like.

    starts: each mark that a tag may begin with, and what it begins with which sign behind it. find: the next such mark.
    raw: the beginning of `raw`. tag, output: the next token in a tag, and between the marks of output.

    PERF: what many pages do not need is made when it is asked for. To make all of it takes 2.5 ms, to compile a page of four
    sources 6.
    """

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        block_start, block_end = _literally(syntax.block_start), _literally(syntax.block_end)
        variable_end = _literally(syntax.variable_end)
        self._trim = r"\n?" if syntax.trim_blocks else ""
        self._after_block = rf"(?:\+{block_end}|-{block_end}\s*+|{block_end}{self._trim})"

        self.starts = {start + sign: (kind, sign) for kind, start in self._marks() for sign in ("", "-", "+")}
        self.find = re.compile(self._any_mark(), re.MULTILINE)
        self.raw = re.compile(rf"{block_start}[-+]?\s*+raw\s*+(?:-{block_end}\s*+|{block_end})")
        self.tag = self._inside(rf"(?P<end>{self._after_block})|", r"\s*+")
        self.output = self._inside(rf"(?P<end>-{variable_end}\s*+|{variable_end})|", r"\s*+")

    @cached_property
    def raw_end(self) -> re.Pattern[str]:
        """The end of `raw`."""
        return re.compile(rf"{_literally(self.syntax.block_start)}([-+]?)\s*+endraw\s*+{self._after_block}")

    @cached_property
    def comment_end(self) -> re.Pattern[str]:
        """The end of a comment."""
        comment_end = _literally(self.syntax.comment_end)
        return re.compile(rf"\+{comment_end}|-{comment_end}\s*+|{comment_end}{self._trim}")

    @cached_property
    def bracketed(self) -> re.Pattern[str]:
        """The next token in brackets, where no tag ends."""
        return self._inside("", r"\s*+")

    @cached_property
    def line(self) -> re.Pattern[str]:
        """The next token in a line statement, whose end takes the empty lines that follow with it."""
        return self._inside(r"(?P<end>\n(?:\s*\Z|\s*\n)?|\Z)|", r"[^\S\n]*+")

    @cached_property
    def number(self) -> re.Pattern[str]:
        """A whole number, of which the patterns for tokens have the first digit only."""
        return re.compile(_NUMBER, re.VERBOSE)

    def _marks(self) -> list[tuple[str, str]]:
        """The three marks and what they begin; where one is the beginning of another, the longer one comes last."""
        syntax = self.syntax
        marks = [("block", syntax.block_start), ("comment", syntax.comment_start), ("output", syntax.variable_start)]
        return sorted(marks, key=lambda mark: len(mark[1]))

    def _any_mark(self) -> str:
        """The pattern for the next mark: the longest first, and among equals as Jinja2 orders them."""
        syntax = self.syntax
        rules = [(len(start), kind, _literally(start)) for kind, start in self._marks()]
        if syntax.line_statement_prefix is not None:
            prefix = syntax.line_statement_prefix
            rules.append((len(prefix), "line_statement", rf"(?P<line_statement>^[ \t\v]*+{_literally(prefix)})"))
        if syntax.line_comment_prefix is not None:
            prefix = syntax.line_comment_prefix
            rules.append((len(prefix), "line_comment", rf"(?P<line_comment>(?:^|(?<=\S))[^\S\r\n]*+{_literally(prefix)})"))
        rules.sort(key=lambda rule: (rule[0], "variable" if rule[1] == "output" else rule[1]), reverse=True)
        return "(?:" + "|".join(pattern for _, _, pattern in rules) + ")[-+]?"

    def _inside(self, end: str, space: str) -> re.Pattern[str]:
        """The pattern for the next token of a tag.

        end: the alternative for the tag's end, or nothing. space: what may stand before any token.
        """
        closing = self.syntax.block_end + self.syntax.variable_end
        spare = "".join(char for char in closing if char > "\x7f" and not f"a{char}".isidentifier())  # no name has these
        # A name's characters are told apart here only roughly; str.isidentifier has the last word.
        name = rf"| (?P<name> [^\x00-/:-@\[-^`{{-\x7f\s{spare}]++ )"
        return re.compile(rf"{space}(?:{end}(?P<number> [0-9]){name}{_REST})", re.VERBOSE | re.DOTALL)


def _literally(text: str) -> str:
    """A pattern for just this text, also where white space and `#` in a pattern mean nothing."""
    return "".join(f"\\x{ord(char):02x}" if ord(char) < 128 else re.escape(char) for char in text)
