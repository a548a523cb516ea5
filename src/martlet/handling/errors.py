"""What can be wrong with an application, reported together before the first request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Final

ASSETS_COMPARED: Final = 1_000  # names of files; more would hold up other requests where a client had a part in the name


class DeclarationError(Exception):
    """One mistake: what is wrong, where, and how to mend it."""

    def __init__(self, what: str, where: str, cure: str) -> None:
        """Keep the three parts."""
        super().__init__(f"{where}: {what} {cure}")
        self.what = what
        self.where = where
        self.cure = cure


class CombinedDeclarationError(DeclarationError):
    """All that is wrong with one declaration, to be reported together; each is an entry of its own in a FreezeError."""

    def __init__(self, problems: Sequence[DeclarationError]) -> None:
        """Stand for the first of them where one is asked for."""
        first = problems[0]
        super().__init__(first.what, first.where, first.cure)
        self.problems = tuple(each for problem in problems for each in single(problem))


def single(problem: DeclarationError) -> tuple[DeclarationError, ...]:
    """Give the single mistakes of a report."""
    return problem.problems if isinstance(problem, CombinedDeclarationError) else (problem,)


class FreezeError(Exception):
    """The application cannot start; `problems` lists everything that is wrong with it, in source order.

    >>> print(FreezeError([DeclarationError("Two routes fit '/a'.", "app.py:3", "Make one differ.")]))
    The application cannot start:
      app.py:3: Two routes fit '/a'.
        Make one differ.
    """

    def __init__(self, problems: Sequence[DeclarationError]) -> None:
        """Gather the problems; what several routes have in common is told once."""
        every = [each for problem in problems for each in single(problem)]
        problems = list({(problem.where, problem.what): problem for problem in every}.values())
        lines = [f"  {problem.where}: {problem.what}\n    {problem.cure}" for problem in problems]
        count = "" if len(problems) == 1 else f" ({len(problems)} problems)"
        super().__init__("\n".join([f"The application cannot start{count}:", *lines]))
        self.problems = tuple(problems)


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
