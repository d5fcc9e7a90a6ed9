-- Reserves the alarm that has been due longest for the caller, for `lease_ms`.
-- @args lease_ms:number
-- @returns {ticket, end of the reservation} | {} when none is due
-- @include clock

local now = now_ms()
local ticket = redis.call('ZRANGEBYSCORE', ALARMS, '-inf', now, 'LIMIT', 0, 1)[1]
if not ticket then return {} end
local reserved = string.format('%.0f', now + lease_ms)
redis.call('ZADD', ALARMS, reserved, ticket)
return {ticket, reserved}
