"""Who may read answers across origins: tables by the Fetch standard, the rows of rs/cors, and the law that nobody else may."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import App, BadRequestError, Request, Response, WSGIRequest
from martlet.messages import TEXT_HEADERS, prepared_response
from martlet.middleware import CORS
from martlet.testing import Received
from tests.middleware.asking import finished
from tests.rows import each
from tests.serving import Serve
from tests.shared_cases import conformance

SHOP = "https://shop.example"
EVIL = "https://evil.example"
PREFLIGHT_VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


def library(cors: CORS) -> App:
    app = App()
    app.use(cors)

    @app.get("/")
    def show() -> str:
        return "shown"

    @app.get("/json")
    async def show_data() -> list[int]:
        return [1]

    @app.get("/refused")
    def refuse() -> None:
        raise BadRequestError

    @app.get("/broken")
    def fail() -> None:
        raise ZeroDivisionError

    @app.get("/own")
    def own() -> Response:
        return Response("own", headers={"vary": "Cookie", "access-control-allow-origin": "https://own.example"})

    @app.options("/own")
    def own_options() -> Response:
        return Response(headers={"x-own": "yes"})

    return app


def shop_cors(**options: Any) -> CORS:
    return CORS([SHOP, "https://*.shop.example", re.compile(r"https://dev-\d+\.example")], **options)


def cors_fields(received: Received) -> dict[str, str]:
    return {name: value for name, value in received.headers.items() if name.startswith("access-control-")}


# --- what the answer to a request says -----------------------------------------------------------------


@each(
    ("origin", "allowed"),
    [
        pytest.param(SHOP, True, id="one that is named"),
        pytest.param("https://a.b.shop.example", True, id="one below a name"),
        pytest.param("https://dev-7.example", True, id="one that an expression matches"),
        pytest.param(EVIL, False, id="another"),
        pytest.param("http://shop.example", False, id="another scheme"),
        pytest.param("https://shop.example.evil.example", False, id="row 62: more behind it"),
        pytest.param("https://evilshop.example", False, id="more before it"),
        pytest.param("https://dev-7xexample", False, id="row 62: a dot is a dot"),
        pytest.param("https://SHOP.example", False, id="RFC 6454 6.2: an origin is in lower case"),
        pytest.param("null", False, id="null"),
        pytest.param("", False, id="empty"),
        pytest.param("*", False, id="a star"),
        pytest.param(f"{SHOP}, {EVIL}", False, id="two"),
    ],
)
def test_an_origin_is_allowed_by_its_own_name_or_not_at_all(serve: Serve, origin: str, allowed: bool) -> None:
    received = serve(library(shop_cors(allow_credentials=True))).get("/", headers={"origin": origin})

    granted = {"access-control-allow-origin": origin, "access-control-allow-credentials": "true"}
    assert received.status_code == 200
    assert cors_fields(received) == (granted if allowed else {})
    assert received.headers["vary"] == "Origin"


def test_caches_are_told_even_where_nobody_asked_across_origins(serve: Serve) -> None:
    received = serve(library(shop_cors())).get("/")

    assert received.headers["vary"] == "Origin"  # Fetch, "CORS protocol and HTTP caches"
    assert cors_fields(received) == {}


@each("headers", [{}, {"origin": EVIL}, {"origin": "null"}, {"origin": "\x7f"}], ids=["none", "any", "null", "odd"])
def test_everybody_gets_the_same_answer(serve: Serve, headers: dict[str, str]) -> None:
    received = serve(library(CORS("*", expose_headers="*"))).get("/", headers=headers)

    assert cors_fields(received) == {"access-control-allow-origin": "*", "access-control-expose-headers": "*"}
    assert "vary" not in received.headers  # Fetch, "CORS protocol and HTTP caches": a fixed value needs none


@each(
    ("method", "path", "status", "vary"),
    [
        ("GET", "/json", 200, "accept, Origin"),
        ("HEAD", "/", 200, "Origin"),
        ("GET", "/nowhere", 404, "accept, Origin"),
        ("PUT", "/", 405, "accept, Origin"),
        ("GET", "/refused", 400, "accept, Origin"),
        ("GET", "/broken", 500, "accept, Origin"),
        ("OPTIONS", "/", 204, "Origin"),
        ("BREW", "/", 501, "accept, Origin"),
    ],
)
def test_errors_may_be_read_like_any_answer(serve: Serve, method: str, path: str, status: int, vary: str) -> None:
    received = serve(library(shop_cors(expose_headers=["etag"]))).request(method, path, headers={"origin": SHOP})

    assert received.status_code == status
    assert cors_fields(received) == {"access-control-allow-origin": SHOP, "access-control-expose-headers": "etag"}
    assert received.headers["vary"] == vary


def test_an_inner_middleware_s_refusal_may_be_read_too(serve: Serve) -> None:
    app = library(shop_cors())

    @app.use
    async def refuse(request: Request, respond: Any) -> Response:
        raise BadRequestError

    received = serve(app).get("/", headers={"origin": SHOP})

    assert (received.status_code, received.headers["access-control-allow-origin"]) == (400, SHOP)


def test_what_a_handler_says_itself_gives_way_to_what_is_allowed(serve: Serve) -> None:
    client = serve(library(shop_cors()))

    assert client.get("/own", headers={"origin": SHOP}).headers.get_list("access-control-allow-origin") == [SHOP]
    assert client.get("/own", headers={"origin": EVIL}).headers["access-control-allow-origin"] == "https://own.example"
    assert client.get("/own").headers["vary"] == "Cookie, Origin"


def test_fields_prepared_at_start_up_stay_as_they_are(serve: Serve) -> None:
    before = TEXT_HEADERS.text
    app = library(shop_cors())
    client = serve(app)

    for _ in range(3):
        assert client.get("/", headers={"origin": SHOP}).headers.get_list("access-control-allow-origin") == [SHOP]
        assert client.get("/").headers.get_list("vary") == ["Origin"]
    assert TEXT_HEADERS.text == before


# --- preflights ----------------------------------------------------------------------------------------


def ask(serve: Serve, cors: CORS, origin: str = SHOP, method: str = "GET", headers: str | None = None, **more: str) -> Received:
    asked = {"origin": origin, "access-control-request-method": method, **more}
    if headers is not None:
        asked["access-control-request-headers"] = headers
    return serve(library(cors)).options("/nowhere", headers=asked)


@each(
    ("options", "asked", "granted"),
    [
        pytest.param({}, {}, {"methods": "GET"}, id="a plain method"),
        pytest.param({"allow_methods": ["PUT", "DELETE"]}, {"method": "PUT"}, {"methods": "PUT"}, id="a method that is named"),
        pytest.param({"allow_methods": "*"}, {"method": "PURGE"}, {"methods": "PURGE"}, id="whatever method"),
        pytest.param({"allow_methods": ["*"]}, {"method": "PUT"}, {"methods": "PUT"}, id="whatever method, in a list"),
        pytest.param(
            {"allow_headers": ["X-One", "x-two"]},
            {"headers": "x-one,x-two"},
            {"methods": "GET", "headers": "x-one, x-two"},
            id="fields in any case",
        ),
        pytest.param({}, {"headers": "content-type"}, {"methods": "GET", "headers": "content-type"}, id="a safelisted field"),
        pytest.param({}, {"headers": ""}, {"methods": "GET"}, id="no field"),
        pytest.param({}, {"headers": ", ,"}, {"methods": "GET"}, id="empty members, RFC 9110 5.6.1"),
        pytest.param(
            {"allow_headers": "*"},
            {"headers": "authorization,x-any"},
            {"methods": "GET", "headers": "authorization, x-any"},
            id="whatever field, Authorization too, which a star leaves out",
        ),
        pytest.param({"max_age": 600}, {}, {"methods": "GET", "max": "600"}, id="an age"),
        pytest.param({"max_age": 0}, {}, {"methods": "GET", "max": "0"}, id="no age"),
        pytest.param({"allow_credentials": True}, {}, {"methods": "GET", "credentials": "true"}, id="credentials"),
        pytest.param({"expose_headers": ["etag"]}, {}, {"methods": "GET"}, id="what may be read is not for preflights"),
    ],
)
def test_a_preflight_is_granted(serve: Serve, options: Any, asked: Any, granted: dict[str, str]) -> None:
    received = ask(serve, shop_cors(**options), **asked)

    names = {
        "methods": "access-control-allow-methods",
        "headers": "access-control-allow-headers",
        "max": "access-control-max-age",
        "credentials": "access-control-allow-credentials",
    }
    assert received.status_code == 204
    assert cors_fields(received) == {
        "access-control-allow-origin": SHOP,
        **{names[name]: value for name, value in granted.items()},
    }
    assert received.headers["vary"] == PREFLIGHT_VARY


@each(
    ("options", "asked"),
    [
        pytest.param({}, {"origin": EVIL}, id="another origin"),
        pytest.param({}, {"origin": "null"}, id="null"),
        pytest.param({}, {"method": "PUT"}, id="a method that is not named"),
        pytest.param({"allow_methods": ["PATCH"]}, {"method": "patch"}, id="Fetch, methods: another case is another method"),
        pytest.param({"allow_methods": ["PUT"]}, {"method": "GET"}, id="a plain method that is not named"),
        pytest.param({"allow_methods": "*"}, {"method": "TRACE"}, id="Fetch, forbidden method"),
        pytest.param({"allow_methods": "*"}, {"method": "P U T"}, id="no method"),
        pytest.param({"allow_methods": "*"}, {"method": ""}, id="an empty method"),
        pytest.param({"allow_headers": ["x-one"]}, {"headers": "x-one,x-two"}, id="a field that is not named"),
        pytest.param({"allow_headers": "*"}, {"headers": "x-one,x two"}, id="no field"),
        pytest.param({"allow_headers": "*"}, {"headers": '"x-one"'}, id="a field in quotes"),
    ],
)
def test_a_preflight_is_refused_without_a_word_to_the_page(serve: Serve, options: Any, asked: Any) -> None:
    received = ask(serve, shop_cors(**options), **asked)

    assert received.status_code == 403
    assert received.text.startswith("CORS: ")
    assert cors_fields(received) == {}
    assert received.headers["vary"] == PREFLIGHT_VARY


def test_a_preflight_is_granted_to_everybody(serve: Serve) -> None:
    received = ask(serve, CORS("*"), origin=EVIL)

    assert cors_fields(received) == {"access-control-allow-origin": "*", "access-control-allow-methods": "GET"}


def test_a_private_network_is_opened_only_on_purpose(serve: Serve) -> None:
    more = {"access-control-request-private-network": "true"}
    granted, silent = ask(serve, shop_cors(allow_private_network=True), **more), ask(serve, shop_cors(), **more)

    assert granted.headers["access-control-allow-private-network"] == "true"
    assert granted.headers["vary"] == f"{PREFLIGHT_VARY}, Access-Control-Request-Private-Network"
    assert "access-control-allow-private-network" not in silent.headers
    assert silent.status_code == 204


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": SHOP}, {"access-control-request-method": "GET"}],
    ids=["nothing of CORS", "no method", "no origin"],
)
def test_options_that_are_no_preflight_are_the_application_s(serve: Serve, headers: dict[str, str]) -> None:
    received = serve(library(shop_cors())).options("/own", headers=headers)

    assert (received.status_code, received.headers["x-own"]) == (200, "yes")


def test_a_get_with_the_fields_of_a_preflight_is_none(serve: Serve) -> None:
    asked = {"origin": SHOP, "access-control-request-method": "GET"}

    assert serve(library(shop_cors())).get("/", headers=asked).text == "shown"


# --- what is refused at construction -------------------------------------------------------------------


@each(
    ("origins", "options", "cure"),
    [
        pytest.param("*", {"allow_credentials": True}, "list the origins", id="credentials for everybody"),
        pytest.param(["*"], {"allow_credentials": True}, "list the origins", id="credentials for everybody, in a list"),
        pytest.param(
            [re.compile(".*")], {"allow_credentials": True}, "matches every origin", id="credentials for any expression"
        ),
        pytest.param(["null"], {"allow_credentials": True}, "leave 'null' out", id="credentials for null"),
        pytest.param("*", {"allow_private_network": True}, "list the origins", id="a private network for everybody"),
        pytest.param([SHOP + "/"], {}, "without a path", id="an origin with a slash"),
        pytest.param([SHOP], {"allow_methods": ["put"]}, "write 'PUT'", id="a method in lower case"),
        pytest.param([SHOP], {"allow_methods": ["GET,PUT"]}, "no method", id="two methods in one"),
        pytest.param([SHOP], {"allow_methods": ["TRACE"]}, "no browser lets a page send", id="a forbidden method"),
        pytest.param([SHOP], {"allow_methods": ["*", "PUT"]}, "leave the names out", id="a star beside methods"),
        pytest.param([SHOP], {"allow_headers": ["x: 1"]}, "without colon and value", id="a field with a value"),
        pytest.param([SHOP], {"allow_headers": ["x-a", "*"]}, "leave the names out", id="a star beside fields"),
        pytest.param([SHOP], {"expose_headers": "*", "allow_credentials": True}, "List the names", id="a star with credentials"),
        pytest.param([SHOP], {"expose_headers": ["x\r\ny"]}, "no name of a field", id="a line break"),
        pytest.param([SHOP], {"max_age": -1}, "0 to have every preflight asked again", id="a negative age"),
        pytest.param([SHOP], {"max_age": "600"}, "write seconds", id="an age as text"),
        pytest.param([SHOP], {"max_age": True}, "write seconds", id="an age that is no number"),
    ],
)
def test_a_permission_that_means_something_else_is_refused(origins: Any, options: Any, cure: str) -> None:
    with pytest.raises(ValueError, match=cure):
        CORS(origins, **options)


@each(
    ("origins", "options"),
    [(SHOP, {}), ([SHOP], {"allow_methods": "PUT"}), ([SHOP], {"allow_headers": "x-one"}), ([SHOP], {"expose_headers": "etag"})],
)
def test_one_text_in_place_of_a_list_is_a_type_error(origins: Any, options: Any) -> None:
    with pytest.raises(TypeError, match="put it into a list"):
        CORS(origins, **options)


# --- laws ----------------------------------------------------------------------------------------------


def answer(cors: CORS, origin: str, method: str = "GET") -> Response:
    """What a request with this origin gets, without a server or a loop."""
    environ = {"REQUEST_METHOD": method, "HTTP_ORIGIN": origin, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "GET"}

    async def respond(request: Request) -> Response:
        return prepared_response(200, TEXT_HEADERS, b"")

    return finished(cors(WSGIRequest(environ), respond))


NAMES = [
    "a.example",
    "b.example",
    "sub.a.example",
    "evil.example",
    "a.example.evil.example",
    "eviла.example",
    "a.example\n",
    "a-example",
]
origins = st.builds(
    "{}://{}{}".format, st.sampled_from(["https", "http"]), st.sampled_from(NAMES), st.sampled_from(["", ":8443", ":443"])
)
members = st.sampled_from(["https://a.example", "http://b.example", "https://*.a.example", "https://b.example:8443", "null"])


def is_listed(origin: str, listed: list[str]) -> bool:
    return origin in listed or (
        "https://*.a.example" in listed
        and origin.endswith(".a.example")
        and re.fullmatch(r"https://([a-z]+\.)+a\.example", origin) is not None
    )


@given(st.lists(members, max_size=4), origins | st.text() | st.just("null"), st.sampled_from(["GET", "OPTIONS"]))
def test_no_origin_outside_the_list_is_ever_allowed(listed: list[str], origin: str, method: str) -> None:
    headers = answer(CORS(listed), origin, method).headers

    if is_listed(origin, listed):
        assert headers["access-control-allow-origin"] == origin
    else:
        assert "access-control-allow-origin" not in headers


# --- the rows of another project -----------------------------------------------------------------------

TABLE = conformance("http/cors/rs_cors_spec.json")
CASES = {case["name"]: case for case in TABLE["cases"]}
FIXED = "Fetch, 'CORS protocol and HTTP caches': a fixed '*' is sent with every answer and without Vary."
BY_REQUEST = "Who may read depends on the origin alone: a preflight carries no Authorization that could decide."
EXCEPTIONS = {
    "NoConfig": FIXED,
    "MatchAllOrigin": FIXED,
    "MatchAllOriginWithCredentials": "Refused when it is made: browsers take no '*' with credentials.",
    "AllowOriginRequestFuncMatch": BY_REQUEST,
    "AllowOriginVaryRequestFuncMatch": BY_REQUEST,
    "AllowOriginRequestFuncNotMatch": BY_REQUEST,
}
LISTS = {"vary", "access-control-allow-headers", "access-control-expose-headers", "access-control-allow-methods"}


def ours(options: dict[str, Any]) -> CORS:
    """The same permissions in our words; a function of the origin is an expression here."""
    by_function = "AllowOriginFunc" in options
    return CORS(
        [re.compile(r"http://foobar\.com")] if by_function else options.get("AllowedOrigins", "*"),
        allow_credentials=options.get("AllowCredentials", False),
        allow_methods=options.get("AllowedMethods", ["GET", "HEAD", "POST"]),
        allow_headers=options.get("AllowedHeaders") or ["accept", "content-type", "x-requested-with"],  # its default
        expose_headers=options.get("ExposedHeaders", []),
        max_age=None if "MaxAge" not in options else max(0, options["MaxAge"]),  # there a negative one says 0, and 0 nothing
        allow_private_network=options.get("AllowPrivateNetwork", False),
    )


def normal(name: str, values: list[str]) -> list[str]:
    """A field's value; lists are compared member by member, names in any case."""
    text = ", ".join(values)
    return [member.strip().lower() for member in text.split(",") if member.strip()] if name in LISTS else [text]


def test_the_table_is_whole_and_every_exception_is_in_it() -> None:
    assert len(CASES) == TABLE["n"] == 28
    assert set(EXCEPTIONS) <= set(CASES)


@each("name", [name for name in CASES if name not in EXCEPTIONS], count=22)
def test_rs_cors_says_the_same(serve: Serve, name: str) -> None:
    case = CASES[name]
    app = App()
    app.use(ours(case["options"]))

    @app.get("/foo")
    def foo() -> Response:
        return Response("bar")

    sent = [(field, value) for field, values in case["reqHeaders"].items() for value in values]
    headers = serve(app).request(case["method"], "/foo", headers=sent).headers

    said = {
        field: normal(field, headers.get_list(field))
        for field in headers
        if field == "vary" or field.startswith("access-control-")
    }
    assert said == {field.lower(): normal(field.lower(), values) for field, values in case["resHeaders"].items()}


def test_credentials_for_everybody_are_refused_where_rs_cors_sends_them() -> None:
    with pytest.raises(ValueError, match="list the origins"):
        ours(CASES["MatchAllOriginWithCredentials"]["options"])
