"""Loaders of texts that are in memory, and loaders made of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from martlet.templates.errors import TemplateNotFoundError
from martlet.templates.loading.sources import Loader, MissingSourceError, Source

__all__ = ["ChoiceLoader", "DictLoader", "FunctionLoader", "PrefixLoader"]


class DictLoader:
    """Templates by name, as for tests and short programs; the mapping may change.

    >>> DictLoader({"hello.html": "Hello, {{ name }}!"}).load("hello.html").text
    'Hello, {{ name }}!'
    """

    def __init__(self, templates: Mapping[str, str]) -> None:
        self.templates = templates

    def load(self, name: str) -> Source:
        """The text of this name; raises TemplateNotFoundError."""
        text = self.templates.get(name)
        if text is None:
            raise MissingSourceError(name, self.list_names)
        return Source.of(text, check=lambda: self.templates.get(name) == text)

    def list_names(self) -> list[str]:
        """The names of the mapping."""
        return sorted(self.templates)


class FunctionLoader:
    """Templates that a function gives, as out of a database.

    function: from a name to a text, a Source, or None if there is none. A text is current for as long as the function gives it
    again; a Source tells for itself, through its `check`.

    >>> FunctionLoader(lambda name: name.upper()).load("hello").text
    'HELLO'
    """

    def __init__(self, function: Callable[[str], str | Source | None]) -> None:
        self.function = function

    def load(self, name: str) -> Source:
        """What the function gives for this name; raises TemplateNotFoundError."""
        found = self.function(name)
        if found is None:
            raise MissingSourceError(name, self.list_names)
        return Source.of(found, check=lambda: self.function(name) == found) if isinstance(found, str) else found

    def list_names(self) -> list[str]:
        """Nothing: a function cannot tell."""
        return []


class ChoiceLoader:
    """Several loaders; the first that has a name gives it.

    >>> ChoiceLoader(DictLoader({"a": "mine"}), DictLoader({"a": "theirs", "b": "theirs"})).load("b").text
    'theirs'
    """

    def __init__(self, *loaders: Loader) -> None:
        self.loaders = list(loaders)

    def load(self, name: str) -> Source:
        """The source of the first that has it; raises TemplateNotFoundError."""
        for place, loader in enumerate(self.loaders):
            try:
                source = loader.load(name)
            except TemplateNotFoundError:
                continue
            return replace(source, check=_first_still(source, self.loaders[:place], name)) if place else source
        raise MissingSourceError(name, self.list_names)

    def list_names(self) -> list[str]:
        """The names of all of them."""
        return sorted({name for loader in self.loaders for name in loader.list_names()})


class PrefixLoader:
    """Loaders below prefixes, one for each part of an application: `blog/post.html` is `post.html` of the loader for `blog`.

    >>> PrefixLoader({"blog": DictLoader({"post.html": "A post"})}).load("blog/post.html").text
    'A post'
    """

    def __init__(self, loaders: Mapping[str, Loader], delimiter: str = "/") -> None:
        if not delimiter:
            raise ValueError("A PrefixLoader needs a delimiter between prefix and name, such as '/'.")
        self.loaders = loaders
        self.delimiter = delimiter

    def load(self, name: str) -> Source:
        """The source of the loader below the prefix; raises TemplateNotFoundError."""
        prefix, _, rest = name.partition(self.delimiter)
        loader = self.loaders.get(prefix)
        if loader is not None and rest:
            try:
                return loader.load(rest)
            except TemplateNotFoundError as error:
                # The name that was asked for is the whole one.
                raise MissingSourceError(name, self.list_names) from error
        raise MissingSourceError(name, self.list_names)

    def list_names(self) -> list[str]:
        """The names of all of them, with their prefixes."""
        return sorted(
            f"{prefix}{self.delimiter}{name}" for prefix, loader in self.loaders.items() for name in loader.list_names()
        )


def _first_still(source: Source, before: list[Loader], name: str) -> Callable[[], bool]:
    return lambda: source.is_current() and not any(_has(loader, name) for loader in before)


def _has(loader: Loader, name: str) -> bool:
    try:
        loader.load(name)
    except TemplateNotFoundError:
        return False
    return True
