"""`jinja2.ext`: what its own extensions add is always there in ours; those that applications derive work on Jinja2's nodes."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from martlet.templates.runtime import pass_context


class Extension:
    """What applications derive from. Those with tags or token filters of their own are not mapped, and those tests left out."""

    tags: frozenset[str] = frozenset()
    priority = 100
    identifier: str

    def __init_subclass__(cls) -> None:
        cls.identifier = f"{cls.__module__}.{cls.__name__}"

    def __init__(self, environment: Any) -> None:
        self.environment = environment

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002  Jinja2's signature
        return source


def load(environment: Any, extensions: Any) -> dict[str, Extension]:
    """The extensions of an environment, without those that ours has by itself."""
    return {kind.identifier: kind(environment) for kind in extensions if not isinstance(kind, str)}


def preprocess(environment: Any, source: str) -> str:
    """A source as the extensions change it."""
    for extension in environment.iter_extensions():
        source = extension.preprocess(source, None)
    return source


def install(environment: Any, gettext: Any, ngettext: Any, **more: Any) -> None:
    """Put the functions of a catalogue among the globals; newstyle: they fill the variables in themselves."""
    newstyle = more.pop("newstyle", False)
    functions = {"gettext": gettext, "ngettext": ngettext, **more}
    given = {name: function for name, function in functions.items() if function is not None}
    wrapped = {name: _filling(name, function) if newstyle else function for name, function in given.items()}
    environment.globals.update(wrapped)
    environment.globals["_"] = wrapped["gettext"]


def _filling(name: str, function: Any) -> Any:
    """A function of a catalogue that takes its message's variables by name, and fills them in."""

    @pass_context
    def fill(context: Any, *message: Any, **variables: Any) -> Any:
        if name.startswith("n"):
            variables.setdefault("num", message[-1])
        if name.endswith("pgettext"):
            variables.setdefault("context", message[0])
        wants_context = getattr(function, "template_argument", None) == "context"
        text = function(context, *message) if wants_context else function(*message)
        # A catalogue's texts are markup, as in Jinja2.
        return (Markup(text) if context.eval_context.autoescape else text) % variables  # noqa: S704  the same

    fill.new_style = True  # type: ignore[attr-defined]
    return fill
