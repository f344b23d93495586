/**
 * What all scripts of the queue share. Each runs as one step, may be run again with the same arguments, and touches only
 * keys below its one key, which holds a hash tag:
 *
 *     j      hash    id → record, of every job that is not ended
 *     a      hash    id → facts of its attempts, once there was one:
 *                    running   "token attempts max org\nunique key"
 *                    waiting   " attempts token of the attempt that ended"
 *     w:org  list    ids that are available, in their order
 *     r      zset    orgs with available jobs by their next turn in virtual time (start-time fair queueing)
 *     i      zset    orgs without, whose next turn lies ahead: who leaves and comes back goes on from there
 *     v      string  the present of virtual time: who comes anew starts here
 *     l      zset    running ids by the end of their lease
 *     s, t   zset    scheduled and retryable ids by the time they are due
 *     u      hash    org\nunique key → id
 *     e      hash    ended id → c, x or d (completed, cancelled, discarded) and the token it was ended with
 *     o      list    ended ids, oldest first
 *     n      hash    c, x, d → how many of each e has
 *     b      hash    id → record, of jobs discarded since their worker was lost, until they are taken
 *     trial  string  empty, for a millisecond: whether anything can be written
 *     new    channel an empty message when a job was enqueued and none had been available
 *
 * Redis 6.2 has all that is used. Times are milliseconds since 1970.
 */
export const SHELF = `
local call, k = redis.call, KEYS[1]
local J, A, R, I, V, L = k .. 'j', k .. 'a', k .. 'r', k .. 'i', k .. 'v', k .. 'l'
local S, T, U, E, O, N, B = k .. 's', k .. 't', k .. 'u', k .. 'e', k .. 'o', k .. 'n', k .. 'b'

-- The first argument is a simulated time or empty.
local function clock()
  if ARGV[1] ~= '' then return tonumber(ARGV[1]) end
  local time = call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
`;

/** An org that had no available job has one now; \`woke\` says whether it is the first of all. */
export const ENTER = `
local woke = false

local function enter(org)
  woke = woke or call('ZCARD', R) == 0
  local own = call('ZSCORE', I, org)
  call('ZADD', R, math.max(tonumber(call('GET', V) or 0), tonumber(own or 0)), org)
  if own then call('ZREM', I, org) end
end

local function make_available(id, org)
  if call('RPUSH', k .. 'w:' .. org, id) == 1 then enter(org) end
end
`;

/** Jobs of several calls have ended: \`ended\` is id, code and token, id, code and token, … */
export const SETTLE = `
local ENDED_KEPT, FORGET_MAX = 100000, 1000

local function settle(ended, code_counts)
  call('HSET', E, unpack(ended))
  local ids = {}
  for n = 1, #ended, 2 do ids[#ids + 1] = ended[n] end
  local excess = call('RPUSH', O, unpack(ids)) - ENDED_KEPT
  if excess > 0 then
    local gone = call('LPOP', O, math.min(excess, FORGET_MAX))
    for _, code in ipairs(call('HMGET', E, unpack(gone))) do
      code = code and string.sub(code, 1, 1)
      if code then code_counts[code] = (code_counts[code] or 0) - 1 end
    end
    call('HDEL', E, unpack(gone))
  end
  for code, count in pairs(code_counts) do
    if count ~= 0 then call('HINCRBY', N, code, count) end
  end
end
`;
