"""`{% trans %}` at run time: the message is looked up with the context's `gettext` or one of its likes, then filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from markupsafe import Markup

from martlet.templates.runtime.passing import EvalContext, pass_eval_context

__all__ = ["translate", "translations_from"]

FUNCTIONS: Final = ("gettext", "ngettext", "pgettext", "npgettext")


def translate(
    context: Mapping[str, Any],
    call: Callable[..., Any],
    escapes: bool,  # noqa: FBT001 -- generated code calls it
    singular: str,
    plural: str | None,
    count: Any,
    message_context: str | None,
    values: Mapping[str, Any],
) -> str:
    """The translated message with its values. Without translations in the context, the message as the template has it."""
    name = ("n" if plural is not None else "") + ("p" if message_context is not None else "") + "gettext"
    function = context.get(name) or context.get({"gettext": "_"}.get(name, ""))
    given: list[Any] = [] if message_context is None else [message_context]
    given.append(singular)
    if plural is not None:
        given += plural, count
    if function is None:
        message = plural if plural is not None and count != 1 else singular
    elif hasattr(function, "template_argument"):
        message = call(function, context, escapes, *given, **(dict(values) if getattr(function, "new_style", False) else {}))
    else:
        message = function(*given)
    if getattr(function, "new_style", False):
        return str(message)
    if escapes:
        message = Markup(message)  # noqa: S704 -- what a catalogue has is the author's
    return message % dict(values)


def translations_from(catalogue: Any) -> dict[str, Callable[..., str]]:
    """Globals for an engine whose templates are translated: `gettext`, `ngettext`, `pgettext`, `npgettext`, `_` for the first.

    catalogue: what `gettext.translation` gives, or anything with functions of these names. They fill a message's values in:
    `{{ gettext("Hello, %(name)s!", name=user.name) }}`; `ngettext` and `npgettext` know their number as `num`. A message is
    markup, as the template is, and what is filled in is escaped.

    >>> import gettext
    >>> from martlet.templates import TemplateEngine
    >>> engine = TemplateEngine(globals=translations_from(gettext.NullTranslations()))
    >>> print(engine.render("{{ ngettext('%(num)s book', '%(num)s books', 3) }}, {% trans %}and more{% endtrans %}"))
    3 books, and more
    """
    found = {name: _filling(name, getattr(catalogue, name)) for name in FUNCTIONS if hasattr(catalogue, name)}
    return {**found, "_": found["gettext"]} if "gettext" in found else found


def _filling(name: str, function: Callable[..., str]) -> Callable[..., str]:
    @pass_eval_context
    def fill(context: EvalContext, /, *message: Any, **values: Any) -> str:
        if name.startswith("n"):
            values.setdefault("num", message[-1])
        text = function(*message)
        return (Markup(text) if context.autoescape else text) % values  # noqa: S704 -- what a catalogue has is the author's

    fill.new_style = True  # type: ignore[attr-defined]
    return fill
