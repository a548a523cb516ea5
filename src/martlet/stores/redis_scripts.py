"""What a store does on the Redis server itself, whole or not at all: Lua scripts, each of one key, so that clusters take them.

A value is kept behind its mark, 16 bytes: 4 that tell its key, 12 at random. The mark is the version that callers see.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha1
from typing import Final

MARK_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Script:
    """Lua, and the name that a server knows it by once it has run it."""

    text: str
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", sha1(self.text.encode(), usedforsecurity=False).hexdigest())


# ARGV: the mark that must be there, the new mark and value, milliseconds to live or an empty text for ever.
REPLACE: Final = Script("""
if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return 0 end
if ARGV[3] == '' then redis.call('SET', KEYS[1], ARGV[2]) else redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
""")

# ARGV: the mark that must be there.
DELETE: Final = Script("""
if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
""")

# PERSIST alone does not tell an entry that lives for ever from one that is not there.
KEEP_FOR_EVER: Final = Script("""
redis.call('PERSIST', KEYS[1])
return redis.call('EXISTS', KEYS[1])
""")

# ARGV: limit, period, tick, cost. As rates.Meter.take, by the server's clock, so that all who ask agree on the time.
# Gives whether it is allowed, and how full the bucket is.
TAKE: Final = Script("""
local limit, period, tick, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = math.floor((tonumber(time[1]) * 1000000 + tonumber(time[2])) / tick)
local filled, went_back = 0, false
local kept = redis.call('GET', KEYS[1])
if kept then
    local before, at = string.match(kept, '^(%d+) (%d+)$')
    at = tonumber(at)
    went_back = now < at
    local passed = math.min(math.max(now - at, 0), period)
    filled = math.max(tonumber(before) - passed * limit, 0)
end
local allowed = filled + cost * period <= limit * period
if allowed then filled = filled + cost * period end
if (allowed and cost > 0) or went_back then
    local lifetime = math.ceil(filled / limit * tick / 1000) + 1
    redis.call('SET', KEYS[1], string.format('%.0f %.0f', filled, now), 'PX', string.format('%.0f', lifetime))
end
return {allowed and 1 or 0, filled}
""")
