-- Returns the ticket whose alarm has been due longest, and reserves it for the caller for `lease_ms`.
-- @args lease_ms:number
-- @returns the ticket | '' when none is due
-- @include clock

local now = now_ms()
local ticket = redis.call('ZRANGEBYSCORE', ALARMS, '-inf', now, 'LIMIT', 0, 1)[1]
if ticket then redis.call('ZADD', ALARMS, now + lease_ms, ticket) end
return ticket or ''
