-- Opens a ticket in a conversation without an open ticket, and assigns it to an agent at once.
-- {nombre} in `events` is the agent's name.
-- @args conversation, staff, name, handoff:sealed, events:sealed
-- @returns the ticket | '' when the conversation is gone or has an open ticket, or tickets are not recovered yet
-- @include assignment, opening

local key = conversation_key(conversation)
if redis.call('EXISTS', key) == 0 or must_wait_for_recovery(handoff) then return '' end
local ticket, is_new = ensure_ticket(conversation, handoff)
if not is_new then return '' end
append_ticket_event(ticket, 'ticket_opened')
assign_ticket(ticket, {id = staff, name = name}, events)
redis.call('HDEL', ticket_key(ticket), 'unanswered_since')
redis.call('HSET', ticket_key(ticket), 'reopened', 1)
if is_answer_owed(conversation, ticket) then redis.call('HSET', ticket_key(ticket), 'unanswered_since', now_ms()) end
return ticket
