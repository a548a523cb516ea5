"""Filters (`value | upper`) and tests (`value is even`) by the names that templates know them by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from markupsafe import escape

from martlet.templates.filters import attributes, choosing, dates, html, json_text, links, numbers, ordering, sequences, text
from martlet.templates.filters.bounded import bounded_filters, bounded_globals, bounded_tests
from martlet.templates.filters.calling import bound_filter, bound_test, call_filter, call_test
from martlet.templates.filters.tests import DEFAULT_TESTS

__all__ = [
    "DEFAULT_FILTERS",
    "DEFAULT_POLICIES",
    "DEFAULT_TESTS",
    "bound_filter",
    "bound_test",
    "bounded_filters",
    "bounded_globals",
    "bounded_tests",
    "call_filter",
    "call_test",
]

DEFAULT_FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "abs": abs,
    "attr": attributes.attribute,
    "batch": sequences.batch,
    "capitalize": text.capitalize,
    "center": text.center,
    "count": len,
    "d": sequences.default,
    "date": dates.format_date,
    "default": sequences.default,
    "dictsort": sequences.dict_sort,
    "e": escape,
    "escape": escape,
    "filesize": numbers.file_size,
    "filesizeformat": numbers.file_size_format,
    "first": sequences.first,
    "float": numbers.to_float,
    "forceescape": html.force_escape,
    "format": text.format_text,
    "groupby": ordering.group_by,
    "indent": text.indent,
    "int": numbers.to_int,
    "items": sequences.items,
    "join": sequences.join,
    "json": json_text.to_json,
    "last": sequences.last,
    "len": len,
    "length": len,
    "list": sequences.to_list,
    "lower": text.lower,
    "map": choosing.map_items,
    "max": ordering.largest,
    "min": ordering.smallest,
    "pprint": text.pretty_print,
    "random": sequences.pick_random,
    "reject": choosing.reject,
    "rejectattr": choosing.reject_by_attribute,
    "replace": text.replace,
    "reverse": sequences.reverse,
    "round": numbers.round_number,
    "safe": html.mark_safe,
    "safe_attributes": html.mark_safe_attributes,
    "safe_css": html.mark_safe_css,
    "safe_html": html.mark_safe,
    "safe_js": html.mark_safe_js,
    "safe_url": html.mark_safe_url,
    "select": choosing.select,
    "selectattr": choosing.select_by_attribute,
    "slice": sequences.slices,
    "sort": ordering.sort,
    "string": text.as_text,
    "striptags": html.strip_tags,
    "sum": ordering.total,
    "time": dates.format_time,
    "timesince": dates.time_since,
    "title": text.title,
    "tojson": json_text.to_json_by_policy,
    "trim": text.trim,
    "truncate": text.truncate,
    "unique": ordering.unique,
    "upper": text.upper,
    "urlencode": html.url_encode,
    "urlize": links.urlize,
    "wordcount": text.word_count,
    "wordwrap": text.word_wrap,
    "xmlattr": html.xml_attributes,
}

# Settings of filters that an application may change in its engine's `policies`.
DEFAULT_POLICIES: Final[dict[str, Any]] = {
    "ext.i18n.trimmed": False,  # whether white space in messages to translate becomes one space
    "json.dumps_function": None,  # what `tojson` writes with; None is json.dumps
    "json.dumps_kwargs": {"sort_keys": True},
    "newline": "\n",  # what `wordwrap` puts between lines; the engine sets it to that of its syntax
    "truncate.leeway": 5,  # characters by which a text may be too long and is not truncated
    "urlize.extra_schemes": None,
    "urlize.rel": "noopener",
    "urlize.target": None,
}
