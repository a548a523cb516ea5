"""What a template makes for itself: namespaces, cyclers, joiners, and filler text; with these, the globals of every engine."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Final

from markupsafe import Markup

__all__ = ["DEFAULT_GLOBALS", "Cycler", "Joiner", "Namespace", "lipsum"]


class Namespace:
    """Values that an inner scope may set: `{% set page.found = true %}` inside a loop is seen after it.

    Takes what `dict` takes. The values are the instance's own attributes, so that reading one is as quick as can be.

    >>> page = Namespace({"found": False}, total=1)
    >>> page["found"] = True
    >>> page.found, page.total
    (True, 1)
    """

    def __init__(self, /, *values: Any, **named: Any) -> None:
        self.__dict__.update(dict(*values, **named))

    def __setitem__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def __repr__(self) -> str:
        return f"<Namespace {self.__dict__!r}>"


class Cycler:
    """Values that come round and round, across loops or outside of any.

    Raises TypeError if it is given none.

    >>> row = Cycler("odd", "even")
    >>> row.next(), row.next(), row.next(), row.current
    ('odd', 'even', 'odd', 'even')
    """

    def __init__(self, *items: Any) -> None:
        if not items:
            raise TypeError("cycler() was given no values; name those to go through, as in cycler('odd', 'even')")
        self.items = items
        self.pos = 0

    def reset(self) -> None:
        """Begin with the first value again."""
        self.pos = 0

    @property
    def current(self) -> Any:
        """The value that `next` gives next."""
        return self.items[self.pos]

    def next(self) -> Any:
        """The current value; the one after it becomes the current one."""
        value = self.items[self.pos]
        self.pos = (self.pos + 1) % len(self.items)
        return value

    def __next__(self) -> Any:
        return self.next()


class Joiner:
    """Gives nothing when it is called first, and its separator ever after.

    >>> comma = Joiner()
    >>> comma() + "a" + comma() + "b"
    'a, b'
    """

    def __init__(self, sep: str = ", ") -> None:
        self.sep = sep
        self.used = False

    def __call__(self) -> str:
        """Nothing, or the separator."""
        if self.used:
            return self.sep
        self.used = True
        return ""


# Words as in Latin filler texts since the sixteenth century, after Cicero, De finibus bonorum et malorum.
WORDS: Final = (
    *(
        "lorem",
        "ipsum",
        "dolor",
        "sit",
        "amet",
        "consectetur",
        "adipiscing",
        "elit",
        "sed",
        "do",
        "eiusmod",
        "tempor",
        "incididunt",
    ),
    *("ut", "labore", "et", "dolore", "magna", "aliqua", "enim", "ad", "minim", "veniam", "quis", "nostrud", "exercitation"),
    *(
        "ullamco",
        "laboris",
        "nisi",
        "aliquip",
        "ex",
        "ea",
        "commodo",
        "consequat",
        "duis",
        "aute",
        "irure",
        "in",
        "reprehenderit",
    ),
    *("voluptate", "velit", "esse", "cillum", "eu", "fugiat", "nulla", "pariatur", "excepteur", "sint", "occaecat", "cupidatat"),
    *("non", "proident", "sunt", "culpa", "qui", "officia", "deserunt", "mollit", "anim", "id", "est", "laborum"),
)


def lipsum(n: int = 5, html: bool = True, min: int = 20, max: int = 100) -> str:  # noqa: A002, FBT001, FBT002 -- a template's names
    """Filler text: `n` paragraphs of `min` to `max` words each (max is not reached), in `<p>` elements or between blank lines."""
    paragraphs = [_paragraph(random.randrange(min, max)) for _ in range(n)]  # noqa: S311 -- filler text is no secret
    if html:
        return Markup("\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs))  # noqa: S704 -- made of WORDS alone
    return "\n\n".join(paragraphs)


def _paragraph(length: int) -> str:
    words: list[str] = []
    sentence = 0  # words of the sentence so far
    pause = _between(4, 9)  # at which of them a comma or the end stands
    last = ""
    for number in range(length):
        word = last
        while word == last:
            word = random.choice(WORDS)  # noqa: S311 -- the same
        last = word
        written = word.capitalize() if sentence == 0 else word
        sentence += 1
        if number == length - 1 or sentence >= pause + 4:
            written, sentence, pause = written + ".", 0, _between(4, 9)
        elif sentence == pause:
            written += ","
        words.append(written)
    return " ".join(words)


def _between(low: int, high: int) -> int:
    return random.randint(low, high)  # noqa: S311 -- the same


DEFAULT_GLOBALS: Final[dict[str, Callable[..., Any]]] = {
    "range": range,
    "dict": dict,
    "lipsum": lipsum,
    "cycler": Cycler,
    "joiner": Joiner,
    "namespace": Namespace,
}
