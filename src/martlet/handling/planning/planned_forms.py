"""What can be said of a route's form before the first one comes: that it has a page, and that it can fill what is asked for."""

from __future__ import annotations

import logging
from typing import Annotated, Final, get_args, get_origin

from martlet.declaration_errors import DeclarationError
from martlet.handling.answering.form_pages import FormPage
from martlet.handling.declaring.routes import Declaration
from martlet.handling.planning.planned_pages import PlannedPages
from martlet.handling.signatures.markers import Query
from martlet.handling.signatures.sources import Bound, FromBody, FromField
from martlet.handling.signatures.type_kinds import type_name
from martlet.messages import Form, Upload
from martlet.rendering import form_decoder
from martlet.routing import WEBSOCKET

BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS", WEBSOCKET})  # their content has no defined meaning (RFC 9110 section 9.3)
log: Final = logging.getLogger("martlet.forms")


def plan_form_page(
    declaration: Declaration, body: FromBody | None, handler: Bound, planned_pages: PlannedPages
) -> FormPage | None:
    """Take the page of a route's form; raises DeclarationError where no form can come, or none can become what is asked for.

    body: what is taken of the body, by the handler or before it. A parameter that looks like a field and is none is warned of.
    """
    warn_of_text_beside_uploads(handler)
    page = declaration.options.get("form")
    if page is None:
        return None
    if BODILESS.issuperset(declaration.methods):
        raise DeclarationError(
            f"{declaration.pattern!r} has a form, and takes none.",
            declaration.where,
            "Give `form=` to the route that the form is sent to: a template, or a function from the errors by field and the "
            "input to HTML.",
        )
    if body is not None and body.form_field is None and body.type not in (bytes, Form):
        kind = get_args(body.type)[0] if get_origin(body.type) is Annotated else body.type
        try:
            form_decoder(kind, objects={Upload})
        except TypeError as error:
            raise DeclarationError(
                f"{declaration.pattern!r} has a form, and no form can fill {type_name(kind)}. {error}",
                declaration.where,
                "Give the form a type of its own, with fields that are scalars, lists of them, or Uploads.",
            ) from error
    found = planned_pages.find(page, repr(declaration.pattern), declaration.where) if isinstance(page, str) else page
    return FormPage(found)


def warn_of_text_beside_uploads(handler: Bound) -> None:
    """Tell, once at start-up, of a parameter that its author may take for a field of the form, and that is one of the query."""
    sources = {binding.name: binding.source for binding in handler.bindings}
    takes_form = any(isinstance(source, FromBody) and (source.form_field or source.type is Form) for source in sources.values())
    if not takes_form:
        return
    for parameter in handler.function.parameters:
        source = sources.get(parameter.name)
        is_marked = any(mark is Query or isinstance(mark, Query) for mark in parameter.metadata)
        if isinstance(source, FromField) and source.location == "query" and not is_marked:
            kind = type_name(parameter.core)
            log.warning(
                "%s: the parameter %r of %s comes from the query, not from the form. Take the form as one type with this field "
                "and the file in it, or say that the query is meant: Annotated[%s, Query()].",
                handler.function.where,
                parameter.name,
                handler.function.name,
                kind,
            )
