-- Takes conversations out of a channel's stream of what is to be sent.

-- Tells whether the entry was still held.
local function acknowledge_sending(channel, entry)
  if redis.call('XACK', sending_key(channel), SENDERS, entry) == 0 then return false end
  redis.call('XDEL', sending_key(channel), entry)
  return true
end
