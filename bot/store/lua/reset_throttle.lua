-- Removes from each bucket the failure just counted; from a `cleared` bucket, all failures.
-- @args buckets:json
-- @returns nothing

for _, bucket in ipairs(buckets) do
  local key = throttle_key(bucket.name)
  if bucket.cleared or redis.call('HINCRBY', key, 'count', -1) <= 0 then
    redis.call('DEL', key)
  else
    redis.call('HDEL', key, 'until')
  end
end
