"""The tokens of a script, and what each of them means for a slash or a brace behind it.

Brackets are kept as a text: `(`, `k` behind `if` and the like, `{` of a block, `o` of an object, `` ` `` for a substitution in a
template literal. Where a bracket's beginning stands outside of what is known, `)` ends a value, and `}` a block.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from martlet.templates.escaping.places import Place, Slash, State
from martlet.templates.escaping.refusals import RefusalError

__all__ = ["ALONE", "IN_ELEMENT", "LITERALS", "TOKEN", "Tokens"]

_TOKENS = r"""
 (?P<blank>[\s\ufeff]+)
|(?P<line>(?://|\#!){to_line_end})
|(?P<open><!--{to_line_end})
|(?P<block>/\*)
|(?P<close>-->{to_line_end})
{end}
|(?P<number>\.?\d[\w.]*)
|(?P<private>\#[\w$]+)
|(?P<word>(?:[\w$\u200c\u200d]|\\u(?:[0-9A-Fa-f]{{4}}|\{{[0-9A-Fa-f]+\}}))+)
|(?P<run>\+\++|--+)
|(?P<arrow>=>)
|(?P<dots>\.\.\.)
|(?P<dot>\.|\?\.)
|(?P<quote>["'`])
|(?P<slash>/)
|(?P<bracket>[()\[\]{{}}])
|(?P<colon>:)
|(?P<semicolon>;)
|(?P<other>.)
"""
IN_ELEMENT = re.compile(
    _TOKENS.format(to_line_end=r"(?:(?!</script)[^\n\r\u2028\u2029])*", end=r"|(?P<end></script(?=[\s/>]|\Z))"),
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
ALONE = re.compile(_TOKENS.format(to_line_end=r"[^\n\r\u2028\u2029]*", end=""), re.VERBOSE | re.DOTALL)
LITERALS: Final = {
    State.SCRIPT_DOUBLE: ('"', re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*', re.DOTALL)),
    State.SCRIPT_SINGLE: ("'", re.compile(r"[^'\\]*+(?:\\.[^'\\]*+)*", re.DOTALL)),
    State.SCRIPT_TEMPLATE: ("`", re.compile(r"[^`\\$]*+(?:(?:\\.|\$(?!\{))[^`\\$]*+)*", re.DOTALL)),
    State.SCRIPT_REGEXP: ("/", re.compile(r"(?:[^\\/\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])*", re.DOTALL)),
}
_LINE_END = re.compile(r"[\n\r\u2028\u2029]")
_CONTROL = frozenset({"if", "for", "while", "with"})
_BLOCKS = frozenset({"else", "do", "try", "finally", "break", "continue"})
_OPERATORS = frozenset({"return", "typeof", "instanceof", "in", "delete", "void", "throw", "case", "new", "yield", "await"})
_QUOTES: Final = {'"': State.SCRIPT_DOUBLE, "'": State.SCRIPT_SINGLE, "`": State.SCRIPT_TEMPLATE}


@dataclass(slots=True)
class Tokens:
    """What is known of a script at a point of its text; each method takes one token in, `at` being its end."""

    place: Place
    text: str
    at: int
    state: State = State.SCRIPT
    slash: Slash = Slash.START
    brackets: str = ""
    fresh: bool = False

    def blank(self, word: str) -> None:
        """Blanks; behind the end of a line, the line is empty so far."""
        if _LINE_END.search(word):
            self.fresh = True

    def value(self, _word: str) -> None:
        """A number, or a name that is no word of the language."""
        self.slash = Slash.VALUE

    def operator(self, _word: str) -> None:
        """A sign that a value follows."""
        self.slash = Slash.OPERATOR

    def arrow(self, _word: str) -> None:
        """`=>`: a brace behind it begins a block."""
        self.slash = Slash.ARROW

    def dot(self, _word: str) -> None:
        """`.` and `?.`: the word behind it is a name, whichever it is."""
        self.slash = Slash.DOT

    def colon(self, _word: str) -> None:
        """`:`: of a label, of a property, or of `?`."""
        self.slash = Slash.COLON

    def semicolon(self, _word: str) -> None:
        """The end of a statement."""
        self.slash = Slash.START

    def word(self, word: str) -> None:
        """A name, or a word of the language."""
        if self.slash is Slash.DOT:
            self.slash = Slash.VALUE
        elif word in _OPERATORS:
            self.slash = Slash.OPERATOR
        elif word in _CONTROL:
            self.slash = Slash.CONTROL
        else:
            self.slash = Slash.START if word in _BLOCKS else Slash.VALUE

    def run_of_signs(self, word: str) -> None:
        """`+`, `++`, `---` and so on."""
        # Of `x---`, two are the operator behind x, and one is a minus.
        self.slash = Slash.OPERATOR if len(word) % 2 else Slash.VALUE

    def quote(self, word: str) -> None:
        """The beginning of a string or a template literal."""
        self.state = _QUOTES[word]

    def slash_sign(self, _word: str) -> None:
        """A division, or the beginning of a regular expression."""
        if self.slash is Slash.UNKNOWN:
            raise RefusalError(
                "this slash divides or begins a regular expression, by the branch that leads here: put a semicolon, "
                "a bracket or a word before it",
                self.at - 1,
            )
        if self.slash.divides:
            self.slash = Slash.OPERATOR
        elif _ends_on_line(self.text, self.at):
            self.state = State.SCRIPT_REGEXP
        else:
            self.slash = Slash.OPERATOR

    def bracket(self, word: str) -> None:
        """A bracket, opening or closing."""
        if word in "([{":
            self._open(word)
        elif word == "]":
            self.slash = Slash.VALUE
        elif word == ")":
            controls = self._close("(k") == "k"
            self.slash = Slash.START if controls else Slash.VALUE
        else:
            closed = self._close("{o`")
            if closed == "`":
                self.state = State.SCRIPT_TEMPLATE
            self.slash = Slash.VALUE if closed == "o" else Slash.START

    def _open(self, word: str) -> None:
        if word == "(":
            self.brackets += "k" if self.slash is Slash.CONTROL else "("
        elif word == "{":
            within = self.brackets[-1:]
            is_object = self.slash is Slash.OPERATOR or (self.slash is Slash.COLON and within in ("o", "(", "`"))
            self.brackets += "o" if is_object else "{"
        self.slash = Slash.START if word == "{" else Slash.OPERATOR

    def _close(self, kinds: str) -> str:
        last = self.brackets[-1:]
        if last and last in kinds:
            self.brackets = self.brackets[:-1]
            return last
        return ""


def _ends_on_line(text: str, at: int) -> bool:
    """Whether what begins here can be a regular expression: none goes over the end of a line."""
    found = LITERALS[State.SCRIPT_REGEXP][1].match(text, at)
    stop = at if found is None else found.end()
    return text[stop : stop + 1] not in ("\n", "\r")


TOKEN: Final[dict[str, Callable[[Tokens, str], None]]] = {
    "blank": Tokens.blank,
    "number": Tokens.value,
    "private": Tokens.value,
    "word": Tokens.word,
    "run": Tokens.run_of_signs,
    "arrow": Tokens.arrow,
    "dots": Tokens.operator,
    "dot": Tokens.dot,
    "quote": Tokens.quote,
    "slash": Tokens.slash_sign,
    "bracket": Tokens.bracket,
    "colon": Tokens.colon,
    "semicolon": Tokens.semicolon,
    "other": Tokens.operator,
}
