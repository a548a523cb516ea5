"""All escapers by name: what a hole's `escaper` names.

A name with `_in_` is two in a row, the second for where the first one's result stands: `script_in_attribute`.
The parts after the first are "attribute", "unquoted", "unquoted_start", "unquoted_whole", "url_component" and "style_string".
`attribute_name_after_` is followed by what of the name stands before the value, in hexadecimal; `_of_` by the element whose
attributes these are, if they are not what they are for most.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from martlet.templates.escaping import page_values, script_values, style_values, tag_names, url_lists, url_values
from martlet.templates.escaping.rendered_attributes import attribute_writer
from martlet.templates.escaping.rules import DEFAULT_RULES, EscapingRules

__all__ = ["ESCAPERS", "HTML_LIKE", "Escaper", "Escapers"]

Escaper: TypeAlias = Callable[[Any], str]

# Of these, each escapes a value whose type is exactly `str` as `escape_html` does, and writes a number as it is.
HTML_LIKE: Final = frozenset({"html", "attribute", "rcdata"})


def _nothing(_value: Any) -> str:
    """A value in a script's or a style sheet's comment: it is not written."""
    return ""


class Escapers(dict[str, Escaper]):
    """Every escaper by name, as `rules` want them; those of two parts are made when they are asked for.

    >>> Escapers(EscapingRules(schemes=frozenset({"gopher"})))["url_in_attribute"]("http://example.com")
    '#zBlocked'
    """

    def __init__(self, rules: EscapingRules = DEFAULT_RULES) -> None:
        super().__init__(_without_rules())
        self.update(_with_rules(rules))
        self._rules = rules
        self.update({kind: self._of_element(kind, "") for kind in _OF_ELEMENTS})

    def __missing__(self, name: str) -> Escaper:
        first, joint, last = name.rpartition("_in_")
        stem, _, beginning = name.partition("_after_")
        kind, of, element = name.partition("_of_")
        if joint:
            escaper = _in_a_row(self[first], self[last])
        elif of and kind in _OF_ELEMENTS:
            escaper = self._of_element(kind, element)
        elif stem == "attribute_name" and beginning:
            escaper = page_values.attribute_names(self._rules, bytes.fromhex(beginning).decode())
        else:
            raise KeyError(name)
        self[name] = escaper
        return escaper

    def _of_element(self, kind: str, element: str) -> Escaper:
        """Of those for what stands between the attributes of a tag, the one for the tags of an element."""
        write = attribute_writer(self, self._rules, element)
        if kind == "attribute_name":
            return page_values.attribute_names(self._rules, write=write)
        if kind == "attribute_flag":
            return page_values.attribute_flags(self._rules, write)
        return page_values.tag_digits(write) if kind == "tag_digits" else page_values.tag_name_parts(write)


_OF_ELEMENTS: Final = ("attribute_name", "attribute_flag", "tag_name_part", "tag_digits")


def _in_a_row(first: Escaper, last: Escaper) -> Escaper:
    return lambda value: last(first(value))


def _without_rules() -> dict[str, Escaper]:
    return {
        "plain": page_values.plain,
        "nothing": _nothing,
        "html": page_values.html_text,
        "volatile": page_values.html_text,
        "attribute": page_values.escape_attribute,
        "rcdata": page_values.escape_rcdata,
        "unquoted": page_values.escape_unquoted,
        "unquoted_start": page_values.escape_unquoted_start,
        "unquoted_whole": page_values.escape_unquoted_whole,
        "comment": page_values.escape_comment,
        "cdata": page_values.escape_cdata,
        "attribute_name_part": page_values.name_part,
        "tag_name": tag_names.tag_names(),
        "xml_tag_name": tag_names.tag_names(tag_names.REFUSED_IN_XML),
        "trigger": page_values.trigger,
        "code_url": url_values.code_url,
        "code_url_part": url_values.code_url_part,
        "meta_next": url_lists.meta_next,
        "url_open": url_values.url_open,
        "url_path": url_values.normalize_url,
        "url_after_slash": url_values.url_after_slash,
        "url_after_slash_alone": url_values.url_after_slash_alone,
        "url_host": url_values.url_host_part,
        "url_component": url_values.url_component,
        "script": script_values.script_value,
        "script_string": script_values.script_string,
        "script_template": script_values.script_template,
        "script_regexp": script_values.script_regexp,
        "json": script_values.json_value,
        "style": style_values.style_value,
        "style_string": style_values.style_string,
    }


def _with_rules(rules: EscapingRules) -> dict[str, Escaper]:
    return {
        "url": url_values.url_starts(rules),
        "url_filter": url_values.url_filters(rules),
        "url_scheme": url_values.url_schemes(rules),
        "image_url": url_values.image_urls(rules),
        "srcset": url_lists.srcsets(rules),
        "srcset_candidate": url_lists.srcset_candidates(rules),
        "meta": url_lists.meta_contents(rules),
        "meta_url": url_lists.meta_urls(rules),
        "smil": url_lists.smil_values(rules),
    }


ESCAPERS: Final = Escapers()
