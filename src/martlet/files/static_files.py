"""Answer GET and HEAD with the files of a directory.

What a path leads to is decided once and remembered; each request then costs one look at the disk, to see whether it still holds.
An event loop waits for no more than that: what has to be read goes to a thread. Not here: routing, other methods, how an error
looks (the application's).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from typing import Final, Unpack

from martlet.files.caching import Freshness
from martlet.files.loading import Entry, Loader, Variant
from martlet.files.manifest import read_manifest
from martlet.files.names import may_be_served
from martlet.files.policies import FileOptions, FilePolicy
from martlet.files.precompressed import IDENTITY, CodingChoice
from martlet.files.roots import FoundDirectory, FoundFile, Root
from martlet.files.tables import FileTable
from martlet.http import NotFoundError, PreconditionFailedError, format_path, is_local_reference
from martlet.messages import (
    CONDITIONS_AND_RANGE,
    FieldName,
    FieldNames,
    File,
    Request,
    Response,
    condition_status,
    prepared_response,
    select_response,
)

__all__ = ["OpenFiles", "StaticFiles"]

CONDITIONS_RANGE_AND_CODING: Final = FieldNames(*CONDITIONS_AND_RANGE.names, FieldName("accept-encoding"))


class StaticFiles:
    """A directory and how its files are to be served, as an author declares it; nothing is looked at before `open`.

    Raises ValueError for options that make no sense.
    """

    def __init__(self, directory: str | os.PathLike[str], **options: Unpack[FileOptions]) -> None:
        self.directory = directory
        self.policy = FilePolicy(**options)

    def open(self, *, threads: Executor | None = None, private: bool = False, plain: bool = False) -> OpenFiles:
        """Find the directory, and what a manifest in it says.

        threads: where files are read while an event loop goes on; None: the loop's own.
        private: only some may see the files, so that no shared cache may keep them.
        plain: give URLs of assets as they were named by their author, while they are still worked on.
        Raises MissingDirectoryError, and BadManifestError.
        """
        root = Root(self.directory, follow_links=self.policy.follow_links, hidden=self.policy.hidden)
        manifest = {} if plain else read_manifest(root.path)
        policy = self.policy
        freshness = Freshness(policy.max_age, policy.fingerprint, private, frozenset(manifest.values()))
        return OpenFiles(Loader(root, policy, freshness), policy, manifest, threads)


class OpenFiles:
    """The files of a directory, ready to answer."""

    def __init__(self, loader: Loader, policy: FilePolicy, assets: Mapping[str, str], threads: Executor | None) -> None:
        """assets: file to fingerprinted file, as `martlet assets build` wrote it down."""
        self._assets = assets
        self._loader = loader
        self._policy = policy
        self._threads = threads
        self._table = FileTable(policy.memory_bytes)
        self._choose = CodingChoice()

    @property
    def directory(self) -> str:
        """Where the files lie, links followed."""
        return self._loader.root.path

    async def answer(self, request: Request) -> Response:
        """Answer with the file at the path parameter `path`; where that is missing, or ends in a slash, with the index there.

        Raises NotFoundError, PreconditionFailedError and RangeNotSatisfiableError.
        """
        path = request.params.get("path", "")
        entry = self._table.get(path)
        if entry is None or not entry.is_current():
            found = await self._look_up(request, path)
            if isinstance(found, FoundDirectory):
                return redirect_to_directory(request)
            entry = found
        if len(entry.codings) == 1:
            fields, coding = request.fields(CONDITIONS_AND_RANGE), IDENTITY
        else:
            fields = request.fields(CONDITIONS_RANGE_AND_CODING)
            coding = self._choose(fields.get("accept-encoding"), entry.codings)
        variant = entry.variants[coding]
        if not fields and variant.data is not None:  # PERF: most requests carry no condition
            return prepared_response(200, variant.fields, variant.data)
        status = condition_status(request.method, fields, variant.validators)
        if status == 304:
            return prepared_response(304, variant.not_modified, b"")
        if status == 412:
            raise PreconditionFailedError("The file here is in another state than the request is meant for.")
        response = prepared_response(200, variant.fields, self._body(path, variant))
        return response if "range" not in fields else select_response(request, response, variant.validators)

    async def answer_above(self, request: Request) -> Response:
        """Answer for the directory itself, asked for without the slash at its end: the index stands below it."""
        await self._look_up(request, "")
        return redirect_to_directory(request)

    def asset(self, path: str) -> str | None:
        """The path by which clients should ask for a file, fingerprinted where a manifest knows it; None for no file."""
        known = self._assets.get(path)
        if known is not None:
            return known
        return path if isinstance(self._loader.root.find(path), FoundFile) else None

    def names(self) -> Iterator[str]:
        """The paths of all files, for those who look for one; of those in a manifest, only as they were named by their author."""
        made = set(self._assets.values())
        return (path for path in self._loader.root.walk() if path not in made)

    async def _look_up(self, request: Request, path: str) -> Entry | FoundDirectory:
        """Find out what a path leads to, in a thread if others would wait; raises NotFoundError."""
        if path and not may_be_served(path.rstrip("/"), hidden=self._policy.hidden):
            raise nothing_here()
        if not request.is_on_loop:  # this thread waits for nobody else
            return self._found(path)
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._found, path)

    def _found(self, path: str) -> Entry | FoundDirectory:
        """Look a path up on disk, and remember what it leads to; raises NotFoundError."""
        self._table.forget(path)
        index, fallback = self._policy.index, self._policy.fallback
        wanted = path if path and path[-1] != "/" else f"{path}{index}" if index is not None else path
        found = self._loader.root.find(wanted)
        if isinstance(found, FoundFile):
            entry = self._loaded(path, wanted, found)
            if entry is not None:
                return entry
        elif found is not None and index is not None and isinstance(self._loader.root.find(f"{path}/{index}"), FoundFile):
            return found
        entry = None if fallback is None or not is_page(path) else self._fallback(fallback)
        if entry is None:
            raise nothing_here()
        return entry

    def _loaded(self, path: str, wanted: str, file: FoundFile) -> Entry | None:
        entry = self._loader.load(wanted, file)
        if entry is not None and entry.settled:
            self._table.put(path, entry)
        return entry

    def _fallback(self, path: str) -> Entry | None:
        entry = self._table.get(path)
        if entry is not None and entry.is_current():
            return entry
        found = self._loader.root.find(path)
        return self._loaded(path, path, found) if isinstance(found, FoundFile) else None

    def _body(self, path: str, variant: Variant) -> bytes | File:
        try:
            return File(variant.path, 0, variant.size) if variant.data is None else variant.data
        except (OSError, ValueError):  # it went, or became shorter, since it was looked at
            self._table.forget(path)
            raise nothing_here() from None


def nothing_here() -> NotFoundError:
    """What is said of every path that leads to no file, whatever the reason: it tells nothing of what lies on the disk."""
    return NotFoundError("There is nothing at this address.")


def is_page(path: str) -> bool:
    """Whether a path may be one of a single-page app: its last part has no ending, so that a missing script stays missing.

    >>> is_page("orders/7/"), is_page("orders/app.js"), is_page("../orders")
    (True, False, False)
    """
    path = path.rstrip("/")
    return "." not in path.rpartition("/")[2] and (not path or may_be_served(path))


def redirect_to_directory(request: Request) -> Response:
    """Send the client to the same path with a slash at its end, so that references in the index lead where they should."""
    location = format_path(f"{request.root_path}{request.path}/")
    if not is_local_reference(location):  # `//host/` would be another host
        raise nothing_here()
    query = f"?{request.query_string}" if request.query_string else ""
    return Response.redirect(location + query, status=308)
