"""From a declared handler to an endpoint, in rooms.

Each imports only those that stand below it in this list:

freezing: decides everything before the first request, and holds what came of it
endpoints: from a plan to generated code, and the way of a request that leads there
planning: from a declared route to its plan
declaring: routes, groups and options as their authors wrote them
answering: from what was returned or raised to a response
calling: threads, what providers opened, start and stop
signatures: what a function takes and gives, and where each parameter comes from

An app is read and frozen by signatures -> declaring -> planning -> endpoints, and freezing leads; a request goes through
endpoints -> calling -> answering.
"""

from martlet.declaration_errors import DeclarationError, FreezeError
from martlet.handling.answering import (
    PAGE_NAMES,
    ExceptionHandlerRegistry,
    TemplateResponse,
    Templates,
    UnknownAssetError,
    URLs,
    check_exception_class,
)
from martlet.handling.declaring import (
    AlreadyFrozenError,
    AppOptions,
    Declaration,
    Gathered,
    Group,
    GroupOptions,
    RouteOptions,
    Routes,
    StaticOptions,
    check_options,
    gather,
)
from martlet.handling.endpoints import Endpoint, check_middleware
from martlet.handling.freezing import Freezable, Frozen
from martlet.handling.signatures import Body, Cookie, Header, LastEventID, Query, Scope, caller_place, describe_source

__all__ = [
    "PAGE_NAMES",
    "AlreadyFrozenError",
    "AppOptions",
    "Body",
    "Cookie",
    "Declaration",
    "DeclarationError",
    "Endpoint",
    "ExceptionHandlerRegistry",
    "Freezable",
    "FreezeError",
    "Frozen",
    "Gathered",
    "Group",
    "GroupOptions",
    "Header",
    "LastEventID",
    "Query",
    "RouteOptions",
    "Routes",
    "Scope",
    "StaticOptions",
    "TemplateResponse",
    "Templates",
    "URLs",
    "UnknownAssetError",
    "caller_place",
    "check_exception_class",
    "check_middleware",
    "check_options",
    "describe_source",
    "gather",
]
