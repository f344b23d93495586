import { ENTER, SHELF } from "./shelf.ts";

/**
 * Arguments: time; of each job its id, when it is due (empty: at once) and its record. Answers with one text, `1` for each
 * job that was new and `0` for each that was not.
 *
 * At maxmemory the first write of a script is refused where it could take memory, so all of a call is refused.
 */
export const ENQUEUE = {
  name: "enqueue",
  text: `${SHELF}${ENTER}
local added, now = {}, nil
for n = 2, #ARGV, 3 do
  local id, due, record = ARGV[n], ARGV[n + 1], ARGV[n + 2]
  local org, key = string.match(record, '^%d+\\n([^\\n]*)\\n([^\\n]*)')
  local is_new = call('HEXISTS', E, id) == 0
  if is_new and key ~= '' then
    is_new = call('HEXISTS', J, id) == 0 and call('HSETNX', U, org .. '\\n' .. key, id) == 1
  end
  if is_new and call('HSETNX', J, id, record) == 1 then
    if due ~= '' then now = now or clock() end
    if due ~= '' and tonumber(due) > now then call('ZADD', S, due, id) else make_available(id, org) end
    added[#added + 1] = '1'
  else
    added[#added + 1] = '0'
  end
end
-- Who may not publish enqueues all the same: idle workers look by themselves, only later.
if woke then redis.pcall('PUBLISH', k .. 'new', '') end
return table.concat(added)
`,
};
