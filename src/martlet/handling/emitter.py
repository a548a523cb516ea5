"""Write the code of an endpoint: what a route's functions ask for, in the order of answers, and nothing else.

A route has its code in up to three forms:
- `write_endpoint`: everything happens where the request is; with `hop`, blocking functions go to a thread one by one.
- `write_work`: a chain of plain functions as one plain function, for one hop to a thread.
- `write_entry`: the coroutine that reads the body on the loop and then makes that one hop.
"""

from __future__ import annotations

from collections.abc import Sequence

from martlet.handling.code import Code
from martlet.handling.plans import Plan
from martlet.handling.sources import Bound
from martlet.handling.value_code import ValueCode


def write_endpoint(plan: Plan, *, hop: bool) -> Code:
    """Write `async def endpoint(request)`, which answers in any case."""
    writer = _Writer(plan, hop=hop, on_loop=True)
    writer.open("async def endpoint(request):")
    writer.open("try:")
    writer.write_limits()
    writer.write_way("async with AsyncExitStack() as stack:")
    writer.write_failure()
    return writer


def write_work(plan: Plan) -> Code:
    """Write `def endpoint(request, …)`, which answers or raises; what was chosen and read before is handed to it."""
    writer = _Writer(plan, hop=False, on_loop=False)
    handed_over = ", representation, decode, data, refusal" if plan.reads_body else ""
    writer.open(f"def endpoint(request{handed_over}):")
    writer.write_way("with ExitStack() as stack:")
    return writer


def write_entry(plan: Plan) -> Code:
    """Write `async def endpoint(request)`, which hands the request to the function named `work` in a thread."""
    writer = _Writer(plan, hop=False, on_loop=True)
    writer.open("async def endpoint(request):")
    writer.open("try:")
    writer.write_limits()
    if plan.reads_body:
        # The body is read here, on the loop, so that a slow client holds no thread; its refusal waits for the guards.
        writer.line("representation = decode = data = refusal = None")
        writer.open("try:")
        writer.write_reading()
        writer.close()
        writer.line("except HTTPError as error: refusal = error")
        writer.line("return await in_thread(work, request, representation, decode, data, refusal)")
    else:
        writer.line("return await in_thread(work, request)")
    writer.write_failure()
    return writer


class _Writer(Code):
    """The parts of an endpoint, in the order of answers."""

    def __init__(self, plan: Plan, *, hop: bool, on_loop: bool) -> None:
        super().__init__()
        self._plan = plan
        self._on_loop = on_loop
        self._values = ValueCode(self, hop=hop)

    def write_limits(self) -> None:
        if self._plan.limits is not None:
            self.line(f"request.limits = {self.constant(self._plan.limits)}")

    def write_way(self, stack: str) -> None:
        """Write everything from the guards to the response."""
        plan = self._plan
        if plan.has_cleanup:
            self.open(stack)
        early = [bound for bound in (plan.authenticator, *plan.guards) if bound is not None]
        self._values.write_fields(early, decoded=False)
        self._write_authentication()
        self._write_guards(plan.guards)
        self.write_reading()
        self._values.write_fields(plan.body_guards, decoded=True)
        self._write_guards(plan.body_guards)
        self._values.write_fields([plan.handler], decoded=True)
        self._values.write_call("value", plan.handler)
        self._write_response()

    def write_reading(self) -> None:
        """Write the choice of representation and decoder, and the reading of the body."""
        plan = self._plan
        if not self._on_loop and plan.reads_body:
            self.line("if refusal is not None: raise refusal")
            return
        # PERF: what a field led to before is looked up here; a call for it costs 0.2 µs, 5 % of a JSON answer.
        if plan.choose is not None:
            self.line("accept = request.field(ACCEPT)")
            self.line(f"representation = {self.constant(plan.choose.known)}.get(accept) or {self.constant(plan.choose)}(accept)")
        if plan.choose_decoder is not None:
            known, choose = self.constant(plan.choose_decoder.known), self.constant(plan.choose_decoder)
            self.line("content_type = request.field(CONTENT_TYPE)")
            self.line(f"decode = {known}.get(content_type) or {choose}(content_type)")
        if plan.reads_body:
            self.line("data = await request.read()")

    def _write_authentication(self) -> None:
        plan = self._plan
        if plan.authenticator is not None:
            self._values.write_call("user", plan.authenticator)
            self.line("request.user = user")
            if plan.needs_somebody:
                self.line("if user is None: raise nobody()")

    def _write_guards(self, guards: Sequence[Bound]) -> None:
        for guard in guards:
            self._values.write_call("spoken", guard)
            self.line(f"if spoken is not None: raise guard_spoke({self.constant(guard.function)})")

    def _write_response(self) -> None:
        plan, result = self._plan, self._plan.result
        if result.fields is not None or result.kind == "data":
            fixed = result.fields is not None
            # PERF: inline, without a call to `prepared_response`: 0.1 µs, 4 % of a text answer.
            self.line("response = new_response(Response)")
            self.line(f"response.status_code = {result.status_code}")
            self.line(f"response.fields = {self.constant(result.fields) if fixed else 'representation.fields'}")
            self.line(f"response.body = {result.expression if fixed else 'representation.render(value)'}")
        else:
            chosen = "representation" if plan.choose is not None else "None"
            self.line(f"response = {self.constant(result.encode)}(value, request, {chosen})")
        if plan.has_cleanup and result.may_stream:
            self.line("keep_open(stack, response)")
        self.line("return response")
        if plan.has_cleanup:
            self.close()
            self.line(f"raise swallowed({self.constant(plan.name)})")

    def write_failure(self) -> None:
        self.close(self.depth - 2)
        self.line("except Exception as error:")
        self.line("    return await failed(request, error)")
