"""Attributes and items as templates read them: `a.b` is the attribute or else the item, `a["b"]` the other way round.

Generated code tries the likely one itself; what stands here is asked when that failed. The errors that are raised carry no trace
of the first attempt.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from martlet.templates.runtime.undefined import Undefined

__all__ = ["make_get_attribute", "make_get_item"]


def make_get_attribute(undefined: type[Undefined], *, private: bool = False) -> Callable[..., Any]:
    """`get_attribute(obj, name, failed=False)`, with this class for what is not there.

    private: whether names that begin with an underscore are attributes too; else they are items or nothing.
    failed: whether a first attempt raised what is handled now; of an undefined value that is what there is to say.
    """

    def get_attribute(obj: Any, name: str, failed: bool = False) -> Any:  # noqa: FBT001, FBT002 -- generated code calls it
        if isinstance(obj, Undefined):
            if failed:
                raise _handled() from None
            return _of_undefined(obj, name)
        try:
            if private or name[:1] != "_":
                return getattr(obj, name)
        except AttributeError:
            pass
        try:
            return obj[name]
        except (TypeError, LookupError, AttributeError):
            return undefined(obj=obj, name=name)

    return get_attribute


def make_get_item(undefined: type[Undefined], *, private: bool = False) -> Callable[..., Any]:
    """`get_item(obj, key, failed=False)`, likewise."""

    def get_item(obj: Any, key: Any, failed: bool = False) -> Any:  # noqa: FBT001, FBT002 -- generated code calls it
        if isinstance(obj, Undefined):
            if failed:
                raise _handled() from None
            return _of_undefined(obj, key)
        try:
            return obj[key]
        except (AttributeError, TypeError, LookupError):
            pass
        if isinstance(key, str) and (private or key[:1] != "_"):
            try:
                return getattr(obj, str(key))
            except AttributeError:
                pass
        return undefined(obj=obj, name=key)

    return get_item


def _handled() -> BaseException:
    """What the caller's `except` has caught. PERF: to name it there makes the code of an attribute a tenth longer."""
    error = sys.exception()
    return AttributeError() if error is None else error


def _of_undefined(obj: Undefined, key: Any) -> Any:
    try:
        return getattr(obj, key) if isinstance(key, str) else obj[key]
    except Exception as error:
        raise error from None
