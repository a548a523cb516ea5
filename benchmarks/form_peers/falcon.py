"""Forms in Falcon over ASGI: parts as they arrive. It stores no files, so the handler does.

Its documentation does that through `aiofiles`, which costs a thread's turn for each chunk; here the loop waits for the disk,
which costs least.
"""

from tempfile import TemporaryFile
from typing import Any

from falcon import MEDIA_MULTIPART, MEDIA_TEXT
from falcon.asgi import App, Request, Response
from falcon.media import MultipartFormHandler


class Upload:
    """Stores a file."""

    async def on_post(self, req: Request, resp: Response) -> None:
        """Answer with what came."""
        title, size = "", 0
        with TemporaryFile() as stored:
            async for part in await req.get_media():
                if part.filename:
                    async for chunk in part.stream:
                        stored.write(chunk)
                else:
                    title = await part.get_text()
            size = stored.tell()
        resp.content_type, resp.text = MEDIA_TEXT, f"{title} {size}"


class Stream:
    """Looks at a file."""

    async def on_post(self, req: Request, resp: Response) -> None:
        """Answer with what came."""
        title, size = "", 0
        async for part in await req.get_media():
            if part.filename:
                async for chunk in part.stream:
                    size += len(chunk)
            else:
                title = await part.get_text()
        resp.content_type, resp.text = MEDIA_TEXT, f"{title} {size}"


class Files:
    """Takes a form with files."""

    async def on_post(self, req: Request, resp: Response) -> None:
        """Answer with what came."""
        form: dict[str, Any] = {}
        size = 0
        async for part in await req.get_media():
            if part.filename:
                size += len(await part.get_data())
            else:
                form[part.name] = await part.get_text()
        said = f"{form['name']} {form['email']} {form['city']} {int(form['year'])} {form['agreed'] == 'on'} {size}"
        resp.content_type, resp.text = MEDIA_TEXT, said


class Fields:
    """Takes a form without files."""

    async def on_post(self, req: Request, resp: Response) -> None:
        """Answer with what came."""
        form = await req.get_media()
        said = f"{form['name']} {form['email']} {form['city']} {int(form['year'])} {form['agreed'] == 'on'}"
        resp.content_type, resp.text = MEDIA_TEXT, said


app = App()
app.req_options.media_handlers[MEDIA_MULTIPART] = MultipartFormHandler()
app.add_route("/upload", Upload())
app.add_route("/stream", Stream())
app.add_route("/files", Files())
app.add_route("/fields", Fields())
