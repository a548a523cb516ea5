"""Everything that is wrong with a value, where msgspec stops at the first thing: what a 422 answer lists.

Runs only after a conversion has failed. Each part of the value is tried whole, in C; only a part that fails is taken
apart, and where msgspec already said which of its parts failed, that one is not tried again. So each byte is converted
at most twice, however deep the value, and the time stays linear (dicts of dicts are the exception, see _DICT_LEVELS).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from types import GenericAlias
from typing import Any, Literal, cast

import msgspec
from msgspec import inspect

from martlet.http.errors import FieldError
from martlet.rendering.conversion import STRICT, TRAIL_STEP, Conversion, Failure, read_failure
from martlet.rendering.pydantic_models import is_model, model_errors
from martlet.rendering.type_shapes import ARRAY_NODES, DICT_NODES, allowed_values, constrained, member_for, type_of

__all__ = ["ErrorCollector", "collect_errors", "format_pointer", "listed_errors"]

Location = Literal["body", "query", "path", "header", "cookie"]
Path = tuple[str | int, ...]

# Items of a list that are tried in one call; its bound is the work in Python for one bad item among a million good ones.
_CHUNK_ITEMS = 1_000

# Dicts within dicts that are taken apart: msgspec does not say under which key it failed, so each level costs one more try.
_DICT_LEVELS = 8

# What a client wrote can stand in a message or a pointer: never more of it than this.
_DETAIL_CHARACTERS = 300
_TOKEN_CHARACTERS = 100
_VALUES_LISTED = 20

_MISSING = "Missing required field"
_UNKNOWN = "Unknown field"
_NAMED_FIELD = re.compile(r"Object (missing required|contains unknown) field `(.*)`\Z", re.DOTALL)


def format_pointer(path: Iterable[str | int]) -> str:
    """The path as a JSON Pointer (RFC 6901), each name cut after 100 characters.

    >>> format_pointer(("items", 0, "a/b~c"))
    '/items/0/a~1b~0c'
    """
    return "".join("/" + _shorten(str(step), _TOKEN_CHARACTERS).replace("~", "~0").replace("/", "~1") for step in path)


def listed_errors(errors: list[FieldError], limit: int) -> list[FieldError]:
    """The errors as they are listed: `limit` of them at most, and then a remark that there were more."""
    return errors if len(errors) <= limit else [*errors[:limit], FieldError("", _cut_remark(limit))]


def _cut_remark(limit: int) -> str:
    return f"Only the first {limit} errors are listed"


def _shorten(text: str, characters: int) -> str:
    return text if len(text) <= characters else f"{text[: characters - 1]}…"


class ErrorCollector:
    """Lists every field error that keeps a value from being of a type; made once for each type.

    limit: errors listed at most; a last remark says when there were more.
    Raises TypeError for a type that msgspec cannot decode.

    >>> ErrorCollector(dict[str, int]).collect({"a": "x", "b": 1, "c": None})[1]
    FieldError(pointer='/c', detail='Expected `int`, got `null`', location='body', name=None)
    """

    __slots__ = ("_conversion", "_limit", "_location", "_node")

    def __init__(self, type_: Any, conversion: Conversion = STRICT, *, limit: int = 100, location: Location = "body") -> None:
        self._node = inspect.type_info(type_)
        self._conversion = conversion
        self._limit = limit
        self._location: Location = location

    def collect(self, value: object) -> list[FieldError]:
        """The errors, in the order of the type's fields; none if the value fits."""
        search = _Search(self._conversion, self._limit)
        try:
            search.check(self._node, value, ())
        except _EnoughError:
            search.found.append(((), _cut_remark(self._limit)))
        return [self._field_error(path, detail) for path, detail in search.found]

    def read(self, error: msgspec.ValidationError) -> list[FieldError]:
        """The one error that msgspec's exception tells of, where the value itself cannot be looked at."""
        search = _Search(self._conversion, self._limit)
        search.add_failure(self._node, (), read_failure(error))
        return [self._field_error(path, detail) for path, detail in search.found]

    def _field_error(self, path: Path, detail: str) -> FieldError:
        return FieldError(format_pointer(path), _shorten(detail, _DETAIL_CHARACTERS), self._location)


def collect_errors(
    type_: Any, value: object, *, strict: bool = True, limit: int = 100, location: Location = "body"
) -> list[FieldError]:
    """Every field error that keeps `value` from being a `type_`; none if it fits.

    Who asks for the same type again keeps an ErrorCollector.

    >>> [error.detail for error in collect_errors(tuple[int, str], [None, 2])]
    ['Expected `int`, got `null`', 'Expected `str`, got `int`']
    """
    return ErrorCollector(type_, Conversion(strict), limit=limit, location=location).collect(value)


def _place_and_detail(node: inspect.Type, path: Path, failure: Failure) -> tuple[Path, str]:
    """A failure in our words, as far down as its trail is clear."""
    text, trail = failure
    while step := TRAIL_STEP.match(trail):
        path, trail = (*path, step[1] or int(step[2])), trail[step.end() :]
    if trail:
        return path, f"{text}, in one of its values"
    if named := _NAMED_FIELD.match(text):
        return (*path, named[2]), _MISSING if named[1] == "missing required" else _UNKNOWN
    if text.startswith("Invalid enum value") and (values := allowed_values(node)):
        listed = [_shorten("null" if value is None else str(value), _TOKEN_CHARACTERS) for value in values[:_VALUES_LISTED]]
        return path, f"Expected one of `{'`, `'.join(listed)}`{', …' if len(values) > len(listed) else ''}"
    return path, text


class _EnoughError(Exception):
    """As many errors were found as are listed."""


class _Search:
    """One walk over one value."""

    __slots__ = ("_conversion", "_dict_levels", "_limit", "_types", "found")

    def __init__(self, conversion: Conversion, limit: int) -> None:
        self._conversion = conversion
        self._limit = limit
        self._dict_levels = 0
        self._types: dict[int, Any] = {}
        self.found: list[tuple[Path, str]] = []

    def check(self, node: inspect.Type, value: object, path: Path, known: Failure | None = None) -> None:
        """Add what is wrong with the value; `known` is its failure, if it is known to have one."""
        failure = known or self._conversion.failure(value, self._type_of(node))
        if failure is None:
            return
        before = len(self.found)
        self._take_apart(member_for(node, value), value, path, failure)
        if len(self.found) == before:
            self.add_failure(node, path, failure)

    def add_failure(self, node: inspect.Type, path: Path, failure: Failure) -> None:
        """Add a failure whose parts have nothing more to say."""
        self._add(*_place_and_detail(node, path, failure))

    def _add(self, path: Path, detail: str) -> None:
        if len(self.found) == self._limit:
            raise _EnoughError
        self.found.append((path, detail))

    def _type_of(self, node: inspect.Type) -> Any:
        # The node lives as long as its collector, so its id is its name.
        key = id(node)
        if key not in self._types:
            self._types[key] = type_of(node)
        return self._types[key]

    def _take_apart(self, node: inspect.Type, value: Any, path: Path, failure: Failure) -> None:
        if isinstance(value, dict):
            entries = cast("dict[Any, object]", value)
            if isinstance(node, DICT_NODES):
                self._check_entries(node, entries, path)
            elif isinstance(node, inspect.DataclassType | inspect.TypedDictType) or (
                isinstance(node, inspect.StructType) and not node.array_like
            ):
                self._check_fields(node, entries, path, failure)
        elif isinstance(value, list | tuple):
            items = cast("list[object] | tuple[object, ...]", value)
            if isinstance(node, ARRAY_NODES):
                self._check_items(node, items, path, failure)
            else:
                self._check_positions(node, items, path, failure)
        if isinstance(node, inspect.CustomType) and is_model(node.cls):
            self._check_model(node.cls, cast("object", value), path)

    def _check_fields(
        self,
        node: inspect.StructType | inspect.DataclassType | inspect.TypedDictType,
        entries: Mapping[Any, object],
        path: Path,
        failure: Failure,
    ) -> None:
        for field in node.fields:
            name = field.encode_name
            if name in entries:
                self.check(field.type, entries[name], (*path, name), failure.below(f".{name}"))
            elif field.required:
                self._add((*path, name), _MISSING)
        if isinstance(node, inspect.StructType) and node.forbid_unknown_fields:
            names = {node.tag_field, *(field.encode_name for field in node.fields)}
            for name in entries:
                if name not in names:
                    self._add((*path, str(name)), _UNKNOWN)

    def _check_items(
        self,
        node: inspect.ListType | inspect.SetType | inspect.FrozenSetType | inspect.VarTupleType,
        items: Sequence[object],
        path: Path,
        failure: Failure,
    ) -> None:
        self._check_length(node, list[Any], items, path)
        index, below = failure.below_item() or (-1, None)
        for start in range(0, len(items), _CHUNK_ITEMS):
            chunk = items[start : start + _CHUNK_ITEMS]
            if not start <= index < start + len(chunk):
                failed = self._conversion.failure(chunk, GenericAlias(list, self._type_of(node.item_type)))
                if failed is None:
                    continue
                offset, below = failed.below_item() or (-1, None)
                index = start + offset if below else -1
            for position, item in enumerate(chunk, start):
                self.check(node.item_type, item, (*path, position), below if position == index else None)

    def _check_positions(self, node: inspect.Type, items: Sequence[object], path: Path, failure: Failure) -> None:
        shortest, longest = 0, None
        types: tuple[inspect.Type, ...] = ()
        if isinstance(node, inspect.TupleType):
            types = node.item_types
            shortest = longest = len(types)
        elif isinstance(node, inspect.NamedTupleType):
            types = tuple(field.type for field in node.fields)
            shortest, longest = sum(field.required for field in node.fields), len(types)
        elif isinstance(node, inspect.StructType) and node.array_like:
            tags = (inspect.AnyType(),) if node.tag is not None else ()
            types = (*tags, *(field.type for field in node.fields))
            shortest = len(tags) + sum(field.required for field in node.fields)
        if len(items) < shortest or (longest is not None and len(items) > longest):
            bounds = f"{shortest}" if shortest == longest else f"{shortest} to {longest}" if longest else f"{shortest} or more"
            self._add(path, f"Expected `array` of length {bounds}, got {len(items)}")
        for position, (item_type, item) in enumerate(zip(types, items, strict=False)):
            self.check(item_type, item, (*path, position), failure.below(f"[{position}]"))

    def _check_entries(self, node: inspect.DictType | inspect.FrozenDictType, entries: Mapping[Any, object], path: Path) -> None:
        if self._dict_levels == _DICT_LEVELS:
            return
        self._check_length(node, dict[Any, Any], entries, path)
        self._dict_levels += 1
        key_type, value_type = self._type_of(node.key_type), self._type_of(node.value_type)
        rest = iter(entries.items())
        while chunk := dict(islice(rest, _CHUNK_ITEMS)):
            if len(entries) > len(chunk) and self._conversion.failure(chunk, GenericAlias(dict, (key_type, value_type))) is None:
                continue
            for key, value in chunk.items():
                place = (*path, key if isinstance(key, str) else str(key))
                if bad_key := self._conversion.failure({key: None}, GenericAlias(dict, (key_type, Any))):
                    self._add(place, bad_key.text)
                self.check(node.value_type, value, place)
        self._dict_levels -= 1

    def _check_length(self, node: inspect.Type, type_: Any, value: object, path: Path) -> None:
        bounded = constrained(type_, node)
        if bounded is not type_ and (failure := self._conversion.failure(value, bounded)):
            self._add(path, failure.text)

    def _check_model(self, model: type[Any], value: object, path: Path) -> None:
        if self._conversion.dec_hook is None:
            return
        try:
            self._conversion.dec_hook(model, value)
        except ValueError as error:
            for place, text in model_errors(error):
                self._add((*path, *place), text)
