"""What an application raises once it is frozen, and for what it is asked that it does not have."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import Final

ASSETS_COMPARED: Final = 1_000  # names of files; more would hold up other requests where a client had a part in the name


class AlreadyFrozenError(RuntimeError):
    """Something was declared after everything had been decided.

    >>> str(AlreadyFrozenError("The route '/late'", "app.py:9"))
    "app.py:9: The route '/late' comes too late: the application is frozen. Declare it before the first request or freeze()."
    """

    def __init__(self, what: str, where: str) -> None:
        """Name what came too late, and from where."""
        super().__init__(
            f"{where}: {what} comes too late: the application is frozen. Declare it before the first request or freeze()."
        )
        self.what = what
        self.where = where


class UnknownAssetError(LookupError):
    """A URL was asked for a static file that is in no directory of files.

    >>> print(UnknownAssetError("app.cs", ["css/app.css", "app.css"]))
    There is no static file 'app.cs'. Near it is 'app.css', 'css/app.css'.
    """

    def __init__(self, path: str, known: Iterable[str]) -> None:
        """Name it, and files near it."""
        candidates = list(islice(known, ASSETS_COMPARED))
        near = get_close_matches(path, candidates, 3)
        some = f"Near it is {', '.join(map(repr, near))}." if near else "Give its path in the directory of an app.static(...)."
        super().__init__(f"There is no static file {path!r}. {some}")
        self.path = path
