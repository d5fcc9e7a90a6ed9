-- Counts uses of a name in windows of time.
-- @include clock

-- Returns whether `cost` more uses are within `limit` in `seconds`; counts them only then. A use with an `id` (unless
-- '') counts once in a window. A window begins with a use and ends when its key expires. If the clock was set back
-- since the last use, nobody knows how long the window has lasted, so a new one begins.
local function allow_use(name, limit, seconds, cost, id)
  local key, now, field = uses_key(name), now_ms(), 'id:' .. id
  if tonumber(redis.call('HGET', key, 'last') or 0) > now then redis.call('DEL', key) end
  if id ~= '' and redis.call('HEXISTS', key, field) == 1 then return true end

  local used = tonumber(redis.call('HGET', key, 'used') or 0) + cost
  redis.call('HSET', key, 'last', now)
  if redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, seconds * 1000) end
  if used > limit then return false end
  redis.call('HSET', key, 'used', used)
  if id ~= '' then redis.call('HSET', key, field, 1) end
  return true
end
