"""JSON Web Tokens (RFC 7519) by joserfc, as RFC 8725 would have them used; `pip install 'martlet[jwt]'`.

The verifier names the algorithms, never the token. Keys come from the application alone: nobody looks at `jwk`, `jku`, `x5c` and
`x5u` in a token's head. Extensions (`crit`, `b64`), other forms than the compact one, encrypted and nested tokens are refused.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, Unpack

import msgspec
from joserfc import jws

from martlet.http import ServiceUnavailableError
from martlet.integrations.jwt_claims import JWTError
from martlet.integrations.jwt_keys import SECRET_BYTES, KeySource, TokenKeys, check_algorithms, import_keys, read_key_set, suits
from martlet.integrations.jwt_options import Claims, JWTOptions
from martlet.integrations.jwt_reading import TokenReader

__all__ = ["FetchedJWTVerifier", "JWTError", "JWTOptions", "JWTSigner", "JWTVerifier", "KeySource"]

log: Final = logging.getLogger("martlet.security")

REFUSED: Final = "A token is refused: %s."
FRESH_SECONDS: Final = 3_600.0
RETRY_SECONDS: Final = 60.0  # between two fetches, whatever key ids strangers make up

Fetch: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]


class JWTVerifier:
    """Verifies tokens by keys that the application has.

    keys: a secret of the algorithms HS…; a key as PEM or JWK, public or private; or a set of them as JWKS.
    Raises ValueError for algorithms that cannot be trusted and for keys that suit none of them, TypeError for options that there
    are not.

    >>> secret = "correct horse battery staple, 1234 times over"
    >>> verifier = JWTVerifier(secret, algorithms=["HS256"], issuer="shelf")
    >>> token = JWTSigner(secret, algorithm="HS256", lifetime_seconds=900, issuer="shelf").sign({"sub": "7"})
    >>> verifier.verify(token)["sub"], verifier.verify(token + "A")
    ('7', None)
    """

    def __init__(self, keys: KeySource, **options: Unpack[JWTOptions]) -> None:
        self._reader: Final = TokenReader(options)
        self._keys: Final = TokenKeys(import_keys(keys, self._reader.algorithms), self._reader.algorithms)

    def verify(self, token: str | None) -> Claims | None:
        """The claims of a token; None for no token, and for one that is not to be believed: the log is told why."""
        try:
            return None if token is None else self.check(token)
        except JWTError as error:
            log.info(REFUSED, error)
            return None

    def check(self, token: str) -> Claims:
        """The claims of a token; raises JWTError, which tells why it is not to be believed."""
        algorithm, key_id = self._reader.head(token)
        return self._reader.claims(token, self._keys.for_token(algorithm, key_id))


class FetchedJWTVerifier:
    """Verifies tokens of a provider that publishes its keys, and changes them now and then.

    fetch: gives the provider's JWKS, decoded; with the HTTP client of your choice, and a time limit.
    fresh_seconds: how long the keys are used before they are fetched again; at once for a token whose key is not among them, but
        never twice within retry_seconds. If that fails, those that are there are used on, and without any the answer is 503.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        fresh_seconds: float = FRESH_SECONDS,
        retry_seconds: float = RETRY_SECONDS,
        **options: Unpack[JWTOptions],
    ) -> None:
        self._reader: Final = TokenReader(options)
        if not SECRET_BYTES.keys().isdisjoint(self._reader.algorithms):
            raise ValueError("A secret is published by nobody: name algorithms of key pairs, as RS256 or ES256.")
        self._fetch: Final = fetch
        self._fresh: Final = fresh_seconds
        self._retry: Final = retry_seconds
        self._keys: TokenKeys | None = None
        self._fetched = self._tried = -float("inf")
        self._lock: Final = asyncio.Lock()

    async def verify(self, token: str | None) -> Claims | None:
        """The claims of a token; None for no token, and for one that is not to be believed: the log is told why.

        Raises ServiceUnavailableError where there are no keys.
        """
        try:
            return None if token is None else await self.check(token)
        except JWTError as error:
            log.info(REFUSED, error)
            return None

    async def check(self, token: str) -> Claims:
        """The claims of a token; raises JWTError, which tells why it is not to be believed, and ServiceUnavailableError."""
        algorithm, key_id = self._reader.head(token)
        keys = await self._known(self._fresh)
        candidates = keys.for_token(algorithm, key_id)
        if not candidates:
            candidates = (await self._known(self._retry)).for_token(algorithm, key_id)
        return self._reader.claims(token, candidates)

    async def _known(self, age: float) -> TokenKeys:
        """Give the keys, fetched anew if they are older than this, and if that was not tried just now."""
        if time.monotonic() - self._fetched >= age:
            async with self._lock:
                now = time.monotonic()
                if now - self._fetched >= age and now - self._tried >= min(age, self._retry):
                    self._tried = now
                    await self._fetch_anew()
        if self._keys is None:
            raise ServiceUnavailableError("The keys of the tokens cannot be had.", retry_after=self._retry)
        return self._keys

    async def _fetch_anew(self) -> None:
        try:
            keys = TokenKeys(read_key_set(await self._fetch(), self._reader.algorithms), self._reader.algorithms)
        except Exception:
            log.exception("The keys of tokens cannot be fetched.")
            return
        if not len(keys):
            log.error("Among the keys of tokens that were fetched is none for %s.", ", ".join(self._reader.algorithms))
            return
        self._keys, self._fetched = keys, time.monotonic()


class JWTSigner:
    """Signs tokens with one key; `public_keys` is what others verify them by.

    key: a secret of the algorithms HS…, or a private key as PEM or JWK.
    lifetime_seconds: until a token expires. issuer, audience: the claims `iss` and `aud`. key_id: the `kid` of its head; of a key
        pair without one, its thumbprint (RFC 7638).
    Raises ValueError for a key that cannot sign by the algorithm.
    """

    def __init__(
        self,
        key: KeySource,
        *,
        algorithm: str,
        lifetime_seconds: int,
        issuer: str | None = None,
        audience: str | Sequence[str] | None = None,
        key_id: str | None = None,
        typ: str = "JWT",
        clock: Callable[[], float] = time.time,
    ) -> None:
        keys = import_keys(key, check_algorithms([algorithm]))
        if len(keys) != 1 or not keys[0].is_private or not suits(keys[0], algorithm, "sign"):
            raise ValueError(f"Signing by {algorithm} needs one key, and a private one.")
        self._key: Final = keys[0]
        is_pair = algorithm not in SECRET_BYTES
        self._key_id: Final = key_id or self._key.kid or (self._key.thumbprint() if is_pair else None)
        self._head: Final = {"alg": algorithm, "typ": typ, **({"kid": self._key_id} if self._key_id else {})}
        self._fixed: Final = {name: value for name, value in (("iss", issuer), ("aud", _listed(audience))) if value is not None}
        self._lifetime: Final = lifetime_seconds
        self._clock: Final = clock

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Make a token; raises ValueError for claims that the signer itself makes, and TypeError for what JSON cannot hold."""
        now = int(self._clock())
        own = {**self._fixed, "iat": now, "exp": now + self._lifetime}
        if taken := own.keys() & claims.keys():
            raise ValueError(f"The claim {min(taken)!r} is the signer's to make: leave it out.")
        payload = msgspec.json.encode({**claims, **own})
        return jws.serialize_compact(dict(self._head), payload, self._key, [self._head["alg"]])

    @property
    def public_keys(self) -> dict[str, list[dict[str, Any]]]:
        """The JWKS to publish, usually at `/.well-known/jwks.json`; raises ValueError for a secret."""
        if self._head["alg"] in SECRET_BYTES:
            raise ValueError("A secret is published to nobody.")
        known = self._key.as_dict(private=False, kid=self._key_id, use="sig", alg=self._head["alg"])
        return {"keys": [{name: value for name, value in known.items() if name != "key_ops"}]}


def _listed(audience: str | Sequence[str] | None) -> str | list[str] | None:
    return audience if audience is None or isinstance(audience, str) else list(audience)
