"""Files in Flask by WhiteNoise, as its documentation shows; it looks through the directory once, at start."""

from typing import Any

from flask import Flask
from whitenoise import WhiteNoise


def make(directory: str) -> Any:
    app = Flask(__name__, static_folder=None)
    app.wsgi_app = WhiteNoise(app.wsgi_app, root=directory, prefix="assets/")  # type: ignore[method-assign]
    return app
