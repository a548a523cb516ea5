"""Values that are not there: what a template gets for a name, an attribute or an item that nobody has.

An Undefined may be made at no cost and travels freely; only its use as a value is an error, and the classes differ in what counts
as use. Their underscored attributes are read by finalizers and by loggers of applications, and keep the names known from Jinja2.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, NoReturn, cast

from martlet.templates.errors import TemplateError, UndefinedError, did_you_mean

__all__ = [
    "MISSING",
    "ChainableUndefined",
    "DebugUndefined",
    "StrictUndefined",
    "Undefined",
    "make_logging_undefined",
    "type_name",
    "undefined_message",
]

SUGGESTED_AMONG: Final = 1_000  # names looked through for "did you mean", so that a huge mapping costs nothing


class _Missing:
    """The type of MISSING, which is nowhere a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __reduce__(self) -> str:
        return "MISSING"


MISSING: Final[Any] = _Missing()


def type_name(value: object) -> str:
    """What kind of thing this is, as messages call it.

    >>> type_name(1), type_name(None)
    ('int object', 'None')
    """
    if value is None or value is Ellipsis:
        return repr(value)
    kind = type(value)
    return f"{kind.__name__} object" if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__} object"


def _public_names(value: object) -> Iterator[str]:
    names = (
        cast("Iterable[object]", value) if isinstance(value, Mapping) else [*dir(type(value)), *getattr(value, "__dict__", ())]
    )
    some = islice(names, SUGGESTED_AMONG)
    return (name for name in some if isinstance(name, str) and name[:1] != "_")


class Undefined:
    """A missing value that prints as nothing, is empty and is false; any other use raises UndefinedError.

    hint: the whole message. obj, name: where it was looked for, and what. error: the exception that its use raises.

    >>> missing = Undefined(name="user")
    >>> str(missing), bool(missing), list(missing)
    ('', False, [])
    >>> missing + 1
    Traceback (most recent call last):
    martlet.templates.errors.UndefinedError: 'user' is undefined
    """

    __slots__ = ("_undefined_exception", "_undefined_hint", "_undefined_name", "_undefined_obj")

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = MISSING,
        name: Any = None,
        error: type[TemplateError] = UndefinedError,
    ) -> None:
        self._undefined_hint = hint
        self._undefined_obj = obj
        self._undefined_name = name
        self._undefined_exception = error

    @property
    def _undefined_message(self) -> str:
        """What was looked for, and where."""
        if self._undefined_hint:
            return self._undefined_hint
        obj, name = self._undefined_obj, self._undefined_name
        if obj is MISSING:
            return f"{name!r} is undefined"
        if not isinstance(name, str):
            return f"{type_name(obj)} has no element {name!r}"
        return f"{type_name(obj)!r} has no attribute {name!r}{_suggestion(obj, name)}"

    def _fail_with_undefined_error(self, *_: Any, **__: Any) -> NoReturn:
        """Raise the error; every operation that needs a value ends here."""
        raise self._undefined_exception(self._undefined_message)

    def __getattr__(self, name: str) -> Any:
        # Python asks for protocols this way (`__copy__`, `__html__`, …) and understands no other exception.
        if name[:2] == "__" and name[-2:] == "__":
            raise AttributeError(name)
        self._fail_with_undefined_error()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        self._fail_with_undefined_error()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __pos__ = __neg__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __call__ = __getitem__ = __int__ = __float__ = __complex__ = _refuse

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __ne__(self, other: object) -> bool:
        return not self.__eq__(other)

    def __hash__(self) -> int:
        return id(type(self))

    def __str__(self) -> str:
        return ""

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __aiter__(self) -> AsyncIterator[Any]:
        return _nothing()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "Undefined"


def undefined_message(value: Undefined) -> str:
    """What the error of this missing value says.

    >>> undefined_message(Undefined(name="user"))
    "'user' is undefined"
    """
    return value._undefined_message  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- this is the way in


async def _nothing() -> AsyncIterator[Any]:
    nothing: tuple[Any, ...] = ()
    for item in nothing:
        yield item


def _suggestion(obj: object, name: str) -> str:
    try:
        return did_you_mean(name, _public_names(obj))
    except Exception:  # noqa: BLE001 -- whatever the object does when it is asked, the message is more important
        return ""


class ChainableUndefined(Undefined):
    """A missing value whose attributes and items are the same missing value.

    >>> str(ChainableUndefined(name="user").address["city"])
    ''
    """

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__" and name[-2:] == "__":
            raise AttributeError(name)
        return self

    def __getitem__(self, _: object) -> ChainableUndefined:  # type: ignore[override]
        return self


class DebugUndefined(Undefined):
    """A missing value that prints as the tag it stood in.

    >>> str(DebugUndefined(name="user"))
    '{{ user }}'
    """

    __slots__ = ()

    def __str__(self) -> str:
        if self._undefined_hint:
            shown = f"undefined value printed: {self._undefined_hint}"
        elif self._undefined_obj is MISSING:
            shown = str(self._undefined_name)
        else:
            shown = f"no such element: {type_name(self._undefined_obj)}[{self._undefined_name!r}]"
        return "{{ " + shown + " }}"


class StrictUndefined(Undefined):
    """A missing value of which nothing can be asked but whether it is defined.

    >>> bool(StrictUndefined(name="user"))
    Traceback (most recent call last):
    martlet.templates.errors.UndefinedError: 'user' is undefined
    """

    __slots__ = ()

    def _refuse_all(self, *_: Any, **__: Any) -> NoReturn:
        self._fail_with_undefined_error()

    __iter__ = __aiter__ = __str__ = __len__ = __contains__ = __eq__ = __ne__ = __bool__ = __hash__ = _refuse_all


class _LoggingUndefined(Undefined):
    """Mixed into a class of missing values by make_logging_undefined."""

    __slots__ = ()
    _logger: logging.Logger

    def _warn(self) -> None:
        self._logger.warning("Template variable warning: %s", self._undefined_message)

    def _fail_with_undefined_error(self, *args: Any, **keywords: Any) -> NoReturn:
        self._logger.error("Template variable error: %s", self._undefined_message)
        super()._fail_with_undefined_error(*args, **keywords)

    def __str__(self) -> str:
        self._warn()
        return super().__str__()

    def __iter__(self) -> Iterator[Any]:
        self._warn()
        return super().__iter__()

    def __bool__(self) -> bool:
        self._warn()
        return super().__bool__()

    __hash__ = Undefined.__hash__


def make_logging_undefined(logger: logging.Logger | None = None, base: type[Undefined] = Undefined) -> type[Undefined]:
    """A class of missing values that warns when one is printed, iterated or asked for its truth, and logs what then fails.

    logger: by default this module's, with a handler that writes to standard error.
    """
    if logger is None:
        logger = logging.getLogger(__name__)
        logger.addHandler(logging.StreamHandler(sys.stderr))
    return type("LoggingUndefined", (_LoggingUndefined, base), {"__slots__": (), "_logger": logger})
