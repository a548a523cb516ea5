"""From a declared handler to an endpoint: signatures, bindings, guards, plans, generated code, errors, lifespan."""

from martlet.declaration_errors import DeclarationError, FreezeError
from martlet.handling.endpoints import Endpoint
from martlet.handling.error_handlers import ExceptionHandlerRegistry, check_exception_class
from martlet.handling.errors import AlreadyFrozenError, UnknownAssetError
from martlet.handling.freezable import Freezable
from martlet.handling.frozen import Frozen
from martlet.handling.functions import caller_place
from martlet.handling.gathered import Gathered, gather
from martlet.handling.markers import Body, Cookie, Header, LastEventID, Query
from martlet.handling.options import AppOptions, GroupOptions, RouteOptions, StaticOptions, check_options
from martlet.handling.page_templates import PAGE_NAMES, Templates
from martlet.handling.pipeline import check_middleware
from martlet.handling.routes import Declaration, Group, Routes
from martlet.handling.sources import Scope, describe_source
from martlet.handling.template_responses import TemplateResponse
from martlet.handling.urls import URLs

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
