"""Files in Flask: its own static route."""

from flask import Flask


def make(directory: str) -> Flask:
    return Flask(__name__, static_folder=directory, static_url_path="/assets")
