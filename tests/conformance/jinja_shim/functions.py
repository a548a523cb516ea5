"""`jinja2.utils`: what of it is public."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from martlet.templates.engine import TemplateEngine
from martlet.templates.filters.links import urlize as our_urlize
from martlet.templates.runtime import EvalContext, pass_context, pass_engine, pass_eval_context
from martlet.templates.runtime.undefined import MISSING, type_name
from martlet.templates.runtime.values import Cycler, Namespace, lipsum
from tests.conformance.jinja_shim.environment import ENVIRONMENTS

missing = MISSING
object_type_repr = type_name
generate_lorem_ipsum = lipsum

__all__ = [
    "Cycler",
    "Namespace",
    "generate_lorem_ipsum",
    "missing",
    "object_type_repr",
    "pass_context",
    "pass_environment",
    "pass_eval_context",
    "select_autoescape",
    "urlize",
]


def pass_environment(function: Callable[..., Any]) -> Callable[..., Any]:
    """Our pass_engine, with the engine's environment in its place."""

    @pass_engine
    @wraps(function)
    def with_environment(engine: Any, *args: Any, **kwargs: Any) -> Any:
        return function(ENVIRONMENTS[engine], *args, **kwargs)

    return with_environment


def urlize(
    text: str,
    trim_url_limit: int | None = None,
    rel: str | None = None,
    target: str | None = None,
    extra_schemes: Iterable[str] | None = None,
) -> str:
    """Our filter."""
    engine = TemplateEngine()
    engine.policies["urlize.rel"] = None
    context = EvalContext(engine, autoescape=False)
    return our_urlize(context, text, trim_url_limit, rel=rel, target=target, extra_schemes=extra_schemes)


def select_autoescape(
    enabled_extensions: Iterable[str] = ("html", "htm", "xml"),
    disabled_extensions: Iterable[str] = (),
    default_for_string: Any = True,  # noqa: FBT002  Jinja2's signature
    default: Any = False,  # noqa: FBT002  the same
) -> Callable[[str | None], Any]:
    """Whether a template is escaped, by the end of its name; ours is the option `escaping`."""
    escaped = tuple(f".{end.lstrip('.').lower()}" for end in enabled_extensions)
    plain = tuple(f".{end.lstrip('.').lower()}" for end in disabled_extensions)

    def select(name: str | None) -> Any:
        if name is None:
            return default_for_string
        if name.lower().endswith(escaped):
            return True
        return False if name.lower().endswith(plain) else default

    return select
