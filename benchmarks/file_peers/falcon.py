"""Files in Falcon, over ASGI."""

from falcon.asgi import App


def make(directory: str) -> App:
    app = App()
    app.add_static_route("/assets", directory)
    return app
