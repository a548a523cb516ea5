"""A template that can be rendered, streamed, imported, and printed as the Python that it became."""

from __future__ import annotations

import asyncio
from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any, Protocol

from martlet.templates.compiling.linking import Loaded
from martlet.templates.compiling.page import PageCode
from martlet.templates.compiling.unit import Mode
from martlet.templates.errors import TemplateError, TemplateNotFoundError, TemplateRuntimeError, UnknownNameError, did_you_mean
from martlet.templates.module import TemplateModule
from martlet.templates.page import CHUNK, Page, in_chunks, in_chunks_async
from martlet.templates.running import importing, running
from martlet.templates.runtime.budgets import Budget, spend
from martlet.templates.runtime.names import NamedEngine
from martlet.templates.runtime.sandbox import unsafe
from martlet.templates.told_places import tell_place

__all__ = ["Fragment", "Template"]


LOADING = 20  # iterations of a sandboxed page that it is worth to look for a template


class Compiler(NamedEngine, Protocol):
    """What a template needs of the engine."""

    is_async: bool

    def page_code(self, loaded: Loaded, mode: Mode, late: Sequence[Loaded]) -> PageCode:
        """The code of a page. late: what it extends, where that is known only while rendering."""
        ...

    def get_template(self, name: Any, globals: Mapping[str, Any] | None = None) -> Template:  # noqa: A002 -- the field's word
        """A template by its name."""
        ...


@unsafe
class Template:
    """One template, as `engine.get_template` or `engine.from_string` give it.

    >>> from martlet.templates import TemplateEngine
    >>> template = TemplateEngine().from_string("Hello, {{ name }}!")
    >>> template.render(name="Ann")
    'Hello, Ann!'
    """

    def __init__(self, engine: Compiler, loaded: Loaded, globals_: Mapping[str, Any] | None = None) -> None:
        self.engine, self.loaded = engine, loaded
        self.name, self.filename = loaded.source.name, loaded.source.filename
        self._codes: dict[tuple[Mode, tuple[Template, ...]], PageCode] = {}
        self._is_plain = not engine.is_async and not engine.native and engine.guard is None
        self._begin(ChainMap(dict(globals_ or {}), engine.globals))

    def _begin(self, globals_: ChainMap[str, Any]) -> None:
        """Compile the page now, for what is wrong is to be told now; or take what is compiled, to run it with these globals."""
        self.globals = globals_
        self._pages: dict[tuple[Mode, tuple[Template, ...]], Page] = {}
        self._modules: dict[bool, TemplateModule] = {}  # by whether its macros are awaited
        self._root = self.page(Mode(is_async=self.engine.is_async)).root

    def page(self, mode: Mode, late: tuple[Template, ...] = ()) -> Page:
        """The functions of this template for one way of running; compiled when it is asked for first.

        late: what it extends, and what this extends, and so on, where that is known only while rendering.
        """
        found = self._pages.get((mode, late))
        if found is None:
            code = self._codes.get((mode, late))
            if code is None:
                code = self._codes[mode, late] = self.engine.page_code(self.loaded, mode, [parent.loaded for parent in late])
            found = Page(code, mode, self.engine, self.name, self.globals, _OtherTemplates(self, late))
            self._pages[mode, late] = found
        return found

    def is_current(self) -> bool:
        """Whether all sources that the page was made of are still what they were."""
        return all(check() for code in list(self._codes.values()) for check in code.checks)

    def with_globals(self, variables: Mapping[str, Any]) -> Template:
        """The same template with further globals, which only this one sees; it is not compiled again."""
        other = copy(self)
        other._begin(ChainMap({**self.globals.maps[0], **variables}, self.engine.globals))  # noqa: SLF001 -- a template too
        return other

    def render(self, *args: Any, **kwargs: Any) -> Any:
        """The page for these variables; takes what `dict` takes.

        Raises TemplateError for what a template does wrong, and whatever the values raise. An engine with `is_async=True` runs
        an event loop for it.
        """
        context = dict(*args, **kwargs) if args else kwargs
        if not self._is_plain:
            return self._render_otherwise(context)
        pieces: list[str] = []
        try:
            self._root(context, pieces.append)
        except TemplateError as error:
            tell_place(error)
            raise
        return "".join(pieces)

    def _render_otherwise(self, context: dict[str, Any]) -> Any:
        if self.engine.is_async:
            return asyncio.run(self.render_async(context))
        pieces: list[Any] = []
        with running(self.engine, pieces.append) as write:
            self._root(context, write)
        return self.engine.names["native"](pieces) if self.engine.native else "".join(pieces)

    async def render_async(self, *args: Any, **kwargs: Any) -> Any:
        """The same, waiting for what is awaitable and going through asynchronous iterables."""
        pieces: list[str] = []
        root, context = self.page(Mode(is_async=True)).root, dict(*args, **kwargs)
        if self.engine.guard is None:  # PERF: a context manager around it would take a quarter of a small page's time
            try:
                await root(context, pieces.append)
            except TemplateError as error:
                tell_place(error)
                raise
        else:
            with running(self.engine, pieces.append) as write:
                await root(context, write)
        return self.engine.names["native"](pieces) if self.engine.native else "".join(pieces)

    def render_to(self, write: Callable[[str], object], *args: Any, **kwargs: Any) -> None:
        """Write the page piece by piece, without a whole of it."""
        root, context = self.page(Mode()).root, dict(*args, **kwargs)
        with running(self.engine, write) as take:
            root(context, take)

    def stream(self, *args: Any, chunk: int = CHUNK, **kwargs: Any) -> Iterator[str]:
        """The page in pieces of about `chunk` characters, as they become ready; `{% flush %}` ends one early."""
        chunks = in_chunks(self.page(Mode(streams=True)).root, dict(*args, **kwargs), chunk)
        return chunks if self.engine.guard is None else Budget(self.engine.guard.policy).steps(chunks)

    def stream_async(self, *args: Any, chunk: int = CHUNK, **kwargs: Any) -> AsyncIterator[str]:
        """The same, waiting for what is awaitable."""
        chunks = in_chunks_async(self.page(Mode(is_async=True, streams=True)).root, dict(*args, **kwargs), chunk)
        return chunks if self.engine.guard is None else Budget(self.engine.guard.policy).steps_async(chunks)

    def block(self, *names: str) -> Fragment:
        """One block of the page, or several, to be rendered on its own; raises UnknownNameError."""
        return Fragment(self, names)

    @property
    def module(self) -> TemplateModule:
        """What the template sets at its top, as attributes; rendered without variables."""
        return self.default_module({})

    def make_module(self, variables: Mapping[str, Any] | None = None) -> TemplateModule:
        """What the template sets at its top when it is rendered with these variables."""
        page, context, pieces = self.page(Mode()), dict(variables or {}), list[Any]()
        with importing(self.engine, pieces.append) as write:
            page.root(context, write)
        return TemplateModule(self.name, page, context, pieces)

    async def make_module_async(self, variables: Mapping[str, Any] | None = None) -> TemplateModule:
        """The same for an asynchronous page."""
        page, context, pieces = self.page(Mode(is_async=True)), dict(variables or {}), list[Any]()
        with importing(self.engine, pieces.append) as write:
            await page.root(context, write)
        return TemplateModule(self.name, page, context, pieces)

    def default_module(self, around: Mapping[str, Any]) -> TemplateModule:
        """The module without variables, made once. around: globals of an importing template that this one has not."""
        if around:
            return self.make_module(around)
        if self.engine.is_async:
            return self._modules[True] if True in self._modules else asyncio.run(self.default_module_async())
        if False not in self._modules:
            self._modules[False] = self.make_module()
        return self._modules[False]

    async def default_module_async(self) -> TemplateModule:
        """The same for an asynchronous page."""
        if True not in self._modules:
            self._modules[True] = await self.make_module_async()
        return self._modules[True]

    @property
    def code(self) -> str:
        """The Python that the template became."""
        return "\n\n".join(self.page(Mode(is_async=self.engine.is_async)).code.texts)

    def __repr__(self) -> str:
        return f"<Template {self.name or hex(id(self))!r}>"


class _OtherTemplates:
    """How a page of a template reaches others, whose names are known only while it runs. late: those that it extends so far."""

    def __init__(self, template: Template, late: tuple[Template, ...]) -> None:
        self._template = template
        self._late = late

    def included(self, mode: Mode, name: Any, ignore_missing: bool) -> Callable[..., Any] | None:  # noqa: FBT001 -- generated code calls it
        """The function that writes another template."""
        try:
            return self._other(name).page(mode).root
        except TemplateNotFoundError:
            if ignore_missing:
                return None
            raise

    def imported(self, name: Any, context: dict[str, Any] | None, mode: Mode) -> Any:
        """The module of another template."""
        other, own = self._other(name), self._template.globals.maps[0]
        around = {key: own[key] for key in own if key not in other.globals} if context is None else {}
        if mode.is_async:
            return _imported_later(other, context, around)
        return other.default_module(around) if context is None else other.make_module(context)

    def extended(self, name: Any, mode: Mode) -> Callable[..., Any]:
        """The layout of a parent that is known only now, with the blocks of this template."""
        other, below = self._other(name), (self._template, *self._late)
        if any(other.loaded.source == template.loaded.source for template in below):
            raise TemplateRuntimeError(f"the template {other.name!r} extends itself")
        return self._template.page(mode, (*self._late, other)).layout

    def _other(self, name: Any) -> Template:
        if self._template.engine.guard is not None:
            spend(LOADING)
        return self._template.engine.get_template(name)


async def _imported_later(other: Template, context: dict[str, Any] | None, around: Mapping[str, Any]) -> TemplateModule:
    if context is not None or around:
        return await other.make_module_async(around if context is None else context)
    return await other.default_module_async()


class Fragment:
    """Blocks of a page on their own: for a page that replaces a part of itself.

    Each sees what it would see in the page: the imports, macros and variables that it reads of the top of its template are set
    before it; nothing else of the page runs.
    """

    def __init__(self, template: Template, names: tuple[str, ...]) -> None:
        self._template = template
        self._names = names
        known = template.page(Mode(is_async=template.engine.is_async, fragments=True)).code.blocks
        for name in names:
            if name not in known:
                source = template.loaded.source
                raise UnknownNameError(f"there is no block named {name!r}{did_you_mean(name, known)}", 1, name=source.name)

    def render(self, *args: Any, **kwargs: Any) -> str:
        """The blocks one behind the other, for these variables."""
        if self._template.engine.is_async:
            return asyncio.run(self.render_async(*args, **kwargs))
        page, given, pieces = self._template.page(Mode(fragments=True)), dict(*args, **kwargs), list[str]()
        with running(self._template.engine, pieces.append) as write:
            for name in self._names:
                context, before = given.copy(), page.before(name)
                if before is not None:
                    before(context, write)
                page.function(name)(context, write)
        return "".join(pieces)

    async def render_async(self, *args: Any, **kwargs: Any) -> str:
        """The same, waiting for what is awaitable."""
        mode = Mode(is_async=True, fragments=True)
        page, given, pieces = self._template.page(mode), dict(*args, **kwargs), list[str]()
        with running(self._template.engine, pieces.append) as write:
            for name in self._names:
                context, before = given.copy(), page.before(name)
                if before is not None:
                    await before(context, write)
                await page.function(name)(context, write)
        return "".join(pieces)
