import contextvars

from martlet import App
from martlet.testing import Client

LANGUAGE: contextvars.ContextVar[str] = contextvars.ContextVar("LANGUAGE", default="none")


def test_over_wsgi_what_a_plain_handler_sets_does_not_reach_the_next_request() -> None:
    app = App()

    @app.get("/")
    def plain() -> str:
        before = LANGUAGE.get()
        LANGUAGE.set("left behind")
        return before

    with Client(app, protocol="wsgi") as client:
        assert [client.get("/").text for _ in range(2)] == ["none", "none"]
