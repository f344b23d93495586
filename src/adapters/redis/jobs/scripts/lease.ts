import { SETTLE, SHELF } from "./shelf.ts";

/** Arguments: time, length of the lease; of each job its id and its token. Answers as END does. */
export const EXTEND = {
  name: "extend",
  text: `${SHELF}
-- Takes no memory, and so may be the first write at maxmemory: see claim.
call('ZREM', L, '')
local deadline, ids, leases, answer = clock() + ARGV[2], {}, {}, {}
for n = 3, #ARGV, 2 do ids[#ids + 1] = ARGV[n] end
for n, facts in ipairs(call('HMGET', A, unpack(ids))) do
  answer[n] = '0'
  if facts and string.match(facts, '^%S*') == ARGV[n * 2 + 2] then
    leases[#leases + 1] = deadline
    leases[#leases + 1] = ids[n]
    answer[n] = '1'
  end
end
if #leases > 0 then call('ZADD', L, unpack(leases)) end
return table.concat(answer)
`,
};

/** Arguments: time, id. Answers with 1 where the job is cancelled now. */
export const CANCEL = {
  name: "cancel",
  text: `${SHELF}${SETTLE}
local id = ARGV[2]
local record = call('HGET', J, id)
if not record then return string.sub(call('HGET', E, id) or '', 1, 1) == 'x' and 1 or 0 end
if call('ZSCORE', L, id) then return 0 end
local org, key = string.match(record, '^%d+\\n([^\\n]*)\\n([^\\n]*)')
if call('ZREM', S, id) + call('ZREM', T, id) == 0 then
  call('LREM', k .. 'w:' .. org, 1, id)
  if call('EXISTS', k .. 'w:' .. org) == 0 then
    call('ZADD', I, call('ZSCORE', R, org), org)
    call('ZREM', R, org)
  end
end
call('HDEL', J, id)
call('HDEL', A, id)
if key ~= '' then call('HDEL', U, org .. '\\n' .. key) end
settle({ id, 'x' }, { x = 1 })
return 1
`,
};
