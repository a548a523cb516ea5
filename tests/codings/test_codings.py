"""Content codings both ways: what one side codes the other decodes, in whatever pieces; what is broken is told."""

from __future__ import annotations

import gzip
import sys
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.codings import BrokenContentError, Coding, Decoder, UnknownCodingError, find_coding, installed_codings
from martlet.optional_packages import MissingExtraError
from tests.rows import each

NAMES = ("zstd", "br", "gzip", "deflate")
EVERY_CODING = pytest.mark.parametrize("coding", [find_coding(name) for name in NAMES], ids=NAMES)
TEXT = b"".join(b"The swift number %d never lands. " % number for number in range(1_000))
ROOM = 1_024


def decode_all(decoder: Decoder, pieces: list[bytes], room: int = ROOM) -> bytes:
    decoded: list[bytes] = []
    for piece in pieces:
        decoded.append(decoder.decode(piece, room))
        while not decoder.needs_input:
            decoded.append(decoder.decode(b"", room))
    return b"".join(decoded)


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[place : place + size] for place in range(0, len(data), size)]


@EVERY_CODING
def test_what_was_encoded_at_once_is_decoded(coding: Coding) -> None:
    for coded in (coding.encode(TEXT), coding.encode(TEXT, 1), coding.encode_best(TEXT)):
        decoder = coding.decoder()

        assert len(coded) < len(TEXT) / 3
        assert decode_all(decoder, [coded]) == TEXT
        assert decoder.is_complete


@EVERY_CODING
@given(
    pieces=st.lists(st.binary(max_size=300) | st.binary(max_size=3).map(lambda piece: piece * 2_000), max_size=6),
    size=st.integers(1, 400),
    for_events=st.booleans(),
)
def test_pieces_come_back_joined_however_they_were_cut(coding: Coding, pieces: list[bytes], size: int, for_events: bool) -> None:
    encoder, decoder = coding.encoder(for_events=for_events), coding.decoder()
    coded = b"".join([*map(encoder.encode, pieces), encoder.finish()])

    assert decode_all(decoder, in_pieces(coded, size)) == b"".join(pieces)
    assert decoder.is_complete


@EVERY_CODING
@each("level", [None, 1, 6], ids=["usual level", "level 1", "level 6"])
@each("for_events", [True, False], ids=["for events", "for files"])
def test_what_was_flushed_can_be_decoded_at_once(coding: Coding, level: int | None, for_events: bool) -> None:
    encoder, decoder = coding.encoder(level, for_events=for_events), coding.decoder()

    for number in range(5):
        event = b"data: %d\n\n" % number
        assert decode_all(decoder, [encoder.encode(event) + encoder.flush()]) == event
        assert not decoder.is_complete

    assert decode_all(decoder, [encoder.finish()]) == b""
    assert decoder.is_complete


@EVERY_CODING
def test_the_same_content_gives_the_same_bytes(coding: Coding) -> None:
    assert coding.encode_best(TEXT) == coding.encode_best(TEXT)


@EVERY_CODING
def test_what_was_cut_off_is_never_complete(coding: Coding) -> None:
    coded = coding.encode(b"swift " * 50)

    for length in range(len(coded)):
        decoder = coding.decoder()
        decode_all(decoder, [coded[:length]])
        assert not decoder.is_complete


@EVERY_CODING
def test_a_bomb_comes_out_in_small_pieces(coding: Coding) -> None:
    bomb = coding.encode(bytes(16 * 1024 * 1024))
    decoder, given, largest = coding.decoder(), 0, 0
    tracemalloc.start()
    try:
        decoder.decode(bomb[:16_384], 65_536)
        while not decoder.needs_input and given < 8 * 1024 * 1024:
            piece = decoder.decode(b"", 65_536)
            given, largest = given + len(piece), max(largest, len(piece))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert given > 100 * len(bomb[:16_384])
    assert largest < 400_000
    assert peak < 2_000_000


@EVERY_CODING
@given(data=st.binary(max_size=200), size=st.integers(1, 50))
def test_no_bytes_make_another_error(coding: Coding, data: bytes, size: int) -> None:
    with suppress(BrokenContentError):
        decode_all(coding.decoder(), in_pieces(data, size))


@EVERY_CODING
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_changed_byte_makes_no_other_error(coding: Coding, place: int, byte: int) -> None:
    coded = bytearray(coding.encode(b"The swift never lands. " * 30))
    coded[place % len(coded)] = byte
    with suppress(BrokenContentError):
        decode_all(coding.decoder(), [bytes(coded)])


@each("name", ["gzip", "zstd"])
@each("size", [1, 7, 100_000], ids=["bytewise", "in sevens", "at once"])
def test_several_members_are_one_content(name: str, size: int) -> None:
    coding = find_coding(name)
    decoder = coding.decoder()
    coded = b"".join(coding.encode(part) for part in (b"swift", b"", b"martlet"))

    assert decode_all(decoder, in_pieces(coded, size)) == b"swiftmartlet"
    assert (decoder.members, decoder.is_complete) == (3, True)


@each("name", NAMES)
@each("size", [1, 100_000], ids=["bytewise", "at once"])
def test_bytes_behind_the_end_are_an_error(name: str, size: int) -> None:
    coding = find_coding(name)

    with pytest.raises(BrokenContentError):
        decode_all(coding.decoder(), in_pieces(coding.encode(b"swift") + b"\0\0swift", size))


@pytest.mark.parametrize("size", [1, 100_000], ids=["bytewise", "at once"])
def test_deflate_is_taken_without_its_format_too(size: int) -> None:
    compressor = zlib.compressobj(wbits=-15)
    raw = compressor.compress(TEXT) + compressor.flush()
    decoder = find_coding("deflate").decoder()

    assert decode_all(decoder, in_pieces(raw, size)) == TEXT
    assert decoder.is_complete


def test_gzip_is_read_by_others() -> None:
    assert gzip.decompress(find_coding("gzip").encode(TEXT)) == TEXT


def test_a_window_beyond_8_mib_is_refused() -> None:
    """RFC 9659: nobody may make us hold more than that."""
    frame = bytes.fromhex("28b52ffd0070010000")  # a window of 16 MiB, and one last empty block

    with pytest.raises(BrokenContentError):
        decode_all(find_coding("zstd").decoder(), [frame])


def test_a_skippable_frame_is_skipped() -> None:
    """RFC 8878 section 3.1.2."""
    coding = find_coding("zstd")
    decoder = coding.decoder()
    skippable = bytes.fromhex("502a4d1803000000") + b"any"

    assert decode_all(decoder, [coding.encode(b"swift") + skippable + coding.encode(b"!")]) == b"swift!"
    assert decoder.is_complete


@pytest.mark.parametrize(("name", "found"), [("GZIP", "gzip"), ("x-gzip", "gzip"), ("Br", "br")])
def test_names_do_not_heed_case_and_one_has_an_older_one(name: str, found: str) -> None:
    assert find_coding(name).name == found


@each("name", ["identity", "compress", "*", ""])
def test_a_name_that_no_coding_has_is_told(name: str) -> None:
    with pytest.raises(UnknownCodingError, match="known are zstd, br, gzip, deflate"):
        find_coding(name)


@each(("name", "level"), [("gzip", 0), ("gzip", 10), ("deflate", -1), ("br", 12), ("br", -1), ("zstd", 0), ("zstd", 20)])
def test_a_level_that_is_none_is_told(name: str, level: int) -> None:
    with pytest.raises(ValueError, match=f"{level} is no level"):
        find_coding(name).encode(b"", level)
    with pytest.raises(ValueError, match=f"{level} is no level"):
        find_coding(name).encoder(level)


@pytest.fixture
def without_packages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only the core is installed."""
    for package in ("brotli", "brotlicffi", "backports", "backports.zstd", "compression.zstd", "isal", "isal.isal_zlib"):
        monkeypatch.setitem(sys.modules, package, None)
    installed_codings.cache_clear()
    yield
    installed_codings.cache_clear()


@pytest.mark.usefixtures("without_packages")
@pytest.mark.parametrize(("name", "extra"), [("br", "brotli"), ("zstd", "zstd")])
def test_a_missing_package_is_told_by_its_extra(name: str, extra: str) -> None:
    with pytest.raises(MissingExtraError, match=rf"pip install 'martlet\[{extra}\]'"):
        find_coding(name)


@pytest.mark.usefixtures("without_packages")
def test_gzip_needs_no_package() -> None:
    assert list(installed_codings()) == ["gzip", "deflate"]
    encoder = find_coding("gzip").encoder()
    assert gzip.decompress(find_coding("gzip").encode(TEXT)) == TEXT
    assert gzip.decompress(encoder.encode(TEXT) + encoder.finish()) == TEXT
