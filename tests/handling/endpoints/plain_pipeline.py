"""The plain way of a request: a route's plan carried out step by step, without generated code and without threads.

It is slow and easy to read, and the generated endpoints must answer as it does, for any request. It shares with them the
plans, the functions that convert one text or one body, and the registry of errors; the order of things is its own.
"""

from __future__ import annotations

import dataclasses
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

from martlet import (
    App,
    MethodNotAllowedError,
    NotFoundError,
    Request,
    Response,
    Stream,
    UnauthorizedError,
    UnsupportedMediaTypeError,
    ValidationError,
)
from martlet.adapters import ServerEntry
from martlet.handling import Frozen
from martlet.handling.planning.plans import Plan
from martlet.handling.signatures.functions import MISSING, Function
from martlet.handling.signatures.sources import (
    Bound,
    Constant,
    FromBody,
    FromField,
    FromPath,
    FromProvider,
    FromRequest,
    FromUser,
    Provider,
    Source,
    all_sources,
    providers_of,
)
from martlet.http import MULTIPART, URLENCODED, FieldError, Negotiation, Validators
from martlet.messages import File, select_response
from martlet.rendering import FormBodyDecoder, ScalarError
from tests.handling.endpoints.random_apps import form_page

NOT_READ = object()


class PlainApp(ServerEntry):
    """Serves an app by the plain pipeline, over every protocol that the app itself is served over."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app

    def decide(self) -> Frozen:
        frozen = self._app.freeze()
        respond = PlainPipeline(frozen).respond
        return dataclasses.replace(
            frozen, respond=respond, respond_in_thread=respond, directly=lambda _: None, needs_loop=lambda _: True
        )


class PlainPipeline:
    """Answers requests as the plans of a frozen app say."""

    def __init__(self, frozen: Frozen) -> None:
        self._router = frozen.router
        self._error_handlers = frozen.error_handlers

    async def respond(self, request: Request) -> Response:
        """Answer one request, in any case."""
        try:
            return await self._find_and_answer(request)
        except Exception as error:  # noqa: BLE001  the registry decides
            return await self._fail(error, request)

    async def _fail(self, error: BaseException, request: Request) -> Response:
        """Ask the nearest handler; another error that it gives is answered in turn."""
        handler = self._error_handlers.find(type(error))
        assert handler is not None
        outcome = await handler(error, request)
        return outcome if isinstance(outcome, Response) else await self._fail(outcome, request)

    async def _find_and_answer(self, request: Request) -> Response:
        endpoint, params = self._router.match(request.method, request.path)
        if endpoint is not None:
            request.params = params
            try:
                return await Steps(endpoint.plan, request).answer()
            except ValidationError as error:
                if endpoint.plan.form_page is None or not sent_a_form_and_wants_a_page(request):
                    raise
                return await self._show_again(request, error)
        allowed = self._router.allowed_methods(request.path)
        if not allowed:
            other = request.path[:-1] if request.path.endswith("/") else f"{request.path}/"
            there = self._router.allowed_methods(other)
            if (request.method in there and request.method in {"GET", "HEAD", "QUERY"}) or (
                there and request.method == "OPTIONS"
            ):
                query = f"?{request.query_string}" if request.query_string else ""
                return Response.redirect(f"{other}{query}", status=308)
            raise NotFoundError("There is nothing at this address.")
        allow = sorted({*allowed, "OPTIONS"})
        if request.method == "OPTIONS":
            return Response(status=204, headers={"allow": ", ".join(allow)})
        raise MethodNotAllowedError(f"{request.method} is not allowed here.", allow=allow)

    async def _show_again(self, request: Request, error: ValidationError) -> Response:
        """Show a browser its form, with the errors by field and what it sent; the page is the one of all random apps."""
        errors: dict[str, list[str]] = {}
        for each in error.errors:
            errors.setdefault(each.name or each.pointer[1:].partition("/")[0], []).append(each.detail)
        page = str(form_page(errors, await request.form()))
        return Response(page, status=422, headers={"vary": "accept"}, media_type="text/html; charset=utf-8")


def sent_a_form_and_wants_a_page(request: Request) -> bool:
    kind = (request.headers.get("content-type") or "").partition(";")[0]
    offers = ["application/problem+json", "application/json", "text/html"]
    return kind in {URLENCODED, MULTIPART} and Negotiation(offers).choose(request.headers.get("accept")) == 2


class Steps:
    """One request on its way through one plan."""

    def __init__(self, plan: Plan, request: Request) -> None:
        self._plan = plan
        self._request = request
        self._stack = AsyncExitStack()
        self._representation: Any = None
        self._decode: Any = None
        self._body: Any = NOT_READ
        self._validators: Validators | None = None
        self._fields: dict[int, Any] = {}  # by the id of its source
        self._provided: dict[int, Any] = {}  # by the id of its provider

    async def answer(self) -> Response:
        """Guards, representation and decoder, body, all values, handler, answer; then whatever was opened is left."""
        plan, request = self._plan, self._request
        if plan.limits is not None:
            request.limits = plan.limits
        async with self._stack:
            self._fit_path()
            self._bind([*plan.authenticators, *plan.guards])
            await self._authenticate()
            for guard in plan.guards:
                await self._call(guard)
            self._choose()
            early = await self._compare_state()
            if early is not None:
                return early
            if plan.reads_body:
                self._body = await self._read()
            if self._is_untyped and self._body:
                raise UnsupportedMediaTypeError("The body has no Content-Type.")
            self._bind(list(plan.body_guards))
            for guard in plan.body_guards:
                await self._call(guard)
            self._bind([plan.handler])
            response = self._encode(await self._call(plan.handler))
            if self._validators is not None or isinstance(response.body, File):
                response = select_response(request, response, self._validators)
            if isinstance(response.body, Stream):
                response.body.held = self._stack.pop_all()
            return response

    def _choose(self) -> None:
        """Choose what can be chosen before anything is read."""
        plan, request = self._plan, self._request
        if plan.choose is not None:
            self._representation = plan.choose(request.headers.get("accept"))
        if plan.choose_decoder is not None:
            self._decode = plan.choose_decoder(request.headers.get("content-type"))
        if self._is_untyped and self._request.content_length:
            raise UnsupportedMediaTypeError("The body has no Content-Type.")

    @property
    def _is_untyped(self) -> bool:
        return self._plan.choose_decoder is not None and self._decode is None

    async def _compare_state(self) -> Response | None:
        """Ask the validator; where no body is still to come, all values for the handler have to fit before it."""
        plan = self._plan
        if plan.validator is None:
            return None
        self._bind([plan.validator.bound] if plan.reads_body else [plan.validator.bound, plan.handler])
        state = await self._call(plan.validator.bound)
        self._validators, early = plan.validator(self._request, state, self._representation)
        return early

    async def _read(self) -> Any:
        """A form where its decoder takes one, else bytes; guards may want the bytes of a form, too."""
        request = self._request
        if self._plan.keeps_bytes:
            await request.read()
        return await request.form() if isinstance(self._decode, FormBodyDecoder) else await request.read()

    async def _authenticate(self) -> None:
        plan = self._plan
        for authenticator in plan.authenticators:
            for provider in providers_of(authenticator):
                await self._provide(provider)
            if self._request.user is None:
                self._request.user = await self._call(authenticator)
        if plan.authenticators and self._request.user is None and plan.needs_somebody:
            raise UnauthorizedError("Authentication required")

    def _fit_path(self) -> None:
        """What the path holds has to fit before anybody speaks."""
        for source in all_sources(*self._plan.before_body, *self._plan.body_guards, self._plan.handler):
            if isinstance(source, FromPath):
                self._value(source)

    # Values out of text, all errors of one stage together.

    def _bind(self, functions: list[Bound]) -> None:
        # Two guards may need one provider; what it draws on is bound once.
        new = {id(source): source for source in all_sources(*functions) if id(source) not in self._fields}.values()
        fields = [source for source in new if isinstance(source, FromField)]
        bodies = [source for source in new if isinstance(source, FromBody) and self._body is not NOT_READ]
        errors = [error for field in fields for error in self._bind_field(field)]
        try:
            for body in bodies:
                self._bind_body(body)
        except ValidationError as error:
            if not fields:
                raise
            errors += error.errors
        if errors:
            raise ValidationError("The request does not fit.", errors=errors[: self._request.limits.errors_listed])

    def _bind_field(self, source: FromField) -> list[FieldError]:
        texts = [text for text in self._texts(source) if text or takes_blank(source)]
        if not texts:
            self._fields[id(source)] = source.default
            return [field_error(source, "This field is required.")] if source.default is MISSING else []
        values, errors = [], []
        for number, text in enumerate(texts, start=1):
            try:
                values.append(source.convert(text))
            except ScalarError as error:
                place = f"Item {number}: " if len(texts) > 1 else ""
                errors.append(field_error(source, f"{place}{error}"))
        if not errors:
            self._fields[id(source)] = values[0] if source.collect is None else source.collect(values)
        return errors

    def _texts(self, source: FromField) -> list[str]:
        request, several = self._request, source.collect is not None
        if source.location == "query":
            found = request.query.get_list(source.name)
            texts = found if several else found[:1]
        else:
            text = (request.headers if source.location == "header" else request.cookies).get(source.name)
            texts = [] if text is None else [part.strip() for part in text.split(",") if part.strip()] if several else [text]
        return [text for text in texts if text or takes_blanks(source)]

    def _bind_body(self, source: FromBody) -> None:
        if source.type is bytes:
            self._fields[id(source)] = self._body
        elif self._decode is not None:
            self._fields[id(source)] = self._decode(self._body)
        else:
            self._fields[id(source)] = source.default

    # Calls.

    async def _call(self, bound: Bound) -> Any:
        for source in bound.sources():
            if isinstance(source, FromProvider):
                await self._provide(source.provider)
        values = [(binding, self._value(binding.source)) for binding in bound.bindings]
        positional = [value for binding, value in values if not binding.keyword_only]
        named = {binding.name: value for binding, value in values if binding.keyword_only}
        return await self._run(bound.function, positional, named)

    async def _run(self, function: Function, positional: list[Any], named: dict[str, Any]) -> Any:
        if function.is_generator and function.is_async:
            return await self._stack.enter_async_context(asynccontextmanager(function.call)(*positional, **named))
        if function.is_generator:
            return self._stack.enter_context(contextmanager(function.call)(*positional, **named))
        value = function.call(*positional, **named)
        return await value if function.is_async else value

    async def _provide(self, provider: Provider) -> None:
        if id(provider) not in self._provided:
            value = provider.value if provider.scope == "app" else await self._call(provider.bound)
            self._provided[id(provider)] = value

    def _value(self, source: Source) -> Any:
        request = self._request
        match source:
            case FromRequest(attribute):
                return getattr(request, attribute) if attribute else request
            case FromPath(name, convert):
                return request.params[name] if convert is None else fitted(convert, request.params[name])
            case FromField() | FromBody():
                return self._fields[id(source)]
            case FromProvider(provider):
                return self._provided[id(provider)]
            case FromUser():
                return request.user
            case Constant(value):
                return value
            case _:
                raise AssertionError(f"No handler of a route takes {source}.")

    # The answer.

    def _encode(self, value: Any) -> Response:
        result, chosen = self._plan.result, self._representation
        match result.kind:
            case "text":
                return Response(value)
            case "html":
                return Response(str(value), media_type="text/html; charset=utf-8")
            case "bytes":
                return Response(value, media_type="application/octet-stream")
            case "empty":
                return Response(status=204)
            case "data":
                return Response(chosen.render(value), headers=chosen.fields.text)
            case _:
                return result.encode(value, self._request, chosen)


def field_error(source: FromField, detail: str) -> FieldError:
    return FieldError(pointer="", detail=detail, location=source.location, name=source.name)


def takes_blank(source: FromField) -> bool:
    """Whether a field that was left empty is a value of its type."""
    try:
        source.convert("")
    except ScalarError:
        return False
    return True


def takes_blanks(source: FromField) -> bool:
    """Whether nothing between the equals sign and the next field is a value of the type, and not the same as no field."""
    try:
        source.convert("")
    except ScalarError:
        return False
    return True


def fitted(convert: Any, value: Any) -> Any:
    """A value of the path as its annotation wants it; what does not fit is no such page."""
    try:
        return convert(value)
    except ValueError:
        raise NotFoundError from None
