-- Closes a ticket whose snooze has ended, or puts it back at the head of its queue if the citizen is owed an answer.
-- `events` tell the citizen that it is closed, `back_events` that it is back in the queue.
-- @args ticket, outcome, events:sealed, back_events:sealed
-- @returns 1 | 0 when it is no longer snoozed, or its snooze has not ended yet | -1 when it is back in its queue
-- @include assignment, closing, notices, staff_notices

local ends = redis.call('ZSCORE', SNOOZED, ticket)
if not ends or tonumber(ends) > now_ms() then return 0 end
local conversation, owner = ticket_field(ticket, 'conversation'), ticket_field(ticket, 'owner_id')
if is_current_ticket(conversation, ticket) and is_answer_owed(conversation, ticket) then
  notify_staff(owner, ticket, {kind = 'silent', by = ''})
  requeue_ticket(ticket, '', true, back_events, {why = 'silent', by = owner})
  return -1
end
close_ticket(ticket, outcome)
append_ticket_event(ticket, 'ticket_closed')
if may_notify(conversation) then append_events(conversation, events) end
return 1
