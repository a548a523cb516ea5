"""What of a request's line and fields arrives; where servers differ, a table says how."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from tests.rows import each
from tests.servers.running import COMMANDS, Server
from tests.servers.wire import connect, head, receive, send

ASGI = ["granian-asgi", "uvicorn", "hypercorn", "h2corn"]


def seen(server: Server, *fields: str, line: str = "GET /seen HTTP/1.1") -> Any:
    answer = send(server.port, head(line, *fields))
    assert answer.status == 200
    return answer.json()


def test_a_field_in_utf_8_arrives_as_its_bytes_in_a_latin_1_coat_or_not_at_all(server: Server) -> None:
    fields = seen(server, "X-Name: Zo\xc3\xab", "X-Other: here")["fields"]

    # Granian loses such values but over ASGI: over RSGI the field is missing, over WSGI it is empty.
    lost: dict[str, list[str] | None] = {"granian-rsgi": None, "granian-wsgi": [""]}
    assert fields.get("x-name") == lost.get(server.name, ["Zo\xc3\xab"])
    assert fields["x-other"] == ["here"]


def test_repeated_fields_mean_the_same_joined_or_apart(server: Server) -> None:
    values = seen(server, "X-Many: one", "X-Other: here", "X-Many: two")["fields"]["x-many"]

    assert values == (["one,two"] if server.name in {"granian-wsgi", "gunicorn"} else ["one", "two"])


def test_an_empty_field_is_there(server: Server) -> None:
    assert seen(server, "X-Empty:")["fields"]["x-empty"] == [""]


def test_two_lines_of_cookies_are_one_list(server: Server) -> None:
    cookies = seen(server, "Cookie: a=1; b=2", "Cookie: c=3")["cookies"]

    # Browsers send one line over HTTP/1.1; gunicorn joins several by a comma, which belongs to the value then.
    assert cookies == ({"a": "1", "b": "2,c=3"} if server.name == "gunicorn" else {"a": "1", "b": "2", "c": "3"})


def test_a_name_with_an_underscore_cannot_pass_for_one_with_a_hyphen_except_over_one_interface(server: Server) -> None:
    fields = seen(server, "X-Real-IP: proxy", "X_Real_IP: client")["fields"]

    # PEP 3333 has one key for both. Granian lets the second win; gunicorn drops it, and so should the proxy in front.
    assert fields["x-real-ip"] == (["client"] if server.name == "granian-wsgi" else ["proxy"])


def test_two_servers_believe_whoever_is_on_the_same_machine(server: Server) -> None:
    scheme = seen(server, "X-Forwarded-Proto: https")["line"][3]

    # ProxyHeaders decides whom to believe; `martlet run` starts these two so that they do not decide before it.
    assert scheme == ("https" if server.name in {"uvicorn", "gunicorn"} else "http")


@each(
    ("line", "path"),
    [
        pytest.param("GET /seen HTTP/1.1", "/seen", id="origin form"),
        pytest.param("GET http://example.org/seen HTTP/1.1", "/seen", id="absolute form"),
        pytest.param("GET /seen?a=%ff HTTP/1.1", "/seen", id="with a query"),
    ],
)
def test_the_path_is_what_stands_behind_the_authority(server: Server, line: str, path: str) -> None:
    if server.name == "h2corn" and "http://" in line:
        pytest.skip("h2corn refuses absolute targets")

    assert seen(server, line=line)["line"] == ["GET", path, "1.1", "http"]


def test_the_authority_of_an_absolute_target_is_the_host_where_the_server_shows_it(server: Server) -> None:
    answer = send(server.port, head("GET http://a.example/seen HTTP/1.1", "Host: b.example"))

    if server.name == "h2corn":
        assert answer.status == 400
    else:  # the others keep the path alone, and nobody can know any more what stood before it
        shown = server.name in {"granian-rsgi", "hypercorn", "gunicorn"}
        assert answer.json()["host"] == ("a.example" if shown else "b.example")


def test_http_1_0_is_served_and_told_apart(server: Server) -> None:
    if server.name == "h2corn":
        pytest.skip("h2corn refuses HTTP/1.0")

    assert seen(server, line="GET /seen HTTP/1.0")["line"][2] == "1.0"


def test_http_1_0_needs_no_host(server: Server) -> None:
    answer = send(server.port, b"GET /seen HTTP/1.0\r\n\r\n")

    if server.name == "h2corn":
        assert answer.status == 400
    else:
        assert (answer.status, answer.json()["host"]) == (200, "")


def test_a_method_in_lower_case_is_another_one_except_on_one_server(server: Server) -> None:
    answer = send(server.port, head("get /seen HTTP/1.1"))

    # hypercorn writes methods in capitals; the others that pass it on leave it as it is (RFC 9110 section 9.1).
    assert answer.status == {"uvicorn": 400, "gunicorn": 400, "hypercorn": 200}.get(server.name, 501)


@each("length", [3, 5], ids=["the same length", "another length"])
@each("is_first", [True, False], ids=["length first", "coding first"])
def test_a_length_beside_chunks_is_refused_or_means_nothing(server: Server, length: int, is_first: bool) -> None:
    fields = [f"Content-Length: {length}", "Transfer-Encoding: chunked"]
    line = head("POST /size/async HTTP/1.1", *(fields if is_first else reversed(fields)))

    answer = send(server.port, line + b"3\r\nabc\r\n0\r\n\r\n", method="POST")

    # hypercorn hands both on, and Martlet refuses a body of another length than is announced.
    takes = server.name.startswith("granian") or (server.name == "hypercorn" and length == 3)
    assert (answer.status, answer.body) == (200, b'{"bytes":3}') if takes else answer.status == 400


def test_the_peer_is_known(server: Server) -> None:
    assert seen(server)["peer"] == ["127.0.0.1", server.name != "granian-wsgi"]  # which tells no port


HOSTS: dict[str, list[str]] = {
    "missing": ["X-Other: here"],
    "empty": ["Host:"],
    "two": ["Host: a", "Host: b"],
    "with user information": ["Host: user@example.org"],
    "with a path": ["Host: example.org/seen"],
}


@each("kind", HOSTS)
def test_a_wrong_host_is_refused_by_the_server_or_by_us(server: Server, kind: str) -> None:
    data = "\r\n".join(["GET /seen HTTP/1.1", *HOSTS[kind], "Connection: close", "", ""]).encode()

    assert [send(server.port, data).status for _ in range(2)] == [400, 400]


@each("target", ["/path/caf\xc3\xa9", "/query?q=caf\xc3\xa9"], ids=["path", "query"])
def test_raw_bytes_in_a_target_are_refused_or_read_as_utf_8(server: Server, target: str) -> None:
    answer = send(server.port, head(f"GET {target} HTTP/1.1"))

    if server.name.startswith("granian"):
        assert answer.json() in ({"rest": "café"}, {"q": ["café"]})
    else:
        assert answer.status == 400


@each(
    ("letters", "refusing"),
    [
        pytest.param(4_000, set[str](), id="4,000"),
        pytest.param(5_000, {"gunicorn"}, id="5,000"),
        pytest.param(20_000, {"gunicorn", "h2corn"}, id="20,000"),
        pytest.param(70_000, set(COMMANDS), id="70,000"),
    ],
)
def test_a_target_may_be_so_long(server: Server, letters: int, refusing: set[str]) -> None:
    answer = send(server.port, head(f"GET /path/{'a' * letters} HTTP/1.1"))

    assert (answer.status in {400, 414, 431}) == (server.name in refusing)


@each(
    ("letters", "refusing"),
    [
        pytest.param(8_000, set[str](), id="8,000"),
        pytest.param(9_000, {"gunicorn"}, id="9,000"),
        pytest.param(35_000, {"gunicorn", "h2corn"}, id="35,000"),
        pytest.param(70_000, {"gunicorn", "h2corn", "hypercorn"}, id="70,000"),
        pytest.param(380_000, {"gunicorn", "h2corn", "hypercorn"}, id="380,000"),
        pytest.param(2_000_000, set(COMMANDS) - {"uvicorn"}, id="2,000,000"),
    ],
)
def test_a_field_may_be_so_long(server: Server, letters: int, refusing: set[str]) -> None:
    with connect(server.port) as connection, suppress(ConnectionError):  # who refuses does not read to the end
        connection.sendall(head("GET /text HTTP/1.1", f"X-Long: {'a' * letters}"))
        assert receive(connection).status == (431 if server.name in refusing else 200)
        return

    assert server.name in refusing


@each(
    ("number", "refusing"),
    [pytest.param(90, set[str](), id="90"), pytest.param(110, set(COMMANDS) - {"uvicorn", "hypercorn"}, id="110")],
)
def test_there_may_be_so_many_fields(server: Server, number: int, refusing: set[str]) -> None:
    answer = send(server.port, head("GET /text HTTP/1.1", *(f"X-{number}: a" for number in range(number))))

    assert (answer.status == 431) == (server.name in refusing)


def test_a_connection_serves_one_request_after_the_other(server: Server) -> None:
    with connect(server.port) as connection:
        statuses = []
        for line in ("GET /text HTTP/1.1", "GET /nowhere HTTP/1.1", "GET /stream/async/async HTTP/1.1", "GET /plain HTTP/1.1"):
            connection.sendall(head(line, close=False))
            statuses.append(receive(connection).status)

    assert statuses == [200, 404, 200, 200]


def test_what_is_set_leaves_with_the_same_bytes_everywhere(server: Server) -> None:
    answer = send(server.port, head("GET /fields HTTP/1.1"))

    assert answer.all("x-name") == ["Zo\xc3\xab"]
    assert answer.all("x-many") == ["one", "two"]
    assert [cookie.partition(";")[0] for cookie in answer.all("set-cookie")] == ["first=1", "second=2"]
