"""Fields put on answers: the same on prepared ones as on others, and no more of the prepared kept than so many."""

import pytest

from martlet import Response
from martlet.http import BadHeaderError
from martlet.messages import PreparedHeaders, prepared_response
from martlet.middleware.added_fields import MOST_REMEMBERED, AddedFields

FIELDS = [("content-type", "text/plain"), ("x-shelf", "1"), ("vary", "accept")]


def test_prepared_fields_and_others_come_out_alike() -> None:
    added = AddedFields([("x-shelf", "3"), ("x-row", "4")], vary=["Origin", "Accept"])
    prepared, other = prepared_response(200, PreparedHeaders(FIELDS), b""), Response(headers=FIELDS)

    added.put_on(prepared)
    added.put_on(other)

    assert isinstance(prepared.fields, PreparedHeaders)
    assert prepared.headers.items() == other.headers.items()
    assert other.headers.items() == [("content-type", "text/plain"), ("x-shelf", "3"), ("vary", "accept, Origin"), ("x-row", "4")]


def test_the_same_prepared_fields_give_the_same_again() -> None:
    added, fields = AddedFields([("x-shelf", "3")]), PreparedHeaders(FIELDS)
    answers = [prepared_response(200, fields, b"") for _ in range(2)]
    for answer in answers:
        added.put_on(answer)

    assert answers[0].fields is answers[1].fields


def test_memory_is_bounded_for_who_prepares_fields_for_each_request() -> None:
    added = AddedFields([("x-shelf", "3")])
    for number in range(MOST_REMEMBERED + 10):
        answer = prepared_response(200, PreparedHeaders([("x-number", str(number))]), b"")
        added.put_on(answer)

        assert answer.headers.items() == [("x-number", str(number)), ("x-shelf", "3")]
    assert len(added._prepared) == MOST_REMEMBERED  # noqa: SLF001


@pytest.mark.parametrize("value", ["a\r\nb", "é"])
def test_a_field_that_cannot_be_sent_is_refused_at_once(value: str) -> None:
    with pytest.raises(BadHeaderError):
        AddedFields([("x-shelf", value)])
