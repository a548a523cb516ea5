"""Templates that lie in folders and in installed packages, also zipped ones."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple
from zipimport import ZipImportError, zipimporter

from martlet.templates.errors import TemplateSyntaxError
from martlet.templates.loading.sources import Loader, MissingSourceError, Source, split_name, version_of

__all__ = ["DirectoryLoader", "PackageLoader"]

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class DirectoryLoader:
    """Templates of one or several folders; an earlier folder wins.

    Links inside a folder are followed, wherever they lead: who may write there may choose what is loaded. A file that is no text
    in this encoding raises TemplateSyntaxError.

    >>> DirectoryLoader("no-such-folder").list_names()
    []
    """

    def __init__(self, *directories: str | os.PathLike[str], encoding: str = "utf-8") -> None:
        if not directories:
            raise ValueError("A DirectoryLoader needs a folder, as in DirectoryLoader('templates').")
        self.directories = [os.fspath(directory) for directory in directories]
        self.encoding = encoding

    def load(self, name: str) -> Source:
        """The file of this name; raises TemplateNotFoundError."""
        parts = split_name(name)
        absent: list[str] = []
        for directory in self.directories if parts else ():
            path = os.path.join(directory, *parts or ())  # noqa: PTH118  a Path would be made for nothing
            found = _read(path)
            if found is not None:
                data, signature = found
                text = _decoded(data, self.encoding, name, path)
                return Source(text, path, version_of(text), _Unchanged(path, signature, tuple(absent)))
            absent.append(path)
        raise MissingSourceError(name, self.list_names, map(_told, self.directories))

    def list_names(self) -> list[str]:
        """The names of all files in the folders."""
        return sorted({name for directory in self.directories for name in _names_below(directory)})


class PackageLoader:
    """Templates of an installed package, in a folder of it.

    Raises ValueError if the package cannot be found, or has no such folder.
    """

    def __init__(self, package: str, directory: str = "templates", *, encoding: str = "utf-8") -> None:
        self.package = package
        self.directory = "/".join(part for part in directory.split("/") if part not in ("", "."))
        self._loader = _loader_of(package, self.directory, encoding)

    def load(self, name: str) -> Source:
        """The file of this name; raises TemplateNotFoundError."""
        return self._loader.load(name)

    def list_names(self) -> list[str]:
        """The names of all files in the folder."""
        return self._loader.list_names()


class _Signature(NamedTuple):
    """What a file is known by without reading it."""

    number: int
    size: int
    changed_nanoseconds: int

    @classmethod
    def of(cls, status: os.stat_result) -> _Signature:
        return cls(status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class _Unchanged:
    """Tells whether a file is as it was, and whether earlier folders still have none of its name."""

    path: str
    signature: _Signature
    absent: tuple[str, ...]

    def __call__(self) -> bool:
        try:
            status = os.stat(self.path)  # noqa: PTH116  a Path would be made for nothing, on each page in development
        except OSError:
            return False
        return _Signature.of(status) == self.signature and not any(map(_is_file, self.absent))


class _ZippedFolder:
    """A folder of a package that is imported from an archive."""

    def __init__(self, importer: zipimporter, folder: str, encoding: str) -> None:
        self.importer = importer
        self.folder = folder
        self.encoding = encoding

    def load(self, name: str) -> Source:
        parts = split_name(name)
        if parts:
            path = os.path.join(self.folder, *parts)  # noqa: PTH118  the archive has strings
            try:
                data = self.importer.get_data(path)
            except (OSError, ZipImportError):
                pass
            else:
                return Source.of(_decoded(data, self.encoding, name, path), path)
        raise MissingSourceError(name, self.list_names, [repr(self.folder)])

    def list_names(self) -> list[str]:
        from zipfile import ZipFile  # noqa: PLC0415  takes milliseconds to import, and is hardly ever needed

        inside = os.path.relpath(self.folder, self.importer.archive).replace(os.sep, "/") + "/"
        with ZipFile(self.importer.archive) as archive:
            names = archive.namelist()
        return sorted(name[len(inside) :] for name in names if name.startswith(inside) and not name.endswith("/"))


def _loader_of(package: str, directory: str, encoding: str) -> Loader:
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        raise ValueError(f"There is no package {package!r} to load templates from; is it installed?")
    places = list(spec.submodule_search_locations or ([str(Path(spec.origin).parent)] if spec.origin else []))
    folders = [str(Path(place, directory)) for place in places]
    found = [folder for folder in folders if Path(folder).is_dir()]
    if found:
        return DirectoryLoader(*found, encoding=encoding)
    importer: Any = spec.loader
    if isinstance(importer, zipimporter) and folders:
        zipped = _ZippedFolder(importer, folders[0], encoding)
        if zipped.list_names():
            return zipped
    raise ValueError(f"The package {package!r} has no folder {directory!r}; name the one in which its templates lie.")


def _read(path: str) -> tuple[bytes, _Signature] | None:
    """What a file has; None if there is none of this name, or what is there is no file."""
    if not _is_file(path):
        return None
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  a Path would be made for nothing
            # PERF: unbuffered, 0.01 ms less for each source of a cached page, for a file is read in one go anyway.
            # Asked before it is read: a file that is written meanwhile is then taken for changed, never for current.
            status = os.fstat(file.fileno())
            return file.read(), _Signature.of(status)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _is_file(path: str) -> bool:
    # A pipe would wait for somebody to write into it; a name too long, or in no encoding, is of no file.
    try:
        return stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116  a Path would be made for nothing
    except (OSError, ValueError):
        return False


def _told(directory: str) -> str:
    """A folder as it was named; one that is not there as it was looked for: a relative one may be meant elsewhere."""
    return repr(directory) if os.path.isdir(directory) else f"{os.path.abspath(directory)!r}, for there is no such folder"  # noqa: PTH100, PTH112  as above


def _names_below(directory: str) -> Iterator[str]:
    for folder, _, files in os.walk(directory):
        inside = os.path.relpath(folder, directory).replace(os.sep, "/")
        for file in files:
            name = file if inside == "." else f"{inside}/{file}"
            if split_name(name) is not None:
                yield name


def _decoded(data: bytes, encoding: str, name: str, path: str) -> str:
    try:
        return data.removeprefix(_BYTE_ORDER_MARK).decode(encoding)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        message = f"byte {error.object[error.start]:#04x} is not {encoding}: save it so, or give the loader its encoding"
        raise TemplateSyntaxError(message, line, name=name, filename=path) from error
