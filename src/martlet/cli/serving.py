"""Start a server for an application: Granian itself, the others by their own commands."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Final, Literal, NoReturn

import click

from martlet.cli.access_log import GRANIAN_FORMAT, GUNICORN_FORMAT, HYPERCORN_FORMAT, HYPERCORN_LOGGING, granian_logging
from martlet.cli.granian_loader import (
    end_unready_workers,
    load_hearing,
    load_waiting,
    notice_every_signal,
    pass_on_second_signal,
)
from martlet.optional_packages import require_extra

MESSAGE_BYTES: Final = 16 * 1024 * 1024  # that servers take of one message of a WebSocket, unless told otherwise
WSGI_THREADS: Final = 16  # a server's default can be hundreds per worker
CONNECTIONS: Final = 16_384  # that a worker serves at once, streams among them; Granian's default is 1,024 shared by all workers
LATE_SECONDS: Final = 8  # behind the deadline of a stop, for what was cancelled, and for the hard end (adapters/stopping/)


@dataclass(frozen=True, slots=True)
class Settings:
    """What every server is told."""

    target: str
    app_dir: str
    host: str
    port: int
    workers: int
    reload: bool
    access_log: bool = False
    shutdown_seconds: float = 10.0  # of the application: from the signal to the deadline
    message_bytes: int = 0  # the largest that a WebSocket of the application takes

    @property
    def waiting_seconds(self) -> int:
        """How long a server is to wait for requests, which the application ends at its deadline; whole, as some want it."""
        return ceil(self.shutdown_seconds) + LATE_SECONDS

    @property
    def kill_seconds(self) -> int:
        """How long a process may take to end, the application's shutdown counted in."""
        return self.waiting_seconds + ceil(self.shutdown_seconds)


def check_free(host: str, port: int) -> None:
    """Raise ClickException if the address cannot be had; a server that shares the port would start beside another unnoticed."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise click.ClickException(f"{host}:{port} cannot be listened on: {error.strerror}. Choose another --port.") from None


def run_granian(settings: Settings, interface: Literal["rsgi", "asgi", "wsgi"]) -> None:
    """Serve with Granian, in this process and its workers, until a signal ends it."""
    require_extra("granian", "standard")
    sys.path.insert(0, settings.app_dir)  # which forked workers inherit; spawned ones read the environment
    os.environ["PYTHONPATH"] = import_path(settings)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    server = Granian(
        settings.target,
        address=settings.host,
        port=settings.port,
        interface=Interfaces(interface),
        workers=settings.workers,
        blocking_threads=WSGI_THREADS if interface == "wsgi" else None,
        backpressure=None if interface == "wsgi" else CONNECTIONS,
        respawn_failed_workers=True,  # otherwise one worker's crash ends the whole server
        workers_kill_timeout=settings.kill_seconds,
        reload=settings.reload,
        log_level=LogLevels.warning,
        log_access=settings.access_log,
        log_access_format=GRANIAN_FORMAT,
        log_dictconfig=dict(granian_logging()),
        working_dir=None,
    )
    notice_every_signal(server)
    if interface != "wsgi":  # whose workers do not end at all where a second one comes
        server.on_startup(partial(pass_on_second_signal, server))
    end_unready_workers()
    server.serve(target_loader=load_hearing if interface == "wsgi" else load_waiting)


def _uvicorn(settings: Settings) -> list[str]:
    options = ["--host", settings.host, "--port", str(settings.port), "--workers", str(settings.workers)]
    whom = ["--no-proxy-headers"]  # it would believe whoever is on this machine; that is for ProxyHeaders to say
    log = [] if settings.access_log else ["--no-access-log"]
    sockets = ["--ws-max-size", str(settings.message_bytes)] if settings.message_bytes > MESSAGE_BYTES else []
    return [
        settings.target,
        *options,
        *whom,
        *log,
        *sockets,
        *(["--reload"] if settings.reload else []),
        "--app-dir",
        settings.app_dir,
    ]


def _hypercorn(settings: Settings) -> list[str]:
    options = ["--bind", f"{settings.host}:{settings.port}"]
    escaping = ["--log-config", f"json:{HYPERCORN_LOGGING}"]
    log = ["--access-logfile", "-", "--access-logformat", HYPERCORN_FORMAT, *escaping] if settings.access_log else []
    # With --reload its own workers serve, which are told to end in a way of its own that the application does not hear; so it
    # waits for no more than its own 3 seconds then.
    waiting = ["--workers", "0", "--graceful-timeout", str(settings.waiting_seconds)]
    workers = ["--reload", "--workers", str(settings.workers)] if settings.reload else waiting
    return [settings.target, *options, *log, *workers]


def _h2corn(settings: Settings) -> list[str]:
    options = ["--host", settings.host, "--port", str(settings.port), "--workers", str(settings.workers)]
    waiting = ["--timeout-graceful-shutdown", str(settings.waiting_seconds)]
    if settings.message_bytes > MESSAGE_BYTES:
        waiting += ["--websocket-max-message-size", str(settings.message_bytes)]
    return [settings.target, *options, *waiting, "--access-log" if settings.access_log else "--no-access-log"]


def _gunicorn(settings: Settings) -> list[str]:
    options = ["--bind", f"{settings.host}:{settings.port}", "--workers", str(settings.workers)]
    threads = ["--worker-class", "gthread", "--threads", str(WSGI_THREADS)]
    waiting = ["--graceful-timeout", str(settings.kill_seconds), "--config", "python:martlet.cli.gunicorn_hooks"]
    whom = ["--forwarded-allow-ips", ""]  # as with uvicorn
    log = ["--access-logfile", "-", "--access-logformat", GUNICORN_FORMAT] if settings.access_log else []
    reload = ["--reload"] if settings.reload else []
    return [settings.target, *options, *threads, *waiting, *whom, *log, *reload, "--chdir", settings.app_dir]


# What runs in the place of a server's own command: uvicorn ends with the signal's status, and hypercorn's workers are not told.
MODULES: Final = {"uvicorn": "martlet.cli.uvicorn_command", "hypercorn": "martlet.cli.hypercorn_command"}
COMMANDS: Final[Mapping[str, Callable[[Settings], list[str]]]] = {
    "uvicorn": _uvicorn,
    "hypercorn": _hypercorn,
    "h2corn": _h2corn,
    "gunicorn": _gunicorn,
}


def import_path(settings: Settings) -> str:
    """Give the PYTHONPATH with which a server's processes find the application."""
    return os.pathsep.join(path for path in (settings.app_dir, os.environ.get("PYTHONPATH")) if path)


def run_other(server: str, settings: Settings) -> NoReturn:
    """Become another server's own command."""
    require_extra(server, server)
    environment = {**os.environ, "PYTHONPATH": import_path(settings)}
    module, told = MODULES.get(server, server), [] if server != "hypercorn" else [str(settings.workers)]
    os.execve(sys.executable, [sys.executable, "-m", module, *told, *COMMANDS[server](settings)], environment)  # noqa: S606
