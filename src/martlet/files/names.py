r"""Which paths may name a file at all: decided from the text alone, before any system call, and alike on every machine.

Refused is what means something else to some file system: an empty or a dot segment, a backslash, a colon (a drive, or an
alternate data stream), a control character, what came from no UTF-8, a device's name, and a dot or a space at the end of a name,
which Windows leaves out. Not here: where a link leads (roots.py).
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["MAX_PATH", "may_be_served"]

MAX_PATH: Final = 1_024  # characters; longer ones are no names people give, and systems end at 4,096 bytes

# Reserved in every folder of Windows, whatever follows a dot: learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])"
_REFUSED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\\:\ufffd\ud800-\udfff]"  # a lone surrogate would become a raw byte of a name
    r"|(?:\A|/)(?:/|\Z|\.{1,2}(?:/|\Z)|[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff])"  # some systems ignore the last ones
    r"|[. ](?:/|\Z)"
    rf"|(?:\A|/){_DEVICE} *(?:[./]|\Z)",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"(?:\A(?!\.well-known/)|/)\.")  # RFC 8615: what stands there is meant for everybody


def may_be_served(path: str, *, hidden: bool = False) -> bool:
    r"""Whether a path below a root, with `/` between its names, may be looked for in a file system.

    hidden: take names that begin with a dot too; `.well-known/` at the top is always taken.

    >>> may_be_served("css/app.css"), may_be_served(".well-known/security.txt")
    (True, True)
    >>> [may_be_served(path) for path in ("../secret", "/etc/passwd", "a//b", ".env", "a\\b", "nul.txt", "app.css::$DATA")]
    [False, False, False, False, False, False, False]
    """
    return len(path) <= MAX_PATH and _REFUSED.search(path) is None and (hidden or _HIDDEN.search(path) is None)
