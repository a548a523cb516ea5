"""All middlewares together, each believing what it is sent: whatever stands in the fields they read, no answer is a 500."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import App
from martlet.middleware import CORS, BodyLimit, HTTPSRedirect, ProxyHeaders, RequestID, ServerTiming, TrustedHosts
from martlet.testing import Client
from tests.rows import each
from tests.serving import PROTOCOLS, ProtocolName, Share
from tests.shared_cases import conformance_file

X_FIELDS = [f"x-forwarded-{name}" for name in ("for", "proto", "host", "port", "prefix")]
FIELDS = [
    *X_FIELDS,
    "forwarded",
    "host",
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
    "access-control-request-private-network",
    "x-request-id",
    "content-length",
]
# The corpus of traversals is long and varies paths, which no middleware here looks at.
CORPORA = [
    "crlf",
    "format_strings",
    "header_names",
    "http_methods",
    "integers",
    "naughty_unicode",
    "null_bytes",
    "open_redirect",
    "ssti",
]


def fortress(believed: list[str]) -> App:
    app = App(security_headers=None)
    app.use(RequestID(trusted=["127.0.0.1"]))
    app.use(ServerTiming())
    app.use(ProxyHeaders(["127.0.0.1", "10.0.0.0/8"], fields=believed, drops_underscores=True))
    app.use(CORS(["https://*.example.org", "null"], allow_methods="*", allow_headers="*"))
    app.use(BodyLimit(100))
    app.use(HTTPSRedirect(exempt=["/plain"]))
    app.use(TrustedHosts(["testserver", "*.example.org"]))

    @app.route("/plain", methods=["GET", "POST"])
    def show() -> str:
        return "shown"

    return app


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[ProtocolName, list[Client]]]:
    with ExitStack() as stack:
        yield {
            protocol: [
                stack.enter_context(Client(fortress(believed), protocol=protocol)) for believed in (["forwarded"], X_FIELDS)
            ]
            for protocol in PROTOCOLS
        }


def statuses(clients: list[Client], headers: dict[str, str]) -> set[int]:
    answers = [
        client.request(method, path, headers=headers)
        for client in clients
        for method, path in (("GET", "/plain"), ("OPTIONS", "/"))
    ]
    for answer in answers:
        for name, value in answer.headers.items():
            assert "\r" not in value
            assert "\n" not in value
            assert name in {
                "vary",
                "content-type",
                "content-length",
                "allow",
                "location",
                "server-timing",
                "x-request-id",
            } or name.startswith("access-control-")
    return {answer.status_code for answer in answers}


def sendable(text: str) -> str:
    """A value as a server could hand it over: Latin-1, without line breaks, which end a field."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1").translate({10: " ", 13: " "})


EXPECTED = {200, 204, 308, 400, 403, 404, 413, 421}


@each("corpus", CORPORA)
def test_hostile_text_in_every_field_at_once(
    clients: dict[ProtocolName, list[Client]], protocol: ProtocolName, corpus: str, share: Share
) -> None:
    lines = conformance_file(f"http/payloads/{corpus}.txt").read_bytes().decode("utf-8", "surrogateescape").split("\n")
    for number, line in share(list(enumerate(lines))):
        field = FIELDS[number % len(FIELDS)]

        assert statuses(clients[protocol], {field: sendable(line)}) <= EXPECTED
        assert statuses(clients[protocol], dict.fromkeys(FIELDS[:-1], sendable(line))) <= EXPECTED


pieces = st.sampled_from(
    [
        "for=",
        "proto=https",
        "host=",
        ";",
        ",",
        '"',
        "\\",
        " ",
        "\t",
        "[",
        "]",
        ":",
        "::1",
        "80",
        "10.0.0.1",
        "a.example.org",
        "https://",
        "null",
        "*",
        "/",
        "..",
        "@",
    ]
)
values = st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=80) | st.lists(
    pieces, max_size=12
).map("".join)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(headers=st.dictionaries(st.sampled_from(FIELDS), values, max_size=6))
def test_arbitrary_text_in_any_fields(
    clients: dict[ProtocolName, list[Client]], protocol: ProtocolName, headers: dict[str, str]
) -> None:
    assert statuses(clients[protocol], headers) <= EXPECTED


@each("field", FIELDS)
@each("piece", [",", '"', "a,", "10.0.0.1,", "for=10.0.0.1,", 'for="\\', "[:", "a.", "*.", ";;", "x" * 99])
def test_long_values_are_answered_at_once(clients: dict[ProtocolName, list[Client]], field: str, piece: str) -> None:
    assert statuses(clients["asgi"], {field: (piece * 60_000)[:60_000]}) <= EXPECTED
