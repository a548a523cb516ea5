"""A route's validator, asked before the work is done: who has this state already, or means another one, costs nearly nothing.

What it tells is compared after the guards, the Accept and the Content-Type have let the request pass, since conditions count only
where the answer would be a success (RFC 9110, Section 13.2.1), and before the body is read and the handler called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from martlet.declaration_errors import DeclarationError
from martlet.handling.answering.representations import PAGE_SUFFIX, Representation, RepresentationChoice
from martlet.handling.answering.results import Result
from martlet.handling.declaring.options import RouteOptions
from martlet.handling.declaring.routes import Declaration
from martlet.handling.signatures.binding_rule import Binder
from martlet.handling.signatures.functions import MISSING, Function, read_function, union_members
from martlet.handling.signatures.sources import Bound, FromBody, all_sources
from martlet.handling.signatures.type_kinds import type_name
from martlet.http import (
    RETRIEVALS,
    BadETagError,
    ETag,
    Headers,
    NotAcceptableError,
    PreconditionRequiredError,
    Validators,
    evaluate_preconditions,
    parse_http_date,
)
from martlet.messages import (
    ACCEPT,
    IF_MATCH,
    IF_NONE_MATCH,
    IF_UNMODIFIED_SINCE,
    NO_HEADERS,
    PreparedHeaders,
    Request,
    Response,
    add_validator_headers,
    answer_precondition,
    precondition_status,
)

SAFE: Final = RETRIEVALS | {"OPTIONS", "TRACE"}
TOLD_BY: Final = (ETag, Validators, datetime, str, type(None))
_QUOTED_END: Final = re.compile(r';[!#-:<-~]+"')


class RouteValidator:
    """What a route does with the value of its validator, which is the function `bound`.

    choose: tells the representation where a request's is not known when the validator is asked.
    fields: of the answer, as far as they are known beforehand.
    suffixes: what the tags of all representations but the first end with.
    """

    __slots__ = ("_choose", "_fields", "_is_required", "_suffixes", "bound")

    def __init__(
        self,
        bound: Bound,
        *,
        choose: RepresentationChoice | None,
        fields: PreparedHeaders,
        suffixes: Iterable[str],
        is_required: bool,
    ) -> None:
        """is_required: a method that changes something must say which state it means (RFC 6585, Section 3)."""
        self.bound = bound
        self._choose = choose
        self._fields = fields
        self._suffixes = frozenset(suffixes)
        self._is_required = is_required

    def __call__(
        self, request: Request, value: object, representation: Representation | None
    ) -> tuple[Validators | None, Response | None]:
        """The validators that the answer is to tell, and the answer itself where it is 304.

        Raises PreconditionFailedError, and PreconditionRequiredError where a condition is missing that is asked for.
        """
        validators = read_validators(value)
        if request.method not in RETRIEVALS:
            self._check_change(request, validators)
            return None, None
        if validators is None:  # most likely there is nothing, which the handler says better than 412 does
            return None, None
        validators = self._of_representation(request, _of_the_past(validators), representation)
        status = precondition_status(request, validators)
        if status is None:
            return validators, None
        fields = self._fields if representation is None else representation.fields
        told = Headers.from_wire([*fields.text, *validators.fields])
        add_validator_headers(told, validators)
        return validators, answer_precondition(status, told.items())

    def _check_change(self, request: Request, validators: Validators | None) -> None:
        match, none_match = request.field(IF_MATCH), request.field(IF_NONE_MATCH)
        unmodified = request.field(IF_UNMODIFIED_SINCE)
        if self._is_required and request.method not in SAFE and not _names_state(validators, match, none_match, unmodified):
            raise PreconditionRequiredError(
                "Say which state this is to change: send If-Match with the ETag of what you read, or If-None-Match: * to create."
            )
        answer_precondition(
            evaluate_preconditions(
                request.method,
                validators,
                if_match=self._without_suffixes(match),
                if_none_match=self._without_suffixes(none_match),
                if_unmodified_since=unmodified,
            )
        )

    def _of_representation(self, request: Request, validators: Validators, representation: Representation | None) -> Validators:
        """Give each representation a tag of its own: a strong one must tell JSON from MessagePack (Section 8.8.1)."""
        if representation is None and self._choose is not None:
            try:
                representation = self._choose(request.field(ACCEPT))
            except NotAcceptableError:  # of a value that may not be negotiated at all
                return validators
        tag = validators.etag
        if representation is None or not representation.tag_suffix or tag is None:
            return validators
        own_tag = ETag(f"{tag.value}{representation.tag_suffix}", tag.weak)
        return Validators(own_tag, validators.last_modified, validators.headers)

    def _without_suffixes(self, text: str | None) -> str | None:
        """The tags of the state itself: whoever read any representation of it may change it."""
        if text is None or ";" not in text:
            return text
        return _QUOTED_END.sub(lambda found: '"' if found[0][:-1] in self._suffixes else found[0], text)


def plan_validator(
    declaration: Declaration,
    bound: Sequence[Bound],
    choose_data: RepresentationChoice,
    choose: RepresentationChoice | None,
    result: Result,
) -> RouteValidator | None:
    """Make what asks a route's validator, if it has one; raises DeclarationError where one is missing.

    choose_data: the representations of all routes without a page. choose: those of this route, where they are known beforehand.
    """
    is_required = declaration.options.get("requires_precondition", False)
    if bound:
        return RouteValidator(
            bound[0],
            choose=choose_data if choose is None and result.kind in {"unknown", "mixed"} else None,
            fields=result.fields or NO_HEADERS,
            suffixes=[PAGE_SUFFIX, *choose_data.tag_suffixes],
            is_required=is_required,
        )
    if is_required and declaration.files is None:  # files have validators of their own
        raise DeclarationError(
            f"{declaration.pattern} requires a precondition, and has no validator to compare it with.",
            declaration.where,
            "Add validator=…, a function that tells the present state, or write requires_precondition=False here.",
        )
    return None


def bound_validators(binder: Binder, options: RouteOptions) -> list[Bound]:
    """Bind a route's validator, if it has one, by the one rule; raises DeclarationError for what cannot be one."""
    check = options.get("validator")
    if check is None:
        return []
    function = read_function(check, inline=options.get("inline", False))
    bound = binder.bind(function)
    if any(isinstance(source, FromBody) for source in all_sources(bound)):
        raise DeclarationError(
            f"The validator {function.name} asks for the body, which is read only after it has spoken.",
            function.where,
            "Take the path, the query, fields and what is provided.",
        )
    if function.is_generator or not _tells_state(function):
        what = "is a generator" if function.is_generator else f"returns {type_name(function.result)}"
        raise DeclarationError(
            f"The validator {function.name} {what}, which tells no state.",
            function.where,
            "Return an ETag, a str (the tag's value), a datetime, Validators of both, or None where there is nothing.",
        )
    return [bound]


def read_validators(value: object) -> Validators | None:
    """What a validator's value says; a text that no tag can hold is hashed.

    Raises TypeError for a value that tells no state, ValueError for a datetime without a zone.

    >>> read_validators("v7"), read_validators(None)
    (Validators(etag=ETag(value='v7', weak=False), last_modified=None), None)
    """
    match value:
        case None | Validators():
            return value
        case ETag():
            return Validators(value)
        case str():
            return Validators(_tag_of(value))
        case datetime():
            return Validators(last_modified=value)
        case _:
            raise TypeError(f"A validator gave {type(value).__name__}: return an ETag, a str, a datetime, Validators or None.")


def _of_the_past(validators: Validators) -> Validators:
    """Leave out a time to come, which no answer may tell (RFC 9110, Section 8.8.2.1)."""
    changed = validators.last_modified
    return (
        validators if changed is None or changed <= datetime.now(UTC) else Validators(validators.etag, None, validators.headers)
    )


def _tag_of(value: str) -> ETag:
    try:
        return ETag.parse(value) or ETag(value)
    except BadETagError:
        return ETag.of(value.encode("utf-8", "surrogatepass"))


def _tells_state(function: Function) -> bool:
    if function.result is MISSING or function.result is Any:
        return True
    members = [type(None) if member is None else member for member in union_members(function.result)]
    return all(isinstance(member, type) and issubclass(member, TOLD_BY) for member in members)


def _names_state(validators: Validators | None, match: str | None, none_match: str | None, unmodified: str | None) -> bool:
    """Whether some condition holds the change to one state; a date that is not compared does not."""
    if match is not None or (none_match is not None and none_match.strip(" \t") == "*"):
        return True
    is_compared = validators is not None and validators.last_modified is not None
    return is_compared and unmodified is not None and parse_http_date(unmodified.strip(" \t")) is not None
