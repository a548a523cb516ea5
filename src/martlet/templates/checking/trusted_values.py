"""`safe` where it cannot have effect: it trusts a value as HTML, and a URL, a script or a style sheet is none."""

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
    "style": ("a style sheet", "SafeCSS"),
    "srcset": ("a srcset", "SafeSrcset"),
    "url": ("a URL", "SafeURL"),
    "image_url": ("a URL", "SafeURL"),
    "code_url": ("a URL", "SafeURL"),
    "meta": ("a URL", "SafeURL"),
}


def check_trusted_values(page: Linked, findings: Findings) -> None:
    """Warn of each `safe` that ends a value in such a place."""
    for unit in page.units.values():
        for node in nodes.walk(unit.body):
            match node:
                case nodes.Hole(value=nodes.Filter(name="safe", at=at), escaper=escaper):
                    beginning = next((known for known in _PLACES if escaper.startswith(known)), None)
                case _:
                    continue
            if beginning is not None:
                place, trusted = _PLACES[beginning]
                mend = f"if the value is to be trusted there, make it a {trusted} where it is made"
                findings.add(unit.source, at, f"'safe' has no effect in {place}: {mend}", "warning")
