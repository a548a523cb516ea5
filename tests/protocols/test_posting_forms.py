"""The test client writes forms as browsers do, and what it writes is read back, for any names and contents."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from martlet import App, Form, Upload
from martlet.testing import Client
from martlet.testing.form_bodies import multipart
from tests.serving import ServeOnce


def said(value: str | Upload) -> Any:
    if isinstance(value, str):
        return value
    return [value.raw_filename, value.content_type, value.file.read().decode("latin-1")]


def make_app() -> App:
    app = App()

    @app.post("/")
    def read(form: Form) -> list[list[Any]]:
        return [[name, said(value)] for name, value in form.items()]

    return app


def test_every_way_to_name_a_file(serve_once: ServeOnce, tmp_path: Path) -> None:
    path = tmp_path / "swift.png"
    path.write_bytes(b"png")

    answer = serve_once(make_app).post(
        "/",
        data={"title": "Swifts", "tag": ["a", "b"], "year": 1854},
        files={
            "a": b"1",
            "b": "text",
            "c": path,
            "d": ("d.html", b"2"),
            "e": ("e", "3", "image/webp"),
            "f": None,
            "g": [b"4", b"5"],
        },
    )

    assert answer.json() == [
        ["title", "Swifts"],
        ["tag", "a"],
        ["tag", "b"],
        ["year", "1854"],
        ["a", ["a", "application/octet-stream", "1"]],
        ["b", ["b", "application/octet-stream", "text"]],
        ["c", ["swift.png", "image/png", "png"]],
        ["d", ["d.html", "text/html", "2"]],
        ["e", ["e", "image/webp", "3"]],
        ["f", ""],
        ["g", ["g", "application/octet-stream", "4"]],
        ["g", ["g", "application/octet-stream", "5"]],
    ]


def test_data_alone_is_urlencoded(serve_once: ServeOnce) -> None:
    client = serve_once(make_app)

    assert client.post("/", data={"a": ["1", "2"]}).json() == client.post("/", form={"a": ["1", "2"]}).json()
    assert client.post("/", files={}, form={"a": "1"}).json() == [["a", "1"]]


def test_line_ends_of_texts_are_those_that_browsers_send(serve_once: ServeOnce) -> None:
    answer = serve_once(make_app).post("/", data={"a\nb": "1\n2\r3\r\n4"}, files={})

    assert answer.json() == [["a\r\nb", "1\r\n2\r\n3\r\n4"]]


def test_what_stands_in_a_name_cannot_leave_it() -> None:
    _, body = multipart({'a"; name="b': "1"}, {"f": ('x"\r\nEvil: 1', b"")})

    assert b'name="a%22; name=%22b"\r\n' in body
    assert b'filename="x%22%0D%0AEvil: 1"\r\n' in body


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n%\\"), max_size=20)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=50)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client(make_app()) as client:
        yield client


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(NAMES, TEXTS, max_size=4),
    st.dictionaries(NAMES, st.tuples(NAMES.filter(bool), st.binary(max_size=200), st.just("image/png")), max_size=3),
)
def test_any_form_is_read_back(client: Client, fields: dict[str, str], files: dict[str, Any]) -> None:
    answer = client.post("/", data=fields, files=files)

    assert answer.json() == [
        *([name, value] for name, value in fields.items()),
        *([name, [filename, kind, content.decode("latin-1")]] for name, (filename, content, kind) in files.items()),
    ]
