"""How tags, output and comments are marked in a template."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Syntax"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """The marks of a template's language, and what becomes of the white space around them.

    line_statement_prefix, line_comment_prefix: what makes the rest of a line a tag or a comment; None for no such lines.
    trim_blocks: the line end behind a tag is dropped. lstrip_blocks: so is the white space before a tag that begins its line.
    newline: how line ends are written. keep_trailing_newline: whether the last line end of a source is kept.
    trim_translations: `{% trans %}` without `trimmed` or `notrimmed` joins its lines.

    Raises ValueError for an empty mark, for two that begin alike, and for a newline that is none.

    >>> Syntax(variable_start="${", variable_end="}").block_start
    '{%'
    """

    block_start: str = "{%"
    block_end: str = "%}"
    variable_start: str = "{{"
    variable_end: str = "}}"
    comment_start: str = "{#"
    comment_end: str = "#}"
    line_statement_prefix: str | None = None
    line_comment_prefix: str | None = None
    trim_blocks: bool = False
    lstrip_blocks: bool = False
    newline: str = "\n"
    keep_trailing_newline: bool = False
    trim_translations: bool = False

    def __post_init__(self) -> None:
        starts = (self.block_start, self.variable_start, self.comment_start)
        ends = (self.block_end, self.variable_end, self.comment_end)
        if not all(starts) or not all(ends) or "" in (self.line_statement_prefix, self.line_comment_prefix):
            raise ValueError("a mark of the template syntax is empty; only the two line prefixes may be left out, with None")
        if len(set(starts)) < len(starts):
            raise ValueError(f"block_start, variable_start and comment_start must differ, not be {', '.join(map(repr, starts))}")
        if self.newline not in ("\n", "\r\n", "\r"):
            raise ValueError(f"newline is '\\n', '\\r\\n' or '\\r', not {self.newline!r}")
