"""What can be wrong with what an application is told: any room may say so, and all of it is reported before the first request."""

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
