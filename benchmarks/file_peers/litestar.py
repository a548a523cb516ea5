"""Files in Litestar: a router made for them, without OpenAPI pages and logging."""

from litestar import Litestar
from litestar.static_files import create_static_files_router


def make(directory: str) -> Litestar:
    router = create_static_files_router(path="/assets", directories=[directory])
    return Litestar(route_handlers=[router], openapi_config=None, logging_config=None)
