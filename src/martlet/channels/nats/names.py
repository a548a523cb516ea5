"""What a channel's topics are called in NATS, and the ids of their messages there.

A channel is a stream, and each topic a subject in it: `martlet.chat` for the channel `chat`, `martlet.chat./42` for its part
`42`. Whatever is no letter, digit, hyphen or underscore of ASCII is written by its bytes, as in `a=20b`.

An id is a checksum of what its publisher called the message, and the message's number in its stream, as in `1c291ca3-42`. A
server that lost its last messages gives their numbers again, to others: those have other checksums.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from martlet.channels.contract import Topic

PREFIX: Final = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
OTHER_BYTES: Final = re.compile(rb"[^A-Za-z0-9_-]")
NAMED: Final = re.compile(r"([0-9a-f]{8})-([1-9][0-9]{0,17})", re.ASCII)
MAX_STREAM: Final = 200  # bytes; the server makes a folder of this name, for which 255 are allowed


@dataclass(frozen=True, slots=True)
class Names:
    """What a topic is called. stream: that of its channel, which takes what is published to `subjects`."""

    stream: str
    subjects: tuple[str, str]
    subject: str

    @classmethod
    def of(cls, prefix: str, topic: Topic) -> Self:
        """Name a topic.

        >>> from martlet.channels.contract import Window
        >>> Names.of("martlet", Topic("chat/a b", Window()))
        Names(stream='martlet+chat', subjects=('martlet.chat', 'martlet.chat.*'), subject='martlet.chat./a=20b')
        """
        channel, slash, part = topic.name.partition("/")
        token = encoded(channel)
        whole = f"{prefix}.{token}"
        if len(token) > MAX_STREAM - len(prefix):
            token = f"{token[:100]}={hashlib.sha256(token.encode()).hexdigest()[:32]}"
        return cls(f"{prefix}+{token}", (whole, f"{whole}.*"), f"{whole}./{encoded(part)}" if slash else whole)


class NatsPlace(NamedTuple):
    """The place of one message; greater numbers are later ones."""

    check: int
    number: int

    @classmethod
    def of(cls, message_id: str | None, payload: bytes, number: int) -> Self:
        """Give the place of a message; of another program's by what it says, if it has no id.

        >>> str(NatsPlace.of("order-7", b"{}", 42))
        '09d0dada-42'
        """
        return cls(zlib.crc32(message_id.encode() if message_id else payload), number)

    @classmethod
    def named(cls, text: str) -> Self | None:
        """Read an id that a client names; None for what is none.

        >>> NatsPlace.named("09d0dada-42"), NatsPlace.named("garbage")
        (NatsPlace(check=164682458, number=42), None)
        """
        found = NAMED.fullmatch(text)
        return None if found is None else cls(int(found[1], 16), int(found[2]))

    def __str__(self) -> str:
        return f"{self.check:08x}-{self.number}"


def encoded(text: str) -> str:
    """Write a text so that NATS takes it for a part of a subject.

    >>> encoded("a.b *")
    'a=2Eb=20=2A'
    """
    return OTHER_BYTES.sub(lambda found: b"=%02X" % ord(found[0]), text.encode(errors="surrogatepass")).decode("ascii")


def message_id(subject: str, publisher_id: str) -> str:
    """Give what the server knows a repeat by, in all topics of a stream: a digest, since it may be any text."""
    told = b"%s %s" % (subject.encode("ascii"), publisher_id.encode(errors="surrogatepass"))
    return hashlib.blake2b(told, digest_size=16).hexdigest()
