"""The page that a browser shows for an error: complete in itself, readable in light and dark, on paper and aloud.

Nothing is fetched for it, and every text in it is escaped. Applications replace it by an error handler of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from markupsafe import Markup

from martlet.http.content_security_policy import hash_source

__all__ = ["PAGE_START", "PROBLEM_PAGE_POLICY", "page_policy", "problem_page"]

PAGE_START: Final = Markup("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
""")  # of each page of ours; page_policy lets the empty icon through, without which browsers ask for /favicon.ico

# The colours keep a contrast of at least 7 to 1 (WCAG 2.2, 1.4.6) in both schemes; without its style the page still reads well.
_PAGE = PAGE_START + Markup("""\
<title>{status} {title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; font: 1.0625rem/1.6 system-ui, sans-serif; color: #1c1c1c; background: #fbfbf9; }}
main {{ max-width: 40rem; margin: 0 auto; padding: 15vh 1.5rem 3rem; }}
h1 {{ margin: 0 0 1rem; font-size: 1.75rem; line-height: 1.25; font-weight: 600; }}
h1 span {{ display: block; font-size: 1rem; font-weight: 400; color: #4a4a4a; }}
p, li {{ overflow-wrap: anywhere; }}
code {{ font: 0.95em ui-monospace, monospace; }}
@media (prefers-color-scheme: dark) {{
body {{ color: #ececec; background: #161616; }}
h1 span {{ color: #b8b8b8; }}
}}
</style>
</head>
<body>
<main>
<h1><span>{status}</span> {title}</h1>
{detail}{errors}</main>
</body>
</html>
""")
_DETAIL = Markup("<p>{}</p>\n")
_ERRORS = Markup("<ul>\n{}</ul>\n")
_ERROR = Markup("<li><code>{}</code>: {}</li>\n")
_ERROR_OF_ALL = Markup("<li>{}</li>\n")


def page_policy(page: str) -> str:
    """The content security policy of a page that fetches nothing: its one style by its hash, and the empty icon.

    page: with its braces doubled, as a template is.
    """
    style = str(page).partition("<style>")[2].partition("</style>")[0].format()
    return (
        f"default-src 'none'; style-src {hash_source(style)}; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    )


def problem_page(document: Mapping[str, Any]) -> str:
    """The page for a problem document: its status, title, detail and field errors.

    >>> "<h1><span>404</span> Not Found</h1>" in problem_page({"status": 404, "title": "Not Found"})
    True
    """
    detail = document.get("detail")
    return str(
        _PAGE.format(
            status=document["status"],
            title=str(document["title"]),
            detail=_DETAIL.format(str(detail)) if detail else "",
            errors=_list_errors(document.get("errors")),
        )
    )


def _list_errors(errors: object) -> Markup:
    if not isinstance(errors, list | tuple) or not errors:
        return Markup()
    return _ERRORS.format(Markup().join(_list_error(error) for error in cast("list[object]", errors)))


def _list_error(error: object) -> Markup:
    # An application may put errors of its own making under this name.
    if not isinstance(error, dict):
        return _ERROR_OF_ALL.format(str(error))
    members = cast("dict[str, object]", error)
    place = members.get("pointer") or members.get("name")
    detail = str(members.get("detail", ""))
    return _ERROR.format(str(place), detail) if place else _ERROR_OF_ALL.format(detail)


PROBLEM_PAGE_POLICY: Final = page_policy(_PAGE)
