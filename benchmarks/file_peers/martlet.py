"""Files in Martlet: the same application over ASGI and WSGI."""

from martlet import App


def make(directory: str) -> App:
    app = App()
    app.static("/assets", directory)
    app.freeze()
    return app
