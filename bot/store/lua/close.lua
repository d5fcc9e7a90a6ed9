-- Closes an agent's ticket; the assistant goes on from the entry it was about, else the one sent last, for a few turns.
-- `buttons` are those of `events`, which are said. `unanswered` is what the staff were told of the citizen's words: the
-- id of the `newest`, '' for none, and the ids of those to `hand_back` to the assistant; nil when nobody asked.
-- @args ticket, staff, outcome, entry, note:json, events:json, buttons, unanswered:json
-- @returns 1 | 0 when it is not theirs | -1 when the citizen wrote meanwhile, or was answered
-- @include closing, notes, notices, unanswered

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
if in_window(conversation) then
  append_events(conversation, events)
  redis.call('HSET', conversation_key(conversation), 'buttons', buttons)
end
if last_entry ~= '' or summary ~= '' then resume_from(conversation, last_entry, summary) end
return 1
