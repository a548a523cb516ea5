"""How often somebody may ask: a guard that counts in a store, and answers 429 beyond the limit.

It counts as a token bucket does: `limit` requests at once, and from then on as many in each `seconds`, evenly.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any, Final, Literal, TypeAlias, get_args

from martlet.http import TooManyRequestsError
from martlet.messages import Request
from martlet.security.guards import Asked, Guard
from martlet.sessions.user_ids import user_id_of
from martlet.stores import KeyValueStore, MemoryStore, Rate, StoreLimitError, StoreUnavailableError, Taken
from martlet.stores.bounds import short_key

__all__ = ["RateLimit"]

By: TypeAlias = Literal["client", "user"] | Callable[[Request], str]
WhenAway: TypeAlias = Literal["open", "closed"]
SECONDS_BETWEEN_LINES: Final = 10  # of the log, while requests are not counted
IPV6_NETWORK: Final = 64  # bits: what one customer has at least, so that changing addresses within it changes nothing (RFC 6177)

log: Final = logging.getLogger("martlet.rate_limits")


class RateLimit(Guard):
    """Lets so many requests through; the rest get 429 with Retry-After.

    limit, seconds: so many at once, and so many again in each span of seconds.
    by: whom it counts: each `client` by its address (IPv6 by its network of 64 bits), each `user` by its id (a client where
        nobody is there), or what a function makes of the request. Behind a proxy all clients have its address, and share one
        count, until ProxyHeaders tells theirs.
    name: what it counts under; limits with one name and one store share their counts. By default each counts for itself.
    store: where it counts. By default in memory, each process for itself; a SQLiteStore or RedisStore counts for all of them.
    when_away: what holds while the store is away: `open` lets everyone through, `closed` answers 503.
    tells: answers say how much is left (RateLimit and RateLimit-Policy, draft-ietf-httpapi-ratelimit-headers-10).

    >>> RateLimit(5, seconds=60)
    <RateLimit 5 in 60 s by client>
    """

    def __init__(
        self,
        limit: int,
        *,
        seconds: float,
        by: By = "client",
        name: str = "",
        store: KeyValueStore | None = None,
        when_away: WhenAway = "open",
        tells: bool = False,
    ) -> None:
        """Check the options; raises ValueError for those that cannot be meant."""
        if not callable(by) and by not in ("client", "user"):
            raise ValueError(f"RateLimit(by={by!r:.80}): write 'client', 'user', or a function from the request to text.")
        if when_away not in get_args(WhenAway):
            raise ValueError(f"RateLimit(when_away={when_away!r:.80}): write 'open' or 'closed'.")
        self._rate: Final = Rate(limit, seconds=seconds)
        self._by: Final = by
        self._name = name
        self._when_away: Final = when_away
        self._tells: Final = tells
        self._told_at = -math.inf
        counter = MemoryStore() if store is None else store
        never_waits = isinstance(counter, MemoryStore)
        super().__init__(
            self._check_now if never_waits else self._check,
            needs_user=by == "user",
            user_has=("id",) if by == "user" else (),
            inline=never_waits,
        )
        self._counter: Final = counter
        self.store = None if never_waits else counter

    def __repr__(self) -> str:
        """Show the rate, and whom it counts."""
        by = self._by if isinstance(self._by, str) else getattr(self._by, "__name__", "function")
        return f"<RateLimit {self._rate.limit} in {self._rate.seconds:g} s by {by}>"

    @property
    def counts_clients(self) -> bool:
        """Whether it counts by the address of whoever asks."""
        return self._by == "client"

    def settle_name(self, where: str) -> None:
        """Count under the route that this stands at, if it has no name: the same one in every process."""
        self._name = self._name or where

    def _check_now(self, request: Request) -> None:
        taking = self._counter.take(self._key(request), self._rate)
        try:
            taking.send(None)  # a coroutine of a store that never waits
        except StopIteration as done:
            self._judge(request, done.value)
        except (StoreLimitError, StoreUnavailableError) as error:
            self._go_on(error)

    async def _check(self, request: Request) -> None:
        try:
            taken = await self._counter.take(self._key(request), self._rate)
        except (StoreLimitError, StoreUnavailableError) as error:
            self._go_on(error)
        else:
            self._judge(request, taken)

    def _go_on(self, error: Exception) -> None:
        if self._when_away == "closed":
            raise StoreUnavailableError(f"Requests cannot be counted: {error}") from error
        now = time.monotonic()
        if now - self._told_at >= SECONDS_BETWEEN_LINES:
            self._told_at = now
            log.warning("Requests are not counted: %s", error)

    def _judge(self, request: Request, taken: Taken) -> None:
        told = self._told(taken) if self._tells else {}
        if not taken.allowed:
            raise TooManyRequestsError(retry_after=max(1, math.ceil(taken.retry_after)), headers=told)
        if told:
            request.extras.fields.extend(told.items())

    def _told(self, taken: Taken) -> dict[str, str]:
        quota = f'"requests";q={self._rate.limit};w={math.ceil(self._rate.seconds)}'
        return {"ratelimit-policy": quota, "ratelimit": f'"requests";r={taken.remaining};t={math.ceil(taken.reset_after)}'}

    def _key(self, request: Request) -> str:
        return short_key(f"rate:{self._name}:{self._whom(request)}")

    def _whom(self, request: Request) -> str:
        if callable(self._by):
            return f"key:{self._by(request)}"
        user: Any = request.user if self._by == "user" else None
        if user is not None:
            user_id = user_id_of(user)
            return f"user:{type(user_id).__name__}:{user_id}"
        return f"client:{_network(request)}"


def _network(request: Request | Asked) -> str:
    """Tell from which address, or network of one customer, a request comes; empty where no server tells."""
    client = getattr(request, "client", None)
    if client is None:
        return ""
    try:
        address = ip_address(client[0].partition("%")[0])
    except ValueError:
        return str(client[0])
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{int(address) >> 128 - IPV6_NETWORK:x}/{IPV6_NETWORK}"
