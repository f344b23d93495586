import { SETTLE, SHELF } from "./shelf.ts";

/**
 * Arguments: time; of each job its id, its token, how it ended (c, r, s, x, d: complete, retry, snooze, cancel, discard) and
 * the pause. Answers with one text, `1` for each whose token held, now or when the same was said before.
 */
export const END = {
  name: "end",
  text: `${SHELF}${SETTLE}
local ids = {}
for n = 2, #ARGV, 4 do ids[#ids + 1] = ARGV[n] end
local known = call('HMGET', A, unpack(ids))
local answer, closed, waits, gone, ended, counts, now = {}, {}, {}, {}, {}, {}, nil
for n, id in ipairs(ids) do
  local at = n * 4 - 2
  local token, code, pause = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  local held, attempts, rest = nil, nil, nil
  if known[n] then held, attempts, rest = string.match(known[n], '^(%S*) (%d+) (.*)') end
  if held == token then
    closed[#closed + 1] = id
    known[n] = false
    if code == 'r' or code == 's' then
      if code == 's' then attempts = attempts - 1 end
      waits[#waits + 1] = { id, code == 'r' and T or S, pause, ' ' .. attempts .. ' ' .. token }
    else
      gone[#gone + 1] = id
      local key = string.match(rest, '^%d+ ([^\\n]*\\n.+)')
      if key then call('HDEL', U, key) end
      ended[#ended + 1] = id
      ended[#ended + 1] = code .. token
      counts[code] = (counts[code] or 0) + 1
    end
    answer[n] = '1'
  elseif held == '' and rest == token then
    answer[n] = '1'
  else
    local how = held == nil and call('HGET', E, id)
    answer[n] = how and string.sub(how, 2) == token and '1' or '0'
  end
end
-- First what frees memory: see claim.
if #closed > 0 then call('ZREM', L, unpack(closed)) end
if #gone > 0 then
  call('HDEL', J, unpack(gone))
  call('HDEL', A, unpack(gone))
  settle(ended, counts)
end
for _, wait in ipairs(waits) do
  now = now or clock()
  call('HSET', A, wait[1], wait[4])
  call('ZADD', wait[2], now + wait[3], wait[1])
end
return table.concat(answer)
`,
};
