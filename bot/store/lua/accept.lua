-- Keeps a citizen's message: in the log, in the inbox and in the work queue; drops a repeat.
-- `follows`: id of the message before it, '' when the sender names none; while that one has not come this one is not kept.
-- `masked` is shown instead of `text` while a contact is asked for. The message's `at` becomes its moment here, by the
-- one clock of all processes, so that it can be compared what was sent when.
-- @args conversation, channel, id, text, masked, data, message:json, address, follows
-- @returns {event id or '' when it is out of order, 1 when repeated, speaker}
-- @include assignment, work

local key, seen = conversation_key(conversation), seen_key(conversation, id)
create_conversation(conversation, channel, address)
local first = redis.call('GET', seen)
if first then return {first, 1, redis.call('HGET', key, 'speaker')} end
if follows ~= '' and redis.call('EXISTS', seen_key(conversation, follows)) == 0 then
  return {'', 0, redis.call('HGET', key, 'speaker')}
end

local shown = redis.call('HEXISTS', key, 'form') == 1 and masked or text
local event_id = append_event(conversation, 'message', 'citizen', shown, data)
redis.call('SET', seen, event_id, 'EX', SEEN_TTL_S)
message.at = tonumber(string.match(event_id, '^%d+'))
redis.call('HSET', key, 'inbound_at', message.at)
redis.call('RPUSH', inbox_key(conversation), cjson.encode(message))
enqueue_work(conversation)
local ticket = redis.call('HGET', key, 'ticket')
if ticket then react_to_message(ticket) end
return {event_id, 0, redis.call('HGET', key, 'speaker')}
