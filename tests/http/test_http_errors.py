"""Errors that are answers: their status, their words, their fields, and that they survive a journey."""

import copy
import inspect
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from martlet.http import errors
from martlet.http.errors import (
    BadRequestError,
    ConflictError,
    FieldError,
    HTTPError,
    InternalServerError,
    MethodNotAllowedError,
    NotAcceptableError,
    NotFoundError,
    ServiceUnavailableError,
    TooManyRequestsError,
    UnauthorizedError,
    ValidationError,
    error_for,
)
from martlet.http.headers import BadHeaderError
from martlet.http.status import HTTPStatus
from tests.rows import each

ALL = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, HTTPError)]


class OutOfStockError(ConflictError):
    """An application's own error, whose arguments differ from those it passes on."""

    def __init__(self, sku: int, *, left: int) -> None:
        super().__init__(f"Only {left} left.", sku=sku)
        self.left = left


@each("error", ALL, ids=lambda error: error.__name__)
def test_the_default_message_is_the_phrase_of_the_status(error: type[HTTPError]) -> None:
    assert error.default_message == HTTPStatus.reason(error.status_code) != "Unknown"
    assert error().message == error.default_message
    assert str(error("Words.")) == f"{error.status_code} Words."


@each("error", [error for error in ALL if error is not HTTPError and not error.__name__.startswith("_")])
def test_a_status_leads_back_to_its_class(error: type[HTTPError]) -> None:
    assert error_for(error.status_code) is error


@each(("code", "error"), [(418, BadRequestError), (499, BadRequestError), (505, InternalServerError), (599, InternalServerError)])
def test_a_status_without_a_class_counts_as_the_first_of_its_kind(code: int, error: type[HTTPError]) -> None:
    assert error_for(code) is error


@each("code", [0, 200, 304, 600])
def test_a_status_that_is_no_error_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match=f"{code} is not the status of an error"):
        error_for(code)


def test_an_error_of_ones_own_may_name_its_status_on_the_class_line_or_in_the_body() -> None:
    class NoCoffeeError(HTTPError, status=418):
        default_message = "I am a teapot."

    class NoTeaError(HTTPError):
        status_code = 404

    class NoSugarError(NoTeaError):
        pass

    assert str(NoCoffeeError()) == "418 I am a teapot."
    assert str(NoTeaError()) == str(NoSugarError()) == "404 Not Found"


def test_an_empty_message_stays_empty() -> None:
    assert NotFoundError("").message == ""


def test_members_of_the_problem_document_are_kept() -> None:
    error = ConflictError("Only 2 left.", type="https://example.org/stock", sku=7)

    assert error.members == {"type": "https://example.org/stock", "sku": 7}
    assert error.headers == {}


@pytest.mark.parametrize("member", ["status", "detail"])
def test_a_member_that_the_error_says_itself_is_refused(member: str) -> None:
    members: dict[str, Any] = {member: 1}

    with pytest.raises(TypeError, match=f"got the member '{member}'"):
        NotFoundError("Gone.", headers=None, **members)


def test_headers_are_copied_so_that_two_errors_share_none() -> None:
    shared = {"Retry-After": "1"}
    error = NotFoundError(headers=shared)
    error.headers["X-More"] = "2"

    assert shared == {"Retry-After": "1"}


@each(
    ("error", "headers"),
    [
        pytest.param(MethodNotAllowedError(allow=["GET", "HEAD"]), {"Allow": "GET, HEAD"}, id="405 names the methods"),
        pytest.param(MethodNotAllowedError(), {"Allow": ""}, id="405 without methods allows none, RFC 9110 10.2.1"),
        pytest.param(UnauthorizedError(), {}, id="401 without a challenge"),
        pytest.param(UnauthorizedError(challenge="Basic"), {"WWW-Authenticate": "Basic"}, id="401 with a challenge"),
        pytest.param(
            UnauthorizedError(challenge="Basic", headers={"www-authenticate": "Bearer"}),
            {"WWW-Authenticate": "Basic"},
            id="the argument wins over another spelling",
        ),
        pytest.param(TooManyRequestsError(retry_after=0), {"Retry-After": "0"}, id="429 at once"),
        pytest.param(ServiceUnavailableError(retry_after=0.2), {"Retry-After": "1"}, id="part of a second"),
        pytest.param(TooManyRequestsError(retry_after=timedelta(minutes=1)), {"Retry-After": "60"}, id="a span of time"),
        pytest.param(ServiceUnavailableError(), {}, id="503 for a time nobody knows"),
    ],
)
def test_a_status_brings_its_fields(error: HTTPError, headers: dict[str, str]) -> None:
    assert error.headers == headers


def test_a_field_that_would_split_the_answer_is_refused_where_it_is_set() -> None:
    with pytest.raises(BadHeaderError):
        UnauthorizedError(challenge="Basic\r\nSet-Cookie: a=b")
    with pytest.raises(BadHeaderError):
        NotFoundError(headers={"X: Y": "1"})


def test_an_unacceptable_request_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match=r"^406 Not Acceptable$"):
        raise NotAcceptableError


def pickled(error: HTTPError) -> HTTPError:
    twin = pickle.loads(pickle.dumps(error))  # noqa: S301  our own bytes
    assert isinstance(twin, HTTPError)
    return twin


@each("copied", [pickled, copy.copy, copy.deepcopy])
@each(
    "error",
    [
        NotFoundError("No book 7.", headers={"X-Shelf": "3"}, book=7),
        MethodNotAllowedError(allow=["GET"]),
        ValidationError("Invalid.", errors=[FieldError("/title", "Missing."), FieldError("", "Not a number.", "query", "page")]),
        TooManyRequestsError(retry_after=30),
        NotAcceptableError(),
        OutOfStockError(7, left=2),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_survives_being_copied(error: HTTPError, copied: Callable[[HTTPError], HTTPError]) -> None:
    error.add_note("On the way.")

    twin = copied(error)

    assert type(twin) is type(error)
    assert (str(twin), twin.args) == (str(error), error.args)
    assert vars(twin) == vars(error)
    assert twin.__notes__[-1] == "On the way."


@each("wait", [-1, -0.5, float("nan"), float("inf"), 10**12, timedelta(-1)], ids=str)
def test_a_wait_that_is_none_is_refused_where_it_is_written(wait: float | timedelta) -> None:
    with pytest.raises(ValueError, match="is no wait: write seconds from 0"):
        TooManyRequestsError(retry_after=wait)


@pytest.mark.parametrize("wait", ["30", True, b"1"], ids=repr)
def test_a_wait_that_is_no_number_is_refused_too(wait: Any) -> None:
    with pytest.raises(TypeError, match="is no wait: write seconds, as 30"):
        ServiceUnavailableError(retry_after=wait)
