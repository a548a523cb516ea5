"""TemplateEngine: what templates are read with, and where those that were read are kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Unpack, cast

from martlet.templates.compiling.linking import Linked, Loaded, link
from martlet.templates.compiling.page import PageCode, compile_page
from martlet.templates.compiling.unit import Facts, Mode, Source
from martlet.templates.errors import TemplateNotFoundError, UndefinedError
from martlet.templates.escaping import DEFAULT_RULES, ESCAPERS, BlockedValues, Escapers, start_place
from martlet.templates.filters import (
    DEFAULT_FILTERS,
    DEFAULT_POLICIES,
    DEFAULT_TESTS,
    bounded_filters,
    bounded_globals,
    bounded_tests,
)
from martlet.templates.kept_code import KeptCode
from martlet.templates.kept_templates import KeptTemplates
from martlet.templates.loading import DirectoryLoader, Loader, version_of
from martlet.templates.loading import Source as Text
from martlet.templates.options import EngineOptions, Escaping, check_options
from martlet.templates.overlays import Overlaid
from martlet.templates.runtime import DEFAULT_GLOBALS, Undefined, undefined_message
from martlet.templates.runtime.lookups import make_get_attribute, make_get_item
from martlet.templates.runtime.names import engine_names
from martlet.templates.runtime.sandbox import Guard, Sandbox, unsafe
from martlet.templates.shown_texts import ShownText, show_text
from martlet.templates.syntax import Syntax, nodes, parse
from martlet.templates.template import Template

__all__ = ["TemplateEngine"]

TEMPLATES_KEPT = 400


@unsafe
class TemplateEngine(Overlaid):
    """Reads templates, keeps them, and renders them.

    loader: a folder, or what finds templates by name; without one, templates are given as text. For the options see
    EngineOptions. `filters`, `tests` and `globals` are plain dicts, to be filled before the templates that use them are read.

    >>> engine = TemplateEngine()
    >>> engine.render("Hello, {{ name }}!", {"name": "<Ann>"})
    'Hello, &lt;Ann&gt;!'
    """

    def __init__(self, loader: str | os.PathLike[str] | Loader | None = None, **options: Unpack[EngineOptions]) -> None:
        check_options(options)
        self.loader = DirectoryLoader(loader) if isinstance(loader, (str, os.PathLike)) else loader
        self.options = options
        self.syntax = options.get("syntax") or Syntax()
        self.filters = {**DEFAULT_FILTERS, **options.get("filters", {})}
        self.tests = {**DEFAULT_TESTS, **options.get("tests", {})}
        self.globals: dict[str, Any] = {**DEFAULT_GLOBALS, **options.get("globals", {})}
        self.tags = dict(options.get("tags", {}))
        self.policies = {**DEFAULT_POLICIES, "newline": self.syntax.newline}
        self.policies["json.dumps_kwargs"] = dict(DEFAULT_POLICIES["json.dumps_kwargs"])
        self.undefined = options.get("undefined", Undefined)
        self.finalize = options.get("finalize")
        self.is_async = options.get("is_async", False)
        self.auto_reload = options.get("auto_reload", False)
        self.native = options.get("native", False)
        self.rules = options.get("rules") or DEFAULT_RULES
        self.escapers = ESCAPERS if self.rules is DEFAULT_RULES else Escapers(self.rules)
        self.blocked_values = BlockedValues(options.get("blocked", "log"))
        self._begin_lookups()
        self.names = engine_names(self)
        size = options.get("cache_size", TEMPLATES_KEPT)
        self._templates, self._texts = KeptTemplates[Template](size), KeptTemplates[Template](size)
        self._code = KeptCode(options.get("code_cache"), self)

    def _begin_lookups(self) -> None:
        sandbox, private = self.options.get("sandbox", False), self.options.get("reads_private", False)
        self.guard: Guard | None = None
        if sandbox is False:
            self.get_attribute = make_get_attribute(self.undefined, private=private)
            self.get_item = make_get_item(self.undefined, private=private)
            return
        policy = Sandbox() if sandbox is True else sandbox
        self.guard = Guard(policy, self.undefined)
        self.filters = bounded_filters(policy, self.filters)
        self.tests = bounded_tests(policy, self.tests)
        self.get_attribute = self.guard.get_attribute
        self.get_item = self.guard.get_item
        self.globals = {**self.globals, **bounded_globals(policy)}

    def render(self, source: str, context: Mapping[str, Any] | None = None, **variables: Any) -> Any:
        """Render a text; it is compiled once. Raises TemplateError."""
        found = self._texts.find(source)
        if found is None:
            found = self._texts.keep(source, self.from_string(source))
        return found.render(context or {}, **variables)

    def from_string(self, source: str, globals: Mapping[str, Any] | None = None, *, name: str | None = None) -> Template:  # noqa: A002 -- the field's word
        """A template from a text; raises TemplateSyntaxError. name: for messages, and for how it is escaped."""
        return Template(self, self._loaded(Text(source, None, version_of(source)), name), globals)

    def get_template(self, name: str | Template | Sequence[str | Template], globals: Mapping[str, Any] | None = None) -> Template:  # noqa: A002 -- the same
        """The template of this name, or the first that there is of several.

        globals: variables of the template that is given, and of no other: a template that is kept never has them.
        Raises TemplateNotFoundError, and TemplateSyntaxError for whatever is wrong with it or with what it is made of.
        """
        if isinstance(name, Template):
            return name
        if isinstance(name, Undefined):
            raise UndefinedError(undefined_message(name))
        if not isinstance(name, str):
            return self._choose(name, globals)
        found = self._templates.find(name)
        if found is None or (self.auto_reload and not found.is_current()):
            found = self._templates.keep(name, Template(self, self.load(name)))
        return found.with_globals(globals) if globals else found

    def _choose(self, several: object, globals_: Mapping[str, Any] | None) -> Template:
        if not isinstance(several, Iterable):
            raise TemplateNotFoundError(reason=f"a template's name is a text, or several in a list are, and not {several!r:.60}")
        names = list(cast("Iterable[str | Template]", several))
        for name in names:
            try:
                if not isinstance(name, Undefined):
                    return self.get_template(name, globals_)
            except TemplateNotFoundError:
                continue
        raise TemplateNotFoundError(*(undefined_message(name) if isinstance(name, Undefined) else str(name) for name in names))

    def load(self, name: str) -> Loaded:
        """Find a template; raises TemplateNotFoundError. It is parsed when its nodes are asked for."""
        if self.loader is None:
            raise TemplateNotFoundError(name, reason=f"there is no template {name!r}, for the engine has no loader")
        return self._loaded(self.loader.load(name), name)

    def _loaded(self, text: Text, name: str | None) -> Loaded:
        filename, is_current = text.filename, text.is_current
        if filename is None:
            filename = f"<template {name or text.version[:12]}>"
            is_current = partial(_is_current, is_current, show_text(filename, text.text))
        source = Source(name, filename, text.text)

        def read() -> nodes.Template:
            return parse(text.text, name=name, syntax=self.syntax, tags=self.tags, filename=text.filename)

        return Loaded(source, text.version, is_current, read)

    def escaping_of(self, name: str | None) -> Escaping:
        """How values are escaped in a template of this name."""
        chosen = self.options.get("escaping", "contextual")
        found = chosen(name) if callable(chosen) else chosen
        return found if isinstance(found, str) else "html" if found else "off"

    def page_code(self, loaded: Loaded, mode: Mode, late: Sequence[Loaded] = ()) -> PageCode:
        """The code of a page, from the code cache if that has it; raises TemplateSyntaxError. late: see `link`."""
        if not late:
            kept = self._code.find(loaded, mode)
            if kept is not None:
                return kept
        code = self.compile(self.link(loaded, late), mode)
        if not late:
            self._code.keep(loaded, mode, code)
        return code

    def link(self, loaded: Loaded, late: Sequence[Loaded] = ()) -> Linked:
        """The functions that a template becomes, before they are code; raises TemplateSyntaxError. late: see linking.link."""
        start = start_place(loaded.source.name, self.escaping_of(loaded.source.name))
        return link(loaded, start, self.load, self.rules, late)

    def compile(self, page: Linked, mode: Mode) -> PageCode:
        """The code of these functions; raises TemplateSyntaxError."""
        names = {unit.source.name for unit in page.units.values()}
        return compile_page(page, self.facts(), mode, {name or "": str(self.escaping_of(name) != "off") for name in names})

    def facts(self) -> Facts:
        """What the compiler knows of this engine."""
        return Facts(
            self.filters,
            self.tests,
            plain_filters=_unchanged(self.filters, DEFAULT_FILTERS),
            plain_tests=_unchanged(self.tests, DEFAULT_TESTS),
            sandboxed=self.guard is not None,
            reads_private=self.options.get("reads_private", False),
            finalizes=self.finalize is not None,
            native=self.native,
        )


def _unchanged(functions: Mapping[str, Any], built_in: Mapping[str, Any]) -> frozenset[str]:
    """The names of those that are what is built in. PERF: 0.04 ms less of a first page, if all of them are."""
    if functions == built_in:
        return frozenset(built_in)
    return frozenset(name for name, function in functions.items() if built_in.get(name) is function)


def _is_current(check: Callable[[], bool], _shown: ShownText) -> bool:
    """Whether a text is still what it was; whoever may ask that keeps its lines for tracebacks."""
    return check()
