"""Give answers an entity tag of their content, so that a client who has it already is told just that (RFC 9110, Section 13).

It saves the line, not the work: the handler has run by then. A route's `validator` saves both.
"""

from __future__ import annotations

from typing import ClassVar, Final

from martlet.http import ETag, Validators
from martlet.messages import Request, Respond, Response, select_response

METHODS: Final = frozenset({"GET", "HEAD"})


class ConditionalGet:
    """A middleware that answers 304 where the content is what the client has, and parts (206) where it asks for them.

    What has an ETag or a Last-Modified of its own is compared by that, a stream too. Other content in bytes gets an ETag made of
    it, unless it is not to be stored (`Cache-Control: no-store`).
    max_bytes: what is larger gets none, since reading it through takes about 1 ms for each MiB.
    weak: for pages whose bytes another program changes on the way. Put it inside of `Compression`, which weakens tags itself.

    >>> from martlet import App
    >>> from martlet.testing import Client
    >>> app = App()
    >>> _ = app.use(ConditionalGet())
    >>> @app.get("/")
    ... def home() -> str:
    ...     return "Hello"
    >>> client = Client(app)
    >>> etag = client.get("/").headers["etag"]
    >>> client.get("/", headers={"if-none-match": etag}).status_code
    304
    """

    inline: ClassVar[bool] = True  # it awaits nothing of its own

    def __init__(self, *, max_bytes: int = 1024 * 1024, weak: bool = False) -> None:
        """See the class."""
        self._max_bytes: Final = max_bytes
        self._weak: Final = weak

    async def __call__(self, request: Request, respond: Respond) -> Response:
        """Answer; raises PreconditionFailedError and RangeNotSatisfiableError, as `select_response` does."""
        response = await respond(request)
        if response.status_code != 200 or request.method not in METHODS:
            return response
        if "etag" in response.headers or "last-modified" in response.headers:
            return select_response(request, response)
        body = response.body
        # An answer to HEAD by a handler of its own has no content here that a tag could be made of.
        if not isinstance(body, bytes) or len(body) > self._max_bytes or not body:
            return response
        if "no-store" in response.headers.get("cache-control", "").lower():
            return response
        return select_response(request, response, Validators(ETag.of(body, weak=self._weak)))
