"""Media types and ranges: reading, comparing, writing back."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.http.media_types import BadMediaTypeError, MediaRange, MediaType, parse_quality
from tests.rows import each
from tests.shared_cases import conformance

TOKENS = st.text(st.sampled_from("abcdXYZ0189!#$%&'*+-.^_`|~"), min_size=1, max_size=8)
NAMES = TOKENS.filter(lambda token: token != "*")
VALUES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f") | st.just("\t"), max_size=12)
PARAMETERS = st.lists(st.tuples(TOKENS, VALUES), max_size=4).map(tuple)
MEDIA_TYPES = st.builds(MediaType, NAMES, NAMES, PARAMETERS)


@given(MEDIA_TYPES)
def test_what_is_written_reads_back_the_same(media_type: MediaType) -> None:
    again = MediaType.parse(str(media_type))

    assert again == media_type
    assert again.parameters == media_type.parameters
    assert MediaType.parse_or_none(str(media_type)) == media_type


@given(st.text(max_size=30) | st.text(st.sampled_from('a/;="\\, q*'), max_size=40))
def test_no_text_makes_reading_fail_in_another_way(text: str) -> None:
    try:
        strict = MediaType.parse(text)
    except BadMediaTypeError:
        strict = None
    lenient = MediaType.parse_or_none(text)

    assert strict is None or strict == lenient


@each(
    ("text", "parameters"),
    [
        pytest.param("text/html", (), id="none"),
        pytest.param(" text/html ", (), id="space around"),
        pytest.param("text/html;", (), id="an empty parameter, RFC 9110 5.6.6"),
        pytest.param("text/html; ; level=1 ;", (("level", "1"),), id="several empty ones"),
        pytest.param('text/html;Level="1"', (("level", "1"),), id="quotes do not count"),
        pytest.param('text/html;a="b;c=d, e"', (("a", "b;c=d, e"),), id="separators in quotes"),
        pytest.param(r'text/html;a="\"\\"', (("a", '"\\'),), id="escapes"),
        pytest.param('text/html;a=""', (("a", ""),), id="an empty value needs quotes"),
        pytest.param("text/html;a=1;a=2", (("a", "1"), ("a", "2")), id="repeats are kept"),
    ],
)
def test_parameters_are_read(text: str, parameters: tuple[tuple[str, str], ...]) -> None:
    assert MediaType.parse(text).parameters == parameters


@each(
    ("text", "lenient"),
    [
        pytest.param("text/html;level", "text/html", id="no value"),
        pytest.param("text/html;level=", "text/html", id="empty without quotes"),
        pytest.param("text/html;=1;a=b", "text/html; a=b", id="no name"),
        pytest.param("text/html;a = 1;b=2", "text/html; b=2", id="space around the sign"),
        pytest.param('text/html;a="open;b=2', "text/html; b=2", id="a quote left open"),
        pytest.param('text/html;a="b"c;d=e', "text/html; d=e", id="more behind the quote"),
        pytest.param("text/html;a=\x00;b=c", "text/html; b=c", id="a control character"),
    ],
)
def test_a_malformed_parameter_is_an_error_for_us_and_skipped_for_clients(text: str, lenient: str) -> None:
    with pytest.raises(BadMediaTypeError, match="malformed parameter"):
        MediaType.parse(text)
    assert str(MediaType.parse_or_none(text)) == lenient


@each("text", ["", "text", "text/", "/html", "te xt/html", "text/html/x", "text/html,text/plain", "*/*", "text/*"])
def test_what_is_no_media_type_is_refused(text: str) -> None:
    with pytest.raises(BadMediaTypeError):
        MediaType.parse(text)
    assert MediaType.parse_or_none(text) is None


def test_a_refusal_quotes_only_the_beginning_of_a_long_text() -> None:
    with pytest.raises(BadMediaTypeError) as caught:
        MediaType.parse("x" * 1_000_000)

    assert len(str(caught.value)) < 250


def test_types_compare_without_case_and_order_of_parameters() -> None:
    one = MediaType.parse("TEXT/Html;Level=1;charset=UTF-8")
    other = MediaType.parse("text/html; CHARSET=utf-8; level=1")

    assert one == other
    assert hash(one) == hash(other)
    assert one != MediaType.parse("text/html")
    assert one != "text/html; charset=utf-8; level=1"


def test_the_value_of_a_parameter_keeps_its_case() -> None:
    assert MediaType.parse("multipart/mixed;boundary=A") != MediaType.parse("multipart/mixed;boundary=a")


@each(
    ("text", "suffix", "is_json"),
    [
        ("application/json", None, True),
        ("text/json", None, True),
        ("application/problem+json", "json", True),
        ("application/xhtml+xml", "xml", False),
        ("image/json", None, False),
        ("application/jsonlines", None, False),
    ],
)
def test_a_suffix_tells_the_syntax(text: str, suffix: str | None, is_json: bool) -> None:
    media_type = MediaType.parse(text)

    assert (media_type.suffix, media_type.is_json) == (suffix, is_json)


def test_the_first_of_repeated_parameters_counts() -> None:
    media_type = MediaType.parse("text/html;charset=a;Charset=b")

    assert media_type.charset == media_type.parameter("CHARSET") == "a"


@each(
    ("parts", "message"),
    [
        pytest.param(("te xt", "html"), "cannot stand in a media type", id="type"),
        pytest.param(("text", ""), "cannot stand in a media type", id="subtype"),
        pytest.param(("text", "html", (("a b", "c"),)), "cannot stand in a media type", id="name"),
        pytest.param(("text", "html", (("a", "b\r\nc"),)), "control character", id="line break in a value"),
        pytest.param(("text", "*"), "is a media range", id="wildcard"),
    ],
)
def test_parts_that_would_not_read_back_are_refused(parts: tuple[str, str], message: str) -> None:
    with pytest.raises(BadMediaTypeError, match=message):
        MediaType(*parts)


@each(
    "case",
    conformance("http/accept/falcon_invalid_media_range.json")["cases"],
    ids=lambda case: repr(case["media_range"]),
    count=8,
)
def test_an_invalid_range_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(BadMediaTypeError, match="is no media range"):
        MediaRange.parse(case["media_range"])


@each(
    ("text", "written"),
    [
        ("Text/*;Q=0.50;ext", "text/*;q=0.5"),
        ("*/*", "*/*"),
        ("text/html;level=1;q=1.000", "text/html; level=1"),
        ("text/html;q=0", "text/html;q=0"),
        ('text/html;q="0.4"', "text/html;q=0.4"),
    ],
)
def test_a_range_is_written_as_it_was_meant(text: str, written: str) -> None:
    assert str(MediaRange.parse(text)) == written


@pytest.mark.parametrize("quality", [-0.1, 1.1, float("nan")])
def test_a_range_has_a_quality_from_0_to_1(quality: float) -> None:
    with pytest.raises(BadMediaTypeError, match="from 0 to 1"):
        MediaRange("text", "html", (), quality)


@given(st.integers(0, 1000).map(lambda thousandths: thousandths / 1000), TOKENS, TOKENS, PARAMETERS)
def test_a_written_range_reads_back_the_same(
    quality: float, type_: str, subtype: str, parameters: tuple[tuple[str, str], ...]
) -> None:
    weightless = tuple((name, value) for name, value in parameters if name.lower() != "q")
    found = MediaRange(type_, subtype, weightless, quality)

    assert MediaRange.parse(str(found)) == found


@each("text", ["", "1.1", "1.001", "01", "0,5", "+0.5", "0.5 ", "1e-1", "\u0660.\u0665", "0." + "3" * 21, "."])
def test_other_numbers_are_no_quality(text: str) -> None:
    assert parse_quality(text) is None


@each(
    ("range_text", "type_text", "matches"),
    [
        pytest.param("text/html;level=1", "text/html;level=1;a=b", True, id="further parameters do not hurt"),
        pytest.param("text/html;level=1", "text/html", False, id="a parameter that is missing"),
        pytest.param("application/json;charset=utf-8", "application/json", True, id="a charset that is not stated"),
        pytest.param("text/html;charset=UTF-8", "text/html;charset=utf-8", True, id="a charset in another case"),
        pytest.param("text/html;charset=latin1", "text/html;charset=utf-8", False, id="another charset"),
        pytest.param("application/*", "application/problem+json", True, id="any subtype"),
        pytest.param("application/json", "application/problem+json", False, id="a suffix is not the type"),
    ],
)
def test_a_range_matches(range_text: str, type_text: str, matches: bool) -> None:
    assert MediaRange.parse(range_text).matches(MediaType.parse(type_text)) is matches


@each(
    "piece",
    [';="\\', ';a="', ';a="\\"', ";", ";a=b", "\\"],
    ids=repr,
)
@each("parse", [MediaType.parse_or_none, MediaRange.parse_or_none], ids=["type", "range"])
def test_a_quarter_megabyte_of_separators_takes_linear_time(piece: str, parse: object) -> None:
    text = "text/html" + piece * (250_000 // len(piece))
    assert callable(parse)

    started = time.process_time()
    parse(text)

    assert time.process_time() - started < 0.6  # seconds; anything quadratic takes many
