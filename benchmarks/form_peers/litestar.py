"""Forms in Litestar: data classes filled from them; it hands out no parts as they arrive. Text in a form is no bool to it."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Litestar, MediaType, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body


@dataclass
class Film:
    """An upload."""

    title: str
    film: UploadFile


@dataclass
class Registration:
    """A form without files."""

    name: str
    email: str
    city: str
    year: int
    agreed: str


@dataclass
class Application(Registration):
    """A form with files."""

    photos: list[UploadFile]


def size_of(file: UploadFile) -> int:
    return file.file.seek(0, 2)


@post("/upload", media_type=MediaType.TEXT, status_code=200, request_max_body_size=None)
async def upload(data: Annotated[Film, Body(media_type=RequestEncodingType.MULTI_PART)]) -> str:
    return f"{data.title} {size_of(data.film)}"


@post("/files", media_type=MediaType.TEXT, status_code=200)
async def files(data: Annotated[Application, Body(media_type=RequestEncodingType.MULTI_PART)]) -> str:
    size = sum(map(size_of, data.photos))
    return f"{data.name} {data.email} {data.city} {data.year} {data.agreed == 'on'} {size}"


@post("/fields", media_type=MediaType.TEXT, status_code=200)
async def fields(data: Annotated[Registration, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> str:
    return f"{data.name} {data.email} {data.city} {data.year} {data.agreed == 'on'}"


app = Litestar(route_handlers=[upload, files, fields], openapi_config=None, logging_config=None)
