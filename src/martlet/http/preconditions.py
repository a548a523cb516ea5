"""Conditions on a request: whether it goes on, the client's copy is still good (304), or the state changed under it (412).

Source: RFC 9110, Section 13. Not here: If-Range, which only chooses between a part and the whole (ranges.py).
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from martlet.http.dates import parse_http_date
from martlet.http.methods import RETRIEVALS
from martlet.http.validators import Validators, received_etags

__all__ = ["PreconditionStatus", "evaluate_preconditions"]

PreconditionStatus: TypeAlias = Literal[304, 412] | None

# Safe and cached like GET (RFC 9110, Section 13.1.2 knew only the first two).
# No representation is selected or changed by these, so conditions on one mean nothing (Section 13.2.1).
_WITHOUT_REPRESENTATION: Final = frozenset({"CONNECT", "OPTIONS", "TRACE"})


def evaluate_preconditions(
    method: str,
    validators: Validators | None,
    *,
    if_match: str | None = None,
    if_none_match: str | None = None,
    if_modified_since: str | None = None,
    if_unmodified_since: str | None = None,
) -> PreconditionStatus:
    """None where the request goes on; 304 or 412 is the answer otherwise. In the order of RFC 9110, Section 13.2.2.

    validators: of the current representation; None where there is none, so that `If-Match: *` fails and `If-None-Match: *` holds.
    A date that is not valid counts as no condition; If-Modified-Since concerns only GET, HEAD and QUERY.

    >>> from martlet.http.validators import ETag
    >>> current = Validators(ETag("7"))
    >>> evaluate_preconditions("GET", current, if_none_match='"6", "7"')
    304
    >>> evaluate_preconditions("PUT", current, if_match='"6"')
    412
    >>> evaluate_preconditions("PUT", current, if_match='"7"')
    """
    if method in _WITHOUT_REPRESENTATION:
        return None
    if if_match is not None:
        if not _if_match_holds(if_match, validators):
            return 412
    elif if_unmodified_since is not None and _is_changed_since(if_unmodified_since, validators):
        return 412
    if if_none_match is not None:
        if _matches_any(if_none_match, validators):
            return 304 if method in RETRIEVALS else 412
    elif if_modified_since is not None and method in RETRIEVALS and _is_changed_since(if_modified_since, validators) is False:
        return 304
    return None


def _if_match_holds(text: str, validators: Validators | None) -> bool:
    """Whether the current representation is one of those If-Match lists, by the strong comparison (Section 13.1.1)."""
    if validators is None:
        return False
    if text.strip(" \t") == "*":
        return True
    tag = validators.etag
    return tag is not None and not tag.weak and any(not weak and value == tag.value for weak, value in received_etags(text))


def _is_changed_since(text: str, validators: Validators | None) -> bool | None:
    """Whether the representation changed after this date; None where the date is not valid or the change's time not known."""
    if validators is None or validators.last_modified is None:
        return None
    if text == validators.last_modified_text:  # PERF: what clients send is what they got; parsing a date takes 1.5 µs
        return False
    moment = parse_http_date(text.strip(" \t"))
    return None if moment is None else validators.last_modified > moment


def _matches_any(text: str, validators: Validators | None) -> bool:
    """Whether If-None-Match lists the current representation, by the weak comparison (Section 13.1.2)."""
    if validators is None:
        return False
    if text == validators.etag_text or text.strip(" \t") == "*":
        return True
    tag = validators.etag
    return tag is not None and any(value == tag.value for _, value in received_etags(text))
