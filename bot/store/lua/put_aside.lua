-- Puts aside the open tickets that cannot be read, and forgets tickets that are readable again.
-- @args looked_at:number
-- @returns ids of the tickets put aside since the last call
-- @include damage

for _, team in ipairs(redis.call('SMEMBERS', QUEUES)) do
  for _, ticket in ipairs(redis.call('ZRANGE', queue_key(team), 0, -1)) do
    if not is_readable(ticket) then put_aside(ticket, team) end
  end
end
for _, places in ipairs({redis.call('SMEMBERS', CLAIMED), redis.call('ZRANGE', SNOOZED, 0, -1),
  redis.call('ZRANGE', CALLBACKS, 0, -1)}) do
  for _, ticket in ipairs(places) do
    if not is_readable(ticket) then put_aside(ticket) end
  end
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
