"""Parameters that come from text: of the path, the query, the header section, the cookies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

import msgspec

from martlet.handling.signatures.functions import MISSING, Parameter
from martlet.handling.signatures.markers import Cookie, Header, Query
from martlet.handling.signatures.path_converters import PATH_CONVERTERS, path_type
from martlet.handling.signatures.sources import FromField, FromPath
from martlet.handling.signatures.type_kinds import sequence_of, type_name
from martlet.messages import FieldName
from martlet.rendering import ScalarError, is_scalar, scalar_converter

GIVEN: Final[Mapping[str, Any]] = {  # what each built-in converter gives
    **{name: kind for kind, name in PATH_CONVERTERS.items()},
    **dict.fromkeys(("path", "slug"), str),
}


class UnbindableError(Exception):
    """A parameter that cannot come from where it is asked from; the binder adds whose it is and where."""

    def __init__(self, what: str, cure: str) -> None:
        """Keep both parts."""
        super().__init__(f"{what} {cure}")
        self.what = what
        self.cure = cure


def path_source(parameter: Parameter, stated: str | None) -> FromPath:
    """Bind a parameter of the pattern; `stated` is the converter the pattern names, None if the annotation picks it.

    Raises UnbindableError where the two disagree.
    """
    core, is_bounded = path_type(parameter.annotation)
    given = GIVEN.get(stated) if stated is not None else core if is_scalar(core) else str
    if stated in GIVEN and core not in (MISSING, Any, given) and (given is not str or core in PATH_CONVERTERS):
        raise UnbindableError(
            f"is annotated {type_name(core)}, but the pattern says {{{parameter.name}:{stated}}}",
            "Let the two agree, or leave the converter out of the pattern: the annotation picks it",
        )
    try:
        if core in (MISSING, Any, given):
            return FromPath(parameter.name, _narrowing(parameter.annotation) if is_bounded else None)
        if given is str and is_scalar(core):
            return FromPath(parameter.name, scalar_converter(parameter.annotation))
    except TypeError as error:
        raise UnbindableError(f"cannot be read from the path: {error}", "Mend its annotation") from error
    if stated is None:
        raise UnbindableError(
            f"is annotated {type_name(core)}, which no converter of paths gives",
            "Annotate str, int, float, a UUID, a date or the like, or name a converter of your own in the pattern",
        )
    return FromPath(parameter.name)  # a custom converter's value


def marked_source(parameter: Parameter, marker: object) -> FromField | None:
    """Bind what stands in `Annotated` beside the type, None if it says nothing; raises UnbindableError."""
    if isinstance(marker, type) and marker in {Query, Header, Cookie}:
        marker = marker()
    match marker:
        case Query(name):
            return field_source(parameter, "query", name or parameter.name)
        case Header(name, required):
            source = field_source(parameter, "header", (name or parameter.name.replace("_", "-")).lower())
            is_free = not required and parameter.default is MISSING
            return replace(source, default=None, blank_is_absent=True) if is_free else source
        case Cookie(name):
            return field_source(parameter, "cookie", name or parameter.name)
        case _:
            return None


def field_source(parameter: Parameter, location: Literal["query", "header", "cookie"], name: str) -> FromField:
    """Bind a scalar, or a sequence of scalars; raises UnbindableError for any other type."""
    item: Any = str if parameter.type is MISSING else parameter.annotation
    collect: Callable[[list[Any]], Any] | None = None
    sequence = sequence_of(parameter.core)
    if sequence is not None:
        item, collect = sequence
    try:
        convert = scalar_converter(item)
        if collect is not None and any(isinstance(extra, msgspec.Meta) for extra in parameter.metadata):
            collect = _collecting(collect, parameter.annotation)
    except TypeError as error:
        raise UnbindableError(
            f"cannot be read from a {location} field: {str(error).partition(':')[0].rstrip('.')}",
            "Take a scalar or a sequence of scalars, one parameter for each field"
            + (", or all of them as a QueryString" if location == "query" else ""),
        ) from error
    blank_is_absent = False
    try:
        convert("")
    except ScalarError:
        blank_is_absent = True
    name = str.__str__(name)  # an exact str, since its repr will stand in generated code
    return FromField(location, name, FieldName(name.lower()), convert, collect, blank_is_absent, parameter.default)


def _collecting(collect: Callable[[list[Any]], Any], annotation: Any) -> Callable[[list[Any]], Any]:
    """Check the bounds of the sequence itself, such as its length."""
    msgspec.inspect.type_info(annotation)

    def collected(items: list[Any]) -> Any:
        try:
            return msgspec.convert(collect(items), annotation)
        except msgspec.ValidationError as error:
            raise ScalarError(str(error)) from error

    return collected


def _narrowing(annotation: Any) -> Callable[[Any], Any]:
    msgspec.inspect.type_info(annotation)  # a TypeError for bounds that do not suit the type

    def narrow(value: Any) -> Any:
        return msgspec.convert(value, annotation)

    return narrow
