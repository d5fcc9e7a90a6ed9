-- Ends what would wait for a clock that was set back.
-- That is the leases of dead processes, of agents who are gone, and retries: what lasts longer than it can, or began
-- later than now, was written before.
-- @args streams:json, channels:json, lease_ms:number, most:number
-- @returns number of retries moved
-- @include clock

-- An entry that is leased from now on, or from a later moment: renewing it changes only the latter.
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
