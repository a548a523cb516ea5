"""Which media types are worth compressing: text in whatever syntax; not what is compressed in itself."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

# `text/*` stands for a whole type, `+json` for every subtype that ends so (RFC 6838, Section 4.2.8).
COMPRESSIBLE_TYPES: Final = frozenset(
    {
        "+json",
        "+json-seq",
        "+xml",
        "+yaml",
        "application/ecmascript",
        "application/graphql",
        "application/javascript",
        "application/json",
        "application/json-seq",
        "application/jsonl",
        "application/msgpack",
        "application/postscript",
        "application/rtf",
        "application/sql",
        "application/toml",
        "application/vnd.ms-fontobject",
        "application/vnd.msgpack",
        "application/wasm",
        "application/x-javascript",
        "application/x-msgpack",
        "application/x-ndjson",
        "application/x-www-form-urlencoded",
        "application/x-yaml",
        "application/xml",
        "application/xml-dtd",
        "application/yaml",
        "font/collection",
        "font/otf",
        "font/ttf",
        "image/bmp",
        "image/vnd.microsoft.icon",
        "image/x-icon",
        "text/*",
    }
)


def is_compressible(content_type: str, types: AbstractSet[str] = COMPRESSIBLE_TYPES) -> bool:
    """Tell whether content of this Content-Type is worth compressing; parameters do not count.

    >>> is_compressible("application/problem+json"), is_compressible("Text/HTML; charset=utf-8"), is_compressible("image/png")
    (True, True, False)
    """
    essence = content_type.partition(";")[0].strip().lower()
    head, slash, subtype = essence.partition("/")
    _, plus, suffix = subtype.rpartition("+")
    return bool(slash) and (essence in types or f"{head}/*" in types or (bool(plus) and f"+{suffix}" in types))
