"""The limiter's scripts: each runs whole inside Redis, by Redis's clock, so all workers see one order of calls.

Keys of an organisation: `seen` (this Redis knows it), `block` (why nobody may call, until it expires), `slots` (calls
in flight by the end of their lease), `calls` (calls by the latest moment they can have reached Xero), `others` (calls
in the window that were not ours), `day` (calls left today), `waiting` (who waits, in order of service), `heard` (until
when each of them keeps its place), `refusals` (times that Xero found too many in flight). Keys of the app:
`app_calls`, `app_others`, `app_block`.
"""

KEYS = (
    "seen",
    "block",
    "slots",
    "calls",
    "others",
    "day",
    "waiting",
    "heard",
    "refusals",
    "app_block",
    "app_calls",
    "app_others",
)

_PRELUDE = "\n".join(
    (
        *(f"local {name} = KEYS[{position}]" for position, name in enumerate(KEYS, start=1)),
        "local clock = redis.call('TIME')",
        "local now = clock[1] * 1000 + math.floor(clock[2] / 1000)",
        "local function number(key) return tonumber(redis.call('GET', key) or '0') end",
        "",
    )
)

# ARGV: member, interactive, in flight, share of the workers, calls a window, window ms, lease ms,
# app's calls a window, what must be left of the day, how long a waiting caller keeps its place unheard.
ACQUIRE = (
    _PRELUDE
    + """
local member, interactive = ARGV[1], ARGV[2] == '1'
local window, lease, patience = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[10])
if redis.call('EXISTS', seen, day) < 2 then return {'unknown', 0, now} end

for _, silent in ipairs(redis.call('ZRANGEBYSCORE', heard, '-inf', now)) do
  redis.call('ZREM', heard, silent)
  redis.call('ZREM', waiting, silent)
end
redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
redis.call('ZREMRANGEBYSCORE', calls, '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', app_calls, '-inf', now - window)

-- People stand before workers: their places are below zero.
local cap, came = tonumber(ARGV[4]), now
local place = redis.call('ZRANK', waiting, member)
local ahead = place or redis.call('ZCARD', waiting)
if interactive then
  cap, came = tonumber(ARGV[3]), now - 1e13
  ahead = place or redis.call('ZCOUNT', waiting, '-inf', 0)
end

local function wait(reason, ms)
  if not place then redis.call('ZADD', waiting, came, member) end
  redis.call('ZADD', heard, now + patience, member)
  redis.call('PEXPIRE', waiting, patience)
  redis.call('PEXPIRE', heard, patience)
  return {reason, math.max(1, ms), now}
end

for _, key in ipairs({block, app_block}) do
  local left = redis.call('PTTL', key)
  if left > 0 then return wait(redis.call('GET', key), left) end
end
if number(day) <= tonumber(ARGV[9]) then return wait('day', redis.call('PTTL', day)) end
if redis.call('ZCARD', slots) + ahead >= cap then return wait('concurrent', math.min(250, 25 * (1 + ahead))) end

-- How long until this caller's turn: so many of the oldest calls must leave the window first.
local function late(set, others_key, limit)
  local leave = redis.call('ZCARD', set) + number(others_key) + ahead - limit
  if leave < 0 then return nil end
  local oldest = redis.call('ZRANGE', set, leave, leave, 'WITHSCORES')
  local ms = window
  if oldest[2] then ms = math.min(ms, tonumber(oldest[2]) + window - now) end
  local others_end = redis.call('PTTL', others_key)
  if others_end > 0 then ms = math.min(ms, others_end) end
  return ms
end
local ms = late(calls, others, tonumber(ARGV[5])) or late(app_calls, app_others, tonumber(ARGV[8]))
if ms then return wait('minute', ms) end

for _, set in ipairs({slots, calls, app_calls}) do
  redis.call('ZADD', set, now + lease, member)
  redis.call('PEXPIRE', set, lease + window)
end
redis.call('ZREM', waiting, member)
redis.call('ZREM', heard, member)
redis.call('DECR', day)
redis.call('PEXPIRE', seen, 172800000)
return {'go', 0, now}
"""
)

# ARGV: window ms, calls left today, how long that figure holds, 1 when calls may have been made lately.
INTRODUCE = (
    _PRELUDE
    + """
if redis.call('SET', seen, '1', 'NX', 'PX', 172800000) and ARGV[4] == '1' then
  redis.call('SET', block, 'minute', 'PX', ARGV[1])
end
redis.call('SET', day, ARGV[2], 'NX', 'PX', ARGV[3])
"""
)

# ARGV: member, calls a window, window ms, app's calls a window, then what Xero says is left: in the minute, in
# the app's minute, in the day (each may be empty), and how long the day's figure holds.
ANSWERED = (
    _PRELUDE
    + """
local window = tonumber(ARGV[3])
local function learn(set, others_key, limit, left)
  redis.call('ZADD', set, now, ARGV[1])
  redis.call('ZREMRANGEBYSCORE', set, '-inf', now - window)
  if left == '' then return end
  local extra = limit - redis.call('ZCARD', set) - tonumber(left)
  if extra > 0 then redis.call('SET', others_key, extra, 'PX', window) else redis.call('DEL', others_key) end
end
learn(calls, others, tonumber(ARGV[2]), ARGV[5])
learn(app_calls, app_others, tonumber(ARGV[4]), ARGV[6])
if ARGV[7] ~= '' then redis.call('SET', day, ARGV[7], 'PX', ARGV[8]) end
"""
)

# ARGV: member, which leaves for good: its slot, or its place among those who wait.
LEAVE = (
    _PRELUDE
    + """
for _, set in ipairs({slots, waiting, heard}) do redis.call('ZREM', set, ARGV[1]) end
"""
)

# ARGV: reason, ms (0: grow with each refusal), a random number from 0 to 1, 1 when the whole app is meant.
REFUSED = (
    _PRELUDE
    + """
local wait = tonumber(ARGV[2])
if wait == 0 then
  local times = redis.call('INCR', refusals)
  redis.call('PEXPIRE', refusals, 60000)
  wait = math.min(30000, 500 * 2 ^ (times - 1)) * (0.5 + tonumber(ARGV[3]) / 2)
end
local key = block
if ARGV[4] == '1' then key = app_block end
wait = math.max(1, math.floor(wait))
if redis.call('PTTL', key) < wait then redis.call('SET', key, ARGV[1], 'PX', wait) end
return wait
"""
)
