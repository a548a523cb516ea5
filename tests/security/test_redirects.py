"""A redirect goes where a client wants only if that is on this site, whatever the spelling."""

from __future__ import annotations

from martlet import App, Request, Response, redirect_back, redirect_to
from tests.rows import each
from tests.serving import Serve

STRANGE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "https://evil.example", "https:evil.example", "https:/evil.example", "HTTPS://evil.example", "javascript:alert(1)",
    "\tjavascript:alert(1)", "java\nscript:alert(1)", " //evil.example", "/\t/evil.example", "/\n/evil.example",
    "/\r/evil.example",
    "\x00//evil.example", "/\x00/evil.example", "/ /evil.example", "data:text/html,x", "evil.example", "?next=//evil.example",
    "#top", "", "\u2028//evil.example", "/%09/../../evil\\", "mailto:a@b", "@evil.example", ":80", "../x", "./x", "x/y",
]  # fmt: skip


@each("target", STRANGE, ids=ascii)
def test_what_might_lead_elsewhere_leads_to_the_fallback(target: str) -> None:
    assert redirect_to(target, fallback="/home").headers["location"] == "/home"


@each("target", ["/", "/a", "/a/b?c=d&e=//f#g", "/%2F/evil.example", "/a//b", "/:80", "/@evil.example", "/é"], ids=ascii)
def test_what_stays_here_is_followed(target: str) -> None:
    assert redirect_to(target, fallback="/home").headers["location"].startswith(target[:3].replace("é", "%C3"))


def test_no_target_leads_to_the_fallback_with_the_status_asked_for() -> None:
    answer = redirect_to(None, fallback="/home", status=307)

    assert (answer.status_code, answer.headers["location"]) == (307, "/home")


@each(
    ("referer", "location"),
    [
        ("http://testserver/cart?page=2", "/cart?page=2"),
        ("https://testserver/", "/"),
        ("http://evil.example/cart", "/home"),
        ("http://testserver.evil.example/cart", "/home"),
        ("http://testserver@evil.example/cart", "/home"),
        ("http://testserver//evil.example", "/home"),
        ("http://testserver/\\evil.example", "/home"),
        ("http://testserver", "/home"),
        ("javascript://testserver/%0aalert(1)", "/home"),
        ("/cart", "/home"),
        ("", "/home"),
        (None, "/home"),
    ],
)
def test_back_is_the_page_before_if_it_was_ours(serve: Serve, referer: str | None, location: str) -> None:
    app = App()

    @app.post("/")
    async def back(request: Request) -> Response:
        return redirect_back(request, fallback="/home")

    headers = {} if referer is None else {"referer": referer}
    assert serve(app).post("/", headers=headers).headers["location"] == location
