"""A page: the functions that a template became in one mode, in the namespace that they run in.

`root(ctx, w)` writes the page to `w`; while a page streams, `root(ctx, w, take)` is a generator of what it hands over.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol

from martlet.templates.compiling.fragments import before_block
from martlet.templates.compiling.naming import bound_name
from martlet.templates.compiling.page import PageCode
from martlet.templates.compiling.unit import Mode
from martlet.templates.errors import TemplateError, TemplateRuntimeError
from martlet.templates.runtime.blocks import BlocksOfPage, block_value
from martlet.templates.runtime.budgets import spending
from martlet.templates.runtime.names import NamedEngine, page_names
from martlet.templates.told_places import tell_place

__all__ = ["CHUNK", "Others", "Page", "StreamBuffer", "in_chunks", "in_chunks_async"]

CHUNK: Final = 4_096  # characters of a stream that are handed over together: about what a network packet or two take


class Others(Protocol):
    """How a page reaches templates that are known only while it runs."""

    def included(self, mode: Mode, name: Any, ignore_missing: bool) -> Callable[..., Any] | None:  # noqa: FBT001 -- generated code calls it
        """The function that writes a template, None if it may be missing and is."""
        ...

    def imported(self, name: Any, context: dict[str, Any] | None, mode: Mode) -> Any:
        """The module of a template; for an asynchronous mode something that is awaited."""
        ...

    def extended(self, name: Any, mode: Mode) -> Callable[..., Any]:
        """The function that writes the layout of a parent with the blocks of this template."""
        ...


class Page:
    """The functions of a template in one mode."""

    def __init__(
        self, code: PageCode, mode: Mode, engine: NamedEngine, name: str | None, globals_: ChainMap[str, Any], others: Others
    ) -> None:
        self.code = code
        self.mode = mode
        self._engine = engine
        whole = replace(mode, fragments=False) if mode.fragments else mode  # of other templates no fragment is wanted
        names = dict(engine.names)
        names |= page_names(engine, name, globals_, code.needed)
        names |= _bound(engine, code.needed, mode)
        names |= {
            "block_above": self._block_above,
            "blocks_of_page": self._blocks_of_page,
            "extended": partial(others.extended, mode=whole),
            "imported": partial(others.imported, mode=whole),
            "included": partial(others.included, whole),
        }
        names["__page__"] = self
        for part in code.codes:
            exec(part, names)  # noqa: S102 -- our own code, made of a template
        self._names = names
        self.root: Callable[..., Any] = names["root"]

    def source_name(self, filename: str) -> str | None:
        """The name of the template that this page has of a file, or that a traceback calls so; None for a text."""
        for code, text in zip(self.code.codes, self.code.texts, strict=True):
            if code.co_filename == filename:
                name = text.split("\n", 1)[0].removeprefix("# ")
                return None if name.startswith("<template ") else name
        return filename

    def function(self, block: str) -> Callable[..., Any]:
        """The function of a block."""
        function: Callable[..., Any] = self._names[self.code.blocks[block]]
        return function

    def before(self, block: str) -> Callable[..., Any] | None:
        """The function that sets what a block by itself reads of its page, if it reads anything of it."""
        return self._names.get(before_block(self.code.blocks[block]))

    @property
    def layout(self) -> Callable[..., Any]:
        """The function of what the template extends."""
        function: Callable[..., Any] = self._names["parent_layout"]
        return function

    def capture(self, function: Callable[..., Any], context: dict[str, Any], *, escapes: bool) -> Any:
        """What a function of this page writes, or a coroutine that gives it."""
        pieces: list[Any] = []
        if self.mode.is_async:
            return self._captured_later(function, context, pieces, escapes=escapes)
        if self.mode.streams:
            for _ in function(context, pieces.append, str):
                pass
        else:
            function(context, pieces.append)
        return self._joined(pieces, escapes=escapes)

    async def _captured_later(
        self, function: Callable[..., Any], context: dict[str, Any], pieces: list[Any], *, escapes: bool
    ) -> Any:
        if self.mode.streams:
            async for _ in function(context, pieces.append, str):
                pass
        else:
            await function(context, pieces.append)
        return self._joined(pieces, escapes=escapes)

    def _joined(self, pieces: list[Any], *, escapes: bool) -> Any:
        if self._engine.native:
            return self._names["native"](pieces)
        return self._engine.names["Markup"]("".join(pieces)) if escapes else "".join(pieces)

    def _block_above(self, block: str, context: dict[str, Any], escapes: bool, above: list[Callable[..., Any]]) -> Any:  # noqa: FBT001 -- generated code calls it
        return block_value(
            block, above, lambda function: self.capture(function, context, escapes=escapes), self._engine.undefined
        )

    def _blocks_of_page(self, context: dict[str, Any], escapes: bool) -> BlocksOfPage:  # noqa: FBT001 -- the same
        blocks = {name: self._names[function] for name, function in self.code.blocks.items()}
        return BlocksOfPage(blocks, lambda function: self.capture(function, context, escapes=escapes), self._engine.undefined)


def _bound(engine: NamedEngine, needed: Iterable[str], mode: Mode) -> dict[str, Any]:
    """Filters and tests under the names that code has for them; what is not there fails when it is called."""
    found: dict[str, Any] = {}
    for wanted in needed:
        kind, _, name = wanted.partition(" ")
        if kind not in ("filter", "test"):
            continue
        function = (engine.filters if kind == "filter" else engine.tests).get(name)
        if function is None:
            function = _missing(kind, name)
        elif mode.is_async:
            function = getattr(function, "async_twin", function)
        found[bound_name(kind, name)] = function
    return found


def _missing(kind: str, name: str) -> Callable[..., Any]:
    def fails(*_: Any, **__: Any) -> Any:
        raise TemplateRuntimeError(f"No {kind} named {name!r} found.")

    return fails


class StreamBuffer:
    """Holds what a stream has written until it is enough to hand over. size: in characters; 0 hands over every piece."""

    __slots__ = ("_held", "_pieces", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._pieces: list[str] = []
        self._held = 0

    def write(self, text: str) -> bool:
        """Take some output; tells whether it is enough now."""
        self._pieces.append(text)
        self._held += len(text)
        return self._held >= self._size

    def take(self) -> str:
        """What is held; nothing is, afterwards."""
        text = "".join(self._pieces)
        self._pieces.clear()
        self._held = 0
        return text


def in_chunks(root: Callable[..., Iterator[str]], context: dict[str, Any], size: int) -> Iterator[str]:
    """A page in chunks of about this many characters, none of them empty."""
    buffer = StreamBuffer(size)
    try:
        for chunk in root(context, spending(buffer.write), buffer.take):
            if chunk:
                yield chunk
    except TemplateError as error:
        tell_place(error)
        raise
    last = buffer.take()
    if last:
        yield last


async def in_chunks_async(root: Callable[..., AsyncIterator[str]], context: dict[str, Any], size: int) -> AsyncIterator[str]:
    """The same, of a page that waits for what it is given."""
    buffer = StreamBuffer(size)
    try:
        async for chunk in root(context, spending(buffer.write), buffer.take):
            if chunk:
                yield chunk
    except TemplateError as error:
        tell_place(error)
        raise
    last = buffer.take()
    if last:
        yield last
