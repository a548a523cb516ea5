"""What Jinja2 has inside and its test modules import: names that can be mentioned, and fail when they are used."""

from typing import Any

from martlet.templates.runtime import EvalContext as OurEvalContext


class NotMapped:
    """Stands for an internal class of Jinja2; whoever makes one gets an error that says so."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError(f"{type(self).__name__} is inside of Jinja2, and not mapped")

    def copy(self) -> Any:
        """Mentioned while a test module is imported."""


class Token:
    """`jinja2.lexer.Token`: made while a test module is imported."""

    def __init__(self, lineno: int, type: str, value: Any) -> None:  # noqa: A002  Jinja2's name
        self.lineno, self.type, self.value = lineno, type, value


def eval_context(environment: Any, template_name: str | None = None) -> OurEvalContext:
    """`jinja2.nodes.EvalContext`."""
    return OurEvalContext(environment.engine, environment.escapes(template_name), template_name)


def placeholder(name: str) -> Any:
    """A class of this name that cannot be made, a text for a constant, no class at all for what Python itself asks for."""
    if name.startswith("__"):
        raise AttributeError(name)
    return name if name.isupper() else type(name, (NotMapped,), {})


NODES: dict[str, Any] = {"EvalContext": eval_context, "__getattr__": placeholder}
LEXER: dict[str, Any] = {"Token": Token, "__getattr__": placeholder}
ANY: dict[str, Any] = {"__getattr__": placeholder}
