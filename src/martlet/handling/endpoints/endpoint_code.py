"""Write the code of an endpoint: what a route's functions ask for, in the order of answers, and nothing else.

A route has its code in up to two forms:
- `write_endpoint`: everything happens where the request is; with `hop`, blocking functions go to a thread one by one.
- `write_hop`: a chain of plain functions as one plain function, and the coroutine that hands it to a thread, once.
"""

from __future__ import annotations

from collections.abc import Sequence

from martlet.handling.endpoints.reading_code import ReadingWriter
from martlet.handling.endpoints.source_text import Code
from martlet.handling.endpoints.value_code import USUAL, Around, ValueCode
from martlet.handling.planning.plans import Plan
from martlet.handling.signatures.sources import Bound


def write_endpoint(plan: Plan, *, hop: bool) -> Code:
    """Write `async def endpoint(request)`, which answers in any case."""
    writer = EndpointWriter(plan, hop=hop, on_loop=True)
    writer.open_entry()
    writer.write_way("async with AsyncProviderStack() as stack:")
    writer.write_failure()
    return writer


def write_hop(plan: Plan) -> tuple[Code, Code]:
    """Write a chain of plain functions for one hop to a thread.

    Two functions: `def endpoint(request, …)`, the chain, which answers or raises; and `async def endpoint(request)`, which
    hands the request to it by the name `work`.
    """
    if not plan.reads_body:
        return _write_work(plan, (), None), _write_entry(plan)
    if plan.speaks_inline:
        return _write_inline_guards_first(plan)
    work = _write_work(plan, ("representation", "decode", "data", "refusal", "read"), None)
    return work, _write_guards_in_thread(plan)


def _write_work(plan: Plan, handed_over: Sequence[str], before: ValueCode | None) -> Code:
    """Write the chain; `before` is the code that let the guards speak and read the body already."""
    writer = EndpointWriter(plan, hop=False, on_loop=False, before=before)
    writer.open(f"def endpoint({', '.join(['request', *handed_over])}):")
    writer.write_way("with ProviderStack() as stack:")
    return writer


def _write_entry(plan: Plan) -> Code:
    """Write the entry of a chain that has no body to read."""
    writer = EndpointWriter(plan, hop=False, on_loop=True)
    writer.open_entry()
    writer.line("return await in_thread(work, request)")
    writer.write_failure()
    return writer


def _write_inline_guards_first(plan: Plan) -> tuple[Code, Code]:
    """Let the guards speak on the loop, since they promise not to block; read there, so that a slow client holds no thread."""
    entry = EndpointWriter(plan, hop=False, on_loop=True)
    entry.open_entry()
    entry.write_early()
    entry.write_choices()
    entry.write_validator()
    entry.write_body()
    user = ["user"] if plan.authenticators else []
    found = (("representation", plan.choose), ("decode", plan.choose_decoder), ("validators", plan.validator))
    chosen = [name for name, choice in found if choice is not None]
    handed_over = [*chosen, "data", *user, *entry.values.names.values()]
    entry.line(f"return await in_thread(work, request, {', '.join(handed_over)})")
    entry.write_failure()
    return _write_work(plan, handed_over, entry.values), entry


def _write_guards_in_thread(plan: Plan) -> Code:
    """Write the entry of a chain whose guards may block.

    A small body is read on the loop before they speak, and its refusal waits for them: one hop. A large one, or one of unknown
    length, is read only when they have spoken, or anybody could fill the memory with what will be refused.
    """
    writer = EndpointWriter(plan, hop=False, on_loop=True)
    writer.open_entry()
    writer.line("if not may_be_read_first(request): return await guards_first(work, request)")
    writer.line("representation = decode = data = refusal = None")
    writer.open("try:")
    writer.write_choices()
    if plan.validator is not None:
        writer.line('data = b""')  # tells a refusal of the choices, which comes before the validator, from one of the body
    writer.write_body()
    writer.close()
    writer.line("except HTTPError as error: refusal = error")
    writer.line("return await in_thread(work, request, representation, decode, data, refusal, None)")
    writer.write_failure()
    return writer


class EndpointWriter(ReadingWriter):
    """The parts of an endpoint, in the order of answers; `before` has let the guards speak and has read the body."""

    def __init__(self, plan: Plan, *, hop: bool, on_loop: bool, before: ValueCode | None = None, around: Around = USUAL) -> None:
        super().__init__(plan, hop=hop, around=around, at_hand=None if before is None else before.names)
        self._on_loop = on_loop
        self._goes_on = before is not None

    def open_entry(self) -> None:
        """Begin what the router leads to on a loop."""
        self.open("async def endpoint(request):")
        self.open("try:")
        if self.plan.limits is not None:
            self.line(f"request.limits = {self.constant(self.plan.limits)}")

    def write_way(self, stack: str) -> None:
        """Write everything from the guards to the response."""
        plan = self.plan
        if plan.has_cleanup:
            self.open(stack)
        if not self._goes_on:
            self.write_early()
            self._write_reading_of_either()
        if plan.proves_origin:
            self.line("if request.has_extras and request.extras.owes_token: prove_origin(request)")
        self.values.write_fields(plan.body_guards, decoded=True)
        self._write_guards(plan.body_guards)
        self.values.write_fields([plan.handler], decoded=True)
        self.values.write_call("value", plan.handler)
        if plan.result.check is not None:
            self.line(f"{self.constant(plan.result.check)}(value)")
        self.write_response()

    def write_early(self) -> None:
        """Write what speaks before the body is looked at."""
        self.values.write_paths([*self.plan.before_body, *self.plan.body_guards, self.plan.handler])
        self.values.write_fields(self.plan.early, decoded=False)
        self._write_authentication()
        self._write_guards(self.plan.guards)

    def _write_reading_of_either(self) -> None:
        """In a thread, the body was read before, or is read now on the loop that this thread waits for."""
        plan = self.plan
        if self._on_loop or not plan.reads_body:
            self.write_choices()
            self.write_validator()
            self.write_body()
            return
        if plan.validator is not None:
            self.line("if refusal is not None and data is None: raise refusal")
        else:
            self.line("if refusal is not None: raise refusal")
        if plan.choose is not None or plan.choose_decoder is not None:
            self.open("if read is not None:")
            self.write_choices()
            self.close()
        if plan.validator is not None:
            self.write_validator()
            self.line("if refusal is not None: raise refusal")
        taken = f"decode, keeps_bytes={plan.keeps_bytes}" if plan.takes_forms else ""
        self.write_body(f"if read is not None: data = read({taken})")

    def _write_authentication(self) -> None:
        plan = self.plan
        if not plan.authenticators:
            return
        first, *others = plan.authenticators
        self.values.write_call("user", first)
        for other in others:
            # What it asks for is made in any case, since others on the way may ask for that too.
            self.values.write_providers(other)
            self.open("if user is None:")
            self.values.write_call("user", other)
            self.close()
        self.line("request.user = user")
        if plan.needs_somebody:
            self.line("if user is None: raise nobody()")

    def _write_guards(self, guards: Sequence[Bound]) -> None:
        for guard in guards:
            self.values.write_call("spoken", guard)
            self.line(f"if spoken is not None: raise guard_spoke({self.constant(guard.function)})")

    def write_response(self) -> None:
        """Write what becomes of the value."""
        plan, result = self.plan, self.plan.result
        if plan.opens_socket:
            self.line("response = await open_handler(value, request, failed)")
        elif result.fields is not None or result.kind == "data":
            # PERF: inline, without a call to `prepared_response`: 0.1 µs, 4 % of a text answer.
            self.line("response = new_response(Response)")
            self.line(f"response.status_code = {result.status_code}")
            self.line(f"response.fields = {self.constant(result.fields) if result.fields else 'representation.fields'}")
            self.write_content("response.body")
        else:
            chosen = "representation" if plan.choose is not None else "None"
            self.line(f"response = {self.constant(result.encode)}(value, request, {chosen})")
        if plan.awaits_page:
            self.line("if isinstance(response.body, Coroutine): response.body = await response.body")
        if plan.validator is not None:
            self.line("if validators is not None or isinstance(response.body, File):")
            self.line("    response = select_response(request, response, validators)")
        elif result.may_stream:
            self.line("if isinstance(response.body, File): response = select_response(request, response)")
        if plan.has_cleanup and result.may_stream:
            self.line("keep_open(stack, response)")
        self.line("return response")

    def write_content(self, target: str) -> None:
        """Write the making of the content of a fixed or a chosen representation."""
        plan, result = self.plan, self.plan.result
        if result.fields is not None:
            self.line(f"{target} = {result.expression}")
        elif plan.choose is not None and plan.choose.shows_template:
            shown = "representation.render(value) if representation.show is None else representation.show(value, request)"
            self.line(f"{target} = {shown}")
        else:
            # PERF: a `try` costs nothing where nothing is raised, the call of a Python function around the encoder 0.05 µs.
            self.line(f"try: {target} = representation.encode(value)")
            self.line(f"except representation.unusual: {target} = representation.render(value)")

    def write_failure(self) -> None:
        """Write the answer to what was raised."""
        self.close(self.depth - 2)
        self.line("except Exception as error:")
        self.line("    return await failed(request, error)")
