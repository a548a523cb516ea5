"""Passwords, kept as hashes that cost time and memory to try (argon2id, RFC 9106).

What is told of a login is told in equal time: a user that does not exist costs the work of one that does. Hashes of an older way
cost that way's work on top until they are replaced, which tells them apart where it is slow itself.
Not here: which passwords are good enough, and who tries too often.
"""

from __future__ import annotations

import logging
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from martlet.http import FieldError, ValidationError
from martlet.optional_packages import require_extra
from martlet.security.hashing_threads import HashingThreads
from martlet.signing import encode_base64url

__all__ = ["OlderHash", "PasswordHasher", "Verified"]

log: Final = logging.getLogger("martlet.security")

TIME_COST: Final = 3  # these three are the second recommended option of RFC 9106, Section 4: where memory is no
MEMORY_KIB: Final = 64 * 1024  # gigabytes. A check takes a fifth of a second of CPU time, and 64 MiB while it runs.
PARALLELISM: Final = 4
THREADS: Final = 4  # passwords checked at once, 64 MiB each
WAITING: Final = 64  # tasks that wait for those, some three seconds; later ones get 503
BLOCKED: Final = 8  # threads of the app that wait, of 32 by default: plain handlers hold one each
MAX_BYTES: Final = 1_024  # a long sentence in any script; longer ones are no passwords, but work
SALT_BYTES: Final = 16
HASH_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a password was right, which its truth tells as well; and a new hash to be kept in place of the old one.

    >>> bool(Verified(ok=False)), Verified(ok=True).new_hash
    (False, None)
    """

    ok: bool
    new_hash: str | None = None

    def __bool__(self) -> bool:
        """Whether it was right."""
        return self.ok


WRONG: Final = Verified(ok=False)


class OlderHash(Protocol):
    """A way to hash that passwords were kept by before; hashers of pwdlib and of passlib are such as they are."""

    def identify(self, hash: str, /) -> bool:  # noqa: A002  the name that those have
        """Tell whether this is a hash of that way."""
        ...

    def verify(self, password: str, hash: str, /) -> bool:  # noqa: A002  the same
        """Tell whether the password is the one that was hashed; ValueError for a broken hash or an unfit password."""
        ...


class PasswordHasher:
    """Makes hashes of passwords and verifies them, by argon2id, in threads of its own; needs the extra `passwords`.

    time_cost, memory_kib, parallelism: as in RFC 9106; the defaults are its second recommended option. A hash that was made with
        others is right as well, and a new one is given for it.
    older: ways to hash that passwords were kept by before; who logs in gets a hash of this one. One that is as slow as it should
        be is seen in the time of a login: hash those hashes once more, by this one, where that must not be told.
    threads: how many are hashed at once. waiting: how many tasks may wait for that, and blocked: how many threads of the app.
    max_bytes: of a password in UTF-8; a longer one is refused before any work.
    Raises MissingExtraError without argon2-cffi, ValueError for parameters that argon2 does not take.

    >>> hasher = PasswordHasher(time_cost=1, memory_kib=64, parallelism=1)  # far too cheap for anything but an example
    >>> kept = hasher.hash_now("Tr0ub4dor&3")
    >>> hasher.verify_now(kept, "Tr0ub4dor&3").ok, hasher.verify_now(kept, "troubador").ok
    (True, False)
    """

    def __init__(
        self,
        *,
        time_cost: int = TIME_COST,
        memory_kib: int = MEMORY_KIB,
        parallelism: int = PARALLELISM,
        older: Sequence[OlderHash] = (),
        threads: int = THREADS,
        waiting: int = WAITING,
        blocked: int = BLOCKED,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        """Check the parameters; nothing is hashed."""
        argon2 = require_extra("argon2", "passwords")
        if min(time_cost, parallelism, max_bytes) < 1 or memory_kib < 8 * parallelism:  # RFC 9106, Section 3.1
            raise ValueError(
                "Argon2 takes time_cost and parallelism from 1 on, and memory_kib from 8 for each degree of parallelism."
            )
        self._argon2: Final[Any] = argon2.PasswordHasher(time_cost, memory_kib, parallelism, HASH_BYTES, SALT_BYTES)
        self._wrong: Final[type[Exception]] = argon2.exceptions.VerifyMismatchError
        self._unusable: Final[type[Exception]] = argon2.exceptions.VerificationError
        self._older: Final = tuple(older)
        self._threads: Final = HashingThreads(threads, waiting, blocked)
        self._max_bytes: Final = max_bytes
        # A hash of nothing that anybody could type, made without hashing: it is what nobody's password is compared with.
        salt, digest = (standard_base64(os.urandom(size)) for size in (SALT_BYTES, HASH_BYTES))
        self._nobodys: Final = f"$argon2id$v=19$m={memory_kib},t={time_cost},p={parallelism}${salt}${digest}"

    async def hash(self, password: str) -> str:
        """Make a hash to be kept, with a salt and its parameters in it.

        Raises ValidationError for a password that is too long or no text, ServiceUnavailableError where too many wait.
        """
        return await self._threads.run(self._hash, self._checked(password))

    async def verify(self, kept: str | None, password: str) -> Verified:
        """Tell whether a password is the one whose hash was kept; `None`, that of a user who does not exist, costs as much.

        A hash of no known way is nobody's, and told to the log (`martlet.security`). Raises ServiceUnavailableError where too
        many wait.
        """
        prepared = self._prepared(password)
        return WRONG if prepared is None else await self._threads.run(self._verify, kept or None, prepared, password)

    def hash_now(self, password: str) -> str:
        """Do what `hash` does, for a plain function; not to be called on an event loop, which would stand still."""
        return self._threads.run_now(self._hash, self._checked(password))

    def verify_now(self, kept: str | None, password: str) -> Verified:
        """Do what `verify` does, for a plain function; not to be called on an event loop, which would stand still."""
        prepared = self._prepared(password)
        return WRONG if prepared is None else self._threads.run_now(self._verify, kept or None, prepared, password)

    def _prepared(self, password: str) -> bytes | None:
        """Give the bytes to hash; None for a password that is too long, or no text at all.

        NFC, since keyboards differ in how they write one letter (RFC 8265, Section 4.2.2).
        """
        if len(password) > self._max_bytes:  # normalising costs work too
            return None
        try:
            data = unicodedata.normalize("NFC", password).encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            return None
        return data if len(data) <= self._max_bytes else None

    def _checked(self, password: str) -> bytes:
        data = self._prepared(password)
        if data is None:
            detail = f"This is longer than {self._max_bytes:,} bytes, or no text."
            raise ValidationError("The password cannot be taken.", errors=[FieldError("/password", detail)])
        return data

    def _hash(self, password: bytes) -> str:
        hashed: str = self._argon2.hash(password)
        return hashed

    def _verify(self, kept: str | None, prepared: bytes, password: str) -> Verified:
        if kept is None or kept.startswith("$argon2"):
            return self._verify_argon2(kept, prepared)
        older = next((way for way in self._older if way.identify(kept)), None)
        if older is None:
            self._tell_unusable("it is of no way to hash that this PasswordHasher knows; name it in `older`")
            return self._verify_argon2(None, prepared)
        try:
            is_right = older.verify(password, kept)
        except ValueError as error:  # of bcrypt for a password beyond 72 bytes, and the like
            self._tell_unusable(str(error))
            is_right = False
        # Either way the work of argon2 is done as well, so that no answer comes sooner than nobody's does.
        return Verified(ok=True, new_hash=self._hash(prepared)) if is_right else self._verify_argon2(None, prepared)

    def _verify_argon2(self, kept: str | None, prepared: bytes) -> Verified:
        try:
            self._argon2.verify(kept or self._nobodys, prepared)
        except self._wrong:
            return WRONG
        except (self._unusable, ValueError) as error:
            self._tell_unusable(str(error) or "it is broken")
            return self._verify_argon2(None, prepared)
        if kept is None:
            return WRONG
        return Verified(ok=True, new_hash=self._hash(prepared) if self._argon2.check_needs_rehash(kept) else None)

    def _tell_unusable(self, why: str) -> None:
        """Tell the author of what is kept; never what it is."""
        log.error("A password cannot be compared with the hash that is kept: %s.", why.rstrip("."))


def standard_base64(data: bytes) -> str:
    """Write bytes as hashes in the PHC format have them: standard base64 without padding."""
    return encode_base64url(data).replace("-", "+").replace("_", "/")
