"""Publishers that count up, and try each event again, on any host, until it is acknowledged."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from urllib.parse import quote

from tests.faults.connection import BrokenExchangeError, Connection
from tests.faults.deliveries import Deliveries

ANSWER_SECONDS = 7.0  # above the 5 that a broker is tried for
IMPATIENT = 0.03  # of the tries are left before their answer is there, which may be a moment too late
IMPATIENT_SECONDS = 0.004


class Publisher:
    """One of them; what it publishes carries its own id, so that a second try is told as a repeat."""

    def __init__(self, name: str, addresses: list[tuple[str, int]], seed: str, deliveries: Deliveries) -> None:
        self._name = name
        self._choices = random.Random(f"{seed} {name}")
        self._connections = [Connection(port, address, ANSWER_SECONDS) for address, port in addresses]
        self._impatient = [Connection(port, address, IMPATIENT_SECONDS) for address, port in addresses]
        self._connection = self._choices.choice(self._connections)
        self._deliveries = deliveries
        self._number = 0
        self.counts: Counter[str] = Counter()

    async def run(self, every_seconds: float, is_over: Callable[[], bool]) -> None:
        """Publish that often until it is over; what was begun is finished."""
        while not is_over():
            await asyncio.sleep(every_seconds * self._choices.uniform(0.5, 1.5))
            await self.publish()
        for connection in (*self._connections, *self._impatient):
            connection.close()

    async def publish(self) -> None:
        """Publish the next one."""
        self._number += 1
        text = f"{self._name}-{self._number}"
        while not await self._try(text):
            self._connection = self._choices.choice(self._connections)
            await asyncio.sleep(self._choices.uniform(0.05, 0.3))

    async def _try(self, text: str) -> bool:
        self.counts["tries"] += 1
        is_impatient = self._choices.random() < IMPATIENT
        connection = self._choices.choice(self._impatient) if is_impatient else self._connection
        try:
            answer = await connection.ask("POST", f"/notes?text={quote(text)}", None)
        except BrokenExchangeError:
            self.counts["broken"] += 1
            return False
        if answer.status != 200:
            self.counts[f"answered {answer.status}"] += 1
            if answer.status != 503:
                self._deliveries.complain("a publication was answered", f"{answer.status}: {answer.body}")
            return False
        self.counts["repeats"] += answer.body["is_repeat"]
        self._deliveries.acknowledge(self._name, answer.body["id"], text)
        return True
