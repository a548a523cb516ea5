"""Whether a route needs to know who asks: the authenticator is bound to it only where somebody asks for the user."""

from __future__ import annotations

from collections.abc import Sequence

from martlet.declaration_errors import DeclarationError
from martlet.handling.binding import Binder, Supplies
from martlet.handling.sources import Bound, FromBody, FromUser, all_sources
from martlet.security import Guard


def bind_authenticator(
    binder: Binder, supplies: Supplies, guards: Sequence[Guard], bounds: Sequence[Bound]
) -> tuple[Bound | None, bool]:
    """Bind the authenticator if somebody asks for the user; tell whether nobody is refused with 401. Raises DeclarationError.

    guards, bounds: of the route, and all its bound functions, the handler last.
    """
    asked = [source for source in all_sources(*bounds) if isinstance(source, FromUser)]
    if not asked and not any(guard.needs_user for guard in guards):
        return None, False
    function = bounds[-1].function
    if supplies.authenticator is None:
        raise DeclarationError(
            f"{function.name} is guarded by require_auth, and nothing tells who asks.",
            function.where,
            "Register an authenticator: @app.authenticator def who(request: Request) -> User | None.",
        )
    authenticator = binder.bind(supplies.authenticator)
    if any(isinstance(source, FromUser | FromBody) for source in all_sources(authenticator)):
        raise DeclarationError(
            f"The authenticator {authenticator.function.name} asks for the user whom it is to find, or for the body, "
            "which is read only for somebody.",
            authenticator.function.where,
            "Take the request, and what providers give that ask for neither.",
        )
    return authenticator, any(not source.optional for source in asked)
