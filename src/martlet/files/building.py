"""Prepare a directory of files for long caching: names that tell the content, a manifest of them, compressed copies.

Beside `app.css` comes `app.<fingerprint>.css`, whose references are the fingerprinted ones too, and `.gz`, `.br` and `.zst`
beside both. Nothing that an author wrote is changed. A build knows what it made by its name, which is the hash of its content; so
a second one changes nothing. Scripts and source maps are left as they are: they refer to the plain files, which stay.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Final, Protocol
from urllib.parse import quote, unquote

from martlet.files.css_references import replace_references
from martlet.files.manifest import MANIFEST_NAME, BadManifestError, format_manifest, parse_manifest
from martlet.files.precompressed import CODINGS
from martlet.files.roots import Root

__all__ = ["Build", "Precompressor", "build_assets", "fingerprinted"]

DIGITS: Final = 12  # hexadecimal ones: two versions of a file share them with a chance of one in 10^14
FINGERPRINTED: Final = re.compile(rf"(?P<stem>.+)\.(?P<digest>[0-9a-f]{{{DIGITS}}})(?P<ending>\.[^./]+)?")
SMALLEST: Final = 256  # bytes; what fits one packet is not sent sooner for being smaller
WORTHWHILE: Final = 0.95  # of the plain size; a copy that saves less costs more to unpack than to send
COPIES: Final = tuple(suffix for _, suffix in CODINGS)
# A path without a scheme, neither absolute nor empty, and what follows it.
_RELATIVE: Final = re.compile(r"(?![a-zA-Z][-+.a-zA-Z0-9]*:)(?P<path>[^/?#][^?#]*)(?P<rest>[?#].*)?", re.DOTALL)


class Precompressor(Protocol):
    """One content coding, as martlet.codings has them."""

    @property
    def suffix(self) -> str:
        """Of the copies, as `.gz`."""
        ...

    def encode_best(self, data: bytes) -> bytes:
        """Encode as small as possible; the same data always gives the same bytes."""
        ...


@dataclass(slots=True)
class Build:
    """What a build did.

    files: every file to its fingerprinted one, as the manifest has it. written: paths of what is new or has changed.
    remarks: references that were left as they are, and why.
    """

    files: dict[str, str] = field(default_factory=dict[str, str])
    written: list[str] = field(default_factory=list[str])
    remarks: list[str] = field(default_factory=list[str])


def fingerprinted(path: str, data: bytes) -> str:
    """The name of a file with its content's fingerprint in it, before the last ending.

    >>> fingerprinted("css/app.min.css", b"body {}")
    'css/app.min.62368a1a2925.css'
    """
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.rpartition(".")
    digest = sha256(data).hexdigest()[:DIGITS]
    return f"{folder}{slash}{stem}.{digest}.{ending}" if dot and stem else f"{path}.{digest}"


def has_fingerprint(path: str) -> bool:
    """Whether a build gives a file a name of its content: not a source map, which is found by the name that its script has for
    it, and not what must be found under one name for ever.

    >>> has_fingerprint("app.js"), has_fingerprint("app.js.map"), has_fingerprint(".well-known/security.txt")
    (True, False, False)
    """
    return not path.endswith(".map") and not path.startswith(".well-known/")


def build_assets(
    source: str,
    target: str,
    compressors: Iterable[Precompressor],
    is_compressible: Callable[[str], bool],
) -> Build:
    """Build the files of one directory into another, or into itself; hidden files and links that lead out are left out.

    is_compressible: whether a file of this path is worth a compressed copy.
    Raises MissingDirectoryError; ValueError for a target inside the source; BadManifestError where a manifest of another program
    would be overwritten; OSError.
    """
    root = Root(source)
    if os.path.realpath(target).startswith(root.path + os.sep):
        raise ValueError(f"{target!r} lies inside {source!r}: the next build would take it for a source. Choose one outside it.")
    return Builder(root, Path(target), list(compressors), is_compressible).build()


class Builder:
    """One build."""

    def __init__(
        self, root: Root, target: Path, compressors: list[Precompressor], is_compressible: Callable[[str], bool]
    ) -> None:
        self._root = root
        self._target = target
        self._compressors = compressors
        self._is_compressible = is_compressible
        self._build = Build()
        self._contents: dict[str, bytes] = {}  # of sources, references replaced
        self._open: list[str] = []  # stylesheets whose references are being followed
        self._sources: set[str] = set()
        self._compressed: dict[tuple[str, bytes], bytes] = {}

    def build(self) -> Build:
        """Do everything; the manifest comes last, when all it names is there."""
        self._check_manifest()
        found = list(self._root.walk())
        present = frozenset(found)
        self._sources = {path for path in found if not self._is_made(path, present)}
        for path in sorted(self._sources):
            plain = self._read(path)
            if self._target.resolve() != Path(self._root.path):
                self._put(path, plain)
            self._compress(path, plain)
            if has_fingerprint(path):
                name, data = self._fingerprinted(path), self._contents.pop(path)
                self._put(name, data)
                self._compress(name, data)
            self._compressed.clear()
        self._put(MANIFEST_NAME, format_manifest(self._build.files))
        return self._build

    def _check_manifest(self) -> None:
        path = self._target / MANIFEST_NAME
        if path.exists() and parse_manifest(path.read_bytes()) is None:
            raise BadManifestError(
                f"{path} is no manifest of a build, so it is not overwritten. Give it another name: that of a web application's "
                "may end in .webmanifest."
            )

    def _is_made(self, path: str, present: frozenset[str]) -> bool:
        """Whether a file is a build's own: the manifest, a compressed copy, or a name that is the hash of its content."""
        if path == MANIFEST_NAME:
            return True
        for suffix in COPIES:
            if path.endswith(suffix) and path.removesuffix(suffix) in present:
                return True
        match = FINGERPRINTED.fullmatch(path)
        return match is not None and sha256(self._read(path)).hexdigest().startswith(match["digest"])

    def _read(self, path: str) -> bytes:
        return Path(self._root.path, path).read_bytes()

    def _fingerprinted(self, path: str) -> str:
        """Give a source its new name, that of everything it refers to first."""
        known = self._build.files.get(path)
        if known is not None:
            return known
        data = self._read(path)
        if path.endswith(".css"):
            self._open.append(path)
            data = self._with_references(path, data)
            self._open.pop()
        self._contents[path] = data
        name = self._build.files[path] = fingerprinted(path, data)
        return name

    def _with_references(self, path: str, data: bytes) -> bytes:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self._remark(f"{path}: it is not in UTF-8, so its references are left as they are.")
            return data
        return replace_references(text, lambda url: self._new_reference(path, url)).encode()

    def _new_reference(self, path: str, url: str) -> str | None:
        """The fingerprinted form of a reference; None for one that leads elsewhere, or to nothing that can be told."""
        relative = _RELATIVE.fullmatch(url)
        if relative is None:
            return None
        wanted = normpath(join(dirname(path), unquote(relative["path"])))
        if wanted not in self._sources:
            self._remark(f"{path}: {url!r} leads to no file here, so it is left as it is.")
            return None
        if wanted in self._open:
            self._remark(f"{path}: {url!r} leads back to itself, so it is left as it is.")
            return None
        if not has_fingerprint(wanted):
            return None
        folder, slash, _ = relative["path"].rpartition("/")
        name = self._fingerprinted(wanted).rpartition("/")[2]
        return quote(f"{unquote(folder)}{slash}{name}") + quote(relative["rest"] or "", safe="?#&=%+,;:@/!~$*")

    def _remark(self, remark: str) -> None:
        if remark not in self._build.remarks:
            self._build.remarks.append(remark)

    def _put(self, path: str, data: bytes) -> None:
        """Write a file unless it has this content already; nobody ever sees half of it."""
        target = self._target / path
        try:
            if target.stat().st_size == len(data) and target.read_bytes() == data:
                return
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_name(f".{target.name}.unfinished")
        unfinished.write_bytes(data)
        unfinished.replace(target)
        self._build.written.append(path)

    def _compress(self, path: str, data: bytes) -> None:
        """Write the compressed copies that are missing or older than their file, and worth it."""
        if len(data) < SMALLEST or path.endswith(COPIES) or not self._is_compressible(path):
            return
        changed_ns = (self._target / path).stat().st_mtime_ns
        for compressor in self._compressors:
            copy = self._target / (path + compressor.suffix)
            if copy.exists() and copy.stat().st_mtime_ns >= changed_ns:
                continue
            coded = self._coded(compressor, data)
            if len(coded) < WORTHWHILE * len(data):
                self._put(path + compressor.suffix, coded)
                os.utime(copy, ns=(changed_ns, changed_ns))  # not older than its file, however both are copied

    def _coded(self, compressor: Precompressor, data: bytes) -> bytes:
        key = compressor.suffix, sha256(data).digest()
        if key not in self._compressed:
            self._compressed[key] = compressor.encode_best(data)
        return self._compressed[key]
