"""Logins by OpenID Connect (Core 1.0): the code flow with PKCE, by authlib's client; `pip install 'martlet[openid]'`.

What a login needs until its end (state, nonce and the verifier of RFC 7636) is kept in the session, for each tab of a browser,
and is taken out by the first answer. Not here: who of your users that is, and whether they may come in.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from martlet.http import BadGatewayError, BadRequestError, ForbiddenError, HTTPError, is_local_reference
from martlet.integrations.jwt import FetchedJWTVerifier, JWTError
from martlet.messages import Request, Response
from martlet.optional_packages import require_extra
from martlet.sessions import Session

__all__ = ["OpenIDLogin", "OpenIDProvider"]

log: Final = logging.getLogger("martlet.security")

KEPT: Final = "openid"  # the session's name for logins under way
MAX_LOGINS: Final = 3  # tabs of one browser; a cookie has 4 KB
SECONDS: Final = 10.0  # until a provider has answered
FRESH_SECONDS: Final = 3_600.0  # until it is asked again where its endpoints are


@dataclass(frozen=True, slots=True)
class OpenIDLogin:
    """Who has come back from the provider.

    claims: of the ID token; `claims["sub"]` is the user, for ever and for this issuer only, while an address may change hands.
    target: where `begin` was told to lead to, on this site.
    tokens: the provider's answer, with the `access_token` for its other services.
    """

    claims: dict[str, Any]
    target: str
    tokens: dict[str, Any]


class OpenIDProvider:
    """One provider, as `https://accounts.example.org`, that this application is known to.

    redirect_url: the URL of the route that calls `finish`, as the provider has it. scopes: what is asked for, beside `openid`.
    client_options: of the HTTP client, httpx2's, such as `verify` or `proxy`.
    The guide shows the two routes of a login.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str | None = None,
        *,
        redirect_url: str,
        scopes: Sequence[str] = ("profile", "email"),
        algorithms: Sequence[str] = ("RS256",),
        client_options: Mapping[str, Any] | None = None,
    ) -> None:
        self.issuer: Final = issuer
        self._client_id: Final = client_id
        client: Any = require_extra("authlib.integrations.httpx_client", "openid").AsyncOAuth2Client
        self._oauth_error: Final[type[Exception]] = require_extra("authlib.integrations.base_client", "openid").OAuthError
        http: Any = require_extra("httpx2", "openid")
        self._http_error: Final[type[Exception]] = http.HTTPError
        self._options: Final = {
            "client_id": client_id,
            "client_secret": client_secret,
            "redirect_uri": redirect_url,
            "scope": " ".join(("openid", *scopes)),
            "code_challenge_method": "S256",
            "timeout": SECONDS,
            "verify": http.create_ssl_context(),  # PERF: once, since reading the certificates costs more than a login
            **(client_options or {}),
        }
        self._client: Final = client
        self._metadata: dict[str, Any] = {}
        self._found = -float("inf")
        self._verifier: Final = FetchedJWTVerifier(
            self._keys, algorithms=algorithms, issuer=issuer, audience=client_id, required=("exp", "iat", "sub", "nonce")
        )

    async def begin(self, session: Session[Any], *, target: str = "/") -> Response:
        """Send the browser to the provider; raises BadGatewayError where that cannot be asked where to.

        target: where to lead to afterwards; a client's words, as `?next=`, for only this site's are kept.
        """
        metadata = await self._discovered()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        under_way = _under_way(session)
        under_way[state] = [nonce, verifier, target if is_local_reference(target) else "/"]
        session[KEPT] = dict(list(under_way.items())[-MAX_LOGINS:])
        async with self._client(**self._options) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        return Response.redirect(url, status=303)

    async def finish(self, request: Request, session: Session[Any]) -> OpenIDLogin:
        """Tell who comes back from the provider. Then look for your user, and call `login`.

        Raises BadRequestError for a login that was not begun in this session or has ended already, ForbiddenError where the
        provider or the user refused, BadGatewayError where the provider's answer cannot be had or believed.
        """
        under_way = _under_way(session)
        state, code = (request.query.get(name) or "" for name in ("state", "code"))
        begun = under_way.pop(state, None)
        if begun is None:
            raise BadRequestError("This login was not begun here, or it has ended already: begin again.")
        session[KEPT] = under_way
        nonce, verifier, target = begun
        metadata = await self._discovered()
        self._check_issuer(request.query.get("iss"), metadata)
        if not code:
            raise ForbiddenError("The login was refused.", error=(request.query.get("error") or "")[:80])
        tokens = await self._exchange(metadata["token_endpoint"], code, verifier)
        return OpenIDLogin(await self._claims(tokens.get("id_token"), nonce), target, tokens)

    def _check_issuer(self, told: str | None, metadata: Mapping[str, Any]) -> None:
        """Refuse the answer of another provider than the one that was asked (RFC 9207)."""
        if told != self.issuer and (told is not None or metadata.get("authorization_response_iss_parameter_supported") is True):
            raise BadRequestError("This login is another provider's.")

    async def _exchange(self, endpoint: str, code: str, verifier: str) -> dict[str, Any]:
        try:
            async with self._client(**self._options) as client:
                answer: Any = await client.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, code_verifier=verifier
                )
        except self._oauth_error as error:
            if getattr(error, "error", "") == "invalid_grant":
                raise BadRequestError("The provider does not know this login: begin again.") from error
            raise self._unusable("its tokens", error) from error
        except (self._http_error, ValueError, TypeError, KeyError) as error:
            raise self._unusable("its tokens", error) from error
        return dict(answer)

    async def _claims(self, token: Any, nonce: str) -> dict[str, Any]:
        """Believe an ID token, or not (OpenID Connect Core 1.0, Section 3.1.3.7)."""
        if not isinstance(token, str):
            raise self._unusable("an ID token", "there is none")
        try:
            claims = await self._verifier.check(token)
        except JWTError as error:
            raise self._unusable("an ID token", error) from error
        party, audience = claims.get("azp"), claims["aud"]
        if claims["nonce"] != nonce or party not in (None, self._client_id) or (party is None and audience not in self._mine()):
            raise self._unusable("an ID token", "it is of another login")
        return claims

    def _mine(self) -> tuple[Any, ...]:
        return self._client_id, [self._client_id]

    async def _discovered(self) -> dict[str, Any]:
        """Give what the provider tells of itself (OpenID Connect Discovery 1.0, Section 4), asked for once in an hour."""
        if time.monotonic() - self._found < FRESH_SECONDS:
            return self._metadata
        found = await self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        endpoints = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        scheme = "https://" if self.issuer.startswith("https://") else "http"
        if found.get("issuer") != self.issuer or not all(str(endpoint).startswith(scheme) for endpoint in endpoints):
            raise self._unusable("its endpoints", "they are of another issuer, or not safe")
        self._metadata, self._found = found, time.monotonic()
        return found

    async def _keys(self) -> Mapping[str, Any]:
        return await self._get((await self._discovered())["jwks_uri"])

    async def _get(self, url: str) -> dict[str, Any]:
        try:
            async with self._client(**self._options) as client:
                answer = await client.request("GET", url, withhold_token=True)
                answer.raise_for_status()
                document: Any = answer.json()
        except (self._http_error, ValueError) as error:
            raise self._unusable(url, error) from error
        return cast("dict[str, Any]", document) if isinstance(document, dict) else {}

    def _unusable(self, what: str, why: object) -> HTTPError:
        log.error("The provider %s: %s cannot be had, or not be believed: %s.", self.issuer, what, str(why).rstrip(".") or why)
        return BadGatewayError("The login provider cannot be asked now.")


def _under_way(session: Session[Any]) -> dict[str, Any]:
    kept: Any = session.get(KEPT)
    return dict(cast("dict[str, Any]", kept)) if isinstance(kept, dict) else {}
