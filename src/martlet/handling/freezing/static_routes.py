"""Static files at freeze: their directories are opened, and their routes become those of handlers that answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import MethodType

from martlet.declaration_errors import DeclarationError
from martlet.files import BadManifestError, MissingDirectoryError, OpenFiles, StaticFiles
from martlet.handling.answering.urls import URLs
from martlet.handling.declaring.app_declarations import Gathered
from martlet.handling.declaring.routes import Declaration


class DirectoryOpener:
    """Opens the directories of one app, each once."""

    def __init__(self, gathered: Gathered, urls: URLs, problems: list[DeclarationError]) -> None:
        """urls: learn of the files. problems: get what cannot be opened."""
        self._gathered = gathered
        self._urls = urls
        self._problems = problems
        self._opened: dict[tuple[int, bool], OpenFiles | None] = {}

    def handled(self, declarations: Iterable[Declaration]) -> list[Declaration]:
        """Give routes that all have handlers; those of a directory that cannot be opened are left out."""
        return [each for each in map(self._handled, declarations) if each is not None]

    def _handled(self, declaration: Declaration) -> Declaration | None:
        if declaration.files is None:
            return declaration
        files = self._open(declaration.files, declaration)
        if files is None:
            return None
        options = declaration.options
        if not declaration.gives_way:
            name = options.get("name") or declaration.pattern
            self._urls.add_files(name, files)
            options = {**options, "name": name}
        return replace(declaration, handler=MethodType(declaration.handler, files), options=options)

    def _open(self, files: StaticFiles, declaration: Declaration) -> OpenFiles | None:
        gathered, private = self._gathered, bool(declaration.guards)
        key = id(files), private
        if key not in self._opened:
            self._opened[key] = None
            try:
                self._opened[key] = files.open(threads=gathered.threads, private=private, plain=gathered.debug)
            except MissingDirectoryError as error:
                cure = f"Create it, or name the right one; a relative path is looked for in {Path.cwd()}."
                self._problems.append(DeclarationError(str(error), declaration.where, cure))
            except BadManifestError as error:
                self._problems.append(DeclarationError(str(error), declaration.where, ""))
        return self._opened[key]
