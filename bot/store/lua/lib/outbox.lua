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

-- Lets the citizen get the public notice of an event that did not arrive with a later reply; `told:` is as in
-- was_notified.
local function forget_notice(conversation, event_id)
  local row = redis.call('XRANGE', log_key(conversation), event_id, event_id)[1]
  local fields = row and row[2] or {}
  for place = 1, #fields, 2 do
    local notice = fields[place] == 'data' and cjson.decode(fields[place + 1]).notice
    if type(notice) == 'string' and notice ~= '' then
      redis.call('HDEL', conversation_key(conversation), 'notified:' .. notice, 'told:' .. notice)
    end
  end
end

-- Marks the event as failed; with the reason 'unknown' it may have arrived.
local function fail_delivery(conversation, event_id, reason)
  local delivery = read_delivery(conversation, event_id)
  delivery.state = 'failed'
  delivery.reason = reason
  write_delivery(conversation, event_id, delivery)
  append_event(conversation, 'delivery', 'system', '',
    cjson.encode({of = event_id, state = 'failed', reason = reason}))
  if reason ~= 'unknown' then forget_notice(conversation, event_id) end
end
