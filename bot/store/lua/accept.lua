-- Stores a citizen's message in the event log and the inbox, and queues the conversation; drops a repeat.
-- `follows` is the id of the citizen's previous message, or ''; while that message is missing, this one is not stored.
-- While the citizen is asked for a contact, the log gets `masked` instead of `text`. The message's `at` is set from the
-- server's clock, which all processes share, so that times can be compared.
-- `sender` is the HMAC of a web chat's network, or ''; `idle` is the number of seconds without events after
-- which a web conversation expires. With `opened` 1, a conversation that does not exist is not created: it was erased.
-- While the record has not restored the open tickets after a loss of Redis, it is created: the citizen may be waiting.
-- @args conversation, channel, id, text:words, masked:words, data:words, message:sealed
-- @args address, follows, sender, idle, opened
-- @returns {event id or '' when `follows` is missing, 1 when repeated, speaker or '' when `opened` does not exist}
-- @include assignment, work

local key, seen = conversation_key(conversation), seen_key(conversation, id)
local gone = opened == '1' and redis.call('EXISTS', key) == 0 and redis.call('EXISTS', RESTORED) == 1
if gone then return {'', 0, ''} end
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
