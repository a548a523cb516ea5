"""Guards: may this request pass? A guard returns, or raises an HTTPError.

A guard stands at a route (`guards=[require_auth]`) or above a function (`@require_auth`), and means the same in both places.
Called directly, a guarded function checks itself: with a Request it raises; with a mapping of the keys `user`, `method`, `body`
and `headers` it answers `{"status": …, "body": …}`, so that a view can be tested with a plain dict. Without either it raises
TypeError.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final, ParamSpec, TypeVar, cast

from martlet.declaration_errors import DeclarationError
from martlet.http import HTTPError
from martlet.messages import FieldName, Request
from martlet.stores import KeyValueStore

DECLARED_ATTRIBUTE: Final = "__martlet_declared__"  # where a function was declared as a route
GUARDS_ATTRIBUTE: Final = "__martlet_guards__"  # what a guard records on the wrapper it makes

P = ParamSpec("P")
R = TypeVar("R")


class Guard:
    """A check that stands before a handler; `check` is bound like a handler and returns or raises.

    needs_user: the authenticator must have run, so that `request.user` is set.
    needs_body: the body must have been read, so that `request.body` is there.
    store: what it keeps something in, opened and closed with the app.

    >>> only_get = Guard(lambda request: None)
    >>> @only_get
    ... def home(request):
    ...     return "home"
    >>> home.__name__
    'home'
    """

    def __init__(
        self,
        check: Callable[..., Any],
        *,
        needs_user: bool = False,
        needs_body: bool = False,
        user_has: tuple[str, ...] = (),
        inline: bool = False,
    ) -> None:
        """Make a guard of a function; `inline` promises that it neither blocks nor waits."""
        functools.update_wrapper(self, check, updated=())
        self.check = check
        self.needs_user = needs_user
        self.needs_body = needs_body
        self.user_has = user_has
        self.inline = inline
        self.store: KeyValueStore | None = None

    def settle_name(self, where: str) -> None:
        """Learn at which route it stands; for a guard that counts, or keeps something, by that."""

    def __repr__(self) -> str:
        """Name the check."""
        return f"<Guard {getattr(self.check, '__qualname__', self.check)}>"

    def __call__(self, view: Callable[P, R]) -> Callable[P, R]:
        """Guard a function: record this guard on a wrapper that checks itself when it is called directly."""
        declared = getattr(view, DECLARED_ATTRIBUTE, None)
        if declared is not None:
            raise DeclarationError(
                f"{self!r} stands above the line that declares {getattr(view, '__qualname__', view)} as a route, "
                "so the route would not be guarded.",
                str(declared),
                "Put the guard below it, next to the function.",
            )
        recorded = (self, *getattr(view, GUARDS_ATTRIBUTE, ()))
        if inspect.iscoroutinefunction(view):

            @functools.wraps(view)
            async def guarded_async(*args: P.args, **kwargs: P.kwargs) -> Any:
                try:
                    await _finish(self._check_first(view, args, kwargs))
                except HTTPError as error:
                    return _refuse(args, kwargs, error)
                return await view(*args, **kwargs)

            wrapper: Any = guarded_async
        else:

            @functools.wraps(view)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
                try:
                    _finish_now(self._check_first(view, args, kwargs))
                except HTTPError as error:
                    return _refuse(args, kwargs, error)
                return view(*args, **kwargs)

            wrapper = guarded
        setattr(wrapper, GUARDS_ATTRIBUTE, recorded)
        return cast("Callable[P, R]", wrapper)

    def _check_first(self, view: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Check the request that the function is called with, or the mapping that stands for one.

        Raises TypeError for a call without either, which would go past the guard unseen.
        """
        asked = request_among(args, kwargs)
        if asked is None:
            name = getattr(view, "__qualname__", view)
            raise TypeError(
                f"{name} is guarded by {self!r}, and is called without a request: give it one, or a mapping in its place, as "
                f"the first argument or as request=…; or call {name}.__wrapped__, which is not guarded."
            )
        names = [name for name in inspect.signature(self.check).parameters if name in {"user", "method", "body"}]
        if names:
            return self.check(**{name: getattr(asked, name) for name in names})
        return self.check(asked)


def request_among(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Request | Asked | None:
    """Find the request among a call's arguments: a Request anywhere, or a mapping where a view has its request."""
    found = next((value for value in (*args, *kwargs.values()) if isinstance(value, Request)), None)
    if found is not None:
        return found
    places = (kwargs.get("request"), *args[:2])  # a method has itself first
    for keys in places:
        if isinstance(keys, Mapping):
            return Asked(cast("Mapping[str, Any]", keys))
    return None


class Asked:
    """A mapping in a request's place, for views that are called directly."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[str, Any]) -> None:
        """Read from `user`, `method`, `body` and `headers`."""
        self._keys = keys

    @property
    def user(self) -> Any:
        """Who asks; None when nobody."""
        return self._keys.get("user")

    @property
    def method(self) -> str:
        """The method, GET by default."""
        return str(self._keys.get("method", "GET"))

    @property
    def body(self) -> Any:
        """The body, decoded."""
        return self._keys.get("body")

    def field(self, name: FieldName) -> str | None:
        """One header field's value, from a mapping of `headers` with names in any case."""
        headers: Mapping[str, str] = self._keys.get("headers") or {}
        return next((value for key, value in headers.items() if key.lower() == name.text), None)


def recorded_guards(view: Callable[..., Any]) -> tuple[tuple[Guard, ...], Callable[..., Any]]:
    """Take the guards off a function: those recorded on it, outermost first, and the innermost function."""
    guards: tuple[Guard, ...] = getattr(view, GUARDS_ATTRIBUTE, ())
    for _ in guards:
        view = view.__wrapped__  # type: ignore[attr-defined]
    return guards, view


def as_guard(check: Callable[..., Any]) -> Guard:
    """Give a guard for what stands in `guards=[…]`: a Guard, or a plain function."""
    return check if isinstance(check, Guard) else Guard(check)


def _refuse(args: tuple[Any, ...], kwargs: Mapping[str, Any], error: HTTPError) -> dict[str, Any]:
    if isinstance(request_among(args, kwargs), Request):
        raise error
    return {"status": error.status_code, "body": error.message}


async def _finish(outcome: Any) -> None:
    if inspect.isawaitable(outcome):
        await outcome


def _finish_now(outcome: Any) -> None:
    if inspect.isawaitable(outcome):
        close = getattr(outcome, "close", None)
        if close is not None:
            close()
        raise TypeError("An async guard cannot check a plain function that is called directly; make the function async.")
