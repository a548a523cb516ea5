"""What branches write into a tag; `{{ 'checked' if done }}` is one too, for its texts are the template's own."""

from __future__ import annotations

import re
from dataclasses import replace

from martlet.templates.escaping.places import Kind, Place, State
from martlet.templates.syntax import nodes

__all__ = ["begins_apart", "between", "unescaped", "written_choice"]

_IN_TAG = frozenset({State.TAG_NAME, State.TAG, State.AFTER_NAME, State.ATTRIBUTE_NAME})
_IN_SCRIPT = frozenset({State.SCRIPT, State.JSON})
# What is no string in a script for whoever writes `var on = {{ 'true' if on else 'false' }}`.
_SCRIPT_WORD = re.compile(r"true|false|null|undefined|-?[0-9]+(?:\.[0-9]+)?")

# Filters that trust what is a text of the template anyway.
_TRUSTING = frozenset({"safe", "safe_attributes", "safe_html", "safe_js"})


def written_choice(value: nodes.Expression, state: State) -> nodes.If | None:
    """The `if` of texts that this value is, where it stands for attributes or for a word of a script; None if it is none.

    Only in a tag, where a text would else have to be one name, and in a script, where it would become a string.
    """
    if not isinstance(value, nodes.Conditional) or state not in _IN_TAG | _IN_SCRIPT:
        return None
    then, otherwise = _body(value.then, state), () if value.otherwise is None else _body(value.otherwise, state)
    if then is None or otherwise is None or (value.otherwise is None and state in _IN_SCRIPT):
        return None
    return nodes.If(value.at, ((value.test, then),), otherwise)


def _body(value: nodes.Expression, state: State) -> nodes.Body | None:
    if isinstance(value, nodes.Filter) and value.name in _TRUSTING and value.target is not None:
        return _body(value.target, state)
    if isinstance(value, nodes.Literal) and isinstance(value.value, str):
        if state in _IN_SCRIPT and not _SCRIPT_WORD.fullmatch(value.value):
            return None
        return (nodes.Text(value.at, value.value),)
    chosen = written_choice(value, state)
    return None if chosen is None else (chosen,)


def unescaped(value: nodes.Expression) -> nodes.Expression:
    """A value without the `| e` at its end, which means the page's text and would escape it twice anywhere else."""
    while isinstance(value, nodes.Filter) and value.name in ("e", "escape") and value.target is not None:
        value = value.target
    return value


def begins_apart(body: nodes.Body, upcoming: str) -> bool:
    """Whether this body, and what follows it, ends the name of a tag or of an attribute, whatever branch is taken.

    upcoming: the text behind the body, as far as it is known.
    """
    apart, may_be_empty = _beginning(body)
    return apart and (not may_be_empty or _is_apart(upcoming))


def _beginning(body: nodes.Body) -> tuple[bool, bool]:
    """Whether a body ends a name wherever it writes, and whether it may write nothing."""
    for node in body:
        choice = written_choice(node.value, State.TAG) if isinstance(node, nodes.Print) else node
        if isinstance(choice, nodes.If):
            found = [_beginning(branch) for branch in (*(branch for _, branch in choice.branches), choice.otherwise)]
            if not all(apart for apart, _ in found):
                return False, False
            if any(may_be_empty for _, may_be_empty in found):
                continue
            return True, False
        if not isinstance(node, (nodes.Set, nodes.Do)):
            return isinstance(node, nodes.Text) and _is_apart(node.text), False
    return True, True


def _is_apart(text: str) -> bool:
    return text[:1] in _APART and text != "" and text.lstrip()[:1] != "="


_APART = frozenset(" \t\n\r\f/>")


def between(place: Place) -> Place:
    """The place between two attributes that a name leads to which ends here."""
    if place.state not in _IN_TAG or (place.kind is Kind.COMPUTED and not place.started):
        return place
    return replace(place, state=State.TAG, name="", kind=Kind.PLAIN, started=False)
