"""A client gets the representation it wants most, or a 406 that lists what there is."""

from typing import Any

import pytest

from martlet.http import BadMediaTypeError, NotAcceptableError
from martlet.rendering import ContentNegotiator, default_renderers, problem_document


def as_text(data: dict[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in data.items())


@pytest.fixture
def negotiator() -> ContentNegotiator:
    negotiator = ContentNegotiator()
    negotiator.register_renderer("application/json", repr)
    negotiator.register_renderer("text/html", lambda data: f"<p>{as_text(data)}</p>")
    negotiator.register_renderer("text/plain", as_text)
    return negotiator


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        pytest.param(None, "application/json", id="absent"),
        pytest.param("", "application/json", id="empty"),
        pytest.param("*/*", "application/json", id="anything"),
        pytest.param("nonsense", "application/json", id="makes no sense"),
        pytest.param("text/html", "text/html", id="named"),
        pytest.param("text/*", "text/html", id="the first of a type"),
        pytest.param("text/plain;q=0.5, text/html;q=0.9", "text/html", id="higher quality wins"),
        pytest.param("*/*;q=0.1, text/plain", "text/plain", id="more specific range wins"),
        pytest.param("application/json;q=0, */*;q=0.1", "text/html", id="what is refused is not chosen"),
        pytest.param("text/plain, text/html, application/json", "application/json", id="equals: the server's order"),
    ],
)
def test_the_media_type_is_chosen_by_accept(negotiator: ContentNegotiator, accept: str | None, chosen: str) -> None:
    assert negotiator.choose(accept)[0] == chosen
    assert negotiator.negotiate(accept, {})[0] == chosen


def test_the_chosen_renderer_makes_the_body(negotiator: ContentNegotiator) -> None:
    assert negotiator.negotiate("text/html", {"a": 1}) == ("text/html", "<p>a=1</p>")


@pytest.mark.parametrize("accept", ["application/xml", "*/*;q=0", "image/*, audio/*"])
def test_what_nobody_offers_is_406_before_anything_is_rendered(negotiator: ContentNegotiator, accept: str) -> None:
    with pytest.raises(ValueError, match=r"^406 Not Acceptable$") as refused:
        negotiator.negotiate(accept, None)

    assert isinstance(refused.value, NotAcceptableError)
    assert refused.value.headers == {"Vary": "Accept"}
    assert problem_document(refused.value)["available"] == ["application/json", "text/html", "text/plain"]


def test_a_type_registered_again_keeps_its_rank(negotiator: ContentNegotiator) -> None:
    negotiator.register_renderer("Application/JSON", str)

    assert negotiator.media_types == ("Application/JSON", "text/html", "text/plain")
    assert negotiator.choose(None)[1] is str


def test_a_new_type_is_offered_at_once(negotiator: ContentNegotiator) -> None:
    with pytest.raises(NotAcceptableError):
        negotiator.choose("text/csv")

    negotiator.register_renderer("text/csv", as_text)

    assert negotiator.choose("text/csv")[0] == "text/csv"


def test_nothing_is_registered_once_it_is_frozen(negotiator: ContentNegotiator) -> None:
    negotiator.freeze()

    with pytest.raises(TypeError, match="text/csv"):
        negotiator.register_renderer("text/csv", as_text)
    assert negotiator.choose("text/plain")[0] == "text/plain"


def test_what_is_no_media_type_cannot_be_registered(negotiator: ContentNegotiator) -> None:
    for media_type in ("json", "text/*"):
        with pytest.raises(BadMediaTypeError):
            negotiator.register_renderer(media_type, as_text)


def test_without_renderers_nothing_is_acceptable() -> None:
    with pytest.raises(NotAcceptableError):
        ContentNegotiator().choose(None)


def test_the_default_renderers_can_be_given_at_once() -> None:
    negotiator = ContentNegotiator(default_renderers())

    assert negotiator.negotiate(None, {"a": 1}) == ("application/json", b'{"a":1}')
    assert negotiator.negotiate("application/x-msgpack", {"a": 1}) == ("application/x-msgpack", b"\x81\xa1a\x01")
