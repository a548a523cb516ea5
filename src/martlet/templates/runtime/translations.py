"""`{% trans %}` at run time: the message is looked up with the context's `gettext` or one of its likes, then filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

__all__ = ["install_translations", "translate"]


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


def install_translations(names: dict[str, Any], translations: Any) -> None:
    """Put the functions of a `gettext` catalogue among an engine's globals."""
    for name in ("gettext", "ngettext", "pgettext", "npgettext"):
        function = getattr(translations, name, None)
        if function is not None:
            names[name] = function
    names.setdefault("_", names.get("gettext"))
