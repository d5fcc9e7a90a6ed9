-- Closes tickets or turns them into call-backs; both return the conversation to the assistant.
-- @include conversation, queue, unanswered

local function return_to_assistant(conversation, ticket)
  local key = conversation_key(conversation)
  if redis.call('HGET', key, 'callback') == ticket then redis.call('HDEL', key, 'callback') end
  if not is_current_ticket(conversation, ticket) then return end
  redis.call('HSET', key, 'speaker', 'assistant')
  redis.call('HDEL', key, 'ticket', 'to_explain')
  forget_unanswered(conversation)
  if ticket_field(ticket, 'replied') then resume_from(conversation, ticket_field(ticket, 'entry') or '', '') end
end

-- The caller appends the event.
local function close_ticket(ticket, outcome)
  remove_from_queues(ticket)
  redis.call('HSET', ticket_key(ticket), 'state', 'closed', 'outcome', outcome)
  redis.call('EXPIRE', ticket_key(ticket), IDLE_TTL_S)
  return_to_assistant(ticket_field(ticket, 'conversation'), ticket)
end

local function schedule_callback(ticket, due_ms)
  local key, conversation = ticket_key(ticket), ticket_field(ticket, 'conversation')
  redis.call('HDEL', key, 'owner_id', 'owner_name', 'claimed_at', 'unanswered_since', 'returned')
  redis.call('HSET', key, 'by_phone', 1)
  set_state(ticket, 'callback', due_ms)
  return_to_assistant(conversation, ticket)
  redis.call('HSET', conversation_key(conversation), 'callback', ticket)
  append_ticket_event(ticket, 'ticket_callback', {due_ms = due_ms})
end

-- Closes the citizen's call-back, if there is one.
local function end_callback(conversation, outcome)
  local ticket = redis.call('HGET', conversation_key(conversation), 'callback')
  if not ticket then return end
  close_ticket(ticket, outcome)
  append_ticket_event(ticket, 'ticket_closed')
end
