"""Content codings as a library of its own: zstd, br, gzip and deflate, at once or piece by piece, both ways.

The packages behind zstd and br are optional: they are looked for by name when a coding is first asked for, and one that is
missing is told by the name of its extra.
"""

from martlet.codings.coding import BrokenContentError, Coding, Decoder, Encoder, UnknownCodingError
from martlet.codings.installed import find_coding, installed_coding, installed_codings

__all__ = [
    "BrokenContentError",
    "Coding",
    "Decoder",
    "Encoder",
    "UnknownCodingError",
    "find_coding",
    "installed_coding",
    "installed_codings",
]
