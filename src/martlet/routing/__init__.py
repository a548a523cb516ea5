"""Which route fits a method and a path: a library of its own, for targets of any kind."""

from martlet.routing.converters import BUILT_IN, Converter
from martlet.routing.errors import (
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
from martlet.routing.routes import Found, NoSuchPath, Route, WrongMethod

__all__ = [
    "BUILT_IN",
    "BadMethodError",
    "BadParametersError",
    "BadPatternError",
    "Converter",
    "DuplicateNameError",
    "Found",
    "Lookup",
    "NoSuchPath",
    "Route",
    "Router",
    "RouteConflictError",
    "RoutingError",
    "UnknownConverterError",
    "UnknownRouteError",
    "WrongMethod",
]
