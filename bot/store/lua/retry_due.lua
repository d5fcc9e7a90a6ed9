-- Puts conversations whose retry is due back into their channel's sending stream.
-- @args channel, most
-- @returns number of conversations
-- @include clock, sending

local due = redis.call('ZRANGEBYSCORE', retry_key(channel), '-inf', now_ms(), 'LIMIT', 0, most)
for _, conversation in ipairs(due) do
  redis.call('ZREM', retry_key(channel), conversation)
  add_sending(conversation, channel)
end
return #due
