"""The manifest of a build: which fingerprinted file stands for which (`manifest.json` in the directory of the files)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from martlet.files.names import may_be_served

__all__ = ["MANIFEST_NAME", "BadManifestError", "format_manifest", "parse_manifest", "read_manifest"]

MANIFEST_NAME: Final = "manifest.json"
VERSION: Final = 1


class BadManifestError(ValueError):
    """A manifest that says nothing that can be used, or names files that are not there."""


def format_manifest(files: Mapping[str, str]) -> bytes:
    r"""The manifest's own bytes, the same for the same files.

    >>> format_manifest({"app.css": "app.0123456789ab.css"})
    b'{\n  "martlet": 1,\n  "files": {\n    "app.css": "app.0123456789ab.css"\n  }\n}\n'
    """
    data = msgspec.json.encode({"martlet": VERSION, "files": dict(sorted(files.items()))})
    return msgspec.json.format(data, indent=2) + b"\n"


def parse_manifest(data: bytes) -> dict[str, str] | None:
    """File to fingerprinted file; None for what is another program's manifest, as web applications and bundlers have them.

    Raises BadManifestError for one of ours that was changed into something else.
    """
    try:
        decoded: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    content = cast("dict[str, Any]", decoded) if isinstance(decoded, dict) else {}
    if "martlet" not in content:
        return None
    if content["martlet"] != VERSION:
        raise BadManifestError(f"it is of version {content['martlet']!r}, and this program reads {VERSION}.")
    try:
        files = msgspec.convert(content.get("files"), dict[str, str])
    except msgspec.ValidationError as error:
        raise BadManifestError(f"its files are no texts: {error}.") from error
    for path in (*files, *files.values()):
        if not may_be_served(path, hidden=True):
            raise BadManifestError(f"{path!r} is no path below the directory.")
    return files


def read_manifest(directory: str) -> dict[str, str]:
    """What the manifest in a directory says; empty where there is none of ours.

    Raises BadManifestError for one that cannot be read, and where a file that it names is missing.
    """
    path = Path(directory, MANIFEST_NAME)
    cure = "Run `martlet assets build` again, or delete it."
    try:
        files = parse_manifest(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, BadManifestError) as error:
        raise BadManifestError(f"{path} cannot be used: {error} {cure}") from error
    for made in (files or {}).values():
        if not Path(directory, made).is_file():
            raise BadManifestError(f"{path} names {made!r}, which is not there. {cure}")
    return files or {}
