"""Which representation a client gets of a route's value: prepared for each offer, remembered for each Accept field."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeVar, cast

from martlet.handling.answering.page_templates import TemplatePage
from martlet.http import NotAcceptableError
from martlet.messages import PreparedHeaders, Request
from martlet.rendering import ContentNegotiator, Page, Renderer, encoder_of, escape, render_json, render_msgpack

MEMORY: Final = 256  # Accept values that are remembered; the browsers and tools of one day send some dozens
MEMORABLE: Final = 512  # characters of a value that is remembered; together they bound the memory at about 256 KiB
HTML_TYPE: Final = "text/html"


def tag_suffix(media_type: str) -> str:
    """What the entity tags of this representation end with.

    >>> tag_suffix("text/html; charset=utf-8")
    ';text/htmlcharset=utf-8'
    """
    return ";" + re.sub(r"[^!#-:<-~]", "", media_type)


Chosen = TypeVar("Chosen")

PAGE_SUFFIX: Final = tag_suffix(HTML_TYPE)


class Representation:
    """One way to render a route's value: its fields, prepared, and the function from value to bytes.

    encode: does what `render` does, unless it raises one of `unusual`.
    show: that of a template, which wants the request too; `render` is not called then.
    """

    __slots__ = ("encode", "fields", "is_page", "leads_on", "media_type", "render", "show", "tag_suffix", "unusual")

    def __init__(self, media_type: str, renderer: Renderer, *, varies: bool, is_page: bool, is_first: bool) -> None:
        """Prepare the fields.

        varies: whether the choice depended on Accept, which Vary must then say (RFC 9110 section 12.5.5).

        is_first: what clients get who do not care; the entity tags of the others have a suffix (section 8.8.1).
        """
        # JSON has no charset to say (RFC 8259 section 11); text has.
        charset = "; charset=utf-8" if media_type.startswith("text/") and "charset" not in media_type else ""
        vary = [("vary", "accept")] if varies else []
        self.media_type: Final = media_type
        self.fields: Final = PreparedHeaders([("content-type", f"{media_type}{charset}"), *vary])
        self.render: Final[Callable[[Any], bytes]] = _giving_bytes(renderer)
        self.encode, self.unusual = encoder_of(renderer) or (self.render, ())
        self.show: Callable[[Any, Request], Any] | None = None
        self.is_page: Final = is_page
        self.leads_on = is_page  # a browser is led to what it has made, in place of being shown it
        self.tag_suffix: Final = "" if is_first else tag_suffix(media_type)


class RepresentationChoice:
    """The representations of one route, and the choice by the Accept field; raises NotAcceptableError.

    `known` is what a field led to before; endpoints look there first.
    """

    __slots__ = ("_prepared", "known", "negotiator")

    def __init__(
        self,
        renderers: Mapping[str, Renderer],
        page: Callable[..., Any] | TemplatePage | None = None,
        *,
        leads_on: bool = False,
    ) -> None:
        """page: a function from the value to HTML, or a template, offered to browsers beside the renderers.

        leads_on: browsers are led to what they have made, page or not; what there is to show they get as everybody does.
        """
        template = page if isinstance(page, TemplatePage) else None
        function = _never_called if isinstance(page, TemplatePage) else page
        offered = dict(renderers) if function is None else {**renderers, HTML_TYPE: page_renderer(function)}
        self.negotiator = ContentNegotiator(offered).freeze()
        self._prepared = {
            media_type: Representation(
                media_type,
                renderer,
                varies=len(offered) > 1,
                is_page=page is not None and media_type == HTML_TYPE,
                is_first=number == 0,
            )
            for number, (media_type, renderer) in enumerate(offered.items())
        }
        if template is not None:
            self._prepared[HTML_TYPE].show = template.show
        if leads_on and page is None:
            first, renderer = next(iter(offered.items()))
            self.negotiator = ContentNegotiator({**offered, HTML_TYPE: renderer}).freeze()
            self._prepared[HTML_TYPE] = Representation(first, renderer, varies=True, is_page=False, is_first=True)
            self._prepared[HTML_TYPE].leads_on = True
        self.known: Final[dict[bytes | str | None, Representation]] = {}

    @property
    def representations(self) -> Collection[Representation]:
        """All of them."""
        return self._prepared.values()

    @property
    def shows_template(self) -> bool:
        """Whether one of them is made by a template."""
        return any(prepared.show is not None for prepared in self._prepared.values())

    @property
    def tag_suffixes(self) -> list[str]:
        """What the entity tags of the representations end with, where they end with anything."""
        return [prepared.tag_suffix for prepared in self._prepared.values() if prepared.tag_suffix]

    def __call__(self, accept: str | None, key: bytes | str | None = None) -> Representation:
        """Choose, and remember it by the key: the field as the server gave it."""
        try:
            media_type, _ = self.negotiator.choose(accept)
        except NotAcceptableError as error:
            offered = ", ".join(self.negotiator.media_types)
            message = f"The Accept field takes none of the media types there are here: {offered}."
            raise NotAcceptableError(message, headers=error.headers, **error.members) from None
        chosen = self._prepared[media_type]
        remember(self.known, accept, key, chosen)
        return chosen


def remember(known: dict[bytes | str | None, Chosen], accept: str | None, key: bytes | str | None, chosen: Chosen) -> None:
    """Keep in `known` what an Accept field has led to, within bounds."""
    if accept is None or len(accept) <= MEMORABLE:
        if len(known) >= MEMORY:
            known.clear()
        known[accept if key is None else key] = chosen


def _never_called(_: Any) -> str:
    raise RuntimeError("The page of a template is made by Representation.show, which has the request.")


def page_renderer(page: Callable[..., Any]) -> Renderer:
    """Make a renderer of a page; what the page gives as plain text is escaped, and a Page's extra names are passed on."""

    def render(value: Any) -> str:
        if isinstance(value, Page):
            shown = cast("Page[Any]", value)
            return render_page(page, shown.value, **shown.extra)
        return render_page(page, value)

    return render


def render_page(page: Callable[..., object], /, *shown: Any, **extra: Any) -> str:
    """Make the page of what it shows; what it gives as plain text is escaped."""
    return escape(page(*shown, **extra))


def _giving_bytes(renderer: Renderer) -> Callable[[Any], bytes]:
    """Give a renderer whose result is bytes; the built-in ones are that already."""
    if renderer is render_json:
        return render_json
    if renderer is render_msgpack:
        return render_msgpack

    def render(value: Any) -> bytes:
        match renderer(value):
            case bytes() as data:
                return data
            case str() as text:
                return text.encode()
            case other:  # pyright: ignore[reportUnnecessaryComparison]  a renderer need not be typed
                raise TypeError(f"The renderer {renderer!r} gave {type(other).__name__}; it must give bytes or str.")

    return render
