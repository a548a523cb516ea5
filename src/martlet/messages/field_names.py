"""Names of header fields, prepared once in the form each protocol looks them up by."""

from __future__ import annotations

from typing import Final


class FieldName:
    """A header field's name in the form each protocol looks it up by.

    >>> FieldName("content-type").environ
    'CONTENT_TYPE'
    """

    __slots__ = ("environ", "text", "wire")

    def __init__(self, name: str) -> None:
        """Prepare a lower-case name."""
        self.text: Final = name
        self.wire: Final = name.encode()
        key = name.upper().replace("-", "_")
        self.environ: Final = key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"  # RFC 3875 section 4.1


ACCEPT: Final = FieldName("accept")
CONTENT_ENCODING: Final = FieldName("content-encoding")
CONTENT_TYPE: Final = FieldName("content-type")
CONTENT_LENGTH: Final = FieldName("content-length")
HOST: Final = FieldName("host")
COOKIE: Final = FieldName("cookie")
FORWARDED: Final = FieldName("forwarded")
X_FORWARDED_PROTO: Final = FieldName("x-forwarded-proto")


class FieldNames:
    """Several names that are looked up in one go.

    >>> FieldNames(ACCEPT, HOST).by_wire
    {b'accept': 'accept', b'host': 'host'}
    """

    __slots__ = ("by_environ", "by_wire", "names")

    def __init__(self, *names: FieldName) -> None:
        """Prepare them in the forms of the protocols."""
        self.names: Final = names
        self.by_wire: Final = {name.wire: name.text for name in names}
        self.by_environ: Final = tuple((name.environ, name.text) for name in names)
