-- Commits a turn: removes its messages from the inbox, appends its replies and applies its changes.
-- `speaker`: the speaker when the turn was decided; `ids`: ids of the messages; `change`: from Change.to_dict;
-- `handoff`: the ticket to open, or nil. {posicion} in `events` is the ticket's position.
-- @args conversation, speaker, ids:json, events:sealed, change:sealed, handoff:sealed
-- @returns ok | stale | speaker | held (an answer waits) | banned (blocked since) | empty (tickets not recovered yet)
-- @include approvals, turn

local refused = refuse_turn(conversation, speaker, ids, handoff)
if refused then return refused end

-- What the assistant answers with options beside an agent is the agent's to answer, too; so is «stop».
local left_to_staff = #events == 0 or change.raise or change.buttons or change.notices
take_from_inbox(conversation, #ids, speaker == 'staff' and left_to_staff and not change.erase)
if change.known then learn(conversation, change.known) end
local ticket, opened = ensure_ticket(conversation, handoff)
local escalated = ticket and change.raise
if escalated then escalate(ticket, change.raise) end
local moved = ticket and change.first and put_first(ticket)
say_replies(conversation, ticket, events)
if opened then append_ticket_event(ticket, 'ticket_opened') end
if escalated then append_ticket_event(ticket, 'ticket_raised') end
if moved then append_ticket_event(ticket, 'ticket_put_first') end
-- Nobody loses sight of a person in danger: the erasure waits for the end of an emergency's ticket.
local in_danger = ticket and change.erase and ticket_field(ticket, 'priority') == 'emergency'
if ticket and change.cancel_ticket and not in_danger then cancel_ticket(ticket) end
change_callback(conversation, ticket, change)
change_form(conversation, change)
if change.note then append_turn_event(conversation, change.note) end
if speaker == 'assistant' then count_resumed_turn(conversation) end
change_fields(conversation, change)
remember_turn(conversation, change.dialogue, change.unheard)
if change.judgement then keep_rating(conversation, change.judgement) end
if change.answer_rating then rate_answer(conversation, change.answer_rating) end
change_notices(conversation, change.notices)
mark_notified(conversation, change.sent_notices)
if change.held then hold_for_approval(conversation, change.held) end
if change.erase then redis.call('HSETNX', ERASURES, conversation, change.erase .. ' ' .. now_ms()) end
keep_alive(conversation)
return 'ok'
