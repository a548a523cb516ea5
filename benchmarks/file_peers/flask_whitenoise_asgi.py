"""The same Flask and WhiteNoise over ASGI: both speak WSGI, so asgiref's adapter stands before them."""

from typing import Any

from asgiref.wsgi import WsgiToAsgi

from benchmarks.file_peers.flask_whitenoise import make as make_wsgi


def make(directory: str) -> Any:
    return WsgiToAsgi(make_wsgi(directory))
