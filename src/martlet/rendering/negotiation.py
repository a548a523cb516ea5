"""Which representation a client gets: its Accept field against the renderers there are.

The choice comes first, so that a request that cannot be answered is refused before anything is done for it (406).
Not here: how qualities and wildcards are weighed (http/accept.py), what a renderer does (renderers.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from martlet.http.accept import Negotiation
from martlet.http.errors import NotAcceptableError
from martlet.http.media_types import MediaType
from martlet.rendering.renderers import Renderer

__all__ = ["ContentNegotiator"]


class ContentNegotiator:
    """Renderers by media type, in order of the server's preference.

    >>> negotiator = ContentNegotiator({"text/html": "<b>{}</b>".format, "text/plain": str})
    >>> negotiator.negotiate("text/plain, */*;q=0.5", 42)
    ('text/plain', '42')
    """

    __slots__ = ("_choices", "_frozen", "_negotiation")

    def __init__(self, renderers: Mapping[str, Renderer] | None = None) -> None:
        self._choices: tuple[tuple[str, Renderer], ...] = ()
        self._negotiation = Negotiation(())
        self._frozen = False
        for media_type, renderer in (renderers or {}).items():
            self.register_renderer(media_type, renderer)

    @property
    def media_types(self) -> tuple[str, ...]:
        """What is on offer, as it was registered, the most preferred first."""
        return tuple(media_type for media_type, _ in self._choices)

    def register_renderer(self, media_type: str, renderer: Renderer) -> None:
        """Offer a media type; one that is there already keeps its rank and gets the new renderer.

        Raises BadMediaTypeError for a text that is no media type, TypeError once the negotiator is frozen.
        """
        if self._frozen:
            raise TypeError(f"The negotiator is frozen: register the renderer for {media_type!r} before the application starts.")
        new = MediaType.parse(media_type)
        choices = list(self._choices)
        places = [place for place, (offered, _) in enumerate(choices) if MediaType.parse(offered) == new]
        if places:
            choices[places[0]] = (media_type, renderer)
        else:
            choices.append((media_type, renderer))
        self._choices = tuple(choices)
        self._negotiation = Negotiation(self.media_types)

    def freeze(self) -> Self:
        """Take no more renderers from now on."""
        self._frozen = True
        return self

    def choose(self, accept: str | None) -> tuple[str, Renderer]:
        """The media type the client wants most, and its renderer; the first registered one for a client that does not say.

        accept: the Accept field, None if there is none.
        Raises NotAcceptableError, whose problem document lists what is `available` (RFC 9110, Section 15.5.7).
        """
        chosen = self._negotiation.choose(accept)
        if chosen is None:
            raise NotAcceptableError(headers={"Vary": "Accept"}, available=list(self.media_types))
        return self._choices[chosen]

    def negotiate(self, accept: str | None, data: Any) -> tuple[str, bytes | str]:
        """Render data as the client wants it. Raises NotAcceptableError, as `choose` does."""
        media_type, renderer = self.choose(accept)
        return media_type, renderer(data)
