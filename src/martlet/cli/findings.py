"""What `martlet check --deploy` looks at, and what it finds: how grave it is, what is wrong, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, TypeVar

from martlet.app import App
from martlet.handling import Declaration, Frozen, Gathered

Severity: TypeAlias = Literal["error", "warning", "hint"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "hint")

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be where strangers come.

    severity: an `error` lets somebody in, or shows what is not theirs; a `warning` takes a protection away; a `hint` is only for
        the author to know whether it matters.

    >>> print(Finding("error", "Errors are shown to clients.", "shop.py:3", "Leave debug=True out."))
    error: Errors are shown to clients.
      shop.py:3
      Leave debug=True out.
    """

    severity: Severity
    what: str
    where: str
    cure: str

    def __str__(self) -> str:
        """Print it as `martlet check` does."""
        return f"{self.severity}: {self.what}\n  {self.where}\n  {self.cure}"


@dataclass(frozen=True, slots=True)
class Deployed:
    """An application as it would be served.

    app_dir: the directory that its modules are imported from.
    """

    gathered: Gathered
    frozen: Frozen
    declarations: tuple[Declaration, ...]
    app_dir: str

    @classmethod
    def of(cls, app: App, app_dir: str) -> Deployed:
        """Freeze an application to look at it; raises FreezeError."""
        return cls(app.gathered, app.freeze(), tuple(app.declarations()), app_dir)

    @property
    def where(self) -> str:
        """The place at which the application was made."""
        return self.gathered.where

    @property
    def uses_sessions(self) -> bool:
        """Whether a route asks for its session."""
        return any(route.target.plan.sessions is not None for route in self.frozen.router.routes)

    def middlewares(self, kind: type[M]) -> list[M]:
        """Give the middlewares of a class, the outermost first."""
        given: list[Any] = [middleware for middleware, _ in self.gathered.middlewares]
        return [middleware for middleware in given if isinstance(middleware, kind)]


def count_findings(findings: Iterable[Finding]) -> str:
    """Say how many there are, in words.

    >>> count_findings([Finding("error", "", "", ""), Finding("hint", "", "", ""), Finding("hint", "", "", "")])
    '1 error, 2 hints'
    """
    every = [finding.severity for finding in findings]
    told = [f"{every.count(each)} {each}{'s' * (every.count(each) > 1)}" for each in SEVERITIES if each in every]
    return ", ".join(told) or "nothing wrong"
