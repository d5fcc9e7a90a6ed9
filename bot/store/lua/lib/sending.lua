-- Adds conversations to a channel's sending stream, once each, and removes them.
-- The field `sending` of a conversation is the id of its entry, `retry` while it waits for a retry, or 0.
-- @include stream_ids

local function add_sending(conversation, channel)
  local entry = redis.call('XADD', sending_key(channel), '*', 'conversation', conversation)
  redis.call('HSET', conversation_key(conversation), 'sending', entry)
end

local function enqueue_sending(conversation, channel)
  local sending = redis.call('HGET', conversation_key(conversation), 'sending')
  if not sending or sending == '0' then add_sending(conversation, channel) end
end

-- Removes the entry; returns whether it was still pending.
local function acknowledge_sending(channel, entry)
  if redis.call('XACK', sending_key(channel), SENDERS, entry) == 0 then return false end
  redis.call('XDEL', sending_key(channel), entry)
  return true
end

-- Adds an entry for a conversation with an outbox if it has none; returns whether it had none.
local function repair_sending(conversation)
  if redis.call('LLEN', outbox_key(conversation)) == 0 then return false end
  local facts = redis.call('HMGET', conversation_key(conversation), 'channel', 'sending')
  if not facts[1] or is_in_stream(sending_key(facts[1]), facts[2]) then return false end
  if redis.call('ZSCORE', retry_key(facts[1]), conversation) then return false end
  add_sending(conversation, facts[1])
  return true
end
