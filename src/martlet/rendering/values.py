"""What a handler may return beside plain data: a page's markup, and a value with a status, fields or cookies of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar, cast

from markupsafe import Markup, escape

from martlet.http.cookies import SetCookie
from martlet.http.locations import format_location
from martlet.http.status import HTTPStatus

__all__ = ["HTML", "Created", "Page", "Reply", "escape"]

T = TypeVar("T")


class HTML(Markup):
    """Text that is markup already and answers as text/html; whatever is put into it with `format`, `%` or `+` is escaped first.

    >>> HTML("<p>{}</p>").format("Tom & <Jerry>")
    HTML('<p>Tom &amp; &lt;Jerry&gt;</p>')
    """

    __slots__ = ()


class Reply(Generic[T]):
    """A value with the status, header fields and cookies of its answer; it is negotiated and documented as the value alone is.

    headers: a mapping, or pairs where a name occurs several times. Raises ValueError for a status outside 200 to 599.

    >>> Reply({"state": "queued"}, status=202, headers={"Retry-After": "5"})
    Reply({'state': 'queued'}, status=202, headers=(('Retry-After', '5'),), cookies=())
    """

    __slots__ = ("cookies", "headers", "status", "value")
    __match_args__ = ("value",)

    value: T
    status: int
    headers: tuple[tuple[str, str], ...]
    cookies: tuple[SetCookie, ...]

    def __init__(
        self,
        value: T,
        *,
        status: int = 200,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        cookies: Iterable[SetCookie] = (),
    ) -> None:
        if not 200 <= status <= 599:
            raise ValueError(f"{status} is no status of a final answer: use one from 200 to 599 (RFC 9110 section 15).")
        self.value = value
        self.status = status
        self.headers = () if headers is None else _pairs(headers)
        self.cookies = tuple(cookies) if cookies else ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r}, status={self.status}, headers={self.headers}, cookies={self.cookies})"


class Created(Reply[T]):
    """The value that has just been made, and where it is from now on: 201 with a Location (RFC 9110, Section 15.3.2).

    location: a URI reference; characters that it may not have, as in a title, are escaped.

    >>> Created({"id": 7}, location="/books/le café").headers
    (('Location', '/books/le%20caf%C3%A9'),)
    """

    __slots__ = ()

    def __init__(
        self,
        value: T,
        *,
        location: str,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        cookies: Iterable[SetCookie] = (),
    ) -> None:
        self.value = value
        self.status = HTTPStatus.CREATED
        others = () if headers is None else tuple(field for field in _pairs(headers) if field[0].lower() != "location")
        self.headers = (("Location", format_location(location)), *others)
        self.cookies = tuple(cookies) if cookies else ()


def _pairs(headers: Mapping[str, str] | Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(cast("Mapping[str, str]", headers).items() if isinstance(headers, Mapping) else headers)


class Page(Generic[T]):
    """A value for programs, and with it what only its page shows: names that the template sees beside the value.

    >>> page = Page([1, 2, 3], title="Marks", total=3)
    >>> page.value, page.extra
    ([1, 2, 3], {'title': 'Marks', 'total': 3})
    """

    __slots__ = ("extra", "value")
    __match_args__ = ("value",)

    value: T
    extra: dict[str, Any]

    def __init__(self, value: T, /, **extra: Any) -> None:
        self.value = value
        self.extra = extra

    def __repr__(self) -> str:
        shown = "".join(f", {name}={given!r}" for name, given in self.extra.items())
        return f"Page({self.value!r}{shown})"
