import logging

import pytest

from martlet import App
from tests.serving import Serve


def test_an_error_handler_that_fails_is_logged_with_both_errors(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    app = App()

    @app.get("/")
    async def fail() -> str:
        raise KeyError("first")

    @app.on_error(KeyError)
    def sorry(error: KeyError) -> str:
        raise RuntimeError("second")

    with caplog.at_level(logging.ERROR, "martlet"):
        serve(app).get("/")

    logged = caplog.records[0].exc_info
    assert logged is not None
    assert logged[1] is not None
    assert isinstance(logged[1].__context__, KeyError)
