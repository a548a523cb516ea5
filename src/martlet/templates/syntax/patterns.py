"""The patterns that a syntax is read with: one for the next mark, one for the tokens of each kind of tag."""

from __future__ import annotations

import re

from martlet.templates.syntax.options import Syntax

__all__ = ["Patterns"]

# Only single characters are repeated possessively: of a repeated group, some Pythons 3.11 lose a character then.
_NUMBERS = r"""
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
    raw, raw_end, comment_end: the beginning of `raw`, and the ends of `raw` and of a comment.
    tag, output, line: the next token in a tag, between the marks of output, and in a line statement. bracketed: in brackets,
    where no tag ends.
    """

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        block_start, block_end = _literally(syntax.block_start), _literally(syntax.block_end)
        variable_end, comment_end = _literally(syntax.variable_end), _literally(syntax.comment_end)
        trim = r"\n?" if syntax.trim_blocks else ""
        after_block = rf"(?:\+{block_end}|-{block_end}\s*+|{block_end}{trim})"
        spare = "".join(
            char for char in syntax.block_end + syntax.variable_end if char > "\x7f" and not f"a{char}".isidentifier()
        )

        self.starts = {start + sign: (kind, sign) for kind, start in self._marks() for sign in ("", "-", "+")}
        self.find = re.compile(self._any_mark(), re.MULTILINE)
        self.raw = re.compile(rf"{block_start}[-+]?\s*+raw\s*+(?:-{block_end}\s*+|{block_end})")
        self.raw_end = re.compile(rf"{block_start}([-+]?)\s*+endraw\s*+{after_block}")
        self.comment_end = re.compile(rf"\+{comment_end}|-{comment_end}\s*+|{comment_end}{trim}")
        self.bracketed = _inside("", r"\s*+", spare)
        self.tag = _inside(rf"(?P<end>{after_block})|", r"\s*+", spare)
        self.output = _inside(rf"(?P<end>-{variable_end}\s*+|{variable_end})|", r"\s*+", spare)
        # The end of a line statement takes the empty lines that follow with it.
        self.line = _inside(r"(?P<end>\n(?:\s*\Z|\s*\n)?|\Z)|", r"[^\S\n]*+", spare)

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


def _inside(end: str, space: str, spare: str) -> re.Pattern[str]:
    """The pattern for the next token of a tag.

    end: the alternative for the tag's end, or nothing. space: what may stand before any token. spare: characters no name has.
    """
    # A name's characters are told apart here only roughly; str.isidentifier has the last word.
    name = rf"| (?P<name> [^\x00-/:-@\[-^`{{-\x7f\s{spare}]++ )"
    return re.compile(rf"{space}(?:{end}{_NUMBERS}{name}{_REST})", re.VERBOSE | re.DOTALL)


def _literally(text: str) -> str:
    """A pattern for just this text, also where white space and `#` in a pattern mean nothing."""
    return "".join(f"\\x{ord(char):02x}" if ord(char) < 128 else re.escape(char) for char in text)
