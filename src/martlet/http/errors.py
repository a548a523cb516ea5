"""The errors that are answers: one exception class for each status an application raises.

A class sets the header fields its status calls for: Allow, WWW-Authenticate, Retry-After. What they share is in http_error.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from martlet.http.http_error import FieldError, HTTPError
from martlet.http.status import HTTPStatus
from martlet.http.waits import whole_seconds

__all__ = [
    "BadGatewayError",
    "BadRequestError",
    "ConflictError",
    "ContentTooLargeError",
    "ExpectationFailedError",
    "FailedDependencyError",
    "FieldError",
    "ForbiddenError",
    "GatewayTimeoutError",
    "GoneError",
    "HTTPError",
    "InsufficientStorageError",
    "InternalServerError",
    "LengthRequiredError",
    "LockedError",
    "MethodNotAllowedError",
    "MethodNotImplementedError",
    "MisdirectedRequestError",
    "NotAcceptableError",
    "NotFoundError",
    "PaymentRequiredError",
    "PreconditionFailedError",
    "PreconditionRequiredError",
    "RangeNotSatisfiableError",
    "RequestHeaderFieldsTooLargeError",
    "RequestTimeoutError",
    "ServiceUnavailableError",
    "TooEarlyError",
    "TooManyRequestsError",
    "URITooLongError",
    "UnauthorizedError",
    "UnavailableForLegalReasonsError",
    "UnsupportedMediaTypeError",
    "UpgradeRequiredError",
    "ValidationError",
    "error_for",
]


class BadRequestError(HTTPError, status=400):
    """The request cannot be understood as it was sent."""


class UnauthorizedError(HTTPError, status=401):
    """Who is asking is not known; `challenge` says how to prove it.

    challenge: the value of WWW-Authenticate, which a 401 owes its client (RFC 9110, Section 15.5.2).

    >>> UnauthorizedError(challenge='Bearer realm="shelf"').headers
    {'WWW-Authenticate': 'Bearer realm="shelf"'}
    """

    def __init__(
        self,
        message: str | None = None,
        *,
        challenge: str | None = None,
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        """Keep the facts, and the challenge as a field."""
        super().__init__(message, headers=headers, **members)
        if challenge is not None:
            self._set_header("WWW-Authenticate", challenge)


class PaymentRequiredError(HTTPError, status=402):
    """Somebody has to pay first."""


class ForbiddenError(HTTPError, status=403):
    """Who is asking is known, and may not."""


class NotFoundError(HTTPError, status=404):
    """There is nothing at this address, or its existence is not told."""


class MethodNotAllowedError(HTTPError, status=405):
    """The address exists, but not for this method.

    allow: the methods it does have; they become the Allow field, which a 405 must carry (RFC 9110, Section 15.5.6).

    >>> MethodNotAllowedError(allow=["GET", "HEAD"]).headers
    {'Allow': 'GET, HEAD'}
    """

    def __init__(
        self,
        message: str | None = None,
        *,
        allow: Iterable[str] = (),
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        """Keep the facts, and the methods as a field."""
        super().__init__(message, headers=headers, **members)
        self.allow = tuple(allow)
        self._set_header("Allow", ", ".join(self.allow))


class NotAcceptableError(HTTPError, ValueError, status=406):
    """No representation on offer suits the client's Accept field."""


class RequestTimeoutError(HTTPError, status=408):
    """The client took too long to send its request."""


class ConflictError(HTTPError, status=409):
    """The request does not fit the resource's present state."""


class GoneError(HTTPError, status=410):
    """The resource was here and will not be back."""


class LengthRequiredError(HTTPError, status=411):
    """The request needs a Content-Length."""


class PreconditionFailedError(HTTPError, status=412):
    """A condition of the request (If-Match and its like) does not hold."""


class ContentTooLargeError(HTTPError, status=413):
    """The request's content is larger than the limit."""


class URITooLongError(HTTPError, status=414):
    """The request's target is longer than the limit."""


class UnsupportedMediaTypeError(HTTPError, status=415):
    """The content comes in a media type or coding that is not read here."""


class RangeNotSatisfiableError(HTTPError, status=416):
    """None of the ranges asked for lies within the representation."""


class ExpectationFailedError(HTTPError, status=417):
    """What the Expect field asks for cannot be done."""


class MisdirectedRequestError(HTTPError, status=421):
    """The request names an authority that is not served here."""


class ValidationError(HTTPError, status=422):
    """The content was understood, and what it says is not valid.

    errors: everything that is wrong, so that it can be mended in one go.

    >>> ValidationError("Invalid email", errors=[FieldError("/email", "There is no @ in it.")]).errors[0].pointer
    '/email'
    """

    def __init__(
        self,
        message: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        """Keep the facts, and the errors of the fields as a tuple."""
        super().__init__(message, headers=headers, **members)
        self.errors = tuple(errors)


class LockedError(HTTPError, status=423):
    """The resource is locked (RFC 4918, Section 11.3)."""


class FailedDependencyError(HTTPError, status=424):
    """An action this one depends on has failed (RFC 4918, Section 11.4)."""


class TooEarlyError(HTTPError, status=425):
    """The request came in early data, which may be replayed (RFC 8470, Section 5.2)."""


class UpgradeRequiredError(HTTPError, status=426):
    """The request must come over another protocol; name it in the Upgrade field."""


class PreconditionRequiredError(HTTPError, status=428):
    """The request must be conditional, so that no update is lost (RFC 6585, Section 3)."""


class _RetryLaterError(HTTPError):
    """The request may succeed later.

    retry_after: seconds to wait, as the Retry-After field, which has whole ones only (RFC 9110, Section 10.2.3): a fraction is
    rounded up, so that nobody comes too early. Raises TypeError for what is no number, ValueError for one that is no wait.
    """

    def __init__(
        self,
        message: str | None = None,
        *,
        retry_after: float | timedelta | None = None,
        headers: Mapping[str, str] | None = None,
        **members: object,
    ) -> None:
        """Keep the facts, and the wait as a field."""
        super().__init__(message, headers=headers, **members)
        self.retry_after = None if retry_after is None else whole_seconds(retry_after)
        if self.retry_after is not None:
            self._set_header("Retry-After", str(self.retry_after))


class TooManyRequestsError(_RetryLaterError, status=429):
    """The client has sent too many requests (RFC 6585, Section 4); `retry_after` says how many seconds to wait.

    >>> TooManyRequestsError(retry_after=1.5).headers
    {'Retry-After': '2'}
    """


class RequestHeaderFieldsTooLargeError(HTTPError, status=431):
    """One field, or all of them, exceed the limit (RFC 6585, Section 5)."""


class UnavailableForLegalReasonsError(HTTPError, status=451):
    """A legal demand forbids to show this (RFC 7725)."""


class InternalServerError(HTTPError, status=500):
    """The server failed."""


class MethodNotImplementedError(HTTPError, status=501):
    """The server does not know the method, or cannot do what was asked."""


class BadGatewayError(HTTPError, status=502):
    """A server behind this one gave an answer that makes no sense."""


class ServiceUnavailableError(_RetryLaterError, status=503):
    """The server cannot answer now; `retry_after` says how many seconds to wait."""


class GatewayTimeoutError(HTTPError, status=504):
    """A server behind this one did not answer in time."""


class InsufficientStorageError(HTTPError, status=507):
    """There is no room to store what was sent (RFC 4918, Section 11.5)."""


_BY_STATUS: dict[int, type[HTTPError]] = {
    error.status_code: error
    for error in (*HTTPError.__subclasses__(), *_RetryLaterError.__subclasses__())
    if "status_code" in vars(error)
}


def error_for(status_code: int) -> type[HTTPError]:
    """The class to raise for a status; a 4xx or 5xx without a class of its own counts as 400 or 500 (RFC 9110, Section 15).

    Raises ValueError for a status that is no error.

    >>> error_for(404).__name__, error_for(499).__name__
    ('NotFoundError', 'BadRequestError')
    """
    found = _BY_STATUS.get(status_code)
    if found is not None:
        return found
    if HTTPStatus.is_client_error(status_code):
        return BadRequestError
    if HTTPStatus.is_server_error(status_code):
        return InternalServerError
    raise ValueError(f"{status_code} is not the status of an error: errors are 400 to 599. Return a response with it instead.")
