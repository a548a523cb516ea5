"""What a verifier of tokens can be told, checked before the first token: what is misspelt here would let anybody in."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, Required, TypeAlias, TypedDict, cast

__all__ = ["Claims", "JWTOptions", "check_options"]

Claims: TypeAlias = dict[str, Any]


class JWTOptions(TypedDict, total=False):
    """What a verifier asks of tokens."""

    algorithms: Required[Sequence[str]]
    """Those it takes, such as `RS256`, `ES256`, `Ed25519`; never `none`, nor one of a secret beside one of a key pair."""

    issuer: str | Sequence[str]
    """Who may have made it (`iss`); anybody who has a key, if it is left out."""

    audience: str | Sequence[str]
    """For whom it may be (`aud`): this application. If it is left out, a token that is for somebody is refused."""

    typ: str
    """The type that its head must have, as `at+jwt` of access tokens (RFC 9068); any, if it is left out."""

    required: Sequence[str]
    """Claims that must be there, beside `exp`."""

    expires: bool
    """Whether `exp` must be there; True, if it is left out, since a token that never expires is a password."""

    leeway_seconds: float
    """How far clocks may differ; ten seconds, if it is left out."""

    clock: Callable[[], float]
    """Seconds since 1970; for tests."""


NAMES: Final = frozenset(JWTOptions.__annotations__)


def check_options(options: JWTOptions) -> None:
    """Raise TypeError for options that there are not, or of another type, and ValueError for those that cannot be meant."""
    given = cast("Mapping[str, Any]", options)
    for name, value in given.items():
        if name not in NAMES:
            near = get_close_matches(name, NAMES, n=1)
            raise TypeError(f"A verifier of tokens has no option {name!r:.80}{f': write {near[0]!r}' if near else ''}.")
        if name in {"issuer", "audience"}:
            _check_names(name, [value] if isinstance(value, str) else value)
        elif name == "required":
            _check_names(name, value)
    if "algorithms" not in given:
        raise TypeError('A verifier of tokens must be told the algorithms, as in algorithms=["RS256"].')
    if not isinstance(given.get("typ", ""), str):
        raise TypeError(f"typ={given['typ']!r:.80} is no type of tokens: write it as text, as in 'at+jwt'.")
    if not isinstance(given.get("expires", True), bool):
        raise TypeError(f"expires={given['expires']!r:.80}: write False for tokens that never expire, or leave it out.")
    if "clock" in given and not callable(given["clock"]):
        raise TypeError(f"clock={given['clock']!r:.80} is no function that gives seconds.")
    _check_leeway(given.get("leeway_seconds", 0))


def _check_names(option: str, names: Any) -> None:
    """A None or an empty text here is a setting that is missing, and would ask nothing of tokens."""
    if isinstance(names, str | bytes) or not isinstance(names, Sequence | frozenset | set):
        raise TypeError(f"{option}={names!r:.80}: write a list of texts, or leave it out.")
    each: Any
    for each in cast("Sequence[Any]", names):
        if not isinstance(each, str) or not each:
            raise TypeError(f"{option} has {each!r:.80} in it, which is no text to compare with: write it out, or leave it out.")
    if not names and option != "required":
        raise ValueError(f"{option} is empty, so that it would ask nothing: name somebody, or leave it out.")


def _check_leeway(seconds: Any) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"leeway_seconds={seconds!r:.80} is no number of seconds.")
    if not 0 <= seconds < math.inf:
        raise ValueError(f"leeway_seconds={seconds!r:.80}: write seconds from 0 on, by which clocks may differ.")
