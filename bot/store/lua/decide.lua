-- Decides on a pending approval, once: sends the answer, or opens a ticket instead.
-- If the decision is `taken`, the agent claims the new or the recovered ticket. Messages that arrived
-- meanwhile are queued. The message that overtook an answer may press an earlier button, so earlier buttons are kept; a
-- waiting citizen's buttons are also kept, unless new ones are offered. A blocked citizen gets no ticket, unless an
-- agent takes the answer over, and no notice about a queue. `notices`: ids of the public notices in `events`.
-- @args approval, decision, staff, name, withheld:words, events:sealed, buttons:json, handoff:sealed, notices:json
-- @returns ok | early (not yet due) | decided:<name> ('' if no agent decided) | gone | empty (as in commit)
-- @include approvals, assignment, opening, work

local refused = refuse_decision(approval, decision)
if refused then return refused end
if must_wait_for_recovery(handoff) then return 'empty' end

local conversation = redis.call('HGET', approval_key(approval), 'conversation')
local key = conversation_key(conversation)
record_decision(approval, decision, name, withheld)
local is_waiting = redis.call('HGET', key, 'speaker') == 'waiting'
local keeps_buttons = decision == 'overtaken' or (is_waiting and buttons.es == '[]')
if not keeps_buttons then offer(conversation, buttons) end
if decision ~= 'taken' and is_barred(conversation, handoff) then handoff, events = nil, {} end
local ticket, opened = ensure_ticket(conversation, handoff)
if decision ~= 'taken' then notify(conversation, events, {posicion = ticket and position(ticket) or nil}) end
forget_resumed_when_answered(conversation, events)
mark_notified(conversation, notices)
if opened then
  redis.call('HSET', key, 'noticed_at', now_ms())
  append_ticket_event(ticket, 'ticket_opened')
end
if decision == 'taken' and ticket_field(ticket, 'state') == 'waiting' then
  assign_ticket(ticket, {id = staff, name = name}, events)
end
if redis.call('LLEN', inbox_key(conversation)) > 0 then enqueue_work(conversation) end
keep_alive(conversation)
return 'ok'
