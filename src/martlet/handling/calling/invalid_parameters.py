"""When a parameter does not fit: go over all of them again and list every error in one 422.

Only failures come here, so the usual way pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from martlet.handling.calling.decoding import Decode, read_before
from martlet.handling.signatures.functions import MISSING, Function
from martlet.handling.signatures.sources import FromField
from martlet.http import FieldError, NotFoundError, UnauthorizedError, UnsupportedMediaTypeError, ValidationError
from martlet.messages import Request
from martlet.rendering import ScalarError

Refuse: TypeAlias = Callable[[Request, Decode | None], ValidationError]


class MissingFieldError(ScalarError):
    """A required field is absent."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("This field is required.")


BINDING_ERRORS: Final = (ScalarError, ValidationError)


def refusing(fields: Sequence[FromField]) -> Refuse:
    """Make the function that binds these fields, and the body if there is one, once more for their errors."""

    def refuse(request: Request, decode: Decode | None) -> ValidationError:
        limit = request.limits.errors_listed
        errors = [error for field in fields for error in field_errors(request, field)]
        if decode is not None:
            try:
                decode(read_before(request, decode))  # a syntax error (400) is raised from here, and outranks the rest
            except ValidationError as error:
                errors.extend(error.errors)
        return ValidationError("The request does not fit.", errors=errors[:limit])

    return refuse


def field_errors(request: Request, source: FromField) -> Iterable[FieldError]:
    """List what is wrong with one field; nothing if it fits."""
    texts = field_texts(request, source)
    if not texts and source.default is MISSING:
        yield _error(source, "This field is required.")
    values: list[Any] = []
    for index, text in enumerate(texts):
        try:
            values.append(source.convert(text))
        except ScalarError as error:
            place = f"Item {index + 1}: " if source.collect is not None and len(texts) > 1 else ""
            yield _error(source, f"{place}{error}")
    if source.collect is not None and texts and len(values) == len(texts):
        try:
            source.collect(values)
        except ScalarError as error:
            yield _error(source, str(error))


def field_texts(request: Request, source: FromField) -> list[str]:
    """Read a field's texts: at most one unless it is a sequence; without blanks where the type takes none."""
    if source.location == "query":
        found = request.query.get_list(source.name)
        texts = found if source.collect is not None else found[:1]
    else:
        text = request.field(source.field) if source.location == "header" else request.cookies.get(source.name)
        texts = members(text) if source.collect is not None else [] if text is None else [text]
    return [text for text in texts if text] if source.blank_is_absent else texts


def members(text: str | None) -> list[str]:
    """Split a header field that is a list (RFC 9110 section 5.6.1); empty members are left out."""
    return [] if text is None else [member.strip() for member in text.split(",") if member.strip()]


def narrowed(convert: Callable[[Any], Any], value: Any) -> Any:
    """Fit a path parameter to its annotation; a misfit is no such page."""
    try:
        return convert(value)
    except ValueError:  # ScalarError and msgspec's ValidationError are ValueErrors
        raise NotFoundError from None


def untyped_body() -> UnsupportedMediaTypeError:
    """Refuse the bytes of an optional body that nobody says the type of."""
    return UnsupportedMediaTypeError("The body has no Content-Type.")


def guard_spoke(guard: Function) -> TypeError:
    """Refuse to go on after a guard that returned something: its author may have meant False."""
    return TypeError(
        f"The guard {guard.name} ({guard.where}) returned a value, which nobody looks at. "
        "Raise an HTTPError to refuse, return nothing to let pass."
    )


def nobody() -> UnauthorizedError:
    """Refuse a request that nobody stands behind."""
    return UnauthorizedError("Authentication required")


def _error(source: FromField, detail: str) -> FieldError:
    return FieldError(pointer="", detail=detail, location=source.location, name=source.name)
