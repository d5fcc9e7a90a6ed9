-- Lets an agent give up a ticket whose citizen is to be called later.
-- @args ticket, staff, due_ms:number
-- @returns 1 | 0 when it is not theirs
-- @include closing

if not is_owner(ticket, staff) then return 0 end
schedule_callback(ticket, due_ms)
return 1
