"""The options of a TemplateEngine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, TypedDict

from martlet.templates.errors import did_you_mean
from martlet.templates.escaping import Blocked, EscapingRules
from martlet.templates.loading import CodeCache
from martlet.templates.runtime import Undefined
from martlet.templates.runtime.sandbox import Sandbox
from martlet.templates.syntax import Syntax, Tag

__all__ = ["EngineOptions", "Escaping", "check_options"]

Escaping: TypeAlias = Literal["contextual", "html", "off"]


class EngineOptions(TypedDict, total=False):
    """Options of a TemplateEngine.

    escaping: "contextual", the default, fits each value to its place in the page; "html" escapes all alike, as older engines do;
        "off" nothing. A function from a template's name, None for a text, decides for each.
    rules: what contextual escaping knows beside the standards: URL schemes, attributes of other frameworks.
    blocked: what happens when nothing makes a value safe where it stands, beside the mark `zBlocked` in the page: "log", the
        default, warns once for each line of a template, by the logger `martlet.templates`; "raise" ends rendering with an error,
        for tests; "mark" is silent.
    syntax: the marks of tags, white space.
    filters, tests, tags: by name, beside the built-in ones; one of the same name replaces it.
    globals: variables of every template.
    types: classes by the names that `{% context user: User %}` has for them, for `check`.
    undefined: what stands for a missing value; `StrictUndefined` raises when it is printed.
    finalize: called with each value before it is printed.
    sandbox: for templates that are not trusted; True, or a Sandbox with its budgets.
    reads_private: let templates read attributes that begin with an underscore.
    is_async: `render` runs an event loop, for filters and functions that must be awaited. `render_async` needs no option.
    native: `render` gives Python values instead of texts.
    auto_reload: see for each `get_template` whether a source has changed; for development.
    code_cache: where compiled pages are kept, so that a new process does not compile.
    cache_size: how many templates are kept in memory, 400 by default, and as many texts that `render` is given; beyond it those
        go that were not used for longest.
    """

    escaping: Escaping | Callable[[str | None], Escaping | bool]
    rules: EscapingRules
    blocked: Blocked
    syntax: Syntax
    filters: Mapping[str, Callable[..., Any]]
    tests: Mapping[str, Callable[..., Any]]
    tags: Mapping[str, Tag]
    globals: Mapping[str, Any]
    types: Mapping[str, Any]
    undefined: type[Undefined]
    finalize: Callable[..., Any] | None
    sandbox: bool | Sandbox
    reads_private: bool
    is_async: bool
    native: bool
    auto_reload: bool
    code_cache: CodeCache | None
    cache_size: int


def check_options(options: EngineOptions) -> None:
    """Raise TypeError for an option that there is not, ValueError for a value that none can have."""
    for name in options:
        if name not in EngineOptions.__annotations__:
            known = EngineOptions.__annotations__
            raise TypeError(f"a TemplateEngine has no option {name!r}{did_you_mean(name, known)}")
    chosen = options.get("escaping", "contextual")
    if not callable(chosen) and chosen not in ("contextual", "html", "off"):
        raise ValueError(f"escaping is 'contextual', 'html' or 'off', or a function that gives one of these, not {chosen!r}")
    if options.get("blocked", "log") not in ("log", "raise", "mark"):
        raise ValueError(f"blocked is 'log', 'raise' or 'mark', not {options.get('blocked')!r}")
    if options.get("cache_size", 0) < 0:
        raise ValueError(f"cache_size is a number of templates, not {options.get('cache_size')}")
