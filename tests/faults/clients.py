"""A client that logs in, counts in two requests at once, rotates, logs out and revokes, and tells the ledger what came of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from tests.faults.connection import Answer, BrokenExchangeError, Connection
from tests.faults.ledger import Kept, Ledger, Threat, Written

LANES = ("a", "b")  # the counters of a session; each request has its own
PAUSE_SECONDS = 0.1  # after a request that failed

# What a client does next, and how often.
WEIGHTS = {"count": 100, "rotate": 6, "logout": 4, "old cookie": 6, "revoke": 1}


class Trouble:
    """Which failures are allowed, and when; told to by whoever makes them."""

    def __init__(self, ledger: Ledger, *, breaks: bool, grace_seconds: float) -> None:
        """breaks: whether connections may break; else the answer must be a 503."""
        self._ledger = ledger
        self._breaks = breaks
        self._grace = grace_seconds
        self.outages: list[Threat] = []
        self.last_failure: list[float] = []  # of each outage

    def begin(self, now: float) -> None:
        """From now on failures are allowed."""
        self.outages.append(Threat(now))
        self.last_failure.append(now)

    def end(self, now: float) -> None:
        """What was away is back."""
        self.outages[-1].ended = now

    def note(self, began: float, ended: float, failure: str) -> None:
        """Something failed."""
        kind = "broken" if failure.startswith("broken") else failure
        self._ledger.counts[f"failed: {kind}"] += 1
        expected = kind == ("broken" if self._breaks else "503")
        for number, outage in reversed(list(enumerate(self.outages))):  # the last one that may have been the cause
            if outage.began <= ended and (outage.ended is None or began <= outage.ended + self._grace):
                self.last_failure[number] = max(self.last_failure[number], ended)
                if expected:
                    return
                break
        self._ledger.complain("a failure that must not be", f"{failure} at {began:.3f} to {ended:.3f}; outages {self.outages}")

    def recoveries(self) -> list[float]:
        """For each outage how long after its end something still failed."""
        pairs = zip(self.outages, self.last_failure, strict=True)
        return [max(0.0, failed - outage.ended) for outage, failed in pairs if outage.ended is not None]


class Client:
    """One of many; `name` is its user's, whom it may share with others."""

    def __init__(self, name: str, user: str, port: int, ledger: Ledger, trouble: Trouble) -> None:
        self._choices = random.Random(name)
        self._name = name
        self._user = user
        self._ledger = ledger
        self._trouble = trouble
        self._lanes = {lane: Connection(port) for lane in LANES}
        self._logins = 0
        self._is_stopped: Callable[[], bool] = lambda: False
        self._workers_seen: set[int] = set()
        self.workers: dict[int, float] = {}  # that answered, and when first

    async def run(self, is_stopped: Callable[[], bool]) -> None:
        """Go on until told to stop."""
        self._is_stopped = is_stopped
        kept: Kept | None = None
        while not is_stopped():
            if kept is None or kept.is_over or kept.cookie in self._ledger.dead:
                kept = await self._login()
                continue
            match self._choices.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]:
                case "rotate":
                    await asyncio.gather(self._rotate(kept), self._count(kept, "b"))
                case "logout":
                    await asyncio.gather(self._logout(kept), self._count(kept, "b"))
                case "revoke":
                    await asyncio.gather(self.revoke(), self._count(kept, "b"))
                case "old cookie":
                    await asyncio.gather(self._look_at_old(), self._count(kept, "b"))
                case _:
                    await asyncio.gather(self._count(kept, "a"), self._count(kept, "b"))

    def close(self) -> None:
        """Close the connections."""
        for connection in self._lanes.values():
            connection.close()

    async def ask(self, method: str, target: str, cookie: str | None = None, lane: str = "a") -> Answer | None:
        """Ask, and note a failure; None for one."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            answer = await self._lanes[lane].ask(method, target, cookie)
        except BrokenExchangeError as error:
            self._trouble.note(began, clock(), f"broken: {error}")
            await asyncio.sleep(PAUSE_SECONDS * self._choices.random())
            return None
        if answer.status not in (200, 401):
            self._trouble.note(began, answer.ended, str(answer.status))
            await asyncio.sleep(PAUSE_SECONDS * self._choices.random())
            return None
        if answer.status == 200 and isinstance(answer.body, dict) and "worker" in answer.body:
            self.workers.setdefault(answer.body["worker"], answer.ended)
        return answer

    async def look(self, kept: Kept, cookie: str, lane: str = "a", *, by_writing: bool = False) -> bool | None:
        """See what a cookie is worth; see `Ledger.judge`."""
        lowest = kept.lowest()
        if by_writing:
            kept.counters["a"].tried += 1
        answer = await self.ask(*(("POST", "/count/a") if by_writing else ("GET", "/")), cookie, lane)
        return None if answer is None else self._ledger.judge(kept, cookie, lowest, answer)

    async def revoke(self) -> bool:
        """End all sessions of the user."""
        threat, meant = self._ledger.revocation(self._user, asyncio.get_running_loop().time())
        answer = await self.ask("POST", f"/revoke/{self._user}")
        threat.ended = asyncio.get_running_loop().time()
        if answer is None or answer.status != 200:
            return False
        self._ledger.counts["revocations"] += 1
        for kept in meant:
            kept.is_over = True
            self._ledger.bury(kept.cookie, kept, answer.ended)
        return True

    async def look_at_all(self, first: int, every: int) -> None:
        """Look at this client's share of all sessions, and of all cookies that are worth nothing."""
        living = [kept for user in self._ledger.kept.values() for kept in user if kept.cookie not in self._ledger.dead]
        for kept in living[first::every]:
            await self.look(kept, kept.cookie)
        for cookie, (_, kept) in list(self._ledger.dead.items())[first::every]:
            self._ledger.counts["looks at old cookies"] += 1
            await self.look(kept, cookie)

    async def check_list(self) -> None:
        """Compare the list of the user's sessions with those that are there: each must be found to be revoked."""
        answer = await self.ask("GET", f"/sessions/{self._user}")
        listed = None if answer is None else answer.body
        for kept in self._ledger.kept.get(self._user, []):
            if kept.cookie not in self._ledger.dead and listed is not None and kept.id not in listed:
                self._ledger.complain("a session that is not listed", f"{kept}; listed {listed}")

    async def _login(self) -> Kept | None:
        self._logins += 1
        self.close()  # a new session may come to another worker
        tag = f"{self._name}-{self._logins}"
        answer = await self.ask("POST", f"/login/{self._user}/{tag}")
        if answer is None:
            return None
        if answer.status != 200 or not answer.cookie or answer.body["values"] != {"tag": tag}:
            self._ledger.complain("a login without a session", str(answer))
            return None
        counters = {lane: Written() for lane in LANES}
        kept = Kept(self._user, tag, answer.cookie, answer.body["id"], answer.began, counters)
        self._ledger.began(kept)
        self._ledger.counts["logins"] += 1
        return kept

    async def _count(self, kept: Kept, lane: str) -> None:
        cookie, lowest, counter = kept.cookie, kept.lowest(), kept.counters[lane]
        counter.tried += 1
        answer = await self.ask("POST", f"/count/{lane}", cookie, lane)
        if answer is None:
            return
        is_there = self._ledger.judge(kept, cookie, lowest, answer)
        if is_there:
            self._ledger.counts["writes"] += 1
            counter.acknowledged, counter.tried = answer.body["values"].get(lane, 0), 0
            if counter.acknowledged <= lowest[lane]:
                self._ledger.complain("an acknowledged write was lost", f"{lane} did not grow: {answer} for {kept}")
            if answer.cookie not in (None, cookie):
                self._ledger.complain("another session's cookie", f"{answer} for {kept}")

    async def _rotate(self, kept: Kept) -> None:
        cookie, lowest = kept.cookie, kept.lowest()
        threat = Threat(asyncio.get_running_loop().time())
        kept.threats.append(threat)
        answer = await self.ask("POST", "/rotate", cookie)
        threat.ended = asyncio.get_running_loop().time()
        if answer is None:
            return
        is_there = self._ledger.judge(kept, cookie, lowest, answer)
        if not is_there:
            return
        if not answer.cookie or answer.cookie == cookie:
            self._ledger.complain("a rotation without a new cookie", f"{answer} for {kept}")
            return
        self._ledger.counts["rotations"] += 1
        self._ledger.bury(cookie, kept, answer.ended)
        kept.cookie, kept.id = answer.cookie, answer.body["id"]
        kept.threats.remove(threat)
        if kept.is_over:  # revoked meanwhile
            self._ledger.bury(kept.cookie, kept, answer.ended)

    async def _logout(self, kept: Kept) -> None:
        cookie, lowest = kept.cookie, kept.lowest()
        threat = Threat(asyncio.get_running_loop().time())
        kept.threats.append(threat)
        answer = await self.ask("POST", "/logout", cookie)
        threat.ended = asyncio.get_running_loop().time()
        if answer is None:
            return
        self._ledger.judge(kept, cookie, lowest, answer)
        kept.is_over = True
        self._ledger.bury(cookie, kept, answer.ended)
        self._ledger.counts["logouts"] += 1

    async def _look_at_old(self) -> None:
        if self._ledger.dead:
            # The younger ones more often.
            cookies = list(self._ledger.dead)
            cookie = cookies[-1 - int(len(cookies) * self._choices.random() ** 3)]
            self._ledger.counts["looks at old cookies"] += 1
            await self.look(self._ledger.dead[cookie][1], cookie, by_writing=self._choices.random() < 0.5)
