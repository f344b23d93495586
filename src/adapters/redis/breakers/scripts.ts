/**
 * Scripts of the breakers, on keys below one prefix. A script that is run again after a lost answer does no harm: a failure
 * may count twice.
 *
 *     s  hash  name of the breaker → failures, openings, end of being open or 0, end of the probe or 0, its token, time of
 *              the last change, reason; each but the last followed by a space
 *     c  zset  names by the time of their last change: the oldest are forgotten beyond 10,000, and after a week
 *
 * Times are milliseconds since 1970; the first argument is a simulated time or empty, the second a name.
 */
import type { RedisScript } from "../redis-scripts.ts";

const SHELF = `
local call = redis.call
local S, C = KEYS[1] .. 's', KEYS[1] .. 'c'
local now = tonumber(ARGV[1])
if now == nil then
  local time = call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function read(name)
  local text = call('HGET', S, name)
  if not text then return nil end
  local f, o, u, p, t, c, r = string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%S*) (%d+) (.*)$')
  return { tonumber(f), tonumber(o), tonumber(u), tonumber(p), t, tonumber(c), r }
end
local function write(name, b)
  call('HSET', S, name, string.format('%d %d %.0f %.0f %s %.0f %s', b[1], b[2], b[3], b[4], b[5], b[6], b[7]))
end
`;

/** Arguments: time, name, token, openMs, probeMs. Answers with `{ 'closed', failures }`, `{ 'probe' }` or `{ 'open', ms }`. */
export const ENTER: RedisScript = {
  name: "enter a breaker",
  text: `${SHELF}
local name, token, open_ms, probe_ms = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local b = read(name)
if not b or b[3] == 0 then return { 'closed', b and b[1] or 0 } end
if b[3] > now then return { 'open', b[3] - now } end
if b[4] > now and b[5] ~= token then return { 'open', math.min(b[4] - now, open_ms) } end
b[4], b[5] = now + probe_ms, token
write(name, b)
return { 'probe' }`,
};

/** Arguments: time, name. */
export const SUCCEEDED: RedisScript = {
  name: "close a breaker",
  text: `${SHELF}
call('HDEL', S, ARGV[2])
call('ZREM', C, ARGV[2])
return 1`,
};

/** Arguments: time, name, token, failuresMax, openMs, openMaxMs, reason. */
export const FAILED: RedisScript = {
  name: "note a failure",
  text: `${SHELF}
local name, token = ARGV[2], ARGV[3]
local failures_max, open_ms, open_max_ms = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local b = read(name) or { 0, 0, 0, 0, '', 0, '' }
b[1] = b[1] + 1
local opens
if b[3] == 0 then opens = b[1] >= failures_max else opens = b[5] == token end
if opens then
  b[3] = now + math.min(open_ms * 2 ^ math.min(b[2], 60), open_max_ms)
  b[2], b[4], b[5] = b[2] + 1, 0, ''
end
b[6], b[7] = now, ARGV[7]
write(name, b)
call('ZADD', C, now, name)
local old = call('ZRANGEBYSCORE', C, '-inf', now - 604800000, 'LIMIT', 0, 100)
local more = call('ZCARD', C) - #old - 10000
if more > 0 then
  for _, other in ipairs(call('ZRANGE', C, #old, #old + math.min(more, 100) - 1)) do old[#old + 1] = other end
end
for _, other in ipairs(old) do
  call('HDEL', S, other)
  call('ZREM', C, other)
end
return 1`,
};

/** Arguments: time, how many, what the names begin with or empty. Answers with the time, then name and state of each. */
export const LIST: RedisScript = {
  name: "list breakers",
  text: `${SHELF}
local limit, begin, answer = tonumber(ARGV[2]), ARGV[3], { now }
for _, name in ipairs(call('ZREVRANGE', C, 0, -1)) do
  if #answer > limit * 2 then break end
  if string.sub(name, 1, #begin) == begin then
    answer[#answer + 1] = name
    answer[#answer + 1] = call('HGET', S, name)
  end
end
return answer`,
};
