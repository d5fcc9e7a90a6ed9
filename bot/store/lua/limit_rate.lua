-- Counts `cost` uses of a name, and allows at most `limit` uses in `seconds`.
-- A counter that would last longer than `seconds` began before the clock was set back.
-- @args name, limit:number, seconds:number, cost:number
-- @returns 1 | 0 beyond the limit

local key = limit_key(name)
local used = redis.call('INCRBY', key, cost)
if used == cost or redis.call('TTL', key) > seconds then redis.call('EXPIRE', key, seconds) end
return used <= limit and 1 or 0
