"""The registered status codes, with their phrases, sources and classes.

Source: the IANA "HTTP Status Code Registry". One phrase differs from it: 422 keeps its older, better known words.
Any integer may be asked about, the values of `http.HTTPStatus` too. Not here: errors that carry a status (errors.py).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Self

__all__ = ["HTTPStatus"]


class HTTPStatus(IntEnum):
    """One registered status code: an integer that knows its phrase and where it is defined.

    >>> HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND.phrase
    (<HTTPStatus.NOT_FOUND: 404>, 'Not Found')
    >>> HTTPStatus(404).source
    'RFC 9110, Section 15.5.5'
    """

    phrase: str
    source: str

    # The defaults are for type checkers: `HTTPStatus(404)` looks a member up and never comes here.
    def __new__(cls, code: int, phrase: str = "", source: str = "") -> Self:
        """Make the integer, and hang phrase and source on it."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.phrase = phrase
        member.source = source
        return member

    CONTINUE = 100, "Continue", "RFC 9110, Section 15.2.1"
    SWITCHING_PROTOCOLS = 101, "Switching Protocols", "RFC 9110, Section 15.2.2"
    PROCESSING = 102, "Processing", "RFC 2518, Section 10.1"
    EARLY_HINTS = 103, "Early Hints", "RFC 8297, Section 2"
    UPLOAD_RESUMPTION_SUPPORTED = 104, "Upload Resumption Supported", "draft-ietf-httpbis-resumable-upload (temporary)"

    OK = 200, "OK", "RFC 9110, Section 15.3.1"
    CREATED = 201, "Created", "RFC 9110, Section 15.3.2"
    ACCEPTED = 202, "Accepted", "RFC 9110, Section 15.3.3"
    NON_AUTHORITATIVE_INFORMATION = 203, "Non-Authoritative Information", "RFC 9110, Section 15.3.4"
    NO_CONTENT = 204, "No Content", "RFC 9110, Section 15.3.5"
    RESET_CONTENT = 205, "Reset Content", "RFC 9110, Section 15.3.6"
    PARTIAL_CONTENT = 206, "Partial Content", "RFC 9110, Section 15.3.7"
    MULTI_STATUS = 207, "Multi-Status", "RFC 4918, Section 11.1"
    ALREADY_REPORTED = 208, "Already Reported", "RFC 5842, Section 7.1"
    IM_USED = 226, "IM Used", "RFC 3229, Section 10.4.1"

    MULTIPLE_CHOICES = 300, "Multiple Choices", "RFC 9110, Section 15.4.1"
    MOVED_PERMANENTLY = 301, "Moved Permanently", "RFC 9110, Section 15.4.2"
    FOUND = 302, "Found", "RFC 9110, Section 15.4.3"
    SEE_OTHER = 303, "See Other", "RFC 9110, Section 15.4.4"
    NOT_MODIFIED = 304, "Not Modified", "RFC 9110, Section 15.4.5"
    USE_PROXY = 305, "Use Proxy", "RFC 9110, Section 15.4.6"
    SWITCH_PROXY = 306, "(Unused)", "RFC 9110, Section 15.4.7"
    TEMPORARY_REDIRECT = 307, "Temporary Redirect", "RFC 9110, Section 15.4.8"
    PERMANENT_REDIRECT = 308, "Permanent Redirect", "RFC 9110, Section 15.4.9"

    BAD_REQUEST = 400, "Bad Request", "RFC 9110, Section 15.5.1"
    UNAUTHORIZED = 401, "Unauthorized", "RFC 9110, Section 15.5.2"
    PAYMENT_REQUIRED = 402, "Payment Required", "RFC 9110, Section 15.5.3"
    FORBIDDEN = 403, "Forbidden", "RFC 9110, Section 15.5.4"
    NOT_FOUND = 404, "Not Found", "RFC 9110, Section 15.5.5"
    METHOD_NOT_ALLOWED = 405, "Method Not Allowed", "RFC 9110, Section 15.5.6"
    NOT_ACCEPTABLE = 406, "Not Acceptable", "RFC 9110, Section 15.5.7"
    PROXY_AUTHENTICATION_REQUIRED = 407, "Proxy Authentication Required", "RFC 9110, Section 15.5.8"
    REQUEST_TIMEOUT = 408, "Request Timeout", "RFC 9110, Section 15.5.9"
    CONFLICT = 409, "Conflict", "RFC 9110, Section 15.5.10"
    GONE = 410, "Gone", "RFC 9110, Section 15.5.11"
    LENGTH_REQUIRED = 411, "Length Required", "RFC 9110, Section 15.5.12"
    PRECONDITION_FAILED = 412, "Precondition Failed", "RFC 9110, Section 15.5.13"
    CONTENT_TOO_LARGE = 413, "Content Too Large", "RFC 9110, Section 15.5.14"
    URI_TOO_LONG = 414, "URI Too Long", "RFC 9110, Section 15.5.15"
    UNSUPPORTED_MEDIA_TYPE = 415, "Unsupported Media Type", "RFC 9110, Section 15.5.16"
    RANGE_NOT_SATISFIABLE = 416, "Range Not Satisfiable", "RFC 9110, Section 15.5.17"
    EXPECTATION_FAILED = 417, "Expectation Failed", "RFC 9110, Section 15.5.18"
    # Kept from being assigned because of RFC 2324: the name is the one people know, the phrase the registered one.
    IM_A_TEAPOT = 418, "(Unused)", "RFC 9110, Section 15.5.19"
    MISDIRECTED_REQUEST = 421, "Misdirected Request", "RFC 9110, Section 15.5.20"
    UNPROCESSABLE_CONTENT = 422, "Unprocessable Entity", "RFC 9110, Section 15.5.21"
    LOCKED = 423, "Locked", "RFC 4918, Section 11.3"
    FAILED_DEPENDENCY = 424, "Failed Dependency", "RFC 4918, Section 11.4"
    TOO_EARLY = 425, "Too Early", "RFC 8470, Section 5.2"
    UPGRADE_REQUIRED = 426, "Upgrade Required", "RFC 9110, Section 15.5.22"
    PRECONDITION_REQUIRED = 428, "Precondition Required", "RFC 6585, Section 3"
    TOO_MANY_REQUESTS = 429, "Too Many Requests", "RFC 6585, Section 4"
    REQUEST_HEADER_FIELDS_TOO_LARGE = 431, "Request Header Fields Too Large", "RFC 6585, Section 5"
    UNAVAILABLE_FOR_LEGAL_REASONS = 451, "Unavailable For Legal Reasons", "RFC 7725, Section 3"

    INTERNAL_SERVER_ERROR = 500, "Internal Server Error", "RFC 9110, Section 15.6.1"
    NOT_IMPLEMENTED = 501, "Not Implemented", "RFC 9110, Section 15.6.2"
    BAD_GATEWAY = 502, "Bad Gateway", "RFC 9110, Section 15.6.3"
    SERVICE_UNAVAILABLE = 503, "Service Unavailable", "RFC 9110, Section 15.6.4"
    GATEWAY_TIMEOUT = 504, "Gateway Timeout", "RFC 9110, Section 15.6.5"
    HTTP_VERSION_NOT_SUPPORTED = 505, "HTTP Version Not Supported", "RFC 9110, Section 15.6.6"
    VARIANT_ALSO_NEGOTIATES = 506, "Variant Also Negotiates", "RFC 2295, Section 8.1"
    INSUFFICIENT_STORAGE = 507, "Insufficient Storage", "RFC 4918, Section 11.5"
    LOOP_DETECTED = 508, "Loop Detected", "RFC 5842, Section 7.2"
    NOT_EXTENDED = 510, "Not Extended", "RFC 2774, Section 7 (obsoleted)"
    NETWORK_AUTHENTICATION_REQUIRED = 511, "Network Authentication Required", "RFC 6585, Section 6"

    @staticmethod
    def reason(code: int) -> str:
        """The phrase of a code; "Unknown" for one that is not registered.

        >>> HTTPStatus.reason(404), HTTPStatus.reason(499)
        ('Not Found', 'Unknown')
        """
        return _REASONS.get(code, "Unknown")

    @staticmethod
    def line(code: int) -> str:
        """The code and its phrase, as a status line shows them.

        >>> HTTPStatus.line(404), HTTPStatus.line(499)
        ('404 Not Found', '499 Unknown')
        """
        return _LINES.get(code) or f"{code} Unknown"

    @staticmethod
    def is_informational(code: int) -> bool:
        """True for 1xx: an interim answer, the final one follows (RFC 9110, Section 15.2)."""
        return 100 <= code < 200

    @staticmethod
    def is_success(code: int) -> bool:
        """True for 2xx, registered or not (RFC 9110, Section 15.3)."""
        return 200 <= code < 300

    @staticmethod
    def is_redirect(code: int) -> bool:
        """True for 3xx: the client has something more to do (RFC 9110, Section 15.4)."""
        return 300 <= code < 400

    @staticmethod
    def is_client_error(code: int) -> bool:
        """True for 4xx: the client seems to have erred (RFC 9110, Section 15.5)."""
        return 400 <= code < 500

    @staticmethod
    def is_server_error(code: int) -> bool:
        """True for 5xx: the server knows that it failed (RFC 9110, Section 15.6)."""
        return 500 <= code < 600

    @staticmethod
    def allows_content(code: int) -> bool:
        """False for 1xx, 204 and 304, whose answers end with their header section (RFC 9110, Section 6.4.1).

        A 205 must be empty too, but says so with a Content-Length of 0 (Section 15.3.6), so it counts as allowed here.

        >>> HTTPStatus.allows_content(200), HTTPStatus.allows_content(304)
        (True, False)
        """
        return code >= 200 and code not in (204, 304)


_REASONS = {int(status): status.phrase for status in HTTPStatus}
_LINES = {code: f"{code} {phrase}" for code, phrase in _REASONS.items()}
