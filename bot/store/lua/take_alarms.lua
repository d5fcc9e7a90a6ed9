-- Returns the tickets whose alarms are due, and reserves them for the caller for `lease_ms`.
-- @args lease_ms:number
-- @returns tickets
-- @include clock

local now = now_ms()
local due = redis.call('ZRANGEBYSCORE', ALARMS, '-inf', now, 'LIMIT', 0, 20)
for _, ticket in ipairs(due) do redis.call('ZADD', ALARMS, now + lease_ms, ticket) end
return due
