"""Strategies for random apps; every function writes down that it was called, and with what."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from hypothesis import strategies as st
from msgspec import Meta, Struct

from martlet import (
    HTML,
    App,
    Body,
    Cookie,
    Created,
    ETag,
    File,
    ForbiddenError,
    Form,
    Guard,
    Header,
    Headers,
    Limits,
    Page,
    Query,
    QueryString,
    Reply,
    Request,
    Response,
    Stream,
    Upload,
    Validators,
    require_auth,
    require_methods,
    validate_json_body,
)

REQUIRED = object()


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class New(Struct):
    title: Annotated[str, Meta(max_length=10)]
    year: int = 0


class Sent(Struct):
    title: Annotated[str, Meta(max_length=10)]
    new: Upload


class User(Struct):
    name: str


class OutOfStockError(Exception):
    """Answered by a handler of its own."""


class Service:
    """What a provider supplies; it knows who made it."""

    def __init__(self, maker: str) -> None:
        self.maker = maker


class Database(Service): ...


class Shelf(Service): ...


class Clock(Service): ...


@dataclass(frozen=True)
class Parameter:
    name: str
    annotation: Any
    texts: tuple[str, ...] = ()  # that fit it
    default: Any = REQUIRED
    keyword_only: bool = False

    @property
    def place(self) -> tuple[str, str]:
        """Where a client puts it, and under which name."""
        for mark in getattr(self.annotation, "__metadata__", ()):
            if isinstance(mark, Query | Header | Cookie):
                return type(mark).__name__.lower(), mark.name or self.name
        return "query", self.name


@dataclass(frozen=True)
class Address:
    """What a client may know of a route."""

    method: str
    path: str
    items: tuple[str, ...]  # that fit the parameter of the path; empty without one
    parameters: tuple[Parameter, ...]  # of every function on the way
    bodies: tuple[bytes, ...]


@dataclass
class World:
    """What is around one app: who fails, what was done, where its routes are, what its providers need."""

    failing: frozenset[str] = frozenset()
    events: list[str] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    provided: list[Parameter] = field(default_factory=list)


@dataclass(frozen=True)
class Way:
    """How a function runs."""

    waits: bool
    inline: bool


WAYS = [Way(waits=waits, inline=inline) for waits in (False, True) for inline in (False, True)]


def described(value: object) -> str:
    """Say what a value is, the same over every protocol."""
    match value:
        case Request():
            return f"request {value.method} {value.path}"
        case Headers():
            return "headers"
        case Service():
            return f"{type(value).__name__} of {value.maker}"
        case _:
            return repr(value)


def function(
    world: World,
    name: str,
    way: Way,
    parameters: list[Parameter],
    result: Any,
    value: Callable[[str], Any],
    *,
    opens: bool = False,
) -> Callable[..., Any]:
    """Write a function with just these parameters; `opens` makes it a generator that also writes down how it was left."""

    def act(arguments: dict[str, Any]) -> Any:
        call = f"{name}({', '.join(f'{key}={described(given)}' for key, given in arguments.items())})"
        world.events.append(call)
        if name in world.failing:
            raise {"0": ZeroDivisionError, "1": OutOfStockError}.get(name[-1], ForbiddenError)(name)
        return value(call)

    def leave(error: BaseException | None) -> None:
        world.events.append(f"leave {name} by {type(error).__name__}")
        if f"leave {name}" in world.failing:
            raise OutOfStockError(name)

    positional = [parameter for parameter in parameters if not parameter.keyword_only]
    named = [parameter for parameter in parameters if parameter.keyword_only]
    # A parameter with a default may not stand before one without.
    positional.sort(key=lambda parameter: parameter.default is not REQUIRED)
    head = [f"{parameter.name}{'' if parameter.default is REQUIRED else '=None'}" for parameter in positional]
    head += ["*"] if named else []
    head += [f"{parameter.name}{'' if parameter.default is REQUIRED else '=None'}" for parameter in named]
    wait = ["await pause()"] if way.waits and not way.inline else []
    inside = ["try:", "    yield value", "except BaseException as error:", "    leave(error)", "    raise", "leave(None)"]
    lines = ["arguments = dict(locals())", *wait, "value = act(arguments)", *(inside if opens else ["return value"])]
    source = f"{'async ' if way.waits else ''}def {name}({', '.join(head)}):\n" + "".join(f"    {line}\n" for line in lines)
    namespace: dict[str, Any] = {"act": act, "leave": leave, "pause": lambda: asyncio.sleep(0)}
    exec(source, namespace)  # noqa: S102  a function with a random signature can be made in no other way
    made: Any = namespace[name]
    made.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    if opens:
        made.__annotations__["return"] = AsyncIterator[result] if way.waits else Iterator[result]
    elif result is not REQUIRED:
        made.__annotations__["return"] = result
    made.__defaults__ = tuple(each.default for each in positional if each.default is not REQUIRED) or None
    made.__kwdefaults__ = {each.name: each.default for each in named if each.default is not REQUIRED} or None
    return made  # type: ignore[no-any-return]


def form_page(errors: dict[str, list[str]], sent: Form) -> HTML:
    """Show what was wrong, and what was sent."""
    return HTML("{} {}").format(errors, sent)


# Parameters.

SCALARS: list[tuple[Any, list[str]]] = [  # each with texts that fit
    (int, ["7", "-42"]),
    (str, ["Walden", "a b", ""]),
    (float, ["2.5", "1e3"]),
    (bool, ["on", "0"]),
    (date, ["2026-11-22"]),
    (Color, ["red", "blue"]),
    (Literal["asc", "desc"], ["asc"]),
    (int | None, ["7"]),
    (Annotated[int, Meta(ge=1)], ["1", "99"]),
    (list[int], ["7"]),
    (set[str], ["a"]),
    (tuple[Color, ...], ["red"]),
    (list[int] | None, ["7"]),
    (Annotated[int, Query("renamed")], ["7"]),
    (Annotated[int, Header("x-number")], ["7"]),
    (Annotated[list[int], Header("x-numbers")], ["1, 2", "3"]),
    (Annotated[str, Cookie("cart")], ["c7"]),
]
INJECTED: list[Any] = [Request, QueryString, Headers, Limits]
SERVICES: list[type[Service]] = [Database, Shelf, Clock]
FORM = (
    b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nWalden\r\n'
    b'--x\r\nContent-Disposition: form-data; name="new"; filename="a/b.txt"\r\n\r\nswift\r\n--x--'
)
BODIES: list[tuple[Any, Any, list[bytes]]] = [  # each with its default, and JSON or forms that fit
    (New, REQUIRED, [b'{"title": "Walden", "year": 1854}', b'{"title": "a"}']),
    (New | None, None, [b'{"title": "Walden"}', b"null", b""]),
    (Annotated[list[int], Body()], REQUIRED, [b"[1, 2]", b"[]"]),
    (Annotated[Any, Body()], REQUIRED, [b"[1, null]", b'"text"']),
    (Annotated[bytes, Body()], REQUIRED, [b"", b"\xff\x00"]),
    (Annotated[dict[str, int], Body()], None, [b'{"a": 1}', b""]),
    (Sent, REQUIRED, [FORM, FORM.replace(b"Walden", b"longer than ten")]),
    (Upload, REQUIRED, [FORM]),
    (Upload | None, None, [FORM, b""]),
    (list[Upload], REQUIRED, [FORM]),
    (Form, REQUIRED, [FORM, b"title=Walden"]),
]

NO_FORMS = [b"[1, 2]", b"[1, null]"]  # by their first body: types that no form can fill, so that a page for them is refused


@st.composite
def parameters(draw: st.DrawFn, services: list[type[Service]], *, users: bool, most: int = 3) -> list[Parameter]:
    others: list[Any] = [*INJECTED, *([User, User | None] if users else [])]
    drawn = []
    for number in range(draw(st.sampled_from([0, 1, *range(1, most + 1)]))):
        kind = draw(st.sampled_from(["scalar", "scalar", "service", "service", "other"]))
        texts: list[str] = []
        default = REQUIRED
        if kind == "scalar":
            annotation, texts = draw(st.sampled_from(SCALARS))
            default = draw(st.sampled_from([REQUIRED, REQUIRED, None]))
        else:
            annotation = draw(st.sampled_from(services if kind == "service" and services else others))
        drawn.append(Parameter(f"p{number}", annotation, tuple(texts), default, draw(st.booleans())))
    return drawn


# Results.

RESULTS: dict[str, tuple[Any, Callable[[str], Any]]] = {
    "text": (str, str),
    "bytes": (bytes, str.encode),
    "markup": (HTML, lambda call: HTML("<p>{}</p>").format(call)),
    "nothing": (type(None), lambda _: None),
    "data": (dict[str, str], lambda call: {"call": call}),
    "a list": (list[str], lambda call: [call]),
    "data or nothing": (list[str] | None, lambda call: [call] if len(call) % 2 else None),
    "text or nothing": (str | None, lambda call: call if len(call) % 2 else None),
    "a reply": (Reply[list[str]], lambda call: Reply([call], status=202, headers={"x-reply": "yes"})),
    "a reply of text": (Reply[str], lambda call: Reply(call, status=203)),
    "what was created": (Created[list[str]], lambda call: Created([call], location="/made")),
    "a page": (Page[list[str]], lambda call: Page([call], extra="more")),
    "a response": (Response, lambda call: Response(call, status=418, headers={"x-own": "yes"})),
    "a file": (File, lambda _: File(__file__, 0, 12)),
    "a file in a response": (Response, lambda _: Response(File(__file__), headers={"x-own": "yes"})),
    "a stream": (Response, lambda call: Response(Stream([call, ";", call]))),
    "a stream by itself": (Stream, lambda call: Stream([call, ";"])),
    "an async stream": (Response, lambda call: Response(Stream(slowly([call, ";"])))),
    "unannotated text": (REQUIRED, str),
    "unannotated data": (REQUIRED, lambda call: {"call": call}),
    "unannotated nothing": (REQUIRED, lambda _: None),
    "what cannot be rendered": (REQUIRED, lambda _: object()),
}
STATES: list[Any] = [
    None,
    "v1",
    'W/"v1"',
    datetime(2024, 7, 1, tzinfo=UTC),
    Validators(ETag("v1"), datetime(2024, 7, 1, tzinfo=UTC)),
    ETag("v2"),
]
WITH_A_PAGE = ["data", "a list", "what was created", "a page", "a reply"]
PATHS: list[tuple[str, Any, list[str]]] = [
    ("", None, []),
    ("/{item}", int, ["7", "007"]),
    ("/{item}", str, ["x", "caf%C3%A9", "%FF"]),
    ("/{item}", date, ["2026-11-22"]),
    ("/{item}", Color, ["red"]),
    ("/{item:path}", str, ["a/b", "x"]),
    ("/{item:int}", Any, ["7"]),
]


async def slowly(chunks: list[str]) -> AsyncIterator[str]:
    for chunk in chunks:
        await asyncio.sleep(0)
        yield chunk


def page(value: object, extra: str = "nothing") -> HTML:
    return HTML("<h1>{}</h1>{}").format(value, extra)


# Apps.


@st.composite
def random_apps(draw: st.DrawFn) -> tuple[App, World]:
    """An app of some routes, providers, guards and perhaps an authenticator, and the world that it changes."""
    app, world = App(limits=Limits(body_bytes=60)), World()
    services = _declare_providers(draw, app, world)
    users = draw(st.booleans())
    if users:
        _declare_authenticator(draw, app, world, services)

    @app.on_error(OutOfStockError)
    def out_of_stock(error: OutOfStockError, request: Request) -> Reply[str]:
        world.events.append(f"answer {error}")
        return Reply(f"out of stock: {error}", status=409)

    for number in range(draw(st.integers(1, 3))):
        _declare_route(draw, app, world, number, services, users=users)
    return app, world


def _declare_providers(draw: st.DrawFn, app: App, world: World) -> list[type[Service]]:
    services: list[type[Service]] = []
    for number, service in enumerate(SERVICES):
        way, opens = draw(st.sampled_from(WAYS)), draw(st.booleans())
        of_the_app = draw(st.booleans()) and number == 0
        needs = [] if of_the_app else draw(parameters(list(services), users=False, most=2))
        world.provided += needs
        supplier = function(world, f"provide{number}", way, needs, service, service, opens=opens)
        app.provider(scope="app" if of_the_app else "request", inline=way.inline)(supplier)
        services.append(service)
    return services


def _declare_authenticator(draw: st.DrawFn, app: App, world: World, services: list[type[Service]]) -> None:
    """One, or two that are asked in turn; each knows one name."""
    for name, known in [("user", "ada"), ("key", "bob")][: draw(st.integers(1, 2))]:
        field = Parameter(f"x_{name}", Annotated[str, Header(f"x-{name}")], (known, known, "eve"), None)
        needs = [field, *draw(parameters(services, users=False, most=1))]
        way = Way(waits=draw(st.booleans()), inline=False)
        world.provided += needs
        app.authenticator(function(world, f"who_by_{name}", way, needs, User | None, knowing(known)))


def knowing(name: str) -> Callable[[str], User | None]:
    return lambda call: User(name) if repr(name) in call else None


def _pages(draw: st.DrawFn, result_name: str, methods: list[str], *, takes_forms: bool) -> dict[str, Any]:
    has_page = result_name in WITH_A_PAGE and draw(st.booleans())
    has_form = methods != ["GET"] and draw(st.booleans()) and takes_forms
    return {**({"page": page} if has_page else {}), **({"form": form_page} if has_form else {})}


def _declare_route(draw: st.DrawFn, app: App, world: World, number: int, services: list[type[Service]], *, users: bool) -> None:
    hole, item, items = draw(st.sampled_from(PATHS))
    result_name = draw(st.sampled_from(sorted(RESULTS)))
    annotation, value = RESULTS[result_name]
    needs = draw(parameters(services, users=users))
    known = list(needs)
    if hole:
        needs.append(Parameter("item", item))
    methods = draw(st.sampled_from([["GET"], ["POST"], ["POST", "GET"]]))
    taker = draw(st.sampled_from(["handler", "handler", "guard", "nobody"]))
    body, default, bodies = draw(st.sampled_from(BODIES))
    if taker == "guard" or methods == ["GET"]:  # where a body is unusual, it must be said to be one
        body = Annotated[body, Body()]
    if taker == "handler":
        needs.append(Parameter("new", body, default=default))
    guards = []
    for place in range(draw(st.sampled_from([0, 1, 2, 2, 3]))):
        guard_needs = draw(parameters(services, users=users, most=2))
        known += guard_needs
        if taker == "guard" and place == 0:
            guard_needs.append(Parameter("new", body, default=default))
        guard_way = draw(st.sampled_from(WAYS))
        check = function(world, f"guard{number}{place}", guard_way, guard_needs, type(None), lambda _: None)
        guards.append(Guard(check, needs_user=users and draw(st.booleans()), inline=guard_way.inline))
    way = draw(st.sampled_from(WAYS))
    handler = function(world, f"show{number}", way, needs, annotation, value)
    built_in = [require_methods("GET", "HEAD"), validate_json_body({"title": str}), *([require_auth] if users else [])]
    for guard in draw(st.lists(st.sampled_from(built_in), max_size=2)) if draw(st.booleans()) else []:
        handler = guard(handler)
    takes_forms = taker == "nobody" or bodies[0] not in NO_FORMS
    options: dict[str, Any] = {
        "guards": guards,
        "inline": way.inline,
        **_pages(draw, result_name, methods, takes_forms=takes_forms),
    }
    if draw(st.booleans()):
        checker_needs, state = draw(parameters(services, users=users, most=2)), draw(st.sampled_from(STATES))
        known += checker_needs
        validator_way = Way(waits=draw(st.booleans()), inline=way.inline)
        options["validator"] = function(world, f"state{number}", validator_way, checker_needs, REQUIRED, lambda _: state)
        options["requires_precondition"] = draw(st.sampled_from([False, False, True]))
    if draw(st.booleans()):
        options["limits"] = Limits(body_bytes=30, query_fields=4, errors_listed=2, nesting_depth=3, unguarded_bytes=10)
    app.route(f"/r{number}{hole}", methods=methods, **options)(handler)
    fitting = tuple(bodies) if taker != "nobody" else ()
    world.addresses.append(Address(methods[0], f"/r{number}", tuple(items), (*known, *world.provided), fitting))
