"""An endpoint: what the router leads to, generated once per route in the forms that servers need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from typing import Any, TypeAlias

from martlet.adapters import Lookouts
from martlet.handling.calling.decoding import read_body
from martlet.handling.calling.guards_first import guards_first_in, may_be_read_first
from martlet.handling.calling.invalid_parameters import (
    BINDING_ERRORS,
    MissingFieldError,
    guard_spoke,
    members,
    narrowed,
    nobody,
    untyped_body,
)
from martlet.handling.calling.provider_stacks import AsyncProviderStack, ProviderStack
from martlet.handling.calling.session_endpoints import with_session
from martlet.handling.calling.socket_handlers import open_handler
from martlet.handling.calling.threads import InThread, keep_open, opener_in
from martlet.handling.endpoints.endpoint_code import write_endpoint, write_hop
from martlet.handling.endpoints.source_text import Code
from martlet.handling.planning.plans import Plan
from martlet.http import HTTPError
from martlet.messages import ACCEPT, CONTENT_TYPE, File, Request, Response, Sending, select_response
from martlet.rendering import FormBodyDecoder
from martlet.security import prove_origin

Failed: TypeAlias = Callable[[Request, Exception], Awaitable[Response]]
Answer: TypeAlias = Callable[[Request], Awaitable[Response]]

SHARED: Mapping[str, Any] = {
    "ACCEPT": ACCEPT,
    "AsyncProviderStack": AsyncProviderStack,
    "BINDING_ERRORS": BINDING_ERRORS,
    "CONTENT_TYPE": CONTENT_TYPE,
    "Coroutine": Coroutine,
    "File": File,
    "FormBodyDecoder": FormBodyDecoder,
    "HTTPError": HTTPError,
    "MissingFieldError": MissingFieldError,
    "Response": Response,
    "guard_spoke": guard_spoke,
    "keep_open": keep_open,
    "may_be_read_first": may_be_read_first,
    "members": members,
    "untyped_body": untyped_body,
    "narrowed": narrowed,
    "new_response": Response.__new__,
    "open_handler": open_handler,
    "nobody": nobody,
    "ProviderStack": ProviderStack,
    "partial": partial,
    "prove_origin": prove_origin,
    "read_body": read_body,
    "select_response": select_response,
}


class Endpoint:
    """One route's generated functions.

    on_loop: answers on an event loop; blocking functions go to a thread.
    in_thread: answers without a loop, everything right where it is called; only where `needs_loop` is false.
    """

    __slots__ = ("code", "in_thread", "needs_loop", "on_loop", "plan")

    def __init__(self, plan: Plan, code: str, on_loop: Answer, in_thread: Answer) -> None:
        """Hold the generated functions and their source."""
        self.plan = plan
        self.code = code
        self.on_loop = on_loop
        self.in_thread = in_thread
        self.needs_loop = plan.needs_loop


class EndpointFactory:
    """Makes the endpoints of one app, which share a thread pool and the answers to errors."""

    def __init__(
        self, in_thread: InThread, in_waiting_thread: InThread, failed_on_loop: Failed, failed_in_thread: Failed
    ) -> None:
        """Prepare what all endpoints name; `in_waiting_thread` is where chains go that wait for a large body."""
        self._thread, self._failed_on_loop, self._failed_in_thread = in_thread, failed_on_loop, failed_in_thread
        self._on_loop = {
            **SHARED,
            "in_thread": in_thread,
            "guards_first": guards_first_in(in_waiting_thread),
            "opened_in_thread": opener_in(in_thread),
            "failed": failed_on_loop,
            "watched": Lookouts().watched,
        }
        self._in_thread = {**SHARED, "failed": failed_in_thread}

    def make(self, plan: Plan) -> Endpoint:
        """Generate a route's endpoint."""
        here = write_endpoint(plan, hop=False)
        shared, shared_here = _with_form_page(self._on_loop, plan), _with_form_page(self._in_thread, plan)
        in_thread = self._around(plan, here.build(shared_here), self._failed_in_thread, None)
        source, answer = self._on_a_loop(plan, here, shared)
        return Endpoint(plan, source, self._around(plan, answer, self._failed_on_loop, self._thread), in_thread)

    def _on_a_loop(self, plan: Plan, here: Code, shared: Mapping[str, Any]) -> tuple[str, Answer]:
        """Give the source and the function of the form for an event loop; here: the form that hands nothing to threads."""
        if not plan.may_block:
            return here.source, here.build(shared)
        if plan.is_plain:
            work, entry = write_hop(plan)
            on_loop = entry.build({**shared, "work": work.build(shared)})
            return f"{work.source}\n{entry.source}", on_loop
        there = write_endpoint(plan, hop=True)
        return there.source, there.build(shared)

    def _around(self, plan: Plan, answer: Answer, failed: Failed, in_thread: InThread | None) -> Answer:
        return answer if plan.sessions is None else with_session(answer, plan.sessions, failed, in_thread)

    def build_direct(self, plan: Plan, code: Code, names: Mapping[str, Any]) -> Sending:
        """Build an endpoint that sends its answer itself (direct_endpoints.py); `names`: what its dialect's lines name."""
        return code.build({**_with_form_page(self._on_loop, plan), **names})


def _with_form_page(shared: Mapping[str, Any], plan: Plan) -> Mapping[str, Any]:
    if plan.form_page is None:
        return shared
    return {**shared, "failed": plan.form_page.failing(shared["failed"])}
