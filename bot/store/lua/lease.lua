-- Takes or renews a lease on work that only one process does at a time.
-- If a lease lasts longer than `ms`, the clock was set back; it is shortened, so that its holder must renew it.
-- @args name, holder, ms:number
-- @returns 1 | 0 when another process holds the lease

local key = lease_key(name)
local current = redis.call('GET', key)
if current and current ~= holder then
  if redis.call('PTTL', key) > ms then redis.call('PEXPIRE', key, ms) end
  return 0
end
redis.call('SET', key, holder, 'PX', ms)
return 1
