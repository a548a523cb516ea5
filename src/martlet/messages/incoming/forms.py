"""The fields of a form, whichever way it was sent: texts and uploaded files, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias, cast

from martlet.http import MultiMapping
from martlet.messages.incoming.spools import Spool
from martlet.messages.incoming.uploads import Upload

FormValue: TypeAlias = str | Upload
CSRF_FIELD: Final = "csrf_token"  # tells where a form comes from, and is no field of what the form is about


class Form(MultiMapping[FormValue]):
    """The fields of a form; a name may occur several times, and nothing changes.

    A field for a file that was left empty is the text "", as every field that was left empty.

    >>> form = Form([("title", "Swifts"), ("tag", "a"), ("tag", "b"), ("photo", Upload("a.png", b"..."))])
    >>> form["title"], form.get_list("tag"), form.text("size", "10"), form.uploads("photo")
    ('Swifts', ['a', 'b'], '10', [<Upload 'a.png' application/octet-stream 3 bytes>])
    """

    __slots__ = ("_spool",)

    def __init__(
        self, fields: Mapping[str, FormValue] | Iterable[tuple[str, FormValue]] = (), spool: Spool | None = None
    ) -> None:
        """fields: a mapping, or pairs. spool: where its files lie, if it is to be closed with the form."""
        given = cast("Mapping[str, FormValue]", fields).items() if isinstance(fields, Mapping) else fields
        self._pairs = tuple(given)
        self._index = None
        self._spool = spool

    def text(self, name: str, default: str = "") -> str:
        """The first text of a name."""
        return next((value for value in self._by_name().get(name, ()) if isinstance(value, str)), default)

    def upload(self, name: str) -> Upload | None:
        """The first file of a name, None if there is none."""
        return next(iter(self.uploads(name)), None)

    def uploads(self, name: str) -> list[Upload]:
        """All files of a name, in order."""
        return [value for value in self._by_name().get(name, ()) if isinstance(value, Upload)]

    @property
    def is_on_disk(self) -> bool:
        """Whether closing it may have to wait for a disk."""
        return self._spool is not None and self._spool.is_on_disk

    def close(self) -> None:
        """Let go of its files; whoever read it from a request need not care, since the request does it at its end."""
        if self._spool is not None:
            self._spool.close()

    def __repr__(self) -> str:
        """Show the fields."""
        return f"Form({list(self._pairs)!r})"
