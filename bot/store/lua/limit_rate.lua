-- Counts one use of a name, and allows at most `limit` uses in `seconds`.
-- A count that lasts longer was begun before the clock was set back.
-- @args name, limit:number, seconds:number
-- @returns 1 | 0 beyond the limit

local key = limit_key(name)
local used = redis.call('INCR', key)
if used == 1 or redis.call('TTL', key) > seconds then redis.call('EXPIRE', key, seconds) end
return used <= limit and 1 or 0
