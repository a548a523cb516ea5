"""Compiled pages between processes: which entry of the code cache is a page's, and whether it still is what it was made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import Any, Protocol, cast

from martlet.templates.compiling.layouts import still_absent
from martlet.templates.compiling.linking import Loaded
from martlet.templates.compiling.page import PageCode
from martlet.templates.compiling.unit import Facts, Mode
from martlet.templates.described_code import described
from martlet.templates.errors import TemplateNotFoundError
from martlet.templates.escaping import DEFAULT_RULES, EscapingRules
from martlet.templates.filters import DEFAULT_FILTERS, DEFAULT_TESTS
from martlet.templates.loading import CachedCode, CodeCache
from martlet.templates.syntax import Syntax

__all__ = ["KeptCode"]

_USUAL_SYNTAX = Syntax()
_FOLDERS = ("syntax", "syntax/tags", "escaping", "compiling")
FORMAT = 6  # of generated code; to be raised with any change of what it looks like or calls, see test_generated_code.py


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
        try:
            return self._code_of(found, loaded)
        except (KeyError, TypeError, ValueError, AttributeError):  # an entry of this user, but none that was written here
            return None

    def _code_of(self, found: CachedCode, loaded: Loaded) -> PageCode | None:
        header, checks = found.header, [loaded.is_current]
        versions: dict[str, str] = header["versions"]
        for name, version in versions.items():
            current = loaded if name == loaded.source.name else self._load(name)
            if current is None or current.version != version:
                return None
            checks.append(current.is_current)
        for name in header["absent"]:
            if not still_absent(self._engine.load, name):
                return None
            checks.append(partial(still_absent, self._engine.load, name))
        needed, exports = set[str](header["needed"]), set[str](header["exports"])
        texts, blocks, absent = list(header["texts"]), dict(header["blocks"]), list(header["absent"])
        return PageCode(list(found.codes), texts, needed, exports, blocks, versions, absent, checks)

    def keep(self, loaded: Loaded, mode: Mode, code: PageCode) -> None:
        """Keep the code of a page."""
        if self._cache is None or loaded.source.name is None:
            return
        header = {
            "versions": code.versions,
            "absent": code.absent,
            "texts": code.texts,
            "needed": sorted(code.needed),
            "exports": sorted(code.exports),
            "blocks": code.blocks,
        }
        self._cache.store(self._key(loaded, mode), header, tuple(code.codes))

    def _load(self, name: str) -> Loaded | None:
        try:
            return self._engine.load(name)
        except TemplateNotFoundError:
            return None

    def _key(self, loaded: Loaded, mode: Mode) -> str:
        name = loaded.source.name
        made_with = self._made_with or self._describe()
        return "\n".join(map(str, (name, loaded.source.filename, mode, self._engine.escaping_of(name), made_with)))

    def _describe(self) -> str:
        """All that decides how a page is compiled, beside its sources, in the same words in every process."""
        engine, facts = self._engine, self._engine.facts()
        functions = [
            _changes(known, plain, built_in)
            for known, plain, built_in in (
                (facts.filters, facts.plain_filters, DEFAULT_FILTERS),
                (facts.tests, facts.plain_tests, DEFAULT_TESTS),
            )
        ]
        tags = sorted((name, described(tag)) for name, tag in engine.tags.items())
        flags = facts.sandboxed, facts.reads_private, facts.finalizes, facts.native
        rules = "" if engine.rules is DEFAULT_RULES else _in_order(engine.rules)
        syntax = "" if engine.syntax == _USUAL_SYNTAX else engine.syntax
        self._made_with = repr((_own_version(), syntax, rules, functions, tags, flags))
        return self._made_with


def _changes(known: Mapping[str, Any], plain: frozenset[str], built_in: Mapping[str, Any]) -> object:
    """How functions differ from those that are built in. plain: the names of those that do not."""
    if len(plain) == len(known) == len(built_in):
        return None
    added = sorted((name, getattr(known[name], "template_argument", "")) for name in known.keys() - plain)
    return added, sorted(built_in.keys() - plain)


def _own_version() -> tuple[int, ...]:
    """The engine's own version: of its code's form, and when its folders were filled, which an installation changes.

    A source that is edited in place is compiled anew, which fills the folder of compiled ones; where Python writes none of these,
    whoever edits the engine empties the code cache.

    PERF: 0.03 ms, and 0.06 ms with Path; to ask the installed distribution for its version takes ten times as long as all the
    rest of a first page.
    """
    here = os.path.dirname(__file__)  # noqa: PTH120 -- see above
    return (FORMAT, *(_changed(f"{here}/{folder}{inner}") for folder in _FOLDERS for inner in ("", "/__pycache__")))


def _changed(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns  # noqa: PTH116 -- the same
    except OSError:
        return 0


def _in_order(value: Any) -> Any:
    """A description of rules in which no set stands in the order of its hashes."""
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, cast("frozenset[Any]", value)))
    if isinstance(value, Mapping):
        pairs = cast("Mapping[Any, Any]", value).items()
        return sorted((repr(key), _in_order(part)) for key, part in pairs)
    fields = getattr(value, "__dataclass_fields__", None)
    return repr(value) if fields is None else [(name, _in_order(getattr(value, name))) for name in fields]
