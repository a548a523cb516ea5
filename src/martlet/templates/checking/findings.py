"""What a check has found: each finding once, however many pages come by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from martlet.templates.compiling.unit import Source
from martlet.templates.errors import TemplateNotFoundError, TemplateSyntaxError, line_of
from martlet.templates.syntax.nodes import Span

__all__ = ["Finding", "Findings", "count_told"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in one template, or a warning of one.

    name, filename: of the template, None if it has none. line: from 1. column, end_column: from 0, None if not known.
    source_line: the text of that line. `str()` prints as errors do, with a caret.

    >>> print(Finding("page.html", None, 1, 3, 7, "No filter named 'uper'", "{{ name | uper }}"))
    No filter named 'uper'
      page.html, line 1, column 4
        {{ name | uper }}
           ^^^^
    """

    name: str | None
    filename: str | None
    line: int
    column: int | None
    end_column: int | None
    message: str
    source_line: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        # Only this line is shown: those before it are empty, so that its number is right.
        source = None if self.column is None else "\n" * (self.line - 1) + self.source_line
        kind = "" if self.severity == "error" else "warning: "
        message = kind + self.message
        return str(
            TemplateSyntaxError(
                message,
                self.line,
                column=self.column,
                end_column=self.end_column,
                source=source,
                name=self.name,
                filename=self.filename,
            )
        )


class Findings:
    """Gathers findings; one that is there already is not added again."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, int, int, str], Finding] = {}

    def add(self, source: Source, at: Span, message: str, severity: Literal["error", "warning"] = "error") -> None:
        """Add what is wrong at a place of a source."""
        self._keep_error(TemplateSyntaxError.placed(message, at, source), severity)

    def add_error(self, error: TemplateSyntaxError | TemplateNotFoundError) -> None:
        """Add what was raised while a template was read or compiled."""
        if isinstance(error, TemplateNotFoundError):
            self._keep(Finding(error.name, None, 1, None, None, str(error)))
            return
        self._keep_error(error, "error")

    def sorted(self) -> list[Finding]:
        """All findings, by template and place."""
        return [self._found[key] for key in sorted(self._found)]

    def _keep_error(self, error: TemplateSyntaxError, severity: Literal["error", "warning"]) -> None:
        line = line_of(error.source or "", error.line) or ""
        place = error.line, error.column, error.end_column
        self._keep(Finding(error.name, error.filename, *place, error.message, line, severity))

    def _keep(self, finding: Finding) -> None:
        name = finding.name or finding.filename or ""
        self._found.setdefault((name, finding.line, finding.column or 0, finding.message), finding)


def count_told(findings: Iterable[Finding]) -> str:
    """How many errors and warnings there are, in words.

    >>> count_told([Finding("page.html", None, 1, 0, 1, "no"), Finding("page.html", None, 2, 0, 1, "hm", severity="warning")])
    '1 error, 1 warning'
    """
    counts = {"error": 0, "warning": 0}
    for finding in findings:
        counts[finding.severity] += 1
    told = [f"{count} {kind}{'s' * (count > 1)}" for kind, count in counts.items() if count]
    return ", ".join(told) or "nothing wrong"
