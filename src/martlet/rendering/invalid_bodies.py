"""What is wrong with a body that could be read, but whose values are not of the type: a 422 with every error there is."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from martlet.http.errors import FieldError, HTTPError, ValidationError
from martlet.rendering.conversion import UNHASHABLE
from martlet.rendering.pydantic_models import model_errors
from martlet.rendering.validation import ErrorCollector, format_pointer, listed_errors

__all__ = ["NOT_VALID", "invalid_body", "invalid_model", "invalid_set", "invalid_value", "unreadable_value"]

NOT_VALID = "The body is not valid."


def invalid_body(
    collector: ErrorCollector,
    error: msgspec.ValidationError,
    data: bytes,
    parse: Callable[[bytes], object],
    malformed: Callable[[bytes, Exception], HTTPError],
) -> HTTPError:
    """The refusal of a body with a wrong value; if it breaks off behind it, that comes first.

    parse: reads the body without a type. malformed: makes the refusal of a body that cannot be read.
    """
    try:
        value = parse(data)
    except msgspec.ValidationError:
        return unreadable_value(collector, error)
    except (ValueError, RecursionError) as worse:
        return malformed(data, worse)
    return invalid_value(collector, error, value)


def invalid_value(collector: ErrorCollector, error: msgspec.ValidationError, value: object) -> ValidationError:
    """All that is wrong with the untyped value; what msgspec said of the body where nothing is found in it."""
    try:
        errors = collector.collect(value)
    except RecursionError:
        errors = []
    return ValidationError(NOT_VALID, errors=errors or collector.read(error))


def unreadable_value(collector: ErrorCollector, error: msgspec.ValidationError) -> ValidationError:
    """What msgspec said, where there is no untyped value to look at: it has a number, say, that Python cannot hold."""
    return ValidationError(NOT_VALID, errors=collector.read(error))


def invalid_model(error: ValueError, limit: int) -> ValidationError:
    """The errors that pydantic found, `limit` of them at most."""
    errors = [FieldError(format_pointer(path), text) for path, text in model_errors(error)]
    return ValidationError(NOT_VALID, errors=listed_errors(errors, limit))


def invalid_set(error: TypeError) -> ValidationError:
    """The refusal of a set's item that is no such item; any other TypeError is raised again."""
    # The one TypeError that bytes can bring about; those of a class's own code arrive as msgspec's ValidationError.
    if not str(error).startswith("unhashable"):
        raise error
    return ValidationError(NOT_VALID, errors=[FieldError("", UNHASHABLE)])
