-- Takes conversations out of a channel's sending stream.

-- Returns whether the entry was still pending.
local function acknowledge_sending(channel, entry)
  if redis.call('XACK', sending_key(channel), SENDERS, entry) == 0 then return false end
  redis.call('XDEL', sending_key(channel), entry)
  return true
end
