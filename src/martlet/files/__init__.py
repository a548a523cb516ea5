"""Files of a directory as answers: found safely, remembered, negotiated, and prepared before they are asked for."""

from martlet.files.manifest import MANIFEST_NAME, BadManifestError, read_manifest
from martlet.files.policies import FileOptions, FilePolicy
from martlet.files.roots import MissingDirectoryError
from martlet.files.static_files import OpenFiles, StaticFiles

__all__ = [
    "MANIFEST_NAME",
    "BadManifestError",
    "FileOptions",
    "FilePolicy",
    "MissingDirectoryError",
    "OpenFiles",
    "StaticFiles",
    "read_manifest",
]
