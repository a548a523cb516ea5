"""Filters that change text: case, trimming, wrapping, replacing.

What is no text yet becomes it; markup stays markup where the change cannot break it.
"""

from __future__ import annotations

import re
import textwrap
from pprint import pformat
from typing import Any, Final

from markupsafe import Markup, escape

from martlet.templates.errors import TemplateRuntimeError
from martlet.templates.runtime.passing import EngineLike, EvalContext, pass_engine, pass_eval_context

__all__ = [
    "as_text",
    "capitalize",
    "center",
    "format_text",
    "indent",
    "lower",
    "pretty_print",
    "replace",
    "title",
    "trim",
    "truncate",
    "upper",
    "word_count",
    "word_wrap",
]

WORD: Final = re.compile(r"\w+")
# Of a title: what follows a space, a hyphen or an opening bracket, so that an apostrophe is inside of a word.
TITLE_WORD: Final = re.compile(r"[^-\s({\[<]+")


def as_text(value: Any) -> str:
    """The value as text; what is text, such as markup, is kept as it is."""
    return value if isinstance(value, str) else str(value)


def upper(value: Any) -> str:
    """Upper case.

    >>> upper("a")
    'A'
    """
    return (value if isinstance(value, str) else str(value)).upper()


def lower(value: Any) -> str:
    """Lower case."""
    return (value if isinstance(value, str) else str(value)).lower()


def capitalize(value: Any) -> str:
    """The first letter in upper case, the others in lower case."""
    return (value if isinstance(value, str) else str(value)).capitalize()


def title(value: Any) -> str:
    """Every word with its first letter in upper case and the others in lower case.

    >>> title("ada's (second) notebook-page")
    "Ada's (Second) Notebook-Page"
    """
    return TITLE_WORD.sub(lambda word: word[0][0].upper() + word[0][1:].lower(), str(value))


def trim(value: Any, chars: str | None = None) -> str:
    """Without white space, or without these characters, at both ends."""
    return (value if isinstance(value, str) else str(value)).strip(chars)


def center(value: Any, width: int = 80) -> str:
    """In the middle of so many characters."""
    return as_text(value).center(width)


def indent(value: Any, width: int | str = 4, first: bool = False, blank: bool = False) -> str:  # noqa: FBT001, FBT002 -- a template's
    r"""Each line moved to the right.

    width: so many spaces, or this text. first: the first line too. blank: also lines on which nothing stands.

    >>> indent("a\nb", 2)
    'a\n  b'
    """
    text = as_text(value)
    kind = Markup if isinstance(text, Markup) else str
    space = kind(width if isinstance(width, str) else " " * width)
    newline = kind("\n")
    head, *rest = (text + newline).splitlines()
    body = newline.join([head, *(space + line if line or blank else line for line in rest)])
    return space + body if first else body


@pass_engine
def truncate(  # noqa: PLR0917, RUF100 -- the order is that of templates
    engine: EngineLike,
    value: Any,
    length: int = 255,
    killwords: bool = False,  # noqa: FBT001, FBT002 -- a template's
    end: str = "...",
    leeway: int | None = None,
) -> Any:
    """The beginning of a text and `end`, together no longer than `length`, if it is longer than that and `leeway`.

    killwords: cut within a word; else the last word that does not fit is left out whole.
    leeway: from the policy "truncate.leeway" if it is not given. Raises TemplateRuntimeError if `end` alone is too long.
    """
    text = as_text(value)
    spare: int = engine.policies["truncate.leeway"] if leeway is None else leeway
    if length < len(end) or spare < 0:
        raise TemplateRuntimeError(
            f"truncate needs a length of at least {len(end)}, that of {end!r}, and a leeway from 0 on, not {length} and {spare}"
        )
    if len(text) <= length + spare:
        return value  # as it is, so that what is undefined stays so
    kept = text[: length - len(end)]
    return (kept if killwords else kept.rsplit(" ", 1)[0]) + end


@pass_engine
def word_wrap(  # noqa: PLR0917, RUF100 -- the order is that of templates
    engine: EngineLike,
    value: Any,
    width: int = 79,
    break_long_words: bool = True,  # noqa: FBT001, FBT002 -- a template's
    wrapstring: str | None = None,
    break_on_hyphens: bool = True,  # noqa: FBT001, FBT002 -- the same
) -> str:
    """Lines no longer than `width`; those that are there stay apart.

    wrapstring: what stands between lines, the engine's newline if it is not given.
    """
    newline = engine.policies["newline"] if wrapstring is None else wrapstring
    wrapper = textwrap.TextWrapper(
        width, expand_tabs=False, replace_whitespace=False, break_long_words=break_long_words, break_on_hyphens=break_on_hyphens
    )
    return newline.join([newline.join(wrapper.wrap(line)) for line in as_text(value).splitlines()])


def word_count(value: Any) -> int:
    """How many words there are."""
    return len(WORD.findall(as_text(value)))


@pass_eval_context
def replace(context: EvalContext, value: Any, old: Any, new: Any, count: int | None = None) -> str:
    """With `new` where `old` stood, `count` times or everywhere; what is no markup is escaped when it meets markup."""
    times = -1 if count is None else count
    if not context.autoescape:
        return str(value).replace(str(old), str(new), times)
    if hasattr(old, "__html__") or (hasattr(new, "__html__") and not hasattr(value, "__html__")):
        value = escape(value)
    return as_text(value).replace(as_text(old), as_text(new), times)


def format_text(value: Any, /, *args: Any, **kwargs: Any) -> str:
    """Values put into a printf-style text.

    Raises TemplateRuntimeError if there are both positional and named values.

    >>> format_text("%s, %s!", "Hello", "Ada")
    'Hello, Ada!'
    """
    if args and kwargs:
        raise TemplateRuntimeError("format takes either positional or named values, not both")
    return as_text(value) % (kwargs or args)


def pretty_print(value: Any) -> str:
    """A value as Python writes it, broken into lines; for a look at what there is."""
    return pformat(value)
