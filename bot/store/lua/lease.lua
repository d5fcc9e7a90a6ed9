-- Takes or renews the lease on work that one process does at a time.
-- A lease longer than `ms` was taken before the clock was set back: its holder renews it or loses it.
-- @args name, holder, ms:number
-- @returns 1 | 0 when another process has it

local key = lease_key(name)
local current = redis.call('GET', key)
if current and current ~= holder then
  if redis.call('PTTL', key) > ms then redis.call('PEXPIRE', key, ms) end
  return 0
end
redis.call('SET', key, holder, 'PX', ms)
return 1
