-- Stores staff-only notes.
-- @include tickets

-- Appends the note once and returns its event id; '' without a note.
local function append_note(ticket, note)
  if not note then return '' end
  local conversation = ticket_field(ticket, 'conversation')
  local seen = seen_key(conversation, 'note:' .. note.id)
  local first = redis.call('GET', seen)
  if first then return first end
  local data = cjson.encode({ticket = ticket, name = note.name, staff = note.staff})
  local id = append_event(conversation, 'note', 'staff', note.text, data)
  redis.call('SET', seen, id, 'EX', SEEN_TTL_S)
  return id
end
