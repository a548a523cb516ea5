"""The name that an uploaded file may be stored under, made of the name that its sender gave it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["safe_filename"]

MAX_BYTES: Final = 255  # of one name, in the file systems in use
MAX_LETTERS: Final = 512  # of a sender's name that are looked at; composing letters takes longer than linear time
MAX_SUFFIX: Final = 20  # letters that are kept as the suffix of a name that is too long

# Controls, what Windows allows in no name, and the letters that turn the direction of writing: they hide what a name ends in.
_UNSAFE: Final = re.compile(
    '[\x00-\x1f\x7f-\x9f<>:"|?*\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]'
)
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?=\.|\Z)", re.IGNORECASE)


def safe_filename(name: str) -> str:
    r"""The last part of a path, from whatever system, as a name that any file system takes and that means nothing to it.

    Folders, leading dots (hidden files), spaces and dots at the end, controls, and the names of Windows' devices go or become
    `_`; letters of any script stay, composed as in Unicode's NFC. At most 255 bytes in UTF-8; "" where nothing is left.

    >>> safe_filename("../../etc/passwd"), safe_filename(r"C:\photos\Swift 7.jpg"), safe_filename("..")
    ('passwd', 'Swift 7.jpg', '')
    >>> safe_filename("nul.txt"), safe_filename("a\r\nb?.txt"), safe_filename(".htaccess")
    ('_nul.txt', 'a__b_.txt', 'htaccess')
    """
    last = re.split(r"[/\\]", name)[-1]
    stem, dot, suffix = last.rpartition(".")
    if len(last) > MAX_LETTERS:
        last = f"{stem[:MAX_LETTERS]}.{suffix}" if dot and len(suffix) <= MAX_SUFFIX else last[:MAX_LETTERS]
    safe = _UNSAFE.sub("_", unicodedata.normalize("NFC", last)).lstrip(". ").rstrip(". ")
    return _shortened(f"_{safe}" if _DEVICES.match(safe) else safe)


def _shortened(name: str) -> str:
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    ending = f".{suffix}" if dot and len(suffix) <= MAX_SUFFIX else ""
    room = MAX_BYTES - len(ending.encode())
    return (stem if ending else name).encode()[:room].decode("utf-8", "ignore").rstrip(". ") + ending
