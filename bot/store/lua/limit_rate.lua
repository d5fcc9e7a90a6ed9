-- Counts one use of a name and lets it through up to a limit in so many seconds.
-- @args name, limit:number, seconds
-- @returns 1 | 0 beyond the limit

local key = limit_key(name)
local used = redis.call('INCR', key)
if used == 1 then redis.call('EXPIRE', key, seconds) end
return used <= limit and 1 or 0
