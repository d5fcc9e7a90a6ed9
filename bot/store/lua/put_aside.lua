-- Puts aside those of some tickets that cannot be read, and forgets tickets that are readable again.
-- `team`: in whose queue `tickets` were found, or ''. A ticket that has ended or moved meanwhile is readable.
-- @args looked_at:number, team, tickets:json
-- @returns ids of the tickets put aside since the last call
-- @include damage

for _, ticket in ipairs(tickets) do
  if not is_readable(ticket) then put_aside(ticket, team ~= '' and team) end
end

local fresh, aside = {}, redis.call('HGETALL', ASIDE)
for i = 1, #aside, 2 do
  if is_readable(aside[i]) then
    redis.call('HDEL', ASIDE, aside[i])
  elseif aside[i + 1] == '0' then
    redis.call('HSET', ASIDE, aside[i], looked_at)
    table.insert(fresh, aside[i])
  end
end
return fresh
