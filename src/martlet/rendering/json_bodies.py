"""JSON to typed values, with every error listed; a charset parameter says nothing (RFC 8259, Section 11).

Not here: which texts are JSON at all (http/json.py).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from martlet.http.depth import check_json_depth
from martlet.http.json import check_json_text, check_utf8, malformed_json, parse_json
from martlet.http.limits import Limits
from martlet.rendering.conversion import Conversion
from martlet.rendering.instances import check_decodable, instance_from_json
from martlet.rendering.invalid_bodies import invalid_body, invalid_model, invalid_set
from martlet.rendering.number_checks import number_check
from martlet.rendering.pydantic_models import is_model, validate_json
from martlet.rendering.unfit_numbers import refusing_unfit
from martlet.rendering.validation import ErrorCollector

__all__ = ["json_decoder"]

_parse = msgspec.json.Decoder().decode
_parse_as_decimals = msgspec.json.Decoder(float_hook=Decimal).decode  # reads the numbers too that no float holds


def json_decoder(type_: Any, limits: Limits) -> Callable[[bytes], Any]:
    """The function that reads a `type_` from JSON. Raises TypeError for a type that JSON cannot become."""
    decode = _model_decoder(type_, limits) if is_model(type_) else _typed_decoder(type_, limits)
    is_unfit = number_check(type_, floats=False)
    return decode if is_unfit is None else refusing_unfit(decode, type_, is_unfit, _parse_as_decimals, limits.errors_listed)


def _typed_decoder(type_: Any, limits: Limits) -> Callable[[bytes], Any]:
    check_decodable(type_)
    decode = msgspec.json.Decoder(type_, dec_hook=instance_from_json).decode
    collector = ErrorCollector(type_, Conversion(dec_hook=instance_from_json), limit=limits.errors_listed)
    max_depth = limits.nesting_depth

    def decode_json(data: bytes) -> Any:
        if len(data) > max_depth:  # PERF: a call saved for the smallest bodies, which cannot be deep
            check_json_depth(data, max_depth)
        if not data.isascii():
            check_utf8(data)
        try:
            return decode(data)
        except msgspec.ValidationError as error:
            raise invalid_body(collector, error, data, _parse, malformed_json) from error
        except TypeError as error:
            raise invalid_set(error) from error
        except (ValueError, RecursionError) as error:
            raise malformed_json(data, error) from error

    return decode_json


def _model_decoder(model: type[Any], limits: Limits) -> Callable[[bytes], Any]:
    def decode_model(data: bytes) -> Any:
        check_json_text(data, limits.nesting_depth)
        if b"NaN" in data or b"Infinity" in data:  # as texts they are JSON; as numbers pydantic would take them
            parse_json(data, max_depth=limits.nesting_depth)
        try:
            return validate_json(model, data)
        except ValueError as error:
            parse_json(data, max_depth=limits.nesting_depth)  # What is no JSON is refused here, in our words.
            raise invalid_model(error, limits.errors_listed) from error

    return decode_model
