"""HTTPError, an exception that knows the status to answer with, and FieldError, one thing wrong with the input.

An error carries the facts (status, message, header fields, members of the problem document). Turning it into a response
is rendering/'s work; the classes to raise, one for each status, are in errors.py.
"""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from martlet.http.headers import checked_field
from martlet.http.status import HTTPStatus

__all__ = ["FieldError", "HTTPError"]


class HTTPError(Exception):
    """An error that knows its status; 500 unless a subclass says otherwise.

    message: for the client to read, the status's phrase if none is given; it becomes `detail` of the problem document.
    headers: fields the answer must carry.
    members: what else the problem document holds (RFC 9457, Section 3.2); `type`, `title` and `instance` replace the usual ones.
    Raises BadHeaderError for a field that must not be sent, and TypeError for the members `status` and `detail`,
    which the class and the message already say.

    >>> error = HTTPError("Only 2 left.", sku=7)
    >>> str(error), error.status_code, error.members
    ('500 Only 2 left.', 500, {'sku': 7})

    A status of your own takes one line; its default message is the registered phrase:

    >>> class OutOfPaperError(HTTPError, status=503): ...
    >>> str(OutOfPaperError())
    '503 Service Unavailable'
    """

    status_code: ClassVar[int] = 500
    default_message: ClassVar[str] = HTTPStatus.reason(500)

    message: str
    headers: dict[str, str]
    members: dict[str, object]

    def __init_subclass__(cls, *, status: int | None = None, **kwargs: Any) -> None:
        """Take the status from the class line (or from `status_code` in the body), and its phrase as the default message."""
        super().__init_subclass__(**kwargs)
        if status is not None:
            cls.status_code = status
        if "status_code" in cls.__dict__ and "default_message" not in cls.__dict__:
            cls.default_message = HTTPStatus.reason(cls.status_code)

    def __init__(self, message: str | None = None, *, headers: Mapping[str, str] | None = None, **members: object) -> None:
        """Keep the facts; nothing is rendered here."""
        if taken := members.keys() & {"status", "detail"}:
            raise TypeError(
                f"{type(self).__name__} got the member {min(taken)!r}, which the error says itself: "
                "choose the class for the status, and the first argument for the detail."
            )
        self.message = self.default_message if message is None else message
        self.headers = {}
        for name, value in (headers or {}).items():
            self._set_header(name, value)
        self.members = members
        super().__init__(self.message)

    def __str__(self) -> str:
        """The code and the message."""
        return f"{self.status_code} {self.message}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and unpickle without calling `__init__`, whose arguments a subclass may have changed."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

    def _set_header(self, name: str, value: str) -> None:
        """Set a field, in place of any other spelling of its name."""
        lower, value = checked_field(name, value)
        self.headers = {key: kept for key, kept in self.headers.items() if key.lower() != lower}
        self.headers[name] = value


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with a request's input, and where it stands.

    pointer: a JSON Pointer (RFC 6901) into the body; "" is the whole of it, and stays "" for the other locations.
    name: the parameter's name, when the location is not the body.

    >>> FieldError("/tags/0", "Expected a text, got a number.")
    FieldError(pointer='/tags/0', detail='Expected a text, got a number.', location='body', name=None)
    """

    pointer: str
    detail: str
    location: Literal["body", "query", "path", "header", "cookie"] = "body"
    name: str | None = None
