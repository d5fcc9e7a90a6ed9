-- Applies the parts of a turn: its messages in the inbox, its replies, its changes.
-- @include closing, conversation, dangers, notices, opening, priority, ratings

-- Returns whether `ids` are the oldest messages of the inbox.
local function are_oldest(conversation, ids)
  local messages = redis.call('LRANGE', inbox_key(conversation), 0, #ids - 1)
  for i, id in ipairs(ids) do
    if not messages[i] or cjson.decode(messages[i]).id ~= id then return false end
  end
  return true
end

-- Returns the reason why the turn cannot be applied, or nil. Deletes the inbox of a conversation that no longer exists.
local function refuse_turn(conversation, speaker, ids, handoff)
  if not are_oldest(conversation, ids) then return 'stale' end
  local facts = redis.call('HMGET', conversation_key(conversation), 'speaker', 'proposal')
  if not facts[1] then
    redis.call('DEL', inbox_key(conversation))
    return 'stale'
  end
  if facts[1] ~= speaker then return 'speaker' end
  if facts[2] then return 'held' end
  return is_barred(conversation, handoff) and 'banned' or must_wait_for_recovery(handoff) and 'empty' or nil
end

-- With `left_to_staff`, stores the messages as unanswered; while any is unanswered, the answered time does not advance.
local function take_from_inbox(conversation, count, left_to_staff)
  local lines = redis.call('LRANGE', inbox_key(conversation), 0, count - 1)
  redis.call('LTRIM', inbox_key(conversation), count, -1)
  if left_to_staff then keep_unanswered(conversation, lines) end
  if redis.call('EXISTS', unanswered_key(conversation)) == 1 then return end
  redis.call('HSET', conversation_key(conversation), 'answered', cjson.decode(lines[count]).at)
end

local function say_replies(conversation, ticket, events)
  notify(conversation, events, {posicion = ticket and position(ticket) or nil})
  forget_resumed_when_answered(conversation, events)
  local is_again, is_new = keep_dangers(conversation, events)
  if is_again and ticket then raise_alarm_again(ticket, is_new) end
end

local function cancel_ticket(ticket)
  close_ticket(ticket, 'returned')
  append_ticket_event(ticket, 'ticket_cancelled')
end

local function change_callback(conversation, ticket, change)
  if change.revoke or change.call_back then end_callback(conversation, change.revoke and 'revoked' or 'replaced') end
  if change.call_back and ticket then schedule_callback(ticket, change.call_back) end
end

local function append_turn_event(conversation, event)
  append_event(conversation, event.kind, 'system', '', event.data, event.secret)
end

local function change_form(conversation, change)
  local key = conversation_key(conversation)
  if change.form then redis.call('HSET', key, 'form', change.form) end
  if change.form == '' or change.cancel_ticket or change.raise then redis.call('HDEL', key, 'form') end
  if change.complaint then redis.call('HSET', key, 'complaint', change.complaint) end
  if change.complaint == '' or redis.call('HGET', key, 'speaker') ~= 'assistant' then
    redis.call('HDEL', key, 'complaint') -- from now on a person leads the conversation
  end
end

-- Counts down the turns in which the assistant continues from an agent's entry; forgets the entry after the last.
local function count_resumed_turn(conversation)
  local key = conversation_key(conversation)
  if redis.call('HEXISTS', key, 'resumed_for') == 0 then return end
  if redis.call('HINCRBY', key, 'resumed_for', -1) > 0 then return end
  redis.call('HDEL', key, 'resumed', 'resumed_summary', 'resumed_for')
end

local function change_fields(conversation, change)
  local key = conversation_key(conversation)
  local ticket = redis.call('HGET', key, 'ticket')
  if change.buttons then offer(conversation, change.buttons) end
  if change.welcomed then redis.call('HSET', key, 'welcomed', 1) end
  if change.wrote_spanish then redis.call('HSET', key, 'wrote_spanish', change.wrote_spanish) end
  if change.rest_announced then redis.call('HSET', key, 'rest_announced', ticket or '') end
  if change.complaint_explained then redis.call('HSET', key, 'complaint_explained', ticket or '') end
  if change.first then redis.call('HSET', key, 'priority_announced', ticket or '') end
  if change.notify_near and ticket then redis.call('HSET', ticket_key(ticket), 'notify_near', 1) end
  if change.to_explain then redis.call('HSET', key, 'to_explain', change.to_explain) end
  if change.to_explain == '' then redis.call('HDEL', key, 'to_explain') end
  if change.noticed_at then redis.call('HSET', key, 'noticed_at', change.noticed_at) end
end

local function keep_rating(conversation, rating)
  if rating.score > 0 then rate(conversation, rating.ticket, rating.score, '') end
  if rating.words ~= '' then add_comment(conversation, rating.ticket, rating.words) end
end

local function change_notices(conversation, wanted)
  if wanted == 'off' then redis.call('SADD', NOTICES_OFF, conversation) end
  if wanted == 'on' then redis.call('SREM', NOTICES_OFF, conversation) end
end
