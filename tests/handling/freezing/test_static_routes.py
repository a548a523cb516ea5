"""`app.static`: how the files of a directory stand among the other routes, and what is told at freeze."""

from __future__ import annotations

from pathlib import Path

import pytest

from martlet import HTML, App, FreezeError, Group, UnauthorizedError, URLs
from martlet.handling import UnknownAssetError
from martlet.testing import Client
from tests.serving import Serve


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    """A directory with a stylesheet, an index, and a directory with an index of its own."""
    folder = tmp_path / "assets"
    (folder / "docs").mkdir(parents=True)
    (folder / "app.css").write_text("body {}")
    (folder / "index.html").write_text("<h1>index</h1>")
    (folder / "docs" / "index.html").write_text("<h1>docs</h1>")
    return folder


def test_get_and_head_are_answered_and_nothing_else(serve: Serve, assets: Path) -> None:
    app = App()
    app.static("/assets", assets)
    client = serve(app)

    got, headed, posted = client.get("/assets/app.css"), client.head("/assets/app.css"), client.post("/assets/app.css")
    assert (got.status_code, got.text) == (200, "body {}")
    assert (headed.status_code, headed.content) == (200, b"")
    assert headed.headers.items() == got.headers.items()
    assert (posted.status_code, posted.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert client.options("/assets/app.css").headers["allow"] == "GET, HEAD, OPTIONS"


def test_what_is_not_there_is_the_app_s_own_404(serve: Serve, assets: Path) -> None:
    app = App(error_page=lambda error: HTML("<p>{}, sorry</p>").format(error.status_code))
    app.static("/assets", assets)
    client = serve(app)

    assert client.get("/assets/none.css").json()["status"] == 404
    assert client.get("/assets/none.css", headers={"accept": "text/html"}).text == "<p>404, sorry</p>"
    assert client.get("/assets/none.css").json() == client.get("/nowhere").json()


def test_routes_of_their_own_go_before_whatever_the_order(serve: Serve, assets: Path) -> None:
    app = App()
    app.static("/assets", assets)

    @app.get("/assets/app.css")
    async def stylesheet() -> str:
        return "made"

    @app.get("/assets/")
    async def overview() -> str:
        return "overview"

    @app.get("/assets")
    async def above() -> str:
        return "above"

    client = serve(app)

    assert [client.get(path).text for path in ("/assets/app.css", "/assets/", "/assets")] == ["made", "overview", "above"]
    assert [len(client.head(path).headers["content-length"]) for path in ("/assets/", "/assets")] == [1, 1]
    assert client.get("/assets/docs/").text == "<h1>docs</h1>"


def test_a_directory_is_sent_to_its_slash_with_the_query(serve: Serve, assets: Path) -> None:
    app = App(trailing_slash="strict")
    app.static("/assets", assets)
    client = serve(app)

    for path in ("/assets", "/assets/docs"):
        answer = client.get(f"{path}?page=2")
        assert (answer.status_code, answer.headers["location"]) == (308, f"{path}/?page=2")
    assert client.get("/assets/app.css/").status_code == 404


def test_files_may_lie_at_the_root(serve: Serve, assets: Path) -> None:
    app = App()
    app.static("/", assets)

    @app.get("/books/{book_id}")
    async def show_book(book_id: int) -> str:
        return f"book {book_id}"

    client = serve(app)

    assert client.get("/").text == "<h1>index</h1>"
    assert client.get("/app.css").text == "body {}"
    assert client.get("/books/7").text == "book 7"
    assert client.get("/books/seven").status_code == 404
    assert client.get("//docs").status_code == 404  # a redirect would lead to another host


def test_a_group_s_guards_keep_the_files_too_and_no_cache_shares_them(serve: Serve, assets: Path) -> None:
    def nobody() -> None:
        raise UnauthorizedError("Who is there?")

    def anybody() -> None:
        return None

    app = App()
    closed, open_to_some = Group("/closed", guards=[nobody]), Group("/{tenant}")
    closed.static("/files", assets)
    open_to_some.static("/files", assets, guards=[anybody])
    app.include(closed)
    app.include(open_to_some)
    client = serve(app)

    assert [client.get(f"/closed/files{path}").status_code for path in ("", "/", "/app.css", "/none")] == [401] * 4
    answer = client.get("/acme/files/app.css")
    assert (answer.text, answer.headers["cache-control"]) == ("body {}", "private, no-cache")


def test_an_asset_has_a_url(assets: Path) -> None:
    app = App()
    app.static("/assets", assets, name="files")
    tenants = Group("/{tenant}")
    tenants.static("/more", assets / "docs")
    app.include(tenants)
    urls = asked(app)

    assert urls.asset("app.css") == "/assets/app.css" == urls.to("files", path="app.css")
    assert urls.asset("index.html") == "/assets/index.html"
    with pytest.raises(UnknownAssetError, match=r"no static file 'app.cs'. Near it is 'app.css'"):
        urls.asset("app.cs")
    for path in ("../secret", "docs", "", "\0"):
        with pytest.raises(UnknownAssetError):
            urls.asset(path)


def test_an_asset_of_a_group_takes_its_parameters(tmp_path: Path) -> None:
    (tmp_path / "a b.css").touch()
    app, tenants = App(), Group("/{tenant}")
    tenants.static("/files", tmp_path)
    app.include(tenants)

    assert asked(app).asset("a b.css", tenant="acme") == "/acme/files/a%20b.css"


def asked(app: App) -> URLs:
    """The URLs of an app, as a handler gets them."""
    found: list[URLs] = []

    @app.get("/what/are/the/urls")
    async def ask(urls: URLs) -> None:
        found.append(urls)

    with Client(app) as client:
        client.get("/what/are/the/urls")
    return found[0]


def test_a_missing_directory_is_told_once_with_its_line(tmp_path: Path) -> None:
    app = App()
    app.static("/assets", tmp_path / "asets")
    app.static("/file", __file__)

    with pytest.raises(FreezeError) as caught:
        app.freeze()

    first, second = caught.value.problems
    assert "asets' is no directory whose files can be served: No such file or directory" in first.what
    assert "test_static_routes.py:" in first.where
    assert first.cure == f"Create it, or name the right one; a relative path is looked for in {Path.cwd()}."
    assert "Not a directory" in second.what


def test_a_manifest_that_cannot_be_meant_is_told(assets: Path) -> None:
    (assets / "manifest.json").write_text('{"martlet": 1, "files": {"app.css": "app.0123456789ab.css"}}')
    app = App()
    app.static("/assets", assets)

    with pytest.raises(FreezeError, match=r"names 'app.0123456789ab.css', which is not there. Run `martlet assets build` again"):
        app.freeze()


def test_a_directory_may_be_served_twice_and_by_the_same_line(serve: Serve, assets: Path) -> None:
    app = App()
    for prefix in ("/a", "/b"):
        app.static(prefix, assets)
    client = serve(app)

    assert client.get("/a/app.css").text == client.get("/b/app.css").text == "body {}"


def test_an_unknown_option_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"there is no option 'maxage'; did you mean 'max_age'\?"):
        App().static("/", tmp_path, maxage=1)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="max_age is a number of seconds"):
        App().static("/", tmp_path, max_age=-1)
