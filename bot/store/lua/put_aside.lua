-- Puts aside those of some tickets that cannot be read; after the last ones, forgets tickets that are readable again.
-- `team`: in whose queue `tickets` were found, or ''. A ticket that has ended or moved meanwhile is readable. The last
-- call of a look at all tickets has no tickets, and returns the same ids until one names them as `restored`, so that
-- neither a failure nor the end of a process before they were restored loses one.
-- @args looked_at:number, team, tickets:json, restored:json
-- @returns ids of the tickets put aside that no call named as `restored`; {} if `tickets` is not empty
-- @include damage

for _, ticket in ipairs(tickets) do
  if not is_readable(ticket) then put_aside(ticket, team ~= '' and team) end
end
if #tickets > 0 then return {} end

for _, ticket in ipairs(restored) do
  if redis.call('HEXISTS', ASIDE, ticket) == 1 then redis.call('HSET', ASIDE, ticket, looked_at) end
end
local fresh, aside = {}, redis.call('HGETALL', ASIDE)
for i = 1, #aside, 2 do
  if is_readable(aside[i]) then
    redis.call('HDEL', ASIDE, aside[i])
  elseif aside[i + 1] == '0' then
    table.insert(fresh, aside[i])
  end
end
return fresh
