-- Stores a citizen's message in the event log and the inbox, and queues the conversation; drops a repeat.
-- `follows` is the id of the citizen's previous message, or ''; while that message is missing, this one is not stored.
-- While the citizen is asked for a contact, the log gets `masked` instead of `text`. The message's `at` is set from the
-- server's clock, which all processes share, so that times can be compared.
-- `sender` is the HMAC of a web chat's network, or ''; `idle` is after how many seconds without events a web
-- conversation expires.
-- @args conversation, channel, id, text, masked, data, message:json, address, follows, sender, idle
-- @returns {event id or '' when `follows` is missing, 1 when repeated, speaker}
-- @include assignment, work

local key, seen = conversation_key(conversation), seen_key(conversation, id)
create_conversation(conversation, channel, address)
local first = redis.call('GET', seen)
if first then return {first, 1, redis.call('HGET', key, 'speaker')} end
if follows ~= '' and redis.call('EXISTS', seen_key(conversation, follows)) == 0 then
  return {'', 0, redis.call('HGET', key, 'speaker')}
end

redis.call('HSET', key, 'idle_s', idle)
local shown = redis.call('HEXISTS', key, 'form') == 1 and masked or text
local event_id = append_event(conversation, 'message', 'citizen', shown, data)
redis.call('SET', seen, event_id, 'EX', SEEN_TTL_S)
message.at = tonumber(string.match(event_id, '^%d+'))
redis.call('HSET', key, 'inbound_at', message.at)
if sender ~= '' then redis.call('SET', sender_key(conversation), sender, 'EX', TICKETS_WINDOW_S) end
redis.call('RPUSH', inbox_key(conversation), cjson.encode(message))
enqueue_work(conversation)
local ticket = redis.call('HGET', key, 'ticket')
if ticket then react_to_message(ticket) end
return {event_id, 0, redis.call('HGET', key, 'speaker')}
