"""`safe` and its like where they cannot have effect: each trusts a value as one thing, and its place is for another."""

from __future__ import annotations

from typing import Final

from martlet.templates.checking.findings import Findings
from martlet.templates.compiling.linking import Linked
from martlet.templates.syntax import nodes

__all__ = ["check_trusted_values"]

# By the beginning of an escaper's name: what the place is, and the type that is trusted there. The longer stands first.
_PLACES: Final = {
    "script_string": ("a string of a script", "SafeJSString"),
    "script_template": ("a template literal of a script", "SafeJSString"),
    "script_regexp": ("a regular expression of a script", "SafeJSString"),
    "script": ("a script", "SafeJS"),
    "json": ("JSON", "SafeJS"),
    "style_string": ("a string of a style sheet", "SafeURL"),
    "style": ("a style sheet", "SafeCSS"),
    "srcset": ("a srcset", "SafeSrcset"),
    "url": ("a URL", "SafeURL"),
    "image_url": ("a URL", "SafeURL"),
    "code_url": ("a URL", "SafeURL"),
    "meta": ("a URL", "SafeURL"),
    "attribute_": ("a tag", "SafeAttributes"),
    "tag_name_part": ("a tag", "SafeAttributes"),
    "tag_digits": ("a tag", "SafeAttributes"),
    "tag_name": ("the name of a tag", "no type"),
    "html": ("a text", "SafeHTML"),
    "attribute": ("an attribute", "SafeHTML"),
    "rcdata": ("a text", "SafeHTML"),
    "unquoted": ("an attribute", "SafeHTML"),
}
_FILTERS: Final = {
    "safe": "SafeHTML",
    "safe_attributes": "SafeAttributes",
    "safe_css": "SafeCSS",
    "safe_html": "SafeHTML",
    "safe_js": "SafeJS",
    "safe_url": "SafeURL",
}
_WRITTEN: Final = {trusted: f", or write `| {name}`" for name, trusted in _FILTERS.items() if name != "safe"}
_ALSO: Final = {("SafeURL", "a srcset"), ("SafeURL", "an attribute"), ("SafeHTML", "the name of a tag")}  # not worth a word


def check_trusted_values(page: Linked, findings: Findings) -> None:
    """Warn of each `safe` that ends a value in such a place."""
    for unit in page.units.values():
        for node in nodes.walk(unit.body):
            match node:
                case nodes.Hole(value=nodes.Filter(name=name, at=at), escaper=escaper) if name in _FILTERS:
                    beginning = next((known for known in _PLACES if escaper.startswith(known)), None)
                case _:
                    continue
            if beginning is None:
                continue
            (place, trusted), given = _PLACES[beginning], _FILTERS[name]
            if given != trusted and (given, place) not in _ALSO:
                mend = f"if the value is to be trusted there, make it a {trusted} where it is made{_WRITTEN.get(trusted, '')}"
                findings.add(unit.source, at, f"{name!r} has no effect in {place}: {mend}", "warning")
