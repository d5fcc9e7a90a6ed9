-- Turns an agent's ticket into a call-back that is due later.
-- @args ticket, staff, due_ms:number
-- @returns 1 | 0 when `staff` does not own the ticket
-- @include closing

if not is_owner(ticket, staff) then return 0 end
schedule_callback(ticket, due_ms)
return 1
