-- Counts a failed attempt in all its buckets, unless a bucket is closed.
-- Each bucket has a `name`, a number of `free` failures, and `longest_s`, the longest time for which it closes. If the
-- clock was set back since, a bucket closes again for as long as its last failure closed it.
-- @args buckets:json
-- @returns 0 | ms until all buckets are open
-- @include clock

local function closed_ms(bucket, count)
  return 1000 * math.min(60 * 2 ^ math.max(count - bucket.free, 0), bucket.longest_s)
end

local now, wait = now_ms(), 0
for _, bucket in ipairs(buckets) do
  local facts = redis.call('HMGET', throttle_key(bucket.name), 'until', 'count')
  local left, longest = tonumber(facts[1] or 0) - now, closed_ms(bucket, tonumber(facts[2] or 0))
  if left > longest then
    redis.call('HSET', throttle_key(bucket.name), 'until', string.format('%d', now + longest))
  end
  wait = math.max(wait, math.min(left, longest))
end
if wait > 0 then return wait end

for _, bucket in ipairs(buckets) do
  local key = throttle_key(bucket.name)
  local count = redis.call('HINCRBY', key, 'count', 1)
  if count >= bucket.free then
    redis.call('HSET', key, 'until', string.format('%d', now + closed_ms(bucket, count)))
  end
  redis.call('EXPIRE', key, THROTTLE_TTL_S)
end
return 0
