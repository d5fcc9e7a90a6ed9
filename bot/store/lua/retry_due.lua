-- Puts conversations that are to be sent to again now back into their channel's stream.
-- @args channel, most
-- @returns how many
-- @include clock

local due = redis.call('ZRANGEBYSCORE', retry_key(channel), '-inf', now_ms(), 'LIMIT', 0, most)
for _, conversation in ipairs(due) do
  redis.call('ZREM', retry_key(channel), conversation)
  redis.call('XADD', sending_key(channel), '*', 'conversation', conversation)
end
return #due
