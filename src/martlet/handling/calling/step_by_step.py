"""Call a bound function step by step, as its bindings say, without generated code.

For what runs seldom: error handlers, lifespan hooks, providers of the app. The tests hold the generated endpoints
against a pipeline made of the same steps.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from martlet.handling.calling.invalid_parameters import field_errors, field_texts, narrowed
from martlet.handling.calling.threads import InThread, opener_in
from martlet.handling.signatures.functions import Function
from martlet.handling.signatures.sources import (
    Bound,
    Constant,
    FromBody,
    FromError,
    FromField,
    FromPath,
    FromProvider,
    FromRequest,
    FromSession,
    FromUser,
    Provider,
    Source,
)
from martlet.http import UnauthorizedError, ValidationError
from martlet.messages import Request


class PlainCall:
    """The calls made for one request, or for the app's start; what is provided once is kept for the rest.

    in_thread: where blocking functions go; None calls them right here.
    """

    def __init__(
        self,
        stack: AsyncExitStack,
        in_thread: InThread | None,
        request: Request | None = None,
        error: BaseException | None = None,
        body: Any = None,
    ) -> None:
        """Have what the sources draw on at hand."""
        self._stack = stack
        self._in_thread = in_thread
        self._request = request
        self._error = error
        self._body = body
        self._provided: dict[int, Any] = {}

    async def call(self, bound: Bound) -> Any:
        """Call a function with its parameters; a generator is entered, and left with the stack."""
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for binding in bound.bindings:
            value = await self._value(binding.source)
            if binding.keyword_only:
                named[binding.name] = value
            else:
                positional.append(value)
        return await self._run(bound.function, positional, named)

    async def _run(self, function: Function, positional: list[Any], named: dict[str, Any]) -> Any:
        hop = self._in_thread if function.way == "blocking" else None
        if function.is_generator:
            if function.is_async:
                return await self._stack.enter_async_context(asynccontextmanager(function.call)(*positional, **named))
            manager = contextmanager(function.call)(*positional, **named)
            if hop is not None:
                return await self._stack.enter_async_context(opener_in(hop)(manager))
            return self._stack.enter_context(manager)
        if function.is_async:
            return await function.call(*positional, **named)
        if hop is not None:
            return await hop(lambda: function.call(*positional, **named))
        return function.call(*positional, **named)

    async def _value(self, source: Source) -> Any:
        match source:
            case FromProvider(provider):
                return await self._provide(provider)
            case Constant(value):
                return value
            case FromError():
                return self._error
            case FromBody():
                return self._body
            case _:
                return self._from_request(source, self._known_request())

    def _known_request(self) -> Request:
        if self._request is None:
            raise RuntimeError("There is no request here to take a parameter from.")
        return self._request

    def _from_request(self, source: FromRequest | FromPath | FromField | FromUser | FromSession, request: Request) -> Any:
        match source:
            case FromRequest(attribute):
                return getattr(request, attribute) if attribute else request
            case FromPath(name, convert):
                value = request.params[name]
                return value if convert is None else narrowed(convert, value)
            case FromUser(optional):
                if request.user is None and not optional:
                    raise UnauthorizedError("Authentication required")
                return request.user
            case FromSession(data):
                session = request.extras.session
                return session if session is None or data is None else session.typed(data)
            case FromField():
                return _from_field(source, request)

    async def _provide(self, provider: Provider) -> Any:
        if provider.scope == "app":
            return provider.value  # set by the lifespan, in the order of need
        if id(provider) not in self._provided:
            self._provided[id(provider)] = await self.call(provider.bound)
        return self._provided[id(provider)]


def _from_field(source: FromField, request: Request) -> Any:
    errors = list(field_errors(request, source))
    if errors:
        raise ValidationError("The request does not fit.", errors=errors)
    texts = field_texts(request, source)
    if not texts:
        return source.default
    values = [source.convert(text) for text in texts]
    return values[0] if source.collect is None else source.collect(values)
