"""Forms in Martlet: typed, whether they come with files or without; and part by part."""

from msgspec import Struct

from martlet import App, Limits, Request, Upload

app = App(limits=Limits(body_bytes=100 * 1024 * 1024))


class Film(Struct):
    """An upload."""

    title: str
    film: Upload


class Registration(Struct):
    """A form without files."""

    name: str
    email: str
    city: str
    year: int
    agreed: bool


class Application(Registration):
    """A form with files."""

    photos: list[Upload]


@app.post("/upload")
async def upload(new: Film) -> str:
    return f"{new.title} {new.film.size}"


@app.post("/stream")
async def stream(request: Request) -> str:
    title, size = "", 0
    async for part in request.parts():
        if part.is_file:
            async for chunk in part.chunks():
                size += len(chunk)
        else:
            title = await part.text()
    return f"{title} {size}"


@app.post("/files")
async def files(new: Application) -> str:
    return f"{new.name} {new.email} {new.city} {new.year} {new.agreed} {sum(photo.size for photo in new.photos)}"


@app.post("/fields")
async def fields(new: Registration) -> str:
    return f"{new.name} {new.email} {new.city} {new.year} {new.agreed}"
