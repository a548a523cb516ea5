"""What a WSGI server is known to do, told by the name it gives itself."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=4)  # a process has one server
def drops_underscores(software: str) -> bool:
    """Tell whether the server drops fields whose names have underscores, which CGI cannot tell from hyphens.

    >>> drops_underscores("gunicorn/27.0.1"), drops_underscores("gunicorn/21.2.0"), drops_underscores("Granian")
    (True, False, False)
    """
    name, _, version = software.partition("/")
    major = version.partition(".")[0]
    return name == "gunicorn" and major.isascii() and major.isdigit() and int(major) >= 22
