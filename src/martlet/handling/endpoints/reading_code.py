"""Write the code that chooses how a request is read and answered, and reads it: representation, decoder, validator, body."""

from __future__ import annotations

from collections.abc import Mapping

from martlet.handling.answering.representations import RepresentationChoice
from martlet.handling.endpoints.source_text import Code
from martlet.handling.endpoints.value_code import Around, ValueCode
from martlet.handling.planning.plans import Plan


class ReadingWriter(Code):
    """These parts of an endpoint; those that ask the request directly are replaced where its protocol is known."""

    def __init__(self, plan: Plan, *, hop: bool, around: Around, at_hand: Mapping[int, str] | None) -> None:
        """Begin the code of a plan; the others: see ValueCode."""
        super().__init__()
        self.plan = plan
        self.values = ValueCode(self, hop=hop, watches=not plan.finishes, around=around, at_hand=at_hand)

    def write_choices(self) -> None:
        """Write the choice of representation and decoder."""
        plan = self.plan
        # PERF: what a field led to before is looked up here; a call for it costs 0.2 µs, 5 % of a JSON answer.
        if plan.choose is not None:
            self.write_representation(plan.choose)
        if plan.choose_decoder is not None:
            known, choose = self.constant(plan.choose_decoder.known.get), self.constant(plan.choose_decoder)
            self.write_content_type()
            self.line(f"decode = {known}(content_type) or {choose}(request.field(CONTENT_TYPE), content_type)")
            if plan.choose_decoder.is_optional:
                self.line("if decode is None and request.content_length: raise untyped_body()")

    def write_representation(self, choose: RepresentationChoice) -> None:
        """Write the choice by the Accept field."""
        known, choosing = self.constant(choose.known.get), self.constant(choose)
        self.line("accept = request.accept_key")
        self.line(f"representation = {known}(accept) or {choosing}(request.field(ACCEPT), accept)")

    def write_content_type(self) -> None:
        """Write the look at the Content-Type field."""
        self.line("content_type = request.content_type_key")

    def write_validator(self) -> None:
        """Write what may end the request because of its conditions; what text a handler without a body needs is bound first."""
        plan = self.plan
        if plan.validator is None:
            return
        self.values.write_fields([plan.validator.bound, *([] if plan.reads_body else [plan.handler])], decoded=False)
        self.values.write_call("state", plan.validator.bound)
        chosen = "representation" if plan.choose is not None else "None"
        self.line(f"validators, early = {self.constant(plan.validator)}(request, state, {chosen})")
        self.line("if early is not None: return early")

    def write_body(self, reading: str | None = None) -> None:
        """Write the reading of the body."""
        choice = self.plan.choose_decoder
        if self.plan.reads_body:
            if reading is None:
                self.write_reading()
            else:
                self.line(reading)
        if choice is not None and choice.is_optional:  # of a body without a length only reading tells whether there is one
            self.line("if decode is None and data: raise untyped_body()")

    def write_reading(self) -> None:
        """Write the reading where nothing was read before."""
        plan = self.plan
        if not plan.takes_forms:
            self.write_bytes()
        elif plan.keeps_bytes:
            self.line("data = await read_body(request, decode, keeps_bytes=True)")
        else:  # PERF: `read_body` without its call, which bodies that are no forms would pay for.
            self.line("if type(decode) is FormBodyDecoder: data = await request.form()")
            self.open("else:")
            self.write_bytes()
            self.close()

    def write_bytes(self) -> None:
        """Write the reading of a body that is wanted as bytes."""
        self.line("data = await request.read()")
