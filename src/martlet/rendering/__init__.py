"""Values to bytes, and bytes to values: representations, validation, negotiation, problem documents. No requests, no I/O."""

from __future__ import annotations

from martlet.rendering.conversion import Conversion
from martlet.rendering.decoders import (
    BodyDecoder,
    Decoder,
    FormBodyDecoder,
    body_decoder,
    decodable_media_types,
    form_field_decoder,
    takes_uploads,
)
from martlet.rendering.forms import FormDecoder, form_decoder, one_field_decoder
from martlet.rendering.negotiation import ContentNegotiator
from martlet.rendering.plain_words import in_plain_words
from martlet.rendering.problem_page import PAGE_START, PROBLEM_PAGE_POLICY, page_policy
from martlet.rendering.problems import prefers_page, problem_document, render_problem
from martlet.rendering.renderable_types import unrenderable
from martlet.rendering.renderers import (
    Renderer,
    UnrenderableError,
    default_renderers,
    encoder_of,
    render_json,
    render_msgpack,
    render_text,
)
from martlet.rendering.scalars import ScalarConverter, ScalarError, is_scalar, scalar_choices, scalar_converter, scalar_text
from martlet.rendering.socket_messages import message_decoder, message_encoder
from martlet.rendering.validation import ErrorCollector, collect_errors
from martlet.rendering.values import HTML, Created, Page, Reply, escape

__all__ = [
    "HTML",
    "PAGE_START",
    "PROBLEM_PAGE_POLICY",
    "BodyDecoder",
    "ContentNegotiator",
    "Conversion",
    "Created",
    "Decoder",
    "ErrorCollector",
    "FormBodyDecoder",
    "FormDecoder",
    "Page",
    "Renderer",
    "Reply",
    "ScalarConverter",
    "ScalarError",
    "UnrenderableError",
    "body_decoder",
    "collect_errors",
    "decodable_media_types",
    "default_renderers",
    "encoder_of",
    "escape",
    "form_decoder",
    "form_field_decoder",
    "in_plain_words",
    "is_scalar",
    "message_decoder",
    "message_encoder",
    "one_field_decoder",
    "page_policy",
    "prefers_page",
    "problem_document",
    "render_json",
    "render_msgpack",
    "render_problem",
    "render_text",
    "scalar_choices",
    "scalar_converter",
    "scalar_text",
    "takes_uploads",
    "unrenderable",
]
