"""What a loader gives: the text of a template, where it is from, and whether it is still that text.

A name is parts with `/` between them, the same on every system. No name leads out of the folder it is looked for in.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol, runtime_checkable

from martlet.templates.errors import TemplateNotFoundError, did_you_mean

__all__ = ["Loader", "MissingSourceError", "Source", "split_name", "version_of"]

_REFUSED = "\0\\" + (":" if os.name == "nt" else "")


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one template.

    filename: where an editor finds it, None if no file has it. version: another text has another one; it outlives the process.
    check: tells whether a loader would still give this text.
    """

    text: str
    filename: str | None
    version: str
    check: Callable[[], bool] = _always

    @classmethod
    def of(cls, text: str, filename: str | None = None, check: Callable[[], bool] = _always) -> Source:
        """A source whose version is a digest of its text.

        >>> Source.of("Hello").version == Source.of("Hello").version != Source.of("Bye").version
        True
        """
        return cls(text, filename, version_of(text), check)

    def is_current(self) -> bool:
        """Whether a loader would still give this text."""
        return self.check()


@runtime_checkable
class Loader(Protocol):
    """Finds templates by name."""

    def load(self, name: str) -> Source:
        """The source of this name; raises TemplateNotFoundError if there is none."""
        ...

    def list_names(self) -> list[str]:
        """All names that can be loaded, sorted; empty if the loader cannot tell."""
        ...


class MissingSourceError(TemplateNotFoundError):
    """A loader does not have this template.

    The nearest name is looked for when the error is printed, and not before: an `{% include … ignore missing %}` never asks.
    """

    def __init__(self, name: str, known: Callable[[], Iterable[str]], places: Iterable[str] = ()) -> None:
        looked = ", ".join(places)
        super().__init__(name, reason=f"there is no template {name!r}" + (f" in {looked}" if looked else ""))
        self._known = known

    def __reduce__(self) -> tuple[object, ...]:
        # Another process has no loader to ask: what is printed is what is known now.
        return TemplateNotFoundError, self.names, {"message": str(self)}

    def __str__(self) -> str:
        try:
            known = list(self._known())
        except OSError:
            known = []
        return self.message + self.place + did_you_mean(str(self.name), known)


def split_name(name: str) -> tuple[str, ...] | None:
    """The parts of a name, without those that say nothing; None for a name that no folder may have.

    >>> split_name("mails/welcome.html"), split_name("./a//b"), split_name("../secret")
    (('mails', 'welcome.html'), ('a', 'b'), None)
    """
    if any(sign in name for sign in _REFUSED):
        return None
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    return parts if parts and ".." not in parts else None


def version_of(text: str) -> str:
    """A digest of a text, 32 characters."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
