"""Which middlewares wait for nothing: over WSGI a plain handler behind them stays in the server's own thread."""

import threading

from martlet import App, WSGIRequest
from martlet.messages import Middleware
from martlet.middleware import CORS, BodyLimit, HTTPSRedirect, ProxyHeaders, RequestID, ServerTiming, Timeout, TrustedHosts
from martlet.testing import Client
from tests.rows import each

WAIT_FOR_NOTHING: list[Middleware] = [
    BodyLimit(10),
    CORS("*"),
    HTTPSRedirect(exempt=["/thread"]),
    ProxyHeaders(["127.0.0.1"], fields=["forwarded"]),
    RequestID(),
    ServerTiming(),
    TrustedHosts(["testserver"]),
]


def app_with(*middlewares: Middleware) -> App:
    app = App()
    for middleware in middlewares:
        app.use(middleware)

    @app.get("/thread")
    def tell() -> int:
        return threading.get_ident()

    return app


@each("middleware", WAIT_FOR_NOTHING, ids=lambda middleware: type(middleware).__name__)
def test_a_middleware_that_waits_for_nothing_says_so(middleware: Middleware) -> None:
    assert not app_with(middleware).freeze().needs_loop(WSGIRequest({"PATH_INFO": "/thread"}))


def test_a_request_through_all_of_them_stays_in_its_thread() -> None:
    with Client(app_with(*WAIT_FOR_NOTHING), protocol="wsgi") as client:
        assert client.get("/thread").json() == threading.get_ident()


def test_a_timeout_waits() -> None:
    with Client(app_with(Timeout(5)), protocol="wsgi") as client:
        assert client.get("/thread").json() != threading.get_ident()
