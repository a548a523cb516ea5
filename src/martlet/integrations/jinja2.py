"""Pages by Jinja2 itself, for applications that depend on its extensions: `App(templates=JinjaTemplates(environment))`.

`template=`, `form=` and `TemplateResponse` then take Jinja2's templates, which see what ours see. What only `martlet.templates`
has is not there: escaping by place, checking beforehand what a page includes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import jinja2

from martlet.templates import TemplateNotFoundError, TemplateSyntaxError, UnknownNameError
from martlet.templates.page import CHUNK, StreamBuffer

__all__ = ["JinjaTemplates"]


class JinjaTemplates:
    """The templates of a Jinja2 Environment.

    Raises ValueError for an environment that escapes nothing, as it is by default: it would let anybody write into your pages.

    >>> pages = {"hello.html": "<p>{{ name }}</p>"}
    >>> environment = jinja2.Environment(loader=jinja2.DictLoader(pages), autoescape=True)
    >>> JinjaTemplates(environment).get_template("hello.html").render({"name": "<Ann>"})
    '<p>&lt;Ann&gt;</p>'
    """

    def __init__(self, environment: jinja2.Environment) -> None:
        if environment.autoescape is False:
            raise ValueError(
                "This Environment escapes nothing: make it with autoescape=select_autoescape(), or with a function of your own."
            )
        self.environment = environment
        self.is_async: bool = environment.is_async
        self.auto_reload: bool = environment.auto_reload

    def with_globals(self, variables: Mapping[str, Any]) -> JinjaTemplates:
        """The same environment with further globals, and with templates of its own."""
        overlay: Any = self.environment.overlay()
        overlay.globals = {**overlay.globals, **variables}
        return JinjaTemplates(overlay)

    def get_template(self, name: str) -> JinjaTemplate:
        """Find a template; raises TemplateNotFoundError and TemplateSyntaxError of `martlet.templates`."""
        try:
            return JinjaTemplate(self.environment.get_template(name))
        except jinja2.TemplateNotFound as error:
            raise TemplateNotFoundError(str(error.name or name)) from error
        except jinja2.TemplateSyntaxError as error:
            message = error.message or "the template cannot be read"
            raise TemplateSyntaxError(
                message, error.lineno, source=error.source, name=error.name, filename=error.filename
            ) from error


class JinjaTemplate:
    """One template of Jinja2, or one that is made of some of its blocks."""

    def __init__(self, template: jinja2.Template, blocks: tuple[str, ...] = ()) -> None:
        self._template = template
        self._blocks = blocks
        self._is_async: bool = template.environment.is_async

    def block(self, *names: str) -> JinjaTemplate:
        """Blocks of it; raises UnknownNameError for one that the template itself has not."""
        for name in names:
            if name not in self._template.blocks:
                raise UnknownNameError(f"there is no block named {name!r}", 1, name=self._template.name)
        return JinjaTemplate(self._template, names)

    def render(self, context: Mapping[str, Any]) -> str:
        """The text for these variables."""
        return "".join(self._pieces(context)) if self._blocks else self._template.render(context)

    async def render_async(self, context: Mapping[str, Any]) -> str:
        """The same on an event loop."""
        if not self._is_async:
            return self.render(context)
        if self._blocks:
            return "".join([piece async for piece in self._pieces_async(context)])
        return await self._template.render_async(context)

    def stream(self, context: Mapping[str, Any]) -> Iterator[str]:
        """The text in pieces of about 4,096 characters."""
        held = StreamBuffer(CHUNK)
        for piece in self._template.generate(context):
            if held.write(piece):
                yield held.take()
        yield held.take()

    async def stream_async(self, context: Mapping[str, Any]) -> AsyncIterator[str]:
        """The same on an event loop."""
        if not self._is_async:
            for chunk in self.stream(context):
                yield chunk
            return
        held = StreamBuffer(CHUNK)
        async for piece in self._template.generate_async(context):
            if held.write(piece):
                yield held.take()
        yield held.take()

    def _pieces(self, context: Mapping[str, Any]) -> Iterator[str]:
        variables = self._template.new_context(dict(context))
        for name in self._blocks:
            yield from self._template.blocks[name](variables)

    async def _pieces_async(self, context: Mapping[str, Any]) -> AsyncIterator[str]:
        variables = self._template.new_context(dict(context))
        for name in self._blocks:
            pieces: Any = self._template.blocks[name](variables)
            async for piece in pieces:
                yield piece
