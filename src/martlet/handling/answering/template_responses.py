"""TemplateResponse: an answer whose body a template makes, when the handler that chose it has returned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from martlet.handling.answering.page_templates import TemplatePages
from martlet.http import SetCookie, content_type_for
from martlet.messages import HTML_HEADERS, NO_HEADERS, Request, Response, Stream
from martlet.templates.escaping import WRAPPINGS

UNKNOWN: Final = content_type_for("")


class TemplateResponse(Response):
    """A page of the application's templates, for a handler that chooses the template, a status or fields itself.

    name: of the template. context: its variables, beside `request`, `nonce`, `url_for`, `asset_url` and the engine's globals.
    block: one block of it, or several, in place of the whole, for a page that replaces a part of itself.
    stream: sent piece by piece, as it becomes ready; what goes wrong then can only break the answer off.
    media_type: the Content-Type; else that of `headers`, else that of the template's name, text/html if it tells none.
    Raises ValueError for a block that is to be streamed, and what Response raises.

    >>> TemplateResponse("feed.xml", {"books": []}).headers["content-type"]
    'application/xml'
    """

    __slots__ = ("blocks", "context", "name", "streams")

    def __init__(
        self,
        name: str,
        context: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] | None = None,
        media_type: str | None = None,
        cookies: Iterable[SetCookie] = (),
        block: str | Sequence[str] | None = None,
        stream: bool = False,
    ) -> None:
        """Choose the page; nothing is rendered yet. See the class for the arguments."""
        super().__init__(status=status, headers=headers, media_type=media_type)
        if self.fields is NO_HEADERS and is_page_name(name):
            self.fields = HTML_HEADERS
        else:
            self.headers.setdefault("content-type", media_type_of(name))
        for cookie in cookies:
            self.set_cookie(cookie)
        self.name = name
        self.context: Mapping[str, Any] = context or {}
        self.blocks = (block,) if isinstance(block, str) else tuple(block or ())
        self.streams = stream
        if stream and self.blocks:
            raise ValueError(f"A block of {name!r} is small: leave out stream=True, or send the whole template.")
        self.body = NOT_RENDERED

    def finish(self, pages: TemplatePages | None, request: Request, *, on_loop: bool) -> Response:
        """Make the body; of an asynchronous engine it is something that is still to be awaited. Raises what the engine raises.

        on_loop: a stream is made on the event loop.
        """
        if self.body is not NOT_RENDERED:
            return self
        if pages is None:
            raise RuntimeError(
                f'The app has no templates to find {self.name!r} in: write App(templates=TemplateEngine("templates")).'
            )
        body: Any
        if self.streams:
            body = Stream(pages.stream_named(self.name, self.context, request, on_loop=on_loop))
        else:
            body = pages.render_named(self.name, self.blocks, self.context, request)
        self.body = body
        return self


class _NotRendered:
    """Stands for the body until there is one; no server takes it, so a page that nobody rendered is a 500, not an empty one."""


NOT_RENDERED: Final[Any] = _NotRendered()


@lru_cache(1_024)  # names that the application chooses among
def media_type_of(name: str) -> str:
    """Give the Content-Type of what a template of this name makes.

    >>> media_type_of("mails/welcome.txt.j2"), media_type_of("book")
    ('text/plain; charset=utf-8', 'text/html; charset=utf-8')
    """
    lowered = name.lower()
    for wrapping in WRAPPINGS:
        lowered = lowered.removesuffix(f".{wrapping}")
    found = content_type_for(lowered)
    return "text/html; charset=utf-8" if found == UNKNOWN else found


def is_page_name(name: str) -> bool:
    """Whether what a template of this name makes is HTML.

    >>> is_page_name("book.html"), is_page_name("feed.xml")
    (True, False)
    """
    return media_type_of(name).startswith("text/html")
