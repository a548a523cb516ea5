"""What gunicorn calls in its workers, by `--config python:martlet.cli.gunicorn_hooks`."""

from __future__ import annotations

from typing import Any

from martlet.adapters import ServerEntry


def post_worker_init(worker: Any) -> None:
    """Hear SIGTERM in the worker's main thread, once its own handlers are there; requests come by other threads."""
    app = worker.wsgi
    if isinstance(app, ServerEntry):
        app.heed_stop()
