"""Pure values of HTTP: statuses, errors, fields, media types, queries, cookies. Nothing here does any input or output."""

from __future__ import annotations

from martlet.http.accept import Negotiation, best_match, parse_accept
from martlet.http.authorities import DEFAULT_PORTS, Authority, parse_authority
from martlet.http.charsets import decode_text, find_codec
from martlet.http.content_security_policy import hash_source, make_nonce
from martlet.http.content_types import content_type_for
from martlet.http.cookies import MAX_COOKIE_BYTES, BadCookieError, SetCookie, UndecidedCookie, missing_for_prefix, parse_cookies
from martlet.http.dates import format_http_date, parse_cookie_date, parse_http_date
from martlet.http.depth import check_json_depth, check_msgpack_depth
from martlet.http.dispositions import format_disposition
from martlet.http.errors import (
    BadGatewayError,
    BadRequestError,
    ConflictError,
    ContentTooLargeError,
    ExpectationFailedError,
    FailedDependencyError,
    ForbiddenError,
    GatewayTimeoutError,
    GoneError,
    InsufficientStorageError,
    InternalServerError,
    LengthRequiredError,
    LockedError,
    MethodNotAllowedError,
    MethodNotImplementedError,
    MisdirectedRequestError,
    NotAcceptableError,
    NotFoundError,
    PaymentRequiredError,
    PreconditionFailedError,
    PreconditionRequiredError,
    RangeNotSatisfiableError,
    RequestHeaderFieldsTooLargeError,
    RequestTimeoutError,
    ServiceUnavailableError,
    TooEarlyError,
    TooManyRequestsError,
    UnauthorizedError,
    UnavailableForLegalReasonsError,
    UnsupportedMediaTypeError,
    UpgradeRequiredError,
    URITooLongError,
    ValidationError,
    error_for,
)
from martlet.http.event_streams import BadEventError, format_comment, format_event
from martlet.http.filenames import safe_filename
from martlet.http.forwarded import Forwarded, Node, parse_forwarded, parse_node
from martlet.http.headers import BadHeaderError, Headers, checked_field
from martlet.http.http_error import FieldError, HTTPError
from martlet.http.json import parse_json
from martlet.http.limits import Limits
from martlet.http.locations import format_location, format_path, is_local_reference, path_below
from martlet.http.media_types import BadMediaTypeError, MediaRange, MediaType
from martlet.http.methods import RETRIEVALS, SAFE_METHODS
from martlet.http.multi_mapping import MultiMapping
from martlet.http.multipart import MULTIPART, MultipartParser, PartEvent, multipart_boundary
from martlet.http.origins import OriginSet
from martlet.http.part_headers import PartHead
from martlet.http.preconditions import PreconditionStatus, evaluate_preconditions
from martlet.http.preferences import AcceptCharset, AcceptEncoding, AcceptLanguage, Preference
from martlet.http.query import URLENCODED, QueryString, parse_form, parse_urlencoded
from martlet.http.ranges import ByteRange, MultipartRanges, if_range_holds, requested_ranges, unsatisfied_range
from martlet.http.security_headers import SecurityHeaders
from martlet.http.status import HTTPStatus
from martlet.http.validators import BadETagError, ETag, Validators, received_etags

__all__ = [
    "DEFAULT_PORTS",
    "MAX_COOKIE_BYTES",
    "MULTIPART",
    "RETRIEVALS",
    "SAFE_METHODS",
    "URLENCODED",
    "AcceptCharset",
    "AcceptEncoding",
    "AcceptLanguage",
    "Authority",
    "BadCookieError",
    "BadETagError",
    "BadEventError",
    "BadGatewayError",
    "BadHeaderError",
    "BadMediaTypeError",
    "BadRequestError",
    "ByteRange",
    "ConflictError",
    "ContentTooLargeError",
    "ETag",
    "ExpectationFailedError",
    "FailedDependencyError",
    "FieldError",
    "ForbiddenError",
    "Forwarded",
    "GatewayTimeoutError",
    "GoneError",
    "HTTPError",
    "HTTPStatus",
    "Headers",
    "InsufficientStorageError",
    "InternalServerError",
    "LengthRequiredError",
    "Limits",
    "LockedError",
    "MediaRange",
    "MediaType",
    "MethodNotAllowedError",
    "MethodNotImplementedError",
    "MisdirectedRequestError",
    "MultiMapping",
    "MultipartParser",
    "MultipartRanges",
    "Negotiation",
    "Node",
    "NotAcceptableError",
    "NotFoundError",
    "OriginSet",
    "PartEvent",
    "PartHead",
    "PaymentRequiredError",
    "PreconditionFailedError",
    "PreconditionRequiredError",
    "PreconditionStatus",
    "Preference",
    "QueryString",
    "RangeNotSatisfiableError",
    "RequestHeaderFieldsTooLargeError",
    "RequestTimeoutError",
    "SecurityHeaders",
    "ServiceUnavailableError",
    "SetCookie",
    "TooEarlyError",
    "TooManyRequestsError",
    "URITooLongError",
    "UnauthorizedError",
    "UnavailableForLegalReasonsError",
    "UndecidedCookie",
    "UnsupportedMediaTypeError",
    "UpgradeRequiredError",
    "ValidationError",
    "Validators",
    "best_match",
    "check_json_depth",
    "check_msgpack_depth",
    "checked_field",
    "content_type_for",
    "decode_text",
    "error_for",
    "evaluate_preconditions",
    "find_codec",
    "format_comment",
    "format_disposition",
    "format_event",
    "format_http_date",
    "format_location",
    "format_path",
    "hash_source",
    "if_range_holds",
    "is_local_reference",
    "make_nonce",
    "missing_for_prefix",
    "multipart_boundary",
    "parse_accept",
    "parse_authority",
    "parse_cookie_date",
    "parse_cookies",
    "parse_form",
    "parse_forwarded",
    "parse_http_date",
    "parse_json",
    "parse_node",
    "parse_urlencoded",
    "path_below",
    "received_etags",
    "requested_ranges",
    "safe_filename",
    "unsatisfied_range",
]
