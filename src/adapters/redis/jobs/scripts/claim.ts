import { ENTER, SETTLE, SHELF } from "./shelf.ts";

/**
 * Arguments: time, count, length of the lease, token, and `1` where the same claim was sent before and its answer lost.
 * Answers with the end of the lease and then id, attempt and record of each job.
 *
 * First what is due becomes available, at most 100 of each kind in one claim: there is no other process that would do it.
 * Then orgs are served in the order of their turns. A turn of one org alone costs what it takes, so that somebody who comes
 * later is served before it again.
 *
 * At maxmemory Redis refuses the first write of a script if it could take memory, and none after it: here the first one always
 * takes something out. Work that was accepted has to get done then more than ever.
 */
export const CLAIM = {
  name: "claim",
  text: `${SHELF}${ENTER}${SETTLE}
local WAKE_MAX = 100
local count, lease_ms, token, again = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5] == '1'
local now = clock()

if again then
  local ids, answer = call('ZRANGE', L, 0, -1), {}
  for n = 1, #ids do
    local facts = call('HGET', A, ids[n]) or ''
    local held, attempts = string.match(facts, '^(%S*) (%d+)')
    if held == token then
      answer[1] = answer[1] or call('ZSCORE', L, ids[n])
      answer[#answer + 1] = ids[n]
      answer[#answer + 1] = attempts
      answer[#answer + 1] = call('HGET', J, ids[n])
    end
  end
  if #answer > 0 then return answer end
end

for _, waiting in ipairs({ S, T }) do
  local ids = call('ZRANGEBYSCORE', waiting, '-inf', now, 'LIMIT', 0, WAKE_MAX)
  if #ids > 0 then
    call('ZREM', waiting, unpack(ids))
    for n, record in ipairs(call('HMGET', J, unpack(ids))) do
      if record then make_available(ids[n], (string.match(record, '^%d+\\n([^\\n]*)'))) end
    end
  end
end

local lost = call('ZRANGEBYSCORE', L, '-inf', now, 'LIMIT', 0, WAKE_MAX)
if #lost > 0 then
  call('ZREM', L, unpack(lost))
  local ended = {}
  for _, id in ipairs(lost) do
    local attempts, max, org, key = string.match(call('HGET', A, id) or '', '^%S* (%d+) (%d+) ([^\\n]*)\\n(.*)')
    if attempts and tonumber(attempts) < tonumber(max) then
      call('HSET', A, id, ' ' .. attempts .. ' ')
      make_available(id, org)
    elseif attempts then
      call('HSET', B, id, call('HGET', J, id))
      call('HDEL', J, id)
      call('HDEL', A, id)
      if key ~= '' then call('HDEL', U, org .. '\\n' .. key) end
      ended[#ended + 1] = id
      ended[#ended + 1] = 'd'
    end
  end
  if #ended > 0 then settle(ended, { d = #ended / 2 }) end
end

local taken, left, present = {}, count, tonumber(call('GET', V) or 0)
local before = present
while left > 0 do
  local ring = call('ZRANGE', R, 0, left - 1, 'WITHSCORES')
  local orgs = #ring / 2
  if orgs == 0 then break end
  local share = math.floor(left / orgs)
  local busy, idle, gone = {}, {}, {}
  for n = 1, #ring, 2 do
    local org, turn = ring[n], tonumber(ring[n + 1])
    local ids = call('LPOP', k .. 'w:' .. org, share) or {}
    for _, id in ipairs(ids) do taken[#taken + 1] = id end
    left = left - #ids
    present = math.max(present, turn)
    if #ids == share and call('EXISTS', k .. 'w:' .. org) == 1 then
      busy[#busy + 1] = turn + #ids
      busy[#busy + 1] = org
    else
      idle[#idle + 1] = turn + #ids
      idle[#idle + 1] = org
      gone[#gone + 1] = org
    end
  end
  if #busy > 0 then call('ZADD', R, unpack(busy)) end
  if #gone > 0 then
    call('ZREM', R, unpack(gone))
    call('ZADD', I, unpack(idle))
  end
end
if #taken == 0 then return {} end
if present > before then
  call('SET', V, present)
  call('ZREMRANGEBYSCORE', I, '-inf', present)
end

local records, known = call('HMGET', J, unpack(taken)), call('HMGET', A, unpack(taken))
local facts, leases, answer, deadline = {}, {}, { now + lease_ms }, now + lease_ms
for n, id in ipairs(taken) do
  local record = records[n]
  if record then
    local attempt = 1
    if known[n] then attempt = string.match(known[n], '^ (%d+)') + 1 end
    local max, org, key = string.match(record, '^(%d+)\\n([^\\n]*)\\n([^\\n]*)')
    facts[#facts + 1] = id
    facts[#facts + 1] = token .. ' ' .. attempt .. ' ' .. max .. ' ' .. org .. '\\n' .. key
    leases[#leases + 1] = deadline
    leases[#leases + 1] = id
    answer[#answer + 1] = id
    answer[#answer + 1] = attempt
    answer[#answer + 1] = record
  end
end
call('HSET', A, unpack(facts))
call('ZADD', L, unpack(leases))
return answer
`,
};
