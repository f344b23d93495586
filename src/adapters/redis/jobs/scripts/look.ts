import { SHELF } from "./shelf.ts";

/** Arguments: time, id. Answers with the state, or nothing for an unknown id. */
export const STATE = {
  name: "state",
  text: `${SHELF}
local id = ARGV[2]
if call('HEXISTS', J, id) == 1 then
  if call('ZSCORE', L, id) then return 'running' end
  if call('ZSCORE', S, id) then return 'scheduled' end
  if call('ZSCORE', T, id) then return 'retryable' end
  return 'available'
end
return ({ c = 'completed', x = 'cancelled', d = 'discarded' })[string.sub(call('HGET', E, id) or '', 1, 1)]
`,
};

/** Answers with the numbers of open, running, scheduled, retryable, completed, cancelled and discarded jobs. */
export const COUNTS = {
  name: "counts",
  text: `${SHELF}
local ended = call('HMGET', N, 'c', 'x', 'd')
return { call('HLEN', J), call('ZCARD', L), call('ZCARD', S), call('ZCARD', T),
  tonumber(ended[1] or 0), tonumber(ended[2] or 0), tonumber(ended[3] or 0) }
`,
};

/** Is refused as a job would be: on a replica, at maxmemory, on a full disk. The key is gone a millisecond later. */
export const TRIAL = {
  name: "trial",
  text: `${SHELF}
call('SET', k .. 'trial', '', 'PX', 1)
return 1
`,
};

/** Argument: time. Answers with the milliseconds until a job falls due, or nothing where there is none. */
export const NEXT_DUE = {
  name: "next-due",
  text: `${SHELF}
if call('EXISTS', R) == 1 then return 0 end
local least
for _, waiting in ipairs({ L, S, T }) do
  local first = tonumber(call('ZRANGE', waiting, 0, 0, 'WITHSCORES')[2])
  if first and (not least or first < least) then least = first end
end
return least and math.max(0, math.ceil(least - clock())) or nil
`,
};

/** Arguments: time, limit. Answers with id and record of each. */
export const ABANDONED = {
  name: "abandoned",
  text: `${SHELF}
return call('HRANDFIELD', B, ARGV[2], 'WITHVALUES')
`,
};

/** Arguments: time, ids. */
export const TAKE_ABANDONED = {
  name: "take-abandoned",
  text: `${SHELF}
for n = 2, #ARGV do call('HDEL', B, ARGV[n]) end
return 1
`,
};

/** Lists of ready jobs exist for the orgs of the ring and for no other. */
export const CLEAR = {
  name: "clear",
  text: `${SHELF}
for _, org in ipairs(call('ZRANGE', R, 0, -1)) do call('UNLINK', k .. 'w:' .. org) end
return call('UNLINK', J, A, R, I, V, L, S, T, U, E, O, N, B)
`,
};
