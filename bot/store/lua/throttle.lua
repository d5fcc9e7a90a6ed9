-- Counts a failed attempt in all its buckets, unless one of them is closed.
-- Each bucket has a `name`, a number of `free` failures, and `longest_s`, the longest time for which it closes, even if
-- the clock is set back.
-- @args buckets:json
-- @returns 0 | ms until all buckets are open
-- @include clock

local now, wait = now_ms(), 0
for _, bucket in ipairs(buckets) do
  local closed_until = tonumber(redis.call('HGET', throttle_key(bucket.name), 'until') or 0)
  wait = math.max(wait, math.min(closed_until - now, bucket.longest_s * 1000))
end
if wait > 0 then return wait end

for _, bucket in ipairs(buckets) do
  local key = throttle_key(bucket.name)
  local beyond = redis.call('HINCRBY', key, 'count', 1) - bucket.free
  if beyond >= 0 then
    local closed_s = math.min(60 * 2 ^ beyond, bucket.longest_s)
    redis.call('HSET', key, 'until', string.format('%d', now + closed_s * 1000))
  end
  redis.call('EXPIRE', key, THROTTLE_TTL_S)
end
return 0
