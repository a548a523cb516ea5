"""Asks the application over all three protocols at once, and makes what is wrong with an answer as small as it gets."""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from martlet import App
from tests.fuzz.application import application, write_files
from tests.fuzz.asked import Asked
from tests.fuzz.judging import Overheard, complaints, overheard
from tests.fuzz.servers import Told, over_asgi, over_rsgi, over_wsgi

PROTOCOLS = ("asgi", "rsgi", "wsgi")
TRIES = 1_000  # at making a request smaller
LEFT_OVER_TASKS = 20  # on the loop between requests; each client that leaves may have one that is just ending


class Asking:
    """Both applications, each served over each protocol, for as long as the context lasts."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._loop = asyncio.new_event_loop()
        self._apps: dict[tuple[str, bool], App] = {}
        self._overheard: Overheard = Overheard()

    def __enter__(self) -> Self:
        files = Path(self._stack.enter_context(TemporaryDirectory()))
        write_files(files)
        self._stack.callback(self._loop.close)
        self._overheard = self._stack.enter_context(overheard())
        for protocol in PROTOCOLS:
            for is_dressed in (True, False):
                app = application(files, is_dressed=is_dressed)
                app.freeze()
                self._apps[protocol, is_dressed] = app
                self._stack.callback(self._stop, app, protocol)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _stop(self, app: App, protocol: str) -> None:
        if protocol == "wsgi":
            app.__wsgi_del__()
        else:
            self._loop.run_until_complete(app.freeze().lifespan.stop())

    def complaints(self, asked: Asked) -> list[str]:
        """What is wrong with the answers to one request."""
        return self.all_complaints([asked])[0]

    def all_complaints(self, batch: Sequence[Asked]) -> list[list[str]]:
        """What is wrong with the answers to each of them."""
        found: list[list[str]] = []
        on_loop = self._loop.run_until_complete(self._on_loop(batch))
        for asked, (answers, raised) in zip(batch, on_loop, strict=True):
            wrong = list(raised)
            try:
                answers["wsgi"] = over_wsgi(self._apps["wsgi", asked.is_dressed], asked)
            except Exception:  # noqa: BLE001  the very thing that is looked for
                wrong.append(f"wsgi raised:\n{traceback.format_exc()}")
            wrong += self._overheard.taken()
            found.append(wrong or complaints(asked, answers))
        return found

    async def _on_loop(self, batch: Sequence[Asked]) -> list[tuple[dict[str, Told], list[str]]]:
        done: list[tuple[dict[str, Told], list[str]]] = []
        for asked in batch:
            answers: dict[str, Told] = {}
            wrong: list[str] = []
            for protocol, ask in (("asgi", over_asgi), ("rsgi", over_rsgi)):
                try:
                    answers[protocol] = await ask(self._apps[protocol, asked.is_dressed], asked)
                except Exception:  # noqa: BLE001  the very thing that is looked for
                    wrong.append(f"{protocol} raised:\n{traceback.format_exc()}")
            wrong += self._overheard.taken()
            done.append((answers, wrong))
        await asyncio.sleep(0)
        if len(asyncio.all_tasks()) > LEFT_OVER_TASKS:
            done[-1][1].append(f"{len(asyncio.all_tasks())} tasks are left over")
        return done

    def smallest(self, asked: Asked) -> Asked:
        """The smallest request found with the same complaint."""
        wanted, tries = kind_of(self.complaints(asked)), 0
        if not wanted:
            return asked  # it does not happen again
        is_smaller = True
        while is_smaller and tries < TRIES:
            is_smaller = False
            for other in asked.simpler():
                tries += 1
                if kind_of(self.complaints(other)) == wanted:
                    asked, is_smaller = other, True
                    break
        return asked


def kind_of(found: Sequence[str]) -> str:
    """What tells one complaint from another: where it was raised, or its words without numbers and values."""
    if not found:
        return ""
    places = re.findall(r'File ".*?/src/(martlet/[^"]+)", line (\d+)', found[0])
    last = found[0].strip().splitlines()[-1]
    return f"{places[-1]} {last.partition(':')[0]}" if places else re.sub(r"'.*|b'.*|\{.*", "", found[0])[:80]
