"""A pytest plugin that puts the shim in Jinja2's place: `python -m pytest -p tests.conformance.jinja_shim.plugin …`.

It must be loaded before anything imports Jinja2.
"""

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from martlet.templates.errors import TemplateNotFoundError
from tests.conformance.jinja_shim import (
    code_caches,
    environment,
    exceptions,
    ext,
    functions,
    internals,
    loaders,
    meta,
    nativetypes,
    runtime,
    sandbox,
)

PUBLIC: dict[str, Mapping[str, Any]] = {
    "exceptions": vars(exceptions),
    "loaders": vars(loaders),
    "runtime": vars(runtime),
    "utils": {**vars(functions), **internals.ANY},
    "async_utils": vars(runtime),
    "environment": vars(environment),
    "sandbox": vars(sandbox),
    "nativetypes": vars(nativetypes),
    "ext": {**vars(ext), **internals.ANY},
    "meta": vars(meta),
    "nodes": internals.NODES,
    "lexer": internals.LEXER,
    "compiler": internals.ANY,
    "idtracking": internals.ANY,
    "debug": internals.ANY,
    "filters": internals.ANY,
    "bccache": {**vars(code_caches), **internals.ANY},
}


def install() -> None:
    """Put a module for each of Jinja2's, and one for all, among those that are imported."""
    # One of our errors says that a template is not there, or none of several; Jinja2 has an attribute for these.
    TemplateNotFoundError.templates = property(lambda self: list(self.names))  # type: ignore[attr-defined]
    package = ModuleType("jinja2", "The shim.")
    package.__path__ = []
    sys.modules["jinja2"] = package
    for name, contents in PUBLIC.items():
        module = ModuleType(f"jinja2.{name}")
        vars(module).update({key: value for key, value in contents.items() if not key.startswith("__") or key == "__getattr__"})
        sys.modules[module.__name__] = module
        setattr(package, name, module)
    for contents in (vars(environment), vars(exceptions), vars(loaders), vars(runtime), vars(functions)):
        vars(package).update({key: value for key, value in contents.items() if not key.startswith("_")})


def pytest_load_initial_conftests() -> None:
    """Only a run that names this plugin has the shim; that this file is looked through for doctests changes nothing."""
    install()
