"""Write the code of an endpoint: what a route's functions ask for, in the order of answers, and nothing else.

The source is built line by line from the route's plan; a user's text stands in it only as a constant. Routes of the same
shape share one code object. `EndpointWriter` has three forms:

- `async`: everything happens where the request is; with `hop`, blocking functions go to a thread, one by one.
- `work` : a chain of plain functions as one plain function, for one hop to a thread.
- `entry`: the coroutine that reads the body on the loop and then makes that one hop.
"""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Callable, Iterable, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from types import CodeType
from typing import Any, Final, Literal

from martlet.handling.functions import MISSING, Function
from martlet.handling.plans import Plan
from martlet.handling.sources import (
    Bound,
    Constant,
    FromBody,
    FromError,
    FromField,
    FromPath,
    FromProvider,
    FromRequest,
    FromUser,
    Provider,
    Source,
    providers_of,
)

Form: Final = Literal["async", "work", "entry"]


class EndpointWriter:
    """Writes one function; `source` and `constants` are what it becomes."""

    def __init__(self, plan: Plan, form: Literal["async", "work", "entry"], *, hop: bool) -> None:
        """Write the whole function at once."""
        # `endpoint` and `work` below are the function's own names; everything else it names is a constant or an import.
        self.constants: dict[str, Any] = {}
        self._plan = plan
        self._hop = hop
        self._async = form != "work"
        self._lines: list[str] = []
        self._depth = 1
        self._names: dict[int, str] = {}  # id of a source or provider -> the local that holds its value
        getattr(self, f"_write_{form}")()

    @property
    def source(self) -> str:
        """The function's source, inside a factory that takes its constants."""
        return "\n".join([f"def make({', '.join(self.constants)}):", *self._lines, "    return endpoint", ""])

    def build(self, environment: Mapping[str, Any]) -> Callable[..., Any]:
        """Compile, and hand over the constants; `environment` has those that all endpoints share."""
        namespace = dict(environment)
        source = self.source
        exec(_compiled(source), namespace)  # noqa: S102  our own text; what users wrote is in it as constants only
        endpoint: Callable[..., Any] = namespace["make"](*self.constants.values())
        endpoint.__qualname__ = f"endpoint of {self._plan.name}"
        return endpoint

    # The three forms.

    def _write_async(self) -> None:
        self._open_block("async def endpoint(request):")
        self._open_block("try:")
        self._write_limits()
        self._write_stack("async with AsyncExitStack() as stack:")
        self._write_way()
        self._write_failure()

    def _write_work(self) -> None:
        handed_over = ", representation, decode, data, refusal" if self._plan.reads_body else ""
        self._open_block(f"def endpoint(request{handed_over}):")
        self._write_stack("with ExitStack() as stack:")
        self._write_way()

    def _write_entry(self) -> None:
        self._open_block("async def endpoint(request):")
        self._open_block("try:")
        self._write_limits()
        if not self._plan.reads_body:
            self._line("return await in_thread(work, request)")
        else:
            # The body is read here, on the loop, so that a slow client holds no thread; its refusal waits for the guards.
            self._line("representation = decode = data = refusal = None")
            self._open_block("try:")
            self._write_choices()
            self._line("data = await request.read()")
            self._depth -= 1
            self._line("except HTTPError as error: refusal = error")
            self._line("return await in_thread(work, request, representation, decode, data, refusal)")
        self._write_failure()

    # Their parts, in the order of answers.

    def _write_limits(self) -> None:
        if self._plan.limits is not None:
            self._line(f"request.limits = {self._constant(self._plan.limits)}")

    def _write_stack(self, opening: str) -> None:
        if self._plan.has_cleanup:
            self._open_block(opening)

    def _write_way(self) -> None:
        """Write everything from the guards to the response."""
        plan = self._plan
        if plan.body_before_guards:
            self._write_reading()
        self._write_guards()
        if not plan.body_before_guards:
            self._write_reading()
        self._write_fields([plan.handler], with_body=True)
        self._write_call("value", plan.handler)
        self._write_encoding()

    def _write_reading(self) -> None:
        if not self._async and self._plan.reads_body:
            self._line("if refusal is not None: raise refusal")
            return
        self._write_choices()
        if self._plan.reads_body:
            self._line("data = await request.read()")

    def _write_choices(self) -> None:
        plan = self._plan
        if plan.choose is not None:
            # PERF: what a field led to before is looked up here; a call for it costs 0.2 µs, 5 % of a JSON answer.
            known, choose = self._constant(plan.choose.known), self._constant(plan.choose)
            self._line("accept = request.field(ACCEPT)")
            self._line(f"representation = {known}.get(accept) or {choose}(accept)")
        if plan.choose_decoder is not None:
            known, choose = self._constant(plan.choose_decoder.known), self._constant(plan.choose_decoder)
            self._line("content_type = request.field(CONTENT_TYPE)")
            self._line(f"decode = {known}.get(content_type) or {choose}(content_type)")

    def _write_guards(self) -> None:
        plan = self._plan
        early = [bound for bound in (plan.authenticator, *plan.guards) if bound is not None]
        self._write_fields(early, with_body=plan.body_before_guards)
        if plan.authenticator is not None:
            self._write_call("user", plan.authenticator)
            self._line("request.user = user")
            if plan.needs_somebody:
                self._line("if user is None: raise nobody()")
        for bound in plan.guards:
            self._write_call("_", bound)

    def _write_encoding(self) -> None:
        plan = self._plan
        if plan.result.fields is not None:  # one fixed representation
            self._write_response(self._constant(plan.result.fields), plan.result.expression)
        elif plan.result.kind == "data":
            self._write_response("representation.fields", "representation.render(value)")
        else:
            chosen = "representation" if plan.choose is not None else "None"
            self._line(f"response = {self._constant(plan.result.encode)}(value, request, {chosen})")
        if plan.has_cleanup and plan.result.may_stream:
            self._line("if type(response.body) is Stream: response.body.held = stack.pop_all()")
        self._line("return response")

    def _write_response(self, fields: str, body: str) -> None:
        # PERF: inline, without a call to `prepared_response`: 0.1 µs, 4 % of a text answer.
        self._line("response = new_response(Response)")
        self._line(f"response.status_code = {self._plan.result.status_code}")
        self._line(f"response.fields = {fields}")
        self._line(f"response.body = {body}")

    def _write_failure(self) -> None:
        self._depth = 2
        self._line("except Exception as error:")
        self._line("    return await failed(request, error)")

    # Values.

    def _write_fields(self, functions: Iterable[Bound], *, with_body: bool) -> None:
        """Bind everything these functions draw from text, all errors together."""
        sources = [
            source
            for source in _sources_of(functions)
            if id(source) not in self._names and isinstance(source, FromField | FromBody)
        ]
        fields = [source for source in sources if isinstance(source, FromField)]
        bodies = [source for source in sources if isinstance(source, FromBody)] if with_body else []
        if not fields and not bodies:
            return
        if fields:
            self._open_block("try:")
        for field in fields:
            self._write_field(field)
        for body in bodies:
            self._write_body(body)
        if fields:
            self._depth -= 1
            decode = "decode" if bodies and self._plan.choose_decoder is not None else "None"
            refuse = self._constant(self._plan.refusing(fields))
            self._line(f"except BINDING_ERRORS: raise {refuse}(request, {decode}) from None")

    def _write_body(self, source: FromBody) -> None:
        name = self._name(source, "body")
        if source.type is bytes:
            self._line(f"{name} = data")
        elif source.default is MISSING:
            self._line(f"{name} = decode(data)")
        else:
            self._line(f"{name} = decode(data) if decode is not None else no_body(data, {self._constant(source.default)})")

    def _write_field(self, source: FromField) -> None:
        name, convert = self._name(source, "field"), self._constant(source.convert)
        read = {
            "query": f"request.query.{'get' if source.collect is None else 'get_list'}({source.name!r})",
            "header": f"request.field({self._constant(source.field)})" if source.location == "header" else "",
            "cookie": f"request.cookies.get({source.name!r})",
        }[source.location]
        self._line(f"raw = {read}")
        if source.collect is not None and source.location != "query":
            self._line("raw = [] if raw is None else members(raw)")
        absent = "raw is None" if source.collect is None else "not raw"
        value = f"{convert}(raw)"
        if source.collect is not None:
            value = f"{self._constant(source.collect)}([{convert}(item) for item in raw])"
        if source.default is MISSING:
            self._line(f"if {absent}: raise MissingFieldError")
            self._line(f"{name} = {value}")
        else:
            self._line(f"{name} = {self._constant(source.default)} if {absent} else {value}")

    def _write_call(self, target: str, bound: Bound) -> None:
        """Call a function for its value, its providers first."""
        for provider in providers_of(bound):
            self._write_provider(provider)
        self._line(f"{target} = {self._called(bound.function, self._constant(bound.function.call), self._arguments(bound))}")

    def _write_provider(self, provider: Provider) -> None:
        if id(provider) in self._names:
            return
        function, bound = provider.bound.function, provider.bound
        name = self._name(provider, "provided")
        if provider.scope == "app":
            self._line(f"{name} = {self._constant(provider)}.value")
        elif not function.is_generator:
            self._line(f"{name} = {self._called(function, self._constant(function.call), self._arguments(bound))}")
        elif function.is_async:
            manager = self._constant(asynccontextmanager(function.call))
            self._line(f"{name} = await stack.enter_async_context({manager}({', '.join(self._arguments(bound))}))")
        else:
            opened = f"{self._constant(contextmanager(function.call))}({', '.join(self._arguments(bound))})"
            if self._hop and function.way == "blocking":
                self._line(f"{name} = await stack.enter_async_context(opened_in_thread({opened}))")
            else:
                self._line(f"{name} = stack.enter_context({opened})")

    def _called(self, function: Function, call: str, arguments: list[str]) -> str:
        if function.is_async:
            return f"await {call}({', '.join(arguments)})"
        if self._hop and function.way == "blocking":
            if any("=" in argument for argument in arguments):
                return f"await in_thread(partial({', '.join([call, *arguments])}))"
            return f"await in_thread({', '.join([call, *arguments])})"
        return f"{call}({', '.join(arguments)})"

    def _arguments(self, bound: Bound) -> list[str]:
        arguments = []
        for binding in bound.bindings:
            value = self._value(binding.source)
            arguments.append(f"**{{{binding.name!r}: {value}}}" if binding.keyword_only else value)
        return arguments

    def _value(self, source: Source) -> str:
        match source:
            case FromRequest(""):
                return "request"
            case FromRequest(attribute):
                return f"request.{attribute}"
            case FromPath(name, None):
                return f"request.params[{name!r}]"
            case FromPath(name, convert):
                return f"narrowed({self._constant(convert)}, request.params[{name!r}])"
            case FromProvider(provider):
                return self._names[id(provider)]
            case FromUser():
                return "user"
            case FromError():
                return "error"
            case Constant(value):
                return self._constant(value)
            case FromField() | FromBody():
                return self._names[id(source)]

    # Text.

    def _name(self, holder: object, prefix: str) -> str:
        name = self._names[id(holder)] = f"{prefix}{len(self._names)}"
        return name

    def _constant(self, value: Any) -> str:
        for name, known in self.constants.items():
            if known is value:
                return name
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def _line(self, text: str) -> None:
        self._lines.append("    " * self._depth + text)

    def _open_block(self, opening: str) -> None:
        self._line(opening)
        self._depth += 1


def _sources_of(functions: Iterable[Bound]) -> list[Source]:
    found: list[Source] = []
    for function in functions:
        for provider in providers_of(function):
            found.extend(provider.bound.sources() if provider.scope == "request" else ())
        found.extend(function.sources())
    return found


@lru_cache(maxsize=4_096)
def _compiled(source: str) -> CodeType:
    """Compile once per shape; ten thousand routes have some dozens of shapes."""
    name = f"<endpoint {hashlib.blake2s(source.encode(), digest_size=4).hexdigest()}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return compile(source, name, "exec")
