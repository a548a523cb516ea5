"""Scanning scripts: by tokens, one compiled expression for each state, so that the cost is per token and linear.

In a script element, `<!--`, `<script` and `</script` in literals are written so that they neither end nor nest the element.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from martlet.templates.escaping.places import Place, Slash, State
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.escaping.script_tokens import ALONE, IN_ELEMENT, LINE_END, LITERALS, TOKEN, Tokens

__all__ = ["DANGEROUS", "scan_script"]

_COMMENT_END = re.compile(r"\*/|</script(?=[ \t\n\r\f/>]|\Z)", re.IGNORECASE)
_LINE_COMMENT_END = re.compile(r"[\n\r\u2028\u2029]|</script(?=[ \t\n\r\f/>]|\Z)", re.IGNORECASE)
_FLAGS = re.compile(r"[\w$]*")
# What in a literal would end the script element or nest another in it, or could, with what follows.
DANGEROUS: Final = re.compile(r"<(?=!--|/?script|(?:!-?|/?(?:s(?:c(?:r(?:ip?)?)?)?)?)\Z)", re.IGNORECASE)
_SOFTENED = re.compile(r"<(?=!--|script)", re.IGNORECASE)
_TAIL = re.compile(r"<(?=/?\Z)")


def scan_script(place: Place, text: str, start: int = 0) -> tuple[Place, int, str]:
    """From a place in a script to the end of the text or of the script element.

    Returns the place there, where that is in the text, and what is to be written for it. Raises RefusalError.
    """
    return _Scan(place, text, start).run()


@dataclass(slots=True)
class _Scan(Tokens):
    """One walk over a text."""

    in_element: bool = False
    keeps_comments: bool = False

    def run(self) -> tuple[Place, int, str]:
        place, begin = self.place, self.at
        self.state, self.slash, self.brackets, self.fresh = place.state, place.slash, place.brackets, place.fresh
        self.in_element = not place.delimiter and place.element == "script"
        self.keeps_comments = bool(place.delimiter)
        written: list[str] = []
        end = len(self.text)
        while self.at < end and self.state is not State.TRIGGER:
            if self.state is State.SCRIPT:
                done = self._code(written)
            elif self.state in LITERALS:
                done = self._literal(written)
            else:
                done = self._comment(written)
            if done:
                break
        moved = replace(
            place,
            state=self.state,
            slash=self.slash,
            brackets=self.brackets,
            fresh=self.fresh,
            started=place.started or (self.at > begin and bool(place.delimiter)),
        )
        return moved, self.at, "".join(written)

    def _code(self, written: list[str]) -> bool:
        """Tokens up to a literal or a comment that the text does not end; True at the end of the script element."""
        begin, text = self.at, self.text
        tokens = (IN_ELEMENT if self.in_element else ALONE).match
        ended = False
        while self.state is State.SCRIPT and self.at < len(text):
            found = tokens(text, self.at)
            if found is None or found.lastgroup == "end":
                ended = True
                break
            self.at = found.end()
            name = found.lastgroup or ""
            if name in ("line", "open", "close", "block"):
                if name == "close" and not self.fresh:
                    self.at = found.start() + 2
                    self.run_of_signs("--")
                    continue
                self._put(written, begin, found.start())
                self._begin_comment(name, found, written)
                begin = self.at
                continue
            TOKEN[name](self, found[0])
            if name != "blank":
                self.fresh = False
        self._put(written, begin, self.at)
        return ended

    def _put(self, written: list[str], begin: int, end: int) -> None:
        code = self.text[begin:end]
        # What follows could complete the end of the element.
        written.append(_TAIL.sub("< ", code) if self.in_element and end == len(self.text) else code)

    # Comments

    def _begin_comment(self, name: str, found: re.Match[str], written: list[str]) -> None:
        """A comment that the text ends is kept, but for `<!--`, which browsers count; one that a tag interrupts is left out."""
        if name == "close" and self.slash is Slash.UNKNOWN:
            raise RefusalError(
                "`-->` is a comment only at the start of a line, and branches before it differ in that", found.start()
            )
        if name == "block":
            end = _COMMENT_END.search(self.text, self.at) if self.in_element else None
            stop = self.text.find("*/", self.at) if end is None else end.start()
            closed = stop >= 0 and self.text.startswith("*/", stop)
            if closed:
                self.at = stop + 2
                self._count_lines(self.text[found.start() : stop])
                self._keep(written, self.text[found.start() : self.at])
            else:
                self.state = State.SCRIPT_BLOCK
                written.append(found[0] if self.keeps_comments else " ")
            return
        interrupted = found.end() == len(self.text)
        if interrupted:
            self.state = State.SCRIPT_LINE
        if self.keeps_comments or not (interrupted or name in ("open", "close")):  # which a module takes for operators
            self._keep(written, found[0])

    def _count_lines(self, comment: str) -> None:
        if LINE_END.search(comment):
            self.blank(comment)

    def _keep(self, written: list[str], comment: str) -> None:
        written.append(_SOFTENED.sub("< ", comment) if self.in_element else comment)

    def _comment(self, written: list[str]) -> bool:
        """What is left of a comment that a tag interrupted."""
        block = self.state is State.SCRIPT_BLOCK
        found = (_COMMENT_END if block else _LINE_COMMENT_END).search(self.text, self.at)
        while found is not None and found[0][0] == "<" and not self.in_element:
            found = (_COMMENT_END if block else _LINE_COMMENT_END).search(self.text, found.end())
        begin, self.at = self.at, len(self.text) if found is None else found.start()
        if found is not None:
            self.state = State.SCRIPT
            if found[0] == "*/":
                self.at += 2
            elif found[0][0] != "<":
                self.fresh = True
        if self.keeps_comments:
            written.append(self.text[begin : self.at])
            if block:
                self._count_lines(self.text[begin : self.at])
        return found is not None and found[0][0] == "<"

    # Literals

    def _literal(self, written: list[str]) -> bool:
        quote, body = LITERALS[self.state]
        found = body.match(self.text, self.at)
        stop = self.at if found is None else found.end()
        begin, rest = self.at, self.text[stop : stop + 2]
        if rest == "\\":
            raise RefusalError("nothing may stand between a backslash and what it escapes", stop)
        if self.state is State.SCRIPT_REGEXP and rest and rest[0] != "/":
            if rest[0] == "[":
                raise RefusalError("a class in a regular expression is not closed; no value may stand in one", stop)
            # A regular expression does not go over the end of a line: the slash was none.
            self.state = State.SCRIPT
        self.at = stop
        if rest.startswith(quote):
            self.at = stop + 1
            self._end_literal()
        elif rest == "${" and self.state is State.SCRIPT_TEMPLATE:
            self.at = stop + 2
            self.state, self.slash, self.brackets = State.SCRIPT, Slash.OPERATOR, self.brackets + "`"
        literal = self.text[begin : self.at]
        written.append(DANGEROUS.sub(r"\\x3C", literal) if self.in_element else literal)
        return False

    def _end_literal(self) -> None:
        if self.state is State.SCRIPT_REGEXP:
            flags = _FLAGS.match(self.text, self.at)
            self.at = self.at if flags is None else flags.end()
        self.state, self.slash = State.SCRIPT, Slash.VALUE
