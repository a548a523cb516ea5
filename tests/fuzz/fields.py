"""Header fields as clients might send them: right ones, nearly right ones, and rubbish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from tests.fuzz.choices import Choices, any_text, damaged

MakeText: TypeAlias = Callable[[Choices], str]

CHANGED_SECONDS = 784_111_777  # when every file of the application was changed last, as the first of DATES says
KNOWN_TAGS = ('"v7"', f'"{CHANGED_SECONDS * 10**9:x}-{920:x}"', f'W/"{CHANGED_SECONDS * 10**9:x}-{920:x}"')
CODINGS = ("gzip", "br", "zstd", "deflate", "identity", "*", "x-gzip", "compress", "swift")
MEDIA_TYPES = (
    "application/json",
    "text/html",
    "*/*",
    "application/msgpack",
    "application/problem+json",
    "text/plain",
    "text/*",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=swift",
    'multipart/form-data; boundary="a b"',
    "application/vnd.own+json; charset=utf-8",
    "application/json; charset=utf-16",
    "image/avif",
    "application/octet-stream",
)
DATES = (
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Thu, 01 Jan 1970 00:00:00 GMT",
    "Sun, 06 Nov 2099 08:49:37 GMT",
    "Sun, 06 Nov 0000 08:49:37 GMT",
    "Sun, 31 Feb 2026 25:61:61 GMT",
    "0",
)
# Of the application's own files and states, and others.
TAGS = (*KNOWN_TAGS, *KNOWN_TAGS, '"v7"', 'W/"v7"', "*", '"other"', '""', 'W/"', "v7", '"v7', '"\xff"', '"a,b"')
ADDRESSES = (
    "192.0.2.60",
    '"[2001:db8::17]:47011"',
    "unknown",
    "_hidden",
    "127.0.0.1:80",
    "[::1",
    "::1",
    "1.2.3.4.5",
    "999.0.0.1",
)
ORIGINS = (
    "https://example.org",
    "https://sub.example.org",
    "https://example.org.evil.test",
    "http://example.org",
    "null",
    "https://example.org:99999",
    "https://[::1]",
    "file://",
)
HOSTS = (
    "testserver",
    "example.org",
    "sub.example.org:8080",
    "evil.test",
    "user@example.org",
    "[::1]:80",
    "[::1",
    "example.org:port",
    "example.org:99999",
    "a..b",
    "xn--nxasmq6b",
    "",
)


def listed(make: MakeText, at_most: int = 6) -> MakeText:
    """Members with commas between them."""
    return lambda choices: choices.one_of((", ", ",", " ,\t", ",,")).join(choices.many(make, at_most))


def among(*texts: str) -> MakeText:
    """One of these."""
    return lambda choices: choices.one_of(texts)


def weighted(*texts: str) -> MakeText:
    """One of these, perhaps with a quality."""
    qualities = ("", ";q=0.5", ";q=0", "; q=1", ";q=0.001", ";q=", ";q=2", ";q=0.5;x=y", ";level=1;q=.3")
    return lambda choices: choices.one_of(texts) + choices.one_of(qualities)


def number(choices: Choices) -> str:
    """A number, of any size or shape."""
    return choices.one_of(("0", "1", "5", "10", "1000", "99999999999999999999", "-1", "", "+1", "1.5", "0x1", "٣", "1" * 4_400))


def byte_range(choices: Choices) -> str:
    """One member of a Range field."""
    return f"{number(choices)}-{number(choices)}"


def ranges(choices: Choices) -> str:
    """A Range field."""
    unit = choices.one_of(("bytes=", "bytes=", "bytes =", "Bytes=", "items=", ""))
    if choices.rarely(20):
        return unit + ",".join([byte_range(choices)] * choices.one_of((60, 2_000)))
    return unit + listed(byte_range)(choices)


def forwarded(choices: Choices) -> str:
    """One element of a Forwarded field."""
    pairs = choices.many(_forwarded_pair, 4)
    return choices.one_of((";", "; ", ";;")).join(pairs)


def _forwarded_pair(choices: Choices) -> str:
    name = choices.one_of(("for", "by", "proto", "host", "FOR", "x"))
    value = choices.one_of((*ADDRESSES, "https", "http", "example.org", '"a\\"b"', '"', ""))
    return f"{name}{choices.one_of(('=', '=', ' = ', ''))}{value}"


def cookie(choices: Choices) -> str:
    """A Cookie field."""
    pairs = [f"{_cookie_name(choices)}={any_text(choices)}" for _ in range(choices.below(5))]
    return choices.one_of(("; ", ";", "; ;", ", ")).join(pairs)


def _cookie_name(choices: Choices) -> str:
    return choices.one_of(("a", "session", "__Host-x", "", "=", "__Secure-y", " a ", "$Version", "é", 'a"b'))


def content_type(choices: Choices) -> str:
    """A Content-Type field."""
    return choices.one_of(MEDIA_TYPES)


def authorization(choices: Choices) -> str:
    """An Authorization field."""
    return choices.one_of(("Bearer ", "Basic ", "basic\t", "Digest ", "")) + choices.one_of(("abc", "YTpi", "===", "a b", "\xff"))


MAKERS: Mapping[str, MakeText] = {
    "accept": listed(weighted(*MEDIA_TYPES)),
    "accept-encoding": listed(weighted(*CODINGS)),
    "accept-language": listed(weighted("en", "de-CH", "*", "x", "zh-Hant-TW", "-")),
    "accept-charset": listed(weighted("utf-8", "iso-8859-1", "*")),
    "access-control-request-method": among("GET", "PUT", "QUERY", "get", "", "BREW", "*"),
    "access-control-request-headers": listed(among("x-a", "content-type", "authorization", "*", "X Y", "é"), 30),
    "access-control-request-private-network": among("true", "false", ""),
    "authorization": authorization,
    "content-encoding": listed(among("gzip", "br", "identity", "zstd", "deflate", "snappy"), 4),
    "content-length": number,
    "content-type": content_type,
    "cookie": cookie,
    "expect": among("100-continue", "x"),
    "forwarded": listed(forwarded, 4),
    "host": among(*HOSTS),
    "if-match": listed(among(*TAGS)),
    "if-modified-since": among(*DATES),
    "if-none-match": listed(among(*TAGS)),
    "if-range": among(*TAGS, *DATES),
    "if-unmodified-since": among(*DATES),
    "origin": among(*ORIGINS),
    "range": ranges,
    "referer": among("https://example.org/a", "//evil.test", "\\\\evil.test"),
    "te": among("trailers", "gzip"),
    "trailer": among("x-sum"),
    "transfer-encoding": among("chunked", "gzip, chunked", "x"),
    "upgrade": among("websocket", "h2c"),
    "x-forwarded-for": listed(among(*ADDRESSES)),
    "x-forwarded-host": listed(among(*HOSTS)),
    "x-forwarded-port": listed(number),
    "x-forwarded-prefix": among("/shop", "shop", "//evil.test", "/a/../b", "/é"),
    "x-forwarded-proto": listed(among("https", "http", "wss", "javascript")),
    "x-list": listed(among("1", "2.5", "x", '"')),
    "x-request-id": among("abc", "é", "a b", "a" * 500),
    "x-user": among("ada", "bob", "", "é"),
}
NAMES = tuple(MAKERS)
PARTS = ("bytes=0-9", "bytes=10-", "bytes=-5", "bytes=0-0,2-3,-1", "bytes=0-99999", "bytes=5-2", "bytes=999999-")
CONDITIONS = ("range", "range", "range", "if-none-match", "if-match", "if-range", "if-modified-since", "if-unmodified-since")
ODD_NAMES = ("x-other", "X_Real_IP", "x_user", "", " ", "x y", "x:y", "content_length", "é", "proxy", "x-" + "a" * 300)


def field(choices: Choices) -> tuple[str, str]:
    """One header field, as a server would hand it over: no control characters but tabs, nothing beyond Latin-1."""
    if choices.rarely(25):
        return choices.one_of(ODD_NAMES), received(any_text(choices))
    name = choices.one_of(NAMES)
    kind = choices.below(8)
    value = any_text(choices) if kind == 7 else MAKERS[name](choices)
    return name, received(damaged(choices, value) if kind > 4 else value)


def condition(choices: Choices) -> tuple[str, str]:
    """A field that asks for a part, or only in a certain state."""
    name = choices.one_of(CONDITIONS)
    if name == "range" and choices.below(3):
        return name, choices.one_of(PARTS)
    return name, received(MAKERS[name](choices))


def received(text: str) -> str:
    """The text as a field's value can be received (RFC 9110, Section 5.5): servers refuse or mend anything else."""
    if text.isascii() and text.isprintable():
        return text.strip(" \t")
    kept = text.encode("utf-8", "replace").decode("latin-1")
    return "".join(char for char in kept if char >= " " or char == "\t").replace("\x7f", "").strip(" \t")
