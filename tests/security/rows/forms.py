"""An application that takes forms in every way, and forms to send to it."""

from typing import Any

from msgspec import Struct

from martlet import App, Form, Limits, Request, Upload

MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
END = b"--x--\r\n"


class Note(Struct):
    text: str
    tags: list[str] = []


def form_app(limits: Limits | None = None) -> App:
    app = App(limits=limits)

    @app.post("/notes")
    async def add_note(note: Note) -> str:
        return note.text

    @app.post("/form")
    async def take_form(form: Form) -> dict[str, Any]:
        return {name: value.filename if isinstance(value, Upload) else value for name, value in form.items()}

    @app.post("/plain")
    def take_form_in_thread(form: Form) -> list[str]:
        return list(form)

    @app.post("/parts")
    async def take_parts(request: Request) -> int:
        return len([part.name async for part in request.parts()])

    return app


WAYS = ["/notes", "/form", "/plain", "/parts"]


def part(content: bytes, name: str = "text", filename: str | None = None, more: bytes = b"") -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'.encode() + more + b"\r\n" + content + b"\r\n"
