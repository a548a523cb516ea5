"""The fields that tell a browser what an answer may do: one object, on by default, checked when it is made.

Pure values: which answer gets them, and who makes a nonce, is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, TypeAlias, get_args

from martlet.http.content_security_policy import NONCE_SOURCE, check_policy, with_nonce, without_nonce
from martlet.http.grammar import excerpt, split_list

__all__ = ["SecurityHeaders"]

OpenerPolicy: TypeAlias = Literal["same-origin", "same-origin-allow-popups", "noopener-allow-popups", "unsafe-none"]
EmbedderPolicy: TypeAlias = Literal["require-corp", "credentialless", "unsafe-none"]
ResourcePolicy: TypeAlias = Literal["same-origin", "same-site", "cross-origin"]

_REFERRER_POLICIES = (
    "no-referrer no-referrer-when-downgrade same-origin origin strict-origin origin-when-cross-origin "
    "strict-origin-when-cross-origin unsafe-url"
)
REFERRER_POLICIES: Final = frozenset(_REFERRER_POLICIES.split())
_TRANSPORT = re.compile(r"max-age=([0-9]{1,10})((?:; (?:includeSubDomains|preload))*)")
_ORIGIN = r'"[a-z][a-z0-9+.-]*://[A-Za-z0-9*:.\[\]_-]+"'
_FEATURE = re.compile(rf"([a-z][a-z0-9-]*)=(?:\*|self|{_ORIGIN}|\((?:(?:self|src|{_ORIGIN})(?: (?:self|src|{_ORIGIN}))*)?\))")
_YEAR: Final = 31_536_000  # seconds; the least that browsers' preload list takes
_SECURE_ONLY: Final = "strict_transport_security"  # browsers leave it out over http (RFC 6797, section 8.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityHeaders:
    """What each answer tells browsers; a field that is None is not sent.

    content_security_policy: `{nonce}` in `'nonce-{nonce}'` stands for a nonce that is new in each answer.
    strict_transport_security: only sent over https. referrer_policy: one, or a list of which browsers take the last they know.
    permissions_policy: features that pages rarely need are off; one that uses the camera says so here.
    cross_origin_resource_policy: who may embed an answer without CORS, as `<img>` and `<script>` do.
    Raises ValueError for a value that browsers would leave out or misread, with its cure.

    >>> dict(SecurityHeaders(referrer_policy="no-referrer").fields(is_secure=True))["referrer-policy"]
    'no-referrer'
    """

    content_security_policy: str | None = "base-uri 'self'; object-src 'none'; frame-ancestors 'self'"
    content_security_policy_report_only: str | None = None
    strict_transport_security: str | None = f"max-age={_YEAR}"
    x_content_type_options: Literal["nosniff"] | None = "nosniff"
    referrer_policy: str | None = "strict-origin-when-cross-origin"
    permissions_policy: str | None = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    cross_origin_opener_policy: OpenerPolicy | None = "same-origin"
    cross_origin_resource_policy: ResourcePolicy | None = "same-site"
    cross_origin_embedder_policy: EmbedderPolicy | None = None

    def __post_init__(self) -> None:
        """Check every field that is sent."""
        for name, check in CHECKS.items():
            value = getattr(self, name)
            if value is None:
                continue
            if not isinstance(value, str):
                raise TypeError(f"{name} is {value!r}: write text, or None to leave the field out.")
            try:
                check(value)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None

    @property
    def uses_nonce(self) -> bool:
        """Whether a policy has a place for a nonce."""
        policies = (self.content_security_policy, self.content_security_policy_report_only)
        return any(NONCE_SOURCE in policy for policy in policies if policy is not None)

    def fields(self, is_secure: bool) -> tuple[tuple[str, str], ...]:  # noqa: FBT001  the one thing they depend on
        """The fields of every answer over https, or over http, in which nothing has a nonce; names in lower case.

        >>> SecurityHeaders(permissions_policy=None).fields(False)[0]
        ('content-security-policy', "base-uri 'self'; object-src 'none'; frame-ancestors 'self'")
        """
        given = ((name, getattr(self, name)) for name in NAMES if is_secure or name != _SECURE_ONLY)
        return tuple((NAMES[name], without_nonce(value)) for name, value in given if value is not None)

    def nonce_fields(self, nonce: str) -> tuple[tuple[str, str], ...]:
        """The fields that take the place of those of the same names in an answer whose page uses this nonce.

        Raises ValueError for what is no nonce of `make_nonce`'s kind.

        >>> policy = SecurityHeaders(content_security_policy="script-src 'nonce-{nonce}'")
        >>> policy.nonce_fields("dGhpcyBpcyBhIG5vbmNl")
        (('content-security-policy', "script-src 'nonce-dGhpcyBpcyBhIG5vbmNl'"),)
        """
        given = ((name, getattr(self, name)) for name in ("content_security_policy", "content_security_policy_report_only"))
        return tuple(
            (NAMES[name], with_nonce(value, nonce)) for name, value in given if value is not None and NONCE_SOURCE in value
        )


def _one_of(choices: Any) -> Callable[[str], None]:
    known: tuple[str, ...] = get_args(choices)

    def check(value: str) -> None:
        if value not in known:
            raise ValueError(f"{excerpt(value)} is none of its values: choose {', '.join(map(repr, known))} or None.")

    return check


def _check_transport(value: str) -> None:
    match = _TRANSPORT.fullmatch(value)
    if match is None:
        raise ValueError(
            f"{excerpt(value)} is not understood: write 'max-age=31536000', with '; includeSubDomains' if you mean it."
        )
    words = match[2].split("; ")[1:]
    if len(set(words)) < len(words):
        raise ValueError(f"{excerpt(value)} says a word twice, for which browsers drop the field (RFC 6797, section 6.1).")
    if "preload" in words and ("includeSubDomains" not in words or int(match[1]) < _YEAR):
        raise ValueError(f"preload is taken only with includeSubDomains and max-age={_YEAR} or more: add them, or leave it out.")


def _check_referrer(value: str) -> None:
    policies = value.split(", ")
    if wrong := [policy for policy in policies if policy not in REFERRER_POLICIES]:
        raise ValueError(f"{excerpt(wrong[0])} is no policy: choose from {', '.join(sorted(REFERRER_POLICIES))}.")


def _check_permissions(value: str) -> None:
    seen: set[str] = set()
    members = list(split_list(value, limit=len(value)))
    for member in members:
        match = _FEATURE.fullmatch(member)
        if match is None:
            raise ValueError(
                f"{excerpt(member)} is not understood: write a feature and who may use it, as in 'geolocation=()' for nobody, "
                "'geolocation=(self)' or 'geolocation=(self \"https://maps.example\")'."
            )
        if match[1] in seen:
            raise ValueError(f"{match[1]} is there twice, of which browsers read the last: join them.")
        seen.add(match[1])
    if not members:
        raise ValueError("it is empty: write None to send none.")


CHECKS: Final[dict[str, Callable[[str], None]]] = {
    "content_security_policy": check_policy,
    "content_security_policy_report_only": check_policy,
    "strict_transport_security": _check_transport,
    "x_content_type_options": _one_of(Literal["nosniff"]),
    "referrer_policy": _check_referrer,
    "permissions_policy": _check_permissions,
    "cross_origin_opener_policy": _one_of(OpenerPolicy),
    "cross_origin_resource_policy": _one_of(ResourcePolicy),
    "cross_origin_embedder_policy": _one_of(EmbedderPolicy),
}
NAMES: Final = {field.name: field.name.replace("_", "-") for field in fields(SecurityHeaders)}
