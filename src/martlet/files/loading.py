"""From a file on disk to answers that are ready: its codings, their validators and fields, its bytes if they are few."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from martlet.files.caching import Freshness
from martlet.files.policies import FilePolicy
from martlet.files.precompressed import CODINGS, IDENTITY
from martlet.files.roots import Content, FoundFile, Root, State, read
from martlet.http import ETag, Headers, Validators, format_disposition
from martlet.http.content_types import content_type_for
from martlet.messages import PreparedHeaders, not_modified_fields

__all__ = ["Entry", "Loader", "Variant"]

# Tools that make the same archive twice set every file's time to one of these; it tells nothing of the content then.
MADE_UP_NS: Final = 315_619_200 * 10**9  # 2 January 1980


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """A file in one content coding.

    data: its bytes; None where they are too many for memory, and `path` is read for each answer.
    fields, not_modified: of a 200 and of a 304.
    """

    path: str
    size: int
    data: bytes | None
    validators: Validators
    fields: PreparedHeaders
    not_modified: PreparedHeaders


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """What is remembered of a path: a look at `asked` tells whether it still holds.

    codings: of `variants`, the smallest first. settled: whether a later change is sure to be seen.
    lasts: whether its name tells its content, by a build's own word, and all of it is in memory.
    """

    asked: str
    state: State
    settled: bool
    variants: dict[str, Variant]
    codings: tuple[str, ...]
    lasts: bool = False

    @property
    def memory(self) -> int:
        """Bytes held."""
        return sum(len(variant.data) for variant in self.variants.values() if variant.data is not None)

    def is_current(self) -> bool:
        """Whether the file is still the one that was read: one look at the disk, which takes about two microseconds."""
        if self.lasts:
            return True
        try:
            now = os.stat(self.asked)  # noqa: PTH116  PERF: a Path would cost as much again
        except OSError:
            return False
        return (now.st_mtime_ns, now.st_ctime_ns, now.st_size, now.st_ino, now.st_dev) == self.state


class Loader:
    """Reads files of one root by one policy; everything here may block."""

    def __init__(self, root: Root, policy: FilePolicy, freshness: Freshness) -> None:
        self.root = root
        self._policy = policy
        self._freshness = freshness
        self._own = Headers({"x-content-type-options": "nosniff"})
        self._own.update(policy.headers)

    def load(self, path: str, file: FoundFile) -> Entry | None:
        """Read what a path leads to, and its precompressed siblings; None where it cannot be read."""
        content = read(file, self._policy.memory_file_bytes)
        if content is None:
            return None
        found = {IDENTITY: (file, content), **dict(self._siblings(path, content.state))}
        fields = self._fields(path, vary=len(found) > 1)
        now = time.time_ns()
        return Entry(
            file.asked,
            content.state,
            all(sibling.has_settled(now) for _, sibling in found.values()),
            {coding: self._variant(coding, *sibling, fields) for coding, sibling in found.items()},
            tuple(sorted(found, key=lambda coding: found[coding][1].state.size)),
            path in self._freshness.known and all(sibling.data is not None for _, sibling in found.values()),
        )

    def _siblings(self, path: str, source: State) -> Iterator[tuple[str, tuple[FoundFile, Content]]]:
        """Find the precompressed files; one that is older than its source was made of something else."""
        if path.endswith(tuple(ending for _, ending in CODINGS)):
            return
        for coding, ending in CODINGS:
            file = self.root.find(path + ending)
            if isinstance(file, FoundFile) and file.state.mtime_ns >= source.mtime_ns:
                content = read(file, self._policy.memory_file_bytes)
                if content is not None:
                    yield coding, (file, content)

    def _fields(self, path: str, *, vary: bool) -> Headers:
        """The fields that all codings of a file share."""
        policy, name = self._policy, path.rpartition("/")[2]
        fields = Headers({"content-type": content_type_for(name, policy.types), "accept-ranges": "bytes"})
        fields.update(self._own)
        fields.setdefault("cache-control", self._freshness.cache_control(path))
        if vary:
            fields.add_member("vary", "accept-encoding")
        if policy.download:
            fields.setdefault("content-disposition", format_disposition("attachment", name))
        return fields

    @staticmethod
    def _variant(coding: str, file: FoundFile, content: Content, fields: Headers) -> Variant:
        validators = validators_of(content, coding)
        own = fields.copy()
        if coding != IDENTITY:
            own.set("content-encoding", coding)
        own.update(validators.fields)
        lines, data = own.items(), content.data
        size = content.state.size if data is None else len(data)
        return Variant(file.real, size, data, validators, PreparedHeaders(lines), PreparedHeaders(not_modified_fields(lines)))


def validators_of(content: Content, coding: str = IDENTITY) -> Validators:
    """The tag and time of a file's content: of the bytes themselves where they were read, else of its size and time of change.

    The tag is strong either way: whoever changes a file changes its time too. Of bytes it is the same on every machine.
    """
    state = content.state
    is_made_up = state.mtime_ns <= MADE_UP_NS
    if content.data is not None:
        etag = ETag.of(content.data)
    else:
        parts = (state.mtime_ns, state.size, state.ctime_ns) if is_made_up else (state.mtime_ns, state.size)
        etag = ETag("-".join([f"{part:x}" for part in parts] + ([] if coding == IDENTITY else [coding])))
    return Validators(etag, None if is_made_up else moment_of(state.mtime_ns))


def moment_of(mtime_ns: int) -> datetime | None:
    """The time of a change in whole seconds; None for one still to come, which must not be told (RFC 9110, Section 8.8.2.1)."""
    seconds = mtime_ns // 10**9
    return None if seconds > time.time() else datetime.fromtimestamp(seconds, UTC)
