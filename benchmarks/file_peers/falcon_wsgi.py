"""Files in Falcon, over WSGI."""

from falcon import App


def make(directory: str) -> App:
    app = App()
    app.add_static_route("/assets", directory)
    return app
