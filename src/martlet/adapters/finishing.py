"""The end of a request: what it opened is closed, and what it left for after its answer begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from martlet.adapters.streams.pulling import close
from martlet.messages import Application, Request, Response


async def finish(request: Request, response: Response, app: Application) -> None:
    """On the loop, once the answer has been sent."""
    if request.has_extras:
        await request.close()
        if request.extras.after:
            app.after.begin(request, response.status_code)


def owes(request: Request) -> bool:
    """Tell whether `finish` has anything to do."""
    if not request.has_extras:
        return False
    extras = request.extras
    return extras.form is not None or bool(extras.after)


class Finishing:
    """The chunks of an answer for a WSGI server; something is done once the server has closed them, which PEP 3333 promises."""

    __slots__ = ("_content", "_then")

    def __init__(self, content: Iterable[bytes], then: Callable[[], None]) -> None:
        """Own the chunks."""
        self._content = content
        self._then: Callable[[], None] | None = then

    def __iter__(self) -> Iterator[bytes]:
        """Give the chunks."""
        return iter(self._content)

    def close(self) -> None:
        """Close the chunks, and do it; a second call does nothing."""
        then, self._then = self._then, None
        try:
            close(self._content)
        finally:
            if then is not None:
                then()
