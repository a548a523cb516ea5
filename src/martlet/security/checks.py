"""Guards for what nearly every application asks: somebody, a method, fields of a body.

Called with a mapping in a request's place, a view that they guard answers with one; see guards.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import cast

from martlet.http import BadRequestError, MethodNotAllowedError, UnauthorizedError, parse_json
from martlet.messages import Request
from martlet.security.guards import Asked, Guard


@partial(Guard, needs_user=True, inline=True)
def require_auth(request: Request | Asked) -> None:
    """Let only authenticated requests through; anyone else gets 401 (RFC 9110 section 15.5.2)."""
    if request.user is None:
        raise UnauthorizedError("Authentication required")


def require_methods(*methods: str) -> Guard:
    """Let only these methods through; any other gets 405 with Allow (RFC 9110 section 15.5.6).

    >>> @require_methods("POST")
    ... def create(request):
    ...     return {"status": 200, "body": "made"}
    >>> create({"method": "GET"})
    {'status': 405, 'body': 'Method not allowed'}
    """
    allowed = tuple(method.upper() for method in methods)

    def check_method(request: Request | Asked) -> None:
        if request.method.upper() not in allowed:
            raise MethodNotAllowedError("Method not allowed", allow=allowed)

    return Guard(check_method, inline=True)


def validate_json_body(schema: Mapping[str, type]) -> Guard:
    """Let only bodies through that are JSON objects with these fields, each of its type; any other gets 400.

    For whole types with constraints, take a Struct as the handler's parameter instead: it lists all errors at once.

    >>> @validate_json_body({"name": str})
    ... def create(request):
    ...     return {"status": 200, "body": request["body"]["name"]}
    >>> create({"body": {"name": 7}})
    {'status': 400, 'body': 'Invalid type for field: name'}
    """

    def check_body(request: Request | Asked) -> None:
        body = request.body
        if isinstance(request, Request):
            body = parse_json(request.body, max_depth=request.limits.nesting_depth)
        if not isinstance(body, Mapping):
            raise BadRequestError("The body must be a JSON object")
        fields = cast("Mapping[str, object]", body)
        for name, kind in schema.items():
            if name not in fields:
                raise BadRequestError(f"Missing required field: {name}")
            value = fields[name]
            # JSON's true is no number, though Python's bool is an int.
            if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
                raise BadRequestError(f"Invalid type for field: {name}")

    return Guard(check_body, needs_body=True, inline=True)
