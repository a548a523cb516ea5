"""A File that a handler returns has the type of its name, unless somebody says another."""

from __future__ import annotations

from pathlib import Path

import pytest

from martlet import App, File, Reply, Response
from martlet.http import format_disposition
from tests.serving import Serve


def app_giving(path: Path) -> App:
    app = App()

    @app.get("/file")
    async def file() -> File:
        return File(str(path))

    @app.get("/plain")
    def plain() -> File:
        return File(str(path))

    @app.get("/response")
    async def response() -> Response:
        return Response(File(str(path)))

    @app.get("/reply")
    async def reply() -> Reply[File]:
        return Reply(File(str(path)), headers={"x-shelf": "3"})

    @app.get("/typed")
    async def typed() -> Response:
        disposition = format_disposition("attachment", "Übersicht.csv")
        return Response(File(str(path)), media_type="text/csv", headers={"content-disposition": disposition})

    @app.get("/typed-reply")
    async def typed_reply() -> Reply[File]:
        return Reply(File(str(path)), headers={"Content-Type": "text/csv"})

    return app


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("APP.CSS", "text/css; charset=utf-8"),
        ("photo.jpeg", "image/jpeg"),
        ("archive.tar.gz", "application/gzip"),
        ("LICENSE", "application/octet-stream"),
        (".html", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
    ],
)
@pytest.mark.parametrize("route", ["/file", "/plain", "/response", "/reply"])
def test_a_file_has_the_type_of_its_name(serve: Serve, tmp_path: Path, route: str, name: str, content_type: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"content")

    client = serve(app_giving(path))

    whole, part, head = client.get(route), client.get(route, headers={"range": "bytes=0-1"}), client.head(route)
    assert [answer.headers["content-type"] for answer in (whole, part, head)] == [content_type] * 3
    assert whole.content == b"content"


@pytest.mark.parametrize("route", ["/typed", "/typed-reply"])
def test_a_type_that_is_said_goes_before(serve: Serve, tmp_path: Path, route: str) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"a,b")

    assert serve(app_giving(path)).get(route).headers["content-type"] == "text/csv"


def test_a_name_to_save_under_may_have_any_letters(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "7.csv"
    path.write_bytes(b"a,b")

    disposition = serve(app_giving(path)).get("/typed").headers["content-disposition"]

    assert disposition == "attachment; filename=_bersicht.csv; filename*=UTF-8''%C3%9Cbersicht.csv"
