"""Which route fits a method and a path: a library of its own, for targets of any kind."""

from martlet.routing.converters import BUILT_IN, Converter
from martlet.routing.errors import (
    BadConverterError,
    BadMethodError,
    BadParametersError,
    BadPatternError,
    DuplicateNameError,
    RouteConflictError,
    RoutingError,
    UnknownConverterError,
    UnknownRouteError,
)
from martlet.routing.router import Lookup, Router
from martlet.routing.routes import ANY_METHOD, WEBSOCKET, Found, NoSuchPath, Route, WrongMethod

__all__ = [
    "ANY_METHOD",
    "BUILT_IN",
    "WEBSOCKET",
    "BadConverterError",
    "BadMethodError",
    "BadParametersError",
    "BadPatternError",
    "Converter",
    "DuplicateNameError",
    "Found",
    "Lookup",
    "NoSuchPath",
    "Route",
    "RouteConflictError",
    "Router",
    "RoutingError",
    "UnknownConverterError",
    "UnknownRouteError",
    "WrongMethod",
]
