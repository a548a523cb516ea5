"""What a type checker must make of the values of HTTP."""

from typing import assert_type

from martlet.http import Headers, HTTPError, HTTPStatus, MediaType, NotFoundError, best_match, error_for


def a_field_may_be_absent(headers: Headers) -> None:
    assert_type(headers.get("etag"), str | None)
    assert_type(headers["etag"], str)
    assert_type(headers.get_list("vary"), list[str])


def a_field_is_text(headers: Headers) -> None:
    headers.set("age", 1)  # type: ignore[arg-type]


def a_choice_has_the_type_of_what_was_offered(json: MediaType, html: MediaType) -> None:
    assert_type(best_match("*/*", ["text/html", "application/json"]), str | None)
    assert_type(best_match("*/*", [json, html]), MediaType | None)


def an_error_is_raised_with_a_message_and_members() -> None:
    error = NotFoundError("There is no book 7.", book_id=7)
    assert_type(error.status_code, int)
    assert_type(error.message, str)
    assert_type(error_for(404), type[HTTPError])


def a_message_is_text() -> None:
    NotFoundError(404)  # type: ignore[arg-type]


def a_status_is_told_by_its_number() -> None:
    assert_type(HTTPStatus.line(404), str)
    assert_type(HTTPStatus.is_success(204), bool)
