"""A token from its text to its claims, by keys that are handed in; whose keys they are is jwt.py's."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final, cast

from joserfc import jws

from martlet.http import BadRequestError, parse_json
from martlet.integrations.jwt_claims import ClaimRules, JWTError
from martlet.integrations.jwt_keys import UNREADABLE, TokenKey, check_algorithms
from martlet.integrations.jwt_options import Claims, JWTOptions, check_options
from martlet.signing import BadEncodingError, decode_base64url

__all__ = ["TokenReader"]

MAX_TOKEN_LENGTH: Final = 8 * 1024  # servers take header fields of 16 KB as a rule; a token of claims has one or two
MAX_KEY_ID_LENGTH: Final = 256
MAX_DEPTH: Final = 20
LEEWAY_SECONDS: Final = 10.0  # between clocks that are kept by NTP, and some more


class _Registry(jws.JWSRegistry):
    """joserfc's bounds, made as wide as ours; a chain of certificates in a head is long."""

    max_header_length = MAX_TOKEN_LENGTH
    max_payload_length = MAX_TOKEN_LENGTH
    max_signature_length = MAX_TOKEN_LENGTH


class TokenReader:
    """Reads tokens by keys that are handed in."""

    def __init__(self, options: JWTOptions) -> None:
        """Check the options; raises ValueError for algorithms that cannot be trusted, and as `check_options` does."""
        check_options(options)
        self.algorithms: Final = check_algorithms(options["algorithms"])
        self._typ: Final = None if "typ" not in options else _plain_type(options["typ"])
        self._registry: Final = _Registry(algorithms=self.algorithms, strict_check_header=False)
        self._rules: Final = ClaimRules(
            issuers=_texts(options.get("issuer", ())),
            audiences=_texts(options.get("audience", ())),
            required=(*(["exp"] if options.get("expires", True) else []), *options.get("required", ())),
            leeway=options.get("leeway_seconds", LEEWAY_SECONDS),
            clock=options.get("clock", time.time),
        )

    def head(self, token: str) -> tuple[str, str | None]:
        """Give the algorithm of a token and the id of its key, which are a stranger's words; raises JWTError."""
        if len(token) > MAX_TOKEN_LENGTH or token.count(".") != 2:
            raise JWTError("it is longer than any token, or has other parts")
        try:
            head, _, _ = (decode_base64url(part) for part in token.split("."))
            fields: Any = parse_json(head, max_depth=MAX_DEPTH)
        except (BadEncodingError, BadRequestError) as error:
            raise JWTError("it is not in the compact form of JWS") from error
        if not isinstance(fields, dict):
            raise JWTError("its head is no object")
        return self._checked(cast("dict[str, Any]", fields))

    def _checked(self, fields: dict[str, Any]) -> tuple[str, str | None]:
        algorithm, key_id, typ, content = (fields.get(name) for name in ("alg", "kid", "typ", "cty"))
        if not isinstance(algorithm, str) or algorithm not in self.algorithms:
            raise JWTError("its algorithm is none that is taken")
        if "crit" in fields or "b64" in fields:
            raise JWTError("it has extensions")
        if not isinstance(key_id, str | None) or len(key_id or "") > MAX_KEY_ID_LENGTH:
            raise JWTError("its key id is none")
        if self._typ is not None and (not isinstance(typ, str) or _plain_type(typ) != self._typ):
            raise JWTError("it is of another type")
        if content is not None and (not isinstance(content, str) or _plain_type(content) == "jwt"):
            raise JWTError("it is nested")
        return algorithm, key_id

    def claims(self, token: str, keys: Sequence[TokenKey]) -> Claims:
        """Give what a token claims that one of the keys signed; raises JWTError."""
        payload = next((found for key in keys if (found := self._payload(token, key)) is not None), None)
        if payload is None:
            raise JWTError("no key that is known here has signed it")
        try:
            claims: Any = parse_json(payload, max_depth=MAX_DEPTH)
        except BadRequestError as error:
            raise JWTError("its claims are no JSON") from error
        if not isinstance(claims, dict):
            raise JWTError("its claims are no object")
        self._rules.check(cast("Claims", claims))
        return cast("Claims", claims)

    def _payload(self, token: str, key: TokenKey) -> bytes | None:
        try:
            return jws.deserialize_compact(token, key, self.algorithms, self._registry).payload
        except (*UNREADABLE, RecursionError):
            return None


def _texts(given: str | Sequence[str]) -> frozenset[str]:
    return frozenset([given] if isinstance(given, str) else given)


def _plain_type(typ: str) -> str:
    """Give a type without `application/`, which is left out as a rule (RFC 7515, Section 4.1.9)."""
    return typ.lower().removeprefix("application/")
