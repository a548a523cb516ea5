"""Pages that templates make: found when the app freezes, rendered with what a page sees.

What a page sees, where a later one goes before an earlier: the engine's globals; `errors` and `sent`, empty but for a form that
was not valid; `value`, and its fields by their names; what a `Page` has beside its value; `url_for` and `asset_url`; `request`
and `nonce`, `csrf_field`, `csrf_token` and `flashes`. So no data hides what the application offers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias, cast, runtime_checkable

from martlet.handling.answering.page_fields import fields_of
from martlet.handling.answering.session_names import SESSION_NAMES, CSRFField, CSRFToken, Flashes
from martlet.handling.answering.urls import URLs
from martlet.http import HTTPError
from martlet.messages import Form, Request
from martlet.rendering import Page, problem_document
from martlet.templates import TemplateEngine
from martlet.templates.checking import Finding, WrittenCall, attributes_reached, check_reachable, names_reached, written_calls

# What an app gives its pages.
PAGE_NAMES: Final = ("asset_url", "errors", "nonce", "request", "sent", "url_for", "value", *SESSION_NAMES)
ROOT_PATHS: Final = (
    16  # whose pages are kept; an application lies at one, and a client may have a part in it where one is mounted
)
NO_ERRORS: Final[Mapping[str, list[str]]] = MappingProxyType({})
Rendered: TypeAlias = bytes | Awaitable[bytes]


class Renderable(Protocol):
    """A template, or blocks of one."""

    def render(self, context: Mapping[str, Any], /) -> str:
        """Give the text for these variables."""
        ...

    def render_async(self, context: Mapping[str, Any], /) -> Awaitable[str]:
        """Give it on an event loop, waiting for what a template calls."""
        ...


class PageTemplate(Renderable, Protocol):
    """What an engine finds by a name."""

    def stream(self, context: Mapping[str, Any], /) -> Iterator[str]:
        """Give the text in pieces."""
        ...

    def stream_async(self, context: Mapping[str, Any], /) -> AsyncIterator[str]:
        """Give it in pieces on an event loop."""
        ...

    def block(self, *names: str) -> Renderable:
        """Give blocks of it, to be rendered on their own; raises an exception for one that is not there."""
        ...


@runtime_checkable
class Templates(Protocol):
    """An engine of templates: `TemplateEngine`, or another one in an adapter of `martlet.integrations`."""

    @property
    def is_async(self) -> bool:
        """Whether its templates are rendered on an event loop."""
        ...

    @property
    def auto_reload(self) -> bool:
        """Whether a template is to be asked for anew by each request."""
        ...

    def get_template(self, name: str, /) -> PageTemplate:
        """Find a template; raises an exception for one that is not there, or cannot be used."""
        ...

    def with_globals(self, variables: Mapping[str, Any], /) -> Templates:
        """Give an engine that is this one but for further globals."""
        ...


class Nonce:
    """The nonce of an answer, which is made when a page first writes it.

    PERF: most pages write none, and random bits cost more than the rest of a small page.
    """

    __slots__ = ("_request",)

    def __init__(self, request: Request) -> None:
        """Wait to be written."""
        self._request = request

    def __str__(self) -> str:
        """Give the nonce; raises RuntimeError where it is too late for one."""
        return self._request.nonce


def _of_request(request: Request) -> dict[str, Any]:
    """Give the names for what belongs to the request."""
    return {
        "request": request,
        "nonce": Nonce(request),
        "csrf_field": CSRFField(request),
        "csrf_token": CSRFToken(request),
        "flashes": Flashes(request),
    }


class TemplatePages:
    """The pages of one app: its engine, laid over with what leads to other pages."""

    def __init__(self, engine: Templates, urls: URLs) -> None:
        """urls: may still be filled; nothing is made of them before the first request."""
        self._engine = engine
        self._urls = urls
        self._known: dict[str, tuple[Templates, dict[str, Any]]] = {}
        self._checked: dict[str, list[Finding]] = {}
        self.users: Final[dict[str, tuple[str, str]]] = {}  # by a template's name: what names it first, and where that stands
        self.is_async: Final = engine.is_async
        self.reloads: Final = engine.auto_reload

    def at(self, root_path: str) -> tuple[Templates, dict[str, Any]]:
        """Give the engine whose pages lead below a root path, and the names they do it by."""
        known = self._known.get(root_path)
        if known is not None:
            return known
        urls = self._urls.below(root_path)
        names: dict[str, Any] = {"url_for": urls.to, "asset_url": urls.asset}
        if len(self._known) >= ROOT_PATHS:  # macros that are imported without their context would miss it
            return self.at("")[0], names
        engine = self._engine.with_globals({"errors": NO_ERRORS, "sent": Form(), **names})
        return self._known.setdefault(root_path, (engine, names))

    def check(self, name: str) -> list[Finding]:
        """Find what is not there in a template and in those it is made of; only our own engine can tell."""
        engine, _ = self.at("")
        if name not in self._checked:
            self._checked[name] = check_reachable(engine, name) if isinstance(engine, TemplateEngine) else []
        return self._checked[name]

    def links(self) -> Iterator[WrittenCall]:
        """Find the links that are written out in the templates that are named; only our own engine can tell."""
        engine, _ = self.at("")
        return written_calls(engine, self.users, ("url_for", "asset_url")) if isinstance(engine, TemplateEngine) else iter(())

    def asks_for_session(self, name: str) -> bool:
        """Tell whether a template, or one that it is made of, names what belongs to the session; only our own engine can."""
        engine, _ = self.at("")
        return isinstance(engine, TemplateEngine) and not SESSION_NAMES.isdisjoint(names_reached(engine, name))

    def asks_for_user(self, name: str) -> bool:
        """Tell whether a template, or one that it is made of, reads `request.user`; only our own engine can."""
        engine, _ = self.at("")
        return isinstance(engine, TemplateEngine) and "user" in attributes_reached(engine, name, "request")

    def find(self, name: str, blocks: Sequence[str], root_path: str = "") -> tuple[Renderable, dict[str, Any]]:
        """Find a template, or blocks of it, and the names for its context; raises what the engine raises."""
        engine, names = self.at(root_path)
        template = engine.get_template(name)
        return (template.block(*blocks) if blocks else template), names

    def render(self, found: Renderable, context: dict[str, Any]) -> Rendered:
        """Make the page; of an asynchronous engine something that is awaited."""
        return _encoded(found.render_async(context)) if self.is_async else found.render(context).encode()

    def render_named(self, name: str, blocks: Sequence[str], shown: Mapping[str, Any], request: Request) -> Rendered:
        """Make the page of a template that is known only now."""
        found, names = self.find(name, blocks, request.root_path)
        return self.render(found, {**shown, **names, **_of_request(request)})

    def stream_named(
        self, name: str, shown: Mapping[str, Any], request: Request, *, on_loop: bool
    ) -> Iterator[str] | AsyncIterator[str]:
        """Make it in pieces; the nonce is made now, for the policy that has it is sent before the first piece.

        on_loop: the values may be awaitable, or asynchronous iterables.
        """
        engine, names = self.at(request.root_path)
        template, context = engine.get_template(name), {**shown, **names, **_of_request(request), "nonce": request.nonce}
        return template.stream_async(context) if on_loop or self.is_async else template.stream(context)


async def _encoded(text: Awaitable[str]) -> bytes:
    return (await text).encode()


class TemplatePage:
    """One template, or a block of it, as the page of a route's value or of its form."""

    __slots__ = ("_blocks", "_held", "_name", "_pages")

    def __init__(self, pages: TemplatePages, name: str, block: str = "") -> None:
        """Find it; raises what the engine raises."""
        self._pages = pages
        self._name = name
        self._blocks = (block,) if block else ()
        self._held: dict[str, tuple[Renderable, dict[str, Any]]] = {}
        self._find("")

    def _find(self, root_path: str) -> tuple[Renderable, dict[str, Any]]:
        found = self._pages.find(self._name, self._blocks, root_path)
        if not self._pages.reloads and len(self._held) < ROOT_PATHS:
            self._held[root_path] = found
        return found

    def show(self, value: Any, request: Request) -> Rendered:
        """Make the page of a value."""
        extra: dict[str, Any] = {}
        if isinstance(value, Page):
            page = cast("Page[Any]", value)
            value, extra = page.value, page.extra
        root_path = request.root_path
        found, names = self._held.get(root_path) or self._find(root_path)
        return self._pages.render(found, {"value": value, **fields_of(value), **extra, **names, **_of_request(request)})

    def show_form(self, errors: Mapping[str, list[str]], sent: Form, request: Request) -> Rendered:
        """Make the page of a form that was not valid."""
        root_path = request.root_path
        found, names = self._held.get(root_path) or self._find(root_path)
        return self._pages.render(found, {"errors": errors, "sent": sent, **names, **_of_request(request)})

    def show_error(self, error: HTTPError, errors: Mapping[str, list[str]], request: Request) -> Rendered:
        """Make the page of an error; it sees the members of the problem document, and what is wrong by field."""
        root_path = request.root_path
        found, names = self._held.get(root_path) or self._find(root_path)
        shown = {"value": error, **problem_document(error), "errors": errors, **names}
        return self._pages.render(found, {**shown, **_of_request(request)})
