"""Files of a directory as answers: found safely, remembered, negotiated, and prepared before they are asked for."""

from martlet.files.building import Build, Precompressor, build_assets
from martlet.files.manifest import MANIFEST_NAME, BadManifestError, read_manifest
from martlet.files.old_generations import old_generations, remove_old_generations
from martlet.files.policies import FileOptions, FilePolicy
from martlet.files.roots import MissingDirectoryError
from martlet.files.static_files import OpenFiles, StaticFiles
from martlet.http.content_types import content_type_for

__all__ = [
    "MANIFEST_NAME",
    "BadManifestError",
    "Build",
    "FileOptions",
    "FilePolicy",
    "MissingDirectoryError",
    "OpenFiles",
    "Precompressor",
    "StaticFiles",
    "build_assets",
    "content_type_for",
    "old_generations",
    "read_manifest",
    "remove_old_generations",
]
