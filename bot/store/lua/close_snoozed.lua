-- Closes a ticket whose snooze has ended.
-- @args ticket, outcome, events:sealed
-- @returns 1 | 0 when it is no longer snoozed, or its snooze has not ended yet
-- @include closing, notices

local ends = redis.call('ZSCORE', SNOOZED, ticket)
if not ends or tonumber(ends) > now_ms() then return 0 end
local conversation = ticket_field(ticket, 'conversation')
close_ticket(ticket, outcome)
append_ticket_event(ticket, 'ticket_closed')
if may_notify(conversation) then append_events(conversation, events) end
return 1
