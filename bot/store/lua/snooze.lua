-- Snoozes an agent's ticket until the citizen's next message.
-- @args ticket, staff, until_ms:number
-- @returns 1 | 0 when `staff` does not own the ticket
-- @include queue

if not is_owner(ticket, staff) then return 0 end
set_state(ticket, 'snoozed', until_ms)
redis.call('HDEL', ticket_key(ticket), 'unanswered_since')
append_ticket_event(ticket, 'ticket_snoozed', {until_ms = until_ms})
return 1
