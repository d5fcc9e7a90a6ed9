-- Corrects times in the future after the server's clock was set back.
-- Otherwise leases of dead processes and of absent agents, and retries, would last too long. A lease that is too long,
-- or a failure later than now, dates from before the clock was set back.
-- @args streams:json, channels:json, lease_ms:number, most:number
-- @returns number of retries moved
-- @include clock

-- Renews entries whose lease starts now or later; this changes only those that start later.
for stream, group in pairs(streams) do
  local pending = redis.call('EXISTS', stream) == 1 and redis.pcall('XPENDING', stream, group, '-', '+', most) or {}
  for _, entry in ipairs(pending) do
    if entry[3] == 0 then redis.call('XCLAIM', stream, group, entry[2], 0, entry[1], 'JUSTID') end
  end
end

for _, staff in ipairs(redis.call('SMEMBERS', AGENTS)) do
  if redis.call('PTTL', agent_key(staff)) > lease_ms then redis.call('PEXPIRE', agent_key(staff), lease_ms) end
end

local now, moved = now_ms(), 0
for _, channel in ipairs(channels) do
  local later = redis.call('ZRANGEBYSCORE', retry_key(channel), '(' .. now, '+inf', 'WITHSCORES')
  for i = 1, #later, 2 do
    local early_ms = tonumber(redis.call('HGET', conversation_key(later[i]), 'out_failed') or 0) - now
    if early_ms > 0 then
      redis.call('ZADD', retry_key(channel), later[i + 1] - early_ms, later[i])
      redis.call('HSET', conversation_key(later[i]), 'out_failed', now)
      moved = moved + 1
    end
  end
end
return moved
