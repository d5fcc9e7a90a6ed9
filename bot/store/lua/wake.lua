-- Ends the snooze of an agent's ticket, which is then claimed again.
-- @args ticket, staff
-- @returns 1 | 0 when `staff` does not own the ticket or it is not snoozed
-- @include queue

if not is_owner(ticket, staff) or ticket_field(ticket, 'state') ~= 'snoozed' then return 0 end
set_state(ticket, 'claimed')
append_ticket_event(ticket, 'ticket_woken')
return 1
