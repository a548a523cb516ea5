"""Compiled pages between processes: which entry of the code cache is a page's, and whether it still is what it was made of."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from martlet.templates.compiling.linking import Loaded
from martlet.templates.compiling.page import PageCode
from martlet.templates.compiling.unit import Facts, Mode
from martlet.templates.errors import TemplateNotFoundError
from martlet.templates.escaping import EscapingRules
from martlet.templates.loading import CodeCache
from martlet.templates.syntax import Syntax

__all__ = ["KeptCode"]


class _Engine(Protocol):
    """What decides how a page is compiled."""

    syntax: Syntax
    rules: EscapingRules
    tags: dict[str, Any]

    def facts(self) -> Facts: ...

    def escaping_of(self, name: str | None) -> str: ...

    def load(self, name: str) -> Loaded: ...


class KeptCode:
    """The entries of a code cache that are of this engine. Without a cache there are none."""

    def __init__(self, cache: CodeCache | None, engine: _Engine) -> None:
        self._cache = cache
        self._engine = engine
        self._made_with = ""

    def find(self, loaded: Loaded, mode: Mode) -> PageCode | None:
        """The code of a page, if it was kept and all its sources are as they were."""
        if self._cache is None or loaded.source.name is None:
            return None
        found = self._cache.load(self._key(loaded, mode))
        if found is None:
            return None
        header = found.header
        versions: Mapping[str, str] = header["versions"]
        checks = [loaded.is_current]
        for name, made_of in versions.items():
            if name == loaded.source.name:
                current: Loaded | None = loaded
            else:
                current = self._load(name)
            if current is None or current.version != made_of:
                return None
            checks.append(current.is_current)
        sets = {name: set(header[name]) for name in ("needed", "exports")}
        return PageCode(
            list(found.codes), header["texts"], blocks=header["blocks"], versions=dict(versions), checks=checks, **sets
        )

    def keep(self, loaded: Loaded, mode: Mode, code: PageCode) -> None:
        """Keep the code of a page."""
        if self._cache is None or loaded.source.name is None:
            return
        header = {
            "versions": code.versions,
            "needed": sorted(code.needed),
            "exports": sorted(code.exports),
            "blocks": code.blocks,
            "texts": code.texts,
        }
        self._cache.store(self._key(loaded, mode), header, tuple(code.codes))

    def _load(self, name: str) -> Loaded | None:
        try:
            return self._engine.load(name)
        except TemplateNotFoundError:
            return None

    def _key(self, loaded: Loaded, mode: Mode) -> str:
        made_with = self._made_with or self._describe()
        return (
            f"{loaded.source.name}\n{loaded.source.filename}\n{mode}\n{self._engine.escaping_of(loaded.source.name)}\n{made_with}"
        )

    def _describe(self) -> str:
        """All that decides how a page is compiled, beside its sources, in the same words in every process."""
        engine, facts = self._engine, self._engine.facts()
        functions = {
            **{f"filter {name}": f for name, f in facts.filters.items()},
            **{f"test {name}": f for name, f in facts.tests.items()},
        }
        passed = sorted(f"{name} {getattr(function, 'template_argument', '')}" for name, function in functions.items())
        plain = sorted(facts.plain_filters), sorted(facts.plain_tests)
        tags = sorted(
            f"{name} {getattr(tag, '__module__', '')}.{getattr(tag, '__qualname__', '')}" for name, tag in engine.tags.items()
        )
        flags = facts.sandboxed, facts.reads_private, facts.finalizes, facts.native
        try:
            own = version("martlet")
        except PackageNotFoundError:
            own = "of a folder"
        self._made_with = repr((own, engine.syntax, _in_order(engine.rules), passed, plain, tags, flags))
        return self._made_with


def _in_order(value: Any) -> Any:
    """A description of rules in which no set stands in the order of its hashes."""
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, value))
    if isinstance(value, Mapping):
        return sorted((repr(key), _in_order(part)) for key, part in value.items())
    fields = getattr(value, "__dataclass_fields__", None)
    return repr(value) if fields is None else [(name, _in_order(getattr(value, name))) for name in fields]
