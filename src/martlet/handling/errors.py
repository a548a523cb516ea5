"""What can be wrong with an application, reported together before the first request."""

from __future__ import annotations

from collections.abc import Sequence


class DeclarationError(Exception):
    """One mistake: what is wrong, where, and how to mend it."""

    def __init__(self, what: str, where: str, cure: str) -> None:
        """Keep the three parts."""
        super().__init__(f"{where}: {what} {cure}")
        self.what = what
        self.where = where
        self.cure = cure


class FreezeError(Exception):
    """The application cannot start; `problems` lists everything that is wrong with it, in source order.

    >>> print(FreezeError([DeclarationError("Two routes fit '/a'.", "app.py:3", "Make one differ.")]))
    The application cannot start:
      app.py:3: Two routes fit '/a'.
        Make one differ.
    """

    def __init__(self, problems: Sequence[DeclarationError]) -> None:
        """Gather the problems."""
        lines = [f"  {problem.where}: {problem.what}\n    {problem.cure}" for problem in problems]
        count = "" if len(problems) == 1 else f" ({len(problems)} problems)"
        super().__init__("\n".join([f"The application cannot start{count}:", *lines]))
        self.problems = tuple(problems)
