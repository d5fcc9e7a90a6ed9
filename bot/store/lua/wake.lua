-- Ends the snooze of an agent's ticket, which is then claimed again.
-- @args ticket, staff
-- @returns 1 | 0 when `staff` does not own the ticket or it is not snoozed
-- @include conversation, queue, unanswered

if not is_owner(ticket, staff) or ticket_field(ticket, 'state') ~= 'snoozed' then return 0 end
local conversation = ticket_field(ticket, 'conversation')
local is_owed = is_current_ticket(conversation, ticket) and is_answer_owed(conversation, ticket)
set_state(ticket, 'claimed')
if is_owed then redis.call('HSET', ticket_key(ticket), 'unanswered_since', now_ms()) end
append_ticket_event(ticket, 'ticket_woken')
return 1
