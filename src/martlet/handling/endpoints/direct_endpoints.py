"""The direct way: from the router to endpoints that send what they made, in the adapter's own lines.

Not here: those lines (adapters/), and what stands around routing where this way is closed (pipeline.py).
"""

from __future__ import annotations

from typing import Final

from martlet.handling.answering.representations import Representation, RepresentationChoice, remember
from martlet.handling.endpoints.endpoint import Endpoint, EndpointFactory
from martlet.handling.endpoints.endpoint_code import EndpointWriter
from martlet.handling.endpoints.source_text import Code
from martlet.handling.endpoints.value_code import Around
from martlet.handling.planning.plans import Plan
from martlet.messages import Dialect, Direct, RequestUse, Sending
from martlet.routing import ANY_METHOD, Route, Router

CLIENT: Final = "<client>"  # stands for the request where nothing else may use it, until that is known
WITHOUT_CONTENT: Final = frozenset({"HEAD", ANY_METHOD})  # methods whose answers have none, or may have none


def closed(_: Dialect) -> None:
    """The direct way of an app where something stands around routing."""


class DirectWay:
    """Makes the lookup of an app's direct endpoints, for the dialect of an adapter."""

    def __init__(self, router: Router[Endpoint], factory: EndpointFactory) -> None:
        """Take the routes, and what makes their endpoints."""
        self._router = router
        self._factory = factory

    def __call__(self, dialect: Dialect) -> Direct:
        """Make it; a route that cannot be answered so has its usual endpoint, and the adapter around that."""
        choices: dict[int, HeadedChoice] = {}
        made: dict[tuple[int, bool], Sending] = {}

        def sending(route: Route[Endpoint]) -> Sending:
            endpoint = route.target
            if route.method in WITHOUT_CONTENT or not is_direct(endpoint.plan):
                return dialect.through(endpoint.on_loop)
            has_content = route.method != "GET"
            if (id(endpoint), has_content) not in made:
                code = write_direct(endpoint.plan, dialect, choices, has_content=has_content)
                made[id(endpoint), has_content] = self._factory.build_direct(endpoint.plan, code, dialect.names)
            return made[id(endpoint), has_content]

        return self._router.compile_for(sending)


def is_direct(plan: Plan) -> bool:
    """Whether all that a route answers, errors aside, is bytes with status 200 behind fields that are known at start-up."""
    result = plan.result
    is_chosen = result.kind == "data" and plan.choose is not None and not plan.choose.shows_template
    is_made_here = not plan.awaits_page and not (plan.may_block and plan.is_plain)
    is_made_here = is_made_here and plan.validator is None and plan.sessions is None
    return is_made_here and (is_chosen or (result.fields is not None and result.status_code == 200))


def write_direct(plan: Plan, dialect: Dialect, choices: dict[int, HeadedChoice], *, has_content: bool) -> Code:
    """Write the endpoint; `choices` are those made before, by the id of what they choose among.

    has_content: for requests that usually have some.
    """
    writer = DirectWriter(plan, dialect, choices)
    writer.open(f"async def endpoint({dialect.parameters}):")
    beginning = writer.place
    writer.open("try:")
    writer.write_way("async with AsyncProviderStack() as stack:")
    is_made = writer.mentions("request")
    use = RequestUse(
        is_made=is_made,
        accept=plan.choose is not None,
        content=plan.reads_body or plan.choose_decoder is not None or (is_made and has_content),
        limits="limits" if plan.limits is None else writer.constant(plan.limits),
    )
    writer.insert(beginning, dialect.entry(use))
    writer.replace(CLIENT, dialect.client(use))
    writer.close(writer.depth - 2)
    writer.lines(dialect.failure(use))
    writer.write_ending(use)
    return writer


class HeadedRepresentation:
    """A representation, and what its dialect sends before it."""

    __slots__ = ("encode", "fields", "head", "render", "unusual")

    def __init__(self, chosen: Representation, dialect: Dialect) -> None:
        """Take what an endpoint names."""
        self.encode, self.render, self.unusual = chosen.encode, chosen.render, chosen.unusual
        self.fields: Final = chosen.fields
        self.head: Final = dialect.head(chosen.fields)


class HeadedChoice:
    """The choice among the representations of a route, each with its head; it remembers as the choice itself does."""

    __slots__ = ("_choose", "_headed", "known")

    def __init__(self, choose: RepresentationChoice, dialect: Dialect) -> None:
        """Prepare them all."""
        self._choose = choose
        self._headed = {each: HeadedRepresentation(each, dialect) for each in choose.representations}
        self.known: Final[dict[bytes | str | None, HeadedRepresentation]] = {}

    def __call__(self, key: bytes | str | None) -> HeadedRepresentation:
        """Choose by the field as the server gave it, and remember what it led to; raises NotAcceptableError."""
        accept = key.decode("latin-1") if isinstance(key, bytes) else key
        chosen = self._headed[self._choose(accept, key)]
        remember(self.known, accept, key, chosen)
        return chosen


class DirectWriter(EndpointWriter):
    """Writes an endpoint that reads and answers in a dialect."""

    def __init__(self, plan: Plan, dialect: Dialect, choices: dict[int, HeadedChoice]) -> None:
        """Choices: see `write_direct`."""
        super().__init__(plan, hop=plan.may_block, on_loop=True, around=Around("params", CLIENT))
        self._dialect = dialect
        self._choices = choices

    def write_representation(self, choose: RepresentationChoice) -> None:
        """Write the choice by the Accept field, as the dialect reads it."""
        headed = self._choices.get(id(choose)) or HeadedChoice(choose, self._dialect)
        self._choices[id(choose)] = headed
        self.line(f"representation = {self.constant(headed.known.get)}(accept) or {self.constant(headed)}(accept)")

    def write_content_type(self) -> None:
        """Write nothing: the entry has left it in `content_type`."""

    def write_bytes(self) -> None:
        """Write the reading of the body, where it is bytes."""
        self.lines(self._dialect.reading)

    def write_response(self) -> None:
        """Write the making of the body, which is all there is to do before the clean-up."""
        self.write_content("body")

    def write_ending(self, use: RequestUse) -> None:
        """Write the sending."""
        fields = self.plan.result.fields
        if fields is None:
            self.lines(self._dialect.ending(use, "representation.head", "representation.fields"))
        else:
            self.lines(self._dialect.ending(use, self.constant(self._dialect.head(fields)), self.constant(fields)))
