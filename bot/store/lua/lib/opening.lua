-- Opens tickets.
-- @include limits, queue

-- Returns whether a ticket cannot be opened yet: before recovery, its number might belong to a ticket of the record.
local function must_wait_for_recovery(handoff)
  return handoff and redis.call('EXISTS', RESTORED) == 0
end

-- Counts a ticket of a sender, and stores the sender's first ticket within the window, but not the sender itself. If
-- the sender has many tickets, this one waits behind others (queue_score, queue.lua).
local function note_sender(ticket, sender)
  local name = 'tickets:' .. sender
  local allowed = allow_use(name, TICKETS_PER_SENDER, TICKETS_WINDOW_S, 1, '')
  redis.call('HSETNX', uses_key(name), 'first', ticket)
  redis.call('HSET', ticket_key(ticket), 'same_sender', redis.call('HGET', uses_key(name), 'first'))
  if not allowed then redis.call('HSET', ticket_key(ticket), 'crowded', 1) end
end

-- Returns whether staff blocked the conversation, so that no ticket is opened; an emergency opens one nevertheless.
local function is_barred(conversation, handoff)
  return handoff and handoff.priority ~= 'emergency' and redis.call('EXISTS', ban_key(conversation)) == 1
end

local function open_ticket(conversation, handoff)
  local ticket = tostring(redis.call('INCR', TICKET_SEQ))
  local key = conversation_key(conversation)
  redis.call('HSET', ticket_key(ticket), 'conversation', conversation, 'channel', redis.call('HGET', key, 'channel'),
    'reason', handoff.reason, 'priority', handoff.priority, 'team', handoff.team, 'candidates', handoff.candidates,
    'summary', handoff.summary, 'opened_at', now_ms())
  local sender = redis.call('GET', sender_key(conversation))
  if sender then note_sender(ticket, sender) end
  set_state(ticket, 'waiting')
  raise_alarm(ticket)
  redis.call('HSET', key, 'ticket', ticket, 'speaker', 'waiting')
  redis.call('HDEL', key, 'resumed', 'resumed_summary', 'resumed_for')
  return ticket
end

-- Returns the conversation's ticket and whether it is new; opens one for `handoff` (unless nil) if there is none.
local function ensure_ticket(conversation, handoff)
  local ticket = redis.call('HGET', conversation_key(conversation), 'ticket')
  if ticket or not handoff then return ticket, false end
  return open_ticket(conversation, handoff), true
end
