"""`urlize`: makes links of the addresses in a plain text. Linear in its length, whatever stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup, escape

from martlet.templates.errors import TemplateRuntimeError
from martlet.templates.runtime.passing import EvalContext, pass_eval_context

__all__ = ["urlize"]

SPACES: Final = re.compile(r"(\s+)")
OPENING: Final = re.compile(r"(?:\(|&lt;)+")
CLOSING: Final = (")", ".", ",", "&gt;")
SCHEME: Final = re.compile(r"[\w.+-]{2,}:/{0,2}")
EMAIL: Final = re.compile(r"\S+@\w[\w.-]*\.\w+")
WEB_ADDRESS: Final = re.compile(
    r"""
    (?:
        (?: https?:// | www\. ) (?: [\w%-]+\. )* (?: [a-z]{2,63} | xn--[\w%]{2,59} )  # marked as an address, any top domain
      | (?: [\w%-]{2,63}\. )+ (?: com | net | int | edu | gov | org | info | mil )    # not marked: a well-known top domain
      | https?:// (?: \d{1,3} (?: \.\d{1,3} ){3} | \[ (?: [\da-f]{0,4}: ){2} (?: [\da-f]{0,4}:? ){1,6} \] )  # by number
    )
    (?: :\d{1,5} )?
    (?: [/?\#]\S* )?
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Style:
    """How links are written: the attributes behind `href`, and the length at which a shown address is cut."""

    attributes: str
    limit: int | None
    schemes: tuple[str, ...]

    def link(self, href: str, shown: str) -> str:
        if self.limit is not None and len(shown) > self.limit:
            shown = f"{shown[: self.limit]}..."
        return f'<a href="{href}"{self.attributes}>{shown}</a>'


@pass_eval_context
def urlize(  # noqa: PLR0917, RUF100 -- the order is that of templates
    context: EvalContext,
    value: Any,
    trim_url_limit: int | None = None,
    nofollow: bool = False,  # noqa: FBT001, FBT002 -- a template's
    target: str | None = None,
    rel: str | None = None,
    extra_schemes: Iterable[str] | None = None,
) -> str:
    """The text, escaped, with links where it has addresses: `https://…`, `www.…`, `example.org`, `mailto:…`, `name@example.org`.

    Brackets and full stops around an address stay outside of the link, unless they belong to it.

    trim_url_limit: an address is shown up to so many characters. nofollow, rel, target: attributes of the links.
    extra_schemes: words that begin with one of these are links too, such as "tel:". rel, target and extra_schemes have their
    defaults in the policies "urlize.rel", "urlize.target" and "urlize.extra_schemes".
    Raises TemplateRuntimeError for an extra scheme that is none.
    """
    policies = context.engine.policies
    relations = {*(rel or "").split(), *(policies["urlize.rel"] or "").split(), *(("nofollow",) if nofollow else ())}
    target = policies["urlize.target"] if target is None else target
    schemes = tuple((policies["urlize.extra_schemes"] or ()) if extra_schemes is None else extra_schemes)
    for scheme in schemes:
        if SCHEME.fullmatch(scheme) is None:
            raise TemplateRuntimeError(f"{scheme!r} is not the beginning of a URL; give its scheme with the colon, as in 'tel:'")
    attributes = f' rel="{escape(" ".join(sorted(relations)))}"' if relations else ""
    attributes += f' target="{escape(target)}"' if target else ""
    style = _Style(attributes, trim_url_limit, schemes)
    words = [_word(word, style) for word in SPACES.split(str(escape(value)))]
    return Markup("".join(words)) if context.autoescape else "".join(words)  # noqa: S704 -- escaped before any tag was added


def _word(word: str, style: _Style) -> str:
    if not word or word.isspace():
        return word
    head, address, tail = _parts(word)
    return head + _linked(address, style) + tail


def _parts(word: str) -> tuple[str, str, str]:
    """What opens before an address, the address, and what closes behind it."""
    opening = OPENING.match(word)
    start = opening.end() if opening else 0
    end = len(word)
    while end > start and word.endswith(CLOSING, start, end):
        end -= 4 if word[end - 1] == ";" else 1
    # A bracket that is opened within the address is closed by one behind it, which then belongs to the address.
    for opener, closer in (("(", ")"), ("&lt;", "&gt;")):
        opened = word.count(opener, start, end)
        if opened > word.count(closer, start, end):
            end = _end_after(word, closer, end, opened)
    return word[:start], word[start:end], word[end:]


def _end_after(word: str, closer: str, end: int, times: int) -> int:
    """Where the closer has been met so many times from `end` on, or where it is met last."""
    for _ in range(times):
        found = word.find(closer, end)
        if found < 0:
            break
        end = found + len(closer)
    return end


def _linked(address: str, style: _Style) -> str:
    if WEB_ADDRESS.fullmatch(address):
        return style.link(address if address.startswith(("https://", "http://")) else f"https://{address}", address)
    if address.startswith("mailto:") and EMAIL.fullmatch(address, 7):
        return f'<a href="{address}">{address[7:]}</a>'
    if ":" not in address and not address.startswith(("www.", "@")) and "@" in address and EMAIL.fullmatch(address):
        return f'<a href="mailto:{address}">{address}</a>'
    for scheme in style.schemes:
        if address != scheme and address.startswith(scheme):
            return f'<a href="{address}"{style.attributes}>{address}</a>'
    return address
