"""Cross-origin resource sharing: which other sites' pages may read the answers.

Source: the Fetch standard, "CORS protocol" (https://fetch.spec.whatwg.org/#http-cors-protocol). This is a permission that
browsers ask for on behalf of their users; it keeps nobody else from anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from martlet.http import OriginSet
from martlet.http.grammar import is_token, split_list
from martlet.http.origins import MAX_ORIGIN
from martlet.messages import FieldName, Request, Respond, Response
from martlet.middleware.added_fields import AddedFields

ORIGIN: Final = FieldName("origin")
REQUEST_METHOD: Final = FieldName("access-control-request-method")
REQUEST_HEADERS: Final = FieldName("access-control-request-headers")
REQUEST_PRIVATE_NETWORK: Final = FieldName("access-control-request-private-network")
# Fetch, "CORS-safelisted request-header name" and "forbidden method".
SAFELISTED_HEADERS: Final = frozenset({"accept", "accept-language", "content-language", "content-type", "range"})
FORBIDDEN_METHODS: Final = frozenset({"CONNECT", "TRACE", "TRACK"})
MOST_REMEMBERED: Final = 256  # origins whose fields are kept
PREFLIGHT_VARY: Final = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"


class CORS:
    """Lets pages of other origins read the answers, errors included, and answers their browsers' preflights.

    allow_origins: see OriginSet: literal origins, `https://*.example.org`, `null`, `re.compile(…)`; or `"*"` for everybody.
    allow_credentials: cookies and HTTP authentication come along; only for origins that are named, never for everybody.
    allow_methods, allow_headers: what may be asked for beyond a plain form's request; `"*"` for whatever is asked. Accept,
    Accept-Language, Content-Language, Content-Type and Range are always allowed.
    expose_headers: fields of the answer that scripts may read, beyond the few they always may.
    max_age: seconds that a browser may remember a preflight's answer; browsers' own bounds are 2 hours to a day.
    allow_private_network: also from a public site into a private network.
    Raises ValueError and TypeError for a permission that could never apply, and for one that would open more than it says.

    >>> from martlet import App
    >>> from martlet.testing import Client
    >>> app = App()
    >>> cors = app.use(CORS(["https://shop.example"], allow_methods=["GET", "PUT"]))
    >>> answer = Client(app).get("/nowhere", headers={"origin": "https://shop.example"})
    >>> answer.status_code, answer.headers["access-control-allow-origin"]
    (404, 'https://shop.example')
    """

    inline = True

    def __init__(
        self,
        allow_origins: Iterable[str | re.Pattern[str]],
        *,
        allow_credentials: bool = False,
        allow_methods: Iterable[str] = ("GET", "HEAD", "POST"),
        allow_headers: Iterable[str] = (),
        expose_headers: Iterable[str] = (),
        max_age: int | None = None,
        allow_private_network: bool = False,
    ) -> None:
        """Check every permission and prepare the fields that grant it; see the class."""
        origins = OriginSet(allow_origins)
        self.origins: Final = origins
        self.allows_credentials: Final = allow_credentials
        _check_reach(origins, credentials=allow_credentials, private_network=allow_private_network)
        self._methods: Final = _names(allow_methods, "allow_methods", _check_method)
        headers = _names(allow_headers, "allow_headers", _check_header)
        self._headers: Final = None if headers is None else frozenset(name.lower() for name in headers) | SAFELISTED_HEADERS
        exposed = _names(expose_headers, "expose_headers", _check_header)
        if exposed is None and allow_credentials:
            raise ValueError(
                "expose_headers='*' means nothing with credentials: browsers take it for a name then. List the names."
            )
        self._private_network: Final = allow_private_network
        granted = [("access-control-allow-credentials", "true")] if allow_credentials else []
        shown = [("access-control-expose-headers", "*" if exposed is None else ", ".join(exposed))] if exposed != () else []
        vary = PREFLIGHT_VARY + (", Access-Control-Request-Private-Network" if allow_private_network else "")
        self._preflight_fields: Final = (("vary", vary), *granted, *_age(max_age))
        self._refusal_fields: Final = (("vary", vary),)
        self._granted: Final = (*granted, *shown)
        self._to_everybody: Final = AddedFields([("access-control-allow-origin", "*"), *shown])
        self._to_strangers: Final = AddedFields(vary=["Origin"])
        # PERF: 0.2 µs, where deciding and preparing take 5 µs; an application is asked from few origins.
        self._recall: Final[Callable[[str], AddedFields]] = lru_cache(MOST_REMEMBERED)(self._to_origin)

    async def __call__(self, request: Request, respond: Respond) -> Response:
        """Answer a preflight; let everything else be answered, and say who may read it."""
        origin = request.field(ORIGIN)
        if request.method == "OPTIONS" and origin is not None:
            method = request.field(REQUEST_METHOD)
            if method is not None:
                return self._answer_preflight(request, origin, method)
        response = await respond(request)
        if self.origins.is_everything:
            # The same whoever asks, so that caches need not tell requests apart (Fetch, "CORS protocol and HTTP caches").
            self._to_everybody.put_on(response)
        elif origin is None or len(origin) > MAX_ORIGIN:
            self._to_strangers.put_on(response)
        else:
            self._recall(origin).put_on(response)
        return response

    def _to_origin(self, origin: str) -> AddedFields:
        if origin not in self.origins:
            return self._to_strangers
        return AddedFields([("access-control-allow-origin", origin), *self._granted], vary=["Origin"])

    def _answer_preflight(self, request: Request, origin: str, method: str) -> Response:
        asked = request.field(REQUEST_HEADERS) or ""
        names = list(split_list(asked, limit=len(asked)))
        refusal = self._refusal(origin, method, names)
        if refusal is not None:
            return Response(refusal, status=403, headers=self._refusal_fields)
        fields = [
            *self._preflight_fields,
            ("access-control-allow-origin", "*" if self.origins.is_everything else origin),
            # One method and the names asked for: an answer need not list what nobody asked, and "*" means less with credentials.
            ("access-control-allow-methods", method),
        ]
        if names:
            fields.append(("access-control-allow-headers", ", ".join(names)))
        if self._private_network and request.field(REQUEST_PRIVATE_NETWORK) == "true":
            fields.append(("access-control-allow-private-network", "true"))
        return Response(status=204, headers=fields)

    def _refusal(self, origin: str, method: str, names: list[str]) -> str | None:
        """Say why a preflight is refused, for whoever looks into a browser's tools; None if it is not."""
        if origin not in self.origins:
            return "CORS: this origin is not among those allowed."
        if not self._allows_method(method):
            return "CORS: this method is not among those allowed."
        allowed = self._headers
        fits = all(map(is_token, names)) if allowed is None else allowed.issuperset(name.lower() for name in names)
        return None if fits else "CORS: one of these header fields is not among those allowed."

    def _allows_method(self, method: str) -> bool:
        if self._methods is not None:
            return method in self._methods
        return is_token(method) and method not in FORBIDDEN_METHODS


def _check_reach(origins: OriginSet, *, credentials: bool, private_network: bool) -> None:
    """Refuse to grant to everybody what must be granted to somebody."""
    for granted, name in ((credentials, "allow_credentials"), (private_network, "allow_private_network")):
        if granted and origins.is_everything:
            raise ValueError(f"{name}=True with allow_origins='*' would let every site act as its visitors: list the origins.")
        if granted and origins.allows_null:
            raise ValueError(f"{name}=True with the origin 'null', which any page can give itself: leave 'null' out.")


def _names(given: Iterable[str], option: str, check: Callable[[str, str], None]) -> tuple[str, ...] | None:
    """Check a list of names; None for `*`."""
    if isinstance(given, str):
        if given != "*":
            raise TypeError(f"{option} is one text, {given!r}: put it into a list, or write '*' for all.")
        return None
    names = tuple(given)
    if "*" in names:
        if len(names) > 1:
            raise ValueError(f"{option} has '*' beside names, which it includes: leave the names out, or '*'.")
        return None
    for name in names:
        check(name, option)
    return names


def _check_method(name: str, option: str) -> None:
    if not is_token(name):
        raise ValueError(f"{option} has {name!r} in it, which is no method.")
    if name != name.upper():
        raise ValueError(f"{option} has {name!r} in it; methods are told apart by case, so write {name.upper()!r}.")
    if name in FORBIDDEN_METHODS:
        raise ValueError(f"{option} has {name!r} in it, which no browser lets a page send: leave it out.")


def _check_header(name: str, option: str) -> None:
    if not is_token(name):
        raise ValueError(f"{option} has {name!r} in it, which is no name of a field: write names only, without colon and value.")


def _age(max_age: int | None) -> list[tuple[str, str]]:
    if max_age is None:
        return []
    if type(max_age) is not int or max_age < 0:
        raise ValueError(f"max_age is {max_age!r}: write seconds as a whole number, 0 to have every preflight asked again.")
    return [("access-control-max-age", str(max_age))]
