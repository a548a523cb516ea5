"""Identifiers of requests: taken over from trusted proxies alone, shared by the answer, the handlers and the log."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import App, NotFoundError, Stream
from martlet.http import BadHeaderError
from martlet.middleware import RequestID
from tests.middleware.asking import Asked, answered
from tests.rows import each
from tests.serving import Serve

GIVEN = "0b6e-4c:1/2=_~.+@"


def shop(request_ids: RequestID) -> App:
    app = App()
    app.use(request_ids)

    @app.get("/async")
    async def show() -> str | None:
        await asyncio.sleep(0)
        return request_ids.current

    @app.get("/plain")
    def show_plainly() -> str | None:
        return request_ids.current

    @app.get("/stream")
    async def stream() -> Stream:
        async def chunks() -> AsyncIterator[str]:
            yield request_ids.current or "nobody"

        return Stream(chunks())

    @app.get("/broken")
    def fail() -> None:
        raise ZeroDivisionError

    return app


@pytest.mark.parametrize("path", ["/async", "/plain"])
def test_handler_and_answer_share_an_identifier_that_is_new_each_time(serve: Serve, path: str) -> None:
    client = serve(shop(RequestID()))

    answers = [client.get(path) for _ in range(3)]

    assert [answer.text for answer in answers] == [answer.headers["x-request-id"] for answer in answers]
    assert len({answer.text for answer in answers}) == 3
    assert all(len(answer.text) == 32 for answer in answers)


def test_a_streamed_answer_knows_it_too(serve: Serve) -> None:
    received = serve(shop(RequestID())).get("/stream")

    assert received.text == received.headers["x-request-id"]


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/broken", 500)])
def test_errors_carry_it(serve: Serve, path: str, status: int) -> None:
    received = serve(shop(RequestID())).get(path)

    assert received.status_code == status
    assert len(received.headers["x-request-id"]) == 32


@each(
    ("trusted", "sent", "taken"),
    [
        pytest.param(["127.0.0.1"], GIVEN, True, id="from a trusted proxy"),
        pytest.param(["10.0.0.0/8"], GIVEN, False, id="from a stranger"),
        pytest.param([], GIVEN, False, id="from anybody, by default"),
        pytest.param(["127.0.0.1"], "x" * 128, True, id="as long as one may be"),
        pytest.param(["127.0.0.1"], "x" * 129, False, id="longer"),
        pytest.param(["127.0.0.1"], "", False, id="empty"),
        pytest.param(["127.0.0.1"], "a b", False, id="with a blank"),
        pytest.param(["127.0.0.1"], "a, b", False, id="two"),
        pytest.param(["127.0.0.1"], "a\tb", False, id="with a tab"),
        pytest.param(["127.0.0.1"], "<script>", False, id="with markup"),
        pytest.param(["127.0.0.1"], "${jndi}", False, id="with a log's own syntax"),
        pytest.param(["127.0.0.1"], "é", False, id="beyond ASCII"),
    ],
)
def test_an_identifier_is_taken_over_if_it_is_well_formed_and_from_a_proxy(
    serve: Serve, trusted: list[str], sent: str, taken: bool
) -> None:
    received = serve(shop(RequestID(trusted=trusted))).get("/async", headers={"x-request-id": sent})

    assert (received.text == sent) is taken
    assert received.headers["x-request-id"] == received.text


def test_name_and_making_may_be_others(serve: Serve) -> None:
    app = shop(RequestID(field="X-Trace", make=lambda: "mine", trusted=["127.0.0.1"]))
    client = serve(app)

    assert client.get("/async").headers["x-trace"] == "mine"
    assert client.get("/async", headers={"x-trace": "theirs"}).text == "theirs"


def test_log_lines_carry_it(serve: Serve) -> None:
    request_ids = RequestID(make=lambda: "7")
    app, lines = App(), io.StringIO()
    app.use(request_ids)
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logging.Formatter("%(request_id)s %(message)s"))
    handler.addFilter(request_ids.stamp)
    log = logging.getLogger("tests.request_id")
    log.addHandler(handler)

    @app.get("/")
    def note() -> None:
        log.warning("inside")

    serve(app).get("/")
    log.warning("outside")
    log.removeHandler(handler)

    assert lines.getvalue() == "7 inside\n- outside\n"


def test_two_applications_never_mix_theirs(serve: Serve) -> None:
    first, second = RequestID(make=lambda: "first"), RequestID(make=lambda: "second")
    app = App()
    app.use(first)
    app.use(second)

    @app.get("/")
    async def show() -> list[str | None]:
        return [first.current, second.current]

    assert serve(app).get("/").json() == ["first", "second"]
    assert (first.current, second.current) == (None, None)


async def test_requests_at_the_same_time_keep_their_own() -> None:
    request_ids = RequestID(make=iter(f"id-{number}" for number in range(1_000)).__next__)
    seen: list[tuple[str | None, str | None]] = []

    async def respond(request: Any) -> Any:
        before = request_ids.current
        await asyncio.sleep(0)
        seen.append((before, request_ids.current))
        raise NotFoundError

    await asyncio.gather(*(asyncio.ensure_future(request_ids(Asked(), respond)) for _ in range(1_000)), return_exceptions=True)

    assert len({before for before, _ in seen}) == 1_000  # row 60
    assert all(before == after for before, after in seen)


@given(st.text())
def test_whatever_is_sent_the_answer_can_be(sent: str) -> None:
    request = Asked(x_request_id=sent)
    identifier = answered(RequestID(trusted=["127.0.0.1"]), request).headers["x-request-id"]

    assert identifier.isascii()
    assert 0 < len(identifier) <= 128


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(BadHeaderError, match="no field name"):
        RequestID(field="x request id")
