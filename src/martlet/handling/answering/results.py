"""What a handler's value becomes: decided from the return annotation, so that a request only carries it out.

`str` is text/plain, `HTML` text/html; `bytes`, a `File` and a `Stream` are octets; None is 204; data is negotiated; a Response is
itself. A way with one fixed representation is not subject to negotiation (RFC 9110 section 12.4.1), so its Accept field is not
looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, cast, get_args, get_origin

from martlet.adapters import StreamingResponse
from martlet.handling.answering.item_streams import data_type, item_encoder, item_type
from martlet.handling.answering.page_templates import TemplatePages
from martlet.handling.answering.replies import Encode, quickly
from martlet.handling.answering.representations import Representation
from martlet.handling.answering.template_responses import TemplateResponse
from martlet.handling.signatures.functions import MISSING, union_members
from martlet.http import HTTPStatus
from martlet.messages import (
    ACCEPT,
    BYTES_HEADERS,
    HTML_HEADERS,
    NO_HEADERS,
    TEXT_HEADERS,
    File,
    PreparedHeaders,
    Request,
    Response,
    Stream,
    prepared_response,
)
from martlet.rendering import HTML, Created, Page, Reply

Kind: TypeAlias = Literal["text", "html", "bytes", "empty", "response", "body", "items", "data", "mixed", "unknown", "socket"]


@dataclass(frozen=True, slots=True)
class Result:
    """How a value becomes a response.

    fields: of the one fixed representation, whose body is `expression` of `value`; None where a value needs more.
    data_types: what must be renderable, for the check at freeze.
    """

    kind: Kind
    encode: Encode
    fields: PreparedHeaders | None = None
    expression: str = ""
    status_code: int = 200
    data_types: tuple[Any, ...] = ()
    streams: bool = False  # as the annotation says, which `martlet run` goes by
    check: Callable[[Any], None] | None = None  # with debug on: whether the value is what the annotation says

    @property
    def is_negotiated(self) -> bool:
        """Whether a representation is chosen before the handler runs."""
        return bool(self.data_types)

    @property
    def may_stream(self) -> bool:
        """Whether the response may be a Stream, which keeps the request's providers open."""
        return self.kind in {"response", "body", "items", "mixed", "unknown", "socket"}


def read_result(
    annotation: Any,
    choose: Callable[[str | None], Representation],
    pages: TemplatePages | None = None,
    *,
    on_loop: bool = False,
) -> Result:
    """Decide from a return annotation; `choose` serves values whose kind is seen only when they are there.

    pages, on_loop: for a TemplateResponse, see Encoder.
    """
    kinds = {kind_of(member) for member in union_members(annotation)}
    data = tuple(found for member in union_members(annotation) for found in _data_types(member))
    encode: Encode = Encoder(choose, pages, on_loop=on_loop).encode
    if annotation is MISSING or annotation is Any or annotation is object:
        return Result("unknown", encode)
    classes = [member for member in union_members(annotation) if isinstance(member, type)]
    streams = any(issubclass(member, Stream | StreamingResponse) for member in classes)
    item = item_type(annotation)
    if item is not None:
        return Result("items", item_encoder(encode, item), data_types=(data_type(item),), streams=True)
    fixed: dict[Any, Result] = {
        "text": Result("text", encode, TEXT_HEADERS, "value.encode()"),
        "html": Result("html", encode, HTML_HEADERS, "value.encode()"),
        "bytes": Result("bytes", encode, BYTES_HEADERS, "value if type(value) is bytes else bytes(value)"),
        "empty": Result("empty", encode, NO_HEADERS, 'b""', 204),
        "response": Result("response", encode, streams=streams),
        "body": Result("body", encode, streams=streams),
        "data": Result("data", encode, data_types=data),
    }
    if len(kinds) == 1 and annotation not in {Reply, Created, Page} and get_origin(annotation) not in {Reply, Created, Page}:
        return fixed[kinds.pop()]
    if all((get_origin(member) or member) in {Reply, Created} for member in union_members(annotation)):
        encode = quickly(encode)
    return Result("mixed", encode, data_types=data, streams=streams)


def kind_of(annotation: Any) -> str:
    """Tell what one member of a return annotation is."""
    origin = get_origin(annotation) or annotation
    if origin in {Reply, Created, Page}:
        return "data"
    if not isinstance(origin, type):
        return "data"
    kinds = (("response", Response), ("body", Stream), ("body", File), ("html", HTML), ("text", str), ("bytes", bytes))
    for kind, base in kinds:
        if issubclass(origin, base):
            return kind
    return "empty" if origin is type(None) else "data"


def creates(annotation: Any) -> bool:
    """Whether a return annotation says that something is made.

    >>> creates(Created[int] | None), creates(Reply[int])
    (True, False)
    """
    return any((get_origin(member) or member) is Created for member in union_members(annotation))


def _data_types(annotation: Any) -> Iterable[Any]:
    if get_origin(annotation) in {Reply, Created, Page}:
        inner = get_args(annotation)[0]
        return [found for member in union_members(inner) for found in _data_types(member)]
    if annotation in (Reply, Created, Page):
        return [object]
    return [annotation] if kind_of(annotation) == "data" and annotation is not MISSING else []


class Encoder:
    """Makes a response of any value, by what it is."""

    __slots__ = ("_choose", "_on_loop", "pages")

    def __init__(
        self,
        choose: Callable[[str | None], Representation],
        pages: TemplatePages | None = None,
        *,
        on_loop: bool = False,
    ) -> None:
        """`choose` picks the representation of data where none was chosen before.

        pages: of a TemplateResponse; if they are asynchronous, a response's body may be something that is still to be awaited.
        on_loop: its streams are made on the event loop.
        """
        self._choose = choose
        self._on_loop = on_loop
        self.pages = pages

    def encode(self, value: Any, request: Request, representation: Representation | None) -> Response:
        """Make the response; raises NotAcceptableError where the value must be negotiated only now, and cannot."""
        match value:
            case Response():
                if isinstance(value, TemplateResponse):
                    return value.finish(self.pages, request, on_loop=self._on_loop)
                return value
            case Stream() | File():
                return Response(value)
            case Reply():
                return self._encode_reply(cast("Reply[Any]", value), request, representation)
            case None:
                return prepared_response(HTTPStatus.NO_CONTENT, NO_HEADERS, b"")
            case HTML():
                return prepared_response(200, HTML_HEADERS, value.encode())
            case str() if representation is None:
                return prepared_response(200, TEXT_HEADERS, value.encode())
            case bytes() if representation is None:
                return prepared_response(200, BYTES_HEADERS, value)
            case Page() if representation is None or not representation.is_page:
                return self.encode(cast("Page[Any]", value).value, request, representation)
            case _:
                chosen = representation or self._choose(request.field(ACCEPT))
                body: Any = chosen.render(value) if chosen.show is None else chosen.show(value, request)
                return prepared_response(200, chosen.fields, body)

    def _encode_reply(self, reply: Reply[Any], request: Request, representation: Representation | None) -> Response:
        if not 200 <= reply.status <= 599:  # it was assigned later
            raise ValueError(f"{reply.status} is no status of a final answer: use one from 200 to 599 (RFC 9110 section 15).")
        response = self.encode(reply.value, request, representation)
        response.status_code = int(reply.status)
        names = {name.lower() for name, _ in reply.headers}
        leads_on = representation is not None and representation.leads_on
        if response.status_code == HTTPStatus.CREATED.value and leads_on and "location" in names:
            # A browser that sent a form is led to the page of what it made; 303 keeps reload from sending it again.
            response = prepared_response(HTTPStatus.SEE_OTHER, NO_HEADERS, b"")
            response.headers["vary"] = "accept"
        for name, value in reply.headers:
            if name.lower() == "content-type":
                response.headers[name] = value
            else:
                response.headers.add(name, value)
        for cookie in reply.cookies:
            response.set_cookie(cookie)
        return response
