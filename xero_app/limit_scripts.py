"""The limiter's scripts: each runs whole inside Redis, by Redis's clock, so all workers see one order of calls.

Keys of an organisation: `seen` (this Redis knows it), `block` (why nobody may call, until it expires), `slots`
(calls in flight by the end of their lease), `calls` (calls by the latest moment they can have reached Xero),
`others` (calls in the window that were not ours), `day` (calls left today), `waiting` (people who wait, served
first), `refusals` (times that Xero found too many in flight). Keys of the app: `app_calls`, `app_others`,
`app_block`.
"""

KEYS = (
    "seen",
    "block",
    "slots",
    "calls",
    "others",
    "day",
    "waiting",
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
# app's calls a window, reserve of the day, how long a waiting person stays first.
ACQUIRE = (
    _PRELUDE
    + """
local member, interactive = ARGV[1], ARGV[2] == '1'
local window, lease = tonumber(ARGV[6]), tonumber(ARGV[7])
if redis.call('EXISTS', seen, day) < 2 then return {'unknown', 0, now} end

local function blocked(key)
  local left = redis.call('PTTL', key)
  if left > 0 then return {redis.call('GET', key), left, now} end
end
local refused = blocked(block) or blocked(app_block)
if refused then return refused end

redis.call('ZREMRANGEBYSCORE', slots, '-inf', now)
redis.call('ZREMRANGEBYSCORE', calls, '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', app_calls, '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', waiting, '-inf', now)

local cap, reserve, ahead = tonumber(ARGV[4]), tonumber(ARGV[9]), 0
if interactive then
  cap, reserve = tonumber(ARGV[3]), 0
  redis.call('ZADD', waiting, now + tonumber(ARGV[10]), member)
  redis.call('PEXPIRE', waiting, ARGV[10])
else
  ahead = redis.call('ZCARD', waiting)
end

if number(day) <= reserve then return {'day', redis.call('PTTL', day), now} end
if redis.call('ZCARD', slots) + ahead >= cap then return {'concurrent', 0, now} end

local function full(set, others_key, limit)
  if redis.call('ZCARD', set) + number(others_key) + ahead < limit then return end
  local oldest = redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')
  local wait = window
  if oldest[2] then wait = math.min(wait, tonumber(oldest[2]) + window - now) end
  local others_end = redis.call('PTTL', others_key)
  if others_end > 0 then wait = math.min(wait, others_end) end
  return {'minute', math.max(wait, 1), now}
end
local late = full(calls, others, tonumber(ARGV[5])) or full(app_calls, app_others, tonumber(ARGV[8]))
if late then return late end

for _, set in ipairs({slots, calls, app_calls}) do
  redis.call('ZADD', set, now + lease, member)
  redis.call('PEXPIRE', set, lease + window)
end
redis.call('ZREM', waiting, member)
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

RELEASE = (
    _PRELUDE
    + """
redis.call('ZREM', slots, ARGV[1])
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
