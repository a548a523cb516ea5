"""TemplateEngine: what templates are read with, and where those that were read are kept."""

from __future__ import annotations

import linecache
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from martlet.templates.compiling.linking import Linked, Loaded, link
from martlet.templates.compiling.page import PageCode, compile_page
from martlet.templates.compiling.unit import Facts, Mode, Source
from martlet.templates.errors import TemplateNotFoundError, TemplateRuntimeError
from martlet.templates.escaping import Escapers, EscapingRules, start_place
from martlet.templates.filters import DEFAULT_FILTERS, DEFAULT_POLICIES, DEFAULT_TESTS
from martlet.templates.loading import DirectoryLoader, Loader, version_of
from martlet.templates.runtime import DEFAULT_GLOBALS, EvalContext, RenderContext, Undefined
from martlet.templates.runtime.lookups import make_get_attribute, make_get_item
from martlet.templates.runtime.names import engine_names
from martlet.templates.runtime.sandbox import Guard, Sandbox
from martlet.templates.syntax import Syntax, Tag, parse
from martlet.templates.template import Template

__all__ = ["TemplateEngine"]

Escaping = str | Callable[[str | None], str | bool]


class TemplateEngine:
    """Reads templates, keeps them, and renders them.

    loader: a folder, or what finds templates by name; without one, templates are given as text.
    escaping: "contextual" fits each value to its place in the page; "html" escapes all alike, as older engines do; "off" nothing.
    A function from a template's name to one of these decides for each.

    >>> engine = TemplateEngine()
    >>> engine.render("Hello, {{ name }}!", {"name": "<Ann>"})
    'Hello, &lt;Ann&gt;!'
    """

    def __init__(  # noqa: PLR0913 -- one object holds what a project decides about its templates
        self,
        loader: str | os.PathLike[str] | Loader | None = None,
        *,
        escaping: Escaping = "contextual",
        syntax: Syntax | None = None,
        filters: Mapping[str, Callable[..., Any]] | None = None,
        tests: Mapping[str, Callable[..., Any]] | None = None,
        globals: Mapping[str, Any] | None = None,  # noqa: A002 -- the field's word
        tags: Mapping[str, Tag] | None = None,
        undefined: type[Undefined] = Undefined,
        finalize: Callable[..., Any] | None = None,
        is_async: bool = False,
        native: bool = False,
        auto_reload: bool = False,
        cache_size: int = 400,
        rules: EscapingRules | None = None,
        sandbox: bool | Sandbox = False,
        reads_private: bool = False,
    ) -> None:
        self.loader = DirectoryLoader(loader) if isinstance(loader, (str, os.PathLike)) else loader
        self.escaping = escaping
        self.syntax = syntax or Syntax()
        self.filters = {**DEFAULT_FILTERS, **(filters or {})}
        self.tests = {**DEFAULT_TESTS, **(tests or {})}
        self.globals = {**DEFAULT_GLOBALS, **(globals or {})}
        self.policies = dict(DEFAULT_POLICIES)
        self.tags = dict(tags or {})
        self.undefined = undefined
        self.finalize = finalize
        self.is_async = is_async
        self.native = native
        self.auto_reload = auto_reload
        self.cache_size = cache_size
        self.rules = rules or EscapingRules()
        self.reads_private = reads_private
        policy = Sandbox() if sandbox is True else sandbox or None
        self.guard = None if policy is None else Guard(policy, undefined)
        if policy is not None:
            self.globals["range"] = policy.range
        found = self.guard
        self.get_attribute = found.get_attribute if found else make_get_attribute(undefined, private=reads_private)
        self.get_item = found.get_item if found else make_get_item(undefined, private=reads_private)
        self.escapers = Escapers(self.rules)
        self.names = engine_names(self)
        self._templates: OrderedDict[object, Template] = OrderedDict()

    def render(self, source: str, context: Mapping[str, Any] | None = None, **variables: Any) -> Any:
        """Render a text; it is compiled once. Raises TemplateError."""
        found = self._templates.get((source,))
        if found is None:
            found = self._keep((source,), self.from_string(source))
        return found.render(context or {}, **variables)

    def from_string(self, source: str, globals: Mapping[str, Any] | None = None, *, name: str | None = None) -> Template:  # noqa: A002
        """A template from a text; raises TemplateSyntaxError. name: for messages, and for how it is escaped."""
        return Template(self, self._read(source, name, None, version_of(source)), globals)

    def get_template(self, name: str | Template | Sequence[str | Template], globals: Mapping[str, Any] | None = None) -> Template:  # noqa: A002
        """The template of this name, or the first that there is of several.

        Raises TemplateNotFoundError, and TemplateSyntaxError for whatever is wrong with it or with what it is made of.
        """
        if isinstance(name, Template):
            return name
        if not isinstance(name, str):
            return self._choose(list(name), globals)
        found = self._templates.get(name)
        if found is not None and (not self.auto_reload or self._is_current(found)):
            if globals:
                found.globals.update(globals)
            return found
        return self._keep(name, Template(self, self._load(name), globals))

    def _choose(self, names: list[str | Template], globals_: Mapping[str, Any] | None) -> Template:
        for name in names:
            try:
                return self.get_template(name, globals_)
            except TemplateNotFoundError:
                continue
        raise TemplateNotFoundError(*(str(name) for name in names))

    def _keep(self, key: object, template: Template) -> Template:
        self._templates[key] = template
        while len(self._templates) > self.cache_size >= 0:
            self._templates.popitem(last=False)
        return template

    def _is_current(self, template: Template) -> bool:
        return all(self._version(name) == version for name, version in template.versions.items())

    def _version(self, name: str) -> str | None:
        try:
            return None if self.loader is None else self.loader.load(name).version
        except TemplateNotFoundError:
            return None

    def _load(self, name: str) -> Loaded:
        if self.loader is None:
            raise TemplateNotFoundError(name, reason=f"there is no template {name!r}, for the engine has no loader")
        source = self.loader.load(name)
        return self._read(source.text, name, source.filename, source.version)

    def _read(self, text: str, name: str | None, filename: str | None, version: str) -> Loaded:
        template = parse(text, name=name, syntax=self.syntax, tags=self.tags, filename=filename)
        if filename is None:
            filename = f"<template {name or version[:12]}>"
            linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        return Loaded(template, Source(name, filename, text), version)

    def escaping_of(self, name: str | None) -> str:
        """How values are escaped in a template of this name: "contextual", "html" or "off"."""
        chosen = self.escaping(name) if callable(self.escaping) else self.escaping
        return {True: "html", False: "off"}.get(chosen, chosen) if isinstance(chosen, bool) else chosen

    def link(self, loaded: Loaded, parent: Loaded | None) -> Linked:
        """Link a page; raises TemplateSyntaxError."""
        start = start_place(loaded.source.name, self.escaping_of(loaded.source.name))
        return link(loaded, start, self._load, self.rules, parent)

    def compile(self, page: Linked, mode: Mode) -> PageCode:
        """Compile a page; raises TemplateSyntaxError."""
        names = {unit.source.name for unit in page.units.values()}
        escapes = {name or "": str(self.escaping_of(name) != "off") for name in names}
        return compile_page(page, self._facts(), mode, escapes)

    def _facts(self) -> Facts:
        own_filters = frozenset(name for name, function in self.filters.items() if DEFAULT_FILTERS.get(name) is function)
        own_tests = frozenset(name for name, function in self.tests.items() if DEFAULT_TESTS.get(name) is function)
        return Facts(
            self.filters,
            self.tests,
            plain_filters=own_filters,
            plain_tests=own_tests,
            sandboxed=self.guard is not None,
            reads_private=self.reads_private,
            finalizes=self.finalize is not None,
            native=self.native,
        )

    def call_filter(  # noqa: PLR0913 -- what a filter can be given
        self,
        name: str,
        value: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        context: RenderContext | None = None,
        eval_context: EvalContext | None = None,
        is_async: bool = False,
    ) -> Any:
        """Apply a filter by its name."""
        function = self.filters.get(name)
        if function is not None and is_async:
            function = getattr(function, "async_twin", function)
        return self._call("filter", name, function, (value, *args), kwargs or {}, context, eval_context)

    def call_test(  # noqa: PLR0913 -- what a test can be given
        self,
        name: str,
        value: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        context: RenderContext | None = None,
        eval_context: EvalContext | None = None,
    ) -> Any:
        """Apply a test by its name."""
        return self._call("test", name, self.tests.get(name), (value, *args), kwargs or {}, context, eval_context)

    def _call(  # noqa: PLR0913 -- what both can be given
        self,
        kind: str,
        name: str,
        function: Callable[..., Any] | None,
        args: Iterable[Any],
        kwargs: Mapping[str, Any],
        context: RenderContext | None,
        eval_context: EvalContext | None,
    ) -> Any:
        if function is None:
            raise TemplateRuntimeError(f"No {kind} named {name!r}.")
        match getattr(function, "template_argument", None):
            case "context":
                return function(context or RenderContext(self.globals, self), *args, **kwargs)
            case "eval_context":
                found = eval_context or (context.eval_context if context is not None else EvalContext(self, self.escaping != "off"))
                return function(found, *args, **kwargs)
            case "engine":
                return function(self, *args, **kwargs)
            case _:
                return function(*args, **kwargs)
