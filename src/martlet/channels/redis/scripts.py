"""What channels do on the Redis server itself, whole or not at all.

A topic has a stream of its messages, whose field `m` is the message; one without it is a mark, where a topic began without one.
A key has its last id, which outlives what is trimmed.
"""

from __future__ import annotations

from typing import Final

from martlet.stores.redis_scripts import Script

# KEYS: the stream, the last id, what a publisher's id was published as.
# ARGV: message, count and milliseconds of the window, milliseconds for a publisher's id, milliseconds for the topic, a mark of
# this call: when its answer is lost and it is made again, it finds its own mark and is no repeat.
# Gives the id, and whether it is a repeat. For the ids see places.py.
PUBLISH: Final = Script("""
local seen = redis.call('GET', KEYS[3])
if seen then
    local id, call = string.match(seen, '^(%S+) (.*)$')
    return {id, call ~= ARGV[6] and 1 or 0}
end
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local milliseconds, number = now, tonumber(time[1]) * 1000000 + tonumber(time[2])
local tail = redis.call('GET', KEYS[2])
if tail then
    local before, last = string.match(tail, '^(%d+)-(%d+)$')
    milliseconds, number = math.max(now, tonumber(before)), tonumber(last)
end
local id = string.format('%.0f-%.0f', milliseconds, number + 1)
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], id, 'm', ARGV[1])
redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', math.max(now - tonumber(ARGV[3]), 0)))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('SET', KEYS[2], id, 'PX', ARGV[5])
redis.call('SET', KEYS[3], id .. ' ' .. ARGV[6], 'PX', ARGV[4])
return {id, 0}
""")

# KEYS: the stream, the last id. ARGV: the id that was read last, or an empty text; milliseconds for the topic.
# Gives the last id, of a topic that begins now if there is none, and whether everything since what was read is still there.
RESUME: Final = Script("""
local tail = redis.call('GET', KEYS[2])
if not tail then
    local time = redis.call('TIME')
    local milliseconds = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
    tail = string.format('%.0f-%.0f', milliseconds, tonumber(time[1]) * 1000000 + tonumber(time[2]))
    redis.call('SET', KEYS[2], tail, 'PX', ARGV[2])
    redis.call('XADD', KEYS[1], tail, 'k', '')
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return {tail, ARGV[1] == '' and 1 or 0}
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
if ARGV[1] == '' or ARGV[1] == tail then return {tail, 1} end
local following = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', 1)[1]
if not following then return {tail, 0} end
local number = tonumber(string.match(following[1], '-(%d+)$'))
return {tail, number == tonumber(string.match(ARGV[1], '-(%d+)$')) + 1 and 1 or 0}
""")

# KEYS: a stream that one process reads beside its topics, to be woken by. ARGV: milliseconds for it.
WAKE: Final = Script("""
redis.call('XADD', KEYS[1], 'MAXLEN', 1, '*', 'w', '')
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
""")
