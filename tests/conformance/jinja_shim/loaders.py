"""`jinja2.loaders`: Jinja2's protocol of loaders, each class on one of ours."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from martlet.templates.errors import TemplateNotFoundError
from martlet.templates.loading import DictLoader as OurDictLoader
from martlet.templates.loading import DirectoryLoader, Loader, Source
from martlet.templates.loading import PackageLoader as OurPackageLoader
from martlet.templates.loading.sources import split_name
from tests.conformance.jinja_shim.internals import NotMapped

# A text, its file, and what tells whether it is still current.
Found = tuple[str, str | None, Callable[[], bool] | None]


class BaseLoader:
    """What applications derive from."""

    has_source_access = True

    def get_source(self, environment: Any, template: str) -> Found:  # noqa: ARG002  Jinja2's signature
        raise TemplateNotFoundError(template)

    def list_templates(self) -> list[str]:
        raise TypeError("this loader cannot iterate over all templates")

    def load(self, environment: Any, name: str, globals: Any = None) -> Any:  # noqa: A002  Jinja2's name
        text, _, _ = self.get_source(environment, name)
        return environment.from_string(text, globals)


class _OnOurs(BaseLoader):
    """A loader that asks one of ours."""

    ours: Loader

    def get_source(self, environment: Any, template: str) -> Found:  # noqa: ARG002  Jinja2's signature
        source = self.ours.load(template)
        return source.text, source.filename, source.is_current

    def list_templates(self) -> list[str]:
        return self.ours.list_names()


class DictLoader(_OnOurs):
    """On ours of the same name."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self.mapping = mapping
        self.ours = OurDictLoader(mapping)


class FileSystemLoader(_OnOurs):
    """On our DirectoryLoader, whose list of folders is `searchpath`."""

    def __init__(
        self,
        searchpath: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        encoding: str = "utf-8",
        followlinks: bool = False,  # noqa: FBT002, ARG002  Jinja2's signature; ours follows links
    ) -> None:
        paths = [searchpath] if isinstance(searchpath, (str, os.PathLike)) else searchpath
        directories = DirectoryLoader(*paths, encoding=encoding)
        self.ours, self.searchpath = directories, directories.directories


class PackageLoader(_OnOurs):
    """On ours of the same name."""

    def __init__(self, package_name: str, package_path: str = "templates", encoding: str = "utf-8") -> None:
        ours = OurPackageLoader(package_name, package_path, encoding=encoding)
        self.ours, self.package_path = ours, ours.directory


class FunctionLoader(BaseLoader):
    """The function gives a text, or a text with its file and what tells whether it is current."""

    def __init__(self, load_func: Callable[[str], str | Found | None]) -> None:
        self.load_func = load_func

    def get_source(self, environment: Any, template: str) -> Found:  # noqa: ARG002  Jinja2's signature
        found = self.load_func(template)
        if found is None:
            raise TemplateNotFoundError(template)
        return (found, None, None) if isinstance(found, str) else found


class ChoiceLoader(BaseLoader):
    """Loaders of Jinja2's protocol cannot be handed to ours; it asks the same question."""

    def __init__(self, loaders: Sequence[BaseLoader]) -> None:
        self.loaders = loaders

    def get_source(self, environment: Any, template: str) -> Found:
        for loader in self.loaders:
            try:
                return loader.get_source(environment, template)
            except TemplateNotFoundError:
                continue
        raise TemplateNotFoundError(template)

    def list_templates(self) -> list[str]:
        return sorted({name for loader in self.loaders for name in loader.list_templates()})


class PrefixLoader(BaseLoader):
    """The same for prefixes."""

    def __init__(self, mapping: Mapping[str, BaseLoader], delimiter: str = "/") -> None:
        self.mapping = mapping
        self.delimiter = delimiter

    def get_source(self, environment: Any, template: str) -> Found:
        prefix, _, name = template.partition(self.delimiter)
        try:
            return self.mapping[prefix].get_source(environment, name)
        except (KeyError, TemplateNotFoundError) as error:
            raise TemplateNotFoundError(template) from error

    def list_templates(self) -> list[str]:
        return sorted(
            f"{prefix}{self.delimiter}{name}" for prefix, loader in self.mapping.items() for name in loader.list_templates()
        )


class ModuleLoader(NotMapped):
    """Loads the Python modules that Jinja2 compiles templates to; our cache of code takes that place."""


class LoaderOf:
    """An environment's loader, as our engine wants it."""

    def __init__(self, environment: Any) -> None:
        self.environment = environment

    def load(self, name: str) -> Source:
        """What the environment's loader has of this name."""
        if self.environment.loader is None:
            raise TypeError("no loader for this environment specified")
        text, filename, is_current = self.environment.loader.get_source(self.environment, name)
        return Source.of(text, filename, is_current or (lambda: True))

    def list_names(self) -> list[str]:
        """All names, as far as the environment's loader can tell."""
        try:
            return self.environment.loader.list_templates() if self.environment.loader is not None else []
        except TypeError:
            return []


def split_template_path(template: str) -> list[str]:
    """The parts of a name; raises TemplateNotFound for one that leads out of its folder."""
    parts = split_name(template)
    if parts is None:
        raise TemplateNotFoundError(template)
    return list(parts)
