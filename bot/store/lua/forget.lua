-- Deletes a conversation, its tickets and its pending approvals, unless it is busy and `anyway` is 0.
-- `names` are its keys, and those of its tickets and approvals. They are deleted in the same step, so that a message
-- which is stored later begins a new conversation, of which nothing is deleted.
-- @args conversation, tickets:json, approvals:json, channels:json, names:json, anyway:number
-- @returns id of the newest entry in the stream of events, 0-0 if there is none; '' if the conversation is busy
-- @include queue, sending, work

-- Returns whether the citizen waits for or talks to an agent, or a message is not answered, approved or sent yet.
local function is_busy()
  local facts = redis.call('HMGET', conversation_key(conversation), 'speaker', 'proposal')
  if facts[2] or (facts[1] and facts[1] ~= 'assistant') then return true end
  return redis.call('LLEN', inbox_key(conversation)) > 0 or redis.call('LLEN', outbox_key(conversation)) > 0
end

local key = conversation_key(conversation)
if anyway == 0 and is_busy() then return '' end
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
for _, name in ipairs(names) do redis.call('DEL', name) end
local newest = redis.call('XREVRANGE', EVENTS, '+', '-', 'COUNT', 1)[1]
return newest and newest[1] or '0-0'
