"""Which decoder takes a body: chosen by Content-Type before anything is read; any other type is 415."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from martlet.declaration_errors import DeclarationError
from martlet.handling.signatures.functions import MISSING
from martlet.handling.signatures.sources import FromBody
from martlet.http import MULTIPART, Limits, MediaType, UnsupportedMediaTypeError
from martlet.messages import Form, Request
from martlet.rendering import FormBodyDecoder, body_decoder, decodable_media_types, form_field_decoder

Decode: TypeAlias = Callable[[Any], Any]  # takes what `read_body` gives; raises BadRequestError, ValidationError
MEMORY: Final = 256  # Content-Type values whose decoder is remembered; clients of one route send a handful
# The fields that tell what a method's bodies may be (RFC 5789 section 3.1, RFC 10008 section 3).
ACCEPT_FIELDS: Final = {"PATCH": "accept-patch", "QUERY": "accept-query"}
BEGINNING_OF_FORMS: Final = f"{MULTIPART};"
MEMORABLE: Final = 200  # characters of a value that is remembered


async def read_body(request: Request, decode: Decode | None, *, keeps_bytes: bool = False) -> bytes | Form:
    """Read what a decoder takes; raises as `request.read` and `request.form` do.

    keeps_bytes: somebody on the way wants `request.body` as well, so that a form has to be in memory too.
    """
    if keeps_bytes:
        await request.read()
    return await (request.form() if isinstance(decode, FormBodyDecoder) else request.read())


def read_before(request: Request, decode: Decode) -> bytes | Form:
    """Give what `read_body` has read for a decoder."""
    return request.form_read if isinstance(decode, FormBodyDecoder) else request.body


class DecoderChoice:
    """The decoders of one route's body, by media type; called with the Content-Type field.

    None where there is no field and the body may be left out. Raises UnsupportedMediaTypeError.
    `known` is what a value led to before; endpoints look there first.
    """

    __slots__ = ("_by_essence", "_optional", "_told_by", "known")

    def __init__(self, by_essence: Mapping[str, Decode], *, optional: bool, told_by: Iterable[str] = ()) -> None:
        """by_essence: media type without parameters to decoder. told_by: fields that tell them, beside Accept."""
        self._by_essence = dict(by_essence)
        self._told_by = ("accept", *told_by)
        self.known: dict[bytes | str | None, Decode] = {}
        self._optional = optional

    def __call__(self, content_type: str | None, key: bytes | str | None = None) -> Decode | None:
        """Choose, and remember it by the key: the field as the server gave it."""
        if not content_type:  # over WSGI an empty field and none look alike
            if self._optional:
                return None
            raise self._refusal("The body has no Content-Type.")
        return self.known.get(content_type) or self._choose(content_type, content_type if key is None else key)

    def _choose(self, content_type: str, key: bytes | str) -> Decode:
        # PERF: the boundary of every form is another, so that what is remembered does not help; its beginning tells.
        if content_type.startswith(BEGINNING_OF_FORMS) and (form_decode := self._by_essence.get(MULTIPART)) is not None:
            return form_decode
        media_type = MediaType.parse_or_none(content_type)
        if media_type is None:
            raise self._refusal("The Content-Type is no media type.")
        decode = self._by_essence.get(media_type.essence)
        if decode is None and media_type.subtype.endswith("+json"):  # RFC 6839 section 3.1
            decode = self._by_essence.get("application/json")
        if decode is None:
            raise self._refusal(f"A body of the type {media_type.essence} is not understood here.")
        if len(content_type) <= MEMORABLE and media_type.essence != MULTIPART:  # the boundary of every form is another
            if len(self.known) >= MEMORY:
                self.known.clear()
            self.known[key] = decode
        return decode

    def _refusal(self, what: str) -> UnsupportedMediaTypeError:
        """Refuse, and say what would be taken (RFC 9110 section 15.5.16)."""
        return UnsupportedMediaTypeError(what, headers=dict.fromkeys(self._told_by, self.media_types))

    @property
    def is_optional(self) -> bool:
        """Whether a request may come without a body."""
        return self._optional

    @property
    def takes_forms(self) -> bool:
        """Whether some of them take a form in place of bytes."""
        return any(isinstance(decode, FormBodyDecoder) for decode in self._by_essence.values())

    @property
    def media_types(self) -> str:
        """What it takes, as Accept, Accept-Patch and Accept-Query list it."""
        return ", ".join(self._by_essence)


class Decoders:
    """All decoders of an app, and the choice among them for each body type; routes of one type share it."""

    def __init__(self, registered: Mapping[str, Callable[[bytes], Any]]) -> None:
        """registered: the application's own, by media type."""
        self._registered = registered
        self._choices: dict[tuple[Any, ...], tuple[Any, DecoderChoice]] = {}

    def choice(self, body: FromBody, limits: Limits, where: str, methods: Iterable[str]) -> DecoderChoice:
        """Prepare the choice for a body of these methods; raises DeclarationError for a type that no decoder gives."""
        optional = body.default is not MISSING
        told_by = tuple([ACCEPT_FIELDS[method] for method in methods if method in ACCEPT_FIELDS])
        key = (id(body.type), limits, optional, told_by, body.form_field and (body.form_field, id(body.default)))
        if key not in self._choices:
            try:
                by_essence = self._by_essence(body, limits)
            except TypeError as error:
                raise DeclarationError(
                    f"No decoder gives {body.type}: {error}", where, "Take a type that msgspec supports."
                ) from error
            self._choices[key] = (
                (body.type, body.default),
                DecoderChoice(by_essence, optional=optional, told_by=told_by),
            )  # the type and the default are kept, so their ids stay their own
        return self._choices[key][1]

    def _by_essence(self, body: FromBody, limits: Limits) -> dict[str, Decode]:
        if body.form_field is not None:
            default = msgspec.NODEFAULT if body.default is MISSING else body.default
            return {MULTIPART: form_field_decoder(body.form_field, body.type, limits, default)}
        media_types = decodable_media_types(self._registered, body.type)
        return {media_type: body_decoder(body.type, media_type, limits, self._registered) for media_type in media_types}

    def json_only(self, limits: Limits) -> DecoderChoice:
        """Prepare the choice for a body that a guard reads as JSON."""
        return DecoderChoice({"application/json": body_decoder(Any, "application/json", limits, {})}, optional=False)
