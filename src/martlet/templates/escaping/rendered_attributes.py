"""Attributes that `xmlattr` made of a mapping, in the tag that they stand in: each value is escaped by what its attribute is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from martlet.templates.escaping.attributes import begin_value
from martlet.templates.escaping.holes import place_hole
from martlet.templates.escaping.page_values import escape_attribute, plain
from martlet.templates.escaping.places import Kind, Place, State
from martlet.templates.escaping.rules import EscapingRules
from martlet.templates.escaping.safe import RenderedAttributes, SafeAttributes

__all__ = ["attribute_writer"]

Escaper = Callable[[Any], str]


def attribute_writer(escapers: Mapping[str, Escaper], rules: EscapingRules, element: str = "") -> Callable[[SafeAttributes], str]:
    """For a value that is attributes of this element: what `xmlattr` made is escaped by its places, what is trusted stays."""

    def write(value: SafeAttributes) -> str:
        if not isinstance(value, RenderedAttributes) or value.pairs is None:
            return str.__str__(value)
        written: list[str] = []
        place = Place(element=element)
        for name, content in value.pairs:
            at_name = replace(place, state=State.BEFORE_VALUE, name=name)
            inside = begin_value(at_name, '"', rules)
            escaper, behind = place_hole(inside, '"', rules)
            known = plain(content).lower() if inside.kind is Kind.HINT else ""
            place = replace(place, hint=(inside.hint if known else behind.hint) + known)
            written.append(f'{escape_attribute(name)}="{escapers[escaper](content)}"')
        return value.lead + " ".join(written)

    return write
