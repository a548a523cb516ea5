"""The pieces that a source is cut into."""

from __future__ import annotations

from typing import Final, TypeAlias

__all__ = ["COLON", "END", "EOF", "ERROR", "FLOAT", "INTEGER", "NAME", "OUTPUT", "STRING", "TAG", "TEXT", "Token"]

# What it is, what it says, and from where to where it stands. An operator's kind is the operator itself; all other kinds are in
# angle brackets, so that no word of a template is mistaken for one.
Token: TypeAlias = tuple[str, str, int, int]

TEXT: Final = "<text>"  # outside of any tag
OUTPUT: Final = "<output>"  # {{
TAG: Final = "<tag>"  # {%, or the mark of a line statement
END: Final = "<end>"  # }}, %} or the end of a line statement
NAME: Final = "<name>"
STRING: Final = "<string>"
INTEGER: Final = "<integer>"
FLOAT: Final = "<float>"
COLON: Final = "<colon>"  # outside of all brackets; inside, the kind is ":"
ERROR: Final = "<error>"  # cannot be read; what it says is why
EOF: Final = "<eof>"
