"""From a declared handler to an endpoint: signatures, bindings, guards, plans, generated code, errors, lifespan."""

from martlet.handling.calling import thread_pool
from martlet.handling.endpoints import Endpoint
from martlet.handling.error_handlers import ExceptionHandlerRegistry
from martlet.handling.errors import AlreadyFrozenError, DeclarationError, FreezeError
from martlet.handling.freezable import Freezable
from martlet.handling.frozen import Frozen
from martlet.handling.gathered import Gathered
from martlet.handling.guards import Guard, require_auth, require_methods, validate_json_body
from martlet.handling.markers import Body, Cookie, Header, Query
from martlet.handling.options import GroupOptions, RouteOptions
from martlet.handling.pipeline import check_middleware
from martlet.handling.routes import Group, Routes
from martlet.handling.sources import Scope, describe_source
from martlet.handling.urls import URLs

__all__ = [
    "AlreadyFrozenError",
    "Body",
    "Cookie",
    "DeclarationError",
    "Endpoint",
    "ExceptionHandlerRegistry",
    "Freezable",
    "FreezeError",
    "Frozen",
    "Gathered",
    "Group",
    "GroupOptions",
    "Guard",
    "Header",
    "Query",
    "RouteOptions",
    "Routes",
    "Scope",
    "URLs",
    "check_middleware",
    "describe_source",
    "require_auth",
    "require_methods",
    "thread_pool",
    "validate_json_body",
]
