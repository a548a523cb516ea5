"""Write the code that gets values: fields out of text, providers, and the call of a bound function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Final, NamedTuple

from martlet.handling.calling.invalid_parameters import refusing
from martlet.handling.endpoints.source_text import Code
from martlet.handling.signatures.functions import MISSING, Function
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
    all_sources,
    providers_of,
)

READING: Final = {  # by location and whether it is a sequence; {name} is a constant's repr, {field} a constant's name
    ("query", False): "request.query.get({name})",
    ("query", True): "request.query.get_list({name})",
    ("header", False): "request.field({field})",
    ("header", True): "members(request.field({field}))",
    ("cookie", False): "request.cookies.get({name})",
    ("cookie", True): "members(request.cookies.get({name}))",
}


class Around(NamedTuple):
    """How the code around writes what it brings. params: those of the path. client: the request whose client is watched."""

    params: str = "request.params"
    client: str = "request"


USUAL: Final = Around()


class ValueCode:
    """Writes into one function's code; a value that is there already is not written again.

    hop: blocking functions are called in a thread, each by itself.
    watches: what waits is ended when its client leaves.
    names: the local that holds a value, by the id of its source or provider.
    """

    def __init__(self, code: Code, *, hop: bool, watches: bool, around: Around, at_hand: Mapping[int, str] | None = None) -> None:
        """at_hand: what another function's code got before, and hands over by these names."""
        self._code = code
        self._hop = hop
        self._watches = watches
        self._around = around
        self.names = dict(at_hand or {})

    def write_paths(self, functions: Sequence[Bound]) -> None:
        """Fit path parameters to their bounds, before anybody speaks: what does not fit is no such page."""
        for source in all_sources(*functions):
            if isinstance(source, FromPath) and source.convert is not None and id(source) not in self.names:
                fitted = f"narrowed({self._code.constant(source.convert)}, {self._around.params}[{source.name!r}])"
                self._code.line(f"{self._name(source, 'path')} = {fitted}")

    def write_fields(self, functions: Sequence[Bound], *, decoded: bool) -> None:
        """Bind what these functions draw from text and from the body; all errors come together.

        decoded: the body has been read, and `decode` chosen for it.
        """
        code = self._code
        # A provider that several functions share brings its sources once for each of them.
        new = {id(source): source for source in all_sources(*functions) if id(source) not in self.names}.values()
        fields = [source for source in new if isinstance(source, FromField)]
        bodies = [source for source in new if isinstance(source, FromBody)] if decoded else []
        if fields:
            code.open("try:")
        for field in fields:
            self._write_field(field)
        for body in bodies:
            self._write_body(body)
        if fields:
            code.close()
            decode = "decode" if any(body.type is not bytes for body in bodies) else "None"
            code.line(f"except BINDING_ERRORS: raise {code.constant(refusing(fields))}(request, {decode}) from None")

    def write_call(self, target: str, bound: Bound) -> None:
        """Call a function for its value, its providers first."""
        self.write_providers(bound)
        self._write_called(target, bound.function, self._called(bound.function, self._arguments(bound)))

    def write_providers(self, bound: Bound) -> None:
        """Make what the providers of a function give, where it is not there already."""
        for provider in providers_of(bound):
            if id(provider) not in self.names:
                self._write_provider(provider)

    def _write_field(self, source: FromField) -> None:
        code, convert = self._code, self._code.constant(source.convert)
        several = source.collect is not None
        reading = READING[source.location, several]
        code.line(f"raw = {reading.format(name=repr(source.name), field=code.constant(source.field))}")
        if several and source.blank_is_absent:
            code.line("raw = [item for item in raw if item]")
        absent = "not raw" if several or source.blank_is_absent else "raw is None"
        value = f"{code.constant(source.collect)}([{convert}(item) for item in raw])" if several else f"{convert}(raw)"
        if source.default is MISSING:
            code.line(f"if {absent}: raise MissingFieldError")
        else:
            value = f"{code.constant(source.default)} if {absent} else {value}"
        code.line(f"{self._name(source, 'field')} = {value}")

    def _write_body(self, source: FromBody) -> None:
        if source.type is bytes:
            value = "data"
        elif source.default is MISSING:
            value = "decode(data)"
        else:
            value = f"decode(data) if decode is not None else {self._code.constant(source.default)}"
        self._code.line(f"{self._name(source, 'body')} = {value}")

    def _write_provider(self, provider: Provider) -> None:
        function = provider.bound.function
        if provider.scope == "app":
            self._code.line(f"{self._name(provider, 'provided')} = {self._code.constant(provider)}.value")
            return
        making = self._opened if function.is_generator else self._called
        value = making(function, self._arguments(provider.bound))
        self._write_called(self._name(provider, "provided"), function, value)

    def _write_called(self, target: str, function: Function, value: str) -> None:
        """Assign what a call gives; of one that may suspend the first step is taken here, and what is left goes on watched.

        PERF: nothing where the code has no `await`, 0.5 µs where it has one that does not suspend, 3 where it does.
        """
        if not (self._watches and function.suspends):
            self._code.line(f"{target} = {value}")
            return
        self._code.line(f"calling = {value.removeprefix('await ')}")
        self._code.line("try: pending = calling.send(None)")
        self._code.line(f"except StopIteration as done: {target} = done.value")
        self._code.line(f"else: {target} = await watched({self._around.client}, calling, pending)")

    def _opened(self, function: Function, arguments: str) -> str:
        """Enter a generator on the stack, which leaves it when the response is known."""
        if function.is_async:
            return f"await stack.enter_async_context({self._code.constant(asynccontextmanager(function.call))}({arguments}))"
        opened = f"{self._code.constant(contextmanager(function.call))}({arguments})"
        if self._hop and function.way == "blocking":
            return f"await stack.enter_async_context(opened_in_thread({opened}))"
        return f"stack.enter_context({opened})"

    def _called(self, function: Function, arguments: str) -> str:
        call = self._code.constant(function.call)
        if function.is_async:
            return f"await {call}({arguments})"
        if self._hop and function.way == "blocking":
            return f"await in_thread(partial({call}, {arguments}))" if arguments else f"await in_thread({call})"
        return f"{call}({arguments})"

    def _arguments(self, bound: Bound) -> str:
        values = [(binding, self._value(binding.source)) for binding in bound.bindings]
        return ", ".join(f"**{{{binding.name!r}: {value}}}" if binding.keyword_only else value for binding, value in values)

    def _value(self, source: Source) -> str:
        match source:
            case FromRequest(attribute):
                return f"request.{attribute}" if attribute else "request"
            case FromPath(name, convert):
                return f"{self._around.params}[{name!r}]" if convert is None else self.names[id(source)]
            case FromProvider(provider):
                return self.names[id(provider)]
            case FromUser():
                return "user"
            case FromSession(data):
                return "request.extras.session" + ("" if data is None else f".typed({self._code.constant(data)})")
            case FromError():
                return "error"
            case Constant(value):
                return self._code.constant(value)
            case FromField() | FromBody():
                return self.names[id(source)]

    def _name(self, holder: object, prefix: str) -> str:
        if id(holder) in self.names:
            raise RuntimeError(f"{holder!r} has a local already.")  # two values in one local would be a wrong one
        name = self.names[id(holder)] = f"{prefix}{len(self.names)}"
        return name
