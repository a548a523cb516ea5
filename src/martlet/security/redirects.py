r"""Redirects to where a client says it wants to go: only on this site, whatever the spelling.

A target is local if it begins with one slash and has no character in it that browsers drop or read as a slash; everything else,
`//evil.example`, `/\evil.example`, `https:evil.example`, is the fallback.
"""

from __future__ import annotations

from typing import Final

from martlet.http import is_local_reference
from martlet.messages import FieldName, Request, Response

__all__ = ["redirect_back", "redirect_to"]

REFERER: Final = FieldName("referer")


def redirect_to(target: str | None, *, fallback: str = "/", status: int = 303) -> Response:
    r"""Send the client to a target of its own choice, as `?next=`, if that is on this site; else to the fallback.

    fallback: yours, so it may be anywhere. status: 303 has it fetched by GET (RFC 9110 section 15.4.4).

    >>> redirect_to("/cart?page=2").headers["location"], redirect_to("//evil.example").headers["location"]
    ('/cart?page=2', '/')
    """
    return Response.redirect(target if target is not None and is_local_reference(target) else fallback, status=status)


def redirect_back(request: Request, *, fallback: str = "/", status: int = 303) -> Response:
    """Send the client back to the page it comes from, if that is on this host; else to the fallback."""
    scheme, separator, rest = (request.field(REFERER) or "").partition("://")
    authority, slash, path = rest.partition("/")
    is_ours = separator and slash and scheme in ("http", "https") and authority.lower() == request.host.lower()
    return redirect_to(f"/{path}" if is_ours else None, fallback=fallback, status=status)
