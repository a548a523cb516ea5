"""Where templates come from, and where compiled ones are kept."""

from martlet.templates.loading.code_cache import CachedCode, CodeCache
from martlet.templates.loading.files import DirectoryLoader, PackageLoader
from martlet.templates.loading.loaders import ChoiceLoader, DictLoader, FunctionLoader, PrefixLoader
from martlet.templates.loading.sources import Loader, Source, version_of

__all__ = [
    "CachedCode",
    "ChoiceLoader",
    "CodeCache",
    "DictLoader",
    "DirectoryLoader",
    "FunctionLoader",
    "Loader",
    "PackageLoader",
    "PrefixLoader",
    "Source",
    "version_of",
]
