"""Optional packages: one that is missing raises an error that names the extra to install."""

from __future__ import annotations

import importlib
from types import ModuleType


class MissingExtraError(ImportError):
    """A package that comes with an extra is not installed.

    >>> str(MissingExtraError("granian", "standard"))
    "This needs the package granian, which comes with an extra: pip install 'martlet[standard]'"
    """

    def __init__(self, package: str, extra: str) -> None:
        """Name both."""
        super().__init__(f"This needs the package {package}, which comes with an extra: pip install 'martlet[{extra}]'")
        self.package = package
        self.extra = extra


def require_extra(package: str, extra: str) -> ModuleType:
    """Import a package of an extra; raises MissingExtraError if it is not there.

    >>> require_extra("json", "standard").__name__
    'json'
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != package.partition(".")[0]:
            raise
        raise MissingExtraError(package.partition(".")[0], extra) from None
