"""The fields of a form, as pairs of name and text, to a value of a type.

A form has only text, leaves out what is not ticked, and sends what is left blank as "". So each field is read as a parameter is
(scalars.py); a blank that its type does not take counts as not sent, or as None where that is allowed; a list takes every value
of its name, and is empty without any; any other field takes the first, as `QueryString.get` does.
Not here: splitting an urlencoded body into pairs (http/query.py), or a multipart one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, MutableSequence
from collections.abc import Sequence as AbstractSequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import inspect

from martlet.http.errors import FieldError, ValidationError
from martlet.http.limits import Limits
from martlet.http.query import QueryString
from martlet.messages import CSRF_FIELD
from martlet.rendering.conversion import Conversion
from martlet.rendering.instances import check_decodable, instance_from_value
from martlet.rendering.invalid_bodies import NOT_VALID
from martlet.rendering.number_checks import number_check
from martlet.rendering.pydantic_models import is_model, model_errors, model_fields, validate_value
from martlet.rendering.scalars import ScalarError, is_scalar, scalar_converter
from martlet.rendering.type_shapes import DICT_NODES, member_for, name_of, type_of
from martlet.rendering.unfit_numbers import unfit_errors
from martlet.rendering.validation import ErrorCollector, format_pointer, listed_errors

__all__ = ["FormDecoder", "form_decoder", "one_field_decoder"]

FormDecoder = Callable[[Iterable[tuple[str, Any]]], Any]
Values = dict[str, Any]

_CONVERSION = Conversion(dec_hook=instance_from_value)
_DEFAULT_LIMITS = Limits()
_NOT_SENT: Any = object()
_NOTHING: AbstractSequence[Any] = ()
_NO_TEXT = "Expected a text, got a file"


def form_decoder(type_: Any, limits: Limits = _DEFAULT_LIMITS, *, objects: Collection[type[Any]] = ()) -> FormDecoder:
    """The function that makes a `type_` of a form's pairs; prepared once, before the first request.

    The type has fields of scalars and of lists of them: a Struct, a dataclass, a TypedDict, an attrs class, a model of pydantic;
    or it is a dict with such values. `Any` gives a dict of lists, QueryString the fields as they came.
    objects: classes of values that are no text, as uploaded files; a field of such a class takes them as they are, and no other
    field takes them at all.
    Raises TypeError for another type. What is returned raises ValidationError with every error there is.

    >>> form_decoder(dict[str, int])([("a", "1"), ("b", "2"), ("a", "3")])
    {'a': 1, 'b': 2}
    """
    kept = FormField(_from_text(_as_it_is)) if objects else FormField(_as_it_is)
    if type_ is QueryString:
        return _only_texts(QueryString.from_pairs, limits) if objects else QueryString.from_pairs
    if type_ in (Any, object, dict):
        return _only_texts(_grouped, limits) if objects else _grouped
    if is_model(type_):
        return _FormReader(_model_fields(type_, objects), kept, _model_maker(type_, limits)).read
    check_decodable(type_, objects)
    node = member_for(inspect.type_info(type_), {})
    fields: dict[str, FormField] = {}
    make = _maker(type_, limits, fields)
    if isinstance(node, DICT_NODES):
        return _FormReader({}, _field(type_of(node.value_type), objects), make).read
    if not isinstance(node, inspect.StructType | inspect.DataclassType | inspect.TypedDictType):
        raise TypeError(f"A form cannot become {name_of(type_)}: use a dataclass, a msgspec.Struct, a TypedDict or a dict.")
    for field in node.fields:
        try:
            read = _field(type_of(field.type), objects)
        except TypeError as error:
            raise TypeError(f"Of {name_of(type_)} the field {field.encode_name!r} is none that a form has: {error}") from None
        fields[field.encode_name] = replace(read, when_absent=[]) if read.is_list and field.required else read
    keeps_unknown = isinstance(node, inspect.StructType) and node.forbid_unknown_fields
    return _FormReader(fields, kept if keeps_unknown else None, make).read


def one_field_decoder(
    name: str,
    type_: Any,
    limits: Limits = _DEFAULT_LIMITS,
    *,
    objects: Collection[type[Any]] = (),
    default: Any = msgspec.NODEFAULT,
) -> FormDecoder:
    """The function that makes the value of one field, whatever else the form has.

    default: for a field that was not sent, or left empty.
    Raises TypeError as `form_decoder` does; what is returned raises ValidationError.

    >>> one_field_decoder("year", int, default=1854)([("title", "Walden")])
    1854
    """
    field = (name, type_) if default is msgspec.NODEFAULT else (name, type_, msgspec.field(default_factory=lambda: default))
    read, value = form_decoder(msgspec.defstruct("Form", [field]), limits, objects=objects), attrgetter(name)
    return lambda pairs: value(read(pairs))


@dataclass(frozen=True, slots=True)
class FormField:
    """How the values of one name become one value.

    convert: one value to the field's, or to an item of its list; raises ScalarError.
    takes_blank: whether "" is such a value; where it is not, it counts as not sent, or as None if `takes_none`.
    """

    convert: Callable[[Any], Any]
    is_list: bool = False
    takes_blank: bool = True
    takes_none: bool = False
    when_absent: Any = _NOT_SENT

    def read(self, name: str, given: AbstractSequence[Any], errors: list[FieldError]) -> Any:
        """The field's value, or _NOT_SENT; what is wrong goes to `errors`."""
        if not given:
            return self.when_absent
        if self.is_list:
            kept = given if self.takes_blank else [value for value in given if value != ""]
            items = [self._convert(value, (name, index), errors) for index, value in enumerate(kept)]
            return _NOT_SENT if _NOT_SENT in items else items
        value = given[0]
        if value == "" and not self.takes_blank:
            return None if self.takes_none else _NOT_SENT
        return self._convert(value, (name,), errors)

    def _convert(self, value: Any, path: tuple[str | int, ...], errors: list[FieldError]) -> Any:
        try:
            return self.convert(value)
        except ScalarError as error:
            errors.append(FieldError(format_pointer(path), str(error)))
            return _NOT_SENT


def _as_it_is(value: Any) -> Any:
    return value


class _FormReader:
    """Reads the pairs of a form: `fields` by name, `other` for every other name, unless those are ignored."""

    __slots__ = ("_fields", "_make", "_other")

    def __init__(
        self, fields: Mapping[str, FormField], other: FormField | None, make: Callable[[Values, list[FieldError]], Any]
    ) -> None:
        self._fields = fields
        self._other = other
        self._make = make

    def read(self, pairs: Iterable[tuple[str, Any]]) -> Any:
        """The value that the pairs make. Raises ValidationError."""
        given = _grouped(pairs)
        errors: list[FieldError] = []
        values: Values = {}
        for name, field in self._fields.items():
            value = field.read(name, given.pop(name, _NOTHING), errors)
            if value is not _NOT_SENT:
                values[name] = value
        if self._other is not None:
            given.pop(CSRF_FIELD, None)
            others = {name: self._other.read(name, items, errors) for name, items in given.items()}
            values.update({name: value for name, value in others.items() if value is not _NOT_SENT})
        return self._make(values, errors)


def _only_texts(make: FormDecoder, limits: Limits) -> FormDecoder:
    """What makes a value of any fields, for forms that may have files in them too."""

    def make_of_texts(pairs: Iterable[tuple[str, Any]]) -> Any:
        given = list(pairs)
        errors = [FieldError(format_pointer((name,)), _NO_TEXT) for name, value in given if not isinstance(value, str)]
        if errors:
            raise ValidationError(NOT_VALID, errors=listed_errors(errors, limits.errors_listed))
        return make(given)

    return make_of_texts


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    given = defaultdict[str, list[Any]](list)
    for name, value in pairs:
        given[name].append(value)
    return given


def _maker(type_: Any, limits: Limits, fields: Collection[str]) -> Callable[[Values, list[FieldError]], Any]:
    """The function that makes the value of what the fields gave, or raises every error there is, in the order of the fields."""
    collector = ErrorCollector(type_, _CONVERSION, limit=limits.errors_listed)

    def make(values: Values, errors: list[FieldError]) -> Any:
        if not errors:
            try:
                return _CONVERSION.convert(values, type_)
            except msgspec.ValidationError as error:
                raise ValidationError(NOT_VALID, errors=collector.collect(values) or collector.read(error)) from error
        refused = {_name_in(error) for error in errors}  # and so missing among the values, which is no second error
        errors += [error for error in collector.collect(values) if _name_in(error) not in refused]
        places = {name: place for place, name in enumerate(fields)}
        errors.sort(key=lambda error: places.get(_name_in(error), len(places)))
        raise ValidationError(NOT_VALID, errors=listed_errors(errors, limits.errors_listed))

    return make


def _model_maker(model: type[Any], limits: Limits) -> Callable[[Values, list[FieldError]], Any]:
    is_unfit = number_check(model, floats=False)

    def make(values: Values, errors: list[FieldError]) -> Any:
        try:
            made = validate_value(model, values)
        except ValueError as error:
            found = [FieldError(format_pointer(path), text) for path, text in model_errors(error)]
            raise ValidationError(NOT_VALID, errors=listed_errors(errors + found, limits.errors_listed)) from error
        if is_unfit is not None and is_unfit(made):
            errors += unfit_errors(model, values, limits.errors_listed)
        if errors:
            raise ValidationError(NOT_VALID, errors=listed_errors(errors, limits.errors_listed))
        return made

    return make


def _name_in(error: FieldError) -> str:
    return error.pointer.removeprefix("/").partition("/")[0]


# --- what a field takes -----------------------------------------------------------------------------

_LISTS = {list, set, frozenset, tuple, deque, AbstractSequence, AbstractSet, Collection, Iterable, MutableSequence}


def _model_fields(model: type[Any], objects: Collection[type[Any]]) -> dict[str, FormField]:
    """The fields of a model, as far as a form must know them: pydantic itself converts the text."""
    fields: dict[str, FormField] = {}
    for name, annotation in model_fields(model).items():
        core, is_list, takes_none = _shape_of(annotation)
        if core in objects:
            fields[name] = FormField(_instance_of(core), is_list, takes_blank=False, takes_none=takes_none)
            continue
        takes_blank = _takes_blank(scalar_converter(core)) if is_scalar(core) else True
        fields[name] = FormField(_from_text(_as_it_is) if objects else _as_it_is, is_list, takes_blank, takes_none)
    return fields


def _field(type_: Any, objects: Collection[type[Any]]) -> FormField:
    core, is_list, takes_none = _shape_of(type_)
    if core in objects:
        return FormField(_instance_of(core), is_list, takes_blank=False, takes_none=takes_none)
    convert = str.encode if core is bytes else scalar_converter(core)
    return FormField(_from_text(convert) if objects else convert, is_list, _takes_blank(convert), takes_none)


def _shape_of(type_: Any) -> tuple[Any, bool, bool]:
    """The type of one value, whether the field is a list of them, and whether it may be None."""
    bare = get_args(type_)[0] if get_origin(type_) is Annotated else type_
    if get_origin(bare) in (Union, UnionType):
        others = [member for member in get_args(bare) if member is not NoneType]
        takes_none = len(others) < len(get_args(bare))
        core, is_list, _ = _shape_of(others[0]) if len(others) == 1 else (bare, False, False)
        return core, is_list, takes_none
    if (get_origin(bare) or bare) in _LISTS:
        arguments = get_args(bare) or (Any,)
        if get_origin(bare) is not tuple or arguments[1:] == (...,):
            return arguments[0], True, False
    return type_, False, False


def _takes_blank(convert: Callable[[str], Any]) -> bool:
    try:
        convert("")
    except ScalarError:
        return False
    return True


def _from_text(convert: Callable[[str], Any]) -> Callable[[Any], Any]:
    def convert_text(value: Any) -> Any:
        if isinstance(value, str):
            return convert(value)
        raise ScalarError(_NO_TEXT)

    return convert_text


def _instance_of(cls: type[Any]) -> Callable[[Any], Any]:
    def take(value: Any) -> Any:
        if isinstance(value, cls):
            return value
        raise ScalarError("Expected a file, got a text")

    return take
