"""The tokens of a script, and what each of them means for a slash or a brace behind it.

Brackets are kept as a text: `(` and `[`; `k`, a `(` behind `if` and the like; `{` of a block; `o` of an object; `v`, the body of
a function that is a value; `` ` `` of a substitution in a template literal; `t` of the program in an htmx trigger; `|`, a `{` of
which it is not known. `f` and `u` are functions and classes whose body is to come: that are values, or of which it is not known.
`?` is what branches differ in. A slash behind what is not known is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from martlet.templates.escaping.places import Place, Slash, State
from martlet.templates.escaping.refusals import RefusalError

__all__ = ["ALONE", "IN_ELEMENT", "LINE_END", "LITERALS", "TOKEN", "Tokens"]

_TOKENS = r"""
 (?P<blank>[\s\ufeff]+)
|(?P<line>(?://|\#!){to_line_end})
|(?P<open><!--{to_line_end})
|(?P<block>/\*)
|(?P<close>-->{to_line_end})
{end}
|(?P<number>\.?\d[\w.]*)
|(?P<private>\#(?:[\w$]|[^\x00-\x7f\s\ufeff])+)
|(?P<word>(?:[\w$]|[^\x00-\x7f\s\ufeff]|\\u(?:[0-9A-Fa-f]{{4}}|\{{[0-9A-Fa-f]+\}}))+)
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
    _TOKENS.format(to_line_end=r"(?:(?!</script)[^\n\r\u2028\u2029])*", end=r"|(?P<end></script(?=[ \t\n\r\f/>]|\Z))"),
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
ALONE = re.compile(_TOKENS.format(to_line_end=r"[^\n\r\u2028\u2029]*", end=""), re.VERBOSE | re.DOTALL)
LITERALS: Final = {
    State.SCRIPT_DOUBLE: ('"', re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*', re.DOTALL)),
    State.SCRIPT_SINGLE: ("'", re.compile(r"[^'\\]*+(?:\\.[^'\\]*+)*", re.DOTALL)),
    State.SCRIPT_TEMPLATE: ("`", re.compile(r"[^`\\$]*+(?:(?:\\.|\$(?!\{))[^`\\$]*+)*", re.DOTALL)),
    State.SCRIPT_REGEXP: ("/", re.compile(r"(?:[^\\/\[\n\r]|\\.|\[(?:[^\]\\\n\r]|\\.)*\])*", re.DOTALL)),
}
LINE_END = re.compile(r"[\n\r\u2028\u2029]")
_WORDS: Final = {
    **dict.fromkeys(("if", "for", "while", "with"), Slash.CONTROL),
    **dict.fromkeys(("else", "do", "try", "finally", "break", "continue", "debugger", "export"), Slash.START),
    **dict.fromkeys(("typeof", "instanceof", "in", "delete", "void", "throw", "case", "new", "extends"), Slash.OPERATOR),
    **dict.fromkeys(("let", "const", "var"), Slash.DOT),
    "await": Slash.UNKNOWN,  # a name, outside of modules and of the functions that it is an operator in
    **dict.fromkeys(("return", "yield"), Slash.RETURN),
    "default": Slash.DEFAULT,
}
_INSIDE: Final = ("o", "(", "[", "k", "`", "t")  # where a colon stands before a value
_VALUE_FOLLOWS: Final = (Slash.OPERATOR, Slash.RETURN, Slash.DEFAULT)
_BEHIND: Final = {**dict.fromkeys("([ov)]", Slash.VALUE), **dict.fromkeys("k{`}", Slash.START)}
_EXPECTING: Final = frozenset({Slash.OPERATOR, Slash.ARROW, Slash.RETURN, Slash.CONTROL})  # a value
_FUNCTION_AHEAD = re.compile(r"[ \t\f\v\xa0\ufeff]+function(?![\w$])").match
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
        if LINE_END.search(word):
            self.fresh = True
            if self.slash is Slash.RETURN:
                self.slash = Slash.START

    def value(self, _word: str) -> None:
        """A number, or a name that is no word of the language."""
        self.slash = Slash.VALUE

    def operator(self, word: str) -> None:
        """A sign that a value follows."""
        if word == "<" and self.brackets[-1:] == "f":  # of types, or a comparison
            self.brackets = self.brackets[:-1] + "u"
        elif word != "*":
            self._give_up()
        self.slash = Slash.OPERATOR

    def arrow(self, _word: str) -> None:
        """`=>`: a brace behind it begins a block."""
        self.slash = Slash.ARROW

    def dot(self, _word: str) -> None:
        """`.` and `?.`: the word behind it is a name, whichever it is."""
        self.slash = Slash.DOT

    def colon(self, _word: str) -> None:
        """`:`: of a label, of a property, or of `?`."""
        self._give_up()
        self.slash = Slash.COLON

    def semicolon(self, _word: str) -> None:
        """The end of a statement."""
        self._give_up()
        self.slash = Slash.START

    def word(self, word: str) -> None:
        """A name, or a word of the language."""
        before = self.slash
        if before is Slash.DOT:
            self.slash = Slash.VALUE
        elif word in ("function", "class"):
            self._begin_function()
            self.slash = Slash.VALUE
        elif word == "of":
            in_head = self.brackets[-1:] == "k"
            self.slash = Slash.VALUE if before is not Slash.VALUE else Slash.OPERATOR if in_head else Slash.UNKNOWN
        elif word == "await" and before is Slash.CONTROL:  # `for await (`
            pass
        elif word != "async" or not _FUNCTION_AHEAD(self.text, self.at):
            self.slash = _WORDS.get(word, Slash.VALUE)

    def _begin_function(self) -> None:
        """`function` or `class`: where a value is expected it is one, else a declaration."""
        before, within = self.slash, self.brackets[-1:]
        if before in _EXPECTING or (before is Slash.COLON and within in _INSIDE):
            self.brackets += "f"
        elif not (before in (Slash.START, Slash.DEFAULT) or (before is Slash.VALUE and self.fresh)):
            self.brackets += "u"

    def _give_up(self) -> None:
        """What was taken for the beginning of a function is a name, as in `{class: 1}`."""
        if self.brackets[-1:] in ("f", "u"):
            self.brackets = self.brackets[:-1]

    def run_of_signs(self, word: str) -> None:
        """`+`, `++`, `---` and so on."""
        # Of `x---`, two are the operator behind x, and one is a minus.
        behind_value = self.slash in (Slash.VALUE, Slash.DOT) and not self.fresh
        if len(word) % 2 or not (behind_value or self.slash is Slash.UNKNOWN):
            self.slash = Slash.OPERATOR
        else:
            self.slash = Slash.VALUE if behind_value else Slash.UNKNOWN

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
            return
        self._give_up()
        is_first = not self.brackets or word == "]"
        kinds = {"]": "[t", ")": "(k", "}": "{ov`|"}[word]
        closed = self.brackets[-1:] if self.brackets[-1:] in kinds else ""
        self.brackets = self.brackets[: len(self.brackets) - len(closed)]
        self.slash = _BEHIND.get(closed or (word if is_first else ""), Slash.UNKNOWN)
        self.state = {"`": State.SCRIPT_TEMPLATE, "t": State.TRIGGER}.get(closed, self.state)

    def _open(self, word: str) -> None:
        within, before = self.brackets[-1:], self.slash
        if word == "(":
            word = "k" if before is Slash.CONTROL else word
        elif word == "{" and within in ("f", "u"):
            self.brackets = self.brackets[:-1]
            word = "v" if within == "f" else "|"
        elif word == "{" and (before in (*_VALUE_FOLLOWS, Slash.DOT) or (before is Slash.COLON and within in _INSIDE)):
            word = "o"
        elif word == "{" and before in (Slash.COLON, Slash.UNKNOWN):
            word = "|"
        self.brackets += word
        self.slash = Slash.OPERATOR if word in "([k" else Slash.START


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
