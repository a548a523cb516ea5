"""As much of an engine as filters, tests and loops ask for."""

from collections.abc import Callable
from typing import Any

from martlet.templates.filters import DEFAULT_FILTERS, DEFAULT_POLICIES, DEFAULT_TESTS, call_filter, call_test
from martlet.templates.runtime import Guard, RenderContext, Sandbox, Undefined
from martlet.templates.runtime.lookups import make_get_attribute, make_get_item


class StandInEngine:
    """Filters, tests, policies and lookups; guarded, if there is a policy for it."""

    def __init__(self, undefined: type[Undefined] = Undefined, sandbox: Sandbox | None = None) -> None:
        self.filters: dict[str, Callable[..., Any]] = dict(DEFAULT_FILTERS)
        self.tests: dict[str, Callable[..., Any]] = dict(DEFAULT_TESTS)
        self.policies: dict[str, Any] = dict(DEFAULT_POLICIES)
        self.undefined = undefined
        guard = None if sandbox is None else Guard(sandbox, undefined)
        self.get_attribute: Callable[[Any, str], Any] = guard.get_attribute if guard else make_get_attribute(undefined)
        self.get_item: Callable[[Any, Any], Any] = guard.get_item if guard else make_get_item(undefined)

    def context(self, *, autoescape: bool = False, **variables: Any) -> RenderContext:
        return RenderContext(variables, self, autoescape=autoescape)


def apply(
    name: str, value: Any, /, *args: Any, autoescape: bool = False, engine: StandInEngine | None = None, **kwargs: Any
) -> Any:
    """`value | name(…)`."""
    engine = engine or StandInEngine()
    return call_filter(engine, name, value, args, kwargs=kwargs, context=engine.context(autoescape=autoescape))


async def apply_async(name: str, value: Any, /, *args: Any, autoescape: bool = False, **kwargs: Any) -> Any:
    """The same as an asynchronous page does it: by the filter's twin, if there is one."""
    engine = StandInEngine()
    context = engine.context(autoescape=autoescape)
    result = call_filter(engine, name, value, args, kwargs=kwargs, context=context, is_async=True)
    result = await result if hasattr(result, "__await__") else result
    return [item async for item in result] if hasattr(result, "__anext__") else result


def ask(value: Any, name: str, *args: Any, engine: StandInEngine | None = None) -> Any:
    """`value is name(…)`."""
    return call_test(engine or StandInEngine(), name, value, args)
