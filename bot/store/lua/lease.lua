-- Takes or renews the lease on work that one process does at a time.
-- @args name, holder, ms
-- @returns 1 | 0 when another process has it

local key = lease_key(name)
local current = redis.call('GET', key)
if current and current ~= holder then return 0 end
redis.call('SET', key, holder, 'PX', ms)
return 1
