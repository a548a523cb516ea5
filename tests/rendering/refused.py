"""What a client is told of a body that is not taken."""

import pytest

from martlet.http import BadRequestError, ValidationError
from martlet.rendering import BodyDecoder


def refusal(decode: BodyDecoder, data: bytes) -> str:
    with pytest.raises(BadRequestError) as refused:
        decode(data)
    return refused.value.message


def errors_of(decode: BodyDecoder, data: bytes) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        decode(data)
    return [(error.pointer, error.detail) for error in refused.value.errors]
