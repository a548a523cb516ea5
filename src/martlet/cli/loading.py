"""Find the application that `MODULE:APP` names, and freeze it, so that mistakes are told before a server starts.

Also whatever else a command is told by module and name, such as `MODULE:ENGINE`.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from martlet.app import App
from martlet.handling import FreezeError


def load_app(target: str, app_dir: str = ".") -> App:
    """Import and freeze; raises click.ClickException that says what is wrong and how to mend it."""
    app = load_object(target, app_dir, "an application: write MODULE:APP, as in books:app.")
    if not isinstance(app, App):
        module_name, _, name = target.partition(":")
        kind = "nothing" if app is None else f"a {type(app).__name__}"
        raise click.ClickException(f"{module_name} has {kind} under the name {name!r}; it must be a martlet.App.")
    try:
        app.freeze()
    except FreezeError as error:
        raise click.ClickException(str(error)) from None
    return app


def load_object(target: str, app_dir: str, wanted: str) -> Any:
    """Import what a target names, None if its module has no such name; raises click.ClickException.

    wanted: what a target without a name does not tell, and how it is written.
    """
    module_name, colon, name = target.partition(":")
    if not colon or not module_name or not name:
        raise click.ClickException(f"{target!r} does not name {wanted}")
    directory = str(Path(app_dir).resolve())
    if directory not in sys.path:
        sys.path.insert(0, directory)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name is not None and module_name.startswith(error.name):
            raise click.ClickException(
                f"There is no module {error.name!r} in {directory}. Run the command where it lies, or say --app-dir."
            ) from None
        raise click.ClickException(f"{module_name} cannot be imported.\n{_traceback(error)}") from error
    return getattr(module, name, None)


def _traceback(error: Exception) -> str:
    """Give what Python says of an error, without the way from here to the module."""
    told = traceback.TracebackException.from_exception(error)
    told.stack[:] = [frame for frame in told.stack if not (frame.filename == __file__ or "importlib" in frame.filename)]
    return "".join(told.format()).strip()
