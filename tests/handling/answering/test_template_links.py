"""What the router makes is always a path of its own host, so that no place of a page blocks it: it needs no trust."""

import html
import re

from martlet import App, TemplateEngine
from martlet.templates import DictLoader
from martlet.testing import Client
from tests.rows import each

PLACES = [
    "<a href='{{ u }}'>",
    "<script src='{{ u }}'></script>",
    "<link rel='stylesheet' href='{{ u }}'>",
    "<img src='/a.png' srcset='{{ u }} 2x'>",
    "<form action='{{ u }}'>",
    "<p style='background: url({{ u }})'>",
    "<meta http-equiv='refresh' content='0; url={{ u }}'>",
]


@each("place", PLACES)
@each("path", ["javascript:x", "//evil.example/a", "a:b,c(d);/=&", "a b/é"])
def test_a_link_of_the_router_is_blocked_nowhere(place: str, path: str) -> None:
    source = place.replace(" u ", " url_for('there', path=path, query={'q': 'a&b'}) ")
    app = App(templates=TemplateEngine(DictLoader({"page.html": source})))

    @app.get("/to/{path:path}", name="there")
    async def there(path: str, q: str) -> list[str]:
        return [path, q]

    @app.get("/", template="page.html")
    async def show() -> dict[str, str]:
        return {"path": path}

    with Client(app) as client:
        page = html.unescape(client.get("/", headers={"accept": "text/html"}).text)
        found = re.search(r"/to/[^' ]*q=a%26b", page)
        assert found is not None, page
        assert client.get(found[0]).json() == [path, "a&b"]
