"""Server-Timing: what handlers measured and the whole, as https://www.w3.org/TR/server-timing/ writes it."""

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet import App, Request, Response
from martlet.http.grammar import parse_parameters, split_list
from martlet.middleware import ServerTiming
from martlet.middleware.server_timing import MOST_METRICS
from tests.middleware.asking import Asked, answered
from tests.rows import each
from tests.serving import Serve


def shop(timing: ServerTiming) -> App:
    app = App()
    app.use(timing)

    @app.get("/async")
    async def show() -> str:
        with timing.measure("db", description="two queries"):
            await asyncio.sleep(0.002)
        timing.add("cache", description="miss")
        timing.add("queue", 12.345)
        return "shown"

    @app.get("/plain")
    def show_plainly() -> str:
        timing.add("plain", 1)
        return "shown"

    @app.get("/broken")
    def fail() -> None:
        with timing.measure("db"):
            raise ZeroDivisionError

    return app


def metrics(value: str) -> dict[str, dict[str, str]]:
    """A field's metrics by name."""
    found = {}
    for member in split_list(value, limit=1_000):
        name, _, parameters = member.partition(";")
        found[name] = dict(parse_parameters(f";{parameters}") or []) if parameters else {}
    return found


def test_the_handler_s_metrics_and_the_whole_are_told(serve: Serve) -> None:
    told = metrics(serve(shop(ServerTiming())).get("/async").headers["server-timing"])

    assert list(told) == ["db", "cache", "queue", "total"]
    assert told["db"]["desc"] == "two queries"
    assert float(told["db"]["dur"]) >= 1.5
    assert told["cache"] == {"desc": "miss"}
    assert told["queue"] == {"dur": "12.3"}
    assert float(told["total"]["dur"]) >= float(told["db"]["dur"])


def test_a_plain_handler_in_its_thread_may_add_some_too(serve: Serve) -> None:
    assert serve(shop(ServerTiming(total=""))).get("/plain").headers["server-timing"] == "plain;dur=1.0"


@pytest.mark.parametrize(("path", "status"), [("/broken", 500), ("/nowhere", 404)])
def test_errors_are_measured_like_any_answer(serve: Serve, path: str, status: int) -> None:
    received = serve(shop(ServerTiming(total="all"))).get(path)

    assert received.status_code == status
    assert re.search(r"all;dur=\d+\.\d", received.headers["server-timing"])


def test_what_was_measured_for_one_request_does_not_show_in_the_next(serve: Serve) -> None:
    client = serve(shop(ServerTiming(total="")))
    client.get("/async")

    assert "server-timing" not in client.get("/nowhere").headers


def test_not_everybody_need_be_told(serve: Serve) -> None:
    def is_staff(request: Request) -> bool:
        return request.headers.get("x-staff") == "yes"

    client = serve(shop(ServerTiming(shown_to=is_staff)))

    assert "server-timing" not in client.get("/async").headers
    assert "server-timing" in client.get("/async", headers={"x-staff": "yes"}).headers


def test_outside_of_a_request_measuring_does_nothing() -> None:
    timing = ServerTiming()
    timing.add("db", 1)
    with timing.measure("db"):
        pass


def test_an_answer_has_so_many_metrics_and_no_more() -> None:
    timing = ServerTiming(total="")

    async def respond(request: Request) -> Response:
        for number in range(MOST_METRICS + 10):
            timing.add(f"m{number}")
        return Response()

    assert len(metrics(answered(timing, Asked(), respond).headers["server-timing"])) == MOST_METRICS


@each(
    ("name", "milliseconds", "description", "cure"),
    [
        ("d b", 1, "", "no name of a metric"),
        ("", 1, "", "no name of a metric"),
        ("db", -1, "", "write a number, 0 or more"),
        ("db", float("nan"), "", "write a number, 0 or more"),
        ("db", float("inf"), "", "write a number, 0 or more"),
        ("db", 1, "é", "write printable ASCII"),
        ("db", 1, "a\r\nb", "write printable ASCII"),
    ],
)
def test_a_metric_that_cannot_be_sent_is_refused_where_it_is_added(
    name: str, milliseconds: float, description: str, cure: str
) -> None:
    with pytest.raises(ValueError, match=cure):
        ServerTiming().add(name, milliseconds, description=description)


def test_a_total_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(ValueError, match="no name of a metric"):
        ServerTiming(total="a b")


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)), st.floats(min_value=0, max_value=1e9))
def test_what_is_added_is_read_back(description: str, milliseconds: float) -> None:
    timing = ServerTiming(total="")

    async def respond(request: Request) -> Response:
        timing.add("db", milliseconds, description=description)
        return Response()

    told = metrics(answered(timing, Asked(), respond).headers["server-timing"])["db"]

    assert told.get("desc", "") == description
    assert float(told["dur"]) == pytest.approx(milliseconds, abs=0.0501)  # half of the last place, and what a float is off
