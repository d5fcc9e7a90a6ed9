-- Gives work that one process does at a time to a holder, for some time.
-- @args name, holder, ms
-- @returns 1 | 0 when somebody else has it

local key = lease_key(name)
local current = redis.call('GET', key)
if current and current ~= holder then return 0 end
redis.call('SET', key, holder, 'PX', ms)
return 1
