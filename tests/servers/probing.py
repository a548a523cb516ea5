"""Send the recorded requests of Http11Probe to a server, many at a time, and judge what comes back as it does."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

WAIT_SECONDS = 3.0  # for an answer, as long as the connection is open
AT_ONCE = 16

Case = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a server did: its status, or that it closed or kept silent; `head` is all that it sent before a body.

    closed: the connection was closed behind the answer; looked at only where the case is about that.
    """

    case: str
    word: str
    head: str
    body: bytes
    closed: bool

    @property
    def status(self) -> int:
        """The status, 0 where none came."""
        return int(self.word) if self.word.isdigit() else 0


def probe(port: int, cases: Iterable[Case]) -> dict[str, Outcome]:
    """Send each on a connection of its own."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {outcome.case: outcome for outcome in pool.map(lambda case: _send(port, case), cases)}


def verdict(case: Case, outcome: Outcome) -> str:
    """Pass, Warn or Fail."""
    if "verdicts" in case:
        word: str = case["verdicts"].get(outcome.word, "Fail")
        return word
    lowest, highest = case["status"]
    closed = case["close_ok"] and outcome.word == "ClosedByServer"
    return "Pass" if closed or lowest <= outcome.status <= highest else "Fail"


def _send(port: int, case: Case) -> Outcome:
    data = case["payload"].replace("{HOST}", f"127.0.0.1:{port}").encode("latin-1")
    received, ended, closed = b"", "ClosedByServer", False
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_SECONDS) as connection:
        try:
            connection.sendall(data)
            while not _is_enough(received):
                piece = connection.recv(65_536)
                if not piece:
                    break
                received += piece
            closed = connection.recv(1) == b"" if case["expected"] == "2xx + close" else False
        except TimeoutError:
            ended = "TimedOut"
        except OSError:  # reset, or closed while we were sending
            pass
    received = _after_interim(received)
    head, _, body = received.partition(b"\r\n\r\n")
    line = head.split(b"\r\n")[0].split(b" ")
    word = line[1].decode() if received.startswith(b"HTTP/1.") and len(line) > 1 else ended
    return Outcome(case["id"], word, head.decode("latin-1"), body, closed)


def _after_interim(received: bytes) -> bytes:
    while received.startswith((b"HTTP/1.1 100", b"HTTP/1.0 100")) and b"\r\n\r\n" in received:
        received = received.partition(b"\r\n\r\n")[2]
    return received


def _is_enough(received: bytes) -> bool:
    """Tell whether the head of a final answer is here, and its body as far as its length tells."""
    head, end, body = _after_interim(received).partition(b"\r\n\r\n")
    if not end:
        return False
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(body) >= int(line.partition(b":")[2]) or head.startswith(b"HTTP/1.1 304")
    return True
