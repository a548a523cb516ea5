"""Whether what follows two places may be the same: where branches meet, and where a loop begins again."""

from __future__ import annotations

from dataclasses import replace

from martlet.templates.escaping.attribute_kinds import is_special_name
from martlet.templates.escaping.places import Kind, Part, Place, Slash, State

__all__ = ["join", "join_freely"]

_EARLY = frozenset({Part.START, Part.OPEN, Part.PATH, Part.AUTHORITY, Part.HOST})


def join_freely(first: Place, second: Place) -> Place | None:
    """The place that stands for both and loses nothing by it; None if there is none.

    >>> join_freely(Place(State.SCRIPT, slash=Slash.START), Place(State.SCRIPT, slash=Slash.OPERATOR)).slash.name
    'OPERATOR'
    """
    if first == second:
        return first
    if first.state is State.DEAD:
        return second
    if second.state is State.DEAD:
        return first
    if {first.state, second.state} == {State.TAG, State.AFTER_NAME}:  # a `=` behind either is refused, unless it is behind both
        return _join_names(first, second)
    if first.within != second.within:
        within = _join_within(first, second)
        return None if within is None else join_freely(replace(first, within=within), replace(second, within=within))
    started = replace(first, started=second.started)
    if first.delimiter != " " and started == second:
        return started
    slashes = (first.slash, second.slash)
    known = Slash.UNKNOWN not in slashes and (Slash.DOT in slashes) == (slashes == (Slash.DOT, Slash.DOT))
    if known and first.slash.divides == second.slash.divides and replace(started, slash=second.slash) == second:
        return replace(started, slash=Slash.VALUE if first.slash.divides else Slash.OPERATOR)
    return None


def join(first: Place, second: Place) -> Place | None:
    """The place that stands for both, with what they differ in unknown: it is refused only where something depends on that.

    >>> join(Place(State.URL, '"', part=Part.PATH), Place(State.URL, '"', part=Part.QUERY)).part.name
    'UNKNOWN'
    """
    freely = join_freely(first, second)
    if freely is not None:
        return freely
    within = _join_within(first, second)
    if within is None:
        return None
    first, second = replace(first, within=within), replace(second, within=within)
    if first.state in _NAMES and second.state in _NAMES:
        return _join_names(first, second)
    brackets = _join_brackets(first.brackets, second.brackets)
    if brackets is None:
        return None
    joined = replace(
        second,
        part=_join_parts(first, second),
        slash=_join_slashes(first, second),
        brackets=brackets,
        fresh=first.fresh or second.fresh,
        started=first.started and second.started,
        hint=first.hint if first.hint == second.hint else "?",
        inner=_join_inner(first.inner, second.inner),
    )
    alike = replace(
        joined,
        part=first.part,
        slash=first.slash,
        brackets=first.brackets,
        fresh=first.fresh,
        started=first.started,
        hint=first.hint,
        inner=first.inner,
    )
    return joined if alike == first and (joined.inner is None) == (first.inner is None) else None


_NAMES = (State.TAG_NAME, State.TAG, State.AFTER_NAME, State.ATTRIBUTE_NAME)


def _join_names(first: Place, second: Place) -> Place | None:
    """Behind the name of an attribute or between two: what follows may end the name, but not go on with it."""
    for place in (first, second):
        if place.name and is_special_name(place.name):
            return None
    is_between = not {first.state, second.state} & {State.ATTRIBUTE_NAME, State.TAG_NAME}
    state, kind = (State.TAG, Kind.PLAIN) if is_between else (State.ATTRIBUTE_NAME, Kind.COMPUTED)
    bare = [replace(place, state=state, name="", kind=kind) for place in (first, second)]
    return bare[0] if bare[0] == bare[1] else None


def _join_within(first: Place, second: Place) -> str | None:
    """What is open behind both: the more, the more is refused; but a script is open behind both or behind none."""
    if ("script" in first.within.split()) != ("script" in second.within.split()):
        return None
    return max(first.within, second.within, key=len)


def _join_inner(first: Place | None, second: Place | None) -> Place | None:
    return None if first is None or second is None else join(first, second)


def _join_parts(first: Place, second: Place) -> Part:
    if first.part is second.part:
        return first.part
    parts = {first.part, second.part}
    if first.kind is Kind.CODE_URL:
        return Part.OPEN if parts <= {Part.START, Part.OPEN, Part.PATH} else Part.UNKNOWN
    # What is fit where a colon could make a scheme is fit in all of these.
    return Part.OPEN if parts <= _EARLY else Part.UNKNOWN


def _join_slashes(first: Place, second: Place) -> Slash:
    if first.slash is second.slash and first.fresh is second.fresh:
        return first.slash
    if (
        Slash.UNKNOWN not in (first.slash, second.slash)
        and first.slash.divides == second.slash.divides
        and first.fresh is second.fresh
    ):
        return Slash.VALUE if first.slash.divides else Slash.OPERATOR
    return Slash.UNKNOWN


def _join_brackets(first: str, second: str) -> str | None:
    """Brackets may differ where none of them ends a substitution in a template literal, or the program in a trigger."""
    if first == second:
        return first
    return None if set("`t") & {*first, *second} else "?"
