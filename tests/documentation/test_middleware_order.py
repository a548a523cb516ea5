"""The order in which the guide lists the middlewares, and says to put them, is one that is safe."""

import re
from pathlib import Path
from typing import Any

import pytest

import martlet.middleware
from martlet import App
from tests.serving import Serve

GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"
ARGUMENTS: dict[str, list[Any]] = {
    "ProxyHeaders": [["127.0.0.1"]],
    "CORS": [["https://page.example"]],
    "TrustedHosts": [["shop.example"]],
    "BodyLimit": [1_000],
    "Timeout": [5],
}


def listed_middlewares() -> list[str]:
    table = GUIDE.read_text(encoding="utf-8").partition("| middleware | does |\n")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)\(", table, re.MULTILINE)


def dressed() -> App:
    app = App()
    for name in listed_middlewares():
        options = {"fields": ["x-forwarded-proto"], "drops_underscores": True} if name == "ProxyHeaders" else {}
        app.use(getattr(martlet.middleware, name)(*ARGUMENTS.get(name, []), **options))

    @app.get("/")
    async def show() -> str:
        return "shown"

    return app


@pytest.mark.parametrize(
    ("earlier", "later"), [("ProxyHeaders", "TrustedHosts"), ("TrustedHosts", "HTTPSRedirect"), ("Compression", "ConditionalGet")]
)
def test_what_others_rely_on_comes_before_them(earlier: str, later: str) -> None:
    names = listed_middlewares()

    assert names.index(earlier) < names.index(later)


def test_nobody_is_redirected_to_a_strangers_host(serve: Serve) -> None:
    received = serve(dressed()).get("/", headers={"host": "evil.example"})

    assert received.status_code == 421
    assert "location" not in received.headers


def test_at_the_apps_own_host_http_is_redirected_and_https_answered(serve: Serve) -> None:
    client = serve(dressed())

    received = client.get("/", headers={"host": "shop.example"})
    assert (received.status_code, received.headers["location"]) == (308, "https://shop.example/")
    assert client.get("/", headers={"host": "shop.example", "x-forwarded-proto": "https"}).text == "shown"
