"""The page that a developer's browser shows for an error that nobody expected: where it came from, with the source around it.

Every text in it is escaped, nothing in it can be clicked or sent, and no value of a variable is shown. Not here: whether it is
shown at all, which only `debug` decides.
"""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from markupsafe import Markup

from martlet.rendering import PAGE_START, page_policy

FRAMES_SHOWN: Final = 40  # of one exception, the last ones: endless recursion has a thousand
EXCEPTIONS_SHOWN: Final = 10  # of a chain
MESSAGE_SHOWN: Final = 10_000  # characters
LINES_AROUND: Final = 4  # of source, before and after the line that failed

# The colours keep a contrast of at least 7 to 1 (WCAG 2.2, 1.4.6) in both schemes; without its style the page still reads well.
_PAGE = PAGE_START + Markup("""\
<title>500 {title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: #1c1c1c; background: #fbfbf9; }}
main {{ max-width: 60rem; margin: 0 auto; padding: 4vh 1.5rem 3rem; }}
h1 {{ margin: 0; font-size: 1.5rem; line-height: 1.25; font-weight: 600; }}
h2 {{ margin: 2.5rem 0 0; font-size: 1.125rem; }}
p, h1, h2, h3 {{ overflow-wrap: anywhere; white-space: pre-wrap; }}
h3 {{ margin: 1.25rem 0 0.25rem; font-size: 0.9375rem; font-weight: 400; }}
pre {{ margin: 0; padding: 0.5rem 0; overflow-x: auto; font: 0.875rem/1.5 ui-monospace, monospace; background: #f0f0ec; }}
pre span, pre mark {{ display: block; padding: 0 0.75rem; }}
mark {{ color: inherit; background: #ffd9cf; font-weight: 600; }}
@media (prefers-color-scheme: dark) {{
body {{ color: #ececec; background: #161616; }}
pre {{ background: #232323; }}
mark {{ background: #5c2a20; }}
}}
</style>
</head>
<body>
<main>
<p>{asked}</p>
{exceptions}<p>This page is shown because the application has debug=True.</p>
</main>
</body>
</html>
""")
_EXCEPTION = Markup("<{level}>{said}</{level}>\n{frames}")
_LINK = Markup("<p>{}</p>\n")
_FRAME = Markup("<h3>{place} in <strong>{name}</strong></h3>\n<pre>{lines}</pre>\n")
_LINE = Markup("<span>{number:>5}  {text}</span>")
_FAILED = Markup("<mark>{number:>5}  {text}</mark>")


def debug_page(error: BaseException, asked: str) -> Markup:
    """The page for an exception and those it came from; `asked` is the method and the path of the request.

    >>> try:
    ...     raise LookupError("<no shelf>")
    ... except LookupError as error:
    ...     page = debug_page(error, "GET /")
    >>> "<h1>LookupError: &lt;no shelf&gt;</h1>" in page
    True
    """
    summary = traceback.TracebackException.from_exception(error, limit=-FRAMES_SHOWN)
    shown = Markup().join(_show_chain(summary))
    return _PAGE.format(title=_said(summary).partition("\n")[0], asked=asked, exceptions=shown)


def _show_chain(summary: traceback.TracebackException) -> Iterator[Markup]:
    """Show an exception, then the one it came from, and so on: what was raised last is read first."""
    found: traceback.TracebackException | None = summary
    for index in range(EXCEPTIONS_SHOWN):
        if found is None:
            return
        yield _show(found, "h2" if index else "h1")
        for member in (found.exceptions or [])[:EXCEPTIONS_SHOWN]:  # of a group
            yield _LINK.format("One of the group:")
            yield _show(member, "h2")
        hidden = found.__suppress_context__
        link = "It was raised from:" if found.__cause__ is not None else "It was raised while this was handled:"
        found = found.__cause__ or (None if hidden else found.__context__)
        if found is not None:
            yield _LINK.format(link)


def _show(summary: traceback.TracebackException, level: str) -> Markup:
    frames = Markup().join(_show_frame(frame) for frame in reversed(summary.stack))  # where it failed comes first
    return _EXCEPTION.format(level=Markup(level), said=_said(summary), frames=frames)  # noqa: S704  h1 or h2


def _said(summary: traceback.TracebackException) -> str:
    """Give the class and the message, as Python prints them; notes stand below."""
    return "".join(summary.format_exception_only()).strip()[:MESSAGE_SHOWN]


def _show_frame(frame: traceback.FrameSummary) -> Markup:
    failed = frame.lineno or 0
    source = linecache.getlines(frame.filename)
    first, last = max(failed - LINES_AROUND, 1), min(failed + LINES_AROUND, len(source))
    lines = Markup().join(
        (_FAILED if number == failed else _LINE).format(number=number, text=source[number - 1].rstrip("\n"))
        for number in range(first, last + 1)
    )
    return _FRAME.format(place=f"{_short(frame.filename)}:{failed}", name=frame.name, lines=lines)


def _short(filename: str) -> str:
    """Give a path as it is from here, where it lies below."""
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else filename


DEBUG_PAGE_POLICY: Final = page_policy(_PAGE)
