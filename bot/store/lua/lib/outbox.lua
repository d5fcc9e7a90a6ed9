-- Reads outboxes and stores the delivery state of each event.
-- @include events

local function oldest_unsent(conversation)
  local oldest = redis.call('LINDEX', outbox_key(conversation), 0)
  return oldest and cjson.decode(oldest)
end

-- Returns whether the event is the oldest unsent one; a sender that lost its lease may ask too late.
local function is_oldest_unsent(conversation, event_id)
  local oldest = oldest_unsent(conversation)
  return oldest and oldest.id == event_id
end

local function drop_oldest_unsent(conversation)
  redis.call('LPOP', outbox_key(conversation))
  redis.call('HDEL', conversation_key(conversation),
    'out_part', 'out_begun', 'out_attempt', 'out_tries', 'out_unsure', 'out_failed')
end

local function read_delivery(conversation, event_id)
  local found = redis.call('HGET', delivery_key(conversation), event_id)
  return found and cjson.decode(found) or {state = 'sending', sent = {}}
end

local function write_delivery(conversation, event_id, delivery)
  redis.call('HSET', delivery_key(conversation), event_id, cjson.encode(delivery))
  keep_alive(conversation)
end

local function fail_delivery(conversation, event_id, reason)
  local delivery = read_delivery(conversation, event_id)
  delivery.state = 'failed'
  delivery.reason = reason
  write_delivery(conversation, event_id, delivery)
  append_event(conversation, 'delivery', 'system', '',
    cjson.encode({of = event_id, state = 'failed', reason = reason}))
end
