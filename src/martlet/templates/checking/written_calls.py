"""Calls of an application's own functions whose first argument is written out, so that it can look at them before any is made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from martlet.templates.checking.findings import Findings
from martlet.templates.checking.macros import bound_names
from martlet.templates.checking.project import Project
from martlet.templates.checking.reachable import reached_from
from martlet.templates.compiling.linking import Loaded
from martlet.templates.compiling.unit import Source
from martlet.templates.engine import TemplateEngine
from martlet.templates.errors import TemplateSyntaxError
from martlet.templates.syntax import nodes
from martlet.templates.syntax.nodes import Span

__all__ = ["WrittenCall", "written_calls"]


@dataclass(frozen=True, slots=True)
class WrittenCall:
    """One call: `{{ url_for("show_book", id=7) }}`.

    page: the template by which it was reached. keywords: the names of the others, None where some are unpacked.
    """

    page: str
    function: str
    argument: str
    keywords: frozenset[str] | None
    source: Source
    at: Span

    def mistake(self, message: str) -> TemplateSyntaxError:
        """What is wrong with it, at its place."""
        return TemplateSyntaxError.placed(message, self.at, self.source)


def written_calls(engine: TemplateEngine, pages: Iterable[str], functions: Collection[str]) -> Iterator[WrittenCall]:
    """The calls of these functions with a text and keywords, in templates and in all that they are made of, each template once.

    A template that sets one of the names itself means something else by it.

    >>> from martlet.templates import DictLoader
    >>> engine = TemplateEngine(DictLoader({"page.html": '{{ url_for("show_book", id=7) }}{{ url_for(target) }}'}))
    >>> [(call.argument, sorted(call.keywords)) for call in written_calls(engine, ["page.html"], ["url_for"])]
    [('show_book', ['id'])]
    """
    project, seen = Project(engine, [], Findings()), set[str]()
    for page in pages:
        for loaded in reached_from(project, page, seen):
            yield from _calls(loaded, page, set(functions).difference(bound_names(loaded.template.body)))


def _calls(loaded: Loaded, page: str, functions: set[str]) -> Iterator[WrittenCall]:
    for node in nodes.walk(loaded.template.body):
        match node:
            case nodes.Call(target=nodes.Name(name=name), arguments=given) if name in functions and given.star is None:
                pass
            case _:
                continue
        match given.positional:
            case (nodes.Literal(value=str(argument)),):
                keywords = None if given.double_star is not None else frozenset(keyword for keyword, _ in given.keywords)
                yield WrittenCall(page, name, argument, keywords, loaded.source, node.at)
            case _:
                pass
