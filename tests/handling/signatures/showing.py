"""A handler whose only parameter is of a table's type, and which answers with what that parameter became."""

from collections.abc import Callable
from typing import Any, Final

REQUIRED: Final = object()


def showing(annotation: Any, default: Any = REQUIRED) -> Callable[..., str]:
    """Make `def show(value: annotation = default) -> str`, which answers with the value's repr.

    >>> showing(int)(7)
    '7'
    """

    def show(value: Any) -> str:
        return repr(value)

    show.__annotations__["value"] = annotation
    if annotation is REQUIRED:
        del show.__annotations__["value"]
    if default is not REQUIRED:
        show.__defaults__ = (default,)
    return show
