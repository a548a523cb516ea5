"""A value that is the whole name of a tag, as in `<{{ tag }} class="…">` and `</{{ tag }}>`.

What stands in a tag is escaped at compile time, so the name may be that of any element whose content and attributes are read as
those of a plain one. Of a value that is no such name no page can be made, and rendering ends with an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from martlet.templates.errors import TemplateRuntimeError
from martlet.templates.escaping.page_values import plain
from martlet.templates.escaping.places import Kind, Place
from martlet.templates.escaping.refusals import RefusalError
from martlet.templates.syntax import nodes

__all__ = ["REFUSED", "REFUSED_IN_XML", "WRONG_IN_NAME", "check_tag_name", "named_by_text", "opened_tag", "tag_names"]

# Their content is no HTML, or their attributes load or run what they name, or they are the page itself.
_REFUSED = (
    "script style title textarea iframe noembed noframes noscript xmp plaintext listing svg math template base link meta object "
    "embed applet frame frameset param portal fencedframe html head body set animate animatemotion animatetransform use "
    "foreignobject"
)
REFUSED: Final = frozenset(_REFUSED.split())
REFUSED_IN_XML: Final = REFUSED - {"title", "head", "body", "param", "template", "math"}
# In a name of a tag or of an attribute; a blank that is none for HTML, such as a no-break space, would join it with what follows.
WRONG_IN_NAME: Final = re.compile(r"[\"'<=\x00-\x1f\x7f]|\s")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*").fullmatch
_MARK = re.compile(r"[<>=]").search
_WITHIN = re.compile(r"\s*|[\w:.-]+").fullmatch
_CLOSES = re.compile(r"\s*>").match


def tag_names(refused: frozenset[str] = REFUSED) -> Callable[[Any], str]:
    """For a value that is the name of a tag; raises TemplateRuntimeError for one that is none, or that is not for values.

    >>> tag_names()("h2"), tag_names()("my-card")
    ('h2', 'my-card')
    """

    def tag_name(value: Any) -> str:
        text = plain(value)
        if not _NAME(text):
            raise TemplateRuntimeError(
                f"the value {text[:40]!r} behind a '<' cannot be the name of a tag, which is letters, digits and hyphens: "
                "check it before, or write `&lt;` if no tag is meant"
            )
        if text.lower() in refused:
            raise TemplateRuntimeError(
                f"no value may be the name of a <{text}>, whose inside is escaped in another way: write that tag out, in an `if`"
            )
        return text

    return tag_name


def check_tag_name(name: str, at: int) -> None:
    """Raise RefusalError for what only a quote, a bracket or a blank that is missing puts into the name of a tag."""
    wrong = WRONG_IN_NAME.search(name)
    if wrong is not None:
        raise RefusalError(f"{wrong[0]!r} in the name of a tag: write `&lt;` if none is meant", at + wrong.start())


def named_by_text(place: Place, name: str, at: int) -> Place:
    """The place in the name of a tag behind what a text gives of it, which a value or an `if` began; raises RefusalError."""
    if place.started and name:
        raise RefusalError("nothing may follow a value in a tag's name: let the value be the whole name, or write `&lt;`", at)
    if not (place.started or name[:1].isalpha()):
        raise RefusalError("no name of a tag begins so: write `&lt;` if no tag is meant", at)
    return replace(place, kind=Kind.PLAIN, started=False)


def opened_tag(text: str, behind: Sequence[nodes.Statement], upcoming: str) -> str:
    """The `<` or `</` that ends a text, if the value or the `if` behind it is meant as the name of a tag; else nothing.

    behind: what follows the text. upcoming: the text behind all this, as far as it is known.
    """
    opening = "</" if text.endswith("</") else "<" if text.endswith("<") else ""
    if not opening or not behind:
        return ""
    if isinstance(behind[0], nodes.If):
        return opening if any(map(_begins_name, [*(body for _, body in behind[0].branches), behind[0].otherwise])) else ""
    if not isinstance(behind[0], nodes.Print) or _is_written_otherwise(behind[0].value):
        return ""
    following = behind[1] if len(behind) > 1 else None
    rest = upcoming if following is None else following.text if isinstance(following, nodes.Text) else ""
    if opening == "</":
        return opening if _CLOSES(rest) else ""
    if rest and not (rest[0].isalnum() or rest[0].isspace() or rest[0] in "/>-:._"):
        return ""
    mark = _MARK(rest)
    if mark is None:  # then it is meant, if there is nothing but blanks, or more of a name, up to what else stands in the tag
        return opening if _WITHIN(rest) and len(behind) > 1 + (rest != "") else ""
    return opening if mark[0] != "<" else ""


def _is_written_otherwise(value: nodes.Expression) -> bool:
    """Whether this is a text that is no such name: then it is shown, as `<{{ "script" }}>` in a page about HTML."""
    if not isinstance(value, nodes.Literal):
        return False
    return not isinstance(value.value, str) or not _NAME(value.value) or value.value.lower() in REFUSED


def _begins_name(body: nodes.Body) -> bool:
    return bool(body) and isinstance(body[0], nodes.Text) and body[0].text[:1].isalpha()
