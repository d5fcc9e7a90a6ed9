-- Removes a conversation, its tickets and its pending approvals from every queue and list; the caller deletes the keys.
-- @args conversation, tickets:json, approvals:json, channels:json
-- @returns 1
-- @include queue, sending, work

local key = conversation_key(conversation)
for _, ticket in ipairs(tickets) do
  remove_from_queues(ticket)
  redis.call('ZREM', ALARMS, ticket)
end
for _, approval in ipairs(approvals) do redis.call('ZREM', APPROVALS, approval) end
local queued, sending = redis.call('HGET', key, 'queued'), redis.call('HGET', key, 'sending')
if queued and queued ~= '0' then redis.call('XDEL', WORK, queued) end
for _, channel in ipairs(channels) do
  redis.call('ZREM', retry_key(channel), conversation)
  if sending and string.find(sending, '-', 1, true) then redis.call('XDEL', sending_key(channel), sending) end
end
redis.call('ZREM', UNHEARD, conversation)
redis.call('SREM', NOTICES_OFF, conversation)
redis.call('SREM', ROLLOUT_STAFF, conversation)
return 1
