"""Whether a request says whom it is for: one Host field, and an authority in it (RFC 9112 section 3.2).

Servers differ in what they let through, so every adapter looks. Not here: which hosts an application serves (middleware/).
"""

from __future__ import annotations

from typing import Final

from martlet.adapters.targets import HOST_IS_A_DUTY
from martlet.http import BadRequestError, parse_authority
from martlet.messages import HOST, Application, Request, Respond

MEMORY: Final = 256  # hosts that are remembered; an application has a few, and a client that makes them up clears them


class KnownHosts:
    """The Host fields that were found to be well-formed, as the server gave them, so that each is read once."""

    __slots__ = ("known",)

    def __init__(self) -> None:
        """Know none yet."""
        self.known: Final[set[bytes | str | None]] = set()

    def refusal(self, request: Request, host: bytes | str | None, version: str | None, app: Application) -> Respond | None:
        """Look at a field that is not known yet; what answers the request with a 400, or None if nothing is wrong.

        version: as the server tells it. HTTP/1.1 makes the field a duty; a request of which nobody tells is not judged. Granian
        gives an empty field where a request in HTTP/1.0 has none.
        """
        if not host and version not in HOST_IS_A_DUTY:
            return None
        problem = _problem(request.field(HOST))
        if problem is not None:
            return lambda request: app.refuse(request, problem)
        if len(self.known) >= MEMORY:
            self.known.clear()
        self.known.add(host)
        return None


def _problem(text: str | None) -> BadRequestError | None:
    if not text:  # over WSGI an empty field and none look alike
        return BadRequestError("The request needs a Host field that names a host.")
    try:
        parse_authority(text)
    except BadRequestError as error:
        return error
    return None
