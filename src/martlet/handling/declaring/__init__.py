"""What an author declares, gathered as it was written: routes, groups, options; nothing is decided yet."""

from martlet.handling.declaring.app_declarations import Gathered, gather
from martlet.handling.declaring.options import AppOptions, GroupOptions, RouteOptions, StaticOptions, check_options
from martlet.handling.declaring.routes import AlreadyFrozenError, Declaration, Group, Routes

__all__ = [
    "AlreadyFrozenError",
    "AppOptions",
    "Declaration",
    "Gathered",
    "Group",
    "GroupOptions",
    "RouteOptions",
    "Routes",
    "StaticOptions",
    "check_options",
    "gather",
]
