"""A Reply is answered alike whichever way its answer is made, the quick one or that which knows every case."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from martlet import HTML, App, Created, Page, Reply, Response, SetCookie, Stream, WSGIRequest
from martlet.handling.answering.replies import quickly
from martlet.handling.answering.representations import RepresentationChoice
from martlet.handling.answering.results import Encoder
from martlet.rendering import default_renderers
from tests.serving import Serve

CHOOSE = RepresentationChoice(default_renderers(), lambda value: HTML("<p>{}</p>").format(value))
ENCODE = Encoder(CHOOSE).encode
ODD_TEXT = st.text("aé\r\n\t \x7f;", max_size=3)
names = st.sampled_from(["x-total", "X-Total", "Location", "vary", "Content-Type", "content-length", "set-cookie"]) | ODD_TEXT
headers = st.lists(st.tuples(names, st.sampled_from(["7", "a b", "", "text/csv"]) | ODD_TEXT), max_size=3)
values: st.SearchStrategy[Any] = st.sampled_from([{"id": 7}, [], "text", 7, None, HTML("<p>"), Page([1], total=1), Reply(7)])
statuses = st.sampled_from([200, 201, 202, 204, 299, 303, 404, 599])
replies = st.builds(
    lambda value, status, headers, cookies: Reply(value, status=status, headers=headers, cookies=cookies),
    values,
    statuses,
    headers,
    st.sampled_from([(), (SetCookie("a", "b"),)]),
) | st.builds(lambda value, headers: Created(value, location="/a/é", headers=headers), values, headers)


def answer(encode: Any, reply: Any, accept: str) -> Any:
    """What is sent, or what is raised."""
    request = WSGIRequest({"HTTP_ACCEPT": accept})
    try:
        response = encode(reply, request, CHOOSE(accept))
    except Exception as error:  # noqa: BLE001
        return type(error), str(error)
    body = type(response.body) if isinstance(response.body, Stream) else response.body
    return response.status_code, type(response.status_code), response.headers.items(), body


@given(replies, st.sampled_from(["*/*", "text/html", "application/vnd.msgpack"]))
def test_the_quick_way_answers_as_the_other_does(reply: Any, accept: str) -> None:
    assert answer(quickly(ENCODE), reply, accept) == answer(ENCODE, reply, accept)


def test_what_was_prepared_is_not_changed_by_an_answer(serve: Serve) -> None:
    app = App()

    @app.get("/{item_id}")
    def show(item_id: int) -> Reply[int]:
        return Reply(item_id, headers={"x-item": str(item_id)} if item_id else None)

    @app.use
    async def mark(request: Any, respond: Any) -> Response:
        response: Response = await respond(request)
        response.headers["x-seen"] = response.headers.get("x-item") or "none"
        return response

    client = serve(app)

    assert [client.get(f"/{number}").headers.get_list("x-item") for number in (1, 0, 2)] == [["1"], [], ["2"]]
    assert [client.get(f"/{number}").headers["x-seen"] for number in (1, 0, 2)] == ["1", "none", "2"]


def test_a_created_answer_says_where_over_every_protocol(serve: Serve) -> None:
    app = App()

    @app.post("/")
    def add() -> Created[int]:
        return Created(7, location="/items/é\r\nx: y")

    received = serve(app).post("/")

    assert (received.status_code, received.json()) == (201, 7)
    assert received.headers["location"] == "/items/%C3%A9%0D%0Ax:%20y"
    assert received.headers["content-length"] == "1"
