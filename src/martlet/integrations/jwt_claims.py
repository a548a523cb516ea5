"""What a token must say before anybody believes it (RFC 7519, Section 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final, cast

__all__ = ["ClaimRules", "JWTError"]

MAX_SECONDS: Final = 2**53  # what every float can count to; no number is not a number


class JWTError(ValueError):
    """A token is not to be believed; the text tells the log why, and no client."""


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """What is asked of claims; times in seconds, leeway for clocks that differ."""

    issuers: frozenset[str]  # any, if there is none
    audiences: frozenset[str]  # only tokens that are for nobody in particular, if there is none
    required: tuple[str, ...]
    leeway: float
    clock: Callable[[], float]

    def check(self, claims: dict[str, Any]) -> None:
        """Raise JWTError for the first claim that does not fit."""
        missing = [name for name in self.required if claims.get(name) is None]
        if missing:
            raise JWTError(f"the claim {missing[0]!r} is missing")
        for name in ("sub", "jti"):
            if not isinstance(claims.get(name, ""), str):
                raise JWTError(f"the claim {name!r} is no text")
        self._check_times(claims)
        if self.issuers and (not isinstance(claims.get("iss"), str) or claims["iss"] not in self.issuers):
            raise JWTError("it is of another issuer")
        self._check_audience(claims.get("aud"))

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = self.clock()
        expires, begins, issued = (_seconds(claims, name) for name in ("exp", "nbf", "iat"))
        if expires is not None and now >= expires + self.leeway:  # "on or after", RFC 7519, Section 4.1.4
            raise JWTError("it has expired")
        if begins is not None and now < begins - self.leeway:
            raise JWTError("it is not valid yet")
        if issued is not None and now < issued - self.leeway:
            raise JWTError("it was issued in the future")

    def _check_audience(self, audience: Any) -> None:
        named: Any = [audience] if isinstance(audience, str) else audience
        if named is None:
            if self.audiences:
                raise JWTError("the claim 'aud' is missing")
            return
        if not isinstance(named, list) or not all(isinstance(each, str) for each in cast("list[Any]", named)):
            raise JWTError("the claim 'aud' is neither a text nor a list of texts")
        if self.audiences.isdisjoint(cast("Collection[str]", named)):  # "MUST be rejected", RFC 7519, Section 4.1.3
            raise JWTError("it is for another audience" if self.audiences else "it is for an audience, and none is named here")


def _seconds(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -MAX_SECONDS < value < MAX_SECONDS:
        raise JWTError(f"the claim {name!r} is no number of seconds")
    return value
