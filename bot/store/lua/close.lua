-- Closes an agent's ticket; for a few turns the assistant continues from `entry`, or else from the last entry sent.
-- `events` are sent to the citizen; `buttons` are the buttons in them. `unanswered` is what the agent saw: the id of
-- the `newest` message ('' for none) and the ids to `hand_back` to the assistant. With nil, nothing is checked.
-- @args ticket, staff, outcome, entry, note:sealed, events:sealed, buttons:json, unanswered:json
-- @returns 1 | 0 when `staff` does not own it | -1 when the citizen wrote or was answered meanwhile
-- @include closing, dangers, notes, notices, unanswered

if not is_owner(ticket, staff) then return 0 end
local conversation = ticket_field(ticket, 'conversation')
local was_current = is_current_ticket(conversation, ticket)
if was_current and unanswered and unanswered.newest ~= newest_unanswered(conversation) then return -1 end
local last_entry = entry ~= '' and entry or ticket_field(ticket, 'entry') or ''
local summary = note and note.text or ''
append_note(ticket, note)
if was_current and unanswered then hand_back(conversation, unanswered.hand_back) end
close_ticket(ticket, outcome)
append_ticket_event(ticket, 'ticket_closed')
if not was_current then return 1 end
forget_dangers(conversation)
if in_window(conversation) then
  append_events(conversation, events)
  offer(conversation, buttons)
end
if last_entry ~= '' or summary ~= '' then resume_from(conversation, last_entry, summary) end
return 1
